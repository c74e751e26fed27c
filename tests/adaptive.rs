//! Steps that are scaled by their estimated error: the factor, the gradients that flow through it, and what is refused.

use candle_core::{DType, Device, Result, Tensor, Var};
use horesnet::{Adaptive, Block, Coefficients, ho_block};

ho_block!(rk4);
ho_block!(heun2);
ho_block!(dopri5);
ho_block!(verner8);
ho_block!(struct Adapted = dopri5, coefficients = adaptive(1e-5));

/// `x′ = tanh(cx)`, a rate for each sample: slow, faster, too fast.
fn field(x: &Tensor) -> Result<Tensor> {
    let rates = Tensor::new(&[[0.1], [1.5], [40.0]], &Device::Cpu)?;
    x.broadcast_mul(&rates.to_dtype(x.dtype())?)?.tanh()
}

fn start(dtype: DType) -> Result<Tensor> {
    let x = Tensor::new(&[[0.3, -0.2], [0.5, -0.4], [0.1, 0.02]], &Device::Cpu)?;
    x.to_dtype(dtype)
}

fn rows(x: &Tensor) -> Result<Vec<Vec<f64>>> {
    x.to_dtype(DType::F64)?.to_vec2()
}

/// `‖e‖` of a sample by the definition, from the generated estimate.
fn norms(x: &Tensor, error: &Tensor) -> Result<Vec<f64>> {
    let samples = rows(x)?.into_iter().zip(rows(error)?);
    let norm = |(x, e): (Vec<f64>, Vec<f64>)| {
        let squares = x.iter().zip(&e).map(|(x, e)| (e / (1.0 + x.abs())).powi(2));
        (squares.sum::<f64>() / x.len() as f64).sqrt()
    };
    Ok(samples.map(norm).collect())
}

#[test]
fn the_factor_is_that_of_the_controller_for_each_sample() -> Result<()> {
    let x = start(DType::F64)?;
    let block = Dopri5::shared(field);
    let (whole, error) = block.step_with_error(1.0, &x)?;
    let adaptive = Adaptive::new(1e-5);
    assert_eq!(adaptive.last(), None);
    let y = rows(&block.step_t(&adaptive, &x, false)?)?;
    let control = adaptive.last().expect("an evaluation");
    let (x, whole) = (rows(&x)?, rows(&whole)?);
    let norms = norms(&start(DType::F64)?, &error)?;
    for sample in 0..3 {
        // The orders are 5 and 4.
        let phi = (1e-5 / norms[sample]).powf(1.0 / 5.0).clamp(0.2, 1.0);
        assert!((control.errors[sample] - norms[sample]).abs() < 1e-15);
        assert!((control.factors[sample] - phi).abs() < 1e-14);
        for column in 0..2 {
            let expected = x[sample][column] + phi * (whole[sample][column] - x[sample][column]);
            assert!((y[sample][column] - expected).abs() < 1e-14);
        }
    }
    // Of the three samples one is within the tolerance, one beyond, and one far beyond.
    assert_eq!(control.factors[0], 1.0);
    assert_eq!(y[0], whole[0]);
    assert!(
        0.2 < control.factors[1] && control.factors[1] < 1.0,
        "{control:?}"
    );
    assert_eq!(control.factors[2], 0.2);
    Ok(())
}

#[test]
fn a_batch_can_have_one_factor() -> Result<()> {
    let x = start(DType::F64)?;
    let block = Dopri5::shared(field);
    let (whole, error) = block.step_with_error(1.0, &x)?;
    let adaptive = Adaptive::new(1e-3).per_batch();
    let y = rows(&block.step_t(&adaptive, &x, false)?)?;
    let squares: f64 = norms(&x, &error)?.iter().map(|norm| norm * norm).sum();
    let phi = (1e-3 / (squares / 3.0).sqrt()).powf(0.2).clamp(0.2, 1.0);
    let control = adaptive.last().expect("an evaluation");
    assert_eq!(control.factors.len(), 1);
    assert!((control.factors[0] - phi).abs() < 1e-14);
    let (x, whole) = (rows(&x)?, rows(&whole)?);
    assert!((y[0][0] - (x[0][0] + phi * (whole[0][0] - x[0][0]))).abs() < 1e-14);
    Ok(())
}

#[test]
fn within_the_tolerance_the_block_is_the_fixed_one_to_the_last_bit() -> Result<()> {
    let blocks: [Box<dyn Block>; 3] = [
        Box::new(Heun2::shared(field)),
        Box::new(Dopri5::shared(field)),
        Box::new(Verner8::shared(field)),
    ];
    for block in blocks {
        for dtype in [DType::F64, DType::F32, DType::BF16, DType::F16] {
            let (x, loose) = (start(dtype)?, Adaptive::new(1e6));
            for (adapted, fixed) in [
                (
                    block.step_t(&loose, &x, true)?,
                    block.step_t(&1.0, &x, true)?,
                ),
                (
                    block.increment_t(&loose, &x, true)?,
                    block.increment_t(&1.0, &x, true)?,
                ),
            ] {
                assert_eq!(adapted.dtype(), dtype);
                assert_eq!(rows(&adapted)?, rows(&fixed)?, "{}", block.name());
            }
            assert_eq!(loose.last().unwrap().factors, [1.0; 3]);
        }
    }
    Ok(())
}

