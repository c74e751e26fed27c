//! `horesnet show` as a user runs it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn show(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .arg("show")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that does not read its input has closed it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_scheme_is_drawn_and_analysed() {
    let output = show(&["rk4"], "");
    assert_eq!(output.status.code(), Some(0));
    let out = text(&output.stdout);
    let drawn = "
        0 │
      1/2 │ 1/2
      1/2 │ 0    1/2
        1 │ 0    0    1
  ────────┼────────────────────
  order 4 │ 1/6  1/3  1/3  1/6
";
    assert!(out.contains(drawn), "{out}");
    for line in [
        "R(z)                  1 + z + 1/2 z² + 1/6 z³ + 1/24 z⁴\n",
        "real interval         -2.7852936 ",
        "imaginary interval    ±2.8284271i ",
        "principal error norm  0.014504582 ",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    assert!(output.stderr.is_empty());
}

#[test]
fn json_has_an_object_a_line() {
    let output = show(&["--json", "dopri5", "verner8"], "");
    assert_eq!(output.status.code(), Some(0));
    let objects = json(&output);
    let [dopri5, verner8] = objects.as_slice() else {
        panic!("{objects:?}")
    };
    for (key, expected) in [
        ("name", Value::from("Dormand-Prince 5(4)")),
        ("stages", 7.into()),
        ("effective_stages", 6.into()),
        ("order", 5.into()),
        ("embedded_orders", vec![4].into()),
        ("field", "Q".into()),
        ("fsal", true.into()),
        ("stage_order", 1.into()),
        (
            "stability_polynomial",
            vec!["1", "1", "1/2", "1/6", "1/24", "1/120", "1/600"].into(),
        ),
        ("ssp_coefficient", 0.0.into()),
        ("live_tensors", 6.into()),
        ("low_storage", false.into()),
    ] {
        assert_eq!(dopri5[key], expected, "{key}");
    }
    for key in [
        "real_stability_interval",
        "imaginary_stability_interval",
        "principal_error_norm",
        "principal_error_max",
        "max_abs_coefficient",
        "max_row_norm",
    ] {
        assert!(dopri5[key].as_f64().unwrap() > 0.0, "{key}");
    }
    assert_eq!(verner8["field"], "Q(sqrt(6))");
    assert!(verner8["warning"].as_str().unwrap().starts_with("stage 12"));
}

#[test]
fn implicit_schemes_are_analysed_too() {
    let output = show(&["--json", "-"], "1 | 1\n---\norder 1 | 1\n");
    let object = &json(&output)[0];
    assert_eq!(object["l_stable"], true);
    assert_eq!(object["real_stability_interval"], "infinite");
    assert_eq!(object["stability_polynomial"], Value::Null);
    assert_eq!(
        object["stability_function"]["denominator"],
        Value::from(vec!["1", "-1"])
    );
    assert_eq!(
        object["not_computed"]["live_tensors"],
        "defined for explicit schemes only"
    );
    let out = text(&show(&["-"], "1 | 1\n---\norder 1 | 1\n").stdout);
    assert!(out.contains("(1) / (1 - z)"), "{out}");
}

#[test]
fn a_false_claim_is_noted() {
    let output = show(&["-"], "0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n");
    assert_eq!(output.status.code(), Some(0));
    let out = text(&output.stdout);
    assert!(
        out.contains("note: `order 3` is false: these weights have order 2"),
        "{out}"
    );
    let output = show(&["--json", "-"], "0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n");
    assert_eq!(json(&output)[0]["holds"], false);
    assert_eq!(json(&output)[0]["order"], 2);
}

#[test]
fn what_is_no_tableau_is_refused_with_a_picture() {
    let output = show(&["-", "rk4"], "0 |\n1/2 | q\n---\norder 2 | 0 1\n");
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(
        message.contains("standard input:2:7") && message.contains("`q` has no value"),
        "{message}"
    );
    assert!(
        text(&output.stdout).contains("R(z)"),
        "the other source is shown"
    );
    let output = show(
        &["--json", "-", "nowhere"],
        "0 |\n1/2 | q\n---\norder 2 | 0 1\n",
    );
    assert_eq!(output.status.code(), Some(2));
    let objects = json(&output);
    assert_eq!(objects[0]["errors"][0]["line"], 2);
    assert!(
        objects[1]["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("nowhere")
    );
}

/// Coefficients beyond any proof: the tableau is shown, and what is not computed is said.
#[test]
fn tableaux_beyond_proof_are_shown() {
    let long = "7".repeat(1200);
    let rows: Vec<_> = (0..6)
        .map(|i| format!("0 | {}", format!("1/{long}{i} ").repeat(i)))
        .collect();
    let tableau = format!("{}\n---\n| 1 0 0 0 0 1/{long}\n", rows.join("\n"));
    let output = show(&["-"], &tableau);
    let (out, message) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{message}");
    assert!(
        out.contains("note: ") && out.contains("order                 not proven\n"),
        "{out}"
    );
    assert!(
        out.contains("not computed: the coefficients are too large"),
        "{out}"
    );
}

/// An entry that is zero but for its rounding takes digits from the coefficient.
#[test]
fn the_ssp_coefficient_of_rounded_numbers_is_that_of_what_is_written() {
    let remark = "of the coefficients as written: their rounding may show in the last digits";
    let out = |name: &str| text(&show(&[name], "").stdout);
    assert!(out("ssprk53").contains(remark));
    assert!(!out("ssprk43").contains(remark));
}
