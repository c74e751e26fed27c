//! Limits of tableau files, so that no file makes the compiler run long or use much memory.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Term;

/// Bytes of text.
pub const TEXT: usize = 1 << 20;
/// Stages, and rows of weights.
pub const STAGES: usize = 64;
/// Depth of parentheses.
pub const NESTING: usize = 64;
/// Digits of a number, written or computed.
pub const DIGITS: usize = 4096;
/// Decimal exponents, either sign.
pub const DECIMAL_EXPONENT: i32 = 4096;
/// Digits of the least `rounded` error, `1e-1000`.
pub const ROUNDED: i32 = 1000;
/// Integer exponents of `^`, either sign.
pub const EXPONENT: i32 = 64;
/// The highest claim. No scheme of higher order is known, and each order has three times as many trees as the last.
pub const ORDER: usize = 16;
/// Parameters of a family.
pub const PARAMETERS: usize = 4;
/// Unknown entries, written `?`.
pub const UNKNOWNS: usize = 4;
/// Word operations to evaluate one file, far more than a tableau needs.
pub const EFFORT: f64 = 4e8;

/// Converts the bytes of a file to text.
///
/// # Errors
/// Too many bytes, invalid UTF-8, control characters. The message follows the name of the file.
pub fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() > TEXT {
        return Err(too_long(bytes.len() as u64));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        format!(
            "is not text: byte {} is not UTF-8",
            error.utf8_error().valid_up_to() + 1
        )
    })?;
    match control(&text) {
        Some((at, c)) => Err(format!(
            "is not text: byte {} is the control character U+{:04X}",
            at + 1,
            u32::from(c)
        )),
        None => Ok(text),
    }
}

/// Finds the first control character other than white space: terminals would execute them.
fn control(text: &str) -> Option<(usize, char)> {
    let odd = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}') || is_bidirectional(c)
    };
    let mut characters = text.char_indices();
    let control = characters.find(|&(_, c)| odd(c));
    control.or_else(|| lone_return(text).map(|at| (at, '\r')))
}

/// Returns true for characters that change the direction of text: it would not be shown in the order in which it is read.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Finds a carriage return without a line feed: programs disagree whether it ends a comment.
pub(crate) fn lone_return(text: &str) -> Option<usize> {
    let mut returns = text.match_indices('\r');
    let lone = returns.find(|(at, _)| !text[at + 1..].starts_with('\n'));
    lone.map(|(at, _)| at)
}

/// The message for a file that is too long.
#[must_use]
pub fn too_long(bytes: u64) -> String {
    format!("has {bytes} bytes; a tableau has at most {TEXT}")
}

/// Checks size and nesting before the recursive parser runs.
pub(crate) fn check_text(text: &str) -> Result<(), Diagnostic> {
    if text.len() > TEXT {
        let what = too_long(text.len() as u64);
        return Err(Diagnostic::whole_file(format!("the file {what}")));
    }
    let mut depth = 0_usize;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let continued = line.trim_end().ends_with('\\');
        let mut quoted = false;
        for (offset, byte) in line.bytes().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'#' => break,
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > NESTING {
                let span = Span::new(at + offset, at + offset + 1);
                let headline = format!("parentheses are nested more than {NESTING} deep");
                return Err(Diagnostic::at(span, headline));
            }
        }
        if !continued {
            depth = 0;
        }
        at += line.len();
    }
    Ok(())
}

/// Parses a literal such as `12`, `.5` or `1.5e-3`.
pub(crate) fn decimal(literal: &str) -> Result<Term, String> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() > DIGITS {
        return Err(format!("this number has more than {DIGITS} digits"));
    }
    let exponent = within(exponent, DECIMAL_EXPONENT)
        .ok_or_else(|| format!("decimal exponents are within ±{DECIMAL_EXPONENT}"))?;
    // At most DIGITS long, so the cast cannot lose anything.
    Ok(Term::Decimal {
        digits: format!("{whole}{fraction}"),
        exponent: exponent - fraction.len() as i32,
    })
}

/// Parses the order of a claim: an integer from 1 to [`ORDER`].
pub(crate) fn order(digits: &str) -> Option<usize> {
    let order = digits.parse().ok();
    order.filter(|order| (1..=ORDER).contains(order))
}

/// Parses the exponent of a power.
pub(crate) fn exponent(literal: &str) -> Result<i32, String> {
    within(literal, EXPONENT).ok_or_else(|| format!("exponents are integers within ±{EXPONENT}"))
}

fn within(literal: &str, most: i32) -> Option<i32> {
    literal.parse().ok().filter(|e: &i32| e.abs() <= most)
}
