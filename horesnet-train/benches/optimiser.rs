//! A step of AdamW on the variables of a network, from given gradients: this crate's and candle's.
//!
//! `cargo bench -p horesnet-train --bench optimiser`.

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Optimizer, ParamsAdamW};
use divan::Bencher;
use horesnet_train::{AdamW, AdamWConfig, Variables, Vit, VitConfig};

fn main() {
    divan::main();
}

#[divan::bench]
fn adamw(bencher: Bencher) {
    bench::<AdamW>(bencher, AdamWConfig::default());
}

#[divan::bench]
fn adamw_of_candle(bencher: Bencher) {
    bench::<candle_nn::AdamW>(bencher, ParamsAdamW::default());
}

/// Benches steps on 6.3 million weights: eight encoders of width 256.
fn bench<O: Optimizer>(bencher: Bencher, config: O::Config) {
    let network = VitConfig {
        width: 256,
        blocks: 8,
        ..VitConfig::default()
    };
    let variables = Variables::seeded(0);
    Vit::new(&network, variables.builder(DType::F32, &Device::Cpu)).unwrap();
    let vars: Vec<Var> = variables
        .trained()
        .into_iter()
        .map(|(_, var)| var)
        .collect();
    let gradients = gradients(&vars);
    let mut optimiser = O::new(vars, config).unwrap();
    optimiser.set_learning_rate(1e-9);
    bencher.bench_local(|| optimiser.step(&gradients).unwrap());
}

/// The gradients of the sum of all squares.
fn gradients(vars: &[Var]) -> GradStore {
    let squares = vars.iter().map(|var| var.sqr().unwrap().sum_all().unwrap());
    let loss = squares.reduce(|sum, square| (sum + square).unwrap());
    loss.unwrap_or_else(|| Tensor::zeros((), DType::F32, &Device::Cpu).unwrap())
        .backward()
        .unwrap()
}
