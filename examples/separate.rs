//! Separate stages: the same eight residual functions as eight Euler blocks and as two RK4 blocks.
//!
//! Each stage of a block has weights of its own, so the two networks have the same layers and the same number of
//! parameters; only the wiring between the layers differs. Both learn to tell two spiral arms apart.
//!
//! Run it with `cargo run --release --example separate`.

use horesnet::candle_core::{DType, Device, Result, Tensor};
use horesnet::candle_nn::{
    AdamW, Linear, Module, ModuleT, Optimizer, VarBuilder, VarMap, linear, loss::cross_entropy,
};
use horesnet::{Block, backward, ho_block};

ho_block!(euler); // struct Euler<F>
ho_block!(rk4); // struct Rk4<F>

const WIDTH: usize = 16;

/// The residual function of a stage: two linear layers around a hyperbolic tangent.
struct Residual(Linear, Linear);

impl Residual {
    fn new(vb: &VarBuilder) -> Result<Self> {
        let (first, second) = (vb.pp("first"), vb.pp("second"));
        Ok(Self(
            linear(WIDTH, WIDTH, first)?,
            linear(WIDTH, WIDTH, second)?,
        ))
    }
}

impl ModuleT for Residual {
    fn forward_t(&self, xs: &Tensor, _train: bool) -> Result<Tensor> {
        self.1.forward(&self.0.forward(xs)?.tanh()?)
    }
}

/// Blocks between a layer that widens the points and one that classifies them.
struct Network {
    enter: Linear,
    blocks: Vec<Box<dyn Block>>,
    leave: Linear,
}

impl Network {
    /// `build` calls its closure once per stage; a `VarBuilder` names the weights.
    fn new(scheme: &str, vb: &VarBuilder) -> Result<Self> {
        let stage = |block: usize, stage: usize| Residual::new(&vb.pp(block * 4 + stage));
        let blocks = match scheme {
            "euler" => (0..8)
                .map(|i| Ok(Box::new(Euler::build(|_| stage(0, i))?) as Box<dyn Block>))
                .collect::<Result<_>>()?,
            _ => (0..2)
                .map(|i| Ok(Box::new(Rk4::build(|j| stage(i, j))?) as Box<dyn Block>))
                .collect::<Result<_>>()?,
        };
        Ok(Self {
            enter: linear(2, WIDTH, vb.pp("enter"))?,
            blocks,
            leave: linear(WIDTH, 2, vb.pp("leave"))?,
        })
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let mut ys = self.enter.forward(xs)?;
        for block in &self.blocks {
            ys = block.step_t(&0.5, &ys, true)?;
        }
        self.leave.forward(&ys)
    }
}

/// Points on two spiral arms, `[points, 2]`, and the arm of each.
fn spirals(points: usize) -> Result<(Tensor, Tensor)> {
    let place = |i: usize| {
        let (arm, t) = ((i % 2) as f64, i as f64 / points as f64);
        let angle = 4.0 * t + arm * std::f64::consts::PI;
        let radius = 0.3 + 2.0 * t;
        [radius * angle.cos(), radius * angle.sin()].map(|x| x as f32)
    };
    let places: Vec<f32> = (0..points).flat_map(place).collect();
    let arms: Vec<u32> = (0..points as u32).map(|i| i % 2).collect();
    let xs = Tensor::from_vec(places, (points, 2), &Device::Cpu)?;
    Ok((xs, Tensor::new(arms, &Device::Cpu)?))
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
        let values = Tensor::from_vec(values, var.shape(), &Device::Cpu)?;
        var.set(&values.to_dtype(var.dtype())?)?;
    }
    Ok(())
}

/// Trains for `steps` steps, and returns the number of parameters and the share of points classified correctly.
pub(crate) fn learn(scheme: &str, steps: usize) -> Result<(usize, f64)> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let network = Network::new(scheme, &vb)?;
    repeatable(&variables)?;
    let (xs, arms) = spirals(200)?;
    let mut optimiser = AdamW::new_lr(variables.all_vars(), 0.01)?;
    for _ in 0..steps {
        let loss = cross_entropy(&network.forward(&xs)?, &arms)?;
        optimiser.step(&backward(&loss)?)?; // candle's `loss.backward()` gives the same, but is slower
    }
    let right = network.forward(&xs)?.argmax(1)?.eq(&arms)?;
    let right = right.to_dtype(DType::F64)?.mean_all()?.to_scalar()?;
    let parameters = variables
        .all_vars()
        .iter()
        .map(|var| var.elem_count())
        .sum();
    Ok((parameters, right))
}

fn main() -> Result<()> {
    for (scheme, blocks) in [("euler", 8), ("rk4", 2)] {
        let (parameters, right) = learn(scheme, 150)?;
        println!(
            "{blocks} blocks of {scheme}: {parameters} parameters, {:.1} % of the points correct",
            100.0 * right
        );
    }
    Ok(())
}
