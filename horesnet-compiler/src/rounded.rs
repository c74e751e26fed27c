//! The order conditions of rounded coefficients, weighed against what their errors can do.
//!
//! Fixed-point numbers give the residual of a condition, absolute values its tolerance (see `fixed.rs`).

use crate::elementary::Elementary;
use crate::fixed::{self, Fixed, Growth, Magnitudes};
use crate::number::Number;
use crate::order::{EFFORT, Failing, Leaf, MEMORY, TooLarge};
use crate::tableau::Tableau;
use crate::tree::Forest;

/// The first failing tree of each row up to `bound`, for coefficients correct to a relative `eps`.
pub(crate) fn search(
    tableau: &Tableau,
    leaf: Leaf,
    bound: usize,
    forest: &mut Forest,
    eps: f64,
) -> Result<Failing, TooLarge> {
    let magnitudes = leaf_magnitudes(tableau, leaf);
    let sum = |row: &mut dyn Iterator<Item = &Number>| row.map(|a| a.to_f64().abs()).sum::<f64>();
    let rows = tableau.matrix.row_iter().map(|row| sum(&mut row.iter()));
    let growth = Growth {
        row_norm: rows.chain(magnitudes.iter().copied()).fold(0.0, f64::max),
        weights_norm: tableau
            .weights
            .iter()
            .map(|row| sum(&mut row.values.iter()))
            .fold(0.0, f64::max),
        stages: tableau.stages(),
    };
    let bits = fixed::guarded_bits(eps, &growth, bound);
    if bits.is_nan() || bits > 8192.0 {
        return Err(TooLarge);
    }
    let words = bits / 64.0 + 1.0;
    let entries = tableau
        .matrix
        .iter()
        .filter(|a| !a.terms().is_empty())
        .count();
    let numbers = entries + tableau.stages() * (1 + tableau.weights.len());
    let mut residuals = Elementary::new(Fixed { bits: bits as u64 }, tableau, leaf.values());
    let mut absolute = Elementary::with_leaf(Magnitudes, tableau, magnitudes);
    let mut failing: Failing = vec![None; tableau.weights.len()];
    for order in 1..=bound {
        while forest.order() < order {
            forest.grow();
        }
        let trees = forest.range(order).end as f64;
        let bytes = 2.0 * trees * tableau.stages() as f64 * (8.0 * words + 40.0);
        if bytes > MEMORY || trees * numbers as f64 * (words * words + 10.0) > EFFORT {
            return Err(TooLarge);
        }
        residuals.extend(forest, order);
        absolute.extend(forest, order);
        let open = failing
            .iter_mut()
            .enumerate()
            .filter(|(_, failing)| failing.is_none());
        for (row, failing) in open {
            for tree in forest.range(order) {
                let magnitude = absolute.weight(row, tree);
                if !magnitude.is_finite() {
                    return Err(TooLarge);
                }
                let weight = residuals.weight(row, tree);
                let residual = fixed::residual(&residuals.ring, &weight, forest.get(tree).density);
                if !fixed::within(residual, order, eps, magnitude) {
                    *failing = Some(tree);
                    break;
                }
            }
        }
        if failing.iter().all(Option::is_some) {
            break;
        }
    }
    Ok(failing)
}

/// Absolute values throughout: `Σ|a_ij|` where the leaf is a row sum, `|c_i|` where it is a node.
fn leaf_magnitudes(tableau: &Tableau, leaf: Leaf) -> Vec<f64> {
    let magnitude = |a: &Number| a.to_f64().abs();
    match leaf {
        Leaf::Nodes(nodes) => nodes.iter().map(magnitude).collect(),
        Leaf::Sums(_) => tableau
            .matrix
            .row_iter()
            .map(|row| row.iter().map(magnitude).sum())
            .collect(),
    }
}
