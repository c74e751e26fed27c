//! Nodes of a `rounded` file that follow an entry of their row: the sum of the row, with the digits that it has.
//!
//! Rounded entries sum to their node but for all their errors, which may be more than the node is allowed. A simple
//! fraction near the sum, or the sum with fewer digits, is likelier to be the node that was meant.

use super::place::{Place, Variable};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::decimal::{convergents, significant};

/// Digits that a sum of rounded entries may lose.
const LOST: usize = 3;

/// Largest probability that a fraction is within the error by chance.
const CHANCE: f64 = 1e-3;

/// The tableaux with `value` for the variable, the likeliest node first if that changes with it.
pub(super) fn replaced(
    variable: Variable,
    tableau: &Tableau,
    value: &Number,
    digits: usize,
) -> Vec<Tableau> {
    let Some(changed) = variable.replaced(tableau, value) else {
        return Vec::new();
    };
    let (Some(row), Some(eps)) = (variable.following_node(), &tableau.rounded) else {
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

/// The first convergent within an error, unless that may be chance.
fn fraction(value: f64, error: f64) -> Option<Number> {
    let error = error.max(4.0 * f64::EPSILON * value.abs());
    let (numerator, denominator) = convergents(value)
        .take_while(|(_, d)| (*d as f64).powi(2) * error <= CHANCE)
        .find(|(n, d)| (*n as f64 / *d as f64 - value).abs() <= error)?;
    Number::ratio(numerator, denominator)
}
