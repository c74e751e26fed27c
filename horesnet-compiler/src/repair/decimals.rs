//! Decimals that stand for simple numbers: `0.29289` for `(2 - sqrt(2))/2`.
//!
//! A decimal alone may stand for several numbers. So all are replaced at once, by numbers of one field, and the checker
//! decides if that is the scheme that was meant.

use super::change::TabFile;
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

/// The error of the file's own digits with which every claim is true: `5e-d` for `d` significant digits.
pub(super) fn own_error(file: &TabFile, budget: &mut Budget) -> Option<i32> {
    let [most, least] = own_digits(file)?;
    let mut digits = (least..=most).rev();
    digits.find(|&digits| holds_within(file.tableau, 5, digits, budget))
}

/// A larger error with which every claim is true, at most 1e-4: its digit and its power of ten.
pub(super) fn larger_error(file: &TabFile, budget: &mut Budget) -> Option<(i64, i32)> {
    let [_, least] = own_digits(file)?;
    let sizes = (4..least.min(40)).rev();
    let mut sizes = sizes.flat_map(|power| [(5, power + 1), (1, power)]);
    sizes.find(|&(digit, power)| holds_within(file.tableau, digit, power, budget))
}

/// The tableau with the error `digit·10^-power` stated, unless it states a larger one.
pub(super) fn with_error(tableau: &Tableau, digit: i64, power: i32) -> Option<Tableau> {
    let eps = Number::from(digit) * Number::from(10).checked_pow(-power)?;
    let stated = tableau.rounded.as_ref();
    let is_larger = stated.is_none_or(|stated| (&eps - stated).sign().is_gt());
    is_larger.then(|| Tableau {
        rounded: Some(eps),
        ..tableau.clone()
    })
}

fn holds_within(tableau: &Tableau, digit: i64, power: i32, budget: &mut Budget) -> bool {
    let rounded = with_error(tableau, digit, power);
    rounded.is_some_and(|rounded| search::holds(&rounded, budget))
}

/// The most and the fewest significant digits of a file of decimals; `None` if fractions outnumber them.
///
/// Small numbers have fewer, counted to the last decimal of the others, and short ones as many as others of their size.
pub(super) fn own_digits(file: &TabFile) -> Option<[i32; 2]> {
    /// Numbers below are written with an exponent.
    const SMALL: f64 = 1e-4;
    let (mut decimals, mut fractions) = (Vec::new(), 0);
    for place in Place::all(file.tableau) {
        let (Some(text), Some(value)) = (file.text_at(place), place.value(file.tableau)) else {
            continue;
        };
        let is_literal = text.contains('.') && !text.contains(['/', '*', '(', '^']);
        match decimal_digits(value).filter(|_| is_literal) {
            Some(places) if places >= DIGITS => {
                decimals.push((places as i32, value.to_f64().abs()));
            }
            _ => fractions += usize::from(text.contains('/')),
        }
    }
    if fractions > decimals.len() {
        return None;
    }
    let above = |value: f64| value.log10().floor() as i32 + 1;
    let own = |&(places, value): &(i32, f64)| places + above(value);
    let large = decimals.iter().filter(|(_, value)| *value >= SMALL);
    let last = large.map(|(places, _)| *places).max().unwrap_or(0);
    let most = decimals.iter().map(own).max()?.max(DIGITS as i32);
    let digits = decimals
        .iter()
        .map(|number| own(number).max(last + above(number.1)));
    let least = digits.min()?.clamp(DIGITS as i32, most);
    Some([most, least])
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
