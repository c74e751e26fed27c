//! Elementary weights of all trees over common denominators, in exact numbers.
//!
//! The matrix has a column more, for the values at the leaves: `A′ = [[A, c], [0, 0]]`, so that `A′e_(s+1)` is `Φ([τ])`.
//! Over the common denominator `D` of its entries, `Φ(t)` of a tree of `n` nodes is integers over `D^(n−1)`.

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge, WORD, operation_on, words};
use crate::number::scaled::{self, BITS, Integers, Scaled};
use crate::proof::tree::Forest;

/// Bytes of a number beside its digits.
pub(super) const OVERHEAD: f64 = 96.0;

/// The elementary weights of a tableau, tree after tree.
pub(super) struct ElementaryWeights {
    /// `A′`.
    matrix: Scaled,
    rows: Vec<Integers>,
    /// `Φ(t)` times `D^(n−1)`, with a zero more; of the single node `e_(s+1)`.
    phi: Vec<DVector<Number>>,
    /// `D^(n−1)` of each order `n`, from 1.
    scales: Vec<Number>,
}

impl ElementaryWeights {
    pub(super) fn of(
        tableau: &Tableau,
        leaf: &DVector<Number>,
        budget: &mut Budget,
    ) -> Result<Self, TooLarge> {
        let stages = tableau.stages();
        let bordered = DMatrix::from_fn(stages + 1, stages + 1, |i, j| {
            let entry = if j == stages {
                leaf.get(i)
            } else {
                tableau.matrix.get((i, j))
            };
            entry.cloned().unwrap_or_else(Number::zero)
        });
        let rows = tableau.weights.iter();
        let rows = rows.map(|row| Integers::of(row.values.iter(), BITS, budget));
        let rows = rows.collect::<Result<_, _>>()?;
        let mut node = DVector::from_element(stages + 1, Number::zero());
        node[stages] = Number::one();
        Ok(Self {
            matrix: Scaled::of(&bordered, budget)?,
            rows,
            phi: vec![node],
            scales: vec![Number::one()],
        })
    }

    /// Computes `Σ b_i Φ_i(t)` of every row; trees must come in their order.
    pub(super) fn weights(
        &mut self,
        forest: &Forest,
        index: usize,
        budget: &mut Budget,
        memory: &mut Budget,
    ) -> Result<Vec<Number>, TooLarge> {
        let tree = forest.get(index);
        let ones = DVector::from_element(self.phi[0].len(), Number::one());
        if index > 0 {
            let phi = self.phi(tree.stem, tree.graft, forest, budget)?;
            let length = words(phi.iter());
            memory.spend(phi.len() as f64 * (OVERHEAD + 8.0 * length))?;
            self.phi.push(phi);
        }
        while self.scales.len() < tree.order {
            let top = self
                .scales
                .last()
                .map_or_else(Number::one, |scale| scale * &self.matrix.denominator);
            self.scales.push(top);
        }
        let phi = self.phi.get(index).filter(|_| index > 0).unwrap_or(&ones);
        let scale = &self.scales[tree.order - 1];
        let rows = self.rows.iter().map(|row| {
            let length = words(phi.iter()) * words(&row.values);
            budget.spend(WORD * row.values.len() as f64 * (20.0 + length))?;
            let sum = scaled::dot(row.values.iter().zip(phi.iter()));
            let length = words([&sum, scale]) + words([&row.denominator]);
            budget.spend(WORD * (40.0 + words([scale]) * words([&row.denominator])))?;
            let denominator = scale * &row.denominator;
            // Where the condition holds, which is seen without a reduction, the weight is known.
            if &sum * &Number::from(tree.density as i64) == denominator {
                return Ok(reciprocal(tree.density));
            }
            budget.spend(2.0 * operation_on(length))?;
            sum.checked_div(&denominator).ok_or(TooLarge)
        });
        rows.collect()
    }

    /// `Φ(t′∘u)`, from that of smaller trees.
    fn phi(
        &self,
        stem: usize,
        graft: usize,
        forest: &Forest,
        budget: &mut Budget,
    ) -> Result<DVector<Number>, TooLarge> {
        if stem == 0 {
            return self.matrix.times(&self.phi[graft], budget);
        }
        let (stem, planted) = (&self.phi[stem], &self.phi[forest.planted(graft)]);
        let length = words(stem.iter()) * words(planted.iter());
        budget.spend(WORD * stem.len() as f64 * (20.0 + length))?;
        Ok(stem.component_mul(planted))
    }
}

pub(super) fn reciprocal(n: u64) -> Number {
    Number::ratio(1, n).unwrap_or_else(Number::one)
}
