//! The principal error: how far the conditions of the first order beyond the scheme's are from being met.
//!
//! Each tree counts as `τ(t) = (Σ b_i Φ_i(t) − 1/γ(t))/σ(t)`, the coefficient of its elementary differential in the
//! local error (Hairer, Nørsett, Wanner 1993, §II.3; Prince, Dormand 1981).

use nalgebra::DVector;
use num_traits::Zero;

use super::effort::{Figure, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::double_double::DoubleDouble;
use crate::proof::tree::Forest;

/// Most operations on one tableau: some tenths of a second.
const EFFORT: f64 = 2e8;

/// Most bytes of elementary weights.
const MEMORY: f64 = 2.5e8;

/// The size of the principal error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrincipalError {
    /// `√Σ τ(t)²` over the trees of the order.
    pub norm: f64,
    /// `max |τ(t)|`.
    pub max: f64,
}

/// The principal error of each row of weights, whose orders are known; with the row sums of `A` or the
/// nodes of the file at the leaves of the trees.
///
/// Computed with some 32 digits, so that what is left of the residuals is right to double precision.
pub(crate) fn principal(
    tableau: &Tableau,
    by_nodes: bool,
    orders: &[Option<usize>],
) -> Vec<Figure<PrincipalError>> {
    let mut walk = Walk::new(tableau, by_nodes);
    let mut figures = vec![Err(Unknown::Order); orders.len()];
    // Ascending, so that the walk only grows and a refusal spoils no lower order.
    let mut known: Vec<_> = orders
        .iter()
        .enumerate()
        .filter_map(|(row, order)| Some(((*order)?, row)))
        .collect();
    known.sort_unstable();
    for (order, row) in known {
        let weights = tableau.weights.get(row).map(|row| &row.values);
        if let (Some(weights), Some(figure)) = (weights, figures.get_mut(row)) {
            *figure = walk.principal(weights, order + 1);
        }
    }
    figures
}

/// `Φ` and `AΦ` of all trees below some orders.
struct Walk {
    stages: usize,
    entries: f64,
    matrix: Vec<Sparse>,
    leaf: Vec<DoubleDouble>,
    forest: Forest,
    phi: Vec<Vec<DoubleDouble>>,
    grafted: Vec<Vec<DoubleDouble>>,
}

impl Walk {
    fn new(tableau: &Tableau, by_nodes: bool) -> Self {
        let matrix = tableau.matrix.row_iter().map(|row| {
            let entries = row.iter().enumerate().filter(|(_, a)| !a.is_zero());
            entries.map(|(j, a)| (j, DoubleDouble::of(a))).collect()
        });
        let matrix: Vec<Vec<_>> = matrix.collect();
        let leaf = if by_nodes {
            tableau.nodes.iter().map(DoubleDouble::of).collect()
        } else {
            let sum = |row: &Sparse| dot(row, |_| DoubleDouble::ONE);
            matrix.iter().map(sum).collect()
        };
        Self {
            stages: tableau.stages(),
            entries: matrix.iter().map(Vec::len).sum::<usize>() as f64,
            matrix,
            leaf,
            forest: Forest::default(),
            phi: Vec::new(),
            grafted: Vec::new(),
        }
    }

    /// The principal error over the trees of `order`.
    fn principal(&mut self, weights: &DVector<Number>, order: usize) -> Figure<PrincipalError> {
        while self.forest.order() < order {
            // Each order has about three times as many trees as the last.
            let trees = self.forest.len() as f64;
            let operations = trees * (self.entries + 6.0 * self.stages as f64);
            if operations > EFFORT || trees * 32.0 * self.stages as f64 > MEMORY {
                return Err(Unknown::TooLarge);
            }
            self.forest.grow();
        }
        self.extend(order);
        let weights = weights.iter().enumerate().filter(|(_, b)| !b.is_zero());
        let weights: Vec<_> = weights.map(|(i, b)| (i, DoubleDouble::of(b))).collect();
        let through = self.through(&weights);
        let (mut squares, mut max) = (0.0, 0.0_f64);
        for index in self.forest.range(order) {
            let tree = self.forest.get(index);
            let weight = if index == 0 {
                dot(&weights, |_| DoubleDouble::ONE)
            } else if tree.stem == 0 && tree.graft != 0 {
                // bᵀ·AΦ(u): the largest grafts, of which there are the most, are not multiplied by A.
                let phi = &self.phi[tree.graft];
                dot(&through, |j| phi[j])
            } else {
                let (t, u) = (&self.phi[tree.stem], &self.grafted[tree.graft]);
                dot(&weights, |i| t[i] * u[i])
            };
            let residual = weight - DoubleDouble::reciprocal(tree.density as f64);
            let error = residual.to_f64() / tree.symmetry as f64;
            squares += error * error;
            max = max.max(error.abs());
        }
        let norm = f64::sqrt(squares);
        if norm.is_finite() {
            Ok(PrincipalError { norm, max })
        } else {
            Err(Unknown::TooLarge)
        }
    }

    /// `Φ` of the trees below `order`, and `AΦ` of those below the order before.
    fn extend(&mut self, order: usize) {
        for index in self.phi.len()..self.forest.range(order).start {
            let tree = self.forest.get(index);
            let phi = if index == 0 {
                vec![DoubleDouble::ONE; self.stages]
            } else {
                self.graft(tree.graft);
                let factors = self.phi[tree.stem].iter().zip(&self.grafted[tree.graft]);
                factors.map(|(t, u)| *t * *u).collect()
            };
            self.phi.push(phi);
        }
        let below = self.forest.range(order.saturating_sub(1)).start;
        self.graft(below.saturating_sub(1));
    }

    /// `AΦ` of the trees up to `index`.
    fn graft(&mut self, index: usize) {
        for index in self.grafted.len()..=index {
            let grafted = if index == 0 {
                self.leaf.clone()
            } else {
                let phi = &self.phi[index];
                self.matrix.iter().map(|row| dot(row, |j| phi[j])).collect()
            };
            self.grafted.push(grafted);
        }
    }

    /// `bᵀA` without its zeros.
    fn through(&self, weights: &[(usize, DoubleDouble)]) -> Sparse {
        let mut sums = vec![DoubleDouble::ZERO; self.stages];
        for (i, b) in weights {
            for (j, a) in &self.matrix[*i] {
                sums[*j] = sums[*j] + *b * *a;
            }
        }
        let sums = sums.into_iter().enumerate();
        sums.filter(|(_, sum)| *sum != DoubleDouble::ZERO).collect()
    }
}

/// A row without its zeros.
type Sparse = Vec<(usize, DoubleDouble)>;

fn dot(row: &[(usize, DoubleDouble)], v: impl Fn(usize) -> DoubleDouble) -> DoubleDouble {
    let products = row.iter().map(|(j, a)| *a * v(*j));
    products.fold(DoubleDouble::ZERO, std::ops::Add::add)
}
