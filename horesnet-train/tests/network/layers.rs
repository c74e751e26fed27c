//! Residual functions, norms, activations, stems and transitions: sizes, parameters, gradients.

use candle_core::{DType, Tensor};
use candle_nn::ModuleT;
use horesnet_train::{
    Activation, Describe, Functions, HoResNet, HoResNetConfig, Norm, Residual, Stem, Transition,
    Variables,
};

use super::{CPU, build, config, images, numbers, precise, refused};

/// A network with everything that is not the default.
fn rich() -> HoResNetConfig {
    HoResNetConfig {
        functions: Functions::Interpolated(2),
        residual: Residual::Bottleneck,
        norm: Norm::Group(2),
        activation: Activation::Silu,
        se: Some(4),
        post_activation: true,
        stem: Stem::ResNetD,
        transition: Transition::ResNetD,
        ..config("midpoint", &[16, 24], &[1, 2])
    }
}

/// Networks that differ from the default in one or two of their layers.
fn variants() -> Vec<HoResNetConfig> {
    let base = || config("midpoint", &[8, 12], &[1, 1]);
    vec![
        rich(),
        HoResNetConfig {
            residual: Residual::Bottleneck,
            ..base()
        },
        HoResNetConfig {
            norm: Norm::Group(4),
            ..base()
        },
        HoResNetConfig {
            activation: Activation::Gelu,
            ..base()
        },
        HoResNetConfig {
            activation: Activation::Silu,
            ..base()
        },
        HoResNetConfig {
            se: Some(16),
            ..base()
        },
        HoResNetConfig {
            post_activation: true,
            ..base()
        },
        HoResNetConfig {
            stem: Stem::ImageNet,
            ..base()
        },
        HoResNetConfig {
            stem: Stem::ResNetD,
            ..base()
        },
        HoResNetConfig {
            transition: Transition::ResNetD,
            ..base()
        },
        HoResNetConfig {
            functions: Functions::Shared,
            ..base()
        },
        HoResNetConfig {
            functions: Functions::Interpolated(3),
            ..base()
        },
    ]
}

