//! How far along the real and the imaginary axis a scheme is stable: the first exit from `|R| ≤ 1`.

use num_traits::Zero;

use super::effort::{Effort, Figure, Unknown};
use super::polynomial::Polynomial;
use super::roots::first_exit;
use super::stability::Stability;
use crate::number::Number;

/// The largest `r` with `|R(x)| ≤ 1` for all `−r ≤ x ≤ 0`; 0 if it leaves at once, infinite if never.
pub fn real(stability: &Stability) -> Figure<f64> {
    let effort = &mut Effort::new();
    let (p, q) = stability.integers(effort)?;
    let (p, q) = (p.reflected(), q.reflected());
    // From Q(0) = 1 on, −Q ≤ P ≤ Q; a pole ends that as Q changes its sign.
    let exits = [p.difference(&q), p.sum(&q).negated(), q.negated()];
    let mut first = f64::INFINITY;
    for f in exits {
        first = first.min(first_exit(&f, effort)?);
    }
    Ok(first)
}

/// The largest `r` with `|R(iy)| ≤ 1` for all `0 ≤ y ≤ r`; 0 if it leaves at once, infinite if never.
pub fn imaginary(stability: &Stability) -> Figure<f64> {
    let effort = &mut Effort::new();
    if !is_settled(stability) {
        return Err(Unknown::Rounded);
    }
    // In y and not in y², so that the root is rounded once.
    let squares = excess(stability, effort)?.into_coefficients();
    let spread = squares.into_iter().flat_map(|c| [c, Number::zero()]);
    first_exit(&Polynomial::new(spread.collect()), effort)
}

/// Whether the first term of `|R(iy)|² − 1` is beyond what rounding may have made of nothing.
pub(crate) fn is_settled(stability: &Stability) -> bool {
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
            term = if i.abs_diff(j) % 4 == 0 {
                &term + &product
            } else {
                &term - &product
            };
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
pub(crate) fn excess(stability: &Stability, effort: &mut Effort) -> Figure<Polynomial> {
    let (p, q) = stability.integers(effort)?;
    Ok(modulus(&p, effort)?.difference(&modulus(&q, effort)?))
}

/// `|f(iy)|² = f_even(−u)² + u·f_odd(−u)²`.
fn modulus(f: &Polynomial, effort: &mut Effort) -> Figure<Polynomial> {
    let part = |parity: usize| {
        let part = f.coefficients().iter().skip(parity).step_by(2).cloned();
        Polynomial::new(part.collect()).reflected()
    };
    let (even, odd) = (part(0), part(1));
    let even = even.product(&even, effort)?;
    let odd = odd.product(&odd, effort)?;
    Ok(even.sum(&odd.shifted_up(1)))
}
