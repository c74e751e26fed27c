//! A block called by a block gives its increment; called by anything else, its output.

#![allow(clippy::float_cmp, reason = "these numbers are exact in binary")]

mod tableau;

use std::panic::{AssertUnwindSafe, catch_unwind};

use candle_core::{DType, Device, Module, ModuleT, Result, Tensor, bail};
use tableau::Arithmetic::Fused;
use tableau::{
    EULER, Hand, Layer, MIDPOINT, RK4, Stages, Tableau, distance, random, wants_increment,
};

/// A block whose increment is 1: its result shows whether the increment or the output was requested.
#[derive(Clone, Debug)]
struct Plus;

const INCREMENT: f64 = 1.0;
const OUTPUT: f64 = 42.0;

impl ModuleT for Plus {
    fn forward_t(&self, x: &Tensor, _train: bool) -> Result<Tensor> {
        if wants_increment(self) {
            x.ones_like()
        } else {
            x + 1.0
        }
    }
}

fn x() -> Tensor {
    Tensor::new(41.0, &Device::Cpu).expect("a scalar")
}

/// The contribution of `f` as the residual function of a block.
fn contribution<F: ModuleT>(f: F) -> Result<f64> {
    let stages = Stages::<F, 1>::Shared(f);
    stages.call(1, &x(), false)?.to_scalar()
}

#[test]
fn a_block_contributes_its_increment() -> Result<()> {
    assert_eq!(contribution(Plus)?, INCREMENT);
    Ok(())
}

#[test]
fn every_stage_of_a_block_contributes_its_increment() -> Result<()> {
    let separate = Stages::Separate([Plus, Plus, Plus]);
    let shared = Stages::<_, 3>::Shared(Plus);
    for i in 1..4 {
        for stages in [&separate, &shared] {
            let k = stages.call(i, &x(), false)?;
            assert_eq!(k.to_scalar::<f64>()?, INCREMENT);
        }
    }
    Ok(())
}

#[test]
fn a_block_on_its_own_gives_its_output() -> Result<()> {
    let value = |block: &Plus| block.forward_t(&x(), false)?.to_scalar::<f64>();
    let block = Plus;
    assert_eq!(value(&block)?, OUTPUT);
    let stages = Stages::<_, 1>::Shared(block);
    stages.call(1, &x(), false)?;
    let Stages::Shared(block) = &stages else {
        bail!("the stages are shared")
    };
    assert_eq!(value(block)?, OUTPUT);
    Ok(())
}

/// A wrapper whose block lies at its own address.
struct Wrapper(Plus);

impl ModuleT for Wrapper {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        assert_eq!(
            std::ptr::from_ref(self).addr(),
            std::ptr::from_ref(&self.0).addr()
        );
        self.0.forward_t(x, train)
    }
}

#[test]
fn a_block_in_a_wrapper_gives_its_output() -> Result<()> {
    assert_eq!(contribution(Wrapper(Plus))?, OUTPUT);
    Ok(())
}

#[test]
fn a_block_in_a_closure_gives_its_output() -> Result<()> {
    let block = Plus;
    assert_eq!(
        contribution(move |x: &Tensor| block.forward_t(x, false))?,
        OUTPUT
    );
    let block = Plus;
    assert_eq!(
        contribution(|x: &Tensor| block.forward_t(x, false))?,
        OUTPUT
    );
    Ok(())
}

/// `Module`, so that it can be part of a `Sequential`.
struct AsModule(Plus);

impl Module for AsModule {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0.forward_t(x, false)
    }
}

#[test]
fn a_block_in_a_sequential_gives_its_output() -> Result<()> {
    let twice = candle_nn::seq().add(AsModule(Plus)).add(AsModule(Plus));
    assert_eq!(contribution(twice)?, OUTPUT + 1.0);
    Ok(())
}

#[test]
fn a_block_after_a_block_in_a_residual_gives_its_output() -> Result<()> {
    // The flag set for the first stage is not there for a second call.
    struct Twice(Plus);
    impl ModuleT for Twice {
        fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
            let inner = Stages::<_, 1>::Shared(Plus);
            let increment = inner.call(1, x, train)?;
            self.0.forward_t(&(&increment + x)?, train)
        }
    }
    assert_eq!(contribution(Twice(Plus))?, OUTPUT + 1.0);
    Ok(())
}

#[test]
fn the_answer_is_used_up_by_asking() -> Result<()> {
    struct AsksTwice;
    impl ModuleT for AsksTwice {
        fn forward_t(&self, x: &Tensor, _train: bool) -> Result<Tensor> {
            assert!(wants_increment(self));
            assert!(!wants_increment(self));
            x.ones_like()
        }
    }
    assert_eq!(contribution(AsksTwice)?, INCREMENT);
    Ok(())
}

