//! Absolute values in floating point whose exponents are 32 bits wide: nothing overflows, and nothing underflows to zero.
//!
//! The usual numbers have the exponent 0 and cost little more than an `f64`.

use std::cmp::Ordering;
use std::ops::{Add, Mul};

use num_bigint::BigUint;
use num_traits::ToPrimitive;

use super::Number;

/// Bits by which the significands of neighbouring exponents differ.
const BLOCK: i32 = 512;

/// The ends of the range of significands, and a block.
const LOW: f64 = f64::from_bits((1023 - 256) << 52);
const HIGH: f64 = f64::from_bits((1023 + 256) << 52);
const DOWN: f64 = f64::from_bits((1023 - 512) << 52);
const UP: f64 = f64::from_bits((1023 + 512) << 52);

/// `significand · 2^(512·exponent)`: zero, or a significand from 2⁻²⁵⁶ to 2²⁵⁶.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Magnitude {
    significand: f64,
    exponent: i32,
}

impl Magnitude {
    pub(crate) const ONE: Self = Self {
        significand: 1.0,
        exponent: 0,
    };

    /// The absolute value of a number.
    pub(crate) fn of(number: &Number) -> Self {
        if let [(1, n)] = number.terms() {
            let denominator = Self::dyadic(number.denominator().magnitude(), 0);
            return Self::dyadic(n.magnitude(), 0).over(denominator);
        }
        // Enough bits for the value and some more; cancellation between roots may need more still.
        let mut kept = 128;
        loop {
            let (low, high, exponent) = number.enclosed(kept);
            let width = (&high - &low).bits() + 60;
            let magnitude = low.magnitude();
            if magnitude.bits() >= width || number.terms().is_empty() || kept > 1 << 20 {
                return Self::dyadic(magnitude, exponent);
            }
            kept *= 2;
        }
    }

    /// `Σ|x|`.
    pub(crate) fn sum<'a>(numbers: impl Iterator<Item = &'a Number>) -> Self {
        { numbers.map(Self::of) }.fold(Self::default(), Add::add)
    }

    /// `n·2^exponent`.
    pub(crate) fn dyadic(n: &BigUint, exponent: i64) -> Self {
        let cut = n.bits().saturating_sub(64);
        let head = (n >> cut).to_u64().unwrap_or(u64::MAX) as f64;
        Self::normal(head, 0) * Self::exp2(exponent + cut as i64)
    }

    /// `2^exponent`.
    pub(crate) fn exp2(exponent: i64) -> Self {
        let (blocks, bits) = (
            exponent.div_euclid(BLOCK.into()),
            exponent.rem_euclid(BLOCK.into()),
        );
        Self::normal(f64::exp2(bits as f64), blocks as i32)
    }

    /// The quotient; the divisor is not zero.
    fn over(self, divisor: Self) -> Self {
        let exponent = self.exponent.saturating_sub(divisor.exponent);
        Self::normal(self.significand / divisor.significand, exponent)
    }

    /// The base-2 logarithm, minus infinity for zero.
    pub(crate) fn log2(self) -> f64 {
        self.significand.log2() + f64::from(BLOCK) * f64::from(self.exponent)
    }

    pub(crate) fn max(self, other: Self) -> Self {
        if self < other { other } else { self }
    }

    fn normal(significand: f64, exponent: i32) -> Self {
        if (LOW..HIGH).contains(&significand) {
            return Self {
                significand,
                exponent,
            };
        }
        if significand == 0.0 {
            return Self::default();
        }
        let (factor, step) = if significand < LOW {
            (UP, -1)
        } else {
            (DOWN, 1)
        };
        Self {
            significand: significand * factor,
            exponent: exponent.saturating_add(step),
        }
    }
}

impl From<f64> for Magnitude {
    /// The absolute value of a finite number.
    fn from(x: f64) -> Self {
        Self::normal(x.abs(), 0)
    }
}

impl PartialOrd for Magnitude {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.significand == 0.0, other.significand == 0.0) {
            (false, false) => {
                let exponents = self.exponent.cmp(&other.exponent);
                let significands = self.significand.partial_cmp(&other.significand)?;
                Some(exponents.then(significands))
            }
            (is_zero, is_other_zero) => Some(is_other_zero.cmp(&is_zero)),
        }
    }
}

impl Mul for Magnitude {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let exponent = self.exponent.saturating_add(other.exponent);
        Self::normal(self.significand * other.significand, exponent)
    }
}

impl Add for Magnitude {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        if self.exponent == other.exponent {
            return Self::normal(self.significand + other.significand, self.exponent);
        }
        let (large, small) = if self < other {
            (other, self)
        } else {
            (self, other)
        };
        // Two blocks below are beyond the last digit.
        match large.exponent - small.exponent {
            1 if small.significand != 0.0 => {
                Self::normal(large.significand + small.significand * DOWN, large.exponent)
            }
            _ => large,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn number(n: i64, exponent: i64) -> Number {
        Number::dyadic(BigInt::from(n), exponent)
    }

    /// The distance of a magnitude from what it stands for, relative to that.
    fn error(found: Magnitude, exact: &Number) -> f64 {
        let scale = found.log2().floor() as i64;
        let exact = exact * &number(1, -scale);
        (exact.to_f64() - (found * Magnitude::exp2(-scale)).significand).abs()
    }

    proptest! {
        #[test]
        fn operations_round_once(
            a in 1_i64..1 << 60, b in 1_i64..1 << 60, e in -4000_i64..4000, f in -4000_i64..4000,
        ) {
            let (x, y) = (number(a, e), number(-b, f));
            let (p, q) = (Magnitude::of(&x), Magnitude::of(&y));
            prop_assert!(error(p, &x) < 1e-15);
            prop_assert!(error(p * q, &(&x * &y).abs()) < 1e-15);
            prop_assert!(error(p + q, &(&x - &y)) < 1e-15);
            let y = -y;
            prop_assert_eq!(p < q, (&x - &y).sign().is_lt());
            prop_assert_eq!(p.max(q), if p < q { q } else { p });
        }
    }

    #[test]
    fn zero_is_the_least_and_adds_nothing() {
        let (zero, tiny) = (Magnitude::default(), Magnitude::exp2(-100_000));
        assert_eq!(Magnitude::of(&Number::from(0)), zero);
        assert!(zero < tiny && zero * tiny == zero && zero + tiny == tiny);
        assert_eq!(zero.log2(), f64::NEG_INFINITY);
        assert_eq!(tiny.log2(), -100_000.0);
    }

    #[test]
    fn roots_that_cancel_keep_their_digits() {
        let x: Number = "(99 - 70*sqrt(2))^30".parse().unwrap();
        assert!(error(Magnitude::of(&x), &x) < 1e-14);
    }
}
