//! `horesnet design`, families in `list` and `show`, and unknown entries in `repair`, as a user runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn horesnet(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output, code: i32) -> (String, String) {
    let texts =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap());
    let [out, said] = texts;
    assert_eq!(output.status.code(), Some(code), "{out}{said}");
    assert!(!said.contains("panicked"), "{said}");
    (out, said)
}

#[test]
fn the_best_member_is_written_drawn_and_proven() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let arguments = [
        "design",
        "two_stage2",
        "--minimise",
        "bound",
        "-o",
        "best.tab",
        "--picture",
        "bound.svg",
    ];
    let (out, _) = text(&horesnet(path, &arguments), 0);
    assert!(out.contains("least Ralston's error bound"), "{out}");
    assert!(out.contains("0.33333333 for alpha = 2/3"), "{out}");
    assert!(out.contains("order   2, proven for every member"), "{out}");
    let tab = fs::read_to_string(path.join("best.tab")).unwrap();
    assert!(tab.contains("order 2 | 1/4  3/4"), "{tab}");
    let (checked, _) = text(&horesnet(path, &["check", "best.tab"]), 0);
    assert!(checked.starts_with("best.tab: ok: order 2"), "{checked}");
    let svg = fs::read_to_string(path.join("bound.svg")).unwrap();
    assert!(
        svg.contains(">alpha<") && svg.contains("least 0.33333333 at alpha = 0.666667"),
        "{svg}"
    );
}

#[test]
fn contours_are_drawn_over_two_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let arguments = [
        "design",
        "three_stage3",
        "--minimise",
        "error",
        "--picture",
        "error.png",
        "--json",
    ];
    let (out, _) = text(&horesnet(path, &arguments), 0);
    let object: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["order"], 3);
    assert_eq!(object["goal"], "principal error norm");
    let best = object["value"].as_f64().unwrap();
    let simple = object["simple"]["value"].as_f64().unwrap();
    assert!(best <= simple && object["simple"]["loss"].as_f64().unwrap() < 0.01);
    assert!(object["parameters"]["c2"]["float"].as_f64().unwrap() > 0.0);
    assert_eq!(
        fs::read(path.join("error.png")).unwrap().get(..4),
        Some(&b"\x89PNG"[..])
    );
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (_, said) = text(
        &horesnet(path, &["design", "rk4", "--minimise", "error"]),
        2,
    );
    assert!(said.contains("rk4 has no parameter to search"), "{said}");
    for (arguments, expected) in [
        (&["--minimise", "ssp"][..], "possible values: error, bound"),
        (
            &["--maximise", "error"],
            "possible values: real, imaginary, ssp",
        ),
        (&["--weights", "error"], "expected FIGURE=WEIGHT"),
        (&["--weights", "error=-1"], "a weight is a number above 0"),
        (&["--weights", "size=1"], "expected one of error, bound"),
        (&[], "--minimise"),
        (
            &["--minimise", "error", "--picture", "x.txt"],
            "does not end in .svg",
        ),
    ] {
        let (_, said) = text(
            &horesnet(path, &[&["design", "two_stage2"], arguments].concat()),
            2,
        );
        assert!(said.contains(expected), "{said}");
    }
    let wrong = "param a = 1/2 in (0, 1]\n0 |\na | a\n---\norder 2 | 0 1\n";
    fs::write(path.join("wrong.tab"), wrong).unwrap();
    let (_, said) = text(
        &horesnet(path, &["design", "wrong.tab", "--minimise", "error"]),
        1,
    );
    assert!(said.contains("`order 2` holds only for a = 1/2"), "{said}");
}

#[test]
fn families_are_listed_and_shown_with_their_special_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (out, _) = text(&horesnet(path, &["list", "--families"]), 0);
    assert!(out.contains("alpha = 2/3 in (0, 1]"), "{out}");
    let (out, _) = text(&horesnet(path, &["show", "two_stage2"]), 0);
    assert!(out.contains("weight 1 is 0 for alpha = 1/2"), "{out}");
    let (out, _) = text(&horesnet(path, &["show", "kutta4_confluent", "--json"]), 0);
    let object: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["parameters"][0]["default"], "1/3");
    assert_eq!(object["special_weights"][0]["values"], "b3 = 2/3");
}

#[test]
fn unknown_entries_are_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let kutta = "0 |\n1/2 | ?\n1 | -1 ?\n---\norder 3 | 1/6 ? 1/6\n";
    fs::write(path.join("kutta.tab"), kutta).unwrap();
    let (out, _) = text(
        &horesnet(path, &["repair", "kutta.tab", "-o", "filled.tab"]),
        0,
    );
    assert!(out.contains("1 solution for the unknown entries"), "{out}");
    let filled = fs::read_to_string(path.join("filled.tab")).unwrap();
    assert_eq!(
        filled,
        "0 |\n1/2 | 1/2\n1 | -1 2\n---\norder 3 | 1/6 2/3 1/6\n"
    );
    let (_, said) = text(&horesnet(path, &["show", "kutta.tab"]), 2);
    assert!(said.contains("this entry is unknown"), "{said}");
    fs::write(path.join("none.tab"), "0 |\n1/2 | ?\n---\norder 3 | ? ?\n").unwrap();
    let (out, _) = text(&horesnet(path, &["repair", "none.tab"]), 1);
    assert!(out.contains("no value makes the claims true"), "{out}");
}
