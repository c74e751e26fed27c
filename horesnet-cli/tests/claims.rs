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
    let change = "1. line 6, column 1: write `order 4`\n";
    assert!(out.contains(change), "{out}");
    let mended = std::fs::read_to_string(folder.path().join("mended.tab")).unwrap();
    assert_eq!(mended, text.replace("order 3", "order 4"));
}

#[test]
fn a_claim_too_high_is_answered_with_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{THREE_EIGHTHS}order 5 | 1/8 3/8 3/8 1/8\n");
    for (command, code) in [("repair", 0), ("check", 1)] {
        let out = said(
            &horesnet(folder.path(), &[command, "mine.tab"], &text),
            code,
        );
        let line = "if the coefficients are right, write `order 4`\n";
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
    let row = "1e1000 | 1e1000 0\n";
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

/// The claim is a change like any other, so the one change of the coefficients is still the one that is made.
#[test]
fn the_likeliest_change_is_made_without_a_choice() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{THREE_EIGHTHS}order 4 | 1/8 3/8 3/8 1/9\n");
    let out = said(&horesnet(folder.path(), &["repair", "mine.tab"], &text), 0);
    assert!(
        out.contains("1. line 6, column 23: weights row 1, entry 4: 1/9 should be 1/8"),
        "{out}"
    );
    let text = text.replace("-1/3 1", "1/3 1").replace("1/9", "1/8");
    let command = ["repair", "mine.tab", "-o", "mended.tab"];
    said(&horesnet(folder.path(), &command, &text), 0);
    let mended = std::fs::read_to_string(folder.path().join("mended.tab")).unwrap();
    assert_eq!(mended, text.replace("| 1/3 1\n", "| -1/3 1\n"));
}

#[test]
fn programs_are_read_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let program = "M = [[0, 0], [1/2, 0]]\nb = [0, 1]\nc = [0, 1/2]\n";
    std::fs::write(folder.path().join("mine.txt"), program).unwrap();
    let out = said(&horesnet(folder.path(), &["check", "mine.txt"], ""), 0);
    assert!(out.contains("mine.txt: ok: order 2"), "{out}");
    assert!(out.contains("# M (line 1): matrix"), "{out}");
    for command in ["repair", "show", "expand"] {
        said(&horesnet(folder.path(), &[command, "mine.txt"], ""), 0);
    }
    let plot = ["plot", "mine.txt", "-o", "region.svg"];
    said(&horesnet(folder.path(), &plot, ""), 0);
    // A false claim is shown where it stands in the program, and its repair too.
    let wrong = "A = [[0, 0], [1/2, 0]]\nb = [0, 1]\norder = 3\n";
    std::fs::write(folder.path().join("wrong.py"), wrong).unwrap();
    let out = said(&horesnet(folder.path(), &["check", "wrong.py"], ""), 1);
    assert!(out.contains("wrong.py:3:9"), "{out}");
    // Printed decimals are rounded: of order 2 only within their error.
    let decimals = "A = [[0, 0], [0.66667, 0]]\nb = [0.25, 0.75]\n";
    std::fs::write(folder.path().join("decimals.py"), decimals).unwrap();
    let out = said(&horesnet(folder.path(), &["check", "decimals.py"], ""), 0);
    assert!(out.contains("order 1"), "{out}");
    let rounded = ["check", "decimals.py", "--rounded", "5e-5"];
    let out = said(&horesnet(folder.path(), &rounded, ""), 0);
    assert!(out.contains("order 2"), "{out}");
    // Both schemes of an additive pair, by their names; other commands take one.
    let pair = "A = [[0, 0], [0, 1]]\nA_hat = [[0, 0], [1, 0]]\nb = [0, 1]\nb_hat = [1, 0]\n";
    std::fs::write(folder.path().join("pair.py"), pair).unwrap();
    let out = said(&horesnet(folder.path(), &["check", "pair.py"], ""), 0);
    assert!(out.contains("implicit part: A: ok: order 1"), "{out}");
    assert!(out.contains("explicit part: A_hat: ok: order 1"), "{out}");
    let out = said(&horesnet(folder.path(), &["show", "pair.py"], ""), 2);
    assert!(out.contains("--as 1"), "{out}");
    let second = ["show", "pair.py", "--as", "2"];
    said(&horesnet(folder.path(), &second, ""), 0);
    let more = format!("{program}x = [3, 4]\n");
    std::fs::write(folder.path().join("more.py"), more).unwrap();
    let out = said(&horesnet(folder.path(), &["check", "more.py"], ""), 2);
    assert!(out.contains("--ignore x"), "{out}");
    let ignored = ["check", "more.py", "--ignore", "x"];
    said(&horesnet(folder.path(), &ignored, ""), 0);
}

