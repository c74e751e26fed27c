//! Nodes that are not the sums of their rows: two exchanged, all shifted by a row, or each to be its sum.

use num_traits::Zero;

use super::change::TabFile;
use super::place::Place;
use super::search::holds;
use super::{Change, Edit, Kind};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::order::is_row_sum;
use crate::proof::search::PROOF_STEPS;

/// The change of nodes alone that makes every claim true, if there is one.
pub(super) fn fix(file: &TabFile) -> Option<Change> {
    let (tableau, budget) = (file.tableau, &mut Budget::new(PROOF_STEPS));
    let sums = tableau.row_sums();
    let is_written = |row: &usize| Place::Node { row: *row }.written(file.document).is_some();
    let rows = (1..=tableau.stages()).filter(is_written);
    let apart: Vec<_> = rows
        .filter(|row| !is_row_sum(tableau, row - 1, &sums[row - 1]))
        .collect();
    let mut mended = tableau.clone();
    for &row in &apart {
        Place::Node { row }.set(&mut mended, sums[row - 1].clone())?;
    }
    if apart.is_empty() || !holds(&mended, budget) {
        return None;
    }
    let node = |row: usize| Place::Node { row };
    match apart.as_slice() {
        &[row] => Some(Change {
            kind: Kind::Value,
            edits: vec![file.edit(node(row), &sums[row - 1])?],
        }),
        &[first, second] if exchanged(tableau, first, second, budget) => Some(Change {
            kind: Kind::Swap,
            edits: file.swap(node(first), node(second))?,
        }),
        rows => {
            let edits = rows
                .iter()
                .map(|&row| file.edit_text(node(row), "*".to_owned()));
            let edits: Vec<Edit> = edits.collect::<Option<_>>()?;
            let kind = if shifted(tableau, rows) {
                Kind::Shift
            } else {
                Kind::Nodes
            };
            Some(Change { kind, edits })
        }
    }
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
