//! Python: NumPy arrays of SymPy numbers, which NodePy takes.

use num_bigint::BigInt;

use super::script::{self, Language};
use super::spell::Spelling;
use super::{Coefficient, Notation, Sheet, columns, json, names};

pub(super) const NOTATION: Notation = Notation {
    name: "python",
    extension: "py",
    resembles: |text| script::assigns(text),
    read: |text| script::read(text, Language::Python),
    write,
};

const SPELLING: Spelling = Spelling {
    integer: BigInt::to_string,
    root: |radicand| format!("sqrt({radicand})"),
    times: "*",
    ratio: |n, d| format!("Rational({n}, {d})"),
    group: |sum| format!("({sum})"),
    // SymPy's roots make the numerator exact, so this is no division of floating-point numbers.
    quotient: |sum, d| format!("{sum}/{d}"),
};

fn write(sheet: &Sheet) -> String {
    let tableau = sheet.tableau();
    let mut text = String::new();
    for line in &tableau.documentation {
        text += format!("# {line}").trim_end();
        text.push('\n');
    }
    text += "import numpy as np\nfrom sympy import Rational, sqrt\n\n";
    if let Some(name) = &tableau.name {
        text += &format!("name = {}\n", json::quoted(name));
    }
    if !tableau.citations.is_empty() {
        let citations: Vec<_> = tableau.citations.iter().map(|c| json::quoted(c)).collect();
        text += &format!("citations = [{}]\n", citations.join(", "));
    }
    if let Some(eps) = &sheet.rounded {
        text += &format!("rounded = {}\n", number(eps));
    }
    text += &format!("c = {}\n", vector(&sheet.nodes));
    let cells = |row: &Vec<Coefficient>| row.iter().map(number).collect();
    let rows: Vec<Vec<String>> = sheet.matrix.iter().map(cells).collect();
    text += "A = np.array([\n";
    for row in columns::aligned(&rows, ",", " ") {
        text += &format!("    [{row}],\n");
    }
    text += "], dtype=object)\n";
    for (i, (row, weights)) in sheet.weights.iter().zip(&tableau.weights).enumerate() {
        let (name, claim) = names::names(i);
        text += &format!("{name} = {}\n", vector(row));
        if let Some(order) = weights.claim {
            text += &format!("{claim} = {order}\n");
        }
    }
    text
}

fn vector(row: &[Coefficient]) -> String {
    let cells: Vec<_> = row.iter().map(number).collect();
    format!("np.array([{}], dtype=object)", cells.join(", "))
}

fn number(coefficient: &Coefficient) -> String {
    match &coefficient.decimal {
        Some(decimal) => format!("Rational('{decimal}')"),
        None => SPELLING.number(&coefficient.value),
    }
}
