//! Learned coefficients: a block starts as Heun's scheme, and training changes its coefficients.
//!
//! One step of size 1 with Heun's scheme solves `x′ = −x` with an error of 0.13. Here, only the coefficients of the scheme
//! are learned, so that the step becomes exact for this equation. The weights keep their sum of 1, so the block stays a
//! consistent method for every equation.
//!
//! Run it with `cargo run --release --example learned`.

use horesnet::candle_core::{DType, Device, Result, Tensor};
use horesnet::candle_nn::{Optimizer, SGD, VarBuilder, VarMap};
use horesnet::{Coefficients, backward, ho_block};

// `learned(1)` learns one step size per block, initially 1; `learned(all)` learns every non-zero coefficient.
ho_block!(heun2, coefficients = learned(all, projected));

/// The results of a run.
pub(crate) struct Shown {
    /// The error of a step, before and after.
    pub(crate) errors: [f64; 2],
    /// Each coefficient by its name, before and after.
    pub(crate) values: [Vec<(String, f64)>; 2],
}

pub(crate) fn run(updates: usize) -> Result<Shown> {
    // The builder creates the variable of the coefficients. Variables of residual functions would be next to it.
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let block = Heun2::shared(|x: &Tensor| x.neg(), vb.pp("coefficients"))?;

    let x = Tensor::new(&[1.0, 2.0, -1.5], &Device::Cpu)?;
    let exact = (&x * (-1.0_f64).exp())?;
    let error = || -> Result<Tensor> { (block.increment(&x)? + &x - &exact)?.sqr()?.mean_all() };
    let size = || Ok::<f64, horesnet::candle_core::Error>(error()?.to_scalar::<f64>()?.sqrt());

    let before = (size()?, block.coefficients().values()?);
    let mut optimiser = SGD::new(variables.all_vars(), 0.1)?;
    for _ in 0..updates {
        optimiser.step(&backward(&error()?)?)?;
    }
    let after = (size()?, block.coefficients().values()?);
    Ok(Shown {
        errors: [before.0, after.0],
        values: [before.1, after.1],
    })
}

fn main() -> Result<()> {
    let shown = run(50)?;
    println!(
        "error of a step: {:.1e}, learned: {:.1e}",
        shown.errors[0], shown.errors[1]
    );
    let [before, after] = &shown.values;
    for ((name, before), (_, after)) in std::iter::zip(before, after) {
        println!("{name}: {before:.4}, learned: {after:.4}");
    }
    Ok(())
}
