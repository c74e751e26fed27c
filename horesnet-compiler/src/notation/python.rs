//! Python: arrays of `numpy` with the exact numbers of `sympy`, as `nodepy` takes them.

use num_bigint::BigInt;

use super::write::{FieldWriter, NumberFormat, aligned, quoted};
use super::{Notation, PrintedNumber, program, roles};

pub(super) const NOTATION: Notation = Notation {
    name: "python",
    extension: "py",
    form: "program text",
    resembles: |_| true,
    read: |text, choice| roles::schemes(program::read(text)?, text, choice),
    write: |tableau| Ok(WRITER.program(tableau, HEADING)),
};

const HEADING: &[&str] = &["import numpy as np", "from sympy import Rational, sqrt", ""];

const NUMBERS: NumberFormat = NumberFormat {
    integer: BigInt::to_string,
    root: |radicand| format!("sqrt({radicand})"),
    times: "*",
    ratio: |n, d| format!("Rational({n}, {d})"),
    group: |sum| format!("({sum})"),
    // The numerator holds a root of SymPy's, so this is no floating-point division.
    quotient: |sum, d| format!("{sum}/{d}"),
};

const WRITER: FieldWriter = FieldWriter {
    text: quoted,
    texts: |texts| format!("[{}]", texts.join(", ")),
    number,
    vector: |cells| format!("np.array([{}], dtype=object)", cells.join(", ")),
    matrix: |rows| {
        let rows = aligned(rows, ",", " ").join("],\n    [");
        format!("np.array([\n    [{rows}],\n], dtype=object)")
    },
};

fn number(number: &PrintedNumber) -> String {
    match &number.decimal {
        Some(decimal) => format!("Rational('{decimal}')"),
        None => NUMBERS.write(&number.value),
    }
}
