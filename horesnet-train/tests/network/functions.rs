//! Separate, shared and interpolated residual functions.

use candle_nn::ModuleT;
use horesnet_train::{
    CfResNetConfig, Describe, Functions, HoResNetConfig, Network, NetworkConfig, Norm,
    load_weights, save_weights,
};

use super::{build, config, distance, images, numbers, precise, refused};

fn with(functions: Functions, config: HoResNetConfig) -> HoResNetConfig {
    HoResNetConfig {
        functions,
        norm: Norm::Group(1),
        ..config
    }
}

fn names(config: &HoResNetConfig) -> Vec<String> {
    let names = build(config).1.trained().into_iter().map(|(name, _)| name);
    names
        .filter(|name| name.ends_with("conv1.weight"))
        .collect()
}

#[test]
fn stages_blocks_or_points_of_time_have_weights() {
    let network = config("midpoint", &[2], &[2]);
    let separate = names(&with(Functions::Separate, network.clone()));
    assert_eq!(separate.len(), 2 * 2);
    assert_eq!(separate[3], "group1.block2.stage2.conv1.weight");
    let shared = names(&with(Functions::Shared, network.clone()));
    assert_eq!(
        shared,
        [
            "group1.block1.stages.conv1.weight",
            "group1.block2.stages.conv1.weight"
        ]
    );
    let interpolated = names(&with(Functions::Interpolated(3), network));
    let grid = [1, 2, 3].map(|point| format!("group1.grid.{point}.conv1.weight"));
    assert_eq!(interpolated, grid);
}

#[test]
fn equal_points_in_time_are_a_shared_function() {
    let of = |functions| with(functions, config("rk4", &[2], &[1]));
    let (shared, shared_variables) = precise(of(Functions::Shared));
    let (interpolated, variables) = precise(of(Functions::Interpolated(3)));
    let values: std::collections::HashMap<_, _> = shared_variables.all().into_iter().collect();
    for (name, var) in variables.all() {
        let point = ["grid.1", "grid.2", "grid.3"]
            .iter()
            .find(|point| name.contains(*point));
        let name = point.map_or(name.clone(), |point| name.replace(point, "block1.stages"));
        var.set(&values[&name]).unwrap();
    }
    let xs = images(&[2, 1, 5, 5]);
    let found = numbers(&interpolated.forward_t(&xs, true).unwrap());
    let expected = numbers(&shared.forward_t(&xs, true).unwrap());
    assert!(distance(&found, &expected) < 1e-14);
}

#[test]
fn stages_are_evaluated_at_their_nodes() {
    // Two midpoint blocks have stages at times 0, 1/4, 1/2 and 3/4. Weights that are there as they were, and elsewhere are
    // others, make no difference.
    let of = |points| {
        with(
            Functions::Interpolated(points),
            config("midpoint", &[2], &[2]),
        )
    };
    let (coarse, coarse_variables) = precise(of(5));
    let (fine, variables) = precise(of(9));
    let values: std::collections::HashMap<_, _> = coarse_variables.all().into_iter().collect();
    for (name, var) in variables.all() {
        let Some(rest) = name.strip_prefix("group1.grid.") else {
            var.set(&values[&name]).unwrap();
            continue;
        };
        let (point, rest) = rest.split_once('.').unwrap();
        let point: usize = point.parse().unwrap();
        if point % 2 == 1 {
            let coarse = format!("group1.grid.{}.{rest}", point / 2 + 1);
            var.set(&values[&coarse]).unwrap();
        }
    }
    let xs = images(&[2, 1, 5, 5]);
    let found = numbers(&fine.forward_t(&xs, false).unwrap());
    let expected = numbers(&coarse.forward_t(&xs, false).unwrap());
    assert!(distance(&found, &expected) < 1e-14);
}

#[test]
fn the_scheme_can_be_changed_after_training() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("euler.safetensors");
    let of = |scheme, blocks| {
        with(
            Functions::Interpolated(3),
            config(scheme, &[2, 4], &[blocks; 2]),
        )
    };
    let (euler, variables) = build(&of("euler", 4));
    save_weights(&path, &variables).unwrap();
    let xs = images(&[2, 1, 6, 6]);
    let logits = numbers(&euler.forward_t(&xs, false).unwrap());
    for (scheme, blocks) in [("rk4", 1), ("midpoint", 2), ("dopri5", 3)] {
        let other = NetworkConfig::from(of(scheme, blocks));
        let (network, loaded) = load_weights(&path, &other).unwrap();
        assert_eq!(loaded.parameters(), variables.parameters());
        let other = numbers(&network.forward_t(&xs, false).unwrap());
        // Other steps towards the same end.
        assert!(
            other.iter().all(|logit| logit.is_finite()) && other != logits,
            "{scheme}"
        );
    }
    // Running statistics are of evaluations: of a batch norm's, other schemes have others.
    let batch = |scheme| HoResNetConfig {
        norm: Norm::Batch,
        ..of(scheme, 1)
    };
    save_weights(&path, &build(&batch("euler")).1).unwrap();
    let error = load_weights(&path, &batch("midpoint").into())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("lacks `group1.block1.stage2.norm1.running_mean`"),
        "{error}"
    );
}