#[test]
fn the_increment_is_the_output_less_the_input() -> Result<()> {
    let x = start(DType::F64)?;
    let block = Adapted::shared(field);
    let increment = rows(&block.increment(&x)?)?;
    assert!(block.coefficients().last().unwrap().factors[1] < 1.0);
    let output = block.step_t(block.coefficients(), &x, false)?;
    let difference = rows(&(output - &x)?)?;
    for (found, expected) in increment.concat().iter().zip(difference.concat()) {
        assert!((found - expected).abs() < 1e-15);
    }
    Ok(())
}

/// Samples with `φ` between its bounds and at either of them, and one `φ` for all.
#[test]
fn gradients_flow_through_the_factor() -> Result<()> {
    for adaptive in [Adaptive::new(1e-5), Adaptive::new(1e-3).per_batch()] {
        let x = Var::from_tensor(&start(DType::F64)?)?;
        let weights = Tensor::new(&[[1.0, -2.0], [0.5, 3.0], [-1.0, 0.7]], &Device::Cpu)?;
        let block = Dopri5::shared(field);
        let run = || (block.step_t(&adaptive, &x, true)? * &weights)?.sum_all();
        let gradient = rows(horesnet::backward(&run()?)?.get(&x).unwrap())?.concat();
        assert_eq!(
            rows(run()?.backward()?.get(&x).unwrap())?.concat(),
            gradient
        );
        let origin = x.as_tensor().copy()?;
        let step = 1e-5;
        for (at, found) in gradient.iter().enumerate() {
            let mut slope = 0.0;
            for (weight, by) in [(1.0, -2.0), (-8.0, -1.0), (8.0, 1.0), (-1.0, 2.0)] {
                let mut moved = origin.flatten_all()?.to_vec1::<f64>()?;
                moved[at] += by * step;
                x.set(&Tensor::from_vec(moved, (3, 2), &Device::Cpu)?)?;
                slope += weight * run()?.to_scalar::<f64>()? / (12.0 * step);
            }
            x.set(&origin)?;
            // The solution of the third sample curves strongly within a step.
            assert!(
                (found - slope).abs() < 1e-5 * slope.abs().max(1.0),
                "{found} for {slope}"
            );
        }
    }
    Ok(())
}

#[test]
fn no_error_and_errors_beyond_numbers_give_a_factor() -> Result<()> {
    let adaptive = Adaptive::new(1e-3);
    let x = Var::new(&[[1.0_f64], [2.0]], &Device::Cpu)?;
    // A field that does not depend on x: all rows of weights agree.
    let constant = Dopri5::shared(|x: &Tensor| (x * 0.0)? + 1.0);
    let y = constant.step_t(&adaptive, &x, true)?;
    let gradient = rows(horesnet::backward(&y.sum_all()?)?.get(&x).unwrap())?;
    assert_eq!(gradient, [[1.0], [1.0]]);
    assert_eq!(adaptive.last().unwrap().factors, [1.0, 1.0]);

    // The square of the error is beyond f64, the step is not.
    let huge = Heun2::shared(|x: &Tensor| x.sqr()? * 1e180);
    let small = Var::new(&[[1e-160_f64], [1.0]], &Device::Cpu)?;
    let y = huge.step_t(&adaptive, &small, true)?;
    let control = adaptive.last().unwrap();
    assert_eq!(control.factors[1], 0.2, "{control:?}");
    let y = rows(&y)?;
    assert!(y[0][0].is_finite(), "{y:?}");
    Ok(())
}

#[test]
fn no_samples_and_no_dimensions_are_shapes_too() -> Result<()> {
    let adaptive = Adaptive::new(1e-3);
    let block = Dopri5::shared(|x: &Tensor| x * 20.0);
    let none = Tensor::zeros((0, 3), DType::F32, &Device::Cpu)?;
    assert_eq!(block.step_t(&adaptive, &none, false)?.dims(), [0, 3]);
    let scalar = Tensor::new(1.0_f64, &Device::Cpu)?;
    assert!(block.step_t(&adaptive, &scalar, false)?.dims().is_empty());
    assert!(adaptive.last().unwrap().factors[0] < 1.0);
    let vector = Tensor::new(&[1.0_f64, 0.0], &Device::Cpu)?;
    block.step_t(&adaptive, &vector, false)?;
    assert_eq!(adaptive.last().unwrap().factors[1], 1.0);
    Ok(())
}

#[test]
fn what_estimates_nothing_is_refused() -> Result<()> {
    let (x, adaptive) = (start(DType::F64)?, Adaptive::new(1e-3));
    // Even where all functions for the estimate are there.
    let separate = Heun2::new([field, field]);
    let error = separate.step_t(&adaptive, &x, false).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("one residual function for all stages"),
        "{error}"
    );
    let rk4 = Rk4::shared(field);
    assert_eq!(Block::embedded_order(&rk4), None);
    let error = rk4.step_t(&adaptive, &x, false).unwrap_err().to_string();
    assert!(
        error.contains("RK4 has none") && error.contains("dopri5"),
        "{error}"
    );
    assert_eq!(Block::embedded_order(&Dopri5::shared(field)), Some(4));
    Ok(())
}

#[test]
fn reports_read_the_least_factor_and_the_largest_error() -> Result<()> {
    let adaptive = Adaptive::new(1e-3);
    assert_eq!(adaptive.values()?, [("h".to_owned(), 1.0)]);
    Dopri5::shared(field).step_t(&adaptive, &start(DType::F32)?, false)?;
    let control = adaptive.last().unwrap();
    let values = adaptive.values()?;
    assert_eq!(values[1], ("φ".to_owned(), control.factors[2]));
    assert_eq!(values[2], ("error".to_owned(), control.errors[2]));
    Ok(())
}
