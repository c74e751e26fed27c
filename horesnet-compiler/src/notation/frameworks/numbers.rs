//! Numbers as floating-point expressions: quotients of integers and square roots.

use num_bigint::BigInt;
use num_traits::Zero;

use crate::language::diagnostic::Diagnostic;
use crate::notation::write::NumberFormat;
use crate::notation::{PrintedNumber, PrintedTableau};
use crate::number::{Number, decimal};

/// `1/3`, `sqrt(6)/2`, where a quotient of integers is a floating-point number: Python, MATLAB.
pub(super) struct Integers;

/// `1.0/3.0`, `sqrt(6.0)/2.0`: C, Rust.
pub(super) struct Floats;

impl NumberFormat for Integers {
    fn integer(n: &BigInt) -> String {
        n.to_string()
    }
}

impl NumberFormat for Floats {
    fn integer(n: &BigInt) -> String {
        format!("{n}.0")
    }
}

/// As [`Floats`], for constants in which no function is called: a root is a decimal beside the exact value in a comment.
pub(super) fn constants(number: &PrintedNumber) -> String {
    let exact = Floats::printed(number);
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
        let point = if text.contains('.') { "" } else { ".0" };
        text + point
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
