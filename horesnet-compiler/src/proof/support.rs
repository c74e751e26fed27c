//! The stages that count in a proof, and where their coefficients are.
//!
//! A stage that no weight reaches is dead. One that is evaluated where the step begins, with an empty row and a zero
//! node, has `Φ_i(t) = 0` for every tree but the single node: it counts for `Σ b_i` alone.

use nalgebra::DVector;
use num_traits::Zero;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::tree::Forest;

/// Where `A` and `b` are not zero, among the stages that count.
pub(crate) struct Support {
    /// The stages that count, as indices into the tableau; all others here are indices into this.
    pub(crate) stages: Vec<usize>,
    /// Non-zero columns of every row of `A`.
    pub(crate) rows: Vec<Vec<usize>>,
    /// Where `b`, `Aᵀb` and `AᵀAᵀb` may not be zero, for every row of weights.
    pub(crate) weights: Vec<[Vec<usize>; 3]>,
}

impl Support {
    /// `leaf` tells whether the number at the leaves of a stage is not zero.
    pub(crate) fn of(tableau: &Tableau, leaf: impl Fn(usize) -> bool) -> Self {
        let matrix = &tableau.matrix;
        let uses = |i: usize, j: usize| !matrix[(i, j)].is_zero();
        let mut live: Vec<_> = (0..tableau.stages())
            .map(|i| tableau.weights.iter().any(|row| !row.values[i].is_zero()))
            .collect();
        let mut found: Vec<_> = (0..live.len()).filter(|&i| live[i]).collect();
        while let Some(i) = found.pop() {
            for j in (0..live.len()).filter(|&j| uses(i, j)) {
                if !live[j] {
                    live[j] = true;
                    found.push(j);
                }
            }
        }
        let moves = |i: usize| leaf(i) || (0..live.len()).any(|j| uses(i, j));
        let stages: Vec<_> = (0..live.len()).filter(|&i| live[i] && moves(i)).collect();
        let nonzero = |number: &dyn Fn(usize) -> bool| {
            (0..stages.len())
                .filter(|&j| number(stages[j]))
                .collect::<Vec<_>>()
        };
        let rows: Vec<_> = { stages.iter() }
            .map(|&i| nonzero(&|j| uses(i, j)))
            .collect();
        let below = |found: &[usize]| {
            let mut below: Vec<_> = found.iter().flat_map(|&i| &rows[i]).copied().collect();
            below.sort_unstable();
            below.dedup();
            below
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

    /// A vector with one number for each stage of the tableau, less those that do not count.
    pub(crate) fn select<'a>(
        &'a self,
        all: &'a DVector<Number>,
    ) -> impl Iterator<Item = &'a Number> + Clone {
        self.stages.iter().map(move |&i| &all[i])
    }

    /// Numbers that a walk through all conditions up to `order` keeps, at most.
    pub(crate) fn numbers(&self, forest: &Forest, order: usize) -> f64 {
        let grafted = 2 * forest.range(order.saturating_sub(1) / 2).end * self.weights.len();
        let kept = forest.range(order.saturating_sub(1)).end + grafted;
        kept as f64 * self.stages.len() as f64
    }

    /// Multiplications of such a walk, at most: a matrix for each tree that is planted, a vector for each that is
    /// grafted, and a row of weights for each condition.
    pub(crate) fn steps(&self, forest: &Forest, order: usize) -> f64 {
        let trees = |less: usize| forest.range(order.saturating_sub(less)).end as f64;
        let entries: usize = self.rows.iter().map(Vec::len).sum();
        let longest = |row: &[Vec<usize>; 3]| row.iter().map(Vec::len).max().unwrap_or(0);
        let weights: usize = self.weights.iter().map(longest).sum();
        trees(3) * entries as f64 + trees(1) * self.stages.len() as f64 + trees(0) * weights as f64
    }
}
