//! `DATA` of Fortran, chained assignments and lists with numbered names mean what they mean there, or are refused.

use std::fmt::Write;
use std::time::{Duration, Instant};

use horesnet_compiler::notation::{self, Choice, PrintedTableau};

fn read(text: &str) -> Result<String, String> {
    let shown = |problems: Vec<_>| -> String {
        let problems: Vec<horesnet_compiler::diagnostic::Diagnostic> = problems;
        problems[0].render("mine", text)
    };
    let schemes = notation::read(text, &Choice::default()).map_err(shown)?;
    let printed = PrintedTableau::new(&schemes[0].document).map_err(shown)?;
    Ok(notation::find("tab").unwrap().write(&printed).unwrap())
}

#[track_caller]
fn same(text: &str, expected: &str) {
    let found = read(text).unwrap_or_else(|problem| panic!("{problem}"));
    let rows = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.contains('|'));
        rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    assert_eq!(rows(&found), rows(expected), "{text}");
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let problem = read(text).expect_err(text);
    assert!(problem.contains(expected), "{problem}");
}

const MIDPOINT: &str = "0 |\n0.5 | 0.5\n| 0 1\n";

#[test]
fn data_statements_are_read() {
    for text in [
        "      DATA A(2,1) /0.5/, C(2) /0.5/, B(1), B(2) /0, 1/\n",
        "      DATA A(2,1), C(2) /2*0.5/\n      DATA (B(I), I = 1, 2) /0, 1/\n",
        "C     A comment\n      DATA A(2,1), \n*     and another ! with\n     $ C(2)\n     1 /2*0.5/ ! DATA\n      DATA B /0, 1/\n",
        "data ((a(i, j), j = 1, i - 1), i = 2, 2), c(2) /0.5, 0.5/\ndata b /0, 1/\n",
        "data a21, c2 /0.5, 0.5/\ndata b1, b2 /0, 1/\n",
    ] {
        same(text, MIDPOINT);
    }
}

#[test]
fn data_that_is_not_understood_is_refused() {
    for (text, expected) in [
        (
            "data a(2,1), c(2) /0.5/\ndata b /0, 1/\n",
            "expected 2 values for 2 names, found 1",
        ),
        ("data a(2,1) /x/\ndata b /0, 1/\n", "`x` is not defined"),
        (
            "data a(k,1) /0.5/\ndata b /0, 1/\n",
            "expected an integer or a counter",
        ),
        (
            "data a(0,1) /0.5/\ndata b /0, 1/\n",
            "expected an index from 1",
        ),
        (
            "data (a(i,1), i = 2) /0.5/\ndata b /0, 1/\n",
            "expected the last value",
        ),
        (
            "data a(2,1) /0.5 0.5/\ndata b /0, 1/\n",
            "expected `,` or `/`",
        ),
    ] {
        refused(text, expected);
    }
}

#[test]
fn chains_assign_to_each_name() {
    same(
        "A = [[0, 0], [1/2, 0]]\nx = b = [0, 1]\n",
        "0 |\n1/2 | 1/2\n| 0 1\n",
    );
    // A list with two names is one list.
    let text = "import numpy as np\nA = B = np.zeros((2, 2))\nB[1, 0] = 1/2\nb = [0, 1]\n";
    refused(text, "may share its list with another name");
    refused("A = [[0, 0], [1/2, 0]]\nx = b = g(2, 3)\n", "call of `g`");
}

#[test]
fn rows_with_numbers_are_joined_where_their_lengths_are_those_of_a_matrix() {
    let rk4 = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n| 1/6 1/3 1/3 1/6\n";
    let weights = "b = [1/6, 1/3, 1/3, 1/6]\n";
    for rows in [
        "a2 = [1/2]\na3 = [0, 1/2]\na4 = [0, 0, 1]\n",
        "a_1 = [1/2]\na_2 = [0, 1/2]\na_3 = [0, 0, 1]\n",
        "A1 = [0, 0, 0, 0]\nA2 = [1/2, 0, 0, 0]\nA3 = [0, 1/2, 0, 0]\nA4 = [0, 0, 1, 0]\n",
        "k21 = 1/2\nk3 = [0, 1/2]\nk4 = [0, 0, 1]\n",
        "k3 = [0, 1/2]\nk4 = [0, 0, 1]\nah = [1/2, 1/2, 1]\n",
        "k3 = [0, 1/2]\nk4 = [0, 0, 1]\nnodes = [0, 1/2, 1/2, 1]\n",
    ] {
        same(&format!("{rows}{weights}"), rk4);
    }
    for (rows, expected) in [
        // One row is missing, or its length is another.
        ("a2 = [1/2]\na4 = [0, 0, 1]\n", "error"),
        ("a2 = [1/2]\na3 = [0, 1/2, 0]\na4 = [0, 0, 1]\n", "error"),
        // Nothing tells the second row.
        ("k3 = [0, 1/2]\nk4 = [0, 0, 1]\n", "error"),
        (
            "k3 = [0, 1/2]\nk4 = [0, 0, 1]\nah = [1/2, 3/4, 1]\n",
            "error",
        ),
    ] {
        refused(&format!("{rows}{weights}"), expected);
    }
}

#[test]
fn loops_and_lists_of_any_number_are_answered_soon() {
    let loops = "(".repeat(40) + "x" + &", i = 1, 4000)".repeat(40);
    let mut many = String::new();
    for i in 0..40_000 {
        writeln!(many, "x{i}y2 = [1]\nx{i}y3 = [1, 2]").unwrap();
    }
    let start = Instant::now();
    for text in [
        format!("data {loops} /1/\n"),
        "data ".to_owned() + &"a(1,1), ".repeat(100_000) + "/1/\n",
        format!("data {} /1/\n", "b c ".repeat(100_000)),
        format!("data b /{}1/\n", "60000*1, ".repeat(100_000)),
        "x = ".repeat(200_000) + "1\n",
        many,
    ] {
        assert!(read(&text).is_err());
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}
