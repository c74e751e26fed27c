//! A(α)-stability (Hairer, Wanner 1996, §V.2): `|R| ≤ 1` in the sector `|arg(−z)| ≤ α`.
//!
//! If all poles are in the right half-plane, the maximum principle leaves the ray at the angle `α`, on which `|P|² − |Q|²`
//! is a polynomial. Rays with `tan(α/2) = w` have rational directions `−(1 − w²) + 2wi`.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::figure::{Figure, Unknown};
use super::implicit::has_poles_right;
use super::interval;
use super::stability::Stability;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::enclosure::Enclosure;

/// Digits of an angle, in degrees, after the point.
const UNIT: f64 = 1e8;

/// Halvings that decide these digits.
const HALVINGS: u64 = 60;

/// The largest `α` for which the scheme is A(α)-stable, in degrees, rounded down to eight decimals: 90 if it is A-stable,
/// 0 if there is none. Takes what was found before: A-stability, and the real interval.
pub(super) fn angle(
    stability: &Stability,
    a_stable: bool,
    real: f64,
    budget: &mut Budget,
) -> Figure<f64> {
    if stability.is_polynomial() {
        return Ok(0.0);
    }
    if a_stable {
        return Ok(90.0);
    }
    if real.is_finite() {
        return Ok(0.0);
    }
    if !has_poles_right(stability, budget)? {
        return Err(Unknown::Poles);
    }
    let parts = stability.parts(budget)?;
    let mut low = BigInt::zero();
    for halvings in 1..=HALVINGS {
        low <<= 1;
        let ends = [low.clone(), &low + 2].map(|end| rounded_angle(end, halvings));
        if ends[0] == ends[1] {
            return Ok(ends[0]);
        }
        let middle: BigInt = &low + 1;
        let [first, last] = interval::exits(&on_ray(&parts, &middle, halvings, budget)?, budget)?;
        if first.is_infinite() {
            low = middle;
        } else if last.is_infinite() {
            return Err(Unknown::Boundary);
        }
    }
    Ok(rounded_angle(low, HALVINGS))
}

/// `α` with `tan(α/2) = n/2^halvings`, in degrees, rounded down.
fn rounded_angle(n: BigInt, halvings: u64) -> f64 {
    let degrees = 2.0
        * Number::dyadic(n, -(halvings as i64))
            .to_f64()
            .atan()
            .to_degrees();
    (degrees * UNIT).floor() / UNIT
}

/// `|P|² − |Q|²` on the ray, as a polynomial in the distance.
fn on_ray(
    parts: &[Enclosure; 2],
    n: &BigInt,
    halvings: u64,
    budget: &mut Budget,
) -> Result<Enclosure, TooLarge> {
    let unit = BigInt::one() << halvings;
    let direction = [n * n - &unit * &unit, BigInt::from(2) * n * &unit];
    let mut power = [BigInt::one(), BigInt::zero()];
    let (mut real, mut imaginary) = (Vec::new(), Vec::new());
    for _ in 0..parts[0].centre.len().max(parts[1].centre.len()) {
        let [x, y] = &power;
        let [u, v] = &direction;
        let next = [x * u - y * v, x * v + y * u];
        let [x, y] = std::mem::replace(&mut power, next);
        real.push(Number::from(x));
        imaginary.push(Number::from(y));
    }
    let mut modulus = |f: &Enclosure| {
        let [x, y] = [&real, &imaginary].map(|scales| f.scaled(scales));
        Ok::<_, TooLarge>(x.times(&x, budget)?.plus(&y.times(&y, budget)?))
    };
    Ok(modulus(&parts[0])?.plus(&modulus(&parts[1])?.negated()))
}
