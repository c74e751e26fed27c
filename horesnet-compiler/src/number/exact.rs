//! Exact numbers: sums of rationals times square roots, `Σ q_r·√r` over square-free `r`.
//!
//! Roots of different square-free integers are linearly independent over the rationals (Besicovitch 1940), so
//! the form is canonical and equality is equality of coefficients.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::number::decimal;
use crate::number::magnitude::Magnitude;
use crate::number::radical;
use crate::number::radical::{Group, Radicand};

/// An element of Q(√d₁, √d₂, …), in lowest terms over one positive denominator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    /// Non-zero coefficients by ascending radicand; none for zero.
    terms: Vec<(Radicand, BigInt)>,
    denominator: BigInt,
}

impl Number {
    /// `numerator / denominator`, or `None` if the denominator is zero.
    #[must_use]
    pub fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Option<Self> {
        let denominator = denominator.into();
        (!denominator.is_zero()).then(|| Self::reduced(vec![(1, numerator.into())], denominator))
    }

    /// The square root of a non-negative rational; `None` for other numbers and for square-free parts past 2³².
    #[must_use]
    pub fn sqrt(&self) -> Option<Self> {
        let numerator = self.rational_numerator().filter(|n| !n.is_negative())?;
        // √(p/q) = √(pq)/q
        let (factor, radicand) = radical::split(&(numerator * &self.denominator))?;
        Some(Self::reduced(
            vec![(radicand, factor)],
            self.denominator.clone(),
        ))
    }

    /// The quotient, or `None` if `divisor` is zero.
    #[must_use]
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        Some(self * &divisor.inverse()?)
    }

    /// `self^exponent`, or `None` for a negative power of zero.
    #[must_use]
    pub fn checked_pow(&self, exponent: i32) -> Option<Self> {
        let base = if exponent < 0 {
            self.inverse()?
        } else {
            self.clone()
        };
        Some(num_traits::pow(base, exponent.unsigned_abs() as usize))
    }

    /// Returns true if no root occurs.
    #[must_use]
    pub fn is_rational(&self) -> bool {
        self.terms.iter().all(|&(r, _)| r == 1)
    }

    /// The coefficients of the numerator by ascending radicand.
    #[must_use]
    pub fn terms(&self) -> &[(Radicand, BigInt)] {
        &self.terms
    }

    /// The common denominator, positive.
    #[must_use]
    pub fn denominator(&self) -> &BigInt {
        &self.denominator
    }

    /// For messages: exactly if that is short, to some digits otherwise.
    #[must_use]
    pub fn brief(&self) -> String {
        const DIGITS: usize = 20;
        const LONGEST: usize = 40;
        const FRACTION: usize = 12;
        // Three bits and a third are a digit; printing longer ones would be slow for nothing.
        if self.bits() < 200 {
            let exact = self.to_string();
            if exact.len() <= FRACTION {
                return exact;
            }
            let decimal = decimal::written(self).filter(|decimal| decimal.len() < exact.len());
            let shown = decimal.unwrap_or(exact);
            if shown.len() <= LONGEST {
                return shown;
            }
        }
        let value = self.to_f64();
        let plain = (1e-6..1e15).contains(&value.abs());
        let digits = decimal::significant(self, DIGITS).filter(|_| plain);
        if let Some(decimal) = digits.as_ref().and_then(decimal::written) {
            return format!("{decimal}…");
        }
        format!("{}…", self.scientific())
    }

    /// A decimal with an exponent, of as many digits as `f64` has: `5e-16`, also far beyond its range.
    #[must_use]
    pub fn scientific(&self) -> String {
        let value = self.to_f64();
        if value.is_normal() || self.is_zero() {
            return format!("{value:e}");
        }
        let power = (Magnitude::of(self).log2() * std::f64::consts::LOG10_2).floor() as i32;
        let scale = Self::from(10).checked_pow(-power);
        let mantissa = scale.map_or(0.0, |scale| (self * &scale).to_f64());
        format!("{mantissa}e{power}")
    }

    /// Bits of the largest integer in the representation: what arithmetic with this number costs.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.terms
            .iter()
            .map(|(_, n)| n.bits())
            .fold(self.denominator.bits(), u64::max)
    }

    fn rational_numerator(&self) -> Option<BigInt> {
        match self.terms.as_slice() {
            [] => Some(BigInt::zero()),
            [(1, n)] => Some(n.clone()),
            _ => None,
        }
    }

    fn reduced(mut terms: Vec<(Radicand, BigInt)>, mut denominator: BigInt) -> Self {
        terms.retain(|(_, n)| !n.is_zero());
        if terms.is_empty() {
            return Self {
                terms,
                denominator: BigInt::one(),
            };
        }
        if denominator.is_negative() {
            denominator = -denominator;
            for (_, n) in &mut terms {
                *n = -&*n;
            }
        }
        if !denominator.is_one() {
            let mut divisor = denominator.clone();
            for (_, n) in &terms {
                if divisor.is_one() {
                    break;
                }
                divisor = divisor.gcd(n);
            }
            if !divisor.is_one() {
                denominator /= &divisor;
                for (_, n) in &mut terms {
                    *n /= &divisor;
                }
            }
        }
        Self { terms, denominator }
    }

    /// Multiplies by conjugates until the denominator is rational.
    fn inverse(&self) -> Option<Self> {
        if self.is_zero() {
            return None;
        }
        let Some(&(generator, _)) = self.terms.iter().find(|&&(r, _)| r != 1) else {
            let numerator = self.rational_numerator()?;
            return Self::ratio(self.denominator.clone(), numerator);
        };
        // Conjugation in the first generator: the square of self times its conjugate lacks that root.
        let mut group = Group::default();
        group.insert(generator);
        for &(r, _) in &self.terms {
            group.insert(r);
        }
        let mut conjugate = self.clone();
        for (r, n) in &mut conjugate.terms {
            if group.coordinates(*r).is_some_and(|mask| mask & 1 == 1) {
                *n = -&*n;
            }
        }
        let norm = self * &conjugate;
        Some(&conjugate * &norm.inverse()?)
    }
}

