//! A block has the gradients of the chain of candle ops for every kind of residual function: those that ignore their input,
//! fail in their own backward pass, or run another backward pass on the way.

mod tableau;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{
    CpuStorage, CustomOp1, DType, Layout, ModuleT, Result, Shape, Tensor, Var, bail,
};
use horesnet_runtime::{Operand, combine};
use tableau::Arithmetic::{Chain, Fused};
use tableau::{Hand, Layer, RK4, Stages, dense, distance, loss, random};

fn variable(seed: u64) -> Result<Var> {
    Var::from_tensor(&random(&[3, 4], DType::F32, seed)?)
}

/// A block of `f` gives the gradients of the chain, for a variable and for a value computed from one.
fn residual<F: ModuleT + Clone>(f: &F, variables: &[&Var]) -> Result<()> {
    let x = variable(1)?;
    let computed = (x.as_tensor() * 2.0)?;
    for input in [x.as_tensor(), &computed] {
        let block = |arithmetic| Hand::new(RK4, Stages::Shared(f.clone()), arithmetic);
        let found = loss(&block(Fused).forward_t(input, true)?)?.backward()?;
        let expected = loss(&block(Chain).forward_t(input, true)?)?.backward()?;
        for variable in [variables, &[&x]].concat() {
            let expected = expected.get(variable).expect("a gradient");
            let found = found.get(variable).expect("a gradient");
            assert!(distance(found, expected)? < 1e-6);
        }
    }
    Ok(())
}

#[test]
fn a_residual_may_return_its_input() -> Result<()> {
    residual(&|y: &Tensor| Ok(y.clone()), &[])
}

#[test]
fn a_residual_may_be_constant() -> Result<()> {
    residual(&|y: &Tensor| y.ones_like(), &[])
}

#[test]
fn a_residual_may_ignore_its_input() -> Result<()> {
    let k = variable(5)?;
    let value = k.clone();
    residual(&move |_: &Tensor| value.as_tensor() * 3.0, &[&k])
}

#[test]
fn a_residual_may_return_a_variable() -> Result<()> {
    let k = variable(5)?;
    let value = k.clone();
    residual(&move |_: &Tensor| Ok(value.as_tensor().clone()), &[&k])
}

#[test]
fn a_residual_may_detach() -> Result<()> {
    residual(&|y: &Tensor| y.detach().tanh(), &[])
}

#[test]
fn a_failed_pass_leaves_nothing_behind() -> Result<()> {
    let failing = Arc::new(AtomicBool::new(false));
    let layer = Layer::new(4, DType::F32, 1)?;
    let x = variable(1)?;
    let (w, switch) = (layer.w.clone(), failing.clone());
    let f = move |y: &Tensor| y.matmul(&w)?.apply_op1(Fragile(switch.clone()));
    let tableau = dense::<9>(1);
    let y = Hand::new(tableau.clone(), Stages::Shared(&f), Fused).forward_t(&x, true)?;
    let reference = Hand::new(tableau, Stages::Shared(&f), Chain).forward_t(&x, true)?;
    let (loss, expected) = (loss(&y)?, loss(&reference)?.backward()?);
    for _ in 0..2 {
        failing.store(true, Ordering::Relaxed);
        assert!(loss.backward().is_err());
        failing.store(false, Ordering::Relaxed);
        let found = loss.backward()?;
        for variable in [&x, &layer.w] {
            let (found, expected) = (found.get(variable), expected.get(variable));
            assert!(distance(found.unwrap(), expected.unwrap())? < 1e-6);
        }
    }
    Ok(())
}

#[test]
fn a_failed_pass_leaves_nothing_for_another_output() -> Result<()> {
    let failing = Arc::new(AtomicBool::new(true));
    let x = variable(1)?;
    let xo = Operand::new(x.as_tensor().clone())?;
    let k = Operand::new(variable(2)?.apply_op1(Fragile(failing))?)?;
    let broken = combine(&xo, &[(0.5, &k)])?;
    let whole = combine(&xo, &[(2.0, &xo)])?;
    for _ in 0..2 {
        assert!(broken.backward().is_err());
        let gradients = whole.backward()?;
        let gradient = gradients.get(&x).expect("a gradient").flatten_all()?;
        assert_eq!(gradient.to_vec1::<f32>()?, [3.0; 12]);
    }
    Ok(())
}

/// The identity, whose gradient can be made to fail.
struct Fragile(Arc<AtomicBool>);

impl CustomOp1 for Fragile {
    fn name(&self) -> &'static str {
        "fragile"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((storage.clone(), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        if self.0.load(Ordering::Relaxed) {
            bail!("this pass is to fail")
        }
        Ok(Some(gradient.clone()))
    }
}

#[test]
fn a_pass_within_a_pass_keeps_its_gradients_apart() -> Result<()> {
    // The gradient of this residual runs a backward pass of its own through the block it is part of.
    let x = variable(1)?;
    let block = |arithmetic| {
        let f = |y: &Tensor| y.tanh()?.apply_op1(Inquisitive(y.clone()));
        Hand::new(dense::<5>(1), Stages::Shared(f), arithmetic).forward_t(&x, true)
    };
    let found = loss(&block(Fused)?)?.backward()?;
    let expected = loss(&block(Chain)?)?.backward()?;
    assert!(distance(found.get(&x).unwrap(), expected.get(&x).unwrap())? < 1e-6);
    Ok(())
}

/// The identity, whose gradient differentiates another tensor on the way.
struct Inquisitive(Tensor);

impl CustomOp1 for Inquisitive {
    fn name(&self) -> &'static str {
        "inquisitive"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((storage.clone(), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        self.0.backward()?;
        Ok(Some(gradient.clone()))
    }
}