#[test]
fn statistics_of_a_batch_belong_to_the_evaluation() {
    let (network, variables) = build(&HoResNetConfig {
        functions: Functions::Interpolated(2),
        ..config("rk4", &[2], &[1])
    });
    network.forward_t(&images(&[2, 1, 5, 5]), true).unwrap();
    let all = variables.all();
    let means: Vec<Vec<f64>> = (1..=4)
        .map(|stage| format!("group1.block1.stage{stage}.norm1.running_mean"))
        .map(|name| numbers(&all.iter().find(|(other, _)| *other == name).unwrap().1))
        .collect();
    assert!(means.iter().all(|mean| mean.iter().any(|m| *m != 0.0)));
    assert_ne!(means[0], means[1]);
    assert!(
        !all.iter()
            .any(|(name, _)| name.contains("grid") && name.contains("running"))
    );
}

#[test]
fn settings_are_text() {
    for (text, functions) in [
        ("separate", Functions::Separate),
        ("shared", Functions::Shared),
        ("interpolated(4)", Functions::Interpolated(4)),
    ] {
        assert_eq!(text.parse::<Functions>().unwrap(), functions);
        assert_eq!(functions.to_string(), text);
    }
    let error = "sharde".parse::<Functions>().unwrap_err().to_string();
    assert_eq!(
        error,
        "unknown functions `sharde`; known: separate, shared, interpolated(N); did you mean `shared`?"
    );
    let bad = |points| {
        refused(with(
            Functions::Interpolated(points),
            config("rk4", &[2], &[1]),
        ))
    };
    assert_eq!(
        bad(1),
        "functions: a grid of 1 points; there must be 2 to 1000"
    );
    assert!(bad(1001).starts_with("functions: "));
}

#[test]
fn adaptive_coefficients_need_shared_functions_and_an_embedded_pair() {
    let of = |scheme, functions| HoResNetConfig {
        functions,
        coefficients: "adaptive(0.01)".parse().unwrap(),
        ..config(scheme, &[2], &[1])
    };
    for functions in [Functions::Separate, Functions::Interpolated(2)] {
        let message = refused(of("dopri5", functions));
        assert!(
            message.starts_with("coefficients: adaptive(0.01) goes by"),
            "{message}"
        );
        assert!(
            message.ends_with("`functions` set to `shared`"),
            "{message}"
        );
    }
    assert_eq!(
        refused(of("rk4", Functions::Shared)),
        "coefficients: adaptive(0.01) needs embedded weights, which estimate the error, and RK4 has none; dopri5 and \
         verner8 have"
    );
    of("dopri5", Functions::Shared).validate().unwrap();
    let published = CfResNetConfig {
        scheme: "dopri5".to_owned(),
        coefficients: "adaptive(0.01)".parse().unwrap(),
        ..CfResNetConfig::default()
    };
    assert!(refused(published).contains("goes by"));
}

#[test]
fn learned_coefficients_are_counted() {
    let parameters = |coefficients: &str| {
        let config = HoResNetConfig {
            coefficients: coefficients.parse().unwrap(),
            ..config("rk4", &[2], &[3])
        };
        config.parameters().unwrap()
    };
    let fixed = parameters("fixed(1)");
    // A block of RK4 has a step size, or three coefficients in its rows and four weights.
    assert_eq!(parameters("learned"), fixed + 3);
    assert_eq!(parameters("learned(all)"), fixed + 3 * 7);
}

#[test]
fn every_kind_of_coefficients_reaches_the_blocks() {
    let xs = images(&[2, 1, 5, 5]);
    for coefficients in [
        "fixed(0.5)",
        "decaying(0.5)",
        "decaying(0.5, epochs)",
        "learned(0.5)",
        "learned(all, projected)",
        "adaptive(0.001)",
    ] {
        let config = HoResNetConfig {
            coefficients: coefficients.parse().unwrap(),
            drop_path: 0.5,
            ..with(Functions::Shared, config("dopri5", &[2], &[2]))
        };
        let (network, variables) = build(&config);
        assert_eq!(
            variables.parameters(),
            config.parameters().unwrap(),
            "{coefficients}"
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
            assert!(gradients.get(&var).is_some(), "{coefficients}: {name}");
        }
        let blocks = network.blocks();
        assert_eq!(blocks[1].name(), "group1.block2");
        assert!(!blocks[1].coefficients().values().unwrap().is_empty());
    }
}
