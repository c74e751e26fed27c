//! Polynomials whose coefficients are known up to an error: `c_k ± r_k`.
//!
//! On `x ≥ 0` each such polynomial lies between those of the lowest and of the highest coefficients, so that what holds
//! for these two holds for all.

use num_traits::Zero;

use super::Number;
use super::arithmetic::Exact;
use super::budget::{Budget, TooLarge};
use super::polynomial::{self, Polynomial};

/// Bits of a centre below the highest bit of its radius.
const GUARD: u64 = 32;

/// A polynomial with errors; exact without radii.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Enclosure {
    pub(crate) centre: Polynomial,
    pub(crate) radius: Polynomial,
}

impl Enclosure {
    /// Encloses `centre ± radius` with digits that the radius leaves meaning.
    pub(crate) fn new(mut centre: Vec<Number>, mut radius: Vec<Number>) -> Self {
        for (c, r) in centre.iter_mut().zip(&mut radius) {
            *r = r.above();
            let Some((_, size)) = r.terms().first() else {
                continue;
            };
            // 2⁻³² of the radius, which is n/2^e.
            let bits = GUARD + r.denominator().bits() - size.bits().min(r.denominator().bits());
            let (low, high) = c.fixed(bits);
            let error = Number::dyadic(&high - &low, -(bits as i64));
            *r = (&*r + &error).above();
            *c = Number::dyadic(low, -(bits as i64));
        }
        Self {
            centre: polynomial::trimmed(&Exact, centre),
            radius: polynomial::trimmed(&Exact, radius),
        }
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.radius.is_empty()
    }

    /// The lowest values of the coefficients.
    pub(crate) fn low(&self) -> Polynomial {
        polynomial::subtract(&Exact, &self.centre, &self.radius)
    }

    /// The highest values of the coefficients.
    pub(crate) fn high(&self) -> Polynomial {
        polynomial::sum(&self.centre, &self.radius)
    }

    /// Returns true if the coefficient of `x^k` may be zero.
    pub(crate) fn may_vanish(&self, k: usize) -> bool {
        let size = self.centre.get(k).cloned().unwrap_or_else(Number::zero);
        let radius = self.radius.get(k).cloned().unwrap_or_else(Number::zero);
        (&size.abs() - &radius).sign().is_le()
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let radius = polynomial::sum(&self.radius, &other.radius);
        Self::new(polynomial::sum(&self.centre, &other.centre), radius)
    }

    pub(crate) fn negated(&self) -> Self {
        Self {
            centre: polynomial::negated(&self.centre),
            radius: self.radius.clone(),
        }
    }

    /// `f(−x)`.
    pub(crate) fn reflected(&self) -> Self {
        Self {
            centre: polynomial::reflected(&self.centre),
            radius: self.radius.clone(),
        }
    }

    /// Replaces each coefficient `c_k` by `s_k·c_k`.
    pub(crate) fn scaled(&self, scales: &[Number]) -> Self {
        let scaled = |p: &[Number]| p.iter().zip(scales).map(|(c, s)| c * s).collect();
        let radius: Vec<_> = scaled(&self.radius);
        Self::new(
            scaled(&self.centre),
            radius.into_iter().map(Number::abs).collect(),
        )
    }

    pub(crate) fn times(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        let centre = polynomial::product(&self.centre, &other.centre, budget)?;
        if self.is_exact() && other.is_exact() {
            return Ok(Self::new(centre, Vec::new()));
        }
        // |a|·s + r·(|b| + s)
        let [a, b] = [self, other]
            .map(|f| -> Vec<_> { f.centre.iter().map(|c| c.clone().abs().above()).collect() });
        let left = polynomial::product(&a, &other.radius, budget)?;
        let right = polynomial::product(&self.radius, &polynomial::sum(&b, &other.radius), budget)?;
        Ok(Self::new(centre, polynomial::sum(&left, &right)))
    }

    /// `x·f`.
    pub(crate) fn times_x(self) -> Self {
        Self {
            centre: polynomial::times_x(self.centre),
            radius: polynomial::times_x(self.radius),
        }
    }

    /// Drops the terms from `x^length` on, and sets the first ones to zero.
    pub(crate) fn truncated(mut self, zeros: usize, length: usize) -> Self {
        for p in [&mut self.centre, &mut self.radius] {
            p.truncate(length);
            p.iter_mut().take(zeros).for_each(|c| *c = Number::zero());
        }
        Self::new(self.centre, self.radius)
    }
}
