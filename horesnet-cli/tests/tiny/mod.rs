//! The program on a training that takes no time to speak of.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Options of a training that takes no time to speak of.
#[allow(dead_code, reason = "not every test trains the digits")]
pub(crate) const TINY: [&str; 14] = [
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

pub(crate) fn horesnet(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

#[allow(dead_code, reason = "not every test trains the digits")]
pub(crate) fn train(directory: &Path, more: &[&str]) -> Output {
    horesnet(directory, &[&["train"], &TINY[..], more].concat())
}

pub(crate) fn json(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = text.lines().last().unwrap();
    serde_json::from_str(last).unwrap()
}

/// The message of a command that ended with `code`, without results on stdout or a panic.
#[allow(dead_code, reason = "not every test refuses")]
pub(crate) fn refused(output: &Output, code: i32) -> String {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(output.stdout.is_empty());
    assert!(!message.contains("panicked"), "{message}");
    message
}
