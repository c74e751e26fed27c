//! Stability functions and coefficients as formulas, exact where that is short.

use crate::analysis::Stability;
use crate::number::Number;

/// A long sum over several lines, broken before its signs.
pub(super) fn wrapped(value: &str) -> String {
    const WIDTH: usize = 76;
    let (mut text, mut length) = (String::new(), 0);
    for word in value.split(' ') {
        if length > WIDTH && ["+", "-", "/"].contains(&word) {
            text.push_str("\n                        ");
            length = 0;
        } else if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
        length += word.chars().count() + 1;
    }
    text
}

/// Exactly if that is short or asked for, to six digits otherwise.
pub(super) fn brief(number: &Number, exact: bool) -> String {
    exact_to(if exact { usize::MAX } else { 16 }, number)
}

/// The stability function in `z`.
pub(super) fn function(stability: &Stability, exact: bool) -> String {
    let numerator = polynomial(&stability.numerator, exact);
    if stability.is_polynomial() {
        numerator
    } else {
        let denominator = polynomial(&stability.denominator, exact);
        format!("({numerator}) / ({denominator})")
    }
}

/// `1 + z + 1/2 z² − …`
fn polynomial(coefficients: &[Number], exact: bool) -> String {
    let mut text = String::new();
    for (k, c) in coefficients.iter().enumerate() {
        let (negative, size) = match c.sign() {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Less => (true, brief(&-c.clone(), exact)),
            std::cmp::Ordering::Greater => (false, brief(c, exact)),
        };
        text += match (text.is_empty(), negative) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        let power = match k {
            0 => String::new(),
            1 => "z".to_owned(),
            _ => format!("z{}", raised(k)),
        };
        let term = match (k, &*size) {
            (0, _) => size,
            (_, "1") => power,
            _ => format!("{size} {power}"),
        };
        text += &term;
    }
    if text.is_empty() {
        "0".to_owned()
    } else {
        text
    }
}

/// Exactly if that has at most `most` characters, to six digits otherwise.
#[must_use]
pub fn exact_to(most: usize, number: &Number) -> String {
    let exact = (number.bits() < 128 || most == usize::MAX).then(|| number.to_string());
    let exact = exact.filter(|exact| exact.len() <= most);
    exact.unwrap_or_else(|| decimal(number))
}

/// To six significant digits, with a sign that there are more.
fn decimal(number: &Number) -> String {
    let value = number.to_f64();
    let size = value.abs();
    if size == 0.0 || !value.is_finite() {
        number.brief()
    } else if (1e-4..1e6).contains(&size) {
        let places = 5 - size.log10().floor() as i32;
        format!("{value:.*}…", places.max(0) as usize)
    } else {
        format!("{value:.5e}…")
    }
}

/// An integer in superscript digits.
#[must_use]
pub fn raised(exponent: impl std::fmt::Display + Copy) -> String {
    let superscripts = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| match c.to_digit(10) {
        Some(digit) => superscripts.get(digit as usize).copied().unwrap_or(c),
        None => '⁻',
    };
    exponent.to_string().chars().map(raise).collect()
}