/// Calls a block of its own, and then fails.
struct Failing {
    panics: bool,
}

impl ModuleT for Failing {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        Stages::<_, 1>::Shared(Plus).call(1, x, train)?;
        assert!(!self.panics, "this residual is to panic");
        bail!("this residual is to fail")
    }
}

/// A block that first calls a failing block, and then returns its own result.
struct Stubborn {
    panics: bool,
}

impl ModuleT for Stubborn {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let attempt = || {
            let failing = Failing {
                panics: self.panics,
            };
            Stages::<_, 1>::Shared(failing).call(1, x, train)
        };
        if let Ok(result) = catch_unwind(AssertUnwindSafe(attempt)) {
            assert!(result.is_err());
        }
        // The flag set for this block has outlived the failure.
        Ok(if wants_increment(self) {
            x.ones_like()?
        } else {
            (x + 1.0)?
        })
    }
}

#[test]
fn errors_and_panics_restore_what_was_wanted() -> Result<()> {
    for panics in [false, true] {
        assert_eq!(contribution(Stubborn { panics })?, INCREMENT);
        assert_eq!(
            Stubborn { panics }
                .forward_t(&x(), false)?
                .to_scalar::<f64>()?,
            OUTPUT
        );
    }
    Ok(())
}

#[test]
fn a_failed_block_leaves_no_flag_behind() -> Result<()> {
    for panics in [false, true] {
        // `Failing` never asks, so its flag is still set when it fails.
        let stages = Stages::<_, 1>::Shared(Failing { panics });
        let call = || stages.call(1, &x(), false).map(drop);
        if let Ok(result) = catch_unwind(AssertUnwindSafe(call)) {
            assert!(result.is_err());
        }
        let Stages::Shared(failing) = &stages else {
            bail!("the stages are shared")
        };
        assert!(!wants_increment(failing));
    }
    Ok(())
}

#[test]
fn a_residual_on_another_thread_is_nobody_elses() -> Result<()> {
    struct Threaded(Plus);
    impl ModuleT for Threaded {
        fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| self.0.forward_t(x, train));
                thread.join().expect("no panic")
            })
        }
    }
    assert_eq!(contribution(Threaded(Plus))?, OUTPUT);
    Ok(())
}

fn block<F: ModuleT, const N: usize>(tableau: Tableau<N>, f: F) -> Hand<F, N> {
    Hand::new(tableau, Stages::Shared(f), Fused)
}

#[test]
fn euler_outside_changes_nothing() -> Result<()> {
    let (x, layer) = (
        random(&[3, 4], DType::F64, 1)?,
        Layer::new(4, DType::F64, 2)?,
    );
    let plain = block(RK4, layer.clone()).forward_t(&x, true)?;
    let mut outer = block(EULER, block(RK4, layer.clone()));
    outer.h = 1.0;
    assert!(distance(&outer.forward_t(&x, true)?, &plain)? < 1e-15);
    let mut outermost = block(EULER, outer);
    outermost.h = 1.0;
    assert!(distance(&outermost.forward_t(&x, true)?, &plain)? < 1e-15);
    Ok(())
}

#[test]
fn euler_inside_changes_nothing_but_the_scale() -> Result<()> {
    let (x, layer) = (
        random(&[3, 4], DType::F64, 1)?,
        Layer::new(4, DType::F64, 2)?,
    );
    let mut inner = block(EULER, layer.clone());
    inner.h = 1.0;
    let found = block(MIDPOINT, block(EULER, inner)).forward_t(&x, true)?;
    let scaled = move |y: &Tensor| layer.forward_t(y, true)? * 0.7;
    let expected = block(MIDPOINT, scaled).forward_t(&x, true)?;
    assert!(distance(&found, &expected)? < 1e-14);
    Ok(())
}

#[test]
fn a_block_of_a_block_of_a_block_is_three_formulas() -> Result<()> {
    const H: f64 = 0.7;
    // The increment of the midpoint rule, `h·f(x + h/2·f(x))`; below, the rule is nested in itself twice.
    fn increment(f: &dyn Fn(&Tensor) -> Result<Tensor>, x: &Tensor) -> Result<Tensor> {
        f(&(x + (f(x)? * (0.5 * H))?)?)? * H
    }
    let (x, layer) = (
        random(&[3, 4], DType::F64, 1)?,
        Layer::new(4, DType::F64, 2)?,
    );
    let innermost = |y: &Tensor| layer.forward_t(y, true);
    let inner = |y: &Tensor| increment(&innermost, y);
    let outer = |y: &Tensor| increment(&inner, y);
    let expected = (&x + increment(&outer, &x)?)?;
    let found = block(MIDPOINT, block(MIDPOINT, block(MIDPOINT, layer.clone())));
    assert!(distance(&found.forward_t(&x, true)?, &expected)? < 1e-14);
    Ok(())
}
