//! Julia: arrays of rationals, big where they exceed 64 bits, and `sqrt(big(6))` for roots.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::write::{self, FieldWriter, NumberFormat, aligned};
use super::{Notation, program, roles};

pub(super) const NOTATION: Notation = Notation {
    name: "julia",
    extension: "jl",
    form: "program text",
    resembles: |_| false,
    read: |text, choice| roles::schemes(program::read(text)?, text, choice),
    write: |tableau| Ok(WRITER.program(tableau, &[""])),
};

/// Rationals, exact and of any length.
struct Rationals;

impl NumberFormat for Rationals {
    fn integer(n: &BigInt) -> String {
        // The literal of -2⁶³ would be the negation of one that 64 bits do not hold.
        let sign = if n.is_negative() { "-" } else { "" };
        let n = n.abs();
        let small = n.to_i64().map(|n| format!("{sign}{n}"));
        small.unwrap_or_else(|| format!("{sign}big\"{n}\""))
    }

    fn root(radicand: &BigInt) -> String {
        format!("sqrt(big({}))", Self::integer(radicand))
    }

    fn decimal(digits: &str) -> String {
        match digits.strip_prefix('-') {
            Some(positive) => format!("-big\"{positive}\""),
            None => format!("big\"{digits}\""),
        }
    }

    fn ratio(n: &BigInt, d: &BigInt) -> String {
        format!("{}//{}", Self::integer(n), Self::integer(d))
    }
}

const WRITER: FieldWriter = FieldWriter {
    text: quoted,
    texts: |texts| format!("[{}]", texts.join(", ")),
    number: Rationals::printed,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |rows| match rows {
        // A literal of one entry would be a vector.
        [row] => format!("fill({}, 1, 1)", row.concat()),
        rows => format!("[\n    {}\n]", aligned(rows, "", "  ").join("\n    ")),
    },
};

/// Quotes a string; in Julia a dollar sign begins an interpolation.
fn quoted(text: &str) -> String {
    write::quoted(text).replace('$', "\\$")
}
