//! `horesnet train --describe`, as it is typed.

use std::process::{Command, Output};

use serde_json::Value;

fn describe(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.args(["train", "--describe"]).args(arguments);
    command.output().unwrap()
}

#[test]
fn a_network_is_described_beside_euler_and_nothing_is_trained() {
    let output = describe(&["--scheme", "rk4(midpoint)", "--blocks", "1,2"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = text
        .lines()
        .map(|line| line.split("  ").next().unwrap())
        .collect();
    let expected = [
        "part",
        "stem",
        "group1.block1",
        "group2.transition",
        "group2.block1 to group2.block2, each",
        "head",
        "network, rk4(midpoint)",
        "same layers, euler",
        "ratio",
    ];
    assert_eq!(names[2..11], expected, "{text}");
    let ratio = text.lines().nth(10).unwrap();
    let figures: Vec<&str> = ratio.split_whitespace().skip(1).collect();
    assert_eq!((figures[0], figures[2]), ("×1.000", "×1.000"), "{text}");
    assert!(output.stderr.is_empty());
}

#[test]
fn json_has_the_same_in_bytes() {
    let output = describe(&["--scheme", "rk4", "--batch-size", "10", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["image"], serde_json::json!([1, 8, 8]));
    let (rk4, euler) = (&json["network"]["network"], &json["euler"]["network"]);
    assert_eq!(rk4["parameters"], euler["parameters"]);
    let block = &json["network"]["parts"][1];
    assert_eq!(block["name"], "group1.block1");
    // Four stages keep two states of 12 channels and 8×8 pixels, of 4 bytes, for each of ten images.
    assert_eq!(block["saved_bytes"], 4 * 2 * 12 * 64 * 4 * 10);
}

#[test]
fn what_cannot_be_trained_is_not_described() {
    let output = describe(&["--scheme", "rk4(midpont)"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("column 5: unknown scheme `midpont`"),
        "{message}"
    );
}
