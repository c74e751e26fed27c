//! Networks: what they are made of, what they compute, and what configurations are refused.

mod cfresnet;
mod chance;
mod functions;
mod horesnet;
mod layers;
mod layout;
mod parity;
mod reversible;
mod weights;

use candle_core::{DType, Device, Tensor};
use horesnet_train::{Describe, HoResNet, HoResNetConfig, Network, NetworkConfig, Variables};

pub(crate) const CPU: Device = Device::Cpu;

pub(crate) fn config(scheme: &str, widths: &[usize], blocks: &[usize]) -> HoResNetConfig {
    HoResNetConfig {
        scheme: scheme.to_owned(),
        widths: widths.to_vec(),
        blocks: blocks.to_vec(),
        ..HoResNetConfig::default()
    }
}

pub(crate) fn build(config: &HoResNetConfig) -> (HoResNet, Variables) {
    let variables = Variables::seeded(0);
    let network = HoResNet::new(config, variables.builder(DType::F32, &CPU)).unwrap();
    (network, variables)
}

/// A network in `f64`.
pub(crate) fn precise(config: impl Into<NetworkConfig>) -> (Box<dyn Network>, Variables) {
    let variables = Variables::seeded(0);
    let network = config
        .into()
        .build(variables.builder(DType::F64, &CPU))
        .unwrap();
    (network, variables)
}

/// Images of numbers between -1 and 1 that have no pattern.
pub(crate) fn images(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let values: Vec<f64> = (1..=count).map(|n| (0.37 * (n * n) as f64).sin()).collect();
    Tensor::from_vec(values, shape, &CPU).unwrap()
}

pub(crate) fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
    flat.to_vec1().unwrap()
}

/// The largest difference, relative to the largest number expected or to 1.
pub(crate) fn distance(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
    let apart = std::iter::zip(found, expected).map(|(a, b)| (a - b).abs());
    // NaN must not pass as small.
    apart.fold(0.0, |m, d| if d <= m { m } else { d }) / scale
}

pub(crate) fn refused(config: impl Into<NetworkConfig>) -> String {
    config.into().validate().unwrap_err().to_string()
}
