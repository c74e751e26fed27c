//! Python: arrays of `numpy` with the exact numbers of `sympy`, which `nodepy` takes.

use num_bigint::BigInt;

use super::program::Program;
use super::script;
use super::script::Language;
use super::spell::Spelling;
use super::{Coefficient, Notation, columns, json};

pub(super) const NOTATION: Notation = Notation {
    name: "python",
    extension: "py",
    resembles: |text| script::assigns(text),
    read: |text| script::read(text, Language::Python),
    write: |sheet| Ok(PROGRAM.write(sheet)),
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

const PROGRAM: Program = Program {
    heading: &["import numpy as np", "from sympy import Rational, sqrt", ""],
    quoted: json::quoted,
    number,
    vector: |cells| format!("np.array([{}], dtype=object)", cells.join(", ")),
    matrix: |rows| {
        let rows = columns::aligned(rows, ",", " ");
        format!(
            "np.array([\n    [{}],\n], dtype=object)",
            rows.join("],\n    [")
        )
    },
};

fn number(coefficient: &Coefficient) -> String {
    match &coefficient.decimal {
        Some(decimal) => format!("Rational('{decimal}')"),
        None => SPELLING.number(&coefficient.value),
    }
}
