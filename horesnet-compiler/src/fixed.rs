//! Fixed-point and magnitude arithmetic for files whose coefficients are rounded.
//!
//! Both follow the same walk as the exact rings: fixed-point numbers give the residual of a condition, absolute
//! values give the most that relative errors in the coefficients can do to it.

use num_bigint::Sign;

use crate::number::Number;
use crate::walk::Ring;

/// Integers over `2^bits`: a word of sign and length, then words of magnitude, lowest first.
///
/// The first word is twice the number of words that matter, and one more below zero.
pub(crate) struct Fixed {
    bits: usize,
    limbs: usize,
    /// Words of products that are not formed.
    skipped: usize,
    /// Sums of the positive and of the negative products, from the first word that is formed.
    sums: [Vec<u64>; 2],
}

impl Fixed {
    /// Numbers below `2^whole` with `bits` binary digits after the point.
    pub(crate) fn new(bits: usize, whole: usize) -> Self {
        let limbs = (bits + whole).div_ceil(64);
        // What is skipped of 64 products is below 64·limbs·2^(64·skipped + 64), far less than the unit.
        let skipped = (bits / 64).saturating_sub(2);
        // Every product has as many words as its factors together; one more holds what their sum carries.
        let sums = vec![0; 2 * limbs + 1 - skipped];
        Self {
            bits,
            limbs,
            skipped,
            sums: [sums.clone(), sums],
        }
    }

    fn clear(&mut self) {
        for sum in &mut self.sums {
            sum.fill(0);
        }
    }

    /// Adds the product of two numbers to the sum of its sign.
    fn accumulate(&mut self, a: &[u64], b: &[u64]) {
        let sum = &mut self.sums[((a[0] ^ b[0]) & 1) as usize];
        let (a, b) = (&a[1..=(a[0] / 2) as usize], &b[1..=(b[0] / 2) as usize]);
        for (at, &x) in a.iter().enumerate() {
            let first = self.skipped.saturating_sub(at);
            if first < b.len() {
                let sum = &mut sum[at + first - self.skipped..];
                let carry = add_product(sum, x, &b[first..]);
                carry_on(&mut sum[b.len() - first..], carry);
            }
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
        let (words, bits) = (self.bits / 64 - self.skipped, self.bits % 64);
        for (out, pair) in out[1..].iter_mut().zip(larger[words..].windows(2)) {
            *out = ((u128::from(pair[1]) << 64 | u128::from(pair[0])) >> bits) as u64;
        }
        out[0] = head(&out[1..], below);
    }

    /// The residual of a condition, `Σ b_i Φ_i(t) − 1/γ(t)`.
    pub(crate) fn residual(&self, weight: &[u64], density: u64) -> f64 {
        // γ times as much is exact, in one word more.
        let mut scaled = vec![0; self.limbs + 1];
        scaled[self.limbs] = add_product(&mut scaled, density, &weight[1..]);
        let mut one = vec![0; self.limbs + 1];
        one[self.bits / 64] = 1 << (self.bits % 64);
        let mut sign = 1.0;
        if weight[0] & 1 == 1 {
            sign = -1.0;
            for (at, &word) in one.iter().enumerate() {
                carry_on(&mut scaled[at..], word);
            }
        } else {
            if scaled.iter().rev().lt(one.iter().rev()) {
                sign = -1.0;
                std::mem::swap(&mut scaled, &mut one);
            }
            subtract(&mut scaled, &one);
        }
        sign * self.to_f64(&scaled) / density as f64
    }

    /// A magnitude as a floating-point number, to 53 bits and more.
    fn to_f64(&self, words: &[u64]) -> f64 {
        let Some(top) = words.iter().rposition(|&word| word != 0) else {
            return 0.0;
        };
        let next = if top > 0 { words[top - 1] } else { 0 };
        let leading = u128::from(words[top]) << 64 | u128::from(next);
        let exponent = 64 * (top as i64 - 1) - self.bits as i64;
        leading as f64 * f64::powi(2.0, exponent.clamp(-2000, 2000) as i32)
    }
}

/// The first word of a number.
fn head(magnitude: &[u64], negative: bool) -> u64 {
    let length = magnitude.iter().rposition(|&word| word != 0);
    length.map_or(0, |last| 2 * (last as u64 + 1) + u64::from(negative))
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
            let digits = low.iter_u64_digits().chain(std::iter::repeat(0));
            let magnitude: Vec<_> = digits.take(self.limbs).collect();
            words.push(head(&magnitude, low.sign() == Sign::Minus));
            words.extend(magnitude);
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

/// Fractional bits with which the `error` of a walk, in units, stays below `2^-64` of what the stated error allows.
///
/// The least that a condition of order `n` allows is about `EPS/γ`, and `γ ≤ n!`.
pub(crate) fn guarded_bits(eps: f64, error: f64, order: usize) -> f64 {
    let density: f64 = (1..=order).map(|n| (n as f64).log2()).sum();
    (64.0 - eps.log2() + error.log2() + density).ceil()
}

/// Whether a residual is within what the stated errors explain: `n·EPS·Σ|b||Φ|` (a condition of order `n` has
/// products of at most `n` coefficients).
pub(crate) fn within(residual: f64, order: usize, eps: f64, magnitude: f64) -> bool {
    residual.abs() <= order as f64 * eps * magnitude
}
