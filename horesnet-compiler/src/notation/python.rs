//! Python: arrays of `numpy` with the exact numbers of `sympy`, as `nodepy` takes them.

use num_bigint::BigInt;

use super::write::{FieldWriter, NumberFormat, aligned, quoted};
use super::{Notation, program, roles};

pub(super) const NOTATION: Notation = Notation {
    name: "python",
    extension: "py",
    form: "program text",
    resembles: |_| true,
    read: |text, choice| roles::schemes(program::read(text)?, text, choice),
    write: |tableau| Ok(WRITER.program(tableau, HEADING)),
};

const HEADING: &[&str] = &["import numpy as np", "from sympy import Rational, sqrt", ""];

/// Numbers of `SymPy`: a quotient of a root and an integer is exact.
struct Rationals;

impl NumberFormat for Rationals {
    fn integer(n: &BigInt) -> String {
        n.to_string()
    }

    fn decimal(digits: &str) -> String {
        format!("Rational('{digits}')")
    }

    fn ratio(n: &BigInt, d: &BigInt) -> String {
        format!("Rational({n}, {d})")
    }
}

const WRITER: FieldWriter = FieldWriter {
    text: quoted,
    texts: |texts| format!("[{}]", texts.join(", ")),
    number: Rationals::printed,
    vector: |cells| format!("np.array([{}], dtype=object)", cells.join(", ")),
    matrix: |rows| {
        let rows = aligned(rows, ",", " ").join("],\n    [");
        format!("np.array([\n    [{rows}],\n], dtype=object)")
    },
};
