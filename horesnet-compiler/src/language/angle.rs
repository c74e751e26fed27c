//! `cos(pi*p/q)` and `sin(pi*p/q)`: exact where they are sums of square roots, else an error with the decimal.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::language::diagnostic::{Diagnostic, Span};
use crate::number::Number;
use crate::number::decimal;

/// Significant digits of a decimal that is offered, and the relative error that they have.
const DIGITS: usize = 30;
const ERROR: &str = "5e-30";

/// The expression of a cosine or sine that is written as `text` at `span`, of `π` times a fraction.
pub(super) fn expression(
    text: &str,
    span: Span,
    [numerator, denominator]: [u32; 2],
) -> Result<&'static str, Diagnostic> {
    if denominator == 0 {
        return Err(Diagnostic::at(span, "division by zero"));
    }
    // sin x = cos(π/2 − x), as cos(p/q·π) with p ≥ 0.
    let (mut p, mut q) = (u64::from(numerator), u64::from(denominator));
    if text.starts_with("sin") {
        (p, q) = ((2 * p + 3 * q) % (4 * q), 2 * q);
    }
    let sixtieth = (p * 60 % (120 * q)) / q;
    let folded = sixtieth.min(120 - sixtieth);
    let exact = (p * 60) % q == 0;
    let value = exact.then(|| of_sixtieth(folded)).flatten();
    value.ok_or_else(|| {
        let headline = format!("`{text}` is not a number of square roots");
        let decimal = decimal::significant(&cosine(p, q), DIGITS);
        let decimal = decimal.and_then(|decimal| decimal::written(&decimal));
        let decimal = decimal.unwrap_or_default();
        Diagnostic::at(span, headline).help(rounded(&decimal))
    })
}

/// The help for an irrational number that is not one of square roots.
pub(super) fn rounded(decimal: &str) -> String {
    format!("write it as a rounded decimal, {decimal}, in a file with `rounded {ERROR}`")
}

/// `cos(kπ/60)` for `k` from 0 to 60.
fn of_sixtieth(k: u64) -> Option<&'static str> {
    Some(match k {
        0 => "1",
        5 => "(sqrt(6) + sqrt(2))/4",
        10 => "sqrt(3)/2",
        12 => "(1 + sqrt(5))/4",
        15 => "sqrt(2)/2",
        20 => "1/2",
        24 => "(sqrt(5) - 1)/4",
        25 => "(sqrt(6) - sqrt(2))/4",
        30 => "0",
        35 => "(sqrt(2) - sqrt(6))/4",
        36 => "(1 - sqrt(5))/4",
        40 => "-1/2",
        45 => "-sqrt(2)/2",
        48 => "-(1 + sqrt(5))/4",
        50 => "-sqrt(3)/2",
        55 => "-(sqrt(6) + sqrt(2))/4",
        60 => "-1",
        _ => return None,
    })
}

/// `cos(pπ/q)` to some forty digits after the point, by its series.
fn cosine(p: u64, q: u64) -> Number {
    /// π to fifty digits.
    const PI: &str = "314159265358979323846264338327950288419716939937510";
    const BITS: u64 = 200;
    /// Terms until they vanish at 2π.
    const TERMS: u32 = 60;
    let pi = PI.parse().unwrap_or_else(|_| BigInt::zero());
    let x = ((pi * (p % (2 * q))) << BITS) / (BigInt::from(10).pow(50) * q);
    let (mut sum, mut term) = (BigInt::zero(), BigInt::one() << BITS);
    for k in 1..=TERMS {
        sum += &term;
        term = -((term * &x * &x) >> (2 * BITS)) / (2 * k * (2 * k - 1));
    }
    Number::dyadic(sum, -(BITS as i64))
}
