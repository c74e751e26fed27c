//! Julia: arrays of rationals, of big ones where 64 bits do not hold them, and `sqrt(big(6))` for roots.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::program::Program;
use super::script;
use super::script::Language;
use super::spell::Spelling;
use super::{Coefficient, Notation, columns, json};

pub(super) const NOTATION: Notation = Notation {
    name: "julia",
    extension: "jl",
    resembles,
    read: |text| script::read(text, Language::Julia),
    write: |sheet| Ok(PROGRAM.write(sheet)),
};

/// Quotients written `//`, words that Python does not have, or rows of a matrix without commas.
fn resembles(text: &str) -> bool {
    const WORDS: &[&str] = &["//", "big\"", "big(", "fill(", "√", "using ", "function "];
    let lines = || {
        text.lines()
            .map(|line| line.split('#').next().unwrap_or("").trim())
    };
    let python = |line: &str| {
        line.starts_with("import ") || line.starts_with("from ") || line.starts_with("def ")
    };
    let julia = |line: &str| WORDS.iter().any(|word| line.contains(word)) || is_matrix_row(line);
    script::assigns(text) && lines().any(julia) && !lines().any(python)
}

/// Two numbers with nothing but white space between them, in a list or on a line that begins with a number.
fn is_matrix_row(line: &str) -> bool {
    let entry = |word: &str| {
        word.trim_start_matches(['-', '('])
            .starts_with(|c: char| c.is_ascii_digit())
    };
    let row = line.find('[').map_or(line, |at| &line[at + 1..]);
    let words: Vec<_> = row.split_whitespace().take(2).collect();
    matches!(words.as_slice(), [first, second] if entry(first) && entry(second) && !first.ends_with(','))
}

const SPELLING: Spelling = Spelling {
    integer,
    root: |radicand| format!("sqrt(big({}))", integer(&BigInt::from(radicand))),
    times: "*",
    ratio: |n, d| format!("{}//{}", signed(n), integer(d)),
    group: |sum| format!("({sum})"),
    quotient: |sum, d| format!("{sum}/{}", integer(d)),
};

fn integer(n: &BigInt) -> String {
    // The smallest number of 64 bits has no positive counterpart to be written with a sign.
    match n.to_i64() {
        Some(n) => n.to_string(),
        None => format!("big\"{n}\""),
    }
}

fn signed(n: &BigInt) -> String {
    let sign = if n.sign() == num_bigint::Sign::Minus {
        "-"
    } else {
        ""
    };
    format!("{sign}{}", integer(&BigInt::from(n.magnitude().clone())))
}

const PROGRAM: Program = Program {
    heading: &[""],
    quoted,
    number,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |rows| match rows {
        // A literal of one entry would be a vector.
        [row] => format!("fill({}, 1, 1)", row.concat()),
        rows => format!(
            "[\n    {}\n]",
            columns::aligned(rows, "", "  ").join("\n    ")
        ),
    },
};

fn number(coefficient: &Coefficient) -> String {
    match &coefficient.decimal {
        Some(decimal) => match decimal.strip_prefix('-') {
            Some(positive) => format!("-big\"{positive}\""),
            None => format!("big\"{decimal}\""),
        },
        None => SPELLING.number(&coefficient.value),
    }
}

/// In Julia's texts a dollar sign begins an interpolation.
fn quoted(text: &str) -> String {
    json::quoted(text).replace('$', "\\$")
}
