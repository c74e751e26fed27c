//! Reversible networks: the blocks of a group as a sequence whose inputs are computed from its output.

use horesnet::backward;
use horesnet_train::{Describe, ExperimentConfig, HoResNetConfig, Norm, Precision, Variables};

use super::{config, images, numbers, precise};

fn reversible(lambda: f64, blocks: &[usize]) -> HoResNetConfig {
    HoResNetConfig {
        reversible: Some(lambda),
        ..config("midpoint", &[4, 8][..blocks.len()], blocks)
    }
}

#[test]
fn groups_of_one_block_are_those_of_the_usual_network() {
    for norm in [Norm::Batch, Norm::Group(2)] {
        let usual = HoResNetConfig {
            norm,
            ..config("midpoint", &[4, 8], &[1, 1])
        };
        let own = HoResNetConfig {
            reversible: Some(0.9),
            ..usual.clone()
        };
        let xs = images(&[3, 1, 6, 6]);
        let [usual, own] = [usual, own].map(|config| {
            let (network, variables) = precise(config);
            let logits = network.forward_t(&xs, true).unwrap();
            let gradients = backward(&logits.sqr().unwrap().sum_all().unwrap()).unwrap();
            (numbers(&logits), all(&variables, &gradients))
        });
        assert!(near(&usual.0, &own.0));
        assert!(near(&usual.1, &own.1));
    }
}

/// The gradients of all variables, one after the other.
fn all(variables: &Variables, gradients: &candle_core::backprop::GradStore) -> Vec<f64> {
    let trained = variables.trained().into_iter();
    let of = |(name, var): (String, candle_core::Var)| {
        numbers(
            gradients
                .get(&var)
                .unwrap_or_else(|| panic!("{name} has no gradient")),
        )
    };
    trained.flat_map(of).collect()
}

fn near(a: &[f64], b: &[f64]) -> bool {
    let size = a.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-10 * size)
}

/// With batch norm, stochastic depth and learned coefficients, in `f64`; the same draws in both calls of a step.
#[test]
fn gradients_are_finite_differences() {
    let config = HoResNetConfig {
        drop_path: 0.4,
        coefficients: "learned".parse().unwrap(),
        ..reversible(0.9, &[3, 2])
    };
    let (network, variables) = precise(config);
    network.state().set(1, 5, 0.0);
    let xs = images(&[4, 1, 6, 6]);
    let loss = || {
        let logits = network.forward_t(&xs, true).unwrap();
        logits.sqr().unwrap().sum_all().unwrap()
    };
    let gradients = backward(&loss()).unwrap();
    for (name, var) in variables.trained() {
        let gradient = numbers(gradients.get(&var).unwrap())[0];
        let before = var.as_detached_tensor().copy().unwrap();
        let moved = |by: f64| {
            let mut entries = numbers(&before);
            entries[0] += by;
            let moved = candle_core::Tensor::from_vec(entries, before.shape(), before.device());
            var.set(&moved.unwrap()).unwrap();
            loss().to_scalar::<f64>().unwrap()
        };
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        var.set(&before).unwrap();
        let size = 1.0 + difference.abs();
        assert!(
            (difference - gradient).abs() < 2e-5 * size,
            "{name}: {gradient}, {difference}"
        );
    }
}

/// The backward pass calls the layers again, and leaves running statistics as they are.
#[test]
fn running_statistics_move_in_the_forward_pass_only() {
    let (network, variables) = precise(reversible(0.99, &[3, 2]));
    let logits = network.forward_t(&images(&[3, 1, 6, 6]), true).unwrap();
    let statistics = || -> Vec<f64> {
        let all = variables.all().into_iter();
        let running = all.filter(|(name, _)| horesnet::is_statistic(name));
        running.flat_map(|(_, var)| numbers(&var)).collect()
    };
    let before = statistics();
    backward(&logits.sum_all().unwrap()).unwrap();
    assert_eq!(before, statistics());
}

#[test]
fn what_cannot_be_reversed_is_refused() {
    let problem = |config: HoResNetConfig| config.validate().unwrap_err().to_string();
    for lambda in [0.0, -1.0, 1.5, f64::NAN] {
        let problem = problem(reversible(lambda, &[2]));
        assert!(
            problem.contains("is not above 0 and at most 1"),
            "{problem}"
        );
    }
    // 0.5^(−14)·2⁻²⁴ is 2⁻¹⁰.
    assert!(reversible(0.5, &[14]).validate().is_ok());
    let deep = problem(reversible(0.5, &[15]));
    assert!(deep.contains("at most 14 blocks"), "{deep}");
    assert!(reversible(0.99, &[64]).validate().is_ok());
    let activated = HoResNetConfig {
        post_activation: true,
        ..reversible(0.99, &[2])
    };
    assert!(problem(activated).contains("cannot be undone"));
    let mut experiment = ExperimentConfig {
        network: reversible(0.99, &[2]).into(),
        ..ExperimentConfig::default()
    };
    assert!(experiment.validate().is_ok());
    experiment.training.precision = Precision::Bf16;
    let problem = experiment.validate().unwrap_err().to_string();
    assert!(problem.contains("bf16"), "{problem}");
}
