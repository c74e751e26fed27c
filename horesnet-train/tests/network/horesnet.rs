//! `HoResNet`: shapes, names, depth and parameters, step sizes.

use candle_core::{DType, Device, Tensor};
use candle_nn::ModuleT;
use horesnet_train::{
    Describe, Error, HoResNet, HoResNetConfig, Nesting, Network, Variables, schemes,
};

use super::{build, config, refused};

#[test]
fn every_scheme_gives_logits_and_as_many_parameters_as_the_formula() {
    for scheme in schemes::names() {
        let config = HoResNetConfig {
            in_channels: 3,
            classes: 7,
            stem_stride: 2,
            ..config(scheme, &[2, 3], &[1, 2])
        };
        let (network, variables) = build(&config);
        let xs = Tensor::ones((2, 3, 9, 5), DType::F32, &Device::Cpu).unwrap();
        for train in [true, false] {
            let logits = network.forward_t(&xs, train).unwrap();
            assert_eq!(logits.dims(), [2, 7], "{scheme}");
        }
        assert_eq!(
            variables.parameters(),
            config.parameters().unwrap(),
            "{scheme}"
        );
    }
}

#[test]
fn equal_depth_means_equal_parameters() {
    let widths = [16, 32, 64];
    let networks = [
        config("euler", &widths, &[4, 4, 4]),
        config("midpoint", &widths, &[2, 2, 2]),
        config("rk4", &widths, &[1, 1, 1]),
    ];
    for network in networks {
        assert_eq!(network.depth().unwrap(), 26);
        // 388,864 in the blocks, 23,136 in the transitions, 954 in stem and head.
        assert_eq!(network.parameters().unwrap(), 412_954);
    }
}

#[test]
fn residual_functions_are_separate_for_each_stage() {
    let (_, variables) = build(&config("rk4", &[2], &[1]));
    let names: Vec<String> = variables
        .trained()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for stage in 1..=4 {
        let name = format!("group1.block1.stage{stage}.conv1.weight");
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
}

fn step_sizes(network: &HoResNet) -> Vec<f64> {
    let blocks = network.blocks();
    let values = blocks
        .iter()
        .flat_map(|block| block.coefficients().values().unwrap());
    values.map(|(_, h)| h).collect()
}

#[test]
fn decaying_steps_count_blocks_over_the_whole_network() {
    let (network, _) = build(&HoResNetConfig {
        coefficients: "decaying(0.5)".parse().unwrap(),
        ..config("euler", &[2, 2], &[2, 1])
    });
    assert_eq!(step_sizes(&network), [1.0, 0.5, 0.25]);
    let (network, _) = build(&HoResNetConfig {
        coefficients: "fixed(0.5)".parse().unwrap(),
        ..config("euler", &[2, 2], &[2, 1])
    });
    assert_eq!(step_sizes(&network), [0.5, 0.5, 0.5]);
}

#[test]
fn the_step_size_reaches_the_blocks() {
    let xs = Tensor::ones((1, 1, 4, 4), DType::F32, &Device::Cpu).unwrap();
    let logits = |coefficients: &str| {
        let (network, _) = build(&HoResNetConfig {
            coefficients: coefficients.parse().unwrap(),
            ..config("rk4", &[4], &[1])
        });
        let logits = network.forward_t(&xs, false).unwrap();
        logits.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    assert_ne!(logits("fixed(1)"), logits("fixed(0.5)"));
    assert_eq!(logits("fixed(1)"), logits("decaying(0.5)"));
}

#[test]
fn seeds_and_names_determine_the_weights() {
    let weights = |seed| {
        let variables = Variables::seeded(seed);
        let vb = variables.builder(DType::F32, &Device::Cpu);
        HoResNet::new(&config("euler", &[3], &[1]), vb).unwrap();
        let weights: Vec<Vec<f32>> = variables
            .trained()
            .into_iter()
            .map(|(_, var)| var.flatten_all().unwrap().to_vec1().unwrap())
            .collect();
        weights
    };
    assert_eq!(weights(1), weights(1));
    assert_ne!(weights(1), weights(2));
}

#[test]
fn convolutions_start_kaiming_normal() {
    let (_, variables) = build(&config("euler", &[64], &[1]));
    let (_, weights) = variables
        .trained()
        .into_iter()
        .find(|(name, _)| name == "group1.block1.stage1.conv1.weight")
        .unwrap();
    let weights: Vec<f32> = weights.flatten_all().unwrap().to_vec1().unwrap();
    let count = weights.len() as f32;
    let mean = weights.iter().sum::<f32>() / count;
    let variance = weights.iter().map(|w| (w - mean).powi(2)).sum::<f32>() / count;
    // He et al. 2015: variance 2/fan-in, here 2/(9·64); 36,864 samples know it to about 1 %.
    assert!(mean.abs() < 1e-3, "{mean}");
    assert!(
        (variance * 9.0 * 64.0 / 2.0 - 1.0).abs() < 0.04,
        "{variance}"
    );
}

#[test]
fn impossible_networks_are_refused_by_setting() {
    assert_eq!(
        refused(config("rk4", &[16, 0], &[1, 1])),
        "widths: 0 is outside 1 to 4096"
    );
    assert_eq!(
        refused(config("rk4", &[16], &[1, 1])),
        "blocks: 2 numbers for 1 groups; give one number of blocks for each of the widths"
    );
    assert_eq!(
        refused(config("rk4", &[], &[])),
        "widths: 0 groups of blocks; there must be 1 to 16"
    );
    assert!(refused(config("euler", &[4096], &[1000])).contains("parameters"));
    assert_eq!(
        refused(config("rk4", &[2], &[1000])),
        "blocks: 4000 residual functions in all; at most 2048 can be trained"
    );
}

#[test]
fn unknown_schemes_are_answered_with_the_known_ones() {
    let error = schemes::find("midpont").unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }));
    let text = error.to_string();
    assert!(
        text.starts_with("unknown scheme `midpont`; `horesnet list` shows all"),
        "{text}"
    );
    assert!(text.ends_with("did you mean `midpoint`?"), "{text}");
    let text = schemes::find("rk9").unwrap_err().to_string();
    assert!(
        text.contains("did you mean `verner_efficient9`, "),
        "{text}"
    );
    assert_eq!(schemes::find("Tsit5()").unwrap().name, "tsitouras5");
    let text = schemes::find("zzz").unwrap_err().to_string();
    assert!(!text.contains("did you mean"), "{text}");
}

#[test]
fn implicit_schemes_are_refused_as_that() {
    let error = schemes::find("gauss2").unwrap_err();
    assert!(matches!(error, Error::Implicit(_)));
    let nested = "rk4(gauss2)".parse::<Nesting>().unwrap_err().to_string();
    assert!(
        nested.contains("column 5: scheme `gauss2` is implicit"),
        "{nested}"
    );
}
