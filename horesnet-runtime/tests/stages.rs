//! The residual functions of a block, and the step size along a network.

#![allow(clippy::float_cmp, reason = "these numbers are exact in binary")]

mod tableau;

use std::cell::RefCell;

use candle_core::{DType, Device, ModuleT, Result, Tensor, bail};
use horesnet_runtime::{Clock, Coefficients, Decaying, Tableau};
use tableau::{Stages, refuses};

fn x() -> Tensor {
    Tensor::new(10.0, &Device::Cpu).expect("a scalar")
}

/// Adds a number, or in training subtracts it.
#[derive(Clone, Debug)]
struct Add(f64);

impl ModuleT for Add {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        x + if train { -self.0 } else { self.0 }
    }
}

fn value<const N: usize>(stages: &Stages<Add, N>, i: usize, train: bool) -> Result<f64> {
    stages.call(i, &x(), train)?.tensor().to_scalar()
}

#[test]
fn separate_stages_are_called_by_number() -> Result<()> {
    let stages = Stages::Separate([Add(1.0), Add(2.0), Add(3.0)]);
    for (i, expected) in (1..).zip([11.0, 12.0, 13.0]) {
        assert_eq!(value(&stages, i, false)?, expected);
    }
    Ok(())
}

#[test]
fn a_shared_function_serves_every_stage() -> Result<()> {
    let stages = Stages::<_, 2>::Shared(Add(1.0));
    for i in 1..6 {
        assert_eq!(value(&stages, i, false)?, 11.0);
    }
    Ok(())
}

#[test]
fn the_training_flag_reaches_the_function() -> Result<()> {
    assert_eq!(value(&Stages::Separate([Add(1.0)]), 1, true)?, 9.0);
    assert_eq!(value(&Stages::<_, 1>::Shared(Add(1.0)), 1, true)?, 9.0);
    Ok(())
}

#[test]
fn a_stage_without_a_function_is_an_error() {
    let stages = Stages::Separate([Add(1.0), Add(2.0)]);
    for i in [0, 3] {
        refuses(
            stages.call(i, &x(), false),
            &format!(
                "stage {i} has no residual function: this block has 2; blocks made with `shared` can estimate errors"
            ),
        );
    }
}

#[test]
fn the_error_of_a_function_is_the_error_of_its_stage() {
    let f = |_: &Tensor| -> Result<Tensor> { bail!("out of order") };
    refuses(
        Stages::<_, 1>::Shared(f).call(1, &x(), false),
        "out of order",
    );
}

#[test]
fn a_stage_of_integers_is_an_error() {
    let f = |x: &Tensor| x.to_dtype(DType::U32);
    refuses(
        Stages::<_, 1>::Shared(f).call(1, &x(), false),
        "unsupported dtype U32 for op combine",
    );
}

#[test]
fn stages_are_built_in_order_and_the_first_error_ends_it() {
    let asked = RefCell::new(Vec::new());
    let make = |fails_at: usize| {
        asked.borrow_mut().clear();
        let asked = &asked;
        Stages::<Add, 4>::build(move |i| {
            asked.borrow_mut().push(i);
            if i == fails_at {
                bail!("no stage {i}")
            }
            Ok(Add(i as f64))
        })
    };
    let stages = make(9).expect("four stages");
    assert_eq!(*asked.borrow(), [0, 1, 2, 3]);
    assert_eq!(value(&stages, 4, false).expect("a value"), 13.0);
    refuses(make(1), "no stage 1");
    assert_eq!(*asked.borrow(), [0, 1]);
}

#[test]
fn a_decay_starts_at_its_initial_step() {
    assert_eq!(Decaying::new(0.9).h(), 1.0);
    assert_eq!(Decaying::new(0.9).with_initial(2.0).h(), 2.0);
}

#[test]
fn a_decay_multiplies_by_its_rate_at_every_block() {
    let decay = Decaying::new(0.9).with_initial(2.0);
    let mut expected = 2.0;
    for depth in 0..50 {
        let h = decay.at_depth(depth).h();
        assert!((h - expected).abs() < 1e-14);
        expected *= 0.9;
    }
}

#[test]
fn any_rate_is_accepted() {
    let h = |rate, depth| Decaying::new(rate).at_depth(depth).h();
    assert_eq!((h(0.0, 0), h(0.0, 1)), (1.0, 0.0));
    assert_eq!((h(-0.5, 2), h(-0.5, 3)), (0.25, -0.125));
    assert_eq!(h(2.0, 5000), f64::INFINITY);
    assert!(h(f64::NAN, 1).is_nan());
    assert_eq!(h(f64::NAN, 0), 1.0);
}

#[test]
fn no_depth_is_too_deep() {
    let h = |rate, depth| Decaying::new(rate).at_depth(depth).h();
    assert_eq!(h(0.9, usize::MAX), 0.0);
    assert_eq!(h(1.0, usize::MAX), 1.0);
    assert_eq!((h(-1.0, usize::MAX), h(-1.0, usize::MAX - 1)), (-1.0, 1.0));
}

#[test]
fn a_decay_over_a_clock_follows_it_from_every_thread() {
    let clock = Clock::default();
    let decay = Decaying::new(0.25).with_initial(2.0).over(&clock);
    let same = decay.clone();
    assert_eq!(decay.h(), 2.0);
    std::thread::spawn(move || clock.set(1.5)).join().unwrap();
    assert_eq!((decay.h(), same.h()), (0.25, 0.25));
}

#[test]
fn coefficients_are_the_entries_times_the_step_size() -> Result<()> {
    const PAIR: Tableau = Tableau::new("Pair", 2, &[[0.0, 0.0], [0.5, 0.0]], &[0.25, 0.75])
        .with_estimate(1, &[[3.0, 5.0, 0.0]], &[-0.5, 0.0, 0.5]);
    let clock = Clock::default();
    let decay = Decaying::new(0.5);
    let ways: [Box<dyn Coefficients>; 3] = [
        Box::new(2.0),
        Box::new(decay.with_initial(4.0).at_depth(1)),
        Box::new(decay.with_initial(2.0).over(&clock)),
    ];
    for way in ways {
        assert_eq!(way.values()?, [("h".to_owned(), 2.0)]);
        let h = way.of(PAIR)?;
        assert_eq!((h.a(2, 1).value(), h.b(2).value()), (1.0, 1.5));
        assert_eq!((h.a(3, 2).value(), h.error(1).value()), (10.0, -1.0));
        // Entries outside the tableau are 0.
        assert_eq!(
            (h.a(2, 8).value(), h.a(10, 1).value(), h.b(3).value()),
            (0.0, 0.0, 0.0)
        );
        assert_eq!((h.a(3, 4).value(), h.error(4).value()), (0.0, 0.0));
        assert_eq!(
            (h.a(0, 1).value(), h.a(2, 0).value(), h.b(0).value()),
            (0.0, 0.0, 0.0)
        );
    }
    assert_eq!((PAIR.order(), PAIR.embedded_order()), (2, Some(1)));
    Ok(())
}
