//! What networks cost: against their own weights, against counts by hand, and against other libraries' figures.

use candle_core::{DType, Device};
use horesnet_train::complexity::{Comparison, Complexity, Figures};
use horesnet_train::{
    CfResNetConfig, Describe, Functions, HoResNetConfig, NetworkConfig, Norm, Residual, Variables,
    VitConfig, schemes,
};

fn net(scheme: &str, widths: &[usize], blocks: &[usize]) -> NetworkConfig {
    HoResNetConfig {
        scheme: scheme.to_owned(),
        in_channels: 3,
        widths: widths.to_vec(),
        blocks: blocks.to_vec(),
        ..HoResNetConfig::default()
    }
    .into()
}

fn vit(outer: &str, inner: &str) -> NetworkConfig {
    VitConfig {
        outer: outer.to_owned(),
        inner: inner.to_owned(),
        width: 4,
        heads: 2,
        ..VitConfig::default()
    }
    .into()
}

/// The costs of all, and the number of variables that there are.
fn counted(config: &NetworkConfig, image: [usize; 3]) -> (Figures, u64) {
    let variables = Variables::seeded(0);
    let network = config.build(variables.builder(DType::F32, &Device::Cpu));
    network.unwrap();
    let costs = Complexity::of(config, image, 1).unwrap();
    (costs.network, variables.parameters() as u64)
}

#[test]
fn parameters_are_those_of_the_network() {
    let nests = ["rk4(midpoint)", "midpoint(rk4(euler))"];
    for scheme in schemes::names().chain(nests) {
        let (costs, parameters) = counted(&net(scheme, &[2, 3], &[1, 2]), [3, 9, 7]);
        assert_eq!(costs.parameters, parameters, "{scheme}");
    }
    for (outer, inner) in [
        ("euler", "euler"),
        ("rk4", "midpoint"),
        ("midpoint(euler)", "rk4"),
    ] {
        let (costs, parameters) = counted(&vit(outer, inner), [1, 8, 8]);
        assert_eq!(costs.parameters, parameters, "{outer} {inner}");
    }
}

#[test]
fn learned_coefficients_are_parameters_too() {
    // RK4 has seven coefficients that are not 0.
    for (coefficients, scalars) in [
        ("learned", 1),
        ("learned(all)", 7),
        ("learned(all, projected)", 7),
    ] {
        let learned = |coefficients: &str| HoResNetConfig {
            widths: vec![2, 3],
            blocks: vec![1, 2],
            coefficients: coefficients.parse().unwrap(),
            ..HoResNetConfig::default()
        };
        let (costs, parameters) = counted(&learned(coefficients).into(), [1, 9, 7]);
        let (fixed, _) = counted(&learned("fixed(1)").into(), [1, 9, 7]);
        assert_eq!(costs.parameters, parameters, "{coefficients}");
        assert_eq!(parameters - fixed.parameters, 3 * scalars);
        assert!(costs.saved_bytes > fixed.saved_bytes);
    }
    let config = VitConfig {
        outer: "rk4".to_owned(),
        coefficients: "learned(all)".parse().unwrap(),
        ..VitConfig::default()
    };
    let (costs, parameters) = counted(&config.into(), [1, 8, 8]);
    assert_eq!(costs.parameters, parameters);
}

#[test]
fn multiply_adds_are_those_counted_by_hand() {
    let costs = Complexity::of(&net("rk4", &[2, 3], &[1, 1]), [3, 9, 7], 1).unwrap();
    let counts: Vec<u64> = costs.parts.iter().map(|part| part.multiply_adds).collect();
    // Images of 9×7 and then 5×4. RK4 has three coefficients in its rows and four weights.
    let block =
        |channels: u64, pixels: u64| 8 * 9 * channels * channels * pixels + 7 * channels * pixels;
    let expected = [
        9 * 3 * 2 * 63,
        block(2, 63),
        9 * 2 * 3 * 20,
        block(3, 20),
        3 * 10,
    ];
    assert_eq!(counts, expected);

    let costs = Complexity::of(&vit("euler", "euler"), [1, 8, 8], 1).unwrap();
    // 16 tokens of width 4: attention has 4 linear layers and two products, the perceptron a hidden width of 16.
    let block = 16 * 4 * 4 * 4 + 2 * 16 * 16 * 4 + 2 * 16 * 4 * 16 + 16 * 4;
    let counts: Vec<u64> = costs.parts.iter().map(|part| part.multiply_adds).collect();
    assert_eq!(counts, [16 * 4 * 4, block, block, 4 * 10]);
}

