//! Fixed-point and magnitude arithmetic for files whose coefficients are rounded.
//!
//! Both follow the same walk as the exact rings: fixed-point numbers give the residual of a condition, absolute
//! values give the most that relative errors in the coefficients can do to it.

use num_bigint::Sign;

use crate::number::Number;
use crate::walk::Ring;

/// Integers over `2^bits`: a word for the sign, not zero below zero, and `limbs` words of magnitude, lowest first.
pub(crate) struct Fixed {
    bits: usize,
    limbs: usize,
    /// Sums of the positive and of the negative products.
    sums: [Vec<u64>; 2],
}

impl Fixed {
    /// Numbers below `2^whole` with `bits` binary digits after the point.
    pub(crate) fn new(bits: usize, whole: usize) -> Self {
        let limbs = (bits + whole).div_ceil(64);
        // Every product has as many words as its factors together; one more holds what their sum carries.
        let sums = [vec![0; 2 * limbs + 1], vec![0; 2 * limbs + 1]];
        Self { bits, limbs, sums }
    }

    fn clear(&mut self) {
        for sum in &mut self.sums {
            sum.fill(0);
        }
    }

    /// Adds the product of two numbers to the sum of its sign.
    fn accumulate(&mut self, a: &[u64], b: &[u64]) {
        let sum = &mut self.sums[usize::from(a[0] != b[0])];
        for (at, &x) in a[1..].iter().enumerate() {
            let carry = add_product(&mut sum[at..], x, &b[1..]);
            carry_on(&mut sum[at + self.limbs..], carry);
        }
    }

    /// The difference of the sums, less its digits past the last: rounded towards zero.
    fn round(&mut self, out: &mut [u64]) {
        let [positive, negative] = &mut self.sums;
        let below = positive.iter().rev().lt(negative.iter().rev());
        let (larger, smaller) = if below {
            (negative, positive)
        } else {
            (positive, negative)
        };
        subtract(larger, smaller);
        out[0] = u64::from(below);
        let (words, bits) = (self.bits / 64, self.bits % 64);
        for (out, pair) in out[1..].iter_mut().zip(larger[words..].windows(2)) {
            *out = ((u128::from(pair[1]) << 64 | u128::from(pair[0])) >> bits) as u64;
        }
    }

    /// The residual of a condition, `Σ b_i Φ_i(t) − 1/γ(t)`.
    pub(crate) fn residual(&mut self, weight: &[u64], density: u64) -> f64 {
        // γ times as much is exact.
        self.clear();
        let [scaled, one] = &mut self.sums;
        scaled[self.limbs] = add_product(scaled, density, &weight[1..]);
        let one_at = &mut one[self.bits / 64..];
        one_at[0] = 1 << (self.bits % 64);
        let negative = weight[0] != 0;
        if negative {
            for (at, &word) in one.iter().enumerate() {
                carry_on(&mut scaled[at..], word);
            }
        }
        let below = !negative && scaled.iter().rev().lt(one.iter().rev());
        if below {
            std::mem::swap(scaled, one);
        }
        if !negative {
            subtract(scaled, one);
        }
        let magnitude = self.to_f64() / density as f64;
        if below || negative {
            -magnitude
        } else {
            magnitude
        }
    }

    /// The first sum as a floating-point number, to 53 bits and more.
    fn to_f64(&self) -> f64 {
        let words = &self.sums[0];
        let Some(top) = words.iter().rposition(|&word| word != 0) else {
            return 0.0;
        };
        let next = if top > 0 { words[top - 1] } else { 0 };
        let leading = u128::from(words[top]) << 64 | u128::from(next);
        let exponent = 64 * (top as i64 - 1) - self.bits as i64;
        leading as f64 * f64::powi(2.0, exponent.clamp(-2000, 2000) as i32)
    }
}

/// `sum += x·y` over the words of `y`; the carry out of them.
fn add_product(sum: &mut [u64], x: u64, y: &[u64]) -> u64 {
    let mut carry = 0;
    for (sum, &y) in sum.iter_mut().zip(y) {
        // (2⁶⁴ − 1)² + 2(2⁶⁴ − 1) = 2¹²⁸ − 1
        let wide = u128::from(x) * u128::from(y) + u128::from(*sum) + u128::from(carry);
        *sum = wide as u64;
        carry = (wide >> 64) as u64;
    }
    carry
}