#[test]
fn every_variant_gives_logits_and_as_many_parameters_as_the_formula() {
    for config in variants() {
        let (network, variables) = build(&config);
        assert_eq!(
            variables.parameters(),
            config.parameters().unwrap(),
            "{config:?}"
        );
        for train in [true, false] {
            let logits = network.forward_t(&images(&[2, 1, 9, 7]), train).unwrap();
            assert_eq!(logits.dims(), [2, 10], "{config:?}");
        }
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let xs = images(&[3, 1, 7, 6]);
    for config in variants() {
        let (network, variables) = precise(config.clone());
        let loss = || {
            network
                .forward_t(&xs, true)
                .unwrap()
                .sqr()
                .unwrap()
                .mean_all()
                .unwrap()
        };
        let value = || loss().to_scalar::<f64>().unwrap();
        let gradients = horesnet::backward(&loss()).unwrap();
        for (name, var) in variables.trained() {
            let start = numbers(&var);
            // A point in time that no stage is near has no gradient.
            let gradient = gradients.get(&var).map_or(vec![0.0; start.len()], numbers);
            let index = start.len() / 2;
            let moved = |by: f64| {
                let mut values = start.clone();
                values[index] += by;
                var.set(&Tensor::from_vec(values, var.shape(), &CPU).unwrap())
                    .unwrap();
                value()
            };
            let step = 1e-6;
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            moved(0.0);
            let apart = (slope - gradient[index]).abs();
            // Candle's derivative of GELU has six digits.
            assert!(
                apart < 1e-5 * (1.0 + slope.abs()),
                "{config:?} {name}: {slope} {}",
                gradient[index]
            );
        }
    }
}

#[test]
fn stems_and_transitions_halve_what_they_say() {
    let side = |config: HoResNetConfig| {
        // The bias of the last layer apart, logits of a batch of one pixel would be an error in training.
        let variables = Variables::seeded(0);
        let network = HoResNet::new(&config, variables.builder(DType::F32, &CPU)).unwrap();
        let least = (1..40).find(|side| {
            network
                .forward_t(&images(&[1, 1, *side, *side]), true)
                .is_ok()
        });
        least.unwrap()
    };
    let one = |stem, stem_stride| HoResNetConfig {
        stem,
        stem_stride,
        ..config("euler", &[4], &[1])
    };
    // Batch statistics need two pixels: the least side is one more than what becomes a single pixel.
    assert_eq!(side(one(Stem::Plain, 1)), 2);
    assert_eq!(side(one(Stem::Plain, 2)), 3);
    assert_eq!(side(one(Stem::ImageNet, 1)), 5);
    assert_eq!(side(one(Stem::ResNetD, 1)), 5);
    for transition in [Transition::Plain, Transition::ResNetD] {
        let two = HoResNetConfig {
            transition,
            ..config("euler", &[4, 4], &[1, 1])
        };
        assert_eq!(side(two), 3, "{transition}");
    }
}

#[test]
fn names_say_what_a_layer_is() {
    let (_, variables) = build(&rich());
    let all: Vec<String> = variables.all().into_iter().map(|(name, _)| name).collect();
    for name in [
        "stem.conv1.weight",
        "stem.norm3.bias",
        "group1.transition.conv.weight",
        "group1.grid.1.conv3.weight",
        "group1.grid.2.se.down.bias",
        "group2.transition.norm.weight",
        "head.norm.weight",
        "head.linear.bias",
    ] {
        assert!(
            all.iter().any(|other| other == name),
            "{name} is not in {all:?}"
        );
    }
}

#[test]
fn an_activation_follows_each_block_if_asked_for() {
    // The statistics of a batch are those of what the last block hands on.
    let logits = |post_activation| {
        let (network, _) = build(&HoResNetConfig {
            post_activation,
            ..config("rk4", &[4], &[1])
        });
        numbers(&network.forward_t(&images(&[2, 1, 5, 5]), true).unwrap())
    };
    assert_ne!(logits(true), logits(false));
}

#[test]
fn layers_that_do_not_fit_are_refused() {
    let base = || config("rk4", &[8, 12], &[1, 1]);
    for (config, expected) in [
        (
            HoResNetConfig {
                norm: Norm::Group(8),
                ..base()
            },
            "norm: 8 groups do not divide 12 channels",
        ),
        (
            HoResNetConfig {
                norm: Norm::Group(0),
                ..base()
            },
            "norm: 0 groups do not divide 8 channels",
        ),
        (
            HoResNetConfig {
                norm: Norm::Group(4),
                residual: Residual::Bottleneck,
                ..base()
            },
            "norm: 4 groups do not divide 2 channels",
        ),
        (
            HoResNetConfig {
                residual: Residual::Bottleneck,
                ..config("rk4", &[8, 6], &[1, 1])
            },
            "widths: 6 channels are not 4 times as many as a bottleneck has",
        ),
        (
            HoResNetConfig {
                stem: Stem::ImageNet,
                stem_stride: 2,
                ..base()
            },
            "stem_stride: is for the plain stem; imagenet has strides of its own",
        ),
        (
            HoResNetConfig {
                se: Some(0),
                ..base()
            },
            "se: 0 is outside 1 to 4096",
        ),
        (
            HoResNetConfig {
                drop_path: 1.0,
                ..base()
            },
            "drop_path: 1 is not from 0 to below 1",
        ),
        (
            HoResNetConfig {
                dropout: f64::NAN,
                ..base()
            },
            "dropout: NaN is not from 0 to below 1",
        ),
    ] {
        assert_eq!(refused(config), expected);
    }
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let read = |field: &str, text: &str| {
        let json = format!(r#"{{"{field}": "{text}"}}"#);
        serde_json::from_str::<HoResNetConfig>(&json)
            .unwrap_err()
            .to_string()
    };
    for (field, text, expected) in [
        (
            "residual",
            "basik",
            "unknown residual function `basik`; known: basic, bottleneck; did you mean `basic`?",
        ),
        (
            "norm",
            "layer",
            "unknown norm `layer`; known: batch, group(N)",
        ),
        (
            "activation",
            "tanh",
            "unknown activation `tanh`; known: relu, gelu, silu",
        ),
        (
            "stem",
            "none",
            "unknown stem `none`; known: plain, imagenet, resnet-d",
        ),
        (
            "transition",
            "x",
            "unknown transition `x`; known: plain, resnet-d",
        ),
        (
            "shape",
            "resnet19",
            "unknown shape `resnet19`; known: resnet18, resnet34, resnet50; did you mean",
        ),
    ] {
        let error = read(field, text);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn configurations_are_read_as_written_and_old_ones_as_before() {
    let text = serde_json::to_string(&rich()).unwrap();
    assert!(text.contains(r#""norm":"group(2)""#), "{text}");
    assert_eq!(
        serde_json::from_str::<HoResNetConfig>(&text).unwrap(),
        rich()
    );
    let old = r#"{"scheme":"rk4","coefficients":"fixed(1)","in_channels":1,"classes":10,"widths":[12,24],"blocks":[1,1],
        "stem_stride":1}"#;
    let config: HoResNetConfig = serde_json::from_str(old).unwrap();
    assert_eq!(config, HoResNetConfig::default());
}
