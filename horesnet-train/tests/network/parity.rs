//! The published network against the same network in `PyTorch`: logits, loss, gradients, running statistics.
//!
//! `facts/published.py` has made `facts/published.json`; both sides take weights and images from one formula.

use std::collections::BTreeMap;

use candle_core::{DType, Tensor};
use candle_nn::ModuleT;
use horesnet_train::{CfResNet, CfResNetConfig, Describe, Variables, cross_entropy};
use serde::Deserialize;

use super::{CPU, distance, numbers};

#[derive(Deserialize)]
struct Facts {
    blocks: Vec<usize>,
    parameters: usize,
    test: Vec<f64>,
    train: Vec<f64>,
    loss: f64,
    gradients: BTreeMap<String, [f64; 4]>,
    statistics: BTreeMap<String, [f64; 4]>,
}

/// `sin(0.37·n² + phase)` for n = 1, 2, …
fn waves(name: &str, count: usize) -> Vec<f64> {
    let phase: usize = name
        .bytes()
        .enumerate()
        .map(|(i, byte)| usize::from(byte) * (i + 1))
        .sum();
    let phase = (phase % 997) as f64;
    (1..=count)
        .map(|n| (0.37 * (n * n) as f64 + phase).sin())
        .collect()
}

/// The weights of the formula, rounded to `f32`.
fn fill(variables: &Variables) {
    for (name, var) in variables.all() {
        let fan_in: usize = var.dims().iter().skip(1).product();
        let value = |wave: f64| {
            let value = if var.rank() > 1 {
                wave * (4.0 / fan_in as f64).sqrt()
            } else if name.ends_with("running_var") {
                1.0 + 0.5 * wave
            } else if name.contains("norm") && name.ends_with("weight") {
                1.0 + 0.1 * wave
            } else {
                0.1 * wave
            };
            value as f32
        };
        let values: Vec<f32> = waves(&name, var.elem_count())
            .into_iter()
            .map(value)
            .collect();
        let tensor = Tensor::from_vec(values, var.shape(), &CPU).unwrap();
        var.set(&tensor.to_dtype(var.dtype()).unwrap()).unwrap();
    }
}

/// Four images `[4, 3, 16, 16]` of the formula.
pub(crate) fn pictures() -> Tensor {
    let values = waves("images", 4 * 3 * 16 * 16).into_iter();
    let values: Vec<f32> = values.map(|wave| wave as f32).collect();
    Tensor::from_vec(values, (4, 3, 16, 16), &CPU).unwrap()
}

/// Norm, first, middle and last entry.
fn few(tensor: &Tensor) -> [f64; 4] {
    let all = numbers(tensor);
    let norm = all.iter().map(|v| v * v).sum::<f64>().sqrt();
    [norm, all[0], all[all.len() / 2], all[all.len() - 1]]
}

fn agrees(scheme: &str, dtype: DType, tolerance: f64) {
    let mut all: BTreeMap<String, Facts> =
        serde_json::from_str(include_str!("../facts/published.json")).unwrap();
    let facts = all.remove(scheme).unwrap();
    let config = CfResNetConfig {
        scheme: scheme.to_owned(),
        blocks: facts.blocks,
        ..CfResNetConfig::default()
    };
    let variables = Variables::seeded(0);
    let network = CfResNet::new(&config, variables.builder(dtype, &CPU)).unwrap();
    fill(&variables);
    assert_eq!(variables.parameters(), facts.parameters);
    assert_eq!(config.parameters().unwrap(), facts.parameters);

    let images = pictures();
    let near = |what: &str, found: &[f64], expected: &[f64]| {
        let apart = distance(found, expected);
        assert!(apart < tolerance, "{scheme} {what}: {apart}");
    };
    let test = network.forward_t(&images, false).unwrap();
    near("test", &numbers(&test), &facts.test);
    let train = network.forward_t(&images, true).unwrap();
    near("train", &numbers(&train), &facts.train);
    let labels = Tensor::new(&[3_u32, 1, 4, 1], &CPU).unwrap();
    let loss = cross_entropy(&train, &labels, 0.0).unwrap();
    near("loss", &numbers(&loss), &[facts.loss]);

    let gradients = horesnet::backward(&loss).unwrap();
    let (mut trained, mut kept) = (facts.gradients, facts.statistics);
    for (name, var) in variables.all() {
        if let Some(expected) = trained.remove(&name) {
            near(&name, &few(gradients.get(&var).unwrap()), &expected);
        } else {
            near(&name, &few(&var), &kept.remove(&name).unwrap());
        }
    }
    assert!(trained.is_empty() && kept.is_empty());
}

#[test]
fn rk4_is_what_pytorch_computes() {
    agrees("rk4", DType::F32, 1e-4);
    agrees("rk4", DType::F64, 1e-9);
}

#[test]
fn euler_is_what_pytorch_computes() {
    agrees("euler", DType::F32, 1e-4);
    agrees("euler", DType::F64, 1e-9);
}

#[test]
fn verner8_is_what_pytorch_computes() {
    // Coefficients above 600 multiply what `f32` rounds: there the two agree to a few thousandths only.
    agrees("verner8", DType::F64, 1e-9);
}
