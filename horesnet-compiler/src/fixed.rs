//! Fixed-point and magnitude arithmetic for files whose coefficients are rounded.
//!
//! Both follow the same walk as the exact rings: fixed-point numbers give the residual of a condition, absolute
//! values give the most that relative errors in the coefficients can do to it.

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive};

use crate::elementary::Ring;
use crate::number::Number;

/// Numbers as integers over `2^bits`.
pub(crate) struct Fixed {
    pub(crate) bits: u64,
}

impl Fixed {
    /// `1/γ`.
    pub(crate) fn reciprocal(&self, density: u64) -> BigInt {
        (BigInt::one() << self.bits) / density
    }

    /// As a floating-point number.
    pub(crate) fn to_f64(&self, n: &BigInt) -> f64 {
        let excess = n.bits().saturating_sub(64);
        let top = (n >> excess).to_f64().unwrap_or(f64::NAN);
        top * f64::powi(
            2.0,
            (excess as i64 - self.bits as i64).clamp(-2000, 2000) as i32,
        )
    }
}

impl Ring for Fixed {
    type Element = BigInt;

    fn one(&self) -> BigInt {
        BigInt::one() << self.bits
    }

    fn convert(&self, number: &Number) -> BigInt {
        number.fixed(self.bits).0
    }

    fn multiply(&self, a: &BigInt, b: &BigInt) -> BigInt {
        (a * b) >> self.bits
    }

    fn dot(&self, row: &[(usize, BigInt)], v: &[BigInt]) -> BigInt {
        row.iter().map(|(j, a)| a * &v[*j]).sum::<BigInt>() >> self.bits
    }
}

/// Absolute values, in floating point: a bound needs few digits.
pub(crate) struct Magnitudes;

impl Ring for Magnitudes {
    type Element = f64;

    fn one(&self) -> f64 {
        1.0
    }

    fn convert(&self, number: &Number) -> f64 {
        number.to_f64().abs()
    }

    fn multiply(&self, a: &f64, b: &f64) -> f64 {
        a * b
    }

    fn dot(&self, row: &[(usize, f64)], v: &[f64]) -> f64 {
        row.iter().map(|(j, a)| a * v[*j]).sum()
    }
}

/// What bounds the growth of rounding errors in a walk.
pub(crate) struct Growth {
    /// The largest row sum of absolute values, leaves included.
    pub(crate) row_norm: f64,
    /// The largest sum of absolute weights.
    pub(crate) weights_norm: f64,
    pub(crate) stages: usize,
}

/// Fractional bits with which rounding inside the walk stays below `2^-64` of what the stated error allows.
///
/// Every operation rounds by less than one unit; the rows that follow stretch that by the row norm at most, and the
/// weights by their sum. The least that a condition of order `n` allows is about `EPS/γ`, and `γ ≤ n!`.
pub(crate) fn guarded_bits(eps: f64, growth: &Growth, order: usize) -> f64 {
    let stretch =
        growth.row_norm.max(1.0).log2() * order as f64 + growth.weights_norm.max(1.0).log2();
    let operations = ((growth.stages * growth.stages * order) as f64).log2();
    let density: f64 = (1..=order).map(|n| (n as f64).log2()).sum();
    (64.0 - eps.log2() + stretch + operations + density).ceil()
}

/// Whether a residual is within what the stated errors explain: `n·EPS·Σ|b||Φ|` (a condition of order `n` has
/// products of at most `n` coefficients).
pub(crate) fn within(residual: f64, order: usize, eps: f64, magnitude: f64) -> bool {
    residual.abs() <= order as f64 * eps * magnitude
}

/// The residual of a condition as a fixed-point number.
pub(crate) fn residual(ring: &Fixed, weight: &BigInt, density: u64) -> f64 {
    let difference = weight - ring.reciprocal(density);
    let magnitude = ring.to_f64(&difference.abs());
    if difference.is_negative() {
        -magnitude
    } else {
        magnitude
    }
}
