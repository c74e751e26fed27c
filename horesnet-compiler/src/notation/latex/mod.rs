//! LaTeX: the `array` of textbooks. Comments hold what it cannot show, spelled as in tableau files.
//! The array is split into cells (`array.rs`), each of which is a formula (`formula.rs`).
//! Must not know other notations.

mod array;
mod formula;

use num_bigint::BigInt;

use super::write::{NumberFormat, aligned, commented, headers, quoted};
use super::{Notation, PrintedTableau, Scheme};

pub(super) const NOTATION: Notation = Notation {
    name: "latex",
    extension: "tex",
    form: "a LaTeX array",
    resembles,
    read: |text, _| Ok(vec![Scheme::of(array::read(text)?)]),
    write: |tableau| Ok(write(tableau)),
};

/// Returns true if an array begins outside of comments, those of other notations too.
fn resembles(text: &str) -> bool {
    let begins = |line: &str| line.contains("\\begin{array}") || line.contains("\\begin{tabular}");
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(['%', '#']));
    { lines }.any(begins)
}

struct Fractions;

impl NumberFormat for Fractions {
    const TIMES: &str = " ";

    fn integer(n: &BigInt) -> String {
        n.to_string()
    }

    fn root(radicand: &BigInt) -> String {
        format!("\\sqrt{{{radicand}}}")
    }

    fn decimal(digits: &str) -> String {
        match digits.split_once('e') {
            Some((mantissa, exponent)) => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
            None => digits.to_owned(),
        }
    }

    fn group(sum: &str) -> String {
        sum.to_owned()
    }

    fn quotient(sum: &str, d: &BigInt) -> String {
        match sum
            .strip_prefix('-')
            .filter(|rest| !rest.contains(['+', '-']))
        {
            Some(positive) => format!("-\\frac{{{positive}}}{{{d}}}"),
            None => format!("\\frac{{{sum}}}{{{d}}}"),
        }
    }
}

fn write(printed: &PrintedTableau) -> String {
    let tableau = printed.tableau();
    let mut lines = commented("% ", &tableau.documentation);
    lines.extend(headers(printed, "%% ", quoted));
    let (explicit, stages) = (tableau.is_explicit(), tableau.stages());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (i, (node, row)) in printed.nodes.iter().zip(&printed.matrix).enumerate() {
        // Textbooks omit the zeros on and above the diagonal of an explicit scheme.
        let shown = if explicit { i } else { stages };
        let cells = std::iter::once(node).chain(row.iter().take(shown));
        rows.push(cells.map(Fractions::printed).collect());
    }
    for row in &printed.weights {
        let empty = std::iter::once(String::new());
        rows.push(empty.chain(row.iter().map(Fractions::printed)).collect());
    }
    let mut rows = aligned(&rows, "", " & ").into_iter();
    let mut row = |lines: &mut Vec<String>| lines.extend(rows.next().map(|row| row + " \\\\"));
    lines.push("\\[".to_owned());
    lines.push(format!("\\begin{{array}}{{c|{}}}", "c".repeat(stages)));
    for _ in 0..stages {
        row(&mut lines);
    }
    lines.push("\\hline".to_owned());
    for weights in &tableau.weights {
        lines.extend(weights.claim.map(|order| format!("%% order {order}")));
        row(&mut lines);
    }
    lines.push("\\end{array}\n\\]\n".to_owned());
    lines.join("\n")
}
