//! Single changes of a `rounded` file: found by solving one condition, proven within the stated errors.
//!
//! Conditions of rounded numbers have no common root, so the first that fails is solved alone. In floating point that
//! leaves few numbers to blame; those are solved exactly, and written with as many digits as the file claims to have.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed};

use super::field::{Exact, Field, Floats};
use super::search::{Findings, Found};
use super::system::{Condition, Entries, System};
use super::unknown::{Place, Unknown};
use super::{polynomial, search};
use crate::budget::{self, Budget};
use crate::exact;
use crate::number::Number;
use crate::order::{self, Leaves, Verdict};
use crate::tableau::Tableau;
use crate::tree::Forest;

/// The error within which a change is worth solving exactly.
const LOOSE: (i64, i64) = (1, 1_000_000);

/// Steps to take a number of the tableau as a floating-point number, or to copy it.
const READING: f64 = 200.0;

/// Every single change after which all claims hold within the stated errors, as far as the budget goes.
pub(super) fn search(
    tableau: &Tableau,
    unknowns: &[Unknown],
    swaps: &[Place],
    verdict: &Verdict,
    budget: &mut Budget,
) -> Option<Findings> {
    let eps = tableau.rounded.as_ref()?.to_f64();
    let (forest, condition) = first_failure(verdict)?;
    let mut found: Vec<_> = search::exchanged(tableau, budget).into_iter().collect();
    for &first in swaps {
        if budget.is_spent() {
            break;
        }
        let swapped = search::swapped(tableau, first);
        found.extend(swapped.filter(|(_, changed)| search::holds(changed, budget)));
    }
    let nodes = forest.get(condition.tree).order;
    let exact_steps = exact_steps(tableau, nodes);
    let floats = Entries::new(&Floats, tableau);
    for &unknown in unknowns {
        if budget.is_spent() {
            break;
        }
        let numbers = tableau.matrix.len() as f64;
        let steps = READING * numbers * nodes as f64;
        let likely = budget.spend(steps).ok();
        let likely =
            likely.and_then(|()| roots(&Floats, floats.clone(), &forest, unknown, condition));
        if !likely.is_some_and(|y| is_likely(tableau, unknown, y, budget)) {
            continue;
        }
        if budget.spend(exact_steps).is_err() {
            break;
        }
        let exact = Entries::new(&Exact, tableau);
        let exact = roots(&Exact, exact, &forest, unknown, condition);
        found.extend(exact.and_then(|y| proven(tableau, unknown, &y, eps, budget)));
    }
    Some(Findings {
        found,
        furthest: Vec::new(),
        complete: !budget.is_spent(),
    })
}

/// Steps of one exact condition of so many nodes.
fn exact_steps(tableau: &Tableau, nodes: usize) -> f64 {
    let words = exact::words(tableau).unwrap_or(f64::INFINITY);
    let operation = budget::operation_on(words * nodes as f64);
    2.0 * nodes as f64 * tableau.matrix.len() as f64 * operation
}

/// The condition of the verdict that fails first, of the first row whose claim is too high.
fn first_failure(verdict: &Verdict) -> Option<(Forest, Condition)> {
    let mut rows = verdict.weights.iter().enumerate();
    let (row, found) = rows.find(|(_, row)| row.claimed.is_some_and(|claim| row.order < claim))?;
    let failure = found.first_failure.as_ref()?;
    let forest = Forest::up_to(failure.order);
    let tree = forest
        .range(failure.order)
        .find(|&tree| forest.bracket(tree) == failure.tree)?;
    let leaf = usize::from(failure.leaves == Leaves::Nodes);
    Some((forest, Condition { tree, row, leaf }))
}

/// What to add to the unknown so that the condition is met, if it is linear in it.
fn roots<F: Field>(
    field: &F,
    entries: Entries<F>,
    forest: &Forest,
    unknown: Unknown,
    mut condition: Condition,
) -> Option<F::Element> {
    let mut system = System::new(field, forest, entries.with(field, unknown));
    condition.leaf = condition.leaf.min(system.leaves() - 1);
    let residual = system.residual(condition);
    match polynomial::monic(field, residual).as_slice() {
        [constant, _] => Some(field.subtract(&field.zero(), constant)),
        _ => None,
    }
}

