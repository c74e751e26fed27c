//! Fast layers against candle's own, each in its own layout: convolutions, and batch normalisation with `ReLU`.
//!
//! `cargo bench -p horesnet-runtime --bench layers`. Arguments are numbers of channels. Twice the channels come with half
//! the height and width, as in networks, so that all convolutions take the same number of multiplications.

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{BatchNorm, Conv2d, Conv2dConfig, Module, ModuleT};
use divan::Bencher;
use horesnet_runtime::layers::{self, NormRelu, NormReluConv, channels_last};

const CHANNELS: [usize; 5] = [16, 32, 64, 128, 256];
const BATCH: usize = 16;

fn main() {
    divan::main();
}

/// A 3×3 convolution of stride 1.
#[divan::bench_group]
mod convolution {
    use super::{Bencher, CHANNELS, Module, conv, fast_conv, fast_image, image};

    #[divan::bench(args = CHANNELS)]
    fn fast(bencher: Bencher, channels: usize) {
        let (layer, xs) = (fast_conv(channels, false), fast_image(channels, false));
        bencher.bench_local(|| layer.forward(&xs).unwrap());
    }

    #[divan::bench(args = CHANNELS)]
    fn stock(bencher: Bencher, channels: usize) {
        let (layer, xs) = (conv(channels, false), image(channels, false));
        bencher.bench_local(|| layer.forward(&xs).unwrap());
    }
}

/// A 3×3 convolution of stride 1, with the gradients of the images and of the kernel.
#[divan::bench_group]
mod convolution_and_gradients {
    use super::{Bencher, CHANNELS, Module, conv, fast_conv, fast_image, image};

    #[divan::bench(args = CHANNELS)]
    fn fast(bencher: Bencher, channels: usize) {
        let (layer, xs) = (fast_conv(channels, true), fast_image(channels, true));
        bencher.bench_local(|| layer.forward(&xs).unwrap().backward().unwrap());
    }

    #[divan::bench(args = CHANNELS)]
    fn stock(bencher: Bencher, channels: usize) {
        let (layer, xs) = (conv(channels, true), image(channels, true));
        bencher.bench_local(|| layer.forward(&xs).unwrap().backward().unwrap());
    }
}

/// Normalisation with the statistics of the batch, then `ReLU`, with all gradients.
#[divan::bench_group]
mod norm_relu_and_gradients {
    use super::{Bencher, CHANNELS, ModuleT, NormRelu, fast_image, image, norm};

    #[divan::bench(args = CHANNELS)]
    fn fast(bencher: Bencher, channels: usize) {
        let (layer, xs) = (NormRelu::from(norm(channels)), fast_image(channels, true));
        bencher.bench_local(|| layer.forward_t(&xs, true).unwrap().backward().unwrap());
    }

    #[divan::bench(args = CHANNELS)]
    fn stock(bencher: Bencher, channels: usize) {
        let (layer, xs) = (norm(channels), image(channels, true));
        bencher.bench_local(|| {
            let ys = layer.forward_t(&xs, true).unwrap().relu().unwrap();
            ys.backward().unwrap()
        });
    }
}

/// Normalisation, `ReLU` and convolution, with all gradients: half a residual function.
#[divan::bench_group]
mod unit_and_gradients {
    use super::{Bencher, CHANNELS, Module, ModuleT, NormReluConv, conv, fast_image, image, norm};

    #[divan::bench(args = CHANNELS)]
    fn fast(bencher: Bencher, channels: usize) {
        let layer = NormReluConv::new(norm(channels), conv(channels, true));
        let xs = fast_image(channels, true);
        bencher.bench_local(|| layer.forward_t(&xs, true).unwrap().backward().unwrap());
    }

    #[divan::bench(args = CHANNELS)]
    fn stock(bencher: Bencher, channels: usize) {
        let (norm, conv) = (norm(channels), conv(channels, true));
        let xs = image(channels, true);
        bencher.bench_local(|| {
            let ys = norm.forward_t(&xs, true).unwrap().relu().unwrap();
            conv.forward(&ys).unwrap().backward().unwrap()
        });
    }
}

/// `[batch, channels, height, width]`; 32×32 pixels for 16 channels.
fn image(channels: usize, tracked: bool) -> Tensor {
    let size = 512 / channels;
    variable(random(&[BATCH, channels, size, size]), tracked)
}

/// [`image`] with channels last.
fn fast_image(channels: usize, tracked: bool) -> Tensor {
    variable(channels_last(&image(channels, false)).unwrap(), tracked)
}

fn conv(channels: usize, tracked: bool) -> Conv2d {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let kernel = variable(random(&[channels, channels, 3, 3]), tracked);
    Conv2d::new(kernel, None, config)
}

fn fast_conv(channels: usize, tracked: bool) -> layers::Conv2d {
    conv(channels, tracked).into()
}

fn norm(channels: usize) -> BatchNorm {
    let zeros = Tensor::zeros(channels, DType::F32, &Device::Cpu).unwrap();
    let ones = zeros.ones_like().unwrap();
    let (weight, bias) = (variable(ones.clone(), true), variable(zeros.clone(), true));
    BatchNorm::new(channels, zeros, ones, weight, bias, 1e-5).unwrap()
}

fn random(shape: &[usize]) -> Tensor {
    Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap()
}

fn variable(tensor: Tensor, tracked: bool) -> Tensor {
    if tracked {
        Var::from_tensor(&tensor).unwrap().into_inner()
    } else {
        tensor
    }
}
