//! Stochastic depth and dropout: of training only, drawn from the state, and again the same in the same step.

use horesnet_train::{CfResNetConfig, HoResNetConfig, NetworkConfig, Norm};

use super::{config, images, numbers, precise};

/// The network's logits in training at some steps, and in the test.
fn logits(config: impl Into<NetworkConfig>, steps: &[usize]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let (network, _) = precise(config);
    let xs = images(&[4, 1, 6, 6]);
    let test = numbers(&network.forward_t(&xs, false).unwrap());
    let train = steps.iter().map(|step| {
        network.state().set(3, *step, 0.0);
        numbers(&network.forward_t(&xs, true).unwrap())
    });
    (train.collect(), test)
}

/// Without statistics of the batch, training differs from the test in nothing but chance.
fn clean(drop_path: f64, dropout: f64) -> HoResNetConfig {
    HoResNetConfig {
        norm: Norm::Group(2),
        drop_path,
        dropout,
        ..config("midpoint", &[2, 4], &[2, 1])
    }
}

#[test]
fn nothing_is_left_out_unless_asked_for_and_never_in_the_test() {
    let (train, test) = logits(clean(0.0, 0.0), &[0]);
    assert_eq!(train[0], test);
    for config in [clean(0.5, 0.0), clean(0.0, 0.5)] {
        let (train, same) = logits(config, &[0]);
        assert_eq!(same, test);
        assert_ne!(train[0], test);
    }
}

#[test]
fn a_step_draws_the_same_again_and_another_step_other() {
    for config in [clean(0.5, 0.0), clean(0.0, 0.5)] {
        let (train, _) = logits(config, &[7, 8, 7]);
        assert_eq!(train[0], train[2]);
        assert_ne!(train[0], train[1]);
    }
}

#[test]
fn the_published_network_has_them_too() {
    let config = |drop_path, dropout| CfResNetConfig {
        in_channels: 1,
        widths: vec![2, 4],
        blocks: vec![1, 1],
        drop_path,
        dropout,
        ..CfResNetConfig::default()
    };
    let (plain, test) = logits(config(0.0, 0.0), &[0]);
    for config in [config(0.9, 0.0), config(0.0, 0.5)] {
        let (train, same) = logits(config, &[0]);
        assert_eq!(same, test);
        assert_ne!(train[0], plain[0]);
    }
}
