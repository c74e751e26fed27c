//! Polynomials with exact coefficients, lowest degree first.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::effort::{Effort, Figure, reduction, words};
use crate::number::Number;

/// A polynomial; the last coefficient is not zero.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Polynomial(Vec<Number>);

impl Polynomial {
    pub(crate) fn new(mut coefficients: Vec<Number>) -> Self {
        while coefficients.last().is_some_and(Zero::is_zero) {
            coefficients.pop();
        }
        Self(coefficients)
    }

    pub(crate) fn coefficients(&self) -> &[Number] {
        &self.0
    }

    pub(crate) fn into_coefficients(self) -> Vec<Number> {
        self.0
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The degree; 0 for constants, zero among them.
    pub(crate) fn degree(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// `f(−x)`.
    pub(crate) fn reflected(&self) -> Self {
        let signs = self.0.iter().enumerate();
        let signed = signs.map(|(k, c)| if k % 2 == 1 { -c.clone() } else { c.clone() });
        Self(signed.collect())
    }

    pub(crate) fn negated(&self) -> Self {
        Self(self.0.iter().map(|c| -c.clone()).collect())
    }

    pub(crate) fn sum(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() < other.0.len() {
            (other, self)
        } else {
            (self, other)
        };
        let mut sum = long.0.clone();
        for (into, c) in sum.iter_mut().zip(&short.0) {
            *into = &*into + c;
        }
        Self::new(sum)
    }

    pub(crate) fn difference(&self, other: &Self) -> Self {
        self.sum(&other.negated())
    }

    pub(crate) fn product(&self, other: &Self, effort: &mut Effort) -> Figure<Self> {
        if self.is_zero() || other.is_zero() {
            return Ok(Self(Vec::new()));
        }
        effort.spend(
            (self.0.len() * other.0.len()) as f64 * (20.0 + words(&self.0) * words(&other.0)),
        )?;
        let mut product = vec![Number::zero(); self.0.len() + other.0.len() - 1];
        for (i, a) in self.0.iter().enumerate() {
            for (into, b) in product.iter_mut().skip(i).zip(&other.0) {
                *into = &*into + &(a * b);
            }
        }
        Ok(Self::new(product))
    }

    /// `x^k·f`.
    pub(crate) fn shifted_up(&self, k: usize) -> Self {
        let zeros = vec![Number::zero(); k];
        Self::new(zeros.into_iter().chain(self.0.iter().cloned()).collect())
    }

    pub(crate) fn derivative(&self) -> Self {
        let terms = self.0.iter().enumerate().skip(1);
        Self::new(
            terms
                .map(|(k, c)| c * &Number::from(BigInt::from(k)))
                .collect(),
        )
    }

    /// A positive multiple with integer coefficients.
    pub(crate) fn integral(&self, effort: &mut Effort) -> Figure<Self> {
        if self.0.iter().all(|c| c.denominator().is_one()) {
            return Ok(self.clone());
        }
        let mut common = BigInt::one();
        for c in &self.0 {
            effort.spend(reduction(words([c]) + common.bits() as f64 / 64.0))?;
            common = common.lcm(c.denominator());
        }
        let common = Number::from(common);
        effort.spend(self.0.len() as f64 * reduction(words(&self.0) + words([&common])))?;
        Ok(Self(self.0.iter().map(|c| c * &common).collect()))
    }

    /// Quotient and remainder over the field; `divisor` is not zero.
    fn divided(&self, divisor: &Self, effort: &mut Effort) -> Figure<(Self, Self)> {
        let mut rest = self.0.clone();
        let Some(lead) = divisor.0.last() else {
            return Ok((Self(Vec::new()), self.clone()));
        };
        let mut quotient = Vec::new();
        while rest.len() >= divisor.0.len() {
            let length = words(&rest) + words(&divisor.0);
            effort.spend(divisor.0.len() as f64 * reduction(length))?;
            // The lead is not zero.
            let factor = rest.last().and_then(|top| top.checked_div(lead));
            let factor = factor.unwrap_or_else(Number::zero);
            let at = rest.len() - divisor.0.len();
            for (into, c) in rest.iter_mut().skip(at).zip(&divisor.0) {
                *into = &*into - &(&factor * c);
            }
            rest.pop();
            quotient.push(factor);
        }
        quotient.reverse();
        Ok((Self::new(quotient), Self::new(rest)))
    }

    /// The exact quotient by a divisor.
    pub(crate) fn quotient(&self, divisor: &Self, effort: &mut Effort) -> Figure<Self> {
        Ok(self.divided(divisor, effort)?.0)
    }

    /// The greatest common divisor, with lead 1.
    pub(crate) fn gcd(&self, other: &Self, effort: &mut Effort) -> Figure<Self> {
        let (mut a, mut b) = (self.clone(), other.monic(effort)?);
        while !b.is_zero() {
            let (_, rest) = a.divided(&b, effort)?;
            a = b;
            b = rest.monic(effort)?;
        }
        a.monic(effort)
    }

    fn monic(&self, effort: &mut Effort) -> Figure<Self> {
        let Some(lead) = self.0.last() else {
            return Ok(self.clone());
        };
        let length = words(&self.0);
        effort.spend(self.0.len() as f64 * 2.0 * reduction(length))?;
        let divided = self.0.iter().filter_map(|c| c.checked_div(lead));
        Ok(Self(divided.collect()))
    }

    /// The product of the factors of odd multiplicity (Yun 1976), up to a constant.
    pub(crate) fn odd_part(&self, effort: &mut Effort) -> Figure<Self> {
        let slope = self.derivative();
        let repeated = self.gcd(&slope, effort)?;
        let mut rest = self.quotient(&repeated, effort)?;
        let mut slope = slope.quotient(&repeated, effort)?;
        let mut odd = Self(vec![Number::one()]);
        let mut multiplicity = 1;
        while rest.degree() > 0 {
            let excess = slope.difference(&rest.derivative());
            let factor = rest.gcd(&excess, effort)?;
            rest = rest.quotient(&factor, effort)?;
            slope = excess.quotient(&factor, effort)?;
            if multiplicity % 2 == 1 {
                odd = odd.product(&factor, effort)?;
            }
            multiplicity += 1;
        }
        Ok(odd)
    }
}
