//! The fields in which conditions are solved: exact numbers, residues modulo one prime, and floating point.
//!
//! A root of exact polynomials is a root of their residues, so what has no root there is discarded without long
//! numbers. What is left is solved exactly. Floating point does the same for rounded numbers.

use num_traits::{One, Zero};

use super::Number;
use super::budget::{operation_on, words};
use super::modular::Residues;
use crate::number::ring::Ring;

/// What solving needs of its numbers.
pub(crate) trait Field {
    type Element: Clone + PartialEq;
    fn zero(&self) -> Self::Element;
    fn one(&self) -> Self::Element;
    fn convert(&self, number: &Number) -> Self::Element;
    fn subtract(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    fn multiply(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// Adds `a·b` to `sum`.
    fn accumulate(&self, sum: &mut Self::Element, a: &Self::Element, b: &Self::Element);
    /// `1/a`; zero for zero.
    fn invert(&self, a: &Self::Element) -> Self::Element;
    /// Steps of a multiplication, as a [`Budget`](super::budget::Budget) counts them.
    fn steps(&self, _: &Self::Element, _: &Self::Element) -> f64 {
        1.0
    }
}

/// Numbers as they are.
pub(crate) struct Exact;

impl Field for Exact {
    type Element = Number;

    fn zero(&self) -> Number {
        Number::zero()
    }

    fn one(&self) -> Number {
        Number::one()
    }

    fn convert(&self, number: &Number) -> Number {
        number.clone()
    }

    fn subtract(&self, a: &Number, b: &Number) -> Number {
        a - b
    }

    fn multiply(&self, a: &Number, b: &Number) -> Number {
        a * b
    }

    fn accumulate(&self, sum: &mut Number, a: &Number, b: &Number) {
        *sum += a * b;
    }

    fn invert(&self, a: &Number) -> Number {
        Number::one().checked_div(a).unwrap_or_else(Number::zero)
    }

    fn steps(&self, a: &Number, b: &Number) -> f64 {
        operation_on(words([a]) + words([b]))
    }
}

/// Numbers approximately, to find what is worth solving exactly.
pub(crate) struct Floats;

impl Field for Floats {
    type Element = f64;

    fn zero(&self) -> f64 {
        0.0
    }

    fn one(&self) -> f64 {
        1.0
    }

    fn convert(&self, number: &Number) -> f64 {
        number.to_f64()
    }

    fn subtract(&self, a: &f64, b: &f64) -> f64 {
        a - b
    }

    fn multiply(&self, a: &f64, b: &f64) -> f64 {
        a * b
    }

    fn accumulate(&self, sum: &mut f64, a: &f64, b: &f64) {
        *sum += a * b;
    }

    fn invert(&self, a: &f64) -> f64 {
        a.recip()
    }
}

impl Field for Residues {
    type Element = u64;

    fn zero(&self) -> u64 {
        0
    }

    fn one(&self) -> u64 {
        self.modulus().one
    }

    fn convert(&self, number: &Number) -> u64 {
        let residue = Ring::convert(self, std::iter::once(number));
        residue.first().copied().unwrap_or(0)
    }

    fn subtract(&self, a: &u64, b: &u64) -> u64 {
        self.modulus().add(*a, self.modulus().prime - b)
    }

    fn multiply(&self, a: &u64, b: &u64) -> u64 {
        self.modulus().multiply(*a, *b)
    }

    fn accumulate(&self, sum: &mut u64, a: &u64, b: &u64) {
        *sum = self.modulus().add(*sum, self.modulus().multiply(*a, *b));
    }

    fn invert(&self, a: &u64) -> u64 {
        self.modulus().invert(*a)
    }
}
