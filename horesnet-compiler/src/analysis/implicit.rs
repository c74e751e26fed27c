//! A- and L-stability (Hairer, Wanner 1996, §IV.3): `|R| ≤ 1` on the left half-plane, and `R(∞) = 0`.
//!
//! By the maximum principle, A-stability is `|R(iy)| ≤ 1` for all `y`, decided by isolating roots, and poles in the right
//! half-plane only, decided by Routh's criterion.

use num_traits::{One, Zero};

use super::figure::{self, Figure};
use super::interval;
use super::stability::Stability;
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::polynomial::reflected;
use crate::number::sign_change::first_exit;

/// Returns true if `|R(z)| ≤ 1` wherever `Re z ≤ 0`.
pub fn is_a_stable(stability: &Stability) -> Figure<bool> {
    if stability.is_polynomial() {
        // A polynomial is bounded only if it is constant.
        return Ok(stability.numerator.len() <= 1 && at_infinity(stability).abs() <= 1.0);
    }
    let budget = &mut figure::budget();
    let excess = interval::excess(stability, budget)?;
    Ok(first_exit(&excess, budget)?.is_infinite()
        && is_hurwitz(&reflected(&stability.denominator), budget)?)
}

/// Returns true if the scheme is A-stable and `R(∞) = 0`.
pub fn is_l_stable(stability: &Stability) -> Figure<bool> {
    Ok(stability.numerator.len() < stability.denominator.len() && is_a_stable(stability)?)
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
