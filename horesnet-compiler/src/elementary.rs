//! Elementary weights `Φ(t)` of all trees in any ring, with shared subtrees:
//! `Φ(τ) = e` and `Φ(t′∘u) = Φ(t′) ⊙ AΦ(u)` (Butcher 2016, §312).

use nalgebra::{DMatrix, DVector};

use crate::number::Number;
use crate::tableau::Tableau;
use crate::tree::Forest;

/// What the walk needs of its numbers.
pub(crate) trait Ring {
    type Element: Clone;
    fn one(&self) -> Self::Element;
    fn convert(&self, number: &Number) -> Self::Element;
    fn multiply(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// `Σ a·v[j]` over the pairs `(j, a)`.
    fn dot(&self, row: &[(usize, Self::Element)], v: &[Self::Element]) -> Self::Element;
}

/// Rows without their zeros.
type Sparse<T> = Vec<(usize, T)>;

/// `Φ` and `AΦ` of every tree so far, as rows of `stages` elements.
pub(crate) struct Elementary<R: Ring> {
    pub(crate) ring: R,
    matrix: Vec<Sparse<R::Element>>,
    weights: Vec<Sparse<R::Element>>,
    leaf: Vec<R::Element>,
    phi: Vec<Vec<R::Element>>,
    grafted: Vec<Vec<R::Element>>,
}

impl<R: Ring> Elementary<R> {
    /// `leaf` stands for `AΦ(τ)`: the row sums of `A`, or the nodes of the file.
    pub(crate) fn new(ring: R, tableau: &Tableau, leaf: &DVector<Number>) -> Self {
        let leaf = leaf.iter().map(|n| ring.convert(n)).collect();
        Self::with_leaf(ring, tableau, leaf)
    }

    /// The same with the leaf as elements of the ring.
    pub(crate) fn with_leaf(ring: R, tableau: &Tableau, leaf: Vec<R::Element>) -> Self {
        let sparse = |numbers: &mut dyn Iterator<Item = &Number>| {
            let entries = numbers
                .enumerate()
                .filter(|(_, n)| !num_traits::Zero::is_zero(*n));
            entries
                .map(|(j, n)| (j, ring.convert(n)))
                .collect::<Vec<_>>()
        };
        let matrix = tableau
            .matrix
            .row_iter()
            .map(|row| sparse(&mut row.iter()))
            .collect();
        let weights = tableau
            .weights
            .iter()
            .map(|row| sparse(&mut row.values.iter()))
            .collect();
        let phi = vec![vec![ring.one(); tableau.stages()]];
        Self {
            ring,
            matrix,
            weights,
            leaf,
            phi,
            grafted: Vec::new(),
        }
    }

    /// Computes `Φ` for the trees up to `order`, which the forest holds.
    pub(crate) fn extend(&mut self, forest: &Forest, order: usize) {
        for index in self.phi.len()..forest.range(order).end {
            let tree = forest.get(index);
            while self.grafted.len() <= tree.graft {
                self.graft();
            }
            let pairs = self.phi[tree.stem].iter().zip(&self.grafted[tree.graft]);
            self.phi
                .push(pairs.map(|(a, b)| self.ring.multiply(a, b)).collect());
        }
    }

    fn graft(&mut self) {
        let tree = self.grafted.len();
        let grafted = if tree == 0 {
            self.leaf.clone()
        } else {
            self.matrix
                .iter()
                .map(|row| self.ring.dot(row, &self.phi[tree]))
                .collect()
        };
        self.grafted.push(grafted);
    }

    /// `Σ b_i Φ_i(t)` for weights row `row`.
    pub(crate) fn weight(&self, row: usize, tree: usize) -> R::Element {
        self.ring.dot(&self.weights[row], &self.phi[tree])
    }
}

/// `Σ b_i Φ_i(t)` of one tree, exactly.
pub(crate) fn weight(
    forest: &Forest,
    tree: usize,
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    leaf: &DVector<Number>,
) -> Number {
    weights.dot(&phi(forest, tree, matrix, leaf))
}

fn phi(
    forest: &Forest,
    tree: usize,
    matrix: &DMatrix<Number>,
    leaf: &DVector<Number>,
) -> DVector<Number> {
    if tree == 0 {
        return DVector::from_element(leaf.len(), num_traits::One::one());
    }
    let t = forest.get(tree);
    let grafted = if t.graft == 0 {
        leaf.clone()
    } else {
        matrix * phi(forest, t.graft, matrix, leaf)
    };
    phi(forest, t.stem, matrix, leaf).component_mul(&grafted)
}
