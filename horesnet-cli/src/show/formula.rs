//! Stability functions and coefficients as formulas, exact where that is short.

use horesnet_compiler::analysis::Stability;
use horesnet_compiler::number::Number;
use horesnet_train::drawing::lettering;

use super::drawing::exact_to;

/// A long sum over several lines, broken before its signs.
pub(crate) fn wrapped(value: &str) -> String {
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
pub(crate) fn brief(number: &Number, exact: bool) -> String {
    exact_to(if exact { usize::MAX } else { 16 }, number)
}

pub(crate) fn function(stability: &Stability, exact: bool) -> String {
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
            _ => format!("z{}", lettering::raised(k)),
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
