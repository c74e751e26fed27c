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

#[test]
fn each_way_to_recompute_is_counted() {
    let output = describe(&["--recompute", "block", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["recompute"], "block");
    let modes = json["modes"].as_array().unwrap();
    let of = |name: &str| {
        let mode = modes.iter().find(|mode| mode["recompute"] == name);
        let mode = mode.unwrap_or_else(|| panic!("{name} in {json}"));
        ["saved_bytes", "peak_bytes"].map(|key| mode[key].as_u64().unwrap())
    };
    assert_eq!(of("block")[1], json["network"]["network"]["peak_bytes"]);
    // One state of 12 channels, 8×8 pixels, 4 bytes and 32 images in place of four stages of two.
    let (none, block) = (of("none"), of("block"));
    let states = |blocks: [u64; 2]| 4 * 32 * (blocks[0] * 12 * 64 + blocks[1] * 24 * 16);
    assert_eq!(none[0] - block[0], states([7, 7]));
    assert_eq!(block[0] - of("block+stage")[0], 0);
    assert_eq!(of("stage")[0] - block[0], states([3, 3]));
    assert!(of("block+stage")[1] < block[1] && block[1] < none[1]);

    let text = describe(&["--recompute", "budget(1)"]);
    let text = String::from_utf8(text.stdout).unwrap();
    let chosen = text.lines().find(|line| line.starts_with("budget(1) *"));
    assert!(chosen.is_some(), "{text}");
}

#[test]
fn a_budget_that_is_too_small_or_no_mode_is_refused() {
    let arguments = ["--recompute", "budget(1)", "--widths", "64,128"];
    for (mode, problem) in [
        (&arguments[..], "the least that works is budget("),
        (&["--recompute", "blok"], "block"),
        (&["--recompute", "budget(0)"], "a budget of 1 MiB or more"),
    ] {
        let output = describe(mode);
        assert_eq!(output.status.code(), Some(2), "{mode:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(problem), "{message}");
    }
}
