//! Literals and powers: `1.0d-3`, `2^-1`, `6**0.5`.

use super::Parsed;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Spanned, Term};
use crate::language::limits;
use crate::notation::value::Value;

impl Parser<'_> {
    /// Reads a literal of these digits.
    pub(super) fn literal(&mut self, digits: &str, suffix: &str) -> Parsed {
        let span = self.token().span;
        self.at += 1;
        let problem = |message: String| Diagnostic::at(span, message);
        if digits == "0" && suffix.starts_with(['x', 'X', 'o', 'O', 'b', 'B']) {
            return Err(problem("only decimal numbers are supported".to_owned()));
        }
        // `1_000`, a break of Fortran's, `1d-3`, `1f0`
        let plain = digits.replace(['_', '&', ' ', '\t', '\r', '\n'], "");
        let plain = plain.replace(['d', 'D', 'f'], "e");
        let value = Spanned::new(limits::decimal(&plain).map_err(problem)?, span);
        // `17.`, `1e3` and `1f64` are no integers.
        let whole = plain.bytes().all(|b| b.is_ascii_digit()) && !suffix.contains(['f', 'F']);
        let value = Value::Number(value);
        Ok(if whole { value } else { value.into_fraction() })
    }

    /// Reads the exponent of a base: an integer, or a half of one.
    pub(super) fn exponent(&mut self, base: Value, start: Span) -> Parsed {
        let place = self.token().span;
        let minus = self.eat("-");
        let exponent = self.postfix()?.into_number()?;
        let mut base = Box::new(base.into_number()?);
        let span = start.to(self.last_span());
        let mut power = match twice(&exponent.value) {
            Some(twice) if minus => -twice,
            Some(twice) => twice,
            None => {
                let problem = Diagnostic::at(place, "expected an integer exponent");
                return Err(problem.help("write a square root as `sqrt(…)`"));
            }
        };
        if power % 2 == 0 {
            power /= 2;
        } else {
            base = Box::new(Spanned::new(Term::Sqrt(base), span));
        }
        if power == 1 {
            return Ok(Value::Number(*base));
        }
        let power = limits::exponent(&power.to_string());
        let power = power.map_err(|message| Diagnostic::at(place, message))?;
        Ok(Value::term(Term::Power(base, power), span))
    }
}

/// Twice an integer, or twice a half: `3`, `-2`, `0.5`, `1/2`.
fn twice(exponent: &Term) -> Option<i64> {
    match exponent {
        Term::Decimal {
            digits,
            exponent: 0,
        } => digits.parse::<i64>().ok()?.checked_mul(2),
        Term::Decimal {
            digits,
            exponent: -1,
        } => {
            let tenths: i64 = digits.parse().ok()?;
            (tenths % 5 == 0).then_some(tenths / 5)
        }
        Term::Sum(terms) => match terms.as_slice() {
            [(minus, one)] => twice(&one.value).map(|twice| if *minus { -twice } else { twice }),
            _ => None,
        },
        Term::Product(ratio) => match ratio.as_slice() {
            [(false, one), (true, two)] if two.value.integer() == Some("2") => {
                one.value.integer()?.parse().ok()
            }
            _ => None,
        },
        _ => None,
    }
}
