//! Numbers as floating-point expressions: quotients of integers and square roots.

use num_bigint::BigInt;
use num_traits::Zero;

use crate::language::diagnostic::Diagnostic;
use crate::notation::write::NumberFormat;
use crate::notation::{PrintedNumber, PrintedTableau};
use crate::number::{Number, decimal};

/// `1/3`, where a quotient of integers is a floating-point number: Python, MATLAB.
const INTEGERS: NumberFormat = NumberFormat {
    integer: BigInt::to_string,
    root: |radicand| format!("sqrt({radicand})"),
    times: "*",
    ratio: |n, d| format!("{n}/{d}"),
    group: |sum| format!("({sum})"),
    quotient: |sum, d| format!("{sum}/{d}"),
};

/// `1.0/3.0`: C, Rust.
const FLOATS: NumberFormat = NumberFormat {
    integer: |n| format!("{n}.0"),
    root: |radicand| format!("sqrt({radicand}.0)"),
    times: "*",
    ratio: |n, d| format!("{n}.0/{d}.0"),
    group: |sum| format!("({sum})"),
    quotient: |sum, d| format!("{sum}/{d}.0"),
};

/// Writes `1/3`, `sqrt(6)/2`, `0.50`.
pub(super) fn integers(number: &PrintedNumber) -> String {
    written(number, &INTEGERS)
}

/// Writes `1.0/3.0`, `sqrt(6.0)/2.0`, `0.50`.
pub(super) fn floats(number: &PrintedNumber) -> String {
    written(number, &FLOATS)
}

/// Writes a number in this format, or the decimal of its source.
pub(super) fn written(number: &PrintedNumber, format: &NumberFormat) -> String {
    let decimal = number.decimal.clone();
    decimal.unwrap_or_else(|| format.write(&number.value))
}

/// As [`floats`], for constants in which no function is called: a root is a decimal beside the exact value in a comment.
pub(super) fn constants(number: &PrintedNumber) -> String {
    let exact = floats(number);
    if number.value.is_rational() {
        return exact;
    }
    format!("{} /* {exact} */", rounded(&number.value))
}

/// Returns the remark on numbers that [`constants`] rounds, if there are any.
pub(super) fn note(tableau: &PrintedTableau) -> Option<String> {
    let has_roots = !tableau.tableau().numbers().all(Number::is_rational);
    let note =
        "Square roots are rounded to 17 significant digits, beside the exact values in comments.";
    has_roots.then(|| note.to_owned())
}

/// The nearest decimal of 17 significant digits, from which the nearest `f64` is read.
fn rounded(value: &Number) -> String {
    const DIGITS: usize = 17;
    let near_one = (1e-6..1e15).contains(&value.to_f64().abs());
    let decimal = decimal::significant(value, DIGITS).filter(|_| near_one);
    let decimal = decimal.as_ref().and_then(decimal::written);
    let decimal = decimal.map(|text| {
        if text.contains('.') {
            text
        } else {
            text + ".0"
        }
    });
    decimal.unwrap_or_else(|| format!("{:.16e}", value.to_f64()))
}

/// Checks that every number, and every integer in its expression, is in the range of `f64`.
pub(super) fn are_finite(tableau: &PrintedTableau) -> Result<(), Diagnostic> {
    const BITS: u64 = 1023;
    let printed = { tableau.matrix.iter().chain(&tableau.weights).flatten() }
        .chain(&tableau.nodes)
        .chain(&tableau.rounded);
    for number in printed {
        let value = &number.value;
        let is_finite = value.is_zero() || value.to_f64().is_normal();
        if !is_finite || (number.decimal.is_none() && value.bits() > BITS) {
            let headline = "a coefficient is beyond the range of floating-point numbers";
            let help =
                "write it as a decimal with an exponent, or in a notation that keeps exact numbers";
            return Err(Diagnostic::whole_file(headline).help(help));
        }
    }
    Ok(())
}
