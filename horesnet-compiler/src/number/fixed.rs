//! Fixed-point and magnitude arithmetic for files whose coefficients are rounded.
//!
//! Both follow the same walk as the exact rings: fixed-point numbers give the residual of a condition, absolute
//! values give the most that relative errors in the coefficients can do to it.

use num_bigint::Sign;

use crate::number::Number;
use crate::number::magnitude::Magnitude;
use crate::number::ring::Ring;

/// Bits of a digit, which is between `-2^55` and `2^55`: products are below `2^110`, and `2^17` of them fit an `i128`.
const DIGIT: usize = 56;

/// Fixed-point numbers as balanced digits to the base `2^56`, so that sums of products need no carries before the end.
///
/// The first word of a number is how many digits matter; they follow, lowest first.
pub(crate) struct Fixed {
    /// Digits after the point.
    fraction: usize,
    digits: usize,
    /// Sums of products, by digit.
    sums: Vec<i128>,
    /// Adds the products of the digits after the point.
    fractions: Fractions,
}

impl Fixed {
    /// Numbers below `2^whole` with `bits` binary digits or more after the point.
    pub(crate) fn new(bits: usize, whole: usize) -> Self {
        let fraction = bits.div_ceil(DIGIT);
        // One bit more for the sign.
        let digits = fraction + (whole + 1).div_ceil(DIGIT);
        Self {
            fraction,
            digits,
            sums: vec![0; 2 * digits],
            fractions: fractions(fraction),
        }
    }

    fn accumulate(&mut self, a: &[i64], b: &[i64]) {
        let (above_a, above_b) = (a[0] as usize, b[0] as usize);
        if above_a == 0 || above_b == 0 {
            return;
        }
        let (a, b) = (&a[1..], &b[1..]);
        (self.fractions)(self.fraction, &mut self.sums, a, b);
        for at in self.fraction..above_a.max(above_b) {
            // Few numbers have digits above the point.
            add_row(&mut self.sums[at..], a[at], &b[..self.fraction]);
            add_row(&mut self.sums[at..], b[at], &a[..above_a]);
        }
    }

    /// The sum of the products, rounded to the last digit.
    fn round(&mut self, out: &mut [i64]) {
        let (first, last) = (first(self.fraction), self.fraction);
        let below = self.sums[first..last].iter();
        let mut carry = below.fold(0, |carry, sum| balance(sum + carry).1);
        for (out, sum) in out[1..].iter_mut().zip(&self.sums[last..]) {
            (*out, carry) = balance(sum + carry);
        }
        out[0] = significant(&out[1..]) as i64;
    }

    /// The size of the residual of a condition, `Σ b_i Φ_i(t) − 1/γ(t)`.
    pub(crate) fn residual(&self, weight: &[i64], density: u64) -> Magnitude {
        self.size(weight, density, 1)
    }

    /// The size of a number.
    pub(crate) fn magnitude(&self, number: &[i64]) -> Magnitude {
        self.size(number, 1, 0)
    }

    /// The size of `weight − numerator/density`.
    fn size(&self, weight: &[i64], density: u64, numerator: i128) -> Magnitude {
        // γ times as much is exact, in one digit more.
        let mut carry = 0;
        let mut scaled: Vec<_> = { weight[1..].iter().chain(std::iter::once(&0)).enumerate() }
            .map(|(at, &digit)| {
                let whole = if at == self.fraction { numerator } else { 0 };
                let product = i128::from(digit) * i128::from(density) - whole;
                let (digit, next) = balance(product + carry);
                carry = next;
                digit
            })
            .collect();
        scaled.truncate(significant(&scaled));
        // Three digits are more than 53 bits of the value, whatever the first of them.
        let first = scaled.len().saturating_sub(3);
        let leading = scaled[first..].iter().rev();
        let leading = leading.fold(0.0, |sum, &digit| {
            sum * f64::exp2(DIGIT as f64) + digit as f64
        });
        let exponent = DIGIT as i64 * (first as i64 - self.fraction as i64);
        Magnitude::from(leading / density as f64) * Magnitude::exp2(exponent)
    }
}