/// Adds `b·scale_b` to `a·scale_a`, term by term.
fn merge(a: &Number, scale_a: &BigInt, b: &Number, scale_b: &BigInt) -> Vec<(Radicand, BigInt)> {
    let mut sum: Vec<_> = a.terms.iter().map(|(r, n)| (*r, n * scale_a)).collect();
    for (r, n) in &b.terms {
        accumulate(&mut sum, *r, n * scale_b);
    }
    sum
}

fn accumulate(sum: &mut Vec<(Radicand, BigInt)>, radicand: Radicand, n: BigInt) {
    match sum.binary_search_by_key(&radicand, |&(r, _)| r) {
        Ok(at) => sum[at].1 += n,
        Err(at) => sum.insert(at, (radicand, n)),
    }
}

impl Add for &Number {
    type Output = Number;
    fn add(self, other: Self) -> Number {
        if self.denominator == other.denominator {
            let one = BigInt::one();
            return Number::reduced(merge(self, &one, other, &one), self.denominator.clone());
        }
        let terms = merge(self, &other.denominator, other, &self.denominator);
        Number::reduced(terms, &self.denominator * &other.denominator)
    }
}

impl Mul for &Number {
    type Output = Number;
    fn mul(self, other: Self) -> Number {
        let mut terms = Vec::with_capacity(self.terms.len().max(other.terms.len()));
        for (r, n) in &self.terms {
            for (s, m) in &other.terms {
                let (factor, radicand) = radical::product(*r, *s);
                let term = if factor == 1 { n * m } else { n * m * factor };
                accumulate(&mut terms, radicand, term);
            }
        }
        Number::reduced(terms, &self.denominator * &other.denominator)
    }
}

impl Neg for Number {
    type Output = Self;
    fn neg(mut self) -> Self {
        self.terms.iter_mut().for_each(|(_, n)| *n = -&*n);
        self
    }
}

impl Sub for &Number {
    type Output = Number;
    fn sub(self, other: Self) -> Number {
        self + &-other.clone()
    }
}

// By value and in place as well, which is what nalgebra's matrices ask for.
impl Add for Number {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        &self + &other
    }
}

impl Mul for Number {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        &self * &other
    }
}

impl AddAssign for Number {
    fn add_assign(&mut self, other: Self) {
        *self = &*self + &other;
    }
}

impl MulAssign for Number {
    fn mul_assign(&mut self, other: Self) {
        *self = &*self * &other;
    }
}

impl Zero for Number {
    fn zero() -> Self {
        Self {
            terms: Vec::new(),
            denominator: BigInt::one(),
        }
    }
    fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }
}

impl One for Number {
    fn one() -> Self {
        Self::from(1)
    }
}

impl From<BigInt> for Number {
    fn from(n: BigInt) -> Self {
        Self::reduced(vec![(1, n)], BigInt::one())
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self::from(BigInt::from(n))
    }
}

/// As an expression of the tableau language: `1/2`, `sqrt(6)/3`, `(4 + 94*sqrt(6))/375`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = match self.terms.as_slice() {
            [] => return f.write_str("0"),
            [term] => signed(term, "-", ""),
            [first, rest @ ..] => {
                let rest = rest.iter().map(|term| signed(term, " - ", " + "));
                let sum: String = std::iter::once(signed(first, "-", ""))
                    .chain(rest)
                    .collect();
                format!("({sum})")
            }
        };
        if self.denominator.is_one() {
            f.write_str(&sum)
        } else {
            write!(f, "{sum}/{}", self.denominator)
        }
    }
}

fn signed((radicand, n): &(Radicand, BigInt), minus: &str, plus: &str) -> String {
    let (sign, magnitude) = (if n.is_negative() { minus } else { plus }, n.abs());
    match (*radicand, magnitude.is_one()) {
        (1, _) => format!("{sign}{magnitude}"),
        (r, true) => format!("{sign}sqrt({r})"),
        (r, false) => format!("{sign}{magnitude}*sqrt({r})"),
    }
}