#[test]
fn the_published_transformer_has_as_many_parameters() {
    let base = VitConfig {
        in_channels: 3,
        image: [224, 224],
        classes: 1000,
        patch: 16,
        width: 768,
        heads: 12,
        blocks: 12,
        ..VitConfig::default()
    };
    let costs = Complexity::of(&base.into(), [3, 224, 224], 1).unwrap();
    // torchvision's `vit_b_16` has 86,567,656: a token of class of 768 numbers, and its position, more.
    assert_eq!(costs.network.parameters, 86_567_656 - 2 * 768);
}

#[test]
fn euler_with_the_same_layers_has_the_same_parameters_and_saves_as_much() {
    for scheme in ["midpoint", "rk4", "verner8", "rk4(midpoint)"] {
        let config = net(scheme, &[4, 8], &[1, 2]);
        let Comparison { network, euler, .. } = Comparison::of(&config, [3, 8, 8], 2).unwrap();
        let euler = euler.unwrap();
        assert_eq!(network.depth, euler.depth);
        let (a, b) = (network.network, euler.network);
        assert_eq!((a.parameters, a.saved_bytes), (b.parameters, b.saved_bytes));
        assert!(
            a.peak_bytes > b.peak_bytes && a.stages_bytes > b.stages_bytes,
            "{scheme}"
        );
    }
    let costs = Comparison::of(&vit("rk4", "midpoint"), [1, 8, 8], 2).unwrap();
    let (a, b) = (costs.network, costs.euler.unwrap());
    assert_eq!(
        (a.depth, a.network.parameters),
        (b.depth, b.network.parameters)
    );
    // Candle's own layers do not say what they keep.
    assert_eq!((a.network.saved_bytes, a.network.peak_bytes), (None, None));
}

#[test]
fn a_block_of_s_stages_has_room_for_s_gradients_more_than_two() {
    let costs = Complexity::of(&net("rk4", &[8], &[1]), [3, 8, 8], 3).unwrap();
    let block = &costs.parts[1];
    let state = 8 * 8 * 8 * 4 * 3;
    assert_eq!(block.saved_bytes, Some(2 * 4 * state));
    assert_eq!(block.peak_bytes, Some((2 * 4 + 4 + 2) * state));
    assert_eq!(block.stages_bytes, Some(4 * state));
}

#[test]
fn other_images_than_the_networks_are_refused() {
    let refused = |config: &NetworkConfig, image| {
        let costs = Complexity::of(config, image, 1);
        costs.unwrap_err().to_string()
    };
    assert_eq!(
        refused(&net("rk4", &[2], &[1]), [1, 8, 8]),
        "image: expected 3 channels, found 1×8×8"
    );
    assert_eq!(
        refused(&vit("rk4", "rk4"), [1, 8, 9]),
        "image: expected 1 channels, 8×8 pixels, found 1×8×9"
    );
    let empty = refused(&net("rk4", &[2], &[1]), [3, 0, 8]);
    assert_eq!(empty, "image: [3, 0, 8] has a length outside 1 to 65536");
    assert!(refused(&net("midpont", &[2], &[1]), [3, 8, 8]).contains("unknown scheme"));
}

#[test]
fn counts_that_are_too_large_stay_at_the_largest() {
    let config = net("rk4", &[2048], &[1]);
    let costs = Complexity::of(&config, [3, 65_536, 65_536], usize::MAX).unwrap();
    assert_eq!(costs.network.saved_bytes, Some(u64::MAX));
}

