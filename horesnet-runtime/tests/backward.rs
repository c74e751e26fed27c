//! `backward` gives what candle's own gives.

mod tableau;

use candle_core::{DType, Device, ModuleT, Result, Tensor, Var};
use candle_nn::{BatchNorm, Conv2dConfig};
use horesnet_runtime::layers::{NormReluConv, global_average};
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
    let loss = (global_average(&y)?.sqr()?.sum_all()? + decay)?;
    same(&loss, &[&xs, &weight, &bias, &kernel])
}

#[test]
fn a_pass_that_fails_leaves_nothing_behind() -> Result<()> {
    let x = variable(&[3], 1)?;
    let y = combine(&operand(&x)?, &[(1.0, &operand(&x)?)])?;
    let failing = y.apply_op1(Failing)?;
    assert!(backward(&failing.sum_all()?).is_err());
    let gradient = backward(&y.sum_all()?)?;
    assert_eq!(
        gradient.get(&x).expect("a gradient").to_vec1::<f64>()?,
        [2.0; 3]
    );
    // Outside of `backward` candle's store gets every gradient.
    assert!(y.sum_all()?.backward()?.get(&x).is_some());
    Ok(())
}

struct Failing;

impl candle_core::CustomOp1 for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn cpu_fwd(
        &self,
        storage: &candle_core::CpuStorage,
        layout: &candle_core::Layout,
    ) -> Result<(candle_core::CpuStorage, candle_core::Shape)> {
        Ok((storage.clone(), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor) -> Result<Option<Tensor>> {
        candle_core::bail!("no way back")
    }
}
