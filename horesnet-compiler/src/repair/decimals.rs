//! Decimals that stand for simple numbers: `0.29289` for `(2 - sqrt(2))/2`.
//!
//! Each decimal may be a few numbers, and what it is alone cannot be known. All are replaced at once, by numbers of
//! one field, and the checker says whether that is the scheme that was meant.

use super::nearest::{Nearest, decimal_digits, is_rounding};
use super::search;
use super::simple::{LONG, exact, simplest};
use super::unknown::{Place, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::budget::Budget;
use crate::proof::order;

/// Radicands of the schemes of the literature; 1 for rationals alone.
const RADICANDS: [i64; 12] = [1, 2, 3, 5, 6, 7, 10, 13, 15, 19, 21, 51];

/// Fewest digits after the point by which a decimal is recognised.
const DIGITS: usize = 3;

/// Steps of the whole search: about half a second.
pub(super) const EFFORT: f64 = 5e8;

/// Numbers and what they should be.
type Values = Vec<(Place, Number)>;

/// What all decimals that are not meant as written stand for, such that every claim is true.
pub(super) fn recognised(
    tableau: &Tableau,
    nearest: Option<&Nearest>,
    budget: &mut Budget,
) -> Option<Values> {
    let decimals = decimals(tableau);
    if decimals.is_empty() {
        return None;
    }
    let follows = follows(tableau);
    if let Some(known) = nearest.filter(|nearest| nearest.differences.is_empty()) {
        let roundings = known.roundings.iter();
        let values = roundings.map(|rounding| (rounding.place, rounding.theirs.clone()));
        let (exact, values) = replaced(tableau, &follows, values.collect(), budget)?;
        if search::holds(&exact, budget) {
            return Some(values);
        }
    }
    let digits = decimals.iter().filter_map(|(_, n)| decimal_digits(n));
    let longest = digits.max().filter(|digits| *digits >= LONG);
    let mut in_fields = |longest| {
        let mut radicands = RADICANDS.iter();
        radicands
            .find_map(|&radicand| in_field(tableau, &decimals, &follows, radicand, longest, budget))
    };
    let by_digits = longest.and_then(|longest| in_fields(Some(longest)));
    by_digits.or_else(|| in_fields(None))
}

/// The least error that `rounded` can be given such that every claim is true, at most 1e-4; of those that are larger
/// than what the file states, one or five at a power of ten, or else a power of ten.
pub(super) fn sufficient_error(tableau: &Tableau, budget: &mut Budget) -> Option<f64> {
    if decimals(tableau).is_empty() {
        return None;
    }
    let stated = tableau.rounded.as_ref().map(Number::to_f64);
    let digits: &[i64] = if stated.is_some() { &[1, 5] } else { &[1] };
    let sizes = (4..=32).rev().flat_map(|power| {
        let eps = move |&digit: &i64| Number::ratio(digit, num_bigint::BigInt::from(10).pow(power));
        digits.iter().filter_map(eps)
    });
    let least = if stated.is_some() { 0.0 } else { 1e-16 };
    let mut larger = sizes.filter(|eps| {
        let size = eps.to_f64();
        size >= least && size <= 1e-4 && stated.is_none_or(|stated| size > stated)
    });
    larger.find_map(|eps| {
        let mut rounded = tableau.clone();
        rounded.rounded = Some(eps.clone());
        search::holds(&rounded, budget).then(|| eps.to_f64())
    })
}

fn decimals(tableau: &Tableau) -> Values {
    Place::all(tableau)
        .filter_map(|place| {
            let value = place.value(tableau)?;
            let digits = decimal_digits(value)?;
            (digits >= DIGITS).then(|| (place, value.clone()))
        })
        .collect()
}

/// Which nodes are the sums of their rows, and stay that whatever the rows become.
fn follows(tableau: &Tableau) -> Vec<bool> {
    let sums = tableau.row_sums();
    let pairs = tableau.nodes.iter().zip(&sums);
    pairs.map(|(node, sum)| node == sum).collect()
}

/// The tableau with other numbers in their places, and all that is changed by that.
fn replaced(
    tableau: &Tableau,
    follows: &[bool],
    mut values: Values,
    budget: &mut Budget,
) -> Option<(Tableau, Values)> {
    let mut replaced = tableau.clone();
    for (place, value) in &values {
        place.set(&mut replaced, value.clone())?;
    }
    values.retain(|(place, _)| !is_following(*place, follows));
    let sums = order::sums_within(&replaced, budget).ok()?;
    for (at, sum) in sums.iter().enumerate() {
        let place = Place::Node { row: at + 1 };
        if is_following(place, follows) {
            place.set(&mut replaced, sum.clone())?;
            values.push((place, sum.clone()));
        }
    }
    values.retain(|(place, value)| place.value(tableau) != Some(value));
    values.sort_by_key(|(place, _)| *place);
    Some((replaced, values))
}

fn is_following(place: Place, follows: &[bool]) -> bool {
    matches!(place, Place::Node { row } if follows.get(row - 1) == Some(&true))
}

/// The decimals as numbers of Q(√radicand), by every digit if the longest are long.
fn in_field(
    tableau: &Tableau,
    decimals: &[(Place, Number)],
    follows: &[bool],
    radicand: i64,
    longest: Option<usize>,
    budget: &mut Budget,
) -> Option<Values> {
    let mut numbers = Vec::with_capacity(decimals.len());
    for (place, decimal) in decimals {
        let number = match longest {
            Some(longest) => exact(decimal, longest, radicand, budget)?,
            None => simplest(decimal, radicand, budget)?,
        };
        numbers.push((*place, number));
    }
    let (mut exact, mut values) = replaced(tableau, follows, numbers, budget)?;
    // A node is the sum of its row where that is what it rounds.
    let sums = order::sums_within(&exact, budget).ok()?;
    for (at, sum) in sums.iter().enumerate() {
        let place = Place::Node { row: at + 1 };
        let known = decimals.iter().find(|(decimal, _)| *decimal == place);
        if known.is_some_and(|(_, decimal)| is_rounding(decimal, sum)) {
            place.set(&mut exact, sum.clone())?;
            values.retain(|(other, _)| *other != place);
            values.push((place, sum.clone()));
        }
    }
    if search::holds(&exact, budget) {
        return Some(values);
    }
    if longest.is_some() {
        return None;
    }
    // One of them may be known by the others.
    let unknowns = decimals.iter().map(|(place, _)| Unknown {
        place: *place,
        node_follows: matches!(place, Place::Entry { row, .. } if follows.get(row - 1) == Some(&true)),
    });
    let unknowns: Vec<_> = unknowns
        .filter(|unknown| !is_following(unknown.place, follows))
        .collect();
    let part = &mut budget.split(EFFORT / 20.0).ok()?;
    let found = search::search(&exact, &unknowns, &[], 0, part)?.found;
    let (place, value) = found.into_iter().find_map(|(found, _)| match found {
        search::Found::Value(unknown, value) => {
            let (_, decimal) = decimals.iter().find(|(place, _)| *place == unknown.place)?;
            is_rounding(decimal, &value).then_some((unknown.place, value))
        }
        _ => None,
    })?;
    values.retain(|(other, _)| *other != place);
    values.push((place, value));
    Some(replaced(tableau, follows, values, budget)?.1)
}