#[test]
fn names_of_other_tools_are_known() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bundled) in [("RK45", "dopri5"), ("Tsit5()", "tsitouras5")] {
        let out = said(&horesnet(folder.path(), &["check", name], ""), 0);
        assert!(out.contains(bundled), "{out}");
    }
    for (name, meant) in [
        ("dropi5", "`dopri5`"),
        ("dopri", "`dopri5` or `dopri8`"),
        ("ssp3", "`ssprk3`, `ssprk43` or `ssprk53`"),
    ] {
        let out = said(&horesnet(folder.path(), &["check", name], ""), 2);
        assert!(out.contains(&format!("did you mean {meant}?")), "{out}");
    }
}

#[test]
fn other_names_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let table = said(&horesnet(folder.path(), &["list"], ""), 0);
    let dopri5 = table
        .lines()
        .find(|line| line.starts_with("dopri5 "))
        .unwrap();
    assert!(dopri5.contains("Dormand-Prince 5(4)"), "{dopri5}");
    assert!(dopri5.contains("RK45, DP5, "), "{dopri5}");
    let json = said(
        &horesnet(folder.path(), &["list", "--implicit", "--json"], ""),
        0,
    );
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let radau = json
        .as_array()
        .unwrap()
        .iter()
        .find(|scheme| scheme["name"] == "radau_iia3");
    assert_eq!(
        radau.unwrap()["aliases"],
        serde_json::json!(["Radau", "RADAU5"])
    );
}

/// Names of files are bytes, not text.
#[cfg(unix)]
#[test]
fn files_with_any_name_are_read() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"m\xffne.tab");
    let text = format!("{THREE_EIGHTHS}order 4 | 1/8 3/8 3/8 1/8\n");
    std::fs::write(folder.path().join(name), text).unwrap();
    for command in ["check", "show", "repair", "expand"] {
        let run = Command::new(env!("CARGO_BIN_EXE_horesnet"))
            .current_dir(folder.path())
            .arg(command)
            .arg(name)
            .output()
            .unwrap();
        // The name gives no type, which `expand` asks for.
        let expected = if command == "expand" {
            Some(2)
        } else {
            Some(0)
        };
        assert!(
            run.status.code() == expected || run.status.success(),
            "{command}: {run:?}"
        );
    }
}

#[test]
fn conditions_are_listed_tree_by_tree() {
    let folder = tempfile::tempdir().unwrap();
    let out = said(
        &horesnet(folder.path(), &["show", "heun2", "--conditions", "3"], ""),
        0,
    );
    assert!(
        out.contains("3      [[τ]]  1/6  -1/6      -1/6   fails  Σ b_i a_ij c_j"),
        "{out}"
    );
    let out = said(
        &horesnet(
            folder.path(),
            &["show", "heun2", "--conditions", "3", "--json"],
            "",
        ),
        0,
    );
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["conditions"].as_array().unwrap().len(), 4);
    let out = said(
        &horesnet(folder.path(), &["show", "gauss2", "--exact"], ""),
        0,
    );
    assert!(out.contains("(3 - sqrt(3))/6"), "{out}");
}
