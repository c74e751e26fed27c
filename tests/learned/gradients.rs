//! Gradients of learned coefficients: those of the chain of candle's own operations, and finite differences.

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use horesnet::candle_nn::ModuleT;
use horesnet::{Block, Learned};

use crate::chain::{Dopri5, Form, Residual, SCHEMES, block, chain, irregular, learned};
use crate::{LearnedMidpoint, LearnedRk4};

const WIDTH: usize = 5;

fn loss(y: &Tensor) -> Result<Tensor> {
    let (rows, columns) = y.dims2()?;
    (y * irregular(rows, columns, 99, y.dtype())?)?.sum_all()
}

/// A block, its input and its variables, all moved from their initial values.
struct Case {
    form: Form,
    block: Box<dyn Block>,
    learned: Learned,
    residuals: Vec<Residual>,
    /// The learned variable, the input, and the variables of the residual functions.
    variables: Vec<Var>,
}

impl Case {
    fn new(name: &str, form: Form, shared: bool, dtype: DType) -> Result<Self> {
        let own = if shared { 1 } else { 3 };
        // Row sums of Verner's matrix are in the hundreds, and would saturate every `tanh`.
        let damping = if name == "verner8" { 500.0 } else { 1.0 };
        let residuals = (0..own).map(|i| {
            let weights = (irregular(WIDTH, WIDTH, i + 1, DType::F64)? / damping)?;
            Ok(Residual(Var::from_tensor(&weights.to_dtype(dtype)?)?))
        });
        let residuals: Vec<Residual> = residuals.collect::<Result<_>>()?;
        let block = block(name, &residuals, shared);
        let (learned, variable) = learned(form, block.tableau(), dtype)?;
        let moved = irregular(1, variable.elem_count(), 7, dtype)?.squeeze(0)?;
        variable.set(&(variable.as_tensor() + (moved * 0.1)?)?)?;
        let x = Var::from_tensor(&irregular(3, WIDTH, 0, dtype)?)?;
        let mut variables = vec![variable, x];
        variables.extend(residuals.iter().map(|residual| residual.0.clone()));
        Ok(Self {
            form,
            block,
            learned,
            residuals,
            variables,
        })
    }

    fn fused(&self) -> Result<Tensor> {
        loss(&self.block.step_t(&self.learned, &self.variables[1], true)?)
    }

    fn plain(&self) -> Result<Tensor> {
        let (variable, x) = (&self.variables[0], &self.variables[1]);
        let tableau = self.block.tableau();
        loss(&chain(self.form, tableau, variable, &self.residuals, x)?)
    }

    fn gradients(&self, store: &GradStore) -> Result<Vec<Tensor>> {
        let all = self.variables.iter();
        // A variable that no term depends on has no gradient; the chain gives zeros for it.
        all.map(|var| {
            store
                .get(var)
                .map_or_else(|| var.zeros_like(), |g| Ok(g.clone()))?
                .to_dtype(DType::F64)
        })
        .collect()
    }
}

fn norm(x: &Tensor) -> Result<f64> {
    x.to_dtype(DType::F64)?
        .sqr()?
        .sum_all()?
        .sqrt()?
        .to_scalar()
}

fn difference(found: &[Tensor], expected: &[Tensor]) -> Result<f64> {
    let mut largest = 0.0_f64;
    for (a, b) in found.iter().zip(expected) {
        // The gradient of Euler's one projected weight is 0.
        largest = largest.max(norm(&(a - b)?)? / norm(b)?.max(1e-3));
    }
    Ok(largest)
}

fn each(mut check: impl FnMut(&str, Form, bool) -> Result<()>) -> Result<()> {
    for name in SCHEMES {
        for form in Form::ALL {
            for shared in [false, true] {
                check(name, form, shared)?;
            }
        }
    }
    Ok(())
}

