//! Weighs the order conditions of rounded coefficients against the effect of their errors.
//!
//! Fixed-point numbers give the residual of a condition, absolute values its tolerance.

use nalgebra::DVector;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::fixed;
use crate::number::fixed::Fixed;
use crate::number::magnitude::Magnitude;
use crate::number::ring::Ring;
use crate::number::scalars::MAGNITUDES;
use crate::proof::growth::Growth;
use crate::proof::search::{Failing, Leaves, Search, Target};
use crate::proof::support::Support;
use crate::proof::tree::Forest;
use crate::proof::walk::Walk;

/// Most bits of a fixed-point number.
const LONGEST: f64 = 8192.0;

/// Steps to bound the effect of an entry.
const BOUND: f64 = 1000.0;

/// Finds the first failing tree of each row up to `bound`, for coefficients with relative errors of `eps`.
pub(crate) fn search(
    tableau: &Tableau,
    leaves: Leaves,
    leaf: &DVector<Number>,
    Search { target, bound }: Search,
    forest: &mut Forest,
    eps: Magnitude,
    budget: &mut Budget,
) -> Result<Failing, TooLarge> {
    budget.spend(BOUND * tableau.matrix.len() as f64)?;
    let magnitudes = leaf_magnitudes(tableau, leaves);
    let support = Support::of(tableau, |i| magnitudes[i] != Magnitude::default());
    let magnitudes: Vec<_> = support.stages.iter().map(|&i| magnitudes[i]).collect();
    let values: Vec<_> = support.select(leaf).collect();
    let (bits, whole) = fractional_bits(tableau, &support, &values, bound, eps)?;
    let ring = Fixed::new(bits as usize, whole as usize);
    let width = ring.width() as f64;
    let values = ring.convert(values.into_iter());
    let mut residuals = Walk::new(ring, &support, tableau, values);
    let mut absolute = Walk::new(MAGNITUDES, &support, tableau, magnitudes);
    let mut failing: Failing = vec![None; tableau.weights.len()];
    let (mut weight, mut magnitude) = (vec![0; width as usize], [Magnitude::default()]);
    let mut taken = 0.0;
    for order in 1..=bound {
        forest.grow_within(order, budget)?;
        let bytes = forest.bytes() + 8.0 * (width + 1.0) * support.numbers(forest, order);
        budget.hold(bytes)?;
        let steps = support.steps(forest, order) * (0.25 * width * width + 6.0);
        // Those of the orders before are taken already.
        budget.spend(steps - taken)?;
        taken = steps;
        residuals.prepare(forest, order);
        absolute.prepare(forest, order);
        let rows = failing.iter_mut().enumerate();
        for (row, failing) in rows.filter(|(_, failing)| failing.is_none()) {
            for tree in forest.range(order) {
                absolute.weight(forest, row, tree, &mut magnitude);
                residuals.weight(forest, row, tree, &mut weight);
                let ring = &residuals.ring;
                let residual = match target {
                    Target::Flow => ring.residual(&weight, forest.get(tree).density),
                    Target::Identity => ring.magnitude(&weight),
                };
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

/// Bits after the point with which rounding errors stay far below the tolerances of conditions of up to `order` nodes, and
/// bits before it.
pub(crate) fn fractional_bits(
    tableau: &Tableau,
    support: &Support,
    leaf: &[&Number],
    order: usize,
    eps: Magnitude,
) -> Result<(f64, f64), TooLarge> {
    // What the smallest tolerance and its guard need, were no error larger than a unit.
    let unit = fixed::guarded_bits(eps, Magnitude::ONE, 1);
    let growth = Growth::of(tableau, support, leaf, order, Magnitude::exp2(-unit as i64));
    let bits = fixed::guarded_bits(eps, growth.error, order);
    // One bit more than the largest number has, for the errors of the bounds themselves.
    let whole = growth.size.log2().ceil() + 1.0;
    if bits + whole > LONGEST {
        return Err(TooLarge);
    }
    Ok((bits, whole))
}

/// Absolute values throughout: `Σ|a_ij|` where the leaf is a row sum, `|c_i|` where it is a node.
fn leaf_magnitudes(tableau: &Tableau, leaves: Leaves) -> Vec<Magnitude> {
    if leaves == Leaves::Nodes {
        return tableau.nodes.iter().map(Magnitude::of).collect();
    }
    (0..tableau.stages())
        .map(|row| Magnitude::sum(tableau.matrix.row(row).iter()))
        .collect()
}
