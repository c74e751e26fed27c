//! A- and L-stability (Hairer, Wanner 1996, §IV.3): `|R| ≤ 1` on the left half-plane, and `R(∞) = 0`.
//!
//! By the maximum principle, A-stability is `|R(iy)| ≤ 1` for all `y`, decided by isolating roots, and poles in the right
//! half-plane only, decided by Routh's criterion.

use num_traits::{One, Zero};

use super::figure::{Figure, Unknown};
use super::interval;
use super::stability::Stability;
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::polynomial::reflected;

/// Returns true if `|R(z)| ≤ 1` wherever `Re z ≤ 0`.
pub(super) fn is_a_stable(stability: &Stability, budget: &mut Budget) -> Figure<bool> {
    if stability.is_polynomial() {
        // A polynomial is bounded only if it is constant.
        return Ok(stability.numerator.len() <= 1 && at_infinity(stability).abs() <= 1.0);
    }
    let [first, last] = interval::exits(&interval::excess(stability, budget)?, budget)?;
    if last.is_finite() {
        return Ok(false);
    }
    if first.is_finite() {
        return Err(Unknown::Boundary);
    }
    has_poles_right(stability, budget)
}

/// Returns true if an A-stable scheme is L-stable: `R(∞) = 0`.
pub(super) fn vanishes_at_infinity(stability: &Stability, budget: &mut Budget) -> Figure<bool> {
    let [p, q] = stability.parts(budget)?;
    let top = q.centre.len().saturating_sub(1);
    let length = p.centre.len().max(p.radius.len());
    if length > top && p.may_vanish(top) {
        return Err(Unknown::Boundary);
    }
    Ok(length <= top)
}

/// Returns true if all poles are in the right half-plane.
pub(super) fn has_poles_right(stability: &Stability, budget: &mut Budget) -> Figure<bool> {
    let right = is_hurwitz(&reflected(&stability.denominator), budget)?;
    if stability.is_exact() {
        return Ok(right);
    }
    // The poles depend continuously on the coefficients, so they stay if none can cross the axis.
    let [_, q] = stability.parts(budget)?;
    let crossing = interval::modulus(&q, budget)?.negated();
    if right
        && interval::exits(&crossing, budget)?
            .iter()
            .all(|exit| exit.is_infinite())
    {
        return Ok(true);
    }
    // A pole on the left may still cancel.
    Err(Unknown::Boundary)
}

/// The limit of `R(z)` for large `z`; infinite if it has none.
#[must_use]
pub fn at_infinity(stability: &Stability) -> f64 {
    let (p, q) = (&stability.numerator, &stability.denominator);
    match (p.last(), q.last()) {
        (Some(top), Some(bottom)) if p.len() == q.len() => top
            .checked_div(bottom)
            .map_or(f64::NAN, |limit| limit.to_f64()),
        _ if p.len() > q.len() => f64::INFINITY,
        _ => 0.0,
    }
}

/// Returns true if all zeros are left of the imaginary axis (Routh 1877): the first column of the array keeps its sign.
fn is_hurwitz(coefficients: &[Number], budget: &mut Budget) -> Figure<bool> {
    let row = |first: usize| -> Vec<Number> {
        let highest = coefficients.iter().rev();
        highest.skip(first).step_by(2).cloned().collect()
    };
    let (mut upper, mut lower) = (row(0), row(1));
    let Some(sign) = upper.first().map(Number::sign) else {
        return Ok(false);
    };
    for _ in 1..coefficients.len() {
        let (Some(top), Some(lead)) = (upper.first(), lower.first()) else {
            return Ok(false);
        };
        if lead.is_zero() || lead.sign() != sign {
            return Ok(false);
        }
        let length = words(&upper) + words(&lower);
        budget.spend(upper.len() as f64 * 4.0 * operation_on(length))?;
        let ratio = top.checked_div(lead).unwrap_or_else(Number::one);
        let zero = Number::zero();
        let next = (1..upper.len()).map(|k| &upper[k] - &(&ratio * lower.get(k).unwrap_or(&zero)));
        let next: Vec<_> = next.collect();
        upper = lower;
        lower = next;
    }
    Ok(true)
}
