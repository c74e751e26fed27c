//! Candle's `backward` through combinations in graphs of every shape: shared, partial, repeated.

#![allow(clippy::float_cmp, reason = "these numbers are exact in binary")]

mod tableau;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Module, ModuleT, Result, Tensor, Var};
use horesnet_runtime::{Operand, combine, weighted_sum};
use tableau::Arithmetic::Fused;
use tableau::{Hand, Layer, RK4, Stages, dense, distance, loss, random};

fn variable(seed: u64) -> Result<Var> {
    Var::from_tensor(&random(&[3, 4], DType::F32, seed)?)
}

fn operand(tensor: &Tensor) -> Result<Operand> {
    Operand::new(tensor.clone())
}

/// The one value that every element of a gradient has.
fn uniform(gradients: &GradStore, of: &Tensor) -> Result<f32> {
    let values = gradients.get(of).expect("a gradient").flatten_all()?;
    let values = values.to_vec1::<f32>()?;
    assert!(values.iter().all(|v| *v == values[0]), "{values:?}");
    Ok(values[0])
}

#[test]
fn one_operand_may_be_several_terms() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    let (xo, ko) = (operand(&x)?, operand(&k)?);
    let y = combine(&xo, &[(0.5, &ko), (2.0, &xo), (0.25, &ko)])?;
    let gradients = y.backward()?;
    assert_eq!(uniform(&gradients, &x)?, 3.0);
    assert_eq!(uniform(&gradients, &k)?, 0.75);
    let expected = ((x.as_tensor() * 3.0)? + (k.as_tensor() * 0.75)?)?;
    assert!(distance(&y, &expected)? < 1e-6);
    Ok(())
}

#[test]
fn two_operands_may_be_one_tensor() -> Result<()> {
    let x = variable(1)?;
    let y = combine(&operand(&x)?, &[(0.5, &operand(&x)?)])?;
    assert_eq!(uniform(&y.backward()?, &x)?, 1.5);
    Ok(())
}

#[test]
fn an_operand_collects_from_every_combination() -> Result<()> {
    let x = variable(1)?;
    let xo = operand(&x)?;
    let mut total = combine(&xo, &[(1.0, &xo)])?;
    for i in 1..=20 {
        let y = weighted_sum(&[(f64::from(i), &xo), (0.5, &xo.clone())])?;
        total = (total + y)?;
    }
    assert_eq!(uniform(&total.backward()?, &x)?, 2.0 + 210.0 + 10.0);
    Ok(())
}

#[test]
fn an_output_may_be_used_twice() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    let y = combine(&operand(&x)?, &[(0.5, &operand(&k)?)])?;
    let gradients = ((&y * 3.0)? + &y)?.backward()?;
    assert_eq!(uniform(&gradients, &x)?, 4.0);
    assert_eq!(uniform(&gradients, &k)?, 2.0);
    Ok(())
}

#[test]
fn operands_without_gradient_are_constants() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    let plain = random(&[3, 4], DType::F32, 3)?;
    let detached = (k.as_tensor() * 2.0)?.detach();
    let y = combine(
        &operand(&plain)?,
        &[(0.5, &operand(&detached)?), (0.25, &operand(&x)?)],
    )?;
    let gradients = y.backward()?;
    assert_eq!(uniform(&gradients, &x)?, 0.25);
    assert!(gradients.get(&k).is_none());
    Ok(())
}

#[test]
fn an_op_that_no_variable_reaches_through_is_a_constant() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    // Candle keeps the op of `sign`, and lets no gradient through it.
    let constant = k.sign()?;
    let y = combine(&operand(&x)?, &[(0.5, &operand(&constant)?)])?;
    for _ in 0..3 {
        let gradients = y.backward()?;
        assert_eq!(uniform(&gradients, &x)?, 1.0);
        assert!(gradients.get(&k).is_none());
    }
    let only_constants = weighted_sum(&[(0.5, &operand(&constant)?)])?;
    assert!(only_constants.backward()?.get(&k).is_none());
    Ok(())
}

#[test]
fn nothing_tracked_leaves_no_op() -> Result<()> {
    let x = operand(&random(&[3, 4], DType::F32, 1)?)?;
    let y = combine(&x, &[(0.5, &x)])?;
    assert!(!y.track_op());
    Ok(())
}

#[test]
fn a_coefficient_of_zero_gives_a_gradient_of_zeros() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    let infinite = (k.as_tensor() / 0.0)?;
    let y = combine(
        &operand(&x)?,
        &[(0.0, &operand(&k)?), (0.0, &operand(&infinite)?)],
    )?;
    assert_eq!(y.to_vec2::<f32>()?, x.to_vec2::<f32>()?);
    let gradients = (&y / 0.0)?.backward()?;
    assert_eq!(uniform(&gradients, &x)?, f32::INFINITY);
    assert_eq!(uniform(&y.backward()?, &x)?, 1.0);

    let y = combine(&operand(&x)?, &[(0.0, &operand(&k)?)])?;
    let gradients = (&y / 0.0)?.backward()?;
    assert_eq!(uniform(&gradients, &k)?, 0.0);
    Ok(())
}

