//! Elementary weights of single trees in exact numbers:
//! `Φ(τ) = e` and `Φ(t′∘u) = Φ(t′) ⊙ AΦ(u)` (Butcher 2016, §312).

use nalgebra::{DMatrix, DVector};

use crate::number::Number;
use crate::proof::tree::Forest;

/// Computes `Σ b_i Φ_i(t)` of one tree.
pub(crate) fn weight(
    forest: &Forest,
    tree: usize,
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    leaf: &DVector<Number>,
) -> Number {
    weights.dot(&phi(forest, tree, matrix, leaf, Number::clone))
}

/// Computes `Φ(t)` of one tree, with `leaf` in place of `AΦ(τ)`; `round` shortens numbers on the way.
pub(crate) fn phi(
    forest: &Forest,
    tree: usize,
    matrix: &DMatrix<Number>,
    leaf: &DVector<Number>,
    round: fn(&Number) -> Number,
) -> DVector<Number> {
    if tree == 0 {
        return DVector::from_element(leaf.len(), num_traits::One::one());
    }
    let t = forest.get(tree);
    let grafted = if t.graft == 0 {
        leaf.clone()
    } else {
        (matrix * phi(forest, t.graft, matrix, leaf, round)).map(|number| round(&number))
    };
    let stem = phi(forest, t.stem, matrix, leaf, round);
    stem.component_mul(&grafted).map(|number| round(&number))
}
