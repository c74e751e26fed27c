//! Nested blocks: `Rk4<Midpoint<F>>` is a block whose residual functions are blocks.
//!
//! An inner block contributes its increment, the output minus the input. So an inner Euler block changes nothing, and the
//! outer block keeps the order of its scheme, for the vector field that the increments define.
//!
//! Run it with `cargo run --release --example nested`.

use horesnet::candle_core::{DType, Device, Result, Tensor};
use horesnet::candle_nn::{Linear, Module, ModuleT, VarBuilder, VarMap, linear};
use horesnet::ho_block;

ho_block!(euler);
ho_block!(midpoint);
ho_block!(rk4);

/// A residual function with weights of its own.
#[derive(Clone)]
struct Residual(Linear);

impl ModuleT for Residual {
    fn forward_t(&self, xs: &Tensor, _train: bool) -> Result<Tensor> {
        self.0.forward(xs)?.tanh()
    }
}

/// The results of a run.
pub(crate) struct Shown {
    /// The number of residual functions of a block with separate stages at both levels.
    pub(crate) weights: usize,
    /// The largest difference between a block and the same block with Euler's scheme inside.
    pub(crate) distance: f64,
    /// The errors of one step of size 1, 1/2, 1/4 with a shared function.
    pub(crate) errors: Vec<f64>,
}

pub(crate) fn run() -> Result<Shown> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let x = Tensor::new(&[[0.5, -1.0, 0.25]], &Device::Cpu)?;
    let residual = |name: String| linear(3, 3, vb.pp(name)).map(Residual);

    // Separate weights: four midpoint blocks of two residual functions each.
    let block: Rk4<Midpoint<Residual>> =
        Rk4::build(|i| Midpoint::build(|j| residual(format!("stage{i}.stage{j}"))))?;
    block.forward_t(&x, false)?;
    let weights = variables.all_vars().len() / 2; // a weight and a bias each

    // Euler inside: exactly the numbers of the block without it.
    let plain = Rk4::build(|i| residual(format!("stage{i}.stage0")))?;
    let nested = Rk4::build(|i| Euler::build(|_| residual(format!("stage{i}.stage0"))))?;
    let difference = (plain.forward_t(&x, false)? - nested.forward_t(&x, false)?)?;
    let distance = difference.abs()?.max_all()?.to_scalar()?;

    // One shared function, F(x) = −x/2. A midpoint step of size 1 has the increment (1 − 1/2 + 1/8)·x − x = −3x/8,
    // so outside, RK4 solves x′ = −3x/8.
    let block = Rk4::shared(Midpoint::shared(|x: &Tensor| x * -0.5));
    let one = Tensor::new(1.0, &Device::Cpu)?;
    let error = |h: f64| -> Result<f64> {
        let y: f64 = block.step(h, &one)?.to_scalar()?;
        Ok((y - (-0.375 * h).exp()).abs())
    };
    let errors = [1.0, 0.5, 0.25]
        .map(error)
        .into_iter()
        .collect::<Result<_>>()?;
    Ok(Shown {
        weights,
        distance,
        errors,
    })
}

fn main() -> Result<()> {
    let shown = run()?;
    println!("Rk4<Midpoint<F>> has {} residual functions", shown.weights);
    println!("Rk4<Euler<F>> differs from Rk4<F> by {}", shown.distance);
    println!(
        "errors of a step of size 1, 1/2, 1/4, each about 2⁵ times smaller than the one before:"
    );
    for error in shown.errors {
        println!("  {error:.2e}");
    }
    Ok(())
}
