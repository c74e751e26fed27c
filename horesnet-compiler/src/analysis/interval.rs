//! How far along the real and the imaginary axis a scheme is stable: the first exit from `|R| ≤ 1`.

use super::effort::{Effort, Figure};
use super::polynomial::Polynomial;
use super::roots::first_exit;
use super::stability::Stability;

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
    Ok(first_exit(&excess(stability, effort)?, effort)?.sqrt())
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
