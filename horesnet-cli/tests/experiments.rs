//! `horesnet train`: experiments put together from presets, files, options and single settings.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn train(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .current_dir(directory)
        .arg("train")
        .args(arguments)
        .output()
        .unwrap()
}

/// What is printed by a command that ends well.
fn printed(directory: &Path, arguments: &[&str]) -> String {
    let output = train(directory, arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{message}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said by a command that is refused.
fn refused(directory: &Path, arguments: &[&str]) -> String {
    let output = train(directory, arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        output.stdout.is_empty() && !message.contains("panicked"),
        "{message}"
    );
    message
}

#[test]
fn a_printed_configuration_is_one_to_start_from() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let preset = printed(directory, &["--preset", "cifar", "--print-config"]);
    for line in [
        "data = \"cifar10\"",
        "[network]",
        "widths = [32, 64, 128]",
        "[training]",
        "epochs = 22",
    ] {
        assert!(
            preset.lines().any(|found| found == line),
            "{line}\n{preset}"
        );
    }
    fs::write(directory.join("mine.toml"), &preset).unwrap();
    assert_eq!(
        printed(directory, &["--config", "mine.toml", "--print-config"]),
        preset
    );
    let changed = printed(
        directory,
        &["--config", "mine.toml", "--epochs", "5", "--print-config"],
    );
    assert_eq!(changed, preset.replace("epochs = 22", "epochs = 5"));
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1);
}

#[test]
fn the_configuration_of_the_run_is_what_all_layers_say() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    fs::write(
        directory.join("tiny.toml"),
        "[network]\nscheme = \"euler\"\nwidths = [2]\nblocks = [1]\n[training]\nepochs = 3\nbatch_size = 500\n",
    )
    .unwrap();
    let options = "--preset digits --config tiny.toml --epochs 1 --set training.ema=0.5 --set network.stem_stride=4 --run run";
    let options: Vec<&str> = options.split(' ').collect();
    printed(directory, &options);
    let config = fs::read_to_string(directory.join("run/config.json")).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    for (pointer, expected) in [
        ("/data", Value::from("digits")),
        ("/network/kind", Value::from("horesnet")),
        ("/network/scheme", Value::from("euler")),
        ("/network/stem_stride", Value::from(4)),
        ("/training/epochs", Value::from(1)),
        ("/training/batch_size", Value::from(500)),
        ("/training/ema", Value::from(0.5)),
        ("/training/momentum", Value::from(0.9)),
    ] {
        assert_eq!(config.pointer(pointer), Some(&expected), "{pointer}");
    }
}

#[test]
fn settings_that_are_none_are_refused_before_a_folder_is_made() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    fs::write(directory.join("mine.toml"), "[training]\nepoch = 3\n").unwrap();
    for (arguments, expected) in [
        (
            vec!["--preset", "cifer"],
            "unknown preset `cifer`; known: cifar, digits, fashion",
        ),
        (vec!["--config", "none.toml"], "cannot read `none.toml`"),
        (vec!["--config", "."], "`.` is not a regular file"),
        (
            vec!["--config", "mine.toml"],
            "`mine.toml`, line 2: training.epoch: unknown field `epoch`, expected one of `epochs`",
        ),
        (vec!["--set", "training.epochs"], "write KEY=VALUE"),
        (
            vec!["--set", "training.epochs=-1"],
            "--set training.epochs=-1: training.epochs: ",
        ),
        (
            vec!["--set", "seed=1"],
            "--set seed=1: seed: unknown field `seed`, expected one of `data`",
        ),
        (
            vec!["--network", "resnet"],
            "--network: network.kind: unknown variant `resnet`, expected",
        ),
        (vec!["--ema", "1"], "ema: 1 is not from 0 to below 1"),
        (
            vec!["--clip-norm", "-1"],
            "clip_norm: -1 is not a finite number from 0 up",
        ),
        (
            vec!["--coefficient-decay", "nan"],
            "coefficient_decay: NaN is not",
        ),
        (
            vec!["--checkpoint-every", "0"],
            "checkpoint_every: 0 is not from 1",
        ),
        (
            vec!["--warmup-epochs", "21"],
            "warmup_epochs: 21 is not from 0 to the number of epochs, 20",
        ),
        (
            vec!["--batch-size", "1298"],
            "batch_size: expected at most the 1297 training images, found 1298",
        ),
        (vec!["--seed", "-1"], "-1"),
        (
            vec!["--precision", "f8"],
            "unknown precision `f8`; known: f32, bf16",
        ),
        (
            vec!["--set", "training.precision=3"],
            "training.precision: invalid type: integer `3`, expected one of `f32`, `bf16`",
        ),
        (
            vec!["--set", "data=[]"],
            "expected one of `digits`, `mnist`, `fashion`, `cifar10`, `cifar100`, `folder`",
        ),
        (
            vec!["--set", "network.coefficients=1"],
            "expected one of `fixed(h)`, `decaying(rate)`",
        ),
        (
            vec!["--set", "network.norm=true"],
            "expected one of `batch`, `group(N)`",
        ),
        (
            vec!["--set", "network.scheme=3"],
            "expected the name of a scheme, such as `rk4`",
        ),
        (
            vec!["--set", "network.kind=3"],
            "`horesnet`, `cfresnet`, `vit`",
        ),
        (
            vec!["--device", "gpu"],
            "known are `cpu`, `cuda:0` and so on, and `auto`",
        ),
    ] {
        let message = refused(directory, &arguments);
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1);
}

#[test]
fn the_help_is_grouped_and_has_examples() {
    let temporary = tempfile::tempdir().unwrap();
    let help = printed(temporary.path(), &["--help"]);
    for heading in ["Experiment:", "Network:", "Training:", "Run:", "Examples:"] {
        assert!(help.lines().any(|line| line == heading), "{heading}");
    }
    for example in [
        "--preset cifar --print-config > mine.toml",
        "--resume runs/decay",
    ] {
        assert!(help.contains(example), "{example}");
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_gpu_that_this_build_cannot_use_is_refused_with_the_build_that_could() {
    let temporary = tempfile::tempdir().unwrap();
    let message = refused(temporary.path(), &["--device", "cuda:0"]);
    assert!(message.contains("--features cuda"), "{message}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}
