//! The real and the imaginary stability interval: the first exit from `|R| ≤ 1` along each axis.

use num_traits::Zero;

use super::figure::{self, Figure, Unknown};
use super::stability::Stability;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::enclosure::Enclosure;
use crate::number::sign_change::first_exit;

/// Relative difference of the intervals of schemes within one rounding that count as one.
const AGREEMENT: f64 = 1e-3;

/// The largest `r` with `|R(x)| ≤ 1` for all `−r ≤ x ≤ 0`; 0 if it leaves at once, infinite if never.
pub fn real(stability: &Stability) -> Figure<f64> {
    real_within(stability, &mut figure::budget())
}

/// [`real`] within a budget.
pub(super) fn real_within(stability: &Stability, budget: &mut Budget) -> Figure<f64> {
    let [p, q] = stability.parts(budget)?.map(|f| f.reflected());
    // From Q(0) = 1 on, −Q ≤ P ≤ Q; a pole ends that as Q changes its sign.
    let below = p.plus(&q.negated());
    let mut exits = [f64::INFINITY; 2];
    for f in [below, p.plus(&q).negated(), q.negated()] {
        for (first, exit) in exits.iter_mut().zip(self::exits(&f, budget)?) {
            *first = first.min(exit);
        }
    }
    agreed(exits)
}

/// The largest `r` with `|R(iy)| ≤ 1` for all `0 ≤ y ≤ r`; 0 if it leaves at once, infinite if never.
pub fn imaginary(stability: &Stability) -> Figure<f64> {
    imaginary_within(stability, &mut figure::budget())
}

/// [`imaginary`] within a budget.
pub(super) fn imaginary_within(stability: &Stability, budget: &mut Budget) -> Figure<f64> {
    // In y and not in y², so that the root is rounded once.
    let squares = excess(stability, budget)?;
    let [centre, radius] = [squares.centre, squares.radius]
        .map(|f| -> Vec<_> { f.into_iter().flat_map(|c| [c, Number::zero()]).collect() });
    agreed(exits(&Enclosure::new(centre, radius), budget)?)
}

/// Where the first of these polynomials exceeds zero, and where all do; see [`first_exit`].
pub(super) fn exits(f: &Enclosure, budget: &mut Budget) -> Result<[f64; 2], TooLarge> {
    let first = first_exit(&f.high(), budget)?;
    if f.is_exact() || first.is_infinite() {
        return Ok([first; 2]);
    }
    Ok([first, first_exit(&f.low(), budget)?])
}

/// The interval that all schemes within the rounding have; unknown if some have much more.
fn agreed([first, last]: [f64; 2]) -> Figure<f64> {
    if first == last || last - first <= AGREEMENT * first {
        return Ok(first);
    }
    Err(Unknown::Boundary)
}

/// `|P(iy)|² − |Q(iy)|²` as a polynomial in `u = y²`: the sign of `|R(iy)| − 1`.
pub(super) fn excess(stability: &Stability, budget: &mut Budget) -> Figure<Enclosure> {
    let [p, q] = stability.parts(budget)?;
    let (p, q) = (modulus(&p, budget)?, modulus(&q, budget)?);
    // |R(iy)| = |exp(iy)| + O(y^(p+1))
    let zeros = stability.order() / 2 + 1;
    let zeros = if stability.is_exact() { 0 } else { zeros };
    Ok(p.plus(&q.negated()).truncated(zeros, usize::MAX))
}

/// `|f(iy)|² = f_even(−u)² + u·f_odd(−u)²`.
pub(super) fn modulus(f: &Enclosure, budget: &mut Budget) -> Result<Enclosure, TooLarge> {
    let mut square = |parity: usize| {
        let part = |p: &[Number]| p.iter().skip(parity).step_by(2).cloned().collect();
        let part = Enclosure::new(part(&f.centre), part(&f.radius)).reflected();
        part.times(&part, budget)
    };
    let (even, odd) = (square(0)?, square(1)?);
    Ok(even.plus(&odd.times_x()))
}
