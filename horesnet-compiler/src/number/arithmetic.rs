//! Arithmetic on values, in which conditions and polynomials are computed: exact, fixed-point, modulo a prime, in floating point.
//!
//! [`Ring`] is the same on slices of words, which the walk through all trees needs for numbers of several words.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::Number;
use super::budget::operation;
use super::modular::Residues;
use super::ring::Ring;

pub(crate) trait Arithmetic {
    type Element: Clone + PartialEq;
    fn zero(&self) -> Self::Element;
    fn one(&self) -> Self::Element {
        self.convert(&Number::one())
    }
    fn convert(&self, number: &Number) -> Self::Element;
    fn subtract(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    fn multiply(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// Adds `a·b` to `sum`.
    fn accumulate(&self, sum: &mut Self::Element, a: &Self::Element, b: &Self::Element);
    /// Steps of a multiplication, as a [`Budget`](super::budget::Budget) counts them.
    fn steps(&self, a: &Self::Element, b: &Self::Element) -> f64;
}

pub(crate) trait Field: Arithmetic {
    /// `1/a`; zero for zero.
    fn invert(&self, a: &Self::Element) -> Self::Element;
}

/// Fixed-point numbers of so many bits after the point. Operations round by a unit.
pub(crate) struct FixedPoint(pub(crate) u64);

impl Arithmetic for FixedPoint {
    type Element = BigInt;

    fn zero(&self) -> BigInt {
        BigInt::zero()
    }

    fn convert(&self, number: &Number) -> BigInt {
        number.fixed(self.0).0
    }

    fn subtract(&self, a: &BigInt, b: &BigInt) -> BigInt {
        a - b
    }

    fn multiply(&self, a: &BigInt, b: &BigInt) -> BigInt {
        (a * b) >> self.0
    }

    fn accumulate(&self, sum: &mut BigInt, a: &BigInt, b: &BigInt) {
        *sum += (a * b) >> self.0;
    }

    fn steps(&self, a: &BigInt, b: &BigInt) -> f64 {
        // Allocating takes as long as multiplying some words.
        let words = |n: &BigInt| 1.0 + n.bits() as f64 / 64.0;
        100.0 + words(a) * words(b)
    }
}

/// Numbers as they are.
#[derive(Clone)]
pub(crate) struct Exact;

impl Arithmetic for Exact {
    type Element = Number;

    fn zero(&self) -> Number {
        Number::zero()
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

    fn steps(&self, a: &Number, b: &Number) -> f64 {
        operation([a, b])
    }
}

impl Field for Exact {
    fn invert(&self, a: &Number) -> Number {
        Number::one().checked_div(a).unwrap_or_else(Number::zero)
    }
}

impl Arithmetic for Residues {
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

    fn steps(&self, _: &u64, _: &u64) -> f64 {
        1.0
    }
}

impl Field for Residues {
    fn invert(&self, a: &u64) -> u64 {
        self.modulus().invert(*a)
    }
}
