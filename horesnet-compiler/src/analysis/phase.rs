//! Dispersion and dissipation: the errors of `R(iy)` in phase and in modulus (van der Houwen, Sommeijer 1987).

use num_traits::{One, Zero};

use super::figure::{Figure, Unknown};
use super::interval;
use super::stability::Stability;
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::enclosure::Enclosure;

/// The order `q` of dispersion: `y − arg R(iy) = O(y^(q+1))`; `None` if there is no error up to twice the degree.
///
/// `P(z)·Q(−z)·exp(−z)` has the phase of `R·exp(−z)` at `z = iy`; its odd terms are imaginary there, and the first that
/// is not zero leads.
pub(super) fn dispersion_order(
    stability: &Stability,
    budget: &mut Budget,
) -> Figure<Option<usize>> {
    let [p, q] = stability.parts(budget)?;
    let product = p.times(&q.reflected(), budget)?;
    let most = 2 * (p.centre.len() + q.centre.len());
    let mut exponential = vec![Number::one()];
    for k in 1..=most {
        let ratio = Number::ratio(-1, k as i64);
        let next = exponential
            .last()
            .zip(ratio)
            .map(|(last, ratio)| last * &ratio);
        exponential.extend(next);
    }
    for k in (1..=most).step_by(2).filter(|&k| k > stability.order()) {
        let length = words(&product.centre) + words(&exponential);
        budget.spend(2.0 * product.centre.len() as f64 * operation_on(length))?;
        let term = |p: &[Number], sign: fn(Number) -> Number| {
            let terms = p.iter().zip(exponential.iter().take(k + 1).rev());
            terms.fold(Number::zero(), |sum, (c, e)| &sum + &(c * &sign(e.clone())))
        };
        let centre = term(&product.centre, |e| e);
        let error = Enclosure::new(vec![centre], vec![term(&product.radius, Number::abs)]);
        if !error.may_vanish(0) {
            return Ok(Some(k - 1));
        }
        if !error.is_exact() {
            return Err(Unknown::Boundary);
        }
    }
    Ok(None)
}

/// The order `d` of dissipation: `1 − |R(iy)| = O(y^(d+1))`; `None` if `|R(iy)| = 1` for all `y`.
pub(super) fn dissipation_order(
    stability: &Stability,
    budget: &mut Budget,
) -> Figure<Option<usize>> {
    let excess = interval::excess(stability, budget)?;
    let length = excess.centre.len().max(excess.radius.len());
    let is_zero = |p: &[Number], k: usize| p.get(k).is_none_or(Zero::is_zero);
    let mut powers = 0..length;
    let leading = powers.find(|&k| !is_zero(&excess.centre, k) || !is_zero(&excess.radius, k));
    match leading {
        Some(power) if excess.may_vanish(power) => Err(Unknown::Boundary),
        leading => Ok(leading.map(|power| 2 * power - 1)),
    }
}
