//! Coefficients that are learned: where they start, what gradients they get, and what the projection keeps.

mod chain;
mod gradients;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{Optimizer, SGD, VarBuilder, VarMap};
use chain::{Form, Residual, SCHEMES, block, irregular, learned};
use horesnet::candle_nn::ModuleT;
use horesnet::{Block, Coefficients, Learned, ho_block};

ho_block!(rk4);
ho_block!(verner8);
ho_block!(struct LearnedRk4 = rk4, coefficients = learned(all));
ho_block!(struct LearnedMidpoint = midpoint, coefficients = learned(0.5));
ho_block!(struct Projected = rk4, coefficients = learned(all, projected));

fn names(values: Vec<(String, f64)>) -> Vec<String> {
    values.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn learned_coefficients_start_as_the_tableau_to_the_last_bit() -> Result<()> {
    for name in SCHEMES {
        for dtype in [DType::F64, DType::F32, DType::BF16, DType::F16] {
            let residual = Residual(Var::from_tensor(&irregular(3, 3, 1, dtype)?)?);
            let block = block(name, &[residual], true);
            let x = irregular(2, 3, 2, dtype)?;
            let fixed = block.step_t(&1.0, &x, true)?.to_dtype(DType::F64)?;
            for form in Form::ALL {
                let (learned, _) = learned(form, block.tableau(), dtype)?;
                let y = block.step_t(&learned, &x, true)?;
                assert_eq!(y.dtype(), dtype);
                let y = y.to_dtype(DType::F64)?;
                assert_eq!(
                    y.to_vec2::<f64>()?,
                    fixed.to_vec2::<f64>()?,
                    "{name}, {form:?}"
                );
            }
        }
    }
    Ok(())
}

/// The stages of RK4 use one stage each.
#[test]
fn values_are_named_in_reading_order() -> Result<()> {
    let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
    let residual = |x: &Tensor| x.neg();
    let rk4 = LearnedRk4::shared(residual, vb.clone())?;
    let values = rk4.coefficients().values()?;
    assert_eq!(
        values[..3],
        [
            ("a21".to_owned(), 0.5),
            ("a32".to_owned(), 0.5),
            ("a43".to_owned(), 1.0)
        ]
    );
    let weights = names(values[3..].to_vec());
    assert_eq!(weights, ["b1", "b2", "b3", "b4"]);

    let verner = Learned::all(Verner8::<()>::TABLEAU, vb)?;
    let names = names(verner.values()?);
    assert_eq!(names[..3], ["a21", "a31", "a32"]);
    assert!(names.contains(&"a10,1".to_owned()), "{names:?}");
    assert_eq!(names.last().map(String::as_str), Some("b14"));
    Ok(())
}

#[test]
fn variables_are_named_shaped_and_read_by_candles_conventions() -> Result<()> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let f = |x: &Tensor| x.neg();
    LearnedMidpoint::new([f, f], vb.pp("one"))?;
    LearnedRk4::build(|_| Ok(f), vb.pp("all"))?;
    let tensors = variables.data().lock().unwrap().clone();
    let value = |name: &str| tensors[name].to_vec1::<f32>();
    assert_eq!(tensors.len(), 2);
    assert_eq!(value("one.h")?, [0.5]);
    assert_eq!(value("all.coefficients")?, [0.0; 7]);
    Ok(())
}

#[test]
fn coefficients_of_one_scheme_are_not_those_of_another() -> Result<()> {
    let vb = VarBuilder::zeros(DType::F64, &Device::Cpu);
    let of_rk4 = Learned::all(Rk4::<()>::TABLEAU, vb)?;
    let x = Tensor::new(&[1.0], &Device::Cpu)?;
    let block = Verner8::shared(|x: &Tensor| x.neg());
    let error = block.step_t(&of_rk4, &x, false).unwrap_err().to_string();
    assert!(error.contains("those of RK4"), "{error}");
    Ok(())
}

/// A step of `x′ = 1` moves by the sum of the weights.
#[test]
fn the_projection_keeps_the_sum_of_the_weights_at_one_after_every_step_of_training() -> Result<()> {
    for name in SCHEMES {
        let residuals = [Residual(Var::from_tensor(&irregular(
            3,
            3,
            1,
            DType::F64,
        )?)?)];
        let block = block(name, &residuals, true);
        let (learned, variable) = learned(Form::Projected, block.tableau(), DType::F64)?;
        let mut optimiser = SGD::new(vec![variable.clone()], 0.1)?;
        let (x, target) = (
            irregular(4, 3, 2, DType::F64)?,
            irregular(4, 3, 3, DType::F64)?,
        );
        for _ in 0..5 {
            let loss = (block.step_t(&learned, &x, true)? - &target)?
                .sqr()?
                .mean_all()?;
            optimiser.step(&horesnet::backward(&loss)?)?;
            let values = learned.values()?;
            let weights = values.iter().filter(|(name, _)| name.starts_with('b'));
            let sum: f64 = weights.map(|(_, b)| b).sum();
            assert!((sum - 1.0).abs() < 1e-14, "{name}: {sum}");
        }
        let moved = variable.abs()?.sum_all()?.to_scalar::<f64>()? > 0.0;
        // The only weight of Euler's scheme is fixed by the projection.
        assert_eq!(moved, name != "euler", "{name}");
    }
    Ok(())
}

#[test]
fn a_projected_block_is_exact_for_a_constant_field_whatever_is_learned() -> Result<()> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let block = Projected::shared(|x: &Tensor| x.ones_like(), vb)?;
    variables.all_vars()[0].set(&irregular(1, 7, 5, DType::F64)?.squeeze(0)?)?;
    let x = Tensor::new(&[2.0, -1.0], &Device::Cpu)?;
    for y in block
        .forward_t(&x, true)?
        .to_vec1::<f64>()?
        .iter()
        .zip([3.0, 0.0])
    {
        assert!((y.0 - y.1).abs() < 1e-15);
    }
    Ok(())
}
