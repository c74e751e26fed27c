//! `horesnet eval` as a user runs it.

mod tiny;

use std::fs;
use std::path::Path;

use serde_json::Value;

use tiny::{horesnet, json, refused, train};

#[test]
fn a_test_of_other_weights_fails_the_check() {
    let temporary = tempfile::tempdir().unwrap();
    train(temporary.path(), &["--run", "mine"]);
    let path = temporary.path().join("mine/test.json");
    let mut test: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    test["loss"] = Value::from(0.5);
    fs::write(&path, test.to_string()).unwrap();
    let output = horesnet(temporary.path(), &["eval", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("a test loss of 0.5000"), "{message}");
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
    let wider = "train --widths 3 --blocks 1 --epochs 1 --batch-size 512 --run wider";
    horesnet(temporary.path(), &wider.split(' ').collect::<Vec<_>>());
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
fn weights_without_a_test_are_tested_and_not_compared() {
    let temporary = tempfile::tempdir().unwrap();
    train(temporary.path(), &["--run", "mine"]);
    fs::remove_file(temporary.path().join("mine/test.json")).unwrap();
    let output = horesnet(temporary.path(), &["eval", "mine", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    assert_eq!(
        (&report["epoch"], &report["reproduced"]),
        (&Value::from(1), &Value::Null)
    );
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("the run has no test of these weights"),
        "{message}"
    );
}

/// The four files of MNIST with `train` and `test` images of 4×4 pixels in ten classes.
fn mnist(directory: &Path, train: u32, test: u32) {
    fs::create_dir(directory).unwrap();
    for (part, count) in [("train", train), ("t10k", test)] {
        let idx = |magic: u32, sizes: &[u32], bytes: Vec<u8>| {
            let head = [&[magic], sizes].concat();
            let head = head.into_iter().flat_map(u32::to_be_bytes);
            head.chain(bytes).collect::<Vec<u8>>()
        };
        let pixels = (0..16 * count).map(|i| (i * i) as u8).collect();
        let labels = (0..count).map(|i| (i % 10) as u8).collect();
        let write = |name: &str, bytes| fs::write(directory.join(format!("{part}-{name}")), bytes);
        write("images-idx3-ubyte", idx(2051, &[count, 4, 4], pixels)).unwrap();
        write("labels-idx1-ubyte", idx(2049, &[count], labels)).unwrap();
    }
}

#[test]
fn a_run_is_tested_and_goes_on_where_its_data_is_now() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    mnist(&directory.join("there"), 20, 10);
    let options = "train --data mnist --data-dir there --scheme euler --widths 2 --blocks 1 --epochs 1 --batch-size 10 \
        --run mine --json";
    let options: Vec<&str> = options.split_whitespace().collect();
    let summary = json(&horesnet(directory, &options));
    fs::rename(directory.join("there"), directory.join("here")).unwrap();
    let message = refused(&horesnet(directory, &["eval", "mine"]), 2);
    assert!(message.contains("there"), "{message}");
    let found = ["eval", "mine", "--data-dir", "here", "--json"];
    let report = json(&horesnet(directory, &found));
    assert_eq!(report["test_accuracy"], summary["test_accuracy"]);
    assert_eq!(report["reproduced"], Value::from(true));
    let message = refused(
        &horesnet(directory, &["eval", "mine", "--data-dir", "none"]),
        2,
    );
    assert!(message.contains("none"), "{message}");

    let resumed = |more: &[&str]| {
        let output = horesnet(directory, &[&["train", "--resume", "mine"], more].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), message)
    };
    assert_eq!(resumed(&[]).0, Some(2));
    let (code, message) = resumed(&["--data-dir", "here"]);
    assert_eq!(code, Some(0), "{message}");
    mnist(&directory.join("other"), 20, 11);
    let (code, message) = resumed(&["--data-dir", "other"]);
    assert_eq!(code, Some(2));
    assert!(
        message.contains("the images or labels of the data set have changed"),
        "{message}"
    );
}

#[test]
fn runs_that_are_not_there_or_damaged_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let message = refused(&horesnet(directory, &["eval", "none"]), 2);
    assert!(message.contains("`none` does not exist"), "{message}");
    fs::create_dir(directory.join("other")).unwrap();
    let message = refused(&horesnet(directory, &["eval", "other"]), 2);
    assert!(
        message.contains("`other` is not the folder of a run"),
        "{message}"
    );
    fs::write(directory.join("other/comparison.json"), "").unwrap();
    let message = refused(&horesnet(directory, &["eval", "other"]), 2);
    assert!(
        message.contains("`other` is the folder of a comparison"),
        "{message}"
    );
    train(directory, &["--out", "mine"]);
    for name in ["best", "model"] {
        let path = directory.join(format!("mine/{name}.safetensors"));
        fs::rename(path, directory.join(name)).unwrap();
    }
    let message = refused(&horesnet(directory, &["eval", "mine"]), 2);
    assert!(
        message.contains("no epoch of this run has ended"),
        "{message}"
    );
    fs::write(temporary.path().join("mine/model.safetensors"), "nonsense").unwrap();
    let message = refused(&horesnet(temporary.path(), &["eval", "mine"]), 2);
    assert!(message.contains("model.safetensors"), "{message}");
}

#[test]
fn a_test_says_how_each_class_is_recognised() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    train(directory, &["--run", "mine"]);
    let report = json(&horesnet(directory, &["eval", "mine", "--json"]));
    let rows = report["confusion_matrix"].as_array().unwrap();
    let count = |row: &Value| {
        row.as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(rows.iter().map(count).sum::<u64>(), 355);
    let right: u64 = rows
        .iter()
        .enumerate()
        .map(|(class, row)| row[class].as_u64().unwrap())
        .sum();
    let accuracy = report["test_accuracy"].as_f64().unwrap();
    assert!((right as f64 / 355.0 - accuracy).abs() < 1e-12);
    for (class, row) in report["classes"].as_array().unwrap().iter().zip(rows) {
        assert_eq!(class["support"], Value::from(count(row)));
    }
    // Ten classes are too few for a top-5 accuracy.
    assert_eq!(report["top_5_accuracy"], Value::Null);

    let output = horesnet(directory, &["eval", "mine", "--html", "page.html"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("class    images  precision (%)  recall (%)"),
        "{text}"
    );
    let page = fs::read_to_string(directory.join("page.html")).unwrap();
    for part in [
        "Confusion matrix, 355 images",
        "Calibration: ECE",
        "Most wrong images",
        "data:image/png",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let again = ["eval", "mine", "--html", "page.html"];
    let message = refused(&horesnet(directory, &again), 2);
    assert!(message.contains("page.html exists"), "{message}");
    let forced = horesnet(directory, &[&again[..], &["--force"]].concat());
    assert_eq!(forced.status.code(), Some(0));
    let run = fs::read_to_string(directory.join("mine/report.html")).unwrap();
    assert!(run.contains("Confusion matrix, 355 images"));
}
