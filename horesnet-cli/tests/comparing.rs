//! `horesnet compare` as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Two schemes of as many layers on the bundled digits, over two seeds, in no time to speak of.
const TINY: [(&str, &str); 9] = [
    ("--schemes", "euler,midpoint"),
    ("--depth", "6"),
    ("--widths", "2"),
    ("--stem-stride", "4"),
    ("--epochs", "1"),
    ("--batch-size", "512"),
    ("--seeds", "2"),
    ("--attacked", "20"),
    ("--out", "c"),
];

/// Runs what [`TINY`] says, with `options` in place of those of the same name or after them.
fn compare(directory: &Path, options: &[&str]) -> Output {
    let kept = TINY.iter().filter(|(name, _)| !options.contains(name));
    let kept = kept.flat_map(|(name, value)| [*name, *value]);
    horesnet(
        directory,
        &kept.chain(options.iter().copied()).collect::<Vec<_>>(),
    )
}

/// Runs `horesnet compare` with `options` alone.
fn horesnet(directory: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .current_dir(directory)
        .arg("compare")
        .args(options)
        .output()
        .unwrap()
}

fn message(output: &Output, code: i32) -> String {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

#[test]
fn a_comparison_leaves_tables_and_pictures_and_is_not_made_twice() {
    let temporary = tempfile::tempdir().unwrap();
    let options = [
        "--attack",
        "noise(0.1)",
        "--attack",
        "pgd(0.1, 2)",
        "--json",
    ];
    let output = compare(temporary.path(), &options);
    let said = message(&output, 0);
    assert!(said.contains("4/4: midpoint, seed 1"), "{said}");
    assert!(said.contains("pgd(0.1, 2) on 20 test images"), "{said}");
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(rows[0]["version"], version);
    // As many layers are as many parameters.
    assert_eq!(rows[0]["parameters"], rows[1]["parameters"]);
    assert_eq!(rows[0]["depth"], Value::from(6));
    assert_eq!(rows[1]["histories"].as_array().unwrap().len(), 2);
    assert_eq!(rows[1]["robustness"][1][1].as_array().unwrap().len(), 2);

    let folder = temporary.path().join("c");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let table = read("table.md");
    assert!(
        table.contains("| noise(0.1) (%) | pgd(0.1, 2) (%) |"),
        "{table}"
    );
    assert!(
        table.contains("| euler | 6 |") && table.contains(" ± "),
        "{table}"
    );
    assert_eq!(read("curves.csv").lines().count(), 1 + 4);
    assert!(read("table.csv").contains("\"pgd(0.1, 2)\""));
    for picture in ["accuracy.svg", "loss.svg", "robustness.svg"] {
        assert!(read(picture).contains("midpoint"), "{picture}");
    }
    let page = read("index.html");
    assert_eq!(page.matches("<svg").count(), 3);
    assert!(page.contains("noise(0.1) (%)"));

    let weights = fs::read(folder.join("euler-seed0/model.safetensors")).unwrap();
    let said = message(&compare(temporary.path(), &options), 0);
    assert!(!said.contains("epoch "), "{said}");
    assert!(!said.contains("test images"), "{said}");
    assert_eq!(
        fs::read(folder.join("euler-seed0/model.safetensors")).unwrap(),
        weights
    );

    // Accuracies are read without a version too; what another version wrote is refused by its name.
    let file = folder.join("euler-seed0/robustness.json");
    let written = fs::read_to_string(&file).unwrap();
    let field = format!("\"version\": \"{version}\",");
    assert_eq!(written.matches(&field).count(), 2, "{written}");
    fs::write(&file, written.replace(&field, "")).unwrap();
    let said = message(&compare(temporary.path(), &options), 0);
    assert!(!said.contains("test images"), "{said}");
    let later = written
        .replace(version, "99.1")
        .replace("images", "pictures");
    fs::write(&file, later).unwrap();
    let said = message(&compare(temporary.path(), &options), 2);
    let problem = "robustness.json` was written by version 99.1 of HoresNet";
    assert!(said.contains(problem), "{said}");
    assert!(said.contains("; remove it"), "{said}");
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_trained() {
    let temporary = tempfile::tempdir().unwrap();
    let refused = |options: &[&str], expected: &str| {
        let said = message(&compare(temporary.path(), options), 2);
        assert!(said.contains(expected), "{said}");
        assert!(!temporary.path().join("c").exists());
    };
    refused(&["--schemes", "midpont"], "did you mean `midpoint`?");
    refused(
        &["--schemes", "Midpoint,midpoint"],
        "`midpoint` is given twice",
    );
    refused(&["--schemes", "euler,euler"], "`euler` is given twice");
    refused(&["--schemes", "euler, euler"], "`euler` is given twice");
    refused(&["--seeds", "0"], "not in 1..=1000");
    refused(&["--seeds", "18446744073709551615"], "not in 1..=1000");
    refused(&["--seed", "7"], "--seed");
    refused(&["--scheme", "rk4"], "--scheme");
    refused(
        &["--attacked", "0"],
        "attacked: expected at least 1 image, found 0",
    );
    refused(&["--attack", "fgsm(2)"], "strength above 0 and at most 1");
    refused(&["--depth", "7"], "depth: ");
    refused(&["--epochs", "0"], "epochs: 0 is not from 1");
}

#[test]
fn the_help_offers_what_can_be_used() {
    let output = horesnet(Path::new("."), &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    for (option, offered) in [
        ("--schemes", true),
        ("--seeds", true),
        ("--scheme", false),
        ("--seed", false),
    ] {
        let found = help.lines().any(|line| {
            let words = line.trim_start().split(' ');
            { words }.next() == Some(option)
        });
        assert_eq!(found, offered, "{option}");
    }
}

#[test]
fn a_folder_of_other_runs_is_not_taken_for_the_comparison() {
    let temporary = tempfile::tempdir().unwrap();
    message(&compare(temporary.path(), &["--seeds", "1"]), 0);
    let said = message(
        &compare(temporary.path(), &["--seeds", "1", "--lr", "0.01"]),
        2,
    );
    assert!(said.contains("learning_rate"), "{said}");
}

#[test]
fn trainings_that_diverge_are_counted_and_left_out() {
    let temporary = tempfile::tempdir().unwrap();
    let wild = [
        "--lr",
        "1e30",
        "--warmup-epochs",
        "0",
        "--attack",
        "noise(0.1)",
    ];
    let output = compare(temporary.path(), &wild);
    let said = message(&output, 0);
    assert_eq!(said.matches("left out: ").count(), 4, "{said}");
    let table = fs::read_to_string(temporary.path().join("c/table.md")).unwrap();
    for row in [
        "| euler (2 of 2 diverged) | 6 |",
        "| midpoint (2 of 2 diverged) | 6 |",
    ] {
        assert!(table.contains(row), "{table}");
    }
    let csv = fs::read_to_string(temporary.path().join("c/table.csv")).unwrap();
    assert!(csv.contains(",diverged,2,"), "{csv}");
}

#[test]
fn transformers_are_compared_too() {
    let temporary = tempfile::tempdir().unwrap();
    let options = [
        "--network",
        "vit",
        "--schemes",
        "euler,midpoint(euler)",
        "--seeds",
        "1",
        "--epochs",
        "1",
        "--batch-size",
        "1024",
        "--set",
        "network.width=4",
        "--set",
        "network.patch=8",
        "--attacked",
        "20",
        "--out",
        "vit",
    ];
    let output = horesnet(temporary.path(), &options);
    message(&output, 0);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("| midpoint(euler) | 18 |"), "{table}");
}

#[test]
fn what_is_in_a_folder_already_is_not_overwritten() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("c");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("index.html"), "mine").unwrap();
    let said = message(&compare(temporary.path(), &[]), 2);
    assert!(said.contains("is not empty"), "{said}");
    assert_eq!(
        fs::read_to_string(directory.join("index.html")).unwrap(),
        "mine"
    );
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1);
}
