//! Tableaux of the user's own, trained and compared.

mod tiny;

use std::fs;
use std::path::Path;

use horesnet_compiler::library;
use tiny::{horesnet, json, refused};

/// Options of a training of `scheme` that takes no time to speak of.
fn train(directory: &Path, scheme: &str, more: &[&str]) -> std::process::Output {
    let options = "--widths 2 --blocks 1 --epochs 1 --batch-size 512 --seed 5 --device cpu";
    let options = options.split(' ').chain(["--scheme", scheme]);
    let options: Vec<_> = ["train"]
        .into_iter()
        .chain(options)
        .chain(more.iter().copied())
        .collect();
    horesnet(directory, &options)
}

fn succeeded(output: &std::process::Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn write(directory: &Path, name: &str, scheme: &str) {
    fs::write(directory.join(name), library::find(scheme).unwrap().text).unwrap();
}

#[test]
fn a_file_is_trained_as_the_bundled_scheme_and_no_longer_needed() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    write(directory, "mine.tab", "heun2");
    let mine = train(directory, "mine.tab", &["--json"]);
    succeeded(&mine);
    let (mine, heun) = (json(&mine), json(&train(directory, "Heun", &["--json"])));
    assert_eq!(
        (&mine["scheme"], &heun["scheme"]),
        (&"mine".into(), &"heun2".into())
    );
    assert_eq!(
        (&mine["run"], &heun["run"]),
        (
            &"runs/mine-digits-seed5".into(),
            &"runs/heun2-digits-seed5".into()
        )
    );
    for figure in ["train_loss", "val_accuracy", "test_accuracy", "parameters"] {
        assert_eq!(mine[figure], heun[figure], "{figure}");
    }

    fs::remove_file(directory.join("mine.tab")).unwrap();
    let run = "runs/mine-digits-seed5";
    let kept = fs::read_to_string(directory.join(run).join("mine.tab")).unwrap();
    assert_eq!(kept, library::find("heun2").unwrap().text);
    for arguments in [
        &["eval", run][..],
        &["train", "--resume", run],
        &["show", "runs/mine-digits-seed5/mine.tab"],
        &["export", run, "--to", "onnx", "-o", "mine.onnx"],
        &["export", run, "--to", "hub", "-o", "hub"],
        &[
            "eval",
            "hub",
            "--weights",
            "runs/heun2-digits-seed5/model.safetensors",
        ],
    ] {
        succeeded(&horesnet(directory, arguments));
    }
    let tested = json(&horesnet(directory, &["eval", "hub", "--json"]));
    assert_eq!(tested["test_accuracy"], mine["test_accuracy"]);

    // Asked for again, the tableau is that of the run or refused.
    write(directory, "mine.tab", "heun2");
    succeeded(&horesnet(
        directory,
        &["train", "--resume", run, "--scheme", "mine.tab"],
    ));
    write(directory, "mine.tab", "ralston2");
    let message = refused(
        &horesnet(
            directory,
            &["train", "--resume", run, "--scheme", "mine.tab"],
        ),
        2,
    );
    assert!(
        message.contains("network.tableaux.mine, line "),
        "{message}"
    );
}

#[test]
fn files_are_nested_and_printed_as_settings() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    write(directory, "mine.tab", "heun2");
    fs::create_dir(directory.join("other folder")).unwrap();
    write(directory, "other folder/a b.tab", "midpoint");
    let printed = train(
        directory,
        "RK4( mine.tab(other folder/a b.tab) )",
        &["--print-config"],
    );
    succeeded(&printed);
    let toml = String::from_utf8(printed.stdout).unwrap();
    assert!(toml.contains("scheme = \"rk4(mine(a_b))\""), "{toml}");
    fs::write(directory.join("mine.toml"), toml).unwrap();
    fs::remove_file(directory.join("mine.tab")).unwrap();
    let described = horesnet(directory, &["train", "--config", "mine.toml", "--describe"]);
    succeeded(&described);
    let text = String::from_utf8(described.stdout).unwrap();
    assert!(text.contains("network, rk4(mine(a_b))"), "{text}");
}

