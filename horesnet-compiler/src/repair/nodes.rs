//! Nodes that are not the sums of their rows: two exchanged, all shifted by a row, or each to be its sum.

use num_traits::Zero;

use super::place::{Place, Variable};
use super::search::{Fix, common_order, holds};
use crate::language::document::Document;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::order::is_row_sum;

/// The order to which a change must hold before it is proven.
const FEW: usize = 3;

/// The change of nodes alone that makes every claim true.
pub(super) fn fix(
    document: &Document,
    tableau: &Tableau,
    budget: &mut Budget,
) -> Option<(Fix, Tableau)> {
    let node = |row| Place::Node { row };
    let sums = tableau.row_sums();
    let is_apart = |row: &usize| {
        let written = node(*row).written(document).is_some();
        written && !is_row_sum(tableau, row - 1, &sums[row - 1])
    };
    let apart: Vec<_> = (1..=tableau.stages()).filter(is_apart).collect();
    if apart.len() > 1 {
        // Some schemes have other nodes on purpose, so one alone may be wrong.
        let single = apart.iter().find_map(|&row| {
            let mut changed = tableau.clone();
            node(row).set(&mut changed, sums[row - 1].clone())?;
            let may_hold = common_order(&changed, FEW, budget) >= Some(FEW);
            let is_fix = may_hold && holds(&changed, budget);
            is_fix.then(|| (single(row, &sums[row - 1]), changed))
        });
        if single.is_some() {
            return single;
        }
    }
    let mut mended = tableau.clone();
    for &row in &apart {
        node(row).set(&mut mended, sums[row - 1].clone())?;
    }
    if apart.is_empty() || !holds(&mended, budget) {
        return None;
    }
    Some(match apart.as_slice() {
        &[row] => (single(row, &sums[row - 1]), mended),
        &[first, second] if exchanged(tableau, first, second, budget) => {
            (Fix::Swap(node(first), node(second)), mended)
        }
        rows => {
            let is_shifted = shifted(tableau, rows);
            (Fix::Nodes(apart, is_shifted), mended)
        }
    })
}

/// The change of one node to the sum of its row.
fn single(row: usize, sum: &Number) -> Fix {
    let variable = Variable {
        place: Place::Node { row },
        node_follows: false,
    };
    Fix::Value(variable, sum.clone())
}

/// Returns true if two nodes exchanged make every claim true.
fn exchanged(tableau: &Tableau, first: usize, second: usize, budget: &mut Budget) -> bool {
    let mut changed = tableau.clone();
    changed.nodes.swap_rows(first - 1, second - 1);
    let is_sum = |row: usize| is_row_sum(&changed, row - 1, &tableau.row_sum(row - 1));
    is_sum(first) && is_sum(second) && holds(&changed, budget)
}

/// Returns true if each of these nodes is the sum of the row before, or each that of the row after.
fn shifted(tableau: &Tableau, rows: &[usize]) -> bool {
    let sum = |row: usize| match row {
        0 => Number::zero(),
        row if row > tableau.stages() => Number::from(1),
        row => tableau.row_sum(row - 1),
    };
    let by = |other: fn(usize) -> usize| {
        let is_sum = |row: &usize| is_row_sum(tableau, row - 1, &sum(other(*row)));
        rows.iter().all(is_sum)
    };
    by(|row| row - 1) || by(|row| row + 1)
}
