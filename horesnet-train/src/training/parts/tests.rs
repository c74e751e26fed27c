//! Threads in place of processes train the bits of one process.

use candle_core::{DType, Device};

use crate::augment::Augmentation;
use crate::cluster::{Communicator, threads};
use crate::data::{Dataset, Normalisation, Split};
use crate::network::parts::layers::Activation;
use crate::network::variables::Variables;
use crate::network::{CfResNetConfig, Describe, HoResNetConfig, NetworkConfig, VitConfig};
use crate::recompute::Recompute;
use crate::training::{Training, TrainingConfig};

/// Images of noise: 34 to train on, two more than a batch.
fn split() -> Split {
    let set = |count: usize, seed: usize| {
        let pixels = (0..count * 64).map(|i| ((i * 7919 + seed * 104_729) % 2003 % 256) as u8);
        let labels = (0..count).map(|i| (i % 3) as u8);
        Dataset::new("noise", [1, 8, 8], 3, pixels.collect(), labels.collect()).unwrap()
    };
    Split {
        train: set(34, 1),
        validation: None,
        test: set(300, 2),
    }
}

/// Weights and losses after an epoch on this process of `cluster`.
fn trained(
    network: &NetworkConfig,
    config: &TrainingConfig,
    cluster: &dyn Communicator,
) -> Vec<Vec<f32>> {
    let split = split();
    let mut network = network.clone();
    network.fit(split.train.image_shape(), 3);
    let variables = Variables::seeded(config.seed);
    let built = network
        .build(variables.builder(DType::F32, &Device::Cpu))
        .unwrap();
    let normalisation = Normalisation::of(&split.train);
    let training = Training::new(
        built.as_ref(),
        &variables,
        &split,
        normalisation,
        config,
        cluster,
    );
    let history = training.unwrap().run(&mut (), |_, _| Ok(())).unwrap();
    let mut found: Vec<Vec<f32>> = variables
        .tensors()
        .iter()
        .map(|(_, tensor)| tensor.flatten_all().unwrap().to_vec1().unwrap())
        .collect();
    let losses = history
        .iter()
        .flat_map(|m| [m.train_loss as f32, m.held_out().loss as f32]);
    found.push(losses.collect());
    found
}

fn config(parts: usize, accumulate: usize) -> TrainingConfig {
    TrainingConfig {
        // Gradients are sent early from the second epoch on.
        epochs: 2,
        warmup_epochs: 0,
        batch_size: 32,
        ema: 0.5,
        parts,
        accumulate,
        augmentation: Augmentation {
            crop: 1,
            mixup: 0.5,
            ..Augmentation::default()
        },
        ..TrainingConfig::default()
    }
}

/// Asserts that 1, 2 and 4 processes train the same bits; returns them.
fn expect_equal(network: &NetworkConfig, config: &TrainingConfig) -> Vec<Vec<f32>> {
    let on = |size| threads::run(size, |cluster| trained(network, config, cluster));
    let one = on(1).remove(0);
    for size in [2, 4] {
        for (rank, found) in on(size).into_iter().enumerate() {
            assert!(found == one, "process {rank} of {size}");
        }
    }
    one
}

fn horesnet(activation: Activation) -> NetworkConfig {
    let mut config = HoResNetConfig {
        widths: vec![4],
        blocks: vec![1],
        drop_path: 0.3,
        dropout: 0.2,
        ..HoResNetConfig::default()
    };
    config.activation = activation;
    config.into()
}

#[test]
fn residual_networks_with_batch_norm_train_the_same_bits() {
    for accumulate in [1, 2] {
        expect_equal(&horesnet(Activation::Relu), &config(8, accumulate));
    }
    expect_equal(&horesnet(Activation::Silu), &config(4, 1));
    let apart = TrainingConfig {
        norm_sync: false,
        ..config(8, 1)
    };
    expect_equal(&horesnet(Activation::Relu), &apart);
    let network = CfResNetConfig {
        widths: vec![4],
        blocks: vec![1],
        ..CfResNetConfig::default()
    };
    expect_equal(&network.into(), &config(8, 2));
}

#[test]
fn without_batch_norm_accumulation_changes_no_bits() {
    let network: NetworkConfig = VitConfig::default().into();
    let at_once = expect_equal(&network, &config(8, 1));
    assert!(expect_equal(&network, &config(8, 2)) == at_once);
}

#[test]
fn parts_are_the_whole_batch_but_for_rounding() {
    let network = horesnet(Activation::Relu);
    let run =
        |config: &TrainingConfig| threads::run(1, |one| trained(&network, config, one)).remove(0);
    // Augmentation draws other numbers for parts.
    let plain = |parts| TrainingConfig {
        augmentation: Augmentation::default(),
        ..config(parts, 1)
    };
    let (whole, parts) = (run(&plain(1)), run(&plain(8)));
    for (whole, parts) in whole.iter().flatten().zip(parts.iter().flatten()) {
        assert!(
            (whole - parts).abs() < 1e-3 * whole.abs().max(1.0),
            "{whole}, {parts}"
        );
    }
}

#[test]
fn recomputing_changes_no_bits_on_any_number_of_processes() {
    for activation in [Activation::Relu, Activation::Silu] {
        let network = horesnet(activation);
        let plain = expect_equal(&network, &config(8, 1));
        for recompute in [Recompute::Stage, Recompute::Block, Recompute::BlockAndStage] {
            let again = TrainingConfig {
                recompute,
                ..config(8, 1)
            };
            assert!(expect_equal(&network, &again) == plain, "{recompute}");
        }
    }
}