#[test]
fn files_that_have_no_block_are_refused_with_their_proof() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    fs::write(
        directory.join("false.tab"),
        "0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n",
    )
    .unwrap();
    write(directory, "implicit.tab", "gauss2");
    write(directory, "rk4.tab", "rk4_38");
    fs::create_dir(directory.join("other")).unwrap();
    for name in ["mine.tab", "other/mine.tab"] {
        write(directory, name, "heun2");
    }
    for (scheme, expected) in [
        ("false.tab", "false.tab:4:"),
        ("false.tab", "`order 3` is false"),
        ("rk4(false.tab)", "false.tab:4:"),
        ("implicit.tab", "the scheme is implicit"),
        ("missing.tab", "missing.tab cannot be read"),
        ("other", "unknown scheme `other`"),
        ("rk4.tab", "`rk4` is the name of a bundled scheme"),
        (
            "mine.tab(other/mine.tab)",
            "mine.tab and other/mine.tab would both be called `mine`",
        ),
    ] {
        let message = refused(&train(directory, scheme, &[]), 2);
        assert!(message.contains(expected), "{scheme}: {message}");
        assert!(!directory.join("runs").exists());
    }
    let compared = [
        "compare",
        "--schemes",
        "mine.tab,other/mine.tab",
        "--out",
        "c",
    ];
    let message = refused(&horesnet(directory, &compared), 2);
    assert!(message.contains("would both be called `mine`"), "{message}");
    let message = refused(
        &horesnet(directory, &["train", "--set", "network.scheme=mine.tab"]),
        2,
    );
    assert!(message.contains("network.tableaux.NAME"), "{message}");
}

#[test]
fn files_are_compared_with_bundled_schemes() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    write(directory, "mine.tab", "midpoint");
    let options = "compare --depth 6 --widths 2 --stem-stride 4 --epochs 1 --batch-size 512 --seeds 1 --attacked 20 --out c --device cpu --schemes";
    let options: Vec<_> = options
        .split(' ')
        .chain(["Midpoint,mine.tab", "--json"])
        .collect();
    let output = horesnet(directory, &options);
    succeeded(&output);
    let rows = json(&output);
    let names: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["midpoint", "mine"]);
    assert_eq!(rows[0]["tests"], rows[1]["tests"]);
    let csv = fs::read_to_string(directory.join("c/table.csv")).unwrap();
    assert!(csv.contains("\nmine,6,216,test_accuracy,"), "{csv}");
    assert!(directory.join("c/mine-seed0/mine.tab").is_file());
    succeeded(&horesnet(directory, &options));
}

/// The parameters that each block has learned, epoch by epoch.
fn learned(run: &Path) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let metrics = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let epochs = metrics.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["coefficients"].as_object().unwrap().clone()
    });
    epochs.collect()
}

#[test]
fn learned_parameters_move_and_every_epoch_keeps_the_proven_order() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    fs::write(
        directory.join("mine.tab"),
        library::find("kutta4").unwrap().text,
    )
    .unwrap();
    for (scheme, order) in [
        ("two_stage2", 2),
        ("kutta4", 4),
        ("mine.tab", 4),
        ("ees25", 2),
    ] {
        let options = [
            "--coefficients",
            "learned(params)",
            "--run",
            "run",
            "--epochs",
            "3",
        ];
        let more = [&options[..], &["--batch-size", "64", "--lr", "0.2"]].concat();
        let options = "train --widths 4 --blocks 1 --seed 5 --device cpu --scheme";
        let arguments: Vec<_> = options.split(' ').chain([scheme]).chain(more).collect();
        succeeded(&horesnet(directory, &arguments));
        let run = directory.join("run");
        let text = library::find(
            scheme
                .trim_end_matches(".tab")
                .replace("mine", "kutta4")
                .as_str(),
        );
        let family = horesnet_compiler::compile(text.unwrap().text)
            .unwrap()
            .family
            .unwrap();
        let defaults: Vec<_> = family
            .defaults()
            .iter()
            .map(horesnet_compiler::number::Number::to_f64)
            .collect();
        let epochs = learned(&run);
        assert_eq!(epochs.len(), 3);
        for blocks in epochs {
            assert!(!blocks.is_empty());
            for values in blocks.values() {
                let value = |name: &String| values[name.as_str()].as_f64().unwrap();
                let values: Vec<_> = family.names().iter().map(value).collect();
                assert!(values != defaults, "{scheme} did not move");
                let member = horesnet_compiler::notation::rounded_member(&family, &values).unwrap();
                let checked = horesnet_compiler::check(&member, None).unwrap();
                assert_eq!(checked.problems, [], "{member}");
                assert_eq!(checked.verdict.weights[0].order, order, "{member}");
            }
        }
        // The last ones are in the folder, and the weights give what training gave.
        let member = "run/learned.group1.block1.tab";
        succeeded(&horesnet(directory, &["check", member]));
        succeeded(&horesnet(directory, &["eval", "run"]));
        let onnx = [
            "export",
            "run",
            "--to",
            "onnx",
            "-o",
            "learned.onnx",
            "--force",
        ];
        succeeded(&horesnet(directory, &onnx));
        fs::remove_dir_all(run).unwrap();
    }
}

#[test]
fn parameters_that_cannot_be_learned_are_named() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    for (scheme, problem) in [
        ("rk4", "needs a scheme with parameters, and RK4 has none"),
        (
            "three_stage3_ssp",
            "the default 1 of c2 is an end of its interval (0.6666666666666666, 1]",
        ),
    ] {
        let output = train(directory, scheme, &["--coefficients", "learned(params)"]);
        let message = refused(&output, 2);
        assert!(message.contains(problem), "{message}");
    }
}
