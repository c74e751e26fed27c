//! `horesnet train` and `horesnet eval` as a user runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Options of a training that takes no time to speak of.
const TINY: [&str; 14] = [
    "--scheme",
    "euler",
    "--widths",
    "2",
    "--blocks",
    "1",
    "--epochs",
    "1",
    "--batch-size",
    "512",
    "--seed",
    "5",
    "--device",
    "cpu",
];

fn horesnet(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn train(directory: &Path, more: &[&str]) -> Output {
    horesnet(directory, &[&["train"], &TINY[..], more].concat())
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = text.lines().last().unwrap();
    serde_json::from_str(last).unwrap()
}

/// The message of a command that ended with `code`, without results on stdout or a panic.
fn refused(output: &Output, code: i32) -> String {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(output.stdout.is_empty());
    assert!(!message.contains("panicked"), "{message}");
    message
}

#[test]
fn training_ends_with_a_line_of_json_and_eval_finds_the_same() {
    let temporary = tempfile::tempdir().unwrap();
    let output = train(temporary.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(0));
    let summary = json(&output);
    for (key, expected) in [
        ("scheme", Value::from("euler")),
        ("coefficients", Value::from("fixed(1)")),
        ("depth", Value::from(4)),
        ("parameters", Value::from(136)),
        ("epochs", Value::from(1)),
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
    let metrics = temporary
        .path()
        .join("runs/euler-digits-seed5/metrics.jsonl");
    let metrics: Value = serde_json::from_str(&fs::read_to_string(&metrics).unwrap()).unwrap();
    assert_eq!(report["test_loss"], metrics["test_loss"]);
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
fn metrics_of_other_weights_fail_the_check() {
    let temporary = tempfile::tempdir().unwrap();
    train(temporary.path(), &["--run", "mine"]);
    let path = temporary.path().join("mine/metrics.jsonl");
    let mut metrics: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    metrics["test_loss"] = Value::from(0.5);
    fs::write(&path, format!("{metrics}\n")).unwrap();
    let output = horesnet(temporary.path(), &["eval", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("a test loss of 0.5000"), "{message}");
}

#[test]
fn what_cannot_be_trained_is_refused_before_a_folder_is_made() {
    let temporary = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (["--scheme", "rk44"], "did you mean `rk4`?"),
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
        "train --lr 1e30 --batch-size 1442 --epochs 1 --scheme euler --widths 2 --blocks 1";
    let arguments: Vec<&str> = options.split(' ').collect();
    let message = refused(&horesnet(temporary.path(), &arguments), 1);
    assert!(
        message.contains("training diverged in epoch 1"),
        "{message}"
    );
    assert!(
        message.contains("there is no epoch before it to keep"),
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
fn eval_can_ask_for_an_accuracy() {
    let temporary = tempfile::tempdir().unwrap();
    let summary = json(&train(temporary.path(), &["--run", "mine", "--json"]));
    let reached = summary["test_accuracy"].as_f64().unwrap();
    assert!(reached > 0.0 && reached < 0.9, "{reached}");
    let eval = |wanted: &str| {
        horesnet(
            temporary.path(),
            &["eval", "mine", "--json", "--at-least", wanted],
        )
    };
    for wanted in ["0", &reached.to_string()] {
        assert_eq!(eval(wanted).status.code(), Some(0), "{wanted}");
    }
    let output = eval("0.9");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["test_accuracy"], summary["test_accuracy"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("below the 0.9 asked for"), "{message}");
    for wanted in ["-0.1", "1.1", "nan", "98%"] {
        let message = refused(&eval(wanted), 2);
        assert!(message.contains("write a number from 0 to 1"), "{message}");
    }
}

#[test]
fn weights_of_another_file_are_tested_on_the_data_of_a_run() {
    let temporary = tempfile::tempdir().unwrap();
    let summary = json(&train(temporary.path(), &["--run", "mine", "--json"]));
    let file = ["--weights", "mine/model.safetensors"];
    let eval = |run: &str| {
        horesnet(
            temporary.path(),
            &[&["eval", run, "--json"], &file[..]].concat(),
        )
    };
    let report = json(&eval("mine"));
    assert_eq!(report["test_accuracy"], summary["test_accuracy"]);
    assert_eq!(
        (&report["epoch"], &report["reproduced"]),
        (&Value::Null, &Value::Null)
    );
    let wider = [
        "train",
        "--widths",
        "3",
        "--blocks",
        "1",
        "--epochs",
        "1",
        "--batch-size",
        "512",
        "--run",
        "wider",
    ];
    horesnet(temporary.path(), &wider);
    let message = refused(&eval("wider"), 2);
    assert!(
        message.contains("model.safetensors` does not fit the network"),
        "{message}"
    );
    assert!(
        message.contains("`stem.conv.weight` (F32 [2, 1, 3, 3] in place of F32 [3, 1, 3, 3])"),
        "{message}"
    );
}

#[test]
fn weights_without_metrics_are_tested_and_not_compared() {
    let temporary = tempfile::tempdir().unwrap();
    train(temporary.path(), &["--run", "mine"]);
    // The line is torn: its line break is missing.
    let path = temporary.path().join("mine/metrics.jsonl");
    let line = fs::read_to_string(&path).unwrap();
    fs::write(&path, line.trim_end()).unwrap();
    let output = horesnet(temporary.path(), &["eval", "mine", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    assert_eq!(
        (&report["epoch"], &report["reproduced"]),
        (&Value::from(1), &Value::Null)
    );
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("metrics.jsonl has no line for epoch 1"),
        "{message}"
    );
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

#[test]
fn runs_that_are_not_there_or_damaged_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let message = refused(&horesnet(temporary.path(), &["eval", "none"]), 2);
    assert!(message.contains("`none` does not exist"), "{message}");
    train(temporary.path(), &["--run", "mine"]);
    fs::write(temporary.path().join("mine/model.safetensors"), "nonsense").unwrap();
    let message = refused(&horesnet(temporary.path(), &["eval", "mine"]), 2);
    assert!(message.contains("model.safetensors"), "{message}");
}