#[test]
fn gradients_are_those_of_the_chain_with_either_backward() -> Result<()> {
    each(|name, form, shared| {
        let case = Case::new(name, form, shared, DType::F64)?;
        let expected = case.gradients(&case.plain()?.backward()?)?;
        for store in [
            case.fused()?.backward()?,
            horesnet::backward(&case.fused()?)?,
        ] {
            let found = difference(&case.gradients(&store)?, &expected)?;
            assert!(
                found < 1e-11,
                "{name}, {form:?}, shared {shared}: {found:e}"
            );
        }
        Ok(())
    })
}

/// They agree to 1e-6. Where large coefficients cancel, rounding alone exceeds this; there, the block is as close as the
/// chain to the gradients of the same numbers in `f64`.
#[test]
fn gradients_in_f32_are_those_of_the_chain() -> Result<()> {
    each(|name, form, shared| {
        let case = Case::new(name, form, shared, DType::F32)?;
        let fused = case.gradients(&horesnet::backward(&case.fused()?)?)?;
        let plain = case.gradients(&case.plain()?.backward()?)?;
        let found = difference(&fused, &plain)?;
        if found > 1e-6 {
            let wide = Case::new(name, form, shared, DType::F64)?;
            for (wide, narrow) in wide.variables.iter().zip(&case.variables) {
                wide.set(&narrow.to_dtype(DType::F64)?)?;
            }
            let exact = wide.gradients(&wide.plain()?.backward()?)?;
            let (ours, theirs) = (difference(&fused, &exact)?, difference(&plain, &exact)?);
            println!(
                "{name}, {form:?}, shared {shared}: {found:.1e}; fused {ours:.1e}, chain {theirs:.1e}"
            );
            assert!(
                ours <= 2.0 * theirs,
                "{name}, {form:?}, shared {shared}: {ours:e} for {theirs:e}"
            );
        }
        Ok(())
    })
}

/// Stages are rounded to 8 or 11 bits; products and sums of the gradient are not.
#[test]
fn gradients_in_half_precision_are_those_in_f64_to_its_rounding() -> Result<()> {
    for (dtype, rounding) in [(DType::BF16, 2e-2), (DType::F16, 3e-3)] {
        for form in Form::ALL {
            let narrow = Case::new("rk4", form, true, dtype)?;
            let wide = Case::new("rk4", form, true, DType::F64)?;
            for (wide, narrow) in wide.variables.iter().zip(&narrow.variables) {
                wide.set(&narrow.to_dtype(DType::F64)?)?;
            }
            let y = narrow
                .block
                .step_t(&narrow.learned, &narrow.variables[1], true)?;
            let store = horesnet::backward(&loss(&y)?)?;
            assert_eq!(store.get(&narrow.variables[0]).unwrap().dtype(), dtype);
            let found = narrow.gradients(&store)?;
            let expected = wide.gradients(&wide.fused()?.backward()?)?;
            let found = difference(&found[..1], &expected[..1])?;
            assert!(found < rounding, "{dtype:?}, {form:?}: {found:e}");
        }
    }
    Ok(())
}

/// The derivative of `run` in an irregular direction, by the five-point formula.
///
/// Its truncation error is of order 4 in the step, its rounding error of order −1.
fn derivative(variable: &Var, run: &dyn Fn() -> Result<Tensor>) -> Result<(f64, Tensor)> {
    let step = 6e-4;
    let origin = variable.as_tensor().copy()?;
    let direction = irregular(1, origin.elem_count(), 200, DType::F64)?.reshape(origin.shape())?;
    let mut slope = 0.0;
    for (weight, at) in [(1.0, -2.0), (-8.0, -1.0), (8.0, 1.0), (-1.0, 2.0)] {
        variable.set(&(&origin + (&direction * (at * step))?)?)?;
        slope += weight * run()?.to_scalar::<f64>()? / (12.0 * step);
    }
    variable.set(&origin)?;
    Ok((slope, direction))
}

