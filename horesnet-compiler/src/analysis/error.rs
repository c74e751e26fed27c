//! The principal error: the residuals of the first order conditions that fail.
//!
//! Each tree counts as `τ(t) = (Σ b_i Φ_i(t) − 1/γ(t))/σ(t)`, the coefficient of its elementary differential in the
//! local error (Hairer, Nørsett, Wanner 1993, §II.3; Prince, Dormand 1981).

use num_traits::Zero;

use super::figure::{Figure, Unknown};
use crate::language::tableau::Tableau;
use crate::number::double_double::DoubleDouble;
use crate::number::ring::Ring;
use crate::number::scalars::{DOUBLE_DOUBLES, Scalars};
use crate::proof::order::{Leaves, RowVerdict, Verdict};
use crate::proof::support::Support;
use crate::proof::tree::Forest;
use crate::proof::walk::Walk;

/// Most operations on one tableau: some tenths of a second.
const EFFORT: f64 = 2e8;

/// Most bytes of elementary weights.
const MEMORY: f64 = 2.2e8;

/// The size of the principal error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrincipalError {
    /// `√Σ τ(t)²` over the trees of the order.
    pub norm: f64,
    /// `max |τ(t)|`.
    pub max: f64,
}

/// The principal error of each row of weights; its leaves are the row sums, or the nodes where those end the order.
///
/// Some 32 digits leave residuals that are right to double precision.
pub(super) fn principal(tableau: &Tableau, verdict: &Verdict) -> Vec<Figure<PrincipalError>> {
    let leaves = |row: &RowVerdict| match &row.first_failure {
        // The order may be a higher one.
        _ if row.undecided => Some(Leaves::Both),
        failure => failure.as_ref().map(|failure| failure.leaves),
    };
    let unknown = |row| Err(leaves(row).map_or(Unknown::Order, |_| Unknown::Nodes));
    let mut figures: Vec<_> = verdict.weights.iter().map(unknown).collect();
    let mut forest = Forest::default();
    for kind in [Leaves::Sums, Leaves::Nodes] {
        let rows = verdict.weights.iter().zip(&mut figures).enumerate();
        let rows: Vec<_> = rows
            .filter(|(_, (row, _))| leaves(row) == Some(kind))
            .collect();
        if rows.is_empty() {
            continue;
        }
        let leaf = match kind {
            Leaves::Nodes => tableau.nodes.clone(),
            _ => tableau.row_sums(),
        };
        let support = Support::of(tableau, |i| !leaf[i].is_zero());
        let leaf = DOUBLE_DOUBLES.convert(support.select(&leaf));
        let mut walk = Walk::new(DOUBLE_DOUBLES, &support, tableau, leaf);
        for (at, (row, figure)) in rows {
            *figure = principal_of_row(&mut walk, &support, &mut forest, at, row.order + 1);
        }
    }
    figures
}

fn principal_of_row(
    walk: &mut Walk<Scalars<DoubleDouble>>,
    support: &Support,
    forest: &mut Forest,
    row: usize,
    order: usize,
) -> Figure<PrincipalError> {
    while forest.order() < order {
        let bytes = 16.0 * support.numbers(forest, forest.order() + 1);
        if support.steps(forest, forest.order()) > EFFORT || bytes > MEMORY {
            return Err(Unknown::TooLarge);
        }
        forest.grow();
    }
    walk.prepare(forest, order);
    let (mut squares, mut max) = (0.0, 0.0_f64);
    for index in forest.range(order) {
        let mut weight = [DoubleDouble::default()];
        walk.weight(forest, row, index, &mut weight);
        let tree = forest.get(index);
        let residual = weight[0] - DoubleDouble::reciprocal(tree.density as f64);
        let error = residual.to_f64() / tree.symmetry as f64;
        squares += error * error;
        max = max.max(error.abs());
    }
    let norm = Some(f64::sqrt(squares)).filter(|norm| norm.is_finite());
    norm.map(|norm| PrincipalError { norm, max })
        .ok_or(Unknown::TooLarge)
}
