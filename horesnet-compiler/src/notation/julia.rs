//! Julia: arrays of rationals, big where they exceed 64 bits, and `sqrt(big(6))` for roots.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::write::{self, FieldWriter, NumberFormat, aligned};
use super::{Notation, PrintedNumber, program, roles};

pub(super) const NOTATION: Notation = Notation {
    name: "julia",
    extension: "jl",
    form: "program text",
    resembles: |_| false,
    read: |text, choice| roles::schemes(program::read(text)?, text, choice),
    write: |tableau| Ok(WRITER.program(tableau, &[""])),
};

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
