//! `horesnet export` as a user runs it.

mod folder;
mod tiny;

use std::fs;

use folder::names;
use tiny::{horesnet, json, refused, train};

#[test]
fn a_run_becomes_an_onnx_file() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    train(directory, &["--run", "mine"]);
    let export = |more: &[&str]| {
        let arguments = ["export", "mine", "--to", "onnx", "-o"];
        horesnet(directory, &[&arguments, more].concat())
    };
    let output = export(&["mine.onnx"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    let file = fs::read(directory.join("mine.onnx")).unwrap();
    assert_eq!(export(&["-"]).stdout, file);

    fs::write(directory.join("mine.onnx"), "other").unwrap();
    assert_eq!(
        refused(&export(&["mine.onnx"]), 2),
        "error: mine.onnx exists; name another output, or replace it with --force\n"
    );
    assert_eq!(fs::read(directory.join("mine.onnx")).unwrap(), b"other");
    assert!(export(&["mine.onnx", "--force"]).status.success());
    assert_eq!(fs::read(directory.join("mine.onnx")).unwrap(), file);
    assert_eq!(
        refused(&export(&["mine", "--force"]), 2),
        "error: mine is a folder; name a file\n"
    );
}

#[test]
fn a_run_becomes_a_folder_for_pytorch_or_a_hub() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let summary = json(&train(directory, &["--run", "mine", "--json"]));
    let export = |to: &str, more: &[&str]| {
        let arguments = ["export", "mine", "--to", to, "-o"];
        horesnet(directory, &[&arguments, more].concat())
    };
    assert!(export("pytorch", &["module"]).status.success());
    assert_eq!(
        names(&directory.join("module")),
        ["model.py", "model.safetensors"]
    );
    assert!(export("hub", &["hub"]).status.success());
    assert_eq!(
        names(&directory.join("hub")),
        ["README.md", "config.json", "model.safetensors"]
    );
    let report = json(&horesnet(directory, &["eval", "hub", "--json"]));
    assert_eq!(report["test_accuracy"], summary["test_accuracy"]);

    // What is there stays, with --force beside the new files.
    fs::write(directory.join("module/model.py"), "mine").unwrap();
    fs::write(directory.join("module/notes.txt"), "mine").unwrap();
    let message = refused(&export("pytorch", &["module"]), 2);
    assert!(message.contains("module exists"), "{message}");
    assert_eq!(
        fs::read(directory.join("module/model.py")).unwrap(),
        b"mine"
    );
    assert!(export("pytorch", &["module", "--force"]).status.success());
    assert_ne!(
        fs::read(directory.join("module/model.py")).unwrap(),
        b"mine"
    );
    assert!(directory.join("module/notes.txt").exists());
    assert_eq!(
        refused(&export("hub", &["mine", "--force"]), 2),
        "error: mine is the run itself; name another folder\n"
    );
}

#[test]
fn an_export_that_fails_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let adaptive = "train --scheme heun2 --coefficients adaptive(0.01) --set network.functions='shared' --widths 2 \
                    --blocks 1 --epochs 1 --batch-size 512 --run mine";
    let trained = horesnet(directory, &adaptive.split_whitespace().collect::<Vec<_>>());
    assert!(trained.status.success());
    for to in ["onnx", "pytorch"] {
        let output = horesnet(directory, &["export", "mine", "--to", to, "-o", "out"]);
        let message = refused(&output, 2);
        assert!(
            message.contains("adaptive coefficients depend on the image"),
            "{message}"
        );
    }
    let output = horesnet(
        directory,
        &["export", "mine", "--to", "onnx", "-o", "none/out"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(names(directory), ["mine"]);
    let output = horesnet(
        directory,
        &["export", "mine", "--to", "hub", "-o", "none/out"],
    );
    let message = refused(&output, 2);
    assert!(message.contains("cannot be written"), "{message}");
    assert!(
        horesnet(directory, &["export", "mine", "--to", "hub", "-o", "out"])
            .status
            .success()
    );
}
