//! Decimals that stand for simple numbers: `0.29289` for `(2 - sqrt(2))/2`.
//!
//! Each decimal may be a few numbers, and what it is alone cannot be known. All are replaced at once, by numbers of
//! one field, and the checker says whether that is the scheme that was meant.

use num_traits::{One, Signed, ToPrimitive};

use super::nearest::{Nearest, decimal_digits, is_rounding, tolerance};
use super::search;
use super::unknown::{Place, Unknown};
use crate::number::Number;
use crate::tableau::Tableau;

/// Radicands of the schemes of the literature; 1 for rationals alone.
const RADICANDS: [i64; 12] = [1, 2, 3, 5, 6, 7, 10, 13, 15, 19, 21, 51];

/// Largest denominators and coefficients tried with a root.
const HEIGHT: i64 = 60;

/// Largest rational part tried with a root.
const LARGEST: f64 = 1e4;

/// Fewest digits after the point by which a decimal is recognised.
const DIGITS: usize = 3;

/// What all decimals that are not meant as written stand for, such that every claim is true.
pub(super) fn recognised(
    tableau: &Tableau,
    nearest: Option<&Nearest>,
) -> Option<Vec<(Place, Number)>> {
    let decimals = decimals(tableau);
    if decimals.is_empty() {
        return None;
    }
    if let Some(known) = nearest.filter(|nearest| nearest.differences.is_empty()) {
        let roundings = known.roundings.iter();
        let values: Vec<_> = roundings
            .map(|rounding| (rounding.place, rounding.theirs.clone()))
            .collect();
        if search::holds(&replaced(tableau, &values)?) {
            return Some(values);
        }
    }
    RADICANDS
        .iter()
        .find_map(|&radicand| in_field(tableau, &decimals, radicand))
}

/// The least error, a power of ten, that `rounded` can be given such that every claim is true; at most 1e-4.
pub(super) fn sufficient_error(tableau: &Tableau) -> Option<f64> {
    if decimals(tableau).is_empty() {
        return None;
    }
    (4..=16).rev().find_map(|digits| {
        let eps = Number::ratio(1, num_bigint::BigInt::from(10).pow(digits))?;
        let mut rounded = tableau.clone();
        rounded.rounded = Some(eps.clone());
        search::holds(&rounded).then(|| eps.to_f64())
    })
}

fn decimals(tableau: &Tableau) -> Vec<(Place, Number)> {
    Place::all(tableau)
        .filter_map(|place| {
            let value = place.value(tableau)?;
            let digits = decimal_digits(value)?;
            (digits >= DIGITS).then(|| (place, value.clone()))
        })
        .collect()
}

fn replaced(tableau: &Tableau, values: &[(Place, Number)]) -> Option<Tableau> {
    let mut replaced = tableau.clone();
    for (place, value) in values {
        place.set(&mut replaced, value.clone())?;
    }
    Some(replaced)
}

/// The decimals as numbers of Q(√radicand).
fn in_field(
    tableau: &Tableau,
    decimals: &[(Place, Number)],
    radicand: i64,
) -> Option<Vec<(Place, Number)>> {
    let mut values: Vec<_> = decimals
        .iter()
        .map(|(place, decimal)| (*place, simplest(decimal, radicand)))
        .collect();
    let mut exact = replaced(tableau, &values)?;
    // A node is the sum of its row where that is what it rounds.
    let sums = exact.row_sums();
    for ((place, value), (_, decimal)) in values.iter_mut().zip(decimals) {
        if let Place::Node { row } = *place
            && let Some(sum) = sums.get(row - 1).filter(|sum| is_rounding(decimal, sum))
        {
            *value = sum.clone();
            place.set(&mut exact, sum.clone())?;
        }
    }
    if !search::holds(&exact) {
        // One of them may be known by the others.
        let unknowns = decimals.iter().map(|(place, _)| Unknown::fixed(*place));
        let found = search::search(
            &exact,
            &unknowns.collect::<Vec<_>>(),
            &[],
            0,
            search::EFFORT / 50,
        )?
        .found;
        let (place, value) = found.into_iter().find_map(|(found, _)| match found {
            search::Found::Value(unknown, value) => {
                let (_, decimal) = decimals.iter().find(|(place, _)| *place == unknown.place)?;
                is_rounding(decimal, &value).then_some((unknown.place, value))
            }
            _ => None,
        })?;
        values
            .iter_mut()
            .filter(|(at, _)| *at == place)
            .for_each(|(_, old)| *old = value.clone());
    }
    values.retain(|(place, value)| place.value(tableau) != Some(value));
    Some(values)
}

/// The simplest number of Q(√radicand) that the decimal rounds.
fn simplest(decimal: &Number, radicand: i64) -> Number {
    let value = decimal.to_f64();
    let mut best = rational(decimal, value);
    let (mut least, root) = (complexity(&best), (radicand as f64).sqrt());
    let tolerance = tolerance(decimal).unwrap_or(0.0) + 4.0 * f64::EPSILON * value.abs();
    let factors = (-HEIGHT..=HEIGHT).filter(|factor| radicand != 1 && *factor != 0);
    for factor in factors {
        for denominator in 1..=HEIGHT {
            // (a + b√d)/c = v
            let a = value * denominator as f64 - factor as f64 * root;
            let nearest = a.round();
            // Most are not near, and need no exact number.
            if (a - nearest).abs() > tolerance * denominator as f64 || nearest.abs() > LARGEST {
                continue;
            }
            let Some(candidate) = surd(nearest as i64, factor, radicand, denominator) else {
                continue;
            };
            let cost = complexity(&candidate);
            if cost < least && is_rounding(decimal, &candidate) {
                (best, least) = (candidate, cost);
            }
        }
    }
    best
}

fn surd(a: i64, b: i64, radicand: i64, c: i64) -> Option<Number> {
    let root = Number::from(radicand).sqrt()?;
    (&Number::from(a) + &(&Number::from(b) * &root)).checked_div(&Number::from(c))
}

/// The simplest fraction that the decimal rounds: the first convergent of its continued fraction, or itself.
fn rational(decimal: &Number, value: f64) -> Number {
    let (mut before, mut last) = ((0_i64, 1_i64), (1_i64, 0_i64));
    let mut rest = value;
    for _ in 0..20 {
        let whole = rest.floor();
        let Some(digit) = whole.to_i64().filter(|digit| digit.abs() < 1 << 20) else {
            break;
        };
        let next = (
            digit
                .checked_mul(last.0)
                .and_then(|n| n.checked_add(before.0)),
            digit
                .checked_mul(last.1)
                .and_then(|n| n.checked_add(before.1)),
        );
        let (Some(numerator), Some(denominator)) = next else {
            break;
        };
        (before, last) = (last, (numerator, denominator));
        let Some(fraction) = Number::ratio(numerator, denominator) else {
            break;
        };
        if fraction == *decimal || is_rounding(decimal, &fraction) {
            return fraction;
        }
        rest = 1.0 / (rest - whole);
    }
    decimal.clone()
}

/// Digits of all the integers that write the number, in bits.
fn complexity(number: &Number) -> f64 {
    let log2 = |n: &num_bigint::BigInt| {
        (n.abs() + num_bigint::BigInt::one())
            .to_f64()
            .unwrap_or(f64::INFINITY)
            .log2()
    };
    let terms: f64 = number
        .terms()
        .iter()
        .map(|(radicand, n)| log2(n) + if *radicand == 1 { 0.0 } else { 2.0 })
        .sum();
    terms + log2(number.denominator())
}
