//! `horesnet plot` as a user runs it.

mod folder;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use folder::names;

fn horesnet(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.current_dir(directory).arg("plot").args(arguments);
    command.output().unwrap()
}

/// What the command said on stderr, after ending with `code` and without results.
fn said(output: &Output, code: i32) -> String {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(output.stdout.is_empty());
    assert!(!message.contains("panicked"), "{message}");
    message
}

#[test]
fn the_ending_decides_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let drawn = horesnet(path, &["euler", "rk4", "-o", "regions.svg"]);
    assert_eq!(said(&drawn, 0), "");
    let svg = fs::read_to_string(path.join("regions.svg")).unwrap();
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    for words in ["Re(hλ)", "Im(hλ)", ">Euler<", ">RK4<", "order 4, 4 stages"] {
        assert!(svg.contains(words), "{words}");
    }
    let drawn = horesnet(
        path,
        &["rk4", "--wiring", "-o", "rk4.PNG", "--width", "300"],
    );
    assert_eq!(said(&drawn, 0), "");
    let png = fs::read(path.join("rk4.PNG")).unwrap();
    // The signature, then a header of length, name and width (PNG, W3C 2003, §11.2.2).
    assert_eq!(png.get(..8), Some(&b"\x89PNG\r\n\x1a\n"[..]));
    assert_eq!(png.get(16..20), Some(&300_u32.to_be_bytes()[..]));
    // Nothing is left of how they were written.
    assert_eq!(names(path), ["regions.svg", "rk4.PNG"]);
}

#[test]
fn options_select_what_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = |arguments: &[&str]| {
        let output = horesnet(folder.path(), &[arguments, &["-o", "-"]].concat());
        assert!(output.status.success(), "{output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        (String::from_utf8(output.stdout).unwrap(), message)
    };
    let (svg, _) = drawn(&["dopri5", "--embedded"]);
    for words in ["order 5, 6 stages", ", embedded<", "order 4, 7 stages"] {
        assert!(svg.contains(words), "{words}");
    }
    let (_, message) = drawn(&["rk4", "--embedded"]);
    assert_eq!(message, "note: RK4 has no embedded weights\n");
    let (svg, _) = drawn(&[
        "rk4",
        "--order-star",
        "--xlim",
        "-1e1",
        "10",
        "--ylim",
        "-4",
        "4",
    ]);
    for words in [
        ">Order star of RK4<",
        ">|R(z)·exp(−z)| &gt; 1, ",
        ">−10<",
        ">10<",
        ">Re(z)<",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    let (svg, _) = drawn(&["rk4", "--no-title"]);
    assert!(svg.contains("<title>Stability region of RK4</title>"));
    assert!(!svg.contains(">Stability region of RK4</text>"));
    assert_eq!(
        said(
            &horesnet(
                folder.path(),
                &["rk4", "--wiring", "--no-title", "-o", "rk4.pdf"]
            ),
            0
        ),
        ""
    );
    let pdf = fs::read(folder.path().join("rk4.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
}

#[test]
fn a_dash_is_standard_input_and_output() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .args(["plot", "-", "-o", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let tableau = b"name \"Backward Euler\"\n1 | 1\n---\norder 1 | 1\n";
    child.stdin.take().unwrap().write_all(tableau).unwrap();
    let output = child.wait_with_output().unwrap();
    let svg = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(svg.contains("Stability region of Backward Euler"), "{svg}");
}

#[test]
fn a_false_claim_is_drawn_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.tab"), "0 |\n---\norder 2 | 1\n").unwrap();
    let output = horesnet(folder.path(), &["mine.tab", "-o", "mine.svg"]);
    let message = said(&output, 0);
    assert!(message.contains("`order 2` is false"), "{message}");
    let svg = fs::read_to_string(folder.path().join("mine.svg")).unwrap();
    assert!(svg.contains("order 1, 1 stage"), "{svg}");
}

#[test]
fn two_schemes_of_one_name_are_called_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.tab", "b.tab"] {
        let text = "name \"Mine\"\n0 |\n---\norder 1 | 1\n";
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = horesnet(folder.path(), &["a.tab", "b.tab", "-o", "-"]);
    let svg = String::from_utf8(output.stdout).unwrap();
    assert!(svg.contains(">a.tab<") && svg.contains(">b.tab<"), "{svg}");
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("old.svg"), "as it was").unwrap();
    fs::write(path.join("wrong.tab"), "0 |\n1/2 | 1/2 1/2\n---\n| 1\n").unwrap();
    fs::write(path.join("implicit.tab"), "1 | 1\n---\norder 1 | 1\n").unwrap();
    fs::write(path.join("huge.tab"), "0 |\n1 | 1\n---\n| 1e400 1\n").unwrap();
    fs::create_dir(path.join("folder.svg")).unwrap();
    let before = names(path);
    for (arguments, expected) in [
        (
            &["rk4", "-o", "rk4.eps"][..],
            "does not end in .svg, .png or .pdf",
        ),
        (&["rk4", "-o", "rk4"], "does not end in .svg, .png or .pdf"),
        (&["rk4", "-o", "none/rk4.svg"], "there is no folder none"),
        (&["rk4", "-o", "folder.svg"], "it is a folder"),
        (&["rk5", "-o", "old.svg"], "no bundled scheme"),
        (&["wrong.tab", "-o", "old.svg"], "stage row 2"),
        (&["huge.tab", "-o", "old.svg"], "floating-point"),
        (&["huge.tab", "--wiring", "-o", "old.svg"], "floating-point"),
        (
            &["implicit.tab", "--wiring", "-o", "old.svg"],
            "is implicit",
        ),
        (&["rk4", "euler", "--wiring", "-o", "old.svg"], "one scheme"),
        (&["rk4", "-o", "old.svg", "--width", "9"], "100..=8000"),
        (&["rk4"], "--output"),
        (
            &["rk4", "-o", "old.svg", "--xlim", "1", "-1"],
            "--xlim 1 -1: expected a smaller number before a larger one",
        ),
        (
            &["rk4", "-o", "old.svg", "--ylim", "1"],
            "2 values required",
        ),
        (
            &["rk4", "-o", "old.svg", "--ylim", "0", "x"],
            "invalid float",
        ),
        (
            &["rk4", "-o", "old.svg", "--wiring", "--order-star"],
            "cannot be used with",
        ),
        (
            &["rk4", "-o", "old.svg", "--wiring", "--xlim", "0", "1"],
            "cannot be used with",
        ),
    ] {
        let message = said(&horesnet(path, arguments), 2);
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    assert_eq!(names(path), before);
    assert_eq!(fs::read(path.join("old.svg")).unwrap(), b"as it was");
}
