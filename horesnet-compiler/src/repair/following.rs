//! Nodes of a `rounded` file that follow an entry of their row: the sum of the row, with the digits that it has.
//!
//! Rounded entries sum to their node but for all their errors, which may be more than the node is allowed. What the
//! sum rounds is likelier to be the node that was meant: a simple fraction, or fewer digits.

use super::digits::significant;
use super::unknown::{Place, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// Most digits that a sum of rounded entries has less than they.
const LOST: usize = 3;

/// How little a fraction must owe to chance.
const CHANCE: f64 = 1e-3;

/// The tableaux with `value` for the unknown, the likeliest node first if that changes with it.
pub(super) fn replaced(
    unknown: Unknown,
    tableau: &Tableau,
    value: &Number,
    digits: usize,
) -> Vec<Tableau> {
    let Some(changed) = unknown.replaced(tableau, value) else {
        return Vec::new();
    };
    let (true, Place::Entry { row, .. }, Some(eps)) =
        (unknown.node_follows, unknown.place, &tableau.rounded)
    else {
        return vec![changed];
    };
    let sum = changed.row_sum(row - 1);
    let entries = changed.matrix.row(row - 1);
    let size: f64 = entries.iter().map(|entry| entry.to_f64().abs()).sum();
    let simple = fraction(sum.to_f64(), eps.to_f64() * size);
    let simple = simple.and_then(|fraction| significant(&fraction, digits + 1));
    let fewer = (0..=LOST).rev().filter_map(|lost| {
        let digits = digits.checked_sub(lost).filter(|digits| *digits > 0)?;
        significant(&sum, digits)
    });
    let mut nodes: Vec<_> = simple.into_iter().chain(fewer).collect();
    nodes.push(sum.clone());
    nodes.dedup();
    let with = |node: Number| {
        let mut changed = changed.clone();
        Place::Node { row }.set(&mut changed, node)?;
        Some(changed)
    };
    nodes.into_iter().filter_map(with).collect()
}

/// The first convergent within an error, if that is no accident.
fn fraction(value: f64, error: f64) -> Option<Number> {
    const CONVERGENTS: usize = 20;
    let error = error.max(4.0 * f64::EPSILON * value.abs());
    let (mut before, mut last, mut rest) = ((0.0, 1.0), (1.0, 0.0), value);
    for _ in 0..CONVERGENTS {
        let whole = f64::floor(rest);
        let next: (f64, f64) = (whole * last.0 + before.0, whole * last.1 + before.1);
        (before, last) = (last, next);
        if last.1 * last.1 * error > CHANCE {
            return None;
        }
        if (last.0 / last.1 - value).abs() <= error {
            return Number::ratio(last.0 as i64, last.1 as i64);
        }
        rest = 1.0 / (rest - whole);
    }
    None
}
