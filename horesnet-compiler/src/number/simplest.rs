//! The simplest number of a quadratic field that a decimal rounds.
//!
//! A short decimal rounds many numbers, of which only those of small integers are likely. Every digit of a long one
//! counts at first: that leaves little to chance, so that larger integers can be tried.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::Number;
use super::budget::Budget;
use super::decimal::{convergents, decimal_digits, tolerance};

/// Largest denominators and coefficients tried with a root, by rough digits and by exact ones.
const ROUGH: (i64, i64) = (60, 60);
const FINE: (i64, i64) = (2000, 200);

/// Fewest digits after the point from which every digit counts, and most zeros that such decimals end in.
pub(crate) const LONG: usize = 12;
const ZEROS: usize = 3;

/// Largest rational part tried with a root.
const LARGEST: f64 = 1e4;

/// Largest probability that a long decimal is near a number by chance.
const CHANCE: f64 = 1e-3;

/// Steps to look at one combination with a root, and to form an exact number.
const GLANCE: f64 = 2.0;
const NUMBER: f64 = 2000.0;

/// The simplest number of Q(√radicand) that the decimal rounds; `None` if there is no budget for that.
pub(crate) fn simplest(decimal: &Number, radicand: i64, budget: &mut Budget) -> Option<Number> {
    budget.spend(40.0 * NUMBER).ok()?;
    let rough = rational(decimal, tolerance(decimal).unwrap_or(0.0));
    surds(decimal, rough, radicand, None, budget)
}

/// The simplest number by every digit, of which the last few may be zeros; `None` if there is no such number or budget.
pub(crate) fn exact(
    decimal: &Number,
    longest: usize,
    radicand: i64,
    budget: &mut Budget,
) -> Option<Number> {
    if decimal_digits(decimal)? + ZEROS < longest {
        return simplest(decimal, radicand, budget);
    }
    budget.spend(40.0 * NUMBER).ok()?;
    let unit = 1.01 * f64::powi(10.0, -i32::try_from(longest).ok()?);
    let fraction = rational(decimal, unit);
    let denominator = fraction.denominator().to_f64()?;
    if denominator * denominator * unit < CHANCE {
        return Some(fraction);
    }
    let found = surds(decimal, decimal.clone(), radicand, Some(unit), budget)?;
    (found != *decimal).then_some(found)
}

/// The simplest number with a root within an error, or within that of a rounding; `best` if that is simpler.
fn surds(
    decimal: &Number,
    mut best: Number,
    radicand: i64,
    error: Option<f64>,
    budget: &mut Budget,
) -> Option<Number> {
    if radicand == 1 {
        return Some(best);
    }
    let (denominators, factors) = error.map_or(ROUGH, |_| FINE);
    let (value, root) = (decimal.to_f64(), (radicand as f64).sqrt());
    let mut least = complexity(&best);
    let within = error.or_else(|| tolerance(decimal)).unwrap_or(0.0);
    let combinations = (2 * denominators * factors) as f64;
    budget.spend(GLANCE * combinations).ok()?;
    for denominator in 1..=denominators {
        let scaled = value * denominator as f64;
        for factor in (-factors..=factors).filter(|factor| *factor != 0) {
            // (a + b√d)/c = v
            let product = factor as f64 * root;
            let a = scaled - product;
            let lost = 2.0 * f64::EPSILON * (scaled.abs() + product.abs());
            let nearest = a.round();
            // Most are not near, and need no exact number.
            if (a - nearest).abs() > within * denominator as f64 + lost || nearest.abs() > LARGEST {
                continue;
            }
            budget.spend(NUMBER).ok()?;
            let Some(candidate) = surd(nearest as i64, factor, radicand, denominator) else {
                continue;
            };
            let cost = complexity(&candidate);
            if cost < least && (decimal - &candidate).to_f64().abs() <= within {
                (best, least) = (candidate, cost);
            }
        }
    }
    Some(best)
}

fn surd(a: i64, b: i64, radicand: i64, c: i64) -> Option<Number> {
    let root = Number::from(radicand).sqrt()?;
    (&Number::from(a) + &(&Number::from(b) * &root)).checked_div(&Number::from(c))
}

/// The simplest fraction that the decimal rounds: the first convergent of its continued fraction, or itself.
fn rational(decimal: &Number, within: f64) -> Number {
    let near = |number: &Number| (decimal - number).to_f64().abs() <= within;
    convergents(decimal.to_f64())
        .filter_map(|(numerator, denominator)| Number::ratio(numerator, denominator))
        .find(near)
        .unwrap_or_else(|| decimal.clone())
}

/// Bits of all the integers that write the number.
fn complexity(number: &Number) -> f64 {
    let log2 = |n: &BigInt| (n.abs() + 1_u8).to_f64().map_or(f64::INFINITY, f64::log2);
    let terms = number.terms().iter();
    let terms = terms.map(|(radicand, n)| log2(n) + if *radicand == 1 { 0.0 } else { 2.0 });
    terms.sum::<f64>() + log2(number.denominator())
}
