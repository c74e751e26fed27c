//! The sparsity of a tableau: stages that matter in a proof, and their non-zero coefficients.
//!
//! Stages that reach no weight do not matter. A first stage, with an empty row and node 0, has `Φ_i(t) = 0` for every tree
//! but the single node: it matters for `Σ b_i` only.

use nalgebra::{DMatrix, DVector};
use num_traits::Zero;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::tree::Forest;

/// Stages that these rows of weights reach, ascending, from 0.
pub(crate) fn reached<'a>(
    matrix: &DMatrix<Number>,
    weights: impl IntoIterator<Item = &'a DVector<Number>>,
) -> Vec<usize> {
    let mut reached = vec![false; matrix.nrows()];
    let used = |row: &'a DVector<Number>| (0..row.len()).filter(|&i| !row[i].is_zero());
    let mut open: Vec<usize> = weights.into_iter().flat_map(used).collect();
    while let Some(i) = open.pop() {
        if !std::mem::replace(&mut reached[i], true) {
            open.extend((0..matrix.ncols()).filter(|&j| !matrix[(i, j)].is_zero()));
        }
    }
    (0..reached.len()).filter(|&i| reached[i]).collect()
}

/// Steps to look at a tree.
const TREE: f64 = 8.0;

/// The non-zero entries of `A` and `b` among the stages that matter.
pub(crate) struct Support {
    /// The stages that matter, as indices into the tableau. All other indices refer to this list.
    pub(crate) stages: Vec<usize>,
    /// Non-zero columns of every row of `A`.
    pub(crate) rows: Vec<Vec<usize>>,
    /// Possibly non-zero entries of `b`, `Aᵀb` and `AᵀAᵀb`, for every row of weights.
    pub(crate) weights: Vec<[Vec<usize>; 3]>,
}

impl Support {
    /// Finds the support; `leaf(i)` is true if the leaf value of stage `i` is not zero.
    pub(crate) fn of(tableau: &Tableau, leaf: impl Fn(usize) -> bool) -> Self {
        let matrix = &tableau.matrix;
        let uses = |i: usize, j: usize| !matrix[(i, j)].is_zero();
        let live = reached(matrix, tableau.weights.iter().map(|row| &row.values));
        let moves = |&i: &usize| leaf(i) || (0..tableau.stages()).any(|j| uses(i, j));
        let stages: Vec<_> = live.into_iter().filter(moves).collect();
        let nonzero = |number: &dyn Fn(usize) -> bool| {
            let columns = (0..stages.len()).filter(|&j| number(stages[j]));
            columns.collect::<Vec<_>>()
        };
        let rows: Vec<_> = { stages.iter() }
            .map(|&i| nonzero(&|j| uses(i, j)))
            .collect();
        let below = |found: &[usize]| {
            let mut below = vec![false; stages.len()];
            for &j in found.iter().flat_map(|&i| &rows[i]) {
                below[j] = true;
            }
            (0..stages.len()).filter(|&j| below[j]).collect::<Vec<_>>()
        };
        let weights = tableau.weights.iter().map(|row| {
            let weights = nonzero(&|j| !row.values[j].is_zero());
            let once = below(&weights);
            let twice = below(&once);
            [weights, once, twice]
        });
        Self {
            weights: weights.collect(),
            rows,
            stages,
        }
    }

    /// The non-zero entries of row `i`.
    pub(crate) fn row<'a>(
        &'a self,
        tableau: &'a Tableau,
        i: usize,
    ) -> impl Iterator<Item = &'a Number> + Clone {
        { self.rows[i].iter() }.map(move |&j| &tableau.matrix[(self.stages[i], self.stages[j])])
    }

    /// All non-zero entries of `A`, row after row.
    pub(crate) fn entries<'a>(
        &'a self,
        tableau: &'a Tableau,
    ) -> impl Iterator<Item = &'a Number> + Clone {
        (0..self.stages.len()).flat_map(move |i| self.row(tableau, i))
    }

    /// Restricts a vector over all stages to those that matter.
    pub(crate) fn select<'a>(
        &'a self,
        all: &'a DVector<Number>,
    ) -> impl Iterator<Item = &'a Number> + Clone {
        self.stages.iter().map(move |&i| &all[i])
    }

    /// The most numbers that a walk through all conditions up to `order` keeps.
    pub(crate) fn numbers(&self, forest: &Forest, order: usize) -> f64 {
        let grafted = 2 * forest.range(order.saturating_sub(1) / 2).end * self.weights.len();
        let kept = forest.range(order.saturating_sub(1)).end + grafted;
        kept as f64 * self.stages.len() as f64
    }

    /// The most multiplications of such a walk: a matrix product per planted tree, a vector product per grafted tree,
    /// and a row of weights per condition.
    pub(crate) fn steps(&self, forest: &Forest, order: usize) -> f64 {
        let trees = |less: usize| forest.range(order.saturating_sub(less)).end as f64;
        let entries: usize = self.rows.iter().map(Vec::len).sum();
        let longest = |row: &[Vec<usize>; 3]| row.iter().map(Vec::len).max().unwrap_or(0);
        let weights: usize = self.weights.iter().map(longest).sum();
        TREE * trees(0)
            + trees(3) * entries as f64
            + trees(1) * self.stages.len() as f64
            + trees(0) * weights as f64
    }
}
