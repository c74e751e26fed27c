//! The order conditions of a tableau in which one number is a variable, as polynomials in that number.
//!
//! `Φ(t)` is computed on demand and kept: conditions that a search never asks for cost nothing. The walk of the proof
//! serves numbers of fixed size only, which polynomials are not.

use std::collections::HashMap;

use super::place::{Place, Variable};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::Arithmetic;
use crate::number::polynomial::{self, Polynomial};
use crate::proof::tree::Forest;

/// One of the conditions: of a tree, for a row of weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) tree: usize,
    pub(super) row: usize,
    /// Which of [`Conditions::leaves`] stands at the leaves of the tree.
    pub(super) leaf: usize,
}

/// A tableau of polynomials over a field.
#[derive(Clone)]
pub(super) struct SymbolicTableau<F: Arithmetic> {
    pub(super) matrix: Vec<Vec<Polynomial<F>>>,
    nodes: Vec<Polynomial<F>>,
    pub(super) weights: Vec<Vec<Polynomial<F>>>,
}

impl<F: Arithmetic> SymbolicTableau<F> {
    pub(super) fn new(field: &F, tableau: &Tableau) -> Self {
        let convert = |n: &Number| polynomial::trimmed(field, vec![field.convert(n)]);
        let matrix = tableau.matrix.row_iter();
        let weights = tableau.weights.iter();
        Self {
            matrix: { matrix.map(|row| row.iter().map(convert).collect()) }.collect(),
            nodes: tableau.nodes.iter().map(convert).collect(),
            weights: { weights.map(|row| row.values.iter().map(convert).collect()) }.collect(),
        }
    }

    /// Adds the variable to the entry it stands for.
    pub(super) fn with(mut self, field: &F, variable: Variable) -> Self {
        let place = match variable.place {
            Place::Entry { row, entry } => &mut self.matrix[row - 1][entry - 1],
            Place::Node { row } => &mut self.nodes[row - 1],
            Place::Weight { row, entry } => &mut self.weights[row - 1][entry - 1],
            Place::Claim { .. } | Place::Rounded | Place::Constant { .. } | Place::Parameter => {
                return self;
            }
        };
        place.resize(1, field.zero());
        place.push(field.one());
        if let Some(row) = variable.following_node() {
            self.nodes[row - 1] = self.sum(field, row - 1);
        }
        self
    }

    /// Exchanges two neighbours of a row.
    pub(super) fn swapped(mut self, first: Place) -> Self {
        match first {
            Place::Entry { row, entry } => self.matrix[row - 1].swap(entry - 1, entry),
            Place::Weight { row, entry } => self.weights[row - 1].swap(entry - 1, entry),
            Place::Node { .. }
            | Place::Claim { .. }
            | Place::Rounded
            | Place::Constant { .. }
            | Place::Parameter => {}
        }
        self
    }

    fn sum(&self, field: &F, row: usize) -> Polynomial<F> {
        let one = vec![field.one()];
        polynomial::dot(field, self.matrix[row].iter().map(|entry| (entry, &one)))
    }
}

/// The conditions of a [`SymbolicTableau`].
pub(super) struct Conditions<'a, F: Arithmetic> {
    field: &'a F,
    forest: &'a Forest,
    matrix: Vec<Vec<(usize, Polynomial<F>)>>,
    weights: Vec<Vec<(usize, Polynomial<F>)>>,
    /// With the row sums at the leaves, and with the nodes of the file if those differ.
    known: Vec<Known<F>>,
    /// Coefficients multiplied and kept so far.
    pub(super) steps: u64,
    /// Polynomials kept.
    kept: usize,
}

/// Steps to allocate a polynomial.
const ALLOCATION: usize = 8;

/// Most polynomials that are kept: some hundred megabytes.
const KEPT: usize = 1_500_000;

/// `Φ(t)` and `AΦ(t)` of trees.
struct Known<F: Arithmetic> {
    phi: HashMap<usize, Vec<Polynomial<F>>>,
    grafted: HashMap<usize, Vec<Polynomial<F>>>,
}

