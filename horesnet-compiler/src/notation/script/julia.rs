//! Julia: arrays of rationals, big where they exceed 64 bits, and `sqrt(big(6))` for roots.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::interpreter;
use super::lexer::Language;
use super::{assigns, without_comment};
use crate::notation::write::{self, FieldWriter, NumberFormat, aligned};
use crate::notation::{Notation, PrintedNumber};

pub(in crate::notation) const NOTATION: Notation = Notation {
    name: "julia",
    extension: "jl",
    resembles,
    read: |text| interpreter::read(text, Language::Julia),
    write: |tableau| Ok(WRITER.program(tableau, &[""])),
};

/// Rationals written `//`, words that Python does not have, or matrix rows without commas.
fn resembles(text: &str) -> bool {
    const WORDS: &[&str] = &["//", "big\"", "big(", "fill(", "√", "using ", "function "];
    const PYTHON: &[&str] = &["import ", "from ", "def "];
    let lines = || text.lines().map(without_comment);
    let python = |line: &str| PYTHON.iter().any(|word| line.starts_with(word));
    let julia = |line: &str| WORDS.iter().any(|word| line.contains(word)) || is_matrix_row(line);
    assigns(text) && lines().any(julia) && !lines().any(python)
}

/// Two numbers with only white space between them, in a list or on a line that begins with a number.
fn is_matrix_row(line: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let entry = |word: &str| word.trim_start_matches(['-', '(']).starts_with(digit);
    let row = line.find('[').map_or(line, |at| &line[at + 1..]);
    let words: Vec<_> = row.split_whitespace().take(2).collect();
    matches!(words.as_slice(), [first, second] if entry(first) && entry(second) && !first.ends_with(','))
}

const NUMBERS: NumberFormat = NumberFormat {
    integer,
    root: |radicand| format!("sqrt(big({}))", integer(&BigInt::from(radicand))),
    times: "*",
    ratio: |n, d| format!("{}//{}", signed(n), integer(d)),
    group: |sum| format!("({sum})"),
    quotient: |sum, d| format!("{sum}/{}", integer(d)),
};

fn integer(n: &BigInt) -> String {
    // Of `n`, which is positive: -2⁶³ would be the negation of a literal that 64 bits do not hold.
    let small = n.to_i64().map(|n| n.to_string());
    small.unwrap_or_else(|| format!("big\"{n}\""))
}

fn signed(n: &BigInt) -> String {
    let sign = if n.is_negative() { "-" } else { "" };
    format!("{sign}{}", integer(&n.abs()))
}

const WRITER: FieldWriter = FieldWriter {
    text: quoted,
    texts: |texts| format!("[{}]", texts.join(", ")),
    number,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |rows| match rows {
        // A literal of one entry would be a vector.
        [row] => format!("fill({}, 1, 1)", row.concat()),
        rows => format!("[\n    {}\n]", aligned(rows, "", "  ").join("\n    ")),
    },
};

fn number(number: &PrintedNumber) -> String {
    match &number.decimal {
        Some(decimal) => match decimal.strip_prefix('-') {
            Some(positive) => format!("-big\"{positive}\""),
            None => format!("big\"{decimal}\""),
        },
        None => NUMBERS.write(&number.value),
    }
}

/// Quotes a string; in Julia a dollar sign begins an interpolation.
fn quoted(text: &str) -> String {
    write::quoted(text).replace('$', "\\$")
}
