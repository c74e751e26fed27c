//! LaTeX: the `array` of textbooks. What it does not show stands in comments above it, spelled as in tableau files.

use num_traits::Signed;

use super::program::commented;
use super::spell::Spelling;
use super::{Coefficient, Notation, Sheet, array, columns, json};

pub(super) const NOTATION: Notation = Notation {
    name: "latex",
    extension: "tex",
    resembles: |text| text.contains("\\begin{array}") || text.contains("\\begin{tabular}"),
    read: array::read,
    write: |sheet| Ok(write(sheet)),
};

const SPELLING: Spelling = Spelling {
    integer: |n| n.to_string(),
    root: |radicand| format!("\\sqrt{{{radicand}}}"),
    times: " ",
    ratio: |n, d| {
        let sign = if n.is_negative() { "-" } else { "" };
        format!("{sign}\\frac{{{}}}{{{d}}}", n.magnitude())
    },
    group: str::to_owned,
    quotient: |sum, d| match sum
        .strip_prefix('-')
        .filter(|rest| !rest.contains(['+', '-']))
    {
        Some(positive) => format!("-\\frac{{{positive}}}{{{d}}}"),
        None => format!("\\frac{{{sum}}}{{{d}}}"),
    },
};

fn write(sheet: &Sheet) -> String {
    let tableau = sheet.tableau();
    let mut lines = commented("% ", &tableau.documentation);
    if let Some(name) = &tableau.name {
        lines.push(format!("%% name {}", json::quoted(name)));
    }
    for citation in &tableau.citations {
        lines.push(format!("%% cite {}", json::quoted(citation)));
    }
    if let Some(eps) = &sheet.rounded {
        lines.push(format!("%% rounded {}", eps.expression()));
    }
    let (explicit, stages) = (tableau.is_explicit(), tableau.stages());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (i, (node, row)) in sheet.nodes.iter().zip(&sheet.matrix).enumerate() {
        // Textbooks leave out what is zero on and above the diagonal of an explicit scheme.
        let shown = if explicit { i } else { stages };
        let cells = std::iter::once(node).chain(row.iter().take(shown));
        rows.push(cells.map(number).collect());
    }
    for row in &sheet.weights {
        let label = std::iter::once(String::new());
        rows.push(label.chain(row.iter().map(number)).collect());
    }
    let mut rows = columns::aligned(&rows, "", " & ").into_iter();
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

fn number(coefficient: &Coefficient) -> String {
    match &coefficient.decimal {
        Some(decimal) => match decimal.split_once('e') {
            Some((mantissa, exponent)) => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
            None => decimal.clone(),
        },
        None => SPELLING.number(&coefficient.value),
    }
}
