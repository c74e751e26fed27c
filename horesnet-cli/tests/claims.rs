//! `horesnet check` and `horesnet repair` as a user runs them.

use std::path::Path;
use std::process::{Command, Output};

const THREE_EIGHTHS: &str = "0 |\n1/3 | 1/3\n2/3 | -1/3 1\n1 | 1 -1 1\n---\n";

/// Runs the program on a file of this text, in a folder of its own.
fn horesnet(directory: &Path, arguments: &[&str], text: &str) -> Output {
    std::fs::write(directory.join("mine.tab"), text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

/// What was printed, on stdout and then on stderr, by a run with this exit code.
fn said(output: &Output, code: i32) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

#[test]
fn a_claim_too_low_is_changed_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{THREE_EIGHTHS}order 3 | 1/8 3/8 3/8 1/8\n");
    let command = ["repair", "mine.tab", "--choose", "1", "-o", "mended.tab"];
    let out = said(&horesnet(folder.path(), &command, &text), 0);
    let change = "1. line 6, column 1: weights row 1: order 3 should be order 4";
    assert!(out.contains(change), "{out}");
    let mended = std::fs::read_to_string(folder.path().join("mended.tab")).unwrap();
    assert_eq!(mended, text.replace("order 3", "order 4"));
}

#[test]
fn a_claim_too_high_is_answered_with_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{THREE_EIGHTHS}order 5 | 1/8 3/8 3/8 1/8\n");
    for command in ["repair", "check"] {
        let out = said(&horesnet(folder.path(), &[command, "mine.tab"], &text), 1);
        let line = "if the coefficients are as they should be, write `order 4`\n";
        assert_eq!(out.matches(line).count(), 1, "{out}");
    }
}

#[test]
fn a_file_that_needs_no_repair_is_not_written_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{THREE_EIGHTHS}order 4 | 1/8 3/8 3/8 1/8\n");
    let command = ["repair", "mine.tab", "-o", "copy.tab"];
    let out = said(&horesnet(folder.path(), &command, &text), 0);
    let line = "copy.tab: not written, there is nothing to repair\n";
    assert!(out.contains(line), "{out}");
    assert!(!folder.path().join("copy.tab").exists());
}

#[test]
fn rounded_nodes_are_not_called_other_than_their_sums() {
    let folder = tempfile::tempdir().unwrap();
    let text = |node: &str| {
        format!(
            "rounded 5e-5\n0 |\n0.33333 | 0.33333\n{node} | 0.33333 0.33333\n---\n| 0.25 0 0.75\n"
        )
    };
    let check = |node| {
        said(
            &horesnet(folder.path(), &["check", "mine.tab"], &text(node)),
            0,
        )
    };
    let remark = "the nodes are not the row sums";
    assert!(!check("0.66667").contains(remark));
    assert!(check("0.667").contains(remark));
}

#[test]
fn a_search_that_nobody_asked_for_ends_where_it_must() {
    let folder = tempfile::tempdir().unwrap();
    let text = "rounded 1e-9\n1e200 |\n* | 10\n1 | 1e-20 1e30\n---\n| 0 1/3 -2\n";
    let run = |command: &[&str], text: &str| horesnet(folder.path(), command, text);
    let out = said(&run(&["check", "mine.tab"], text), 0);
    assert!(out.contains("ok: order 0;"), "{out}");
    // Weights that cancel make every tolerance larger than its condition, until the numbers are too large.
    let row = "1e100 | 1e100 0\n";
    let endless = format!("rounded 0.1\n{row}{row}---\n| 1e10 1-1e10\n");
    let out = said(&run(&["check", "mine.tab"], &endless), 0);
    let remark = "(the search for higher ones would take too long)";
    assert!(
        out.contains("order at least ") && out.contains(remark),
        "{out}"
    );
    // Only who names an order is told to name another.
    let out = said(
        &run(&["check", "mine.tab", "--max-order", "10"], &endless),
        2,
    );
    assert!(out.contains("--max-order"), "{out}");
    let out = said(&run(&["repair", "mine.tab"], &endless), 0);
    assert!(!out.contains("--max-order"), "{out}");
}
