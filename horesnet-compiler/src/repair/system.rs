//! The order conditions of a tableau in which one number is unknown, as polynomials in that number.
//!
//! `Φ(t)` is computed on demand and kept: conditions that a search never asks for cost nothing.

use std::collections::HashMap;

use super::field::Field;
use super::polynomial;
use super::polynomial::Polynomial;
use super::unknown::{Place, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::tree::Forest;

/// One of the conditions: of a tree, for a row of weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) tree: usize,
    pub(super) row: usize,
    /// Which of [`System::leaves`] stands at the leaves of the tree.
    pub(super) leaf: usize,
}

/// A tableau over a field.
pub(super) struct Entries<F: Field> {
    pub(super) matrix: Vec<Vec<Polynomial<F>>>,
    pub(super) nodes: Vec<Polynomial<F>>,
    pub(super) weights: Vec<Vec<Polynomial<F>>>,
}

impl<F: Field> Clone for Entries<F> {
    fn clone(&self) -> Self {
        Self {
            matrix: self.matrix.clone(),
            nodes: self.nodes.clone(),
            weights: self.weights.clone(),
        }
    }
}

impl<F: Field> Entries<F> {
    pub(super) fn new(field: &F, tableau: &Tableau) -> Self {
        let convert = |n: &Number| polynomial::constant(field, field.convert(n));
        Self {
            matrix: tableau
                .matrix
                .row_iter()
                .map(|row| row.iter().map(convert).collect())
                .collect(),
            nodes: tableau.nodes.iter().map(convert).collect(),
            weights: tableau
                .weights
                .iter()
                .map(|row| row.values.iter().map(convert).collect())
                .collect(),
        }
    }

    /// Adds the unknown to the entry it stands for.
    pub(super) fn with(mut self, field: &F, unknown: Unknown) -> Self {
        let place = match unknown.place {
            Place::Entry { row, entry } => &mut self.matrix[row - 1][entry - 1],
            Place::Node { row } => &mut self.nodes[row - 1],
            Place::Weight { row, entry } => &mut self.weights[row - 1][entry - 1],
            Place::Claim { .. } => return self,
        };
        if place.is_empty() {
            place.push(field.zero());
        }
        place.push(field.one());
        if let (true, Place::Entry { row, .. }) = (unknown.node_follows, unknown.place) {
            self.nodes[row - 1] = self.sum(field, row - 1);
        }
        self
    }

    /// Exchanges two neighbours of a row.
    pub(super) fn swapped(mut self, first: Place) -> Self {
        match first {
            Place::Entry { row, entry } => self.matrix[row - 1].swap(entry - 1, entry),
            Place::Weight { row, entry } => self.weights[row - 1].swap(entry - 1, entry),
            Place::Node { .. } | Place::Claim { .. } => {}
        }
        self
    }

    fn sum(&self, field: &F, row: usize) -> Polynomial<F> {
        let one = vec![field.one()];
        polynomial::dot(field, self.matrix[row].iter().map(|entry| (entry, &one)))
    }
}

/// The conditions of [`Entries`].
pub(super) struct System<'a, F: Field> {
    field: &'a F,
    forest: &'a Forest,
    matrix: Vec<Vec<(usize, Polynomial<F>)>>,
    weights: Vec<Vec<(usize, Polynomial<F>)>>,
    leaves: Vec<Leaf<F>>,
    /// Coefficients multiplied so far.
    pub(super) steps: u64,
}

/// The row sums or the nodes of the file, and what was computed with them.
struct Leaf<F: Field> {
    phi: HashMap<usize, Vec<Polynomial<F>>>,
    grafted: HashMap<usize, Vec<Polynomial<F>>>,
}

impl<'a, F: Field> System<'a, F> {
    pub(super) fn new(field: &'a F, forest: &'a Forest, entries: Entries<F>) -> Self {
        let stages = entries.nodes.len();
        let sums: Vec<_> = (0..stages).map(|i| entries.sum(field, i)).collect();
        let consistent = sums == entries.nodes;
        let mut leaves = vec![sums];
        if !consistent {
            leaves.push(entries.nodes);
        }
        let sparse = |row: Vec<Polynomial<F>>| {
            let entries = row.into_iter().enumerate();
            entries.filter(|(_, entry)| !entry.is_empty()).collect()
        };
        let ones = vec![vec![field.one()]; stages];
        let leaves = leaves.into_iter().map(|values| Leaf {
            grafted: HashMap::from([(0, values)]),
            phi: HashMap::from([(0, ones.clone())]),
        });
        Self {
            field,
            forest,
            matrix: entries.matrix.into_iter().map(sparse).collect(),
            weights: entries.weights.into_iter().map(sparse).collect(),
            leaves: leaves.collect(),
            steps: 0,
        }
    }

    /// One if the nodes are the row sums whatever the unknown is, two otherwise.
    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// `γ(t)·Σ b_i Φ_i(t) − 1`, which a solution makes zero.
    pub(super) fn residual(&mut self, condition: Condition) -> Polynomial<F> {
        let Condition { tree, row, leaf } = condition;
        self.prepare(leaf, tree);
        let field = self.field;
        let one = vec![field.one()];
        let phi = self.leaves.get(leaf).and_then(|leaf| leaf.phi.get(&tree));
        let (Some(phi), Some(weights)) = (phi, self.weights.get(row)) else {
            return Vec::new();
        };
        let weight = polynomial::dot(field, weights.iter().map(|(i, b)| (b, &phi[*i])));
        let density = Number::from(self.forest.get(tree).density as i64);
        let density = polynomial::constant(field, field.convert(&density));
        self.steps += weight.len() as u64 * (1 + weights.len() as u64);
        let scaled = polynomial::dot(field, [(&density, &weight)].into_iter());
        polynomial::subtract(field, &scaled, &one)
    }

    /// Computes `Φ(t) = Φ(t′) ⊙ AΦ(u)`.
    fn prepare(&mut self, leaf: usize, tree: usize) {
        if self.leaves[leaf].phi.contains_key(&tree) {
            return;
        }
        let parts = self.forest.get(tree);
        self.prepare(leaf, parts.stem);
        if !self.leaves[leaf].grafted.contains_key(&parts.graft) {
            self.prepare(leaf, parts.graft);
            let graft = &self.leaves[leaf].phi[&parts.graft];
            let rows = self
                .matrix
                .iter()
                .map(|row| polynomial::dot(self.field, row.iter().map(|(j, a)| (a, &graft[*j]))));
            let grafted: Vec<_> = rows.collect();
            let entries: usize = self.matrix.iter().map(Vec::len).sum();
            let degree = grafted.iter().map(Vec::len).max().unwrap_or(0);
            self.steps += (entries * degree) as u64;
            self.leaves[leaf].grafted.insert(parts.graft, grafted);
        }
        let (stem, graft) = (
            &self.leaves[leaf].phi[&parts.stem],
            &self.leaves[leaf].grafted[&parts.graft],
        );
        let pairs = stem.iter().zip(graft);
        let phi: Vec<_> = pairs
            .map(|pair| polynomial::dot(self.field, [pair].into_iter()))
            .collect();
        self.steps += phi.iter().map(|p| (p.len() * p.len()) as u64).sum::<u64>();
        self.leaves[leaf].phi.insert(tree, phi);
    }
}