/// Adds products of numbers with so many digits after the point.
type Fractions = fn(usize, &mut [i128], &[i64], &[i64]);

/// The usual lengths are compiled one by one, for loops whose bounds are known take a third of the time.
fn fractions(digits: usize) -> Fractions {
    match digits {
        2 => of_length::<2>,
        3 => of_length::<3>,
        4 => of_length::<4>,
        5 => of_length::<5>,
        6 => of_length::<6>,
        7 => of_length::<7>,
        8 => of_length::<8>,
        9 => of_length::<9>,
        10 => of_length::<10>,
        _ => triangle,
    }
}

fn of_length<const N: usize>(_: usize, sums: &mut [i128], a: &[i64], b: &[i64]) {
    triangle(N, sums, a, b);
}

/// The products of the digits after the point that are not below `first`.
#[inline]
fn triangle(digits: usize, sums: &mut [i128], a: &[i64], b: &[i64]) {
    let (sums, a, b) = (&mut sums[..2 * digits], &a[..digits], &b[..digits]);
    for (at, &x) in a.iter().enumerate() {
        let first = first(digits).saturating_sub(at);
        add_row(&mut sums[at + first..at + digits], x, &b[first..]);
    }
}

/// Products below this digit are not formed: of 64 numbers they are together below `2^-40` of the unit.
const fn first(fraction: usize) -> usize {
    fraction.saturating_sub(2)
}

#[inline]
fn add_row(sums: &mut [i128], x: i64, b: &[i64]) {
    for (sum, &y) in sums.iter_mut().zip(b) {
        *sum += i128::from(x) * i128::from(y);
    }
}

/// The balanced digit that is congruent to a sum of products, and what is carried.
fn balance(sum: i128) -> (i64, i128) {
    let carry = (sum + (1 << (DIGIT - 1))) >> DIGIT;
    ((sum - (carry << DIGIT)) as i64, carry)
}

/// How many digits matter.
fn significant(digits: &[i64]) -> usize {
    digits
        .iter()
        .rposition(|&digit| digit != 0)
        .map_or(0, |last| last + 1)
}

impl Ring for Fixed {
    type Word = i64;

    fn width(&self) -> usize {
        self.digits + 1
    }

    fn convert<'a>(&self, numbers: impl Iterator<Item = &'a Number>) -> Vec<i64> {
        let mut words = Vec::new();
        for number in numbers {
            let (low, _) = number.fixed((DIGIT * self.fraction) as u64);
            let (sign, bytes) = low.to_bytes_le();
            let mut bytes = bytes.chunks(DIGIT / 8);
            let begin = words.len();
            words.push(0);
            let mut carry = 0;
            for _ in 0..self.digits {
                let digit = { bytes.next().unwrap_or_default().iter().rev() }
                    .fold(0, |digit, &byte| digit << 8 | i128::from(byte));
                let digit = if sign == Sign::Minus { -digit } else { digit };
                let (digit, next) = balance(digit + carry);
                words.push(digit);
                carry = next;
            }
            words[begin] = significant(&words[begin + 1..]) as i64;
        }
        words
    }

    fn multiply(&mut self, a: &[i64], b: &[i64], out: &mut [i64]) {
        let width = self.width();
        let factors = a.chunks_exact(width).zip(b.chunks_exact(width));
        for (out, (a, b)) in out.chunks_exact_mut(width).zip(factors) {
            self.sums.fill(0);
            self.accumulate(a, b);
            self.round(out);
        }
    }

    fn dot(&mut self, columns: &[usize], a: &[i64], v: &[i64], out: &mut [i64]) {
        let width = self.width();
        self.sums.fill(0);
        for (&j, a) in columns.iter().zip(a.chunks_exact(width)) {
            self.accumulate(a, &v[j * width..(j + 1) * width]);
        }
        self.round(out);
    }
}

