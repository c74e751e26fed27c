//! A custom residual function: the bottleneck of ResNet-50, built from fast layers, in an RK4 block.
//!
//! Inside the network, images are channels-last, `[batch, height, width, channels]`, as the layers of `horesnet::layers`
//! expect. The network learns to tell vertical stripes from horizontal ones.
//!
//! Run it with `cargo run --release --example bottleneck`.

use horesnet::candle_core::{DType, Device, Result, Tensor};
use horesnet::candle_nn::{
    AdamW, Conv2dConfig, Linear, Module, ModuleT, Optimizer, VarBuilder, VarMap, batch_norm,
    conv2d_no_bias, linear, loss::cross_entropy,
};
use horesnet::layers::{Conv2d, NormReluConv, channels_last, global_avg_pool};
use horesnet::{backward, ho_block};

ho_block!(rk4);

/// The number of channels of the block, and between the convolutions of a stage.
const CHANNELS: usize = 32;
const NARROW: usize = 8;

/// A square convolution that keeps height and width.
fn conv(
    kernel: usize,
    from: usize,
    to: usize,
    vb: VarBuilder,
) -> Result<horesnet::candle_nn::Conv2d> {
    let config = Conv2dConfig {
        padding: kernel / 2,
        ..Conv2dConfig::default()
    };
    conv2d_no_bias(from, to, kernel, config, vb)
}

/// Convolutions 1×1 to fewer channels, 3×3, and 1×1 back, each fused with the normalisation and `ReLU` before it.
struct Bottleneck([NormReluConv; 3]);

impl Bottleneck {
    fn new(vb: &VarBuilder) -> Result<Self> {
        let unit = |kernel, from, to, vb: VarBuilder| {
            let norm = batch_norm(from, 1e-5, vb.pp("norm"))?;
            Ok::<_, horesnet::candle_core::Error>(NormReluConv::new(
                norm,
                conv(kernel, from, to, vb.pp("conv"))?,
            ))
        };
        Ok(Self([
            unit(1, CHANNELS, NARROW, vb.pp(0))?,
            unit(3, NARROW, NARROW, vb.pp(1))?,
            unit(1, NARROW, CHANNELS, vb.pp(2))?,
        ]))
    }
}

impl ModuleT for Bottleneck {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        { self.0.iter() }.try_fold(xs.clone(), |xs, unit| unit.forward_t(&xs, train))
    }
}

struct Network {
    stem: Conv2d,
    block: Rk4<Bottleneck>,
    head: Linear,
}

impl Network {
    fn new(vb: &VarBuilder) -> Result<Self> {
        Ok(Self {
            stem: conv(3, 1, CHANNELS, vb.pp("stem"))?.into(),
            block: Rk4::build(|stage| Bottleneck::new(&vb.pp(stage)))?,
            head: linear(CHANNELS, 2, vb.pp("head"))?,
        })
    }

    /// `[batch, 1, height, width]` to `[batch, 2]`.
    fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let xs = self.stem.forward(&channels_last(images)?)?;
        let xs = self.block.forward_t(&xs, train)?;
        self.head.forward(&global_avg_pool(&xs)?)
    }
}

/// 12×12 images of stripes, vertical and horizontal in turn, and their classes.
///
/// The phase of an image depends on its number, from `first` on, so another `first` gives other images.
fn stripes(first: usize, count: usize) -> Result<(Tensor, Tensor)> {
    let pixel = |image: usize, y: usize, x: usize| {
        let along = if image.is_multiple_of(2) { x } else { y };
        (along as f32 * 1.6 + image as f32 * 2.3).sin()
    };
    let image = |image: usize| (0..12).flat_map(move |y| (0..12).map(move |x| pixel(image, y, x)));
    let pixels: Vec<f32> = (first..first + count).flat_map(image).collect();
    let classes: Vec<u32> = (first..first + count).map(|i| (i % 2) as u32).collect();
    let images = Tensor::from_vec(pixels, (count, 1, 12, 12), &Device::Cpu)?;
    Ok((images, Tensor::new(classes, &Device::Cpu)?))
}

/// Trains for `steps` steps, and returns the share of new images that are classified correctly.
pub(crate) fn learn(steps: usize) -> Result<f64> {
    let variables = VarMap::new();
    let network = Network::new(&VarBuilder::from_varmap(
        &variables,
        DType::F32,
        &Device::Cpu,
    ))?;
    let mut optimiser = AdamW::new_lr(variables.all_vars(), 0.01)?;
    for step in 0..steps {
        let (images, classes) = stripes(32 * step, 32)?;
        let loss = cross_entropy(&network.forward(&images, true)?, &classes)?;
        optimiser.step(&backward(&loss)?)?;
    }
    let (images, classes) = stripes(100_000, 100)?;
    let right = network.forward(&images, false)?.argmax(1)?.eq(&classes)?;
    right.to_dtype(DType::F64)?.mean_all()?.to_scalar()
}

fn main() -> Result<()> {
    let weights = |units: &[(usize, usize, usize)]| -> usize {
        { units.iter() }
            .map(|(kernel, from, to)| kernel * kernel * from * to)
            .sum()
    };
    let bottleneck = [
        (1, CHANNELS, NARROW),
        (3, NARROW, NARROW),
        (1, NARROW, CHANNELS),
    ];
    let basic = [(3, CHANNELS, CHANNELS); 2];
    println!(
        "a stage has {} convolution weights; with two 3×3 convolutions it would have {}",
        weights(&bottleneck),
        weights(&basic)
    );
    println!(
        "after 40 steps, {:.0} % of new images are classified correctly",
        100.0 * learn(40)?
    );
    Ok(())
}
