//! The parts of a tableau that an array beside the matrix may be.
//!
//! The name decides. Where it says nothing, nodes are the row sums, weights sum to 1, differences of weights to 0.

use num_traits::Zero;

use super::array::Array;
use super::reading::Reading;
use super::row::{Row, close};
use crate::notation::field::Role;

/// A part of a tableau, in the order in which parts are added to a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Weights,
    /// A row of embedded weights, counted from 1.
    Embedded(usize),
    Nodes,
    Difference,
    /// Coefficients of dense output, of which the weights are the sum.
    Dense,
}

/// The parts that an array may be beside a matrix, with true for those that the numbers confirm.
pub(super) fn parts(array: &Array, matrix: &Reading, hint: Option<Role>) -> Vec<(Part, bool)> {
    let named: &[Part] = match hint {
        Some(Role::Nodes) => &[Part::Nodes],
        Some(Role::Weights) => &[Part::Weights],
        Some(Role::Embedded(row)) => &[Part::Embedded(row)],
        Some(Role::Second) => &[Part::Embedded(1), Part::Difference],
        None | Some(Role::Matrix) => &[
            Part::Nodes,
            Part::Difference,
            Part::Weights,
            Part::Embedded(1),
        ],
    };
    let mut parts = Vec::new();
    for part in named {
        let confirmed = match array.as_vector() {
            Some(row) => is_part(*part, &row, matrix),
            None => (*part == Part::Weights && are_weights(&array.rows, matrix)).then_some(true),
        };
        // A name that leaves nothing open is believed; the proof finds what is wrong.
        let confirmed = confirmed.filter(|confirmed| *confirmed || named.len() == 1);
        parts.extend(confirmed.map(|confirmed| (*part, confirmed)));
    }
    if parts.is_empty() && is_dense(array, matrix.stages()) {
        parts.push((Part::Dense, true));
    }
    parts
}

/// Returns `None` if a part has another length, true if the numbers confirm it.
fn is_part(part: Part, row: &Row, matrix: &Reading) -> Option<bool> {
    let (stages, length) = (matrix.stages(), row.len());
    let nodes = || matrix.sums().into_iter().skip(usize::from(length < stages));
    let are_nodes = || { row.numbers().zip(nodes()) }.all(|(node, sum)| close(node.to_f64(), sum));
    let lengths = match part {
        // The last nodes, 1, may be left out, too.
        Part::Nodes
            if length > 1 && nodes().skip(length).all(|sum| close(sum, 1.0)) && are_nodes() =>
        {
            1..=stages
        }
        // The first node, 0, may be left out.
        Part::Nodes => stages - 1..=stages,
        // The last weight, 0, of schemes that end with the row of weights; only if nothing else fits.
        Part::Weights if matrix.ends_with(row) => stages - 1..=stages,
        Part::Weights => stages..=stages,
        // The last embedded weight, 0.
        Part::Embedded(_) if length + 1 == stages && is_of_order_2(row, matrix) => length..=length,
        // One more for the first stage of the next step.
        _ => stages..=stages + 1,
    };
    lengths.contains(&length).then(|| match part {
        Part::Nodes => are_nodes(),
        Part::Weights => close(row.sum(), 1.0) && length >= stages,
        Part::Embedded(_) => close(row.sum(), 1.0),
        Part::Difference | Part::Dense => close(row.sum(), 0.0) && !row.is_zero(),
    })
}

/// Returns true for weights and differences of weights that fit the row sums as nodes: `Σ b c = Σ b / 2`.
fn is_of_order_2(row: &Row, matrix: &Reading) -> bool {
    // The next step begins at 1.
    let nodes = matrix.sums().into_iter().chain([1.0]);
    let moments = row.numbers().zip(nodes).map(|(b, c)| b.to_f64() * c);
    close(moments.sum(), row.sum() / 2.0)
}

/// Drops the first entry, 0, of weights, differences and nodes whose indices count from 1.
pub(super) fn counted_from_one(array: &Array, matrix: &Reading) -> Option<Array> {
    let is_longer = |row: &Row| row.len() == matrix.stages() + 1 && row.cells[0].number.is_zero();
    let row = array
        .as_vector()
        .filter(|row| array.is_vector && is_longer(row))?;
    let rest = Row::new(row.cells[1..].to_vec(), row.span);
    let is_sum = close(rest.sum(), 1.0) || close(rest.sum(), 0.0);
    let are_weights = is_sum && is_of_order_2(&rest, matrix) && !is_of_order_2(&row, matrix);
    let are_nodes = is_part(Part::Nodes, &rest, matrix) == Some(true);
    let mut counted = array.clone();
    (counted.rows, counted.counts_from_one) = (vec![rest], true);
    (are_weights || are_nodes).then_some(counted)
}

/// Weights, and a row of embedded weights or differences below.
fn are_weights(rows: &[Row], matrix: &Reading) -> bool {
    let is = |part, row| is_part(part, row, matrix) == Some(true) && row.len() == matrix.stages();
    match rows {
        [row, below] => {
            let is_below = is(Part::Weights, below) || is(Part::Difference, below);
            is(Part::Weights, row) && is_below
        }
        _ => false,
    }
}

/// A table of polynomial coefficients, whose values at 1 are weights.
fn is_dense(array: &Array, stages: usize) -> bool {
    let (rows, columns) = (array.rows.len(), array.rows[0].len());
    let is_table = rows > 1 && columns > 1 && rows != columns;
    let has_stages = rows.abs_diff(stages) <= 1 || columns.abs_diff(stages) <= 1;
    let is_rectangle = array.rows.iter().all(|row| row.len() == columns);
    let total = array.rows.iter().map(Row::sum).sum();
    is_table && has_stages && is_rectangle && close(total, 1.0)
}
