//! `horesnet convert` as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn horesnet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.current_dir(folder).arg("convert").args(arguments);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn files_that_are_no_tableau_are_not_formatted() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("0 |\n1 | 1/0\n---\n| 1 0\n", "division by zero"),
        ("0 |\n1 | x\n---\n| 1 0\n", "`x`"),
        ("0 |\n1 | 1 1\n---\n| 1 0\n", "stage row 2"),
    ] {
        fs::write(folder.path().join("mine.tab"), text).unwrap();
        for arguments in [
            &["mine.tab", "--to", "tab"][..],
            &["mine.tab", "--in-place"],
            &["mine.tab", "--check"],
        ] {
            let output = horesnet(folder.path(), arguments);
            assert_eq!(
                output.status.code(),
                Some(2),
                "{arguments:?}: {}",
                said(&output)
            );
            assert!(said(&output).contains(expected), "{}", said(&output));
            assert!(output.stdout.is_empty());
            assert_eq!(
                fs::read_to_string(folder.path().join("mine.tab")).unwrap(),
                text
            );
        }
    }
}

#[test]
fn false_claims_are_formatted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.tab"), "0|\n---\norder 3|1\n").unwrap();
    let output = horesnet(folder.path(), &["mine.tab", "--in-place"]);
    assert!(output.status.success(), "{}", said(&output));
    let text = fs::read_to_string(folder.path().join("mine.tab")).unwrap();
    assert_eq!(text, "0       |\n--------+--\norder 3 | 1\n");
}

#[test]
fn what_could_not_be_read_again_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("mine.tab"),
        "0 |\n1 | 21e-4096/3\n---\n| 1 0\n",
    )
    .unwrap();
    for notation in ["json", "latex", "julia", "python"] {
        let output = horesnet(folder.path(), &["mine.tab", "--to", notation]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("4096 digits"), "{}", said(&output));
        assert!(output.stdout.is_empty());
    }
}

/// They would be commands to the terminal that shows a name or a message.
#[test]
fn control_characters_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (c, shown) in [
        ('\u{1b}', "U+001B"),
        ('\0', "U+0000"),
        ('\r', "U+000D"),
        ('\u{9b}', "U+009B"),
    ] {
        let text = format!("name \"a{c}b\"\n0 |\n---\n| 1\n");
        fs::write(folder.path().join("mine.tab"), text).unwrap();
        let output = horesnet(folder.path(), &["mine.tab", "--to", "json"]);
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("byte 8 is the control character {shown}");
        assert!(said(&output).contains(&expected), "{}", said(&output));
    }
}

#[test]
fn files_in_other_notations_are_answered_with_the_conversion() {
    let folder = tempfile::tempdir().unwrap();
    // Read or not: `convert` says what is wrong with them.
    for (name, text, notation) in [
        ("mine.py", "A = [[0, 0], [0.5, 0]]\nb = [0, 1]\n", "python"),
        ("torch.py", "import torch\nA = torch.eye(3)\n", "python"),
        ("mine.jl", "using LinearAlgebra\n", "julia"),
        ("mine.json", "{\"A\": [[0]]}", "json"),
        ("mine.tex", "\\begin{array}{c|c}", "latex"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
        for command in ["check", "show", "repair", "expand"] {
            let output = Command::new(env!("CARGO_BIN_EXE_horesnet"))
                .current_dir(folder.path())
                .args([command, name])
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{command} {name}");
            let message = said(&output);
            assert!(
                message.contains(&format!(
                    "{name} is {notation}, and this command reads `.tab` files"
                )),
                "{message}"
            );
            let stem = name.split('.').next().unwrap();
            let convert = format!("`horesnet convert {name} --to tab -o {stem}.tab`");
            assert!(message.contains(&convert), "{message}");
        }
    }
}
