//! Dispersion and dissipation: the errors of `R(iy)` in phase and in modulus (van der Houwen, Sommeijer 1987).

use num_traits::{One, Zero};

use super::figure::{self, Figure, Unknown};
use super::interval;
use super::stability::Stability;
use crate::number::Number;
use crate::number::budget::{operation_on, words};

/// The order `q` of dispersion: `y − arg R(iy) = O(y^(q+1))`; `None` if there is no error up to twice the degree.
///
/// `R(z)·e^(−z) = 1 + Σ e_k z^k`, whose odd terms are imaginary at `z = iy`: the first that is not zero leads.
pub(super) fn dispersion_order(stability: &Stability) -> Figure<Option<usize>> {
    let budget = &mut figure::budget();
    let (p, q) = (&stability.numerator, &stability.denominator);
    let most = 2 * (p.len() + q.len());
    // With δ_k = r_k − 1/k!, which is zero up to the order: e_k = δ_k − δ_(k−1) + δ_(k−2)/2! − …
    let (mut series, mut excess, mut exponential) = (Vec::new(), Vec::new(), vec![Number::one()]);
    for k in 0..=most {
        if k > 0 {
            let k = Number::ratio(1, k as i64).unwrap_or_else(Number::one);
            let next = exponential.last().map(|last| last * &k);
            exponential.extend(next);
        }
        // Q·Σ r_k z^k = P with Q(0) = 1.
        let length = words(&series) + words(q) + words(p);
        budget.spend(q.len() as f64 * operation_on(length))?;
        let known = q.iter().skip(1).zip(series.iter().rev());
        let known = known.fold(Number::zero(), |sum, (q, r)| &sum + &(q * r));
        let r = &p.get(k).cloned().unwrap_or_else(Number::zero) - &known;
        excess.push(&r - &exponential[k]);
        series.push(r);
        if k % 2 == 0 {
            continue;
        }
        let (mut error, mut tolerance) = (Number::zero(), 0.0);
        for (j, delta) in excess.iter().enumerate().filter(|(_, d)| !d.is_zero()) {
            budget.spend(operation_on(2.0 * words([delta, &error])))?;
            tolerance += stability.tolerance(j) * exponential[k - j].to_f64();
            let term = delta * &exponential[k - j];
            error = &error + &if (k - j) % 2 == 0 { term } else { -term };
        }
        if tolerance > 0.0 && error.to_f64().abs() <= tolerance {
            return Err(Unknown::Rounded);
        }
        if !error.is_zero() {
            return Ok(Some(k - 1));
        }
    }
    Ok(None)
}

/// The order `d` of dissipation: `1 − |R(iy)| = O(y^(d+1))`; `None` if `|R(iy)| = 1` for all `y`.
pub(super) fn dissipation_order(stability: &Stability) -> Figure<Option<usize>> {
    if !interval::is_settled(stability) {
        return Err(Unknown::Rounded);
    }
    let excess = interval::excess(stability, &mut figure::budget())?;
    let leading = excess.iter().position(|c| !c.is_zero());
    Ok(leading.map(|power| 2 * power - 1))
}