fn is_derivative(what: &str, variable: &Var, run: &dyn Fn() -> Result<Tensor>) -> Result<()> {
    let (slope, direction) = derivative(variable, run)?;
    for store in [run()?.backward()?, horesnet::backward(&run()?)?] {
        let gradient = store.get(variable).expect("a gradient");
        let found = (gradient * &direction)?.sum_all()?.to_scalar::<f64>()?;
        let scale = (norm(gradient)? * norm(&direction)?).max(1e-3);
        let error = (found - slope).abs() / scale;
        assert!(error < 1e-8, "{what}: {found} for {slope}, {error:e}");
    }
    Ok(())
}

#[test]
fn gradients_are_finite_differences() -> Result<()> {
    each(|name, form, shared| {
        let case = Case::new(name, form, shared, DType::F64)?;
        is_derivative(&format!("{name}, {form:?}"), &case.variables[0], &|| {
            case.fused()
        })
    })
}

#[test]
fn a_block_that_is_used_twice_gets_the_gradients_of_both_uses() -> Result<()> {
    for form in Form::ALL {
        let case = Case::new("rk4", form, true, DType::F64)?;
        let run = || {
            let y = case.block.step_t(&case.learned, &case.variables[1], true)?;
            loss(&case.block.step_t(&case.learned, &y, true)?)
        };
        is_derivative(&format!("{form:?}"), &case.variables[0], &run)?;
    }
    Ok(())
}

#[test]
fn nested_blocks_learn_their_own_coefficients() -> Result<()> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let weights = irregular(WIDTH, WIDTH, 1, DType::F64)?;
    let inner = |stage: usize| {
        let weights = weights.clone();
        let field = move |x: &Tensor| x.matmul(&weights)?.tanh();
        LearnedMidpoint::shared(field, vb.pp(stage))
    };
    let block = LearnedRk4::build(inner, vb.clone())?;
    let all = variables.all_vars();
    assert_eq!(all.len(), 5);
    // A nested block contributes its increment, for all values of its coefficients.
    let x = irregular(2, WIDTH, 3, DType::F64)?;
    for (number, variable) in all.iter().enumerate() {
        is_derivative(&number.to_string(), variable, &|| {
            loss(&block.forward_t(&x, true)?)
        })?;
    }
    Ok(())
}

#[test]
fn inputs_and_stages_without_gradients_are_no_obstacle() -> Result<()> {
    for form in Form::ALL {
        let case = Case::new("dopri5", form, true, DType::F64)?;
        let expected = case.gradients(&case.plain()?.backward()?)?;
        let weights = case.variables[2].detach();
        let block = Dopri5::shared(move |x: &Tensor| x.matmul(&weights)?.tanh());
        let x = case.variables[1].detach();
        let y = block.step_t(&case.learned, &x, true)?;
        let found = case.gradients(&horesnet::backward(&loss(&y)?)?)?;
        assert!(difference(&found[..1], &expected[..1])? < 1e-12, "{form:?}");
        // The input and the weights of `case` took no part.
        assert_eq!(norm(&found[1])? + norm(&found[2])?, 0.0);
    }
    Ok(())
}

/// Coefficients that are read for inference are not tracked; the block then behaves like any other.
#[test]
fn coefficients_that_candle_does_not_track_are_numbers() -> Result<()> {
    let case = Case::new("rk4", Form::All, true, DType::F64)?;
    let tensors = [("coefficients".to_owned(), case.variables[0].detach())];
    let vb = VarBuilder::from_tensors(tensors.into(), DType::F64, &Device::Cpu);
    let frozen = Learned::all(case.block.tableau(), vb)?;
    let store = loss(&case.block.step_t(&frozen, &case.variables[1], true)?)?.backward()?;
    let (found, expected) = (
        case.gradients(&store)?,
        case.gradients(&case.plain()?.backward()?)?,
    );
    assert!(difference(&found[1..], &expected[1..])? < 1e-12);
    assert_eq!(norm(&found[0])?, 0.0);
    Ok(())
}