#[test]
fn layers_that_do_not_say_what_they_keep_make_memory_unknown() {
    let memory = |config: HoResNetConfig| {
        let image = [config.in_channels, 9, 7];
        let costs = Complexity::of(&config.into(), image, 1).unwrap();
        costs.network.saved_bytes
    };
    let base = || HoResNetConfig {
        scheme: "midpoint".to_owned(),
        ..HoResNetConfig::default()
    };
    assert!(memory(base()).is_some());
    let bottleneck = HoResNetConfig {
        residual: Residual::Bottleneck,
        ..base()
    };
    assert!(memory(bottleneck).is_some());
    for config in [
        HoResNetConfig {
            norm: Norm::Group(2),
            ..base()
        },
        HoResNetConfig {
            post_activation: true,
            ..base()
        },
        HoResNetConfig {
            se: Some(4),
            ..base()
        },
        HoResNetConfig {
            functions: Functions::Interpolated(2),
            ..base()
        },
    ] {
        assert_eq!(memory(config), None);
    }
}

#[test]
fn the_published_network_costs_what_its_layers_do() {
    let config = CfResNetConfig {
        scheme: "midpoint".to_owned(),
        widths: vec![2, 4],
        blocks: vec![1, 2],
        ..CfResNetConfig::default()
    };
    let costs = Complexity::of(&config.into(), [3, 10, 6], 1).unwrap();
    let counts: Vec<u64> = costs.parts.iter().map(|part| part.multiply_adds).collect();
    // Images of 5×3 after the stem, of 3×2 after the first block of the second group. Midpoint has one coefficient in its
    // rows and one weight.
    let plain =
        |channels: u64, pixels: u64| 4 * 9 * channels * channels * pixels + 2 * channels * pixels;
    let strided = plain(4, 6) - 9 * 4 * 4 * 6 + 9 * 2 * 4 * 6;
    let expected = [9 * 3 * 2 * 15, plain(2, 15), strided, plain(4, 6), 4 * 10];
    assert_eq!(counts, expected);
}

#[test]
fn euler_stands_beside_more_blocks_than_can_be_trained() {
    let costs = Comparison::of(&net("verner8", &[2], &[100]), [3, 8, 8], 1).unwrap();
    let euler = costs.euler.unwrap();
    assert_eq!(euler.depth, costs.network.depth);
    assert_eq!(euler.network.parameters, costs.network.network.parameters);
}

#[test]
fn shared_functions_have_no_euler_and_adaptive_steps_count_all_stages() {
    let shared = |coefficients: &str| -> NetworkConfig {
        HoResNetConfig {
            scheme: "dopri5".to_owned(),
            in_channels: 3,
            widths: vec![2],
            blocks: vec![3],
            functions: Functions::Shared,
            coefficients: coefficients.parse().unwrap(),
            ..HoResNetConfig::default()
        }
        .into()
    };
    let (fixed, adaptive) = (shared("fixed(1)"), shared("adaptive(0.01)"));
    let (_, parameters) = counted(&fixed, [3, 9, 7]);
    for config in [&fixed, &adaptive] {
        let costs = Comparison::of(config, [3, 9, 7], 1).unwrap();
        assert_eq!(costs.euler, None);
        assert_eq!(costs.network.network.parameters, parameters);
    }
    let block = |config: &NetworkConfig| {
        let costs = Complexity::of(config, [3, 9, 7], 1).unwrap();
        costs.parts[1].clone()
    };
    let (fixed, adaptive) = (block(&fixed), block(&adaptive));
    // Dormand and Prince: six stages in 15 + 5 coefficients; the estimate takes a seventh, of 5 coefficients, and 6 weights
    // of the difference. A state has 2·63 numbers, a stage 2·9·2·2·63 multiply-adds.
    let (state, stage) = (2 * 63, 2 * 9 * 2 * 2 * 63);
    assert_eq!(fixed.multiply_adds, 6 * stage + 20 * state);
    assert_eq!(adaptive.multiply_adds, 7 * stage + (20 + 5 + 6) * state);
    assert_eq!(adaptive.saved_bytes, None);
}