/// `sum += word`.
fn carry_on(sum: &mut [u64], mut word: u64) {
    for sum in sum {
        if word == 0 {
            break;
        }
        let (next, carry) = sum.overflowing_add(word);
        (*sum, word) = (next, u64::from(carry));
    }
}

/// `larger −= smaller`.
fn subtract(larger: &mut [u64], smaller: &[u64]) {
    let mut borrow = false;
    for (a, &b) in larger.iter_mut().zip(smaller) {
        let (difference, first) = a.overflowing_sub(b);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        (*a, borrow) = (difference, first || second);
    }
}

impl Ring for Fixed {
    type Word = u64;

    fn width(&self) -> usize {
        self.limbs + 1
    }

    fn convert<'a>(&self, numbers: impl Iterator<Item = &'a Number>) -> Vec<u64> {
        let mut words = Vec::new();
        for number in numbers {
            let (low, _) = number.fixed(self.bits as u64);
            words.push(u64::from(low.sign() == Sign::Minus));
            let digits = low.iter_u64_digits().chain(std::iter::repeat(0));
            words.extend(digits.take(self.limbs));
        }
        words
    }

    fn multiply(&mut self, a: &[u64], b: &[u64], out: &mut [u64]) {
        let width = self.width();
        let factors = a.chunks_exact(width).zip(b.chunks_exact(width));
        for (out, (a, b)) in out.chunks_exact_mut(width).zip(factors) {
            self.clear();
            self.accumulate(a, b);
            self.round(out);
        }
    }

    fn dot(&mut self, columns: &[usize], a: &[u64], v: &[u64], out: &mut [u64]) {
        let width = self.width();
        self.clear();
        for (&j, a) in columns.iter().zip(a.chunks_exact(width)) {
            self.accumulate(a, &v[j * width..(j + 1) * width]);
        }
        self.round(out);
    }
}

/// Absolute values, in floating point: a bound needs few digits.
pub(crate) struct Magnitudes;

impl Ring for Magnitudes {
    type Word = f64;

    fn width(&self) -> usize {
        1
    }

    fn convert<'a>(&self, numbers: impl Iterator<Item = &'a Number>) -> Vec<f64> {
        numbers.map(|number| number.to_f64().abs()).collect()
    }

    fn multiply(&mut self, a: &[f64], b: &[f64], out: &mut [f64]) {
        for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
            *out = a * b;
        }
    }

    fn dot(&mut self, columns: &[usize], a: &[f64], v: &[f64], out: &mut [f64]) {
        out[0] = columns.iter().zip(a).map(|(&j, a)| a * v[j]).sum();
    }
}

/// What bounds the growth of numbers and of rounding errors in a walk.
pub(crate) struct Growth {
    /// The largest row sum of absolute values, leaves included.
    pub(crate) row_norm: f64,
    /// The largest sum of absolute weights.
    pub(crate) weights_norm: f64,
    pub(crate) stages: usize,
}

impl Growth {
    /// Bits that no number of the trees up to `order` exceeds, nor the factor by which an error in one grows.
    ///
    /// A tree has one factor of a row for each node but its root, and one of the weights.
    pub(crate) fn stretch(&self, order: usize) -> f64 {
        self.row_norm.max(1.0).log2() * order as f64 + self.weights_norm.max(1.0).log2()
    }
}

/// Fractional bits with which rounding inside the walk stays below `2^-64` of what the stated error allows.
///
/// Every operation rounds by less than one unit; the rows that follow stretch that by the row norm at most, and the
/// weights by their sum. The least that a condition of order `n` allows is about `EPS/γ`, and `γ ≤ n!`.
pub(crate) fn guarded_bits(eps: f64, growth: &Growth, order: usize) -> f64 {
    let operations = ((growth.stages * growth.stages * order) as f64).log2();
    let density: f64 = (1..=order).map(|n| (n as f64).log2()).sum();
    (64.0 - eps.log2() + growth.stretch(order) + operations + density).ceil()
}

/// Whether a residual is within what the stated errors explain: `n·EPS·Σ|b||Φ|` (a condition of order `n` has
/// products of at most `n` coefficients).
pub(crate) fn within(residual: f64, order: usize, eps: f64, magnitude: f64) -> bool {
    residual.abs() <= order as f64 * eps * magnitude
}
