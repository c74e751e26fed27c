//! A whole step of training and an evaluation: 128 images of 3×32×32, one block of each scheme at each of three widths.
//!
//! `cargo bench -p horesnet-train --bench step`. Arguments are schemes.

use candle_core::{DType, Device, Tensor};
use candle_nn::{ModuleT, Optimizer};
use divan::Bencher;
use horesnet_train::{HoResNet, HoResNetConfig, Sgd, SgdConfig, Variables, cross_entropy};

const SCHEMES: [&str; 3] = ["euler", "rk4", "verner8"];
const BATCH: usize = 128;

fn main() {
    divan::main();
}

#[divan::bench(args = SCHEMES)]
fn evaluation(bencher: Bencher, scheme: &str) {
    let (network, _) = network(scheme);
    let (images, _) = batch();
    bencher.bench_local(|| network.forward_t(&images, false).unwrap());
}

#[divan::bench(args = SCHEMES)]
fn training(bencher: Bencher, scheme: &str) {
    let (network, variables) = network(scheme);
    let (images, labels) = batch();
    let config = SgdConfig {
        // So small that the numbers stay what they are, however long this runs.
        learning_rate: 1e-9,
        weight_decay: 5e-4,
        ..SgdConfig::default()
    };
    let mut sgd = Sgd::named(variables.trained(), config).unwrap();
    bencher.bench_local(|| {
        let logits = network.forward_t(&images, true).unwrap();
        let loss = cross_entropy(&logits, &labels, 0.0).unwrap();
        sgd.backward_step(&loss).unwrap();
    });
}

fn network(scheme: &str) -> (HoResNet, Variables) {
    let config = HoResNetConfig {
        scheme: scheme.to_owned(),
        widths: vec![16, 32, 64],
        blocks: vec![1, 1, 1],
        in_channels: 3,
        stem_stride: 2,
        ..HoResNetConfig::default()
    };
    let variables = Variables::seeded(0);
    let network = HoResNet::new(&config, variables.builder(DType::F32, &Device::Cpu)).unwrap();
    (network, variables)
}

/// Images and labels.
fn batch() -> (Tensor, Tensor) {
    let images = Tensor::randn(0f32, 1.0, (BATCH, 3, 32, 32), &Device::Cpu).unwrap();
    let labels: Vec<u32> = (0..BATCH as u32).map(|i| i % 10).collect();
    (images, Tensor::new(labels, &Device::Cpu).unwrap())
}