/// Whether the conditions hold about as far as claimed with `y` added to the unknown.
fn is_likely(tableau: &Tableau, unknown: Unknown, y: f64, budget: &mut Budget) -> bool {
    let mut likely = || {
        let current = unknown.place.value(tableau)?.to_f64();
        let mut loose = unknown.replaced(tableau, &significant(&number(current + y)?, 17)?)?;
        loose.rounded = Number::ratio(LOOSE.0, LOOSE.1);
        let claims = tableau.weights.iter().map(|row| row.claim);
        let orders = order::orders(&loose, claims.clone().flatten().max()?, budget).ok()?;
        let mut rows = claims.zip(orders);
        Some(rows.all(|(claim, row)| claim.is_none_or(|claim| row.order >= claim)))
    };
    likely().unwrap_or(false)
}

/// The change by `y`, or by what it rounds, that is proven.
fn proven(
    tableau: &Tableau,
    unknown: Unknown,
    y: &Number,
    eps: f64,
    budget: &mut Budget,
) -> Option<(Found, Tableau)> {
    let current = unknown.place.value(tableau)?;
    let value = current + y;
    let digits = (-eps.log10()).ceil().max(1.0) as usize;
    let opposite = -current.clone();
    let is_opposite = (&value - &opposite).to_f64().abs() <= 1e-6 * current.to_f64().abs();
    let written = (digits.min(8)..=digits + 2).filter_map(|digits| significant(&value, digits));
    let candidates = is_opposite.then_some(opposite).into_iter().chain(written);
    let mut tried = None;
    for candidate in candidates {
        if tried.as_ref() == Some(&candidate) {
            continue;
        }
        let changed = unknown.replaced(tableau, &candidate)?;
        if search::holds(&changed, budget) {
            return Some((Found::Value(unknown, candidate), changed));
        }
        tried = Some(candidate);
    }
    None
}

/// A floating-point number, exactly.
fn number(value: f64) -> Option<Number> {
    value
        .is_finite()
        .then(|| format!("{value:e}").parse().ok())?
}

/// The nearest decimal of so many significant digits.
fn significant(value: &Number, digits: usize) -> Option<Number> {
    const GUARD: u64 = 64;
    let magnitude = value.to_f64().abs();
    if magnitude == 0.0 {
        return Some(value.clone());
    }
    let places = digits as i64 - 1 - magnitude.log10().floor() as i64;
    let power = BigInt::from(10).pow(
        u32::try_from(places.unsigned_abs())
            .ok()
            .filter(|p| *p < 5000)?,
    );
    let bits = GUARD + power.bits() + value.denominator().bits();
    let (low, _) = value.fixed(bits);
    let (scaled, half) = if places >= 0 {
        (low * &power, BigInt::one() << (bits - 1))
    } else {
        (low.div_floor(&power), BigInt::one() << (bits - 1))
    };
    let nearest: BigInt = (scaled + half) >> bits;
    if places >= 0 {
        Number::ratio(nearest, power)
    } else {
        Some(Number::from(nearest * power))
    }
}

/// A decimal as such.
pub(super) fn written(number: &Number, digits: usize) -> Option<String> {
    let power = BigInt::from(10).pow(u32::try_from(digits).ok()?);
    let scaled = number * &Number::from(power);
    let (integer, minus) = match scaled.terms() {
        [] => return Some("0".to_owned()),
        [(1, n)] => (n.abs(), if n.is_negative() { "-" } else { "" }),
        _ => return None,
    };
    let text = format!("{integer:0>width$}", width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    Some(if fraction.is_empty() {
        format!("{minus}{whole}")
    } else {
        format!("{minus}{whole}.{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_and_written() {
        let shown = |text: &str, digits: usize| {
            let number = significant(&text.parse().unwrap(), digits).unwrap();
            let places = super::super::nearest::decimal_digits(&number).unwrap();
            written(&number, places).unwrap()
        };
        assert_eq!(shown("1/3", 4), "0.3333");
        assert_eq!(shown("-2/3", 4), "-0.6667");
        assert_eq!(shown("sqrt(2)", 6), "1.41421");
        assert_eq!(shown("1/8", 16), "0.125");
        assert_eq!(shown("123456", 3), "123000");
        assert_eq!(shown("2/3000", 3), "0.000667");
        assert_eq!(shown("0", 3), "0");
    }
}
