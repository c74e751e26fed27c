//! Weights as safetensors files: ours, and those of `PyTorch`.

use std::collections::HashMap;
use std::fs;

use candle_core::{DType, Tensor};
use candle_nn::ModuleT;
use horesnet_train::{
    CfResNetConfig, Describe, Error, NetworkConfig, Variables, load_weights, save_weights,
};

use super::{CPU, distance, images, numbers};

fn tiny(scheme: &str) -> NetworkConfig {
    let config = CfResNetConfig {
        scheme: scheme.to_owned(),
        widths: vec![2, 4, 8],
        ..CfResNetConfig::default()
    };
    config.into()
}

fn refused(path: &std::path::Path, config: &NetworkConfig) -> String {
    let error = load_weights(path, config).err().unwrap();
    assert!(matches!(error, Error::File { .. }), "{error}");
    error.to_string()
}

#[test]
fn what_is_saved_is_loaded() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("weights.safetensors");
    let variables = Variables::seeded(3);
    let network = tiny("rk4")
        .build(variables.builder(DType::F32, &CPU))
        .unwrap();
    let xs = images(&[2, 3, 8, 8]);
    network.forward_t(&xs, true).unwrap();
    save_weights(&path, &variables).unwrap();
    let (loaded, same) = load_weights(&path, &tiny("rk4")).unwrap();
    assert_eq!(same.all().len(), variables.all().len());
    let logits = |network: &dyn ModuleT| numbers(&network.forward_t(&xs, false).unwrap());
    assert_eq!(logits(&*loaded), logits(&*network));
}

#[test]
fn weights_of_pytorch_give_its_logits() {
    // Made by `facts/published.py save rk4 facts/pytorch.safetensors 2,4,8`, which printed the logits of four images.
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/facts/pytorch.safetensors"
    );
    let expected: Vec<f64> = serde_json::from_str(include_str!("../facts/pytorch.json")).unwrap();
    let (network, variables) = load_weights(path, &tiny("rk4")).unwrap();
    let logits = network
        .forward_t(&super::parity::pictures(), false)
        .unwrap();
    assert!(distance(&numbers(&logits), &expected) < 1e-5);
    // Running statistics are loaded, counts of batches are passed over.
    let names: Vec<String> = variables.all().into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name == "stem.norm.running_var"));
    assert!(
        !names
            .iter()
            .any(|name| name.ends_with("num_batches_tracked"))
    );
}

#[test]
fn every_name_that_does_not_fit_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("weights.safetensors");
    let variables = Variables::seeded(0);
    tiny("midpoint")
        .build(variables.builder(DType::F32, &CPU))
        .unwrap();
    let all = variables.all().into_iter();
    let mut tensors: HashMap<String, Tensor> =
        all.map(|(name, var)| (name, var.into_inner())).collect();
    tensors.remove("stem.conv.weight");
    tensors.remove("head.linear.bias");
    tensors.insert(
        "extra".to_owned(),
        Tensor::zeros(1, DType::F32, &CPU).unwrap(),
    );
    tensors.insert(
        "other".to_owned(),
        Tensor::zeros(1, DType::F32, &CPU).unwrap(),
    );
    tensors.insert(
        "stem.norm.bias".to_owned(),
        Tensor::zeros(3, DType::F32, &CPU).unwrap(),
    );
    tensors.insert(
        "stem.norm.weight".to_owned(),
        Tensor::zeros(2, DType::U32, &CPU).unwrap(),
    );
    candle_core::safetensors::save(&tensors, &path).unwrap();
    let message = refused(&path, &tiny("midpoint"));
    for part in [
        "it lacks `head.linear.bias`, `stem.conv.weight`;",
        "`stem.norm.bias` (F32 [3] in place of F32 [2]), `stem.norm.weight` (U32 [2] in place of F32 [2]);",
        "the network has no",
        "`extra`",
        "`other`",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn other_schemes_say_what_differs() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("weights.safetensors");
    let variables = Variables::seeded(0);
    tiny("midpoint")
        .build(variables.builder(DType::F32, &CPU))
        .unwrap();
    save_weights(&path, &variables).unwrap();
    assert!(
        refused(&path, &tiny("kutta3")).contains("it lacks `group1.block1.stage3.conv1.weight`")
    );
    assert!(refused(&path, &tiny("euler")).contains("the network has no `group1.block1.stage2."));
}

#[test]
fn numbers_of_other_widths_are_converted() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("weights.safetensors");
    let variables = Variables::seeded(0);
    tiny("euler")
        .build(variables.builder(DType::F64, &CPU))
        .unwrap();
    save_weights(&path, &variables).unwrap();
    let (_, loaded) = load_weights(&path, &tiny("euler")).unwrap();
    for ((_, wide), (name, var)) in std::iter::zip(variables.all(), loaded.all()) {
        assert_eq!(var.dtype(), DType::F32);
        assert!(distance(&numbers(&var), &numbers(&wide)) < 1e-6, "{name}");
    }
}

#[test]
fn files_that_are_none_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("weights.safetensors");
    let variables = Variables::seeded(0);
    tiny("euler")
        .build(variables.builder(DType::F32, &CPU))
        .unwrap();
    save_weights(&path, &variables).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in [0, 7, 8, 100, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(refused(&path, &tiny("euler")).contains("is not a safetensors file or is damaged"));
    }
    fs::write(&path, vec![0xff; 1 << 20]).unwrap();
    assert!(refused(&path, &tiny("euler")).contains("bytes long"));
    assert!(refused(temporary.path(), &tiny("euler")).contains("not a regular file"));
}
