//! Weighs the order conditions of rounded coefficients against the effect of their errors.
//!
//! Fixed-point numbers give the residual of a condition, absolute values its tolerance.

use nalgebra::DVector;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::fixed;
use crate::number::fixed::Fixed;
use crate::number::ring::Ring;
use crate::number::scalars::MAGNITUDES;
use crate::proof::growth::Growth;
use crate::proof::search::{Failing, Leaves, MEMORY};
use crate::proof::support::Support;
use crate::proof::tree::Forest;
use crate::proof::walk::Walk;

/// Steps to bound the effect of an entry.
const BOUND: f64 = 1000.0;

/// Finds the first failing tree of each row up to `bound`, for coefficients with relative errors of `eps`.
pub(crate) fn search(
    tableau: &Tableau,
    leaves: Leaves,
    leaf: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
    eps: f64,
    budget: &mut Budget,
) -> Result<Failing, TooLarge> {
    budget.spend(BOUND * tableau.matrix.len() as f64)?;
    let magnitudes = leaf_magnitudes(tableau, leaves);
    let support = Support::of(tableau, |i| magnitudes[i] != 0.0);
    let magnitudes: Vec<_> = support.stages.iter().map(|&i| magnitudes[i]).collect();
    let values: Vec<_> = support.select(leaf).collect();
    // What the smallest tolerance and its guard need, were no error larger than a unit.
    let unit = fixed::guarded_bits(eps, 1.0, 1);
    let growth = Growth::of(tableau, &support, &values, bound, f64::exp2(-unit));
    let bits = fixed::guarded_bits(eps, growth.error, bound);
    // One bit more than the largest number has, for the errors of the bounds themselves.
    let whole = growth.size.log2().ceil() + 1.0;
    if (bits + whole).is_nan() || bits + whole > 8192.0 {
        return Err(TooLarge);
    }
    let ring = Fixed::new(bits as usize, whole as usize);
    let width = ring.width() as f64;
    let values = ring.convert(values.into_iter());
    let mut residuals = Walk::new(ring, &support, tableau, values);
    let mut absolute = Walk::new(MAGNITUDES, &support, tableau, magnitudes);
    let mut failing: Failing = vec![None; tableau.weights.len()];
    let (mut weight, mut magnitude) = (vec![0; width as usize], [0.0]);
    let mut taken = 0.0;
    for order in 1..=bound {
        forest.grow_within(order, budget)?;
        let bytes = forest.bytes() + 8.0 * (width + 1.0) * support.numbers(forest, order);
        if bytes > MEMORY {
            return Err(TooLarge);
        }
        let steps = support.steps(forest, order) * (0.4 * width * width + 8.0);
        // Those of the orders before are taken already.
        budget.spend(steps - taken)?;
        taken = steps;
        residuals.prepare(forest, order);
        absolute.prepare(forest, order);
        let rows = failing.iter_mut().enumerate();
        for (row, failing) in rows.filter(|(_, failing)| failing.is_none()) {
            for tree in forest.range(order) {
                absolute.weight(forest, row, tree, &mut magnitude);
                if !magnitude[0].is_finite() {
                    return Err(TooLarge);
                }
                residuals.weight(forest, row, tree, &mut weight);
                let density = forest.get(tree).density;
                let residual = residuals.ring.residual(&weight, density);
                if !fixed::within(residual, order, eps, magnitude[0]) {
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
fn leaf_magnitudes(tableau: &Tableau, leaves: Leaves) -> Vec<f64> {
    let magnitude = |a: &Number| a.to_f64().abs();
    if leaves == Leaves::Nodes {
        return tableau.nodes.iter().map(magnitude).collect();
    }
    let rows = tableau.matrix.row_iter();
    rows.map(|row| row.iter().map(magnitude).sum()).collect()
}
