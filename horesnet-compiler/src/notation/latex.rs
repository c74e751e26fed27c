//! LaTeX: the `array` of textbooks. What it does not show stands in comments above it, spelled as in tableau files.

use num_traits::Signed;

use super::spell::Spelling;
use super::{Coefficient, Notation, Sheet, array, columns, json};

pub(super) const NOTATION: Notation = Notation {
    name: "latex",
    extension: "tex",
    resembles: |text| text.contains("\\begin{array}") || text.contains("\\begin{tabular}"),
    read: array::read,
    write,
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
    let mut text = String::new();
    for line in &tableau.documentation {
        text += format!("% {line}").trim_end();
        text.push('\n');
    }
    if let Some(name) = &tableau.name {
        text += &format!("%% name {}\n", json::quoted(name));
    }
    for citation in &tableau.citations {
        text += &format!("%% cite {}\n", json::quoted(citation));
    }
    if let Some(eps) = &sheet.rounded {
        text += &format!("%% rounded {}\n", eps.expression());
    }
    let (explicit, stages) = (tableau.is_explicit(), tableau.stages());
    let mut rows = Vec::new();
    for (i, (node, row)) in sheet.nodes.iter().zip(&sheet.matrix).enumerate() {
        // Textbooks leave out what is zero on and above the diagonal of an explicit scheme.
        let shown = if explicit { i } else { stages };
        let cells = row.iter().take(shown).map(number);
        rows.push(std::iter::once(number(node)).chain(cells).collect());
    }
    for row in &sheet.weights {
        rows.push(
            std::iter::once(String::new())
                .chain(row.iter().map(number))
                .collect(),
        );
    }
    let lines = columns::aligned(&rows, "", " & ");
    text += &format!("\\[\n\\begin{{array}}{{c|{}}}\n", "c".repeat(stages));
    for line in &lines[..stages] {
        text += &format!("{line} \\\\\n");
    }
    text += "\\hline\n";
    for (line, weights) in lines[stages..].iter().zip(&tableau.weights) {
        if let Some(order) = weights.claim {
            text += &format!("%% order {order}\n");
        }
        text += &format!("{line} \\\\\n");
    }
    text + "\\end{array}\n\\]\n"
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
