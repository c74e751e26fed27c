//! Writes exact numbers `Σ n·√r / d` with the integers, roots and quotients of a language.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::notation::PrintedNumber;
use crate::number::Number;

/// How a language writes numbers. The defaults are those of programs, where a quotient of two integers is exact or rounded.
pub(crate) trait NumberFormat {
    /// The operator between a factor and a root.
    const TIMES: &str = "*";

    /// An integer.
    fn integer(n: &BigInt) -> String;

    /// A square root.
    fn root(radicand: &BigInt) -> String {
        format!("sqrt({})", Self::integer(radicand))
    }

    /// A fraction; the numerator may be negative.
    fn ratio(n: &BigInt, d: &BigInt) -> String {
        Self::quotient(&Self::integer(n), d)
    }

    /// A sum of two terms or more, alone or as a numerator.
    fn group(sum: &str) -> String {
        format!("({sum})")
    }

    /// A numerator with roots over a denominator.
    fn quotient(sum: &str, d: &BigInt) -> String {
        format!("{sum}/{}", Self::integer(d))
    }

    /// A decimal of the source.
    fn decimal(digits: &str) -> String {
        digits.to_owned()
    }

    /// Writes a number, or the decimal of its source.
    fn printed(number: &PrintedNumber) -> String {
        let decimal = number.decimal.as_deref().map(Self::decimal);
        decimal.unwrap_or_else(|| Self::exact(&number.value))
    }

    /// Writes an exact number.
    fn exact(number: &Number) -> String {
        let denominator = number.denominator();
        let mut terms: Vec<_> = number.terms().iter().collect();
        match terms.as_slice() {
            [] => return Self::integer(&BigInt::zero()),
            [(1, n)] if !denominator.is_one() => return Self::ratio(n, denominator),
            _ => {}
        }
        // A sum begins with a positive term if it has one.
        if let Some(first) = terms.iter().position(|(_, n)| n.is_positive()) {
            terms.swap(0, first);
        }
        let mut sum = String::new();
        for (i, (radicand, n)) in terms.iter().enumerate() {
            sum += match (n.is_negative(), i) {
                (false, 0) => "",
                (true, 0) => "-",
                (false, _) => " + ",
                (true, _) => " - ",
            };
            let root = || Self::root(&(*radicand).into());
            sum += &match (radicand, n.abs()) {
                (1, n) => Self::integer(&n),
                (_, n) if n.is_one() => root(),
                (_, n) => Self::integer(&n) + Self::TIMES + &root(),
            };
        }
        if terms.len() > 1 {
            sum = Self::group(&sum);
        }
        if denominator.is_one() {
            return sum;
        }
        Self::quotient(&sum, denominator)
    }
}
