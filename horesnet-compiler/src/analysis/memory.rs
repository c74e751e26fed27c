//! How many stage values a block holds at once, and how little storage a scheme could do with.

use nalgebra::DMatrix;
use num_traits::Zero;

use super::effort::{Effort, Figure, Unknown, reduction, words};
use super::scaled::Scaled;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::plan::Plan;

/// Most stage values held at once while the propagated result is computed, with and without two analyses.
///
/// Values are counted as each stage appears, those it has just used among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveTensors {
    /// As the generated block does it: stages that do not matter left out, each value dropped after its last use.
    pub block: usize,
    /// Stages that do not matter left out, every value kept.
    pub without_last_use: usize,
    /// All stages of the tableau computed, each value dropped after its last use.
    pub without_dead_stages: usize,
    /// All stages computed and kept.
    pub without_either: usize,
}

impl LiveTensors {
    /// Of an explicit tableau.
    pub fn of(tableau: &Tableau) -> Figure<Self> {
        let plan = Plan::new(tableau).map_err(|_| Unknown::Implicit)?;
        let stages = plan.stages.iter().enumerate();
        let last_use = stages.map(|(i, stage)| {
            let used_by_weights = plan.weights.iter().any(|term| term.stage == i);
            if used_by_weights {
                plan.stages.len()
            } else {
                stage.last_use.unwrap_or(i)
            }
        });
        let weights = tableau.weights.first();
        let last_use_of_all = (0..tableau.stages()).map(|j| {
            if weights.is_some_and(|row| !row.values[j].is_zero()) {
                return tableau.stages();
            }
            let uses = (0..tableau.stages()).rev();
            { uses }
                .find(|&i| !tableau.matrix[(i, j)].is_zero())
                .unwrap_or(j)
        });
        Ok(Self {
            block: most_held(&last_use.collect::<Vec<_>>()),
            without_last_use: plan.stages.len(),
            without_dead_stages: most_held(&last_use_of_all.collect::<Vec<_>>()),
            without_either: tableau.stages(),
        })
    }
}

/// The most values held as a stage appears: itself and those before it with a use now or later.
fn most_held(last_use: &[usize]) -> usize {
    let held = |i: usize| 1 + last_use.iter().take(i).filter(|&&last| last >= i).count();
    (0..last_use.len()).map(held).max().unwrap_or(0)
}

/// A form that needs two registers a variable whatever the number of stages (Williamson 1980):
/// `q ← A_i q + h F(x)`, `x ← x + B_i q`, for `i = 1, …, s` with `A_1 = 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct LowStorage {
    /// `A_1, …, A_s`.
    pub a: Vec<Number>,
    /// `B_1, …, B_s`.
    pub b: Vec<Number>,
}

impl LowStorage {
    /// The form of an explicit tableau, if there is one.
    ///
    /// With the weights as the row after the last, `a_(i+1,j) − a_ij = B_i·A_(j+1)⋯A_i`: in every two neighbouring
    /// columns of the differences one is a multiple of the other.
    pub fn of(tableau: &Tableau) -> Figure<Option<Self>> {
        if !tableau.is_explicit() {
            return Err(Unknown::Implicit);
        }
        let effort = &mut Effort::new();
        let stages = tableau.stages();
        let zero = Number::zero();
        let entry = |i: usize, j: usize| {
            let weights = tableau.weights.first();
            if i < stages {
                &tableau.matrix[(i, j)]
            } else {
                weights.map_or(&zero, |row| &row.values[j])
            }
        };
        let whole = DMatrix::from_fn(stages + 1, stages, |i, j| entry(i, j).clone());
        let whole = Scaled::of(&whole, effort)?;
        let mut columns = Columns {
            sizes: DMatrix::from_fn(stages + 1, stages, |i, j| entry(i, j).to_f64().abs()),
            whole: &whole,
            eps: tableau.rounded.as_ref().map(Number::to_f64),
            effort,
        };
        let mut a = vec![Number::zero()];
        for column in 1..stages {
            match columns.ratio(column)? {
                Some(ratio) => a.push(ratio),
                None => return Ok(None),
            }
        }
        let b = (0..stages).map(|i| entry(i + 1, i).clone()).collect();
        Ok(Some(Self { a, b }))
    }
}

struct Columns<'a> {
    whole: &'a Scaled,
    /// The entries in floating point, unscaled.
    sizes: DMatrix<f64>,
    eps: Option<f64>,
    effort: &'a mut Effort,
}

impl Columns<'_> {
    /// `N_(i+1,j) − N_ij`
    fn difference(&self, i: usize, j: usize) -> Number {
        &self.whole.matrix[(i + 1, j)] - &self.whole.matrix[(i, j)]
    }

    /// What multiple of a column, from the diagonal on, the one before it is.
    fn ratio(&mut self, column: usize) -> Figure<Option<Number>> {
        let stages = self.whole.matrix.ncols();
        let pairs = (column..stages).map(|i| {
            (
                i,
                self.difference(i, column),
                self.difference(i, column - 1),
            )
        });
        let pairs: Vec<_> = pairs.collect();
        let size = |number: &Number| number.to_f64().abs();
        let largest = pairs
            .iter()
            .max_by(|(_, p, _), (_, q, _)| size(p).total_cmp(&size(q)));
        let ratio = largest.and_then(|(_, divisor, before)| before.checked_div(divisor));
        // A column of zeros leaves the ratio free if there is nothing to multiply it to.
        let ratio = ratio.unwrap_or_else(Number::zero);
        let length = words([&ratio]) + words(self.whole.matrix.iter());
        self.effort.spend(pairs.len() as f64 * reduction(length))?;
        let met = |(i, divisor, before): &(usize, Number, Number)| {
            let residual = before - &(&ratio * divisor);
            residual.is_zero() || self.is_rounding(*i, column, &residual, &ratio)
        };
        Ok(pairs.iter().all(met).then_some(ratio))
    }

    /// Whether rounded entries explain the residual of the row.
    fn is_rounding(&self, i: usize, column: usize, residual: &Number, ratio: &Number) -> bool {
        let Some(eps) = self.eps else {
            return false;
        };
        let both = |j: usize| self.sizes[(i, j)] + self.sizes[(i + 1, j)];
        let magnitude = both(column - 1) + 3.0 * ratio.to_f64().abs() * both(column);
        // Back from the integers, which are beyond floating point.
        let residual = residual.checked_div(&self.whole.denominator);
        residual.is_some_and(|residual| residual.to_f64().abs() <= 2.0 * eps * magnitude)
    }
}
