//! `CfResNet`: parameters and depth, names, what it refuses.

use candle_core::{DType, Tensor};
use candle_nn::ModuleT;
use horesnet_train::{CfResNet, CfResNetConfig, Describe, NetworkConfig, Variables, schemes};

use super::{CPU, images, numbers, refused};

fn config(scheme: &str, blocks: &[usize]) -> CfResNetConfig {
    CfResNetConfig {
        scheme: scheme.to_owned(),
        blocks: blocks.to_vec(),
        ..CfResNetConfig::default()
    }
}

#[test]
fn parameters_are_those_of_the_published_code() {
    // Counted in that code without its unused layers; schemes of one depth have the same layers.
    for (scheme, blocks, depth, parameters) in [
        ("euler", 4, 26, 366_842),
        ("midpoint", 2, 26, 366_842),
        ("rk4", 1, 26, 366_842),
        ("gill4", 1, 26, 366_842),
        ("euler", 8, 50, 755_706),
        ("huta6", 1, 50, 755_706),
        ("euler", 14, 86, 1_339_002),
        ("verner8", 1, 86, 1_339_002),
    ] {
        let config = config(scheme, &[blocks; 3]);
        assert_eq!(config.depth().unwrap(), depth, "{scheme}");
        assert_eq!(config.parameters().unwrap(), parameters, "{scheme}");
        let built = NetworkConfig::from(config).parameters().unwrap();
        assert_eq!(built, parameters, "{scheme}");
    }
}

#[test]
fn every_scheme_gives_logits_and_gradients() {
    for scheme in schemes::names() {
        let config = CfResNetConfig {
            widths: vec![2, 5],
            in_channels: 1,
            classes: 3,
            ..config(scheme, &[1, 1])
        };
        let variables = Variables::seeded(0);
        let network = CfResNet::new(&config, variables.builder(DType::F32, &CPU)).unwrap();
        let xs = images(&[2, 1, 9, 7]);
        assert_eq!(
            network.forward_t(&xs, false).unwrap().dims(),
            [2, 3],
            "{scheme}"
        );
        let loss = network
            .forward_t(&xs, true)
            .unwrap()
            .sqr()
            .unwrap()
            .sum_all()
            .unwrap();
        let gradients = horesnet::backward(&loss).unwrap();
        for (name, var) in variables.trained() {
            assert!(gradients.get(&var).is_some(), "{scheme}: {name}");
        }
    }
}

#[test]
fn only_the_first_stage_of_a_group_is_strided() {
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &CPU);
    CfResNet::new(&config("midpoint", &[1, 1, 1]), vb).unwrap();
    let shape = |name: &str| {
        let all = variables.all();
        let found = all.iter().find(|(other, _)| other == name);
        found
            .unwrap_or_else(|| panic!("no {name}"))
            .1
            .dims()
            .to_vec()
    };
    assert_eq!(shape("group1.block1.stage1.conv1.weight"), [16, 16, 3, 3]);
    assert_eq!(shape("group2.block1.stage1.norm1.weight"), [16]);
    assert_eq!(shape("group2.block1.stage1.conv1.weight"), [32, 16, 3, 3]);
    assert_eq!(shape("group2.block1.stage1.conv2.weight"), [32, 32, 3, 3]);
    assert_eq!(shape("group2.block1.stage2.conv1.weight"), [32, 32, 3, 3]);
    assert_eq!(shape("head.linear.weight"), [10, 64]);
}

#[test]
fn depth_picks_the_blocks() {
    let of_depth = |scheme: &str, depth| {
        let config = CfResNetConfig {
            depth: Some(depth),
            ..config(scheme, &[9])
        };
        config.resolved().map(|resolved| resolved.blocks)
    };
    assert_eq!(of_depth("rk4", 26).unwrap(), [1, 1, 1]);
    assert_eq!(of_depth("euler", 50).unwrap(), [8, 8, 8]);
    assert_eq!(
        of_depth("rk4", 30).unwrap_err().to_string(),
        "depth: 30 is none for 3 groups of equally many rk4 blocks: each block more a group is 24 layers more, after 2; \
         the nearest is 26 and 50"
    );
    assert!(
        of_depth("verner8", 26)
            .unwrap_err()
            .to_string()
            .ends_with("the nearest is 86")
    );
}

#[test]
fn widths_can_only_grow() {
    let narrower = CfResNetConfig {
        widths: vec![16, 8],
        ..config("rk4", &[1, 1])
    };
    let expected = "widths: 8 after 16; the shortcut of this network can only add channels";
    assert_eq!(refused(narrower), expected);
    let same = CfResNetConfig {
        widths: vec![4, 4],
        ..config("rk4", &[1, 1])
    };
    same.validate().unwrap();
}

#[test]
fn a_configuration_is_written_with_its_kind() {
    let network = NetworkConfig::from(config("rk4", &[1, 1, 1]));
    let text = serde_json::to_string(&network).unwrap();
    assert!(
        text.starts_with(r#"{"kind":"cfresnet","scheme":"rk4""#),
        "{text}"
    );
    assert_eq!(
        serde_json::from_str::<NetworkConfig>(&text).unwrap(),
        network
    );
}

#[test]
fn the_step_size_reaches_strided_blocks() {
    let xs = Tensor::ones((1, 3, 8, 8), DType::F32, &CPU).unwrap();
    let logits = |coefficients: &str| {
        let config = CfResNetConfig {
            coefficients: coefficients.parse().unwrap(),
            ..config("rk4", &[1, 1, 1])
        };
        let vb = Variables::seeded(0).builder(DType::F32, &CPU);
        let network = CfResNet::new(&config, vb).unwrap();
        numbers(&network.forward_t(&xs, false).unwrap())
    };
    // At depths 1 and 2 the blocks are strided, at depth 0 they differ in nothing.
    assert_ne!(logits("fixed(1)"), logits("decaying(0.5)"));
}
