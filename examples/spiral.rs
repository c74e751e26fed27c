//! Shared functions: a neural ODE learns a spiral from points on it, and its order shows when the step size halves.
//!
//! One residual function serves all stages of all steps, so a block is a step of the ODE `x′ = F(x)`, and everything proven
//! about the scheme holds for it.
//!
//! Run it with `cargo run --release --example spiral`.

use horesnet::candle_core::{DType, Device, Result, Tensor};
use horesnet::candle_nn::{AdamW, Linear, Module, ModuleT, Optimizer, VarBuilder, VarMap, linear};
use horesnet::{Block, backward, ho_block};

ho_block!(euler);
ho_block!(midpoint);
ho_block!(rk4);

/// The field `F`: one hidden layer.
#[derive(Clone)]
struct Field(Linear, Linear);

impl ModuleT for Field {
    fn forward_t(&self, xs: &Tensor, _train: bool) -> Result<Tensor> {
        self.1.forward(&self.0.forward(xs)?.tanh()?)
    }
}

/// Points of the spiral `x′ = −x/10 + 2y, y′ = −2x − y/10` at times 0, `interval`, …: `[points, 2]`.
fn spiral(points: usize, interval: f64) -> Result<Tensor> {
    let place = |i: usize| {
        let t = i as f64 * interval;
        let radius = 2.0 * (-0.1 * t).exp();
        [radius * (2.0 * t).cos(), -radius * (2.0 * t).sin()]
    };
    let places: Vec<f64> = (0..points).flat_map(place).collect();
    Tensor::from_vec(places, (points, 2), &Device::Cpu)
}

/// Takes `steps` steps over a total time of `time`.
fn solve(block: &impl Block, time: f64, steps: usize, x: &Tensor) -> Result<Tensor> {
    let h = time / steps as f64;
    (0..steps).try_fold(x.clone(), |x, _| block.step_t(&h, &x, true))
}

fn mean_square(xs: &Tensor, ys: &Tensor) -> Result<Tensor> {
    (xs - ys)?.sqr()?.mean_all()
}

/// The results of a run.
pub(crate) struct Shown {
    /// The error of the fit, at every tenth of the training.
    pub(crate) errors: Vec<f64>,
    /// For each scheme, its name and the factor by which halving `h` divides its error, about `2^order`.
    pub(crate) gains: Vec<(&'static str, f64)>,
}

pub(crate) fn run(updates: usize) -> Result<Shown> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let field = Field(
        linear(2, 32, vb.pp("hidden"))?,
        linear(32, 2, vb.pp("out"))?,
    );
    repeatable(&variables)?;
    let interval = 0.25;
    let points = spiral(60, interval)?;
    let (from, to) = (points.narrow(0, 0, 59)?, points.narrow(0, 1, 59)?);

    // Fit: from each point, two steps of RK4 lead to the next.
    let block = Rk4::shared(field.clone());
    let mut optimiser = AdamW::new_lr(variables.all_vars(), 0.01)?;
    let mut errors = Vec::new();
    for update in 0..updates {
        let loss = mean_square(&solve(&block, interval, 2, &from)?, &to)?;
        if update % updates.div_ceil(10) == 0 {
            errors.push(loss.to_scalar::<f64>()?.sqrt());
        }
        optimiser.step(&backward(&loss)?)?;
    }

    // Order: solve the fitted field in 8 and in 16 steps, and compare with a solution in 512.
    let start = points.narrow(0, 0, 1)?;
    let exact = solve(&block, 1.0, 512, &start)?;
    let gain = |block: &dyn Fn(usize) -> Result<Tensor>| -> Result<f64> {
        let error = |steps| mean_square(&block(steps)?, &exact)?.to_scalar::<f64>();
        Ok((error(8)? / error(16)?).sqrt())
    };
    let (euler, midpoint) = (Euler::shared(field.clone()), Midpoint::shared(field));
    let gains = vec![
        ("Euler", gain(&|steps| solve(&euler, 1.0, steps, &start))?),
        (
            "midpoint",
            gain(&|steps| solve(&midpoint, 1.0, steps, &start))?,
        ),
        ("RK4", gain(&|steps| solve(&block, 1.0, steps, &start))?),
    ];
    Ok(Shown { errors, gains })
}

/// Sets irregular initial weights, the same in every run.
fn repeatable(variables: &VarMap) -> Result<()> {
    let named = variables.data().lock().expect("nothing has panicked");
    let mut named: Vec<_> = named.iter().collect();
    named.sort_by_key(|(name, _)| name.as_str());
    for (seed, (_, var)) in named.into_iter().enumerate() {
        let scale = 1.0 / (*var.dims().last().unwrap_or(&1) as f64).sqrt();
        let value = |i: usize| ((i + 97 * seed + 1) as f64 * 12.9898).sin() * scale;
        let values: Vec<f64> = (0..var.elem_count()).map(value).collect();
        var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu)?)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let shown = run(400)?;
    let errors: Vec<String> = shown.errors.iter().map(|e| format!("{e:.4}")).collect();
    println!("error of the fit during training: {}", errors.join(" "));
    for (scheme, gain) in shown.gains {
        println!("{scheme}: halving the step size divides the error by {gain:.1}");
    }
    Ok(())
}