/// Fractional bits with which the `error` of a walk, in units, stays below `2^-64` of what the stated error allows.
///
/// The least that a condition of order `n` allows is about `EPS/γ`, and `γ ≤ n!`.
pub(crate) fn guarded_bits(eps: Magnitude, error: Magnitude, order: usize) -> f64 {
    let density: f64 = (1..=order).map(|n| (n as f64).log2()).sum();
    (64.0 - eps.log2() + error.log2() + density).ceil()
}

/// Returns true if the stated errors explain a residual: it is at most `n·EPS·Σ|b||Φ|`, since a condition of order `n` has
/// products of at most `n` coefficients.
pub(crate) fn within(
    residual: Magnitude,
    order: usize,
    eps: Magnitude,
    magnitude: Magnitude,
) -> bool {
    residual <= Magnitude::from(order as f64) * eps * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use num_traits::{One, Zero};
    use proptest::prelude::*;

    impl Fixed {
        /// The value of a number.
        pub(crate) fn number(&self, words: &[i64]) -> Number {
            let digits = words[1..].iter().rev();
            let value = digits.fold(BigInt::zero(), |value, digit| (value << DIGIT) + digit);
            Number::ratio(value, BigInt::one() << (DIGIT * self.fraction)).unwrap()
        }

        /// The value of the last digit.
        pub(crate) fn unit(&self) -> f64 {
            f64::exp2(-((DIGIT * self.fraction) as f64))
        }
    }

    fn numbers(count: usize) -> impl Strategy<Value = Vec<Number>> {
        // Of all sizes below 2^100, with as many digits after the point as there are.
        let number = (any::<i128>(), 27_u32..500);
        prop::collection::vec(number, count).prop_map(|numbers| {
            let ratio = |(n, bits)| Number::ratio(BigInt::from(n), BigInt::one() << bits).unwrap();
            numbers.into_iter().map(ratio).collect()
        })
    }

    proptest! {
        #[test]
        fn operations_round_by_a_unit(
            a in numbers(5), v in numbers(5), bits in 1_usize..700,
        ) {
            let mut ring = Fixed::new(bits, 210);
            let (x, y) = (ring.convert(a.iter()), ring.convert(v.iter()));
            let read = |ring: &Fixed, words: &[i64]| -> Vec<_> {
                words.chunks_exact(ring.width()).map(|words| ring.number(words)).collect()
            };
            let (a_read, v_read) = (read(&ring, &x), read(&ring, &y));
            let off = |exact: &Number, found: &Number| (exact - found).to_f64().abs() / ring.unit();
            for (exact, found) in a.iter().zip(&a_read) {
                prop_assert!(off(exact, found) <= 1.0);
            }
            let products: Vec<_> = a_read.iter().zip(&v_read).map(|(a, b)| a * b).collect();
            let sum = products.iter().fold(Number::zero(), |sum, product| &sum + product);
            let (mut found, mut dot) = (vec![0; x.len()], vec![0; ring.width()]);
            let unit = ring.unit();
            ring.multiply(&x, &y, &mut found);
            ring.dot(&[0, 1, 2, 3, 4], &x, &y, &mut dot);
            for (exact, found) in products.iter().zip(read(&ring, &found)) {
                prop_assert!((exact - &found).to_f64().abs() <= unit);
            }
            prop_assert!((&sum - &ring.number(&dot)).to_f64().abs() <= unit);
        }

        #[test]
        fn residuals_are_those_of_the_numbers(weight in numbers(1), density in 1_u64..1 << 50, bits in 100_usize..500) {
            let ring = Fixed::new(bits, 101);
            let words = ring.convert(weight.iter());
            let exact = &ring.number(&words) - &Number::ratio(1, density).unwrap();
            let found = ring.residual(&words, density).log2().exp2();
            let exact = exact.to_f64().abs();
            prop_assert!((found - exact).abs() <= 1e-13 * exact);
        }
    }
}
