//! Writes exact numbers `Σ n·√r / d` with the integers, roots and quotients of a language.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::number::Number;
use crate::number::radical::Radicand;

/// How a language writes numbers.
pub(crate) struct NumberFormat {
    /// A positive integer.
    pub(crate) integer: fn(&BigInt) -> String,
    /// A square root.
    pub(crate) root: fn(Radicand) -> String,
    /// The operator between a factor and a root.
    pub(crate) times: &'static str,
    /// A fraction; the numerator may be negative.
    pub(crate) ratio: fn(&BigInt, &BigInt) -> String,
    /// A sum of two terms or more, alone or as a numerator.
    pub(crate) group: fn(&str) -> String,
    /// A numerator with roots over a denominator.
    pub(crate) quotient: fn(&str, &BigInt) -> String,
}

impl NumberFormat {
    /// Writes a number.
    pub(crate) fn write(&self, number: &Number) -> String {
        let denominator = number.denominator();
        match number.terms() {
            [] => (self.integer)(&BigInt::zero()),
            [(1, n)] if denominator.is_one() => self.term("-", "", 1, n),
            [(1, n)] => (self.ratio)(n, denominator),
            terms => {
                // A sum begins with a positive term if it has one.
                let mut terms: Vec<_> = terms.iter().collect();
                if let Some(first) = terms.iter().position(|(_, n)| n.is_positive()) {
                    terms.swap(0, first);
                }
                let mut sum = String::new();
                for (i, (r, n)) in terms.iter().enumerate() {
                    let (minus, plus) = if i == 0 { ("-", "") } else { (" - ", " + ") };
                    sum += &self.term(minus, plus, *r, n);
                }
                if terms.len() > 1 {
                    sum = (self.group)(&sum);
                }
                if !denominator.is_one() {
                    sum = (self.quotient)(&sum, denominator);
                }
                sum
            }
        }
    }

    fn term(&self, minus: &str, plus: &str, radicand: Radicand, n: &BigInt) -> String {
        let (sign, magnitude) = (if n.is_negative() { minus } else { plus }, n.abs());
        let root = || (self.root)(radicand);
        match (radicand, magnitude.is_one()) {
            (1, _) => format!("{sign}{}", (self.integer)(&magnitude)),
            (_, true) => format!("{sign}{}", root()),
            _ => {
                let factor = (self.integer)(&magnitude);
                format!("{sign}{factor}{}{}", self.times, root())
            }
        }
    }
}
