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
fn texts_that_are_no_tableau_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, why) in [
        (
            "torch.py",
            "import torch\nA = torch.eye(3)\n",
            "unsupported call of `eye`",
        ),
        ("mine.jl", "using LinearAlgebra\n", "missing `A`"),
        ("mine.json", "{\"A\": [[0]]}", "missing `b`"),
        ("mine.tex", "\\begin{array}{c|c}", "missing `\\end{array}`"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
        for command in ["check", "show", "repair", "expand"] {
            let output = Command::new(env!("CARGO_BIN_EXE_horesnet"))
                .current_dir(folder.path())
                .args([command, name])
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{command} {name}");
            let message = said(&output) + &String::from_utf8_lossy(&output.stdout);
            assert!(message.contains(why), "{command}: {message}");
            assert!(message.contains(name), "{command}: {message}");
        }
    }
}

/// The output says what was read as what, unless the names say it.
#[test]
fn roles_are_said_in_a_comment() {
    let folder = tempfile::tempdir().unwrap();
    let text = "M = [[0, 0], [0.5, 0]]\nw = [0, 1]\n";
    fs::write(folder.path().join("mine.py"), text).unwrap();
    let output = horesnet(folder.path(), &["mine.py", "--to", "tab"]);
    let expected = "# M (line 1): matrix\n# w (line 2): weights\n# nodes: the row sums\n";
    let written = String::from_utf8_lossy(&output.stdout);
    assert!(written.starts_with(expected), "{written}");
}

/// Solvers state the order, which a table of numbers may leave out.
#[test]
fn orders_of_solvers_are_proven() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"A": [[], ["1/2"]], "b": [0, 1]}"#;
    fs::write(folder.path().join("mine.json"), json).unwrap();
    for (name, expected) in [
        ("diffrax", "return 2"),
        ("torchdiffeq", "order = 2"),
        ("sundials", "Create(2, 2, 0, c, A, b, NULL)"),
    ] {
        let output = horesnet(folder.path(), &["mine.json", "--to", name]);
        assert!(output.status.success(), "{}", said(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(expected), "{text}");
    }
    for (file, text) in [
        ("false.tab", "0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n"),
        (
            "false.json",
            r#"{"A": [[], ["1/2"]], "b": [0, 1], "order": 3}"#,
        ),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
        let output = horesnet(folder.path(), &[file, "--to", "diffrax"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains("order 3"), "{}", said(&output));
        assert!(output.stdout.is_empty());
        let output = horesnet(folder.path(), &[file, "--to", "matlab"]);
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn extensions_name_the_language() {
    let folder = tempfile::tempdir().unwrap();
    for (file, expected) in [
        ("rk4.c", "static const double A[4][4]"),
        ("rk4.h", "static const double A[4][4]"),
        ("rk4.f90", "module rk4_tableau"),
        ("rk4.m", "A = ["),
        ("rk4.rs", "pub const A: [[f64; 4]; 4]"),
        ("rk4.py", "from sympy import Rational"),
    ] {
        let output = horesnet(folder.path(), &["rk4", "-o", file]);
        assert!(output.status.success(), "{}", said(&output));
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains(expected), "{text}");
    }
    let output = horesnet(folder.path(), &["gauss2", "--to", "pytorch"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("implicit"), "{}", said(&output));
}
