//! Exact numbers as floating-point and fixed-point values, rounded correctly.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::float::FloatCore;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::number::Number;
use crate::number::radical::Radicand;

impl Number {
    /// Integers `low ≤ self·2^bits ≤ high` that differ by at most a few units.
    #[must_use]
    pub fn fixed(&self, bits: u64) -> (BigInt, BigInt) {
        let (low, high) = self.numerator(bits as i64);
        (
            low.div_floor(self.denominator()),
            high.div_ceil(self.denominator()),
        )
    }

    /// Integers `low ≤ numerator·2^bits ≤ high` that differ by at most a few units, times roots if `bits` is negative.
    fn numerator(&self, bits: i64) -> (BigInt, BigInt) {
        let (up, down) = (bits.max(0), (-bits).max(0));
        let (mut low, mut high) = (BigInt::zero(), BigInt::zero());
        for (r, n) in self.terms() {
            // Rounded towards negative infinity.
            let least = n >> down;
            let most = if down > 0 { &least + 1 } else { least.clone() };
            low += root(*r, &least, up).0;
            high += root(*r, &most, up).1;
        }
        (low, high)
    }

    /// Integers with `low·2^exponent ≤ self ≤ high·2^exponent`, of so many leading bits of numerator and denominator.
    pub(crate) fn enclosed(&self, kept: u64) -> (BigInt, BigInt, i64) {
        let kept = kept as i64;
        let bits = kept - self.length();
        let (low, high) = self.numerator(bits);
        let cut = (self.denominator().bits() as i64 - kept).max(0);
        let least = self.denominator() >> cut;
        let most = if cut > 0 { &least + 1 } else { least.clone() };
        let floor = if low.is_negative() { &least } else { &most };
        let ceil = if high.is_negative() { &most } else { &least };
        (
            (low << kept).div_floor(floor),
            (high << kept).div_ceil(ceil),
            -(bits + cut + kept),
        )
    }

    /// Bits of the longest term of the numerator.
    fn length(&self) -> i64 {
        let bits = self.terms().iter().map(|(_, n)| n.bits());
        bits.max().unwrap_or(0) as i64
    }

    /// `n·2^exponent`.
    pub(crate) fn dyadic(n: BigInt, exponent: i64) -> Self {
        let power = BigInt::one() << exponent.unsigned_abs();
        if exponent < 0 {
            Self::ratio(n, power).unwrap_or_else(Self::zero)
        } else {
            Self::from(n * power)
        }
    }

    /// Converts a finite floating-point number exactly.
    pub(crate) fn from_f64(x: f64) -> Option<Self> {
        let (mantissa, exponent, sign) = x.integer_decode();
        x.is_finite()
            .then(|| Self::dyadic(BigInt::from(mantissa) * sign, exponent.into()))
    }

    /// The nearest `f64`; infinite past its range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        // Enough bits for the leading 53 of the value and some more; cancellation between roots, and ties of rational
        // numbers, may need all of them. An irrational is never a tie.
        let mut kept = 128;
        loop {
            let (low, high, exponent) = self.enclosed(kept);
            let (below, above) = (scaled(&low, -exponent), scaled(&high, -exponent));
            if below.to_bits() == above.to_bits() || kept > 1 << 20 {
                return below;
            }
            kept *= 2;
        }
    }

    /// A number of few bits that is not below this one, which is not negative: at most 2⁻³⁰ of it above.
    pub(crate) fn above(&self) -> Self {
        const KEPT: u64 = 64;
        if self.is_zero() {
            return Self::zero();
        }
        let mut bits = KEPT;
        loop {
            let (_, high) = self.fixed(bits);
            if high.bits() > KEPT / 2 {
                let cut = high.bits().saturating_sub(KEPT);
                return Self::dyadic((high >> cut) + 1, cut as i64 - bits as i64);
            }
            bits *= 2;
        }
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.sign().is_lt() { -self } else { self }
    }

    /// Compares the number with zero.
    #[must_use]
    pub fn sign(&self) -> Ordering {
        if let [(_, n)] = self.terms() {
            return n.cmp(&BigInt::zero());
        }
        if self.is_zero() {
            return Ordering::Equal;
        }
        // The leading bits tell, unless the terms nearly cancel.
        let mut kept = 64;
        loop {
            let (low, high) = self.numerator(kept - self.length());
            if low.is_positive() {
                return Ordering::Greater;
            }
            if high.is_negative() {
                return Ordering::Less;
            }
            kept *= 2;
        }
    }
}

/// Integers `low ≤ √r·n·2^bits ≤ high` that differ by at most one.
fn root(r: Radicand, n: &BigInt, bits: i64) -> (BigInt, BigInt) {
    if r == 1 {
        let exact = n << bits;
        return (exact.clone(), exact);
    }
    // √r·n·2^b = √(r·n²·4^b)
    let square: BigInt = (BigInt::from(r) * n * n) << (2 * bits);
    let root = square.sqrt();
    if n.is_negative() {
        (-(&root + 1_u8), -root)
    } else {
        (root.clone(), root + 1_u8)
    }
}

/// `n / 2^bits`, rounded once to the nearest `f64`, ties to even.
fn scaled(n: &BigInt, bits: i64) -> f64 {
    let magnitude = n.magnitude();
    // The exponent of the last of 53 bits, or of the least subnormal number.
    let last = (magnitude.bits() as i64 - bits - 53).max(-1074);
    let cut = bits + last;
    let mut head = (magnitude << (-cut).max(0)) >> cut.max(0);
    if cut > 0 && magnitude.bit(cut as u64 - 1) {
        // At least half is cut off.
        let is_more = magnitude.trailing_zeros() < Some(cut as u64 - 1);
        head += u8::from(is_more || head.is_odd());
    }
    let head = head.to_u64().unwrap_or(u64::MAX);
    // Exact: the head has at most 54 bits, and the power is split so that no factor leaves the range.
    let first = last.clamp(-1000, 1000);
    let power = |exponent: i64| f64::powi(2.0, exponent.min(1000) as i32);
    let value = head as f64 * power(first) * power(last - first);
    if n.is_negative() { -value } else { value }
}
