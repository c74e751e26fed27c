//! Attacks on a network whose gradient is known by hand, a linear one, and on those that are trained.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ModuleT;
use horesnet_train::{
    Attack, Batch, CfResNetConfig, Describe, Error, HoResNetConfig, Network, NetworkConfig,
    Normalisation, PixelRange, Progress, TrainState, Variables, VitConfig, cross_entropy, data,
    robustness,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Two classes; the logits are ± a weighted sum of the pixels.
struct Linear {
    weights: Tensor,
    state: TrainState,
}

impl ModuleT for Linear {
    fn forward_t(&self, xs: &Tensor, _train: bool) -> Result<Tensor> {
        let sum = xs.flatten_from(1)?.matmul(&self.weights)?;
        Tensor::cat(&[&sum, &sum.neg()?], 1)
    }
}

impl Network for Linear {
    fn state(&self) -> &TrainState {
        &self.state
    }
}

/// Weights of alternating sign, two images of 8×8 grey pixels in the middle of the range, of class 0 and 1.
fn scene() -> (Linear, Batch, PixelRange, f32) {
    let device = Device::Cpu;
    let weights: Vec<f32> = (0..64)
        .map(|i| if i % 2 == 0 { 0.01 } else { -0.02 })
        .collect();
    let network = Linear {
        weights: Tensor::from_vec(weights, (64, 1), &device).unwrap(),
        state: TrainState::default(),
    };
    let normalisation = Normalisation::of(&data::digits::split().unwrap().train);
    let (mean, std) = normalisation.channels()[0];
    let range = PixelRange::new(&normalisation, 16, &device).unwrap();
    let images = vec![(8.0 - mean) / std; 128];
    let batch = Batch {
        images: Tensor::from_vec(images, (2, 1, 8, 8), &device).unwrap(),
        labels: Tensor::new(&[0u32, 1], &device).unwrap(),
        mixed: None,
    };
    (network, batch, range, std)
}

/// What an attack adds to each pixel, as a share of the range from 0 to 16.
fn change(attack: &str) -> Vec<Vec<f32>> {
    let (network, batch, range, std) = scene();
    let attack: Attack = attack.parse().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let perturbed = attack.perturb(&network, &batch, &range, &mut rng).unwrap();
    let change = ((perturbed - &batch.images).unwrap() * f64::from(std / 16.0)).unwrap();
    change.flatten_from(1).unwrap().to_vec2().unwrap()
}

#[test]
fn fgsm_moves_every_pixel_by_epsilon_against_the_label() {
    let change = change("fgsm(0.1)");
    for (class, image) in change.iter().enumerate() {
        for (i, &moved) in image.iter().enumerate() {
            // The loss of class 0 falls with the weighted sum; class 1 is the other way round.
            let sign = if (i % 2 == 0) == (class == 0) {
                -1.0
            } else {
                1.0
            };
            assert!(
                (moved - sign * 0.1).abs() < 1e-5,
                "class {class}, pixel {i}: {moved}"
            );
        }
    }
}

#[test]
fn pgd_ends_at_the_corner_that_fgsm_finds_at_once_when_the_network_is_linear() {
    for (by_steps, at_once) in change("pgd(0.1, 4)").iter().zip(change("fgsm(0.1)")) {
        for (a, b) in by_steps.iter().zip(at_once) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}

#[test]
fn no_attack_leaves_the_range_of_pixels() {
    for attack in ["noise(1)", "fgsm(1)", "pgd(1, 3)"] {
        let moved = change(attack).concat();
        // From the middle, half of the range lies on either side.
        assert!(moved.iter().all(|m| m.abs() < 0.5 + 1e-5), "{attack}");
        assert!(moved.iter().any(|m| m.abs() > 0.49), "{attack}");
    }
}

#[test]
fn noise_has_its_standard_deviation_and_no_mean() {
    let values = change("noise(0.05)").concat();
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt();
    // 128 samples: three standard errors.
    assert!(mean.abs() < 3.0 * 0.05 / count.sqrt(), "{mean}");
    assert!(
        (deviation / 0.05 - 1.0).abs() < 3.0 / (2.0 * count).sqrt(),
        "{deviation}"
    );
}

#[test]
fn gradients_of_every_kind_of_network_raise_its_loss_and_chance_does_not() {
    let split = data::digits::split().unwrap();
    let normalisation = Normalisation::of(&split.train);
    let range = PixelRange::new(&normalisation, 16, &Device::Cpu).unwrap();
    let kinds: [NetworkConfig; 3] = [
        HoResNetConfig::default().into(),
        CfResNetConfig {
            in_channels: 1,
            ..CfResNetConfig::default()
        }
        .into(),
        VitConfig::default().into(),
    ];
    for config in kinds {
        let variables = Variables::seeded(1);
        let vb = variables.builder(DType::F32, &Device::Cpu);
        let network = config.build(vb).unwrap();
        let labels: Vec<u32> = (0..20).map(|i| i % 10).collect();
        let pixels: Vec<f32> = (0..20 * 64).map(|i| (i % 97) as f32 / 60.0 - 0.8).collect();
        let batch = Batch {
            images: Tensor::from_vec(pixels, (20, 1, 8, 8), &Device::Cpu).unwrap(),
            labels: Tensor::new(labels, &Device::Cpu).unwrap(),
            mixed: None,
        };
        let loss = |images: &Tensor| {
            let logits = network.forward_t(images, false).unwrap();
            let loss = cross_entropy(&logits, &batch.labels, 0.0).unwrap();
            loss.to_scalar::<f32>().unwrap()
        };
        let after = |attack: &str| {
            let attack: Attack = attack.parse().unwrap();
            let mut rng = ChaCha8Rng::seed_from_u64(5);
            loss(
                &attack
                    .perturb(network.as_ref(), &batch, &range, &mut rng)
                    .unwrap(),
            )
        };
        let clean = loss(&batch.images);
        let (noise, fgsm, pgd) = (
            after("noise(0.01)"),
            after("fgsm(0.01)"),
            after("pgd(0.01, 5)"),
        );
        let by_chance = (noise - clean).abs();
        assert!(
            fgsm > clean + 2.0 * by_chance,
            "{config:?}: {clean} {noise} {fgsm}"
        );
        assert!(
            pgd > clean + 2.0 * by_chance,
            "{config:?}: {clean} {noise} {pgd}"
        );
    }
}

#[test]
fn a_network_that_ignores_its_images_cannot_be_attacked() {
    struct Deaf(TrainState);
    impl ModuleT for Deaf {
        fn forward_t(&self, xs: &Tensor, _train: bool) -> Result<Tensor> {
            Tensor::zeros((xs.dim(0)?, 2), DType::F32, xs.device())
        }
    }
    impl Network for Deaf {
        fn state(&self) -> &TrainState {
            &self.0
        }
    }
    let (_, batch, range, _) = scene();
    let attack: Attack = "fgsm(0.1)".parse().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let refused = attack.perturb(&Deaf(TrainState::default()), &batch, &range, &mut rng);
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("the loss does not depend on them")
    );
}

#[test]
fn a_test_on_perturbed_images_stops_on_request() {
    struct Stop;
    impl Progress for Stop {
        fn stops(&mut self) -> bool {
            true
        }
    }
    let config: NetworkConfig = HoResNetConfig::default().into();
    let variables = Variables::seeded(1);
    let network = config.build(variables.builder(DType::F32, &Device::Cpu));
    let network = network.unwrap();
    let split = data::digits::split().unwrap();
    let attack: Attack = "noise(0.1)".parse().unwrap();
    let stopped = robustness(network.as_ref(), &split, attack, 300, 0, &mut Stop).unwrap_err();
    assert!(matches!(stopped, Error::AttackInterrupted { attack: a } if a == attack.to_string()));
}

#[test]
fn attacks_read_and_print() {
    for text in ["noise(0.1)", "fgsm(8/255)", "pgd(8/255, 10)", "fgsm(0.5)"] {
        assert_eq!(text.parse::<Attack>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "noise",
        "noise()",
        "noise(0)",
        "noise(-1)",
        "noise(nan)",
        "fgsm(2)",
        "fgsm(1/0)",
        "pgd(0.1)",
        "pgd(0.1, 0)",
        "pgd(0.1, 1001)",
        "pgd(0.1, 3, 4)",
        "cw(0.1)",
        "fgsm(0.1",
    ] {
        let error = text.parse::<Attack>().expect_err(text).to_string();
        assert!(error.contains("`pgd(epsilon, steps)`"), "{error}");
    }
}