#[test]
fn backward_may_run_again_over_the_same_graph() -> Result<()> {
    let layer = Layer::new(4, DType::F32, 1)?;
    let x = variable(1)?;
    let y = Hand::new(dense::<9>(1), Stages::Shared(layer.clone()), Fused).forward_t(&x, true)?;
    let loss = loss(&y)?;
    let first = loss.backward()?;
    for _ in 0..2 {
        let again = loss.backward()?;
        for variable in [&x, &layer.w] {
            assert_eq!(
                distance(again.get(variable).unwrap(), first.get(variable).unwrap())?,
                0.0
            );
        }
    }
    Ok(())
}

#[test]
fn backward_may_start_from_an_intermediate_value() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    let (xo, ko) = (operand(&x)?, operand(&k)?);
    let y = combine(&xo, &[(0.5, &ko)])?;
    let yo = operand(&y)?;
    let z = combine(&xo, &[(0.25, &ko), (2.0, &yo)])?;
    for _ in 0..2 {
        let gradients = y.backward()?;
        assert_eq!(
            (uniform(&gradients, &x)?, uniform(&gradients, &k)?),
            (1.0, 0.5)
        );
        let gradients = z.backward()?;
        assert_eq!(
            (uniform(&gradients, &x)?, uniform(&gradients, &k)?),
            (3.0, 1.25)
        );
    }
    Ok(())
}

#[test]
fn threads_may_run_backward_over_one_graph() -> Result<()> {
    let layer = Layer::new(4, DType::F32, 1)?;
    let x = variable(1)?;
    let y = Hand::new(dense::<9>(1), Stages::Shared(layer.clone()), Fused).forward_t(&x, true)?;
    let loss = loss(&y)?;
    let expected = loss.backward()?;
    let gradients = std::thread::scope(|scope| {
        let pass = || (0..20).map(|_| loss.backward()).collect::<Result<Vec<_>>>();
        let threads = [(); 4].map(|()| scope.spawn(pass));
        threads.map(|thread| thread.join().expect("no panic"))
    });
    for found in gradients {
        for found in found? {
            for variable in [&x, &layer.w] {
                let (found, expected) = (found.get(variable), expected.get(variable));
                assert_eq!(distance(found.unwrap(), expected.unwrap())?, 0.0);
            }
        }
    }
    Ok(())
}

#[test]
fn a_gradient_may_be_broadcast() -> Result<()> {
    let (x, k) = (variable(1)?, variable(2)?);
    let y = combine(&operand(&x)?, &[(0.5, &operand(&k)?)])?;
    let gradients = y.mean_all()?.backward()?;
    assert_eq!(uniform(&gradients, &x)?, 1.0 / 12.0);
    assert_eq!(uniform(&gradients, &k)?, 0.5 / 12.0);
    Ok(())
}

#[test]
fn an_operand_may_be_a_view() -> Result<()> {
    let x = variable(1)?;
    let row = Var::from_tensor(&random(&[4], DType::F32, 2)?)?;
    let square = Var::from_tensor(&random(&[4, 6], DType::F32, 3)?)?;
    let y = combine(
        &operand(&x)?,
        &[
            (0.5, &operand(&row.broadcast_as((3, 4))?)?),
            (0.25, &operand(&square.t()?.narrow(0, 2, 3)?)?),
        ],
    )?;
    let gradients = y.backward()?;
    assert_eq!(uniform(&gradients, &x)?, 1.0);
    assert_eq!(uniform(&gradients, &row)?, 1.5);
    let inside = gradients.get(&square).unwrap().narrow(1, 2, 3)?;
    assert_eq!(inside.flatten_all()?.to_vec1::<f32>()?, [0.25; 12]);
    assert_eq!(
        gradients
            .get(&square)
            .unwrap()
            .sum_all()?
            .to_scalar::<f32>()?,
        3.0
    );
    Ok(())
}

#[test]
fn empty_tensors_have_empty_gradients() -> Result<()> {
    let x = Var::zeros((0, 4), DType::F32, &Device::Cpu)?;
    let y = combine(&operand(&x)?, &[(0.5, &operand(&x)?)])?;
    assert_eq!(y.backward()?.get(&x).unwrap().dims(), [0, 4]);
    Ok(())
}

#[test]
fn half_precision_has_gradients() -> Result<()> {
    for dtype in [DType::BF16, DType::F16] {
        let x = Var::from_tensor(&random(&[3, 4], dtype, 1)?)?;
        let xo = operand(&x)?;
        let y = combine(&xo, &[(0.5, &xo), (0.25, &operand(&x)?)])?;
        let gradient = y.backward()?.get(&x).unwrap().to_dtype(DType::F32)?;
        assert_eq!(gradient.flatten_all()?.to_vec1::<f32>()?, [1.75; 12]);
    }
    Ok(())
}

#[test]
fn blocks_are_modules_like_any_other() -> Result<()> {
    let layer = Layer::new(4, DType::F32, 1)?;
    let x = variable(1)?;
    let inner = move |y: &Tensor| layer.forward_t(y, false);
    let block = Hand::new(RK4, Stages::Shared(inner), Fused);
    let sequential = candle_nn::seq().add_fn(|x| x * 2.0);
    let y = block.forward_t(&sequential.forward(&x)?, true)?;
    assert!(y.backward()?.get(&x).is_some());
    Ok(())
}
