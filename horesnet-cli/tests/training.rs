//! `horesnet train` as a user runs it.

mod tiny;

use std::fs;

use serde_json::Value;

use tiny::{horesnet, json, refused, train};

#[test]
fn training_ends_with_a_line_of_json_and_eval_finds_the_same() {
    let temporary = tempfile::tempdir().unwrap();
    let output = train(temporary.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(0));
    let summary = json(&output);
    for (key, expected) in [
        ("version", Value::from(env!("CARGO_PKG_VERSION"))),
        ("scheme", Value::from("euler")),
        ("coefficients", Value::from("fixed(1)")),
        ("depth", Value::from(4)),
        ("parameters", Value::from(136)),
        ("epochs", Value::from(1)),
        ("device", Value::from("cpu")),
        ("precision", Value::from("f32")),
        ("run", Value::from("runs/euler-digits-seed5")),
    ] {
        assert_eq!(summary[key], expected, "{key}");
    }
    assert!(summary["seconds"].is_f64() && summary["train_loss"].is_f64());

    let output = horesnet(
        temporary.path(),
        &["eval", "runs/euler-digits-seed5", "--json"],
    );
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    assert_eq!(report["test_accuracy"], summary["test_accuracy"]);
    assert_eq!(report["reproduced"], Value::from(true));
    assert_eq!(report["version"], summary["version"]);
    let run = temporary.path().join("runs/euler-digits-seed5");
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(run.join(name)).unwrap()).unwrap()
    };
    assert_eq!(report["test_loss"], read("test.json")["loss"]);
    let metrics = read("metrics.jsonl");
    assert_eq!(metrics["val_accuracy"], summary["val_accuracy"]);
    // The test images are used once, at the end.
    assert_eq!(metrics["test_loss"], Value::Null);
}

#[test]
fn results_go_to_stdout_and_progress_to_stderr() {
    let temporary = tempfile::tempdir().unwrap();
    let output = train(temporary.path(), &["--coefficients", "decaying(0.9)"]);
    let results = String::from_utf8(output.stdout).unwrap();
    assert!(
        results.contains("coefficients   decaying(0.9)"),
        "{results}"
    );
    let progress = String::from_utf8(output.stderr).unwrap();
    assert!(progress.starts_with("epoch   1/1"), "{progress}");
}

#[test]
fn a_second_run_gets_a_folder_of_its_own() {
    let temporary = tempfile::tempdir().unwrap();
    let folders: Vec<Value> = (0..2)
        .map(|_| json(&train(temporary.path(), &["--json"]))["run"].clone())
        .collect();
    assert_eq!(
        folders,
        ["runs/euler-digits-seed5", "runs/euler-digits-seed5-2"]
    );
    let message = refused(&train(temporary.path(), &["--run", "runs"]), 2);
    assert!(
        message.contains("run folder `runs` is not empty"),
        "{message}"
    );
}

#[test]
fn what_cannot_be_trained_is_refused_before_a_folder_is_made() {
    let temporary = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (
            ["--scheme", "midpont"],
            "unknown scheme `midpont`; `horesnet list` shows all; did you mean `midpoint`?",
        ),
        (["--scheme", "rk5"], "did you mean `dopri5`,"),
        (
            ["--scheme", "nosuch"],
            "unknown scheme `nosuch`; `horesnet list` shows all\n",
        ),
        (
            ["--data", "mnis"],
            "unknown data set `mnis`; known: digits, mnist",
        ),
        (["--data", "mnist"], "it needs a folder (--data-dir) with"),
        (["--data-dir", "here"], "it is bundled"),
        (["--crop", "65"], "augmentation.crop: 65 is not from 0"),
        (["--colour", "-1"], "augmentation.colour: -1 is not from 0"),
        (["--mixup", "nan"], "augmentation.mixup: NaN is not 0, or"),
        (["--coefficients", "fixed(x)"], "`x` is not a number"),
        (["--epochs", "0"], "epochs: 0 is not from 1"),
        (["--batch-size", "0"], "batch_size: 0 is not from 2"),
        (["--lr", "nan"], "learning_rate: NaN is not a finite number"),
        (["--lr", "0"], "learning_rate: 0 is not"),
        (["--lr", "-0.1"], "learning_rate: -0.1 is not"),
        (["--widths", "0"], "widths: 0 is outside 1"),
        (
            ["--widths=2", "--widths=3"],
            "cannot be used multiple times",
        ),
        (["--widths", "99999999999999999999"], "invalid value"),
        (["--blocks", "1,2"], "blocks: 2 numbers for 1 groups"),
    ] {
        let options = ["--scheme", "euler", "--widths", "2", "--blocks", "1"];
        let kept = options
            .chunks(2)
            .filter(|option| option[0] != arguments[0])
            .flatten();
        let all: Vec<&str> = ["train"]
            .iter()
            .chain(kept)
            .chain(&arguments)
            .copied()
            .collect();
        let message = refused(&horesnet(temporary.path(), &all), 2);
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_made_is_refused_before_training() {
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("file"), "").unwrap();
    let message = refused(&train(temporary.path(), &["--run", "file/run"]), 2);
    assert!(
        message.contains("cannot create the run folder `file/run`"),
        "{message}"
    );
    assert!(!message.contains("epoch"), "{message}");
}

#[test]
fn divergence_is_a_failed_check() {
    let temporary = tempfile::tempdir().unwrap();
    let message = refused(&train(temporary.path(), &["--lr", "1e30", "--json"]), 1);
    assert!(message.contains("training diverged"), "{message}");
}

#[test]
fn weights_that_only_the_test_finds_ruined_are_a_failed_check_too() {
    let temporary = tempfile::tempdir().unwrap();
    let options =
        "train --lr 1e30 --batch-size 1297 --epochs 1 --scheme euler --widths 2 --blocks 1";
    let arguments: Vec<&str> = options.split(' ').collect();
    let message = refused(&horesnet(temporary.path(), &arguments), 1);
    assert!(
        message.contains("training diverged in epoch 1"),
        "{message}"
    );
    assert!(
        message.contains("nothing is saved, because it is the first"),
        "{message}"
    );
    assert!(
        message.contains("the run folder is runs/euler-digits-seed0"),
        "{message}"
    );
    let run = temporary.path().join("runs/euler-digits-seed0");
    assert_eq!(fs::read_dir(run).unwrap().count(), 1);
}

#[test]
fn the_help_names_the_files_of_a_run() {
    let temporary = tempfile::tempdir().unwrap();
    train(temporary.path(), &["--run", "mine"]);
    let output = horesnet(temporary.path(), &["train", "--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    for entry in fs::read_dir(temporary.path().join("mine")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(help.contains(&format!("\n  {name} ")), "{name}");
    }
}
