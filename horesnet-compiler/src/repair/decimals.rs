//! Decimals that stand for simple numbers: `0.29289` for `(2 - sqrt(2))/2`.
//!
//! A decimal alone may stand for several numbers. So all are replaced at once, by numbers of one field, and the checker
//! decides if that is the scheme that was meant.

use num_bigint::BigInt;

use super::exact::ExactSolver;
use super::nearest::Nearest;
use super::place::{Place, Variable};
use super::search::{self, Fix};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::number::decimal::{decimal_digits, is_rounding};
use crate::number::simplest::{LONG, exact, simplest};
use crate::proof::order;

/// Radicands of the schemes of the literature; 1 for rationals alone.
const RADICANDS: [i64; 12] = [1, 2, 3, 5, 6, 7, 10, 13, 15, 19, 21, 51];

/// Fewest digits after the point by which a decimal is recognised.
const DIGITS: usize = 3;

/// Steps of the whole search: about half a second.
pub(super) const EFFORT: f64 = 4e8;

/// Numbers and their replacements.
type Values = Vec<(Place, Number)>;

/// Exact numbers for all decimals that are not meant as written, such that every claim is true.
pub(super) fn recognised(
    tableau: &Tableau,
    nearest: Option<&Nearest>,
    budget: &mut Budget,
) -> Option<Values> {
    let values = decimals(tableau);
    if values.is_empty() {
        return None;
    }
    let sums = tableau.row_sums();
    let decimals = Decimals {
        tableau,
        values,
        follows: { tableau.nodes.iter().zip(&sums) }
            .map(|(node, sum)| node == sum)
            .collect(),
    };
    if let Some(known) = nearest.filter(|nearest| nearest.differences.is_empty()) {
        let roundings = known.roundings.iter();
        let values = roundings.map(|rounding| (rounding.place, rounding.theirs.clone()));
        let (exact, values) = decimals.replaced(values.collect(), budget)?;
        if search::holds(&exact, budget) {
            return Some(values);
        }
    }
    let values = decimals.values.iter();
    let digits = values.filter_map(|(_, n)| decimal_digits(n));
    let longest = digits.max().filter(|digits| *digits >= LONG);
    let mut in_fields = |longest| {
        let mut radicands = RADICANDS.into_iter();
        radicands.find_map(|radicand| decimals.in_field(radicand, longest, budget))
    };
    let by_digits = longest.and_then(|longest| in_fields(Some(longest)));
    by_digits.or_else(|| in_fields(None))
}

/// The least error that `rounded` can be given such that every claim is true, at most 1e-4.
///
/// It is a power of ten; in a file that states an error already, a larger one or five times a power of ten.
pub(super) fn sufficient_error(tableau: &Tableau, budget: &mut Budget) -> Option<f64> {
    if decimals(tableau).is_empty() {
        return None;
    }
    let stated = tableau.rounded.as_ref().map(Number::to_f64);
    let digits: &[i64] = if stated.is_some() { &[1, 5] } else { &[1] };
    let sizes = (4..=32).rev().flat_map(|power| {
        let eps = move |&digit: &i64| Number::ratio(digit, BigInt::from(10).pow(power));
        digits.iter().filter_map(eps)
    });
    let mut rounded = tableau.clone();
    for eps in sizes {
        let size = eps.to_f64();
        if size > 1e-4 || stated.map_or(size < 1e-16, |stated| size <= stated) {
            continue;
        }
        rounded.rounded = Some(eps);
        if search::holds(&rounded, budget) {
            return Some(size);
        }
    }
    None
}

fn decimals(tableau: &Tableau) -> Values {
    let values = Place::all(tableau).filter_map(|place| {
        let value = place.value(tableau)?;
        (decimal_digits(value)? >= DIGITS).then(|| (place, value.clone()))
    });
    values.collect()
}

/// The decimals of a tableau.
struct Decimals<'a> {
    tableau: &'a Tableau,
    values: Values,
    /// The nodes that are the sums of their rows, and stay that whatever the rows become.
    follows: Vec<bool>,
}

impl Decimals<'_> {
    fn row_follows(&self, row: usize) -> bool {
        self.follows.get(row - 1) == Some(&true)
    }

    fn is_following(&self, place: Place) -> bool {
        matches!(place, Place::Node { row } if self.row_follows(row))
    }

    /// The tableau with other numbers in their places, and all that is changed by that.
    fn replaced(&self, mut values: Values, budget: &mut Budget) -> Option<(Tableau, Values)> {
        let mut replaced = self.tableau.clone();
        for (place, value) in &values {
            place.set(&mut replaced, value.clone())?;
        }
        values.retain(|(place, _)| !self.is_following(*place));
        let sums = order::sums_within(&replaced, budget).ok()?;
        for (row, sum) in (1..).zip(&sums) {
            if self.row_follows(row) {
                Place::Node { row }.set(&mut replaced, sum.clone())?;
                values.push((Place::Node { row }, sum.clone()));
            }
        }
        values.retain(|(place, value)| place.value(self.tableau) != Some(value));
        values.sort_by_key(|(place, _)| *place);
        Some((replaced, values))
    }

    /// The decimals as numbers of Q(√radicand), by every digit if the longest are long.
    fn in_field(
        &self,
        radicand: i64,
        longest: Option<usize>,
        budget: &mut Budget,
    ) -> Option<Values> {
        let numbers = self.values.iter().map(|(place, decimal)| {
            let number = match longest {
                Some(longest) => exact(decimal, longest, radicand, budget),
                None => simplest(decimal, radicand, budget),
            };
            Some((*place, number?))
        });
        let numbers: Option<_> = numbers.collect();
        let (mut exact, mut values) = self.replaced(numbers?, budget)?;
        // A node is the sum of its row where that is what it rounds.
        let sums = order::sums_within(&exact, budget).ok()?;
        for (row, sum) in (1..).zip(&sums) {
            let node = Place::Node { row };
            let known = self.values.iter().find(|(place, _)| *place == node);
            if known.is_some_and(|(_, decimal)| is_rounding(decimal, sum)) {
                node.set(&mut exact, sum.clone())?;
                replace(&mut values, node, sum.clone());
            }
        }
        if search::holds(&exact, budget) {
            return Some(values);
        }
        if longest.is_some() {
            return None;
        }
        // One of them may be known by the others.
        let places = self.values.iter().map(|(place, _)| *place);
        let variables = places.filter(|place| !self.is_following(*place));
        let variables = variables.map(|place| Variable {
            place,
            node_follows: matches!(place, Place::Entry { row, .. } if self.row_follows(row)),
        });
        let variables: Vec<_> = variables.collect();
        let fixes = budget.attempt(EFFORT / 20.0, |budget| {
            let solver = ExactSolver::new(&exact, 0, budget)?;
            Some(search::search(solver, &exact, &variables, &[], 0))
        })?;
        let (place, value) = fixes.all.into_iter().find_map(|(fix, _)| match fix {
            Fix::Value(Variable { place, .. }, value) => {
                let (_, decimal) = self.values.iter().find(|(other, _)| *other == place)?;
                is_rounding(decimal, &value).then_some((place, value))
            }
            Fix::Swap(..) | Fix::Exchange | Fix::Nodes(..) => None,
        })?;
        replace(&mut values, place, value);
        Some(self.replaced(values, budget)?.1)
    }
}

fn replace(values: &mut Values, place: Place, value: Number) {
    values.retain(|(other, _)| *other != place);
    values.push((place, value));
}
