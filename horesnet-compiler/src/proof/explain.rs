//! Explains failing conditions: the weights of their trees, to as many digits as are shown.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector};

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::elementary;
use crate::proof::search::{Failure, Leaves};
use crate::proof::tree::Forest;

/// Digits after the binary point of weights that are shown, if exact ones would be long: about 70 decimals.
const SHOWN: u64 = 240;

/// Cuts a number to the digits that are shown.
pub(crate) fn shortened(number: &Number) -> Number {
    Number::dyadic(number.fixed(SHOWN).0, -(SHOWN as i64))
}

/// The weights of failing conditions, of which rows of weights share the trees.
pub(crate) struct Explainer<'a> {
    tableau: &'a Tableau,
    forest: &'a Forest,
    sums: &'a DVector<Number>,
    /// The matrix with the digits that are shown.
    short: Option<DMatrix<Number>>,
    /// `Φ(t)` by tree, with the nodes at its leaves or with the row sums, and true if it is exact.
    known: HashMap<(usize, bool), (DVector<Number>, bool)>,
}

impl<'a> Explainer<'a> {
    pub(crate) fn new(tableau: &'a Tableau, forest: &'a Forest, sums: &'a DVector<Number>) -> Self {
        Self {
            tableau,
            forest,
            sums,
            short: None,
            known: HashMap::new(),
        }
    }

    /// Explains the condition of a tree for a row of weights.
    pub(crate) fn failure(
        &mut self,
        row: usize,
        index: usize,
        leaves: Leaves,
        budget: &mut Budget,
    ) -> Failure {
        let is_nodes = leaves == Leaves::Nodes;
        let key = (index, is_nodes);
        if !self.known.contains_key(&key) {
            let phi = self.phi(index, is_nodes, budget);
            self.known.insert(key, phi);
        }
        let (phi, is_exact) = &self.known[&key];
        let weights = &self.tableau.weights[row].values;
        let weight = if *is_exact {
            weights.dot(phi)
        } else {
            weights.map(|number| shortened(&number)).dot(phi)
        };
        let tree = self.forest.get(index);
        Failure::new(
            tree.order,
            self.forest.bracket(index),
            self.forest.condition(index),
            tree.density,
            &weight,
            leaves,
        )
    }

    /// Computes `Φ(t)`: exactly, or with about 70 digits if that would take long.
    fn phi(
        &mut self,
        index: usize,
        is_nodes: bool,
        budget: &mut Budget,
    ) -> (DVector<Number>, bool) {
        let matrix = &self.tableau.matrix;
        let leaf = if is_nodes {
            &self.tableau.nodes
        } else {
            self.sums
        };
        let bits = matrix
            .iter()
            .chain(leaf)
            .map(Number::bits)
            .max()
            .unwrap_or(1);
        // Every factor may multiply the denominator, and reducing costs the square of its length.
        let order = self.forest.get(index).order as f64;
        let length = bits as f64 * order * self.tableau.stages() as f64;
        if budget.affords(length * length / 64.0 * matrix.len() as f64) {
            let phi = elementary::phi(self.forest, index, matrix, leaf, Number::clone);
            return (phi, true);
        }
        let short = |number: Number| shortened(&number);
        let leaf = leaf.map(short);
        let matrix = self.short.get_or_insert_with(|| matrix.map(short));
        let phi = elementary::phi(self.forest, index, matrix, &leaf, shortened);
        (phi, false)
    }
}
