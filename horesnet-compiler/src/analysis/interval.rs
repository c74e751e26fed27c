//! The real and the imaginary stability interval: the first exit from `|R| ≤ 1` along each axis.

use num_traits::Zero;

use super::figure::{self, Figure, Unknown};
use super::stability::Stability;
use crate::number::Number;
use crate::number::arithmetic::Exact;
use crate::number::budget::{Budget, TooLarge};
use crate::number::polynomial::{self, Polynomial, negated, reflected, sum};
use crate::number::sign_change::first_exit;

/// The largest `r` with `|R(x)| ≤ 1` for all `−r ≤ x ≤ 0`; 0 if it leaves at once, infinite if never.
pub fn real(stability: &Stability) -> Figure<f64> {
    let budget = &mut figure::budget();
    let [p, q] = stability.integers(budget)?.map(|f| reflected(&f));
    // From Q(0) = 1 on, −Q ≤ P ≤ Q; a pole ends that as Q changes its sign.
    let exits = [sum(&p, &negated(&q)), negated(&sum(&p, &q)), negated(&q)];
    let mut exits = exits.iter().map(|f| first_exit(f, budget));
    Ok(exits.try_fold(f64::INFINITY, |first, exit| {
        Ok::<_, TooLarge>(first.min(exit?))
    })?)
}

/// The largest `r` with `|R(iy)| ≤ 1` for all `0 ≤ y ≤ r`; 0 if it leaves at once, infinite if never.
pub fn imaginary(stability: &Stability) -> Figure<f64> {
    let budget = &mut figure::budget();
    if !is_settled(stability) {
        return Err(Unknown::Rounded);
    }
    // In y and not in y², so that the root is rounded once.
    let squares = excess(stability, budget)?.into_iter();
    let spread: Vec<_> = squares.flat_map(|c| [c, Number::zero()]).collect();
    Ok(first_exit(&polynomial::trimmed(&Exact, spread), budget)?)
}

/// Returns true if the first term of `|R(iy)|² − 1` is beyond what rounding may have made of zero.
pub(super) fn is_settled(stability: &Stability) -> bool {
    let p = &stability.numerator;
    if !stability.is_polynomial() || (0..p.len()).all(|k| stability.tolerance(k) == 0.0) {
        return true;
    }
    for power in (2..2 * p.len()).step_by(2) {
        let (mut term, mut tolerance) = (Number::zero(), 0.0);
        for (i, a) in p.iter().enumerate().take(power + 1) {
            let j = power - i;
            let Some(b) = p.get(j) else { continue };
            let product = a * b;
            // i^i·(−i)^j with i + j even.
            let is_positive = i.abs_diff(j) % 4 == 0;
            term = &term + &if is_positive { product } else { -product };
            let (s, t) = (stability.tolerance(i), stability.tolerance(j));
            tolerance += a.to_f64().abs() * t + b.to_f64().abs() * s + s * t;
        }
        if !term.is_zero() || tolerance > 0.0 {
            return term.to_f64().abs() > tolerance;
        }
    }
    true
}

/// `|P(iy)|² − |Q(iy)|²` as a polynomial in `u = y²`: the sign of `|R(iy)| − 1`.
pub(super) fn excess(stability: &Stability, budget: &mut Budget) -> Figure<Polynomial> {
    let [p, q] = stability.integers(budget)?;
    let (p, q) = (modulus(&p, budget)?, modulus(&q, budget)?);
    Ok(polynomial::subtract(&Exact, &p, &q))
}

/// `|f(iy)|² = f_even(−u)² + u·f_odd(−u)²`.
fn modulus(f: &[Number], budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    let mut square = |parity: usize| {
        let terms: Vec<_> = f.iter().skip(parity).step_by(2).cloned().collect();
        let part = polynomial::trimmed(&Exact, reflected(&terms));
        polynomial::product(&part, &part, budget)
    };
    Ok(sum(&square(0)?, &polynomial::times_x(square(1)?)))
}