impl<'a, F: Arithmetic> Conditions<'a, F> {
    pub(super) fn new(field: &'a F, forest: &'a Forest, entries: SymbolicTableau<F>) -> Self {
        let stages = entries.nodes.len();
        let mut leaves = vec![(0..stages).map(|i| entries.sum(field, i)).collect()];
        if leaves[0] != entries.nodes {
            leaves.push(entries.nodes);
        }
        let sparse = |row: Vec<Polynomial<F>>| {
            let entries = row.into_iter().enumerate();
            entries.filter(|(_, entry)| !entry.is_empty()).collect()
        };
        let ones = vec![vec![field.one()]; stages];
        let known = leaves.into_iter().map(|leaf| Known {
            phi: HashMap::from([(0, ones.clone())]),
            grafted: HashMap::from([(0, leaf)]),
        });
        Self {
            field,
            forest,
            matrix: entries.matrix.into_iter().map(sparse).collect(),
            weights: entries.weights.into_iter().map(sparse).collect(),
            known: known.collect(),
            steps: 0,
            kept: 0,
        }
    }

    /// One if the nodes are the row sums whatever the variable is, two otherwise.
    pub(super) fn leaves(&self) -> usize {
        self.known.len()
    }

    /// `γ(t)·Σ b_i Φ_i(t) − 1`, which a solution makes zero.
    pub(super) fn residual(&mut self, condition: Condition) -> Polynomial<F> {
        let Condition { tree, row, leaf } = condition;
        // Nodes that follow their row are the row sums.
        let leaf = leaf.min(self.known.len() - 1);
        self.prepare(leaf, tree);
        let (field, phi) = (self.field, &self.known[leaf].phi[&tree]);
        let weights = &self.weights[row];
        let weight = polynomial::dot(field, weights.iter().map(|(i, b)| (b, &phi[*i])));
        let density = Number::from(self.forest.get(tree).density as i64);
        let density = vec![field.convert(&density)];
        self.steps += weight.len() as u64 * (1 + weights.len() as u64);
        let scaled = polynomial::dot(field, std::iter::once((&density, &weight)));
        polynomial::subtract(field, &scaled, &vec![field.one()])
    }

    /// Computes `Φ(t) = Φ(t′) ⊙ AΦ(u)`.
    fn prepare(&mut self, leaf: usize, tree: usize) {
        if self.known[leaf].phi.contains_key(&tree) {
            return;
        }
        let (field, parts) = (self.field, self.forest.get(tree));
        self.prepare(leaf, parts.stem);
        if !self.known[leaf].grafted.contains_key(&parts.graft) {
            self.prepare(leaf, parts.graft);
            let phi = &self.known[leaf].phi[&parts.graft];
            let product = |row: &Vec<(usize, _)>| {
                polynomial::dot(field, row.iter().map(|(j, a)| (a, &phi[*j])))
            };
            let grafted: Vec<_> = self.matrix.iter().map(product).collect();
            let entries: usize = self.matrix.iter().map(Vec::len).sum();
            let degree = grafted.iter().map(Vec::len).max().unwrap_or(0);
            self.steps += (entries * degree) as u64;
            self.known[leaf].grafted.insert(parts.graft, grafted);
        }
        let Known { phi, grafted } = &mut self.known[leaf];
        let pairs = phi[&parts.stem].iter().zip(&grafted[&parts.graft]);
        let product = pairs.map(|pair| polynomial::dot(field, std::iter::once(pair)));
        let product: Vec<_> = product.collect();
        let squares = product.iter().map(|p| p.len() * p.len());
        self.steps += (squares.sum::<usize>() + ALLOCATION * product.len()) as u64;
        self.kept += product.len();
        if self.kept > KEPT {
            // More than any budget has.
            self.steps = u64::MAX;
        }
        phi.insert(tree, product);
    }
}
