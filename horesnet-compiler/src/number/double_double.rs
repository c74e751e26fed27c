//! Arithmetic of twice the precision of `f64`: the unevaluated sum of two, some 32 digits (Dekker 1971).
//!
//! Residuals of order conditions are small differences; these leave more correct digits than are shown.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

use super::Number;

/// `high + low` with `|low|` at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct DoubleDouble {
    high: f64,
    low: f64,
}

impl DoubleDouble {
    /// Rounds to some 106 bits; not finite past the range of `f64`.
    pub(crate) fn of(number: &Number) -> Self {
        let high = number.to_f64();
        let low = Number::from_f64(high).map_or(0.0, |high| (number - &high).to_f64());
        Self { high, low }
    }

    pub(crate) fn to_f64(self) -> f64 {
        self.high + self.low
    }

    /// `1/n` for integers below 2⁵³.
    pub(crate) fn reciprocal(n: f64) -> Self {
        let high = 1.0 / n;
        let (product, error) = two_product(high, n);
        Self {
            high,
            low: ((1.0 - product) - error) / n,
        }
    }

    /// Compares two numbers that are not NaN.
    pub(crate) fn compare(self, other: Self) -> Ordering {
        (self - other).high.total_cmp(&0.0)
    }

    /// Normalises `high + low`, where `|high| ≥ |low|`.
    fn normal(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self {
            high: sum,
            low: low - (sum - high),
        }
    }
}

impl From<f64> for DoubleDouble {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (sum, error) = two_sum(self.high, other.high);
        let (low, rest) = two_sum(self.low, other.low);
        let first = Self::normal(sum, error + low);
        Self::normal(first.high, first.low + rest)
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + Self {
            high: -other.high,
            low: -other.low,
        }
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (product, error) = two_product(self.high, other.high);
        let cross = self.high * other.low + self.low * other.high;
        Self::normal(product, error + cross)
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Each step of long division leaves a remainder of some 53 bits less.
        let digit = |rest: Self| rest.high / other.high;
        let times = |digit: f64| {
            other
                * Self {
                    high: digit,
                    low: 0.0,
                }
        };
        let first = digit(self);
        let rest = self - times(first);
        let second = digit(rest);
        let rest = rest - times(second);
        let quotient = Self::normal(first, second);
        Self::normal(quotient.high, quotient.low + digit(rest))
    }
}

/// The sum and its rounding error (Knuth 1969).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let rounded = sum - a;
    (sum, (a - (sum - rounded)) + (b - rounded))
}

/// The product and its rounding error.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_twice_the_precision() {
        let third = Number::ratio(1, 3).unwrap();
        let root: Number = "sqrt(2)/7".parse().unwrap();
        for (a, b) in [(&third, &root), (&root, &root), (&third, &third)] {
            let (p, q) = (DoubleDouble::of(a), DoubleDouble::of(b));
            let error = |found: DoubleDouble, right: &Number| {
                let found =
                    &Number::from_f64(found.high).unwrap() + &Number::from_f64(found.low).unwrap();
                (&found - right).to_f64().abs()
            };
            assert!(error(p, a) < 1e-32);
            assert!(error(p + q, &(a + b)) < 1e-31);
            assert!(error(p * q, &(a * b)) < 1e-31);
            assert!(error(p - q, &(a - b)) < 1e-31);
            assert!(error(p / q, &a.checked_div(b).unwrap()) < 1e-30);
        }
        let seventh = Number::ratio(1, 7).unwrap();
        assert_eq!(DoubleDouble::reciprocal(7.0), DoubleDouble::of(&seventh));
        assert_eq!(Number::from_f64(-0.375).unwrap().to_string(), "-3/8");
        assert_eq!(
            Number::from_f64(3e20).unwrap().to_string(),
            "300000000000000000000"
        );
    }
}
