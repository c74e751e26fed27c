//! `backward` gives what candle's own gives.

mod tableau;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use candle_core::{DType, Device, ModuleT, Result, Tensor, Var};
use candle_nn::{BatchNorm, Conv2dConfig};
use horesnet_runtime::layers::{NormReluConv, global_avg_pool};
use horesnet_runtime::{Operand, backward, combine};
use tableau::{distance, random};

fn variable(shape: &[usize], seed: u64) -> Result<Var> {
    Var::from_tensor(&random(shape, DType::F64, seed)?)
}

/// Asserts that all gradients of `loss` are those of candle.
fn same(loss: &Tensor, variables: &[&Var]) -> Result<()> {
    let (ours, theirs) = (backward(loss)?, loss.backward()?);
    for (index, variable) in variables.iter().enumerate() {
        let found = ours.get(variable).expect("a gradient");
        let apart = distance(found, theirs.get(variable).expect("a gradient"))?;
        assert!(apart <= 1e-14, "gradients of {index} are {apart:e} apart");
    }
    Ok(())
}

fn operand(tensor: &Tensor) -> Result<Operand> {
    Operand::new(tensor.clone())
}

#[test]
fn one_variable_may_be_read_by_ops_of_both_kinds() -> Result<()> {
    let (x, k) = (variable(&[3, 4], 1)?, variable(&[3, 4], 2)?);
    let y = combine(
        &operand(&x)?,
        &[(0.5, &operand(&k)?), (0.25, &operand(&x)?)],
    )?;
    // Read by an op of candle's, by another combination, and by nothing.
    let z = combine(&operand(&y)?, &[(2.0, &operand(&k)?)])?;
    let _unread = combine(&operand(&y)?, &[(3.0, &operand(&x)?)])?;
    let loss = ((y.sqr()? * x.as_tensor())? + (z * k.as_tensor())?)?.sum_all()?;
    same(&loss, &[&x, &k])
}

#[test]
fn layers_may_share_their_weights() -> Result<()> {
    let (weight, bias) = (variable(&[16], 1)?, variable(&[16], 2)?);
    let kernel = variable(&[16, 16, 3, 3], 3)?;
    let statistic = |value: f64| Tensor::full(value, 16, &Device::Cpu);
    let norm = BatchNorm::new(
        16,
        statistic(0.0)?,
        statistic(1.0)?,
        weight.as_tensor().clone(),
        bias.as_tensor().clone(),
        1e-5,
    )?;
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let conv = candle_nn::Conv2d::new(kernel.as_tensor().clone(), None, config);
    let unit = NormReluConv::new(norm, conv);
    let xs = variable(&[2, 4, 4, 16], 4)?;
    let once = unit.forward_t(&xs, true)?;
    let twice = unit.forward_t(&once, true)?;
    let y = combine(
        &operand(&xs)?,
        &[(0.5, &operand(&once)?), (0.5, &operand(&twice)?)],
    )?;
    let decay = kernel.sqr()?.sum_all()?;
    let loss = (global_avg_pool(&y)?.sqr()?.sum_all()? + decay)?;
    same(&loss, &[&xs, &weight, &bias, &kernel])
}

#[test]
fn a_pass_that_fails_leaves_nothing_behind() -> Result<()> {
    let (x, k) = (variable(&[3], 1)?, variable(&[3], 2)?);
    let (xo, ko) = (operand(&x)?, operand(&k)?);
    // The combination has pushed its gradients for x and k when the pass reaches the op that fails.
    let failing = operand(&x.apply_op1(Failing)?)?;
    let fails = combine(&xo, &[(0.5, &failing), (3.0, &ko)])?;
    let y = combine(&xo, &[(2.0, &ko)])?;
    for _ in 0..2 {
        assert!(backward(&fails).is_err());
        let panicking = x.apply_op1(Panicking)?;
        let panics = catch_unwind(AssertUnwindSafe(|| backward(&panicking)));
        assert!(panics.is_err());
        // Outside of `backward` candle's store gets every gradient.
        let theirs = y.backward()?;
        for gradients in [theirs, backward(&y)?] {
            let values = |var: &Var| gradients.get(var).expect("a gradient").to_vec1::<f64>();
            assert_eq!((values(&x)?, values(&k)?), (vec![1.0; 3], vec![2.0; 3]));
        }
    }
    Ok(())
}

#[test]
fn a_pass_within_a_pass_has_gradients_of_its_own() -> Result<()> {
    // The inner pass runs over the same combination, after the combination has pushed gradients to the accumulators of its
    // operands. In one of the two orders, another operand has yet to take its own.
    for inner_first in [true, false] {
        let (x, k) = (variable(&[3], 1)?, variable(&[3], 2)?);
        let again = Arc::<OnceLock<Tensor>>::default();
        let ko = operand(&k.apply_op1(Again(again.clone(), x.clone()))?)?;
        let xo = operand(x.as_tensor())?;
        let y = if inner_first {
            combine(&ko, &[(2.0, &xo)])?
        } else {
            combine(&xo, &[(0.5, &ko)])?
        };
        again.get_or_init(|| y.clone());
        let gradients = backward(&y)?;
        let values = |var: &Var| gradients.get(var).expect("a gradient").to_vec1::<f64>();
        let expected = if inner_first { (2.0, 1.0) } else { (1.0, 0.5) };
        let expected = (vec![expected.0; 3], vec![expected.1; 3]);
        assert_eq!((values(&x)?, values(&k)?), expected);
    }
    Ok(())
}

/// Implements an op that is the identity forward, with the given backward pass.
macro_rules! identity {
    ($type:ty, |$op:ident, $gradient:ident| $bwd:expr) => {
        impl candle_core::CustomOp1 for $type {
            fn name(&self) -> &'static str {
                "identity"
            }

            fn cpu_fwd(
                &self,
                storage: &candle_core::CpuStorage,
                layout: &candle_core::Layout,
            ) -> Result<(candle_core::CpuStorage, candle_core::Shape)> {
                Ok((storage.clone(), layout.shape().clone()))
            }

            fn bwd(&self, _: &Tensor, _: &Tensor, $gradient: &Tensor) -> Result<Option<Tensor>> {
                let $op = self;
                $bwd
            }
        }
    };
}

struct Failing;
identity!(Failing, |_op, _gradient| candle_core::bail!("no way back"));

struct Panicking;
identity!(Panicking, |_op, _gradient| panic!("no way back at all"));

thread_local! {
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// In its backward pass, computes the gradient of the first with respect to the second, once.
struct Again(Arc<OnceLock<Tensor>>, Var);
identity!(Again, |op, gradient| {
    if !WITHIN.replace(true) {
        let y = op.0.get().expect("a tensor");
        assert!(backward(y)?.get(&op.1).is_some());
        WITHIN.set(false);
    }
    Ok(Some(gradient.clone()))
});
