//! The number of stage values that a block holds at once.

use num_traits::Zero;

use super::figure::{Figure, Unknown};
use crate::language::tableau::Tableau;
use crate::plan::Plan;

/// Most stage values held at once while the propagated result is computed, with and without two analyses.
///
/// Values are counted as each stage appears, those it has just used among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveTensors {
    /// In the generated block: dead stages left out, each value dropped after its last use.
    pub block: usize,
    /// Dead stages left out, every value kept.
    pub without_last_use: usize,
    /// All stages of the tableau computed, each value dropped after its last use.
    pub without_dead_stages: usize,
    /// All stages computed and kept.
    pub without_either: usize,
}

impl LiveTensors {
    /// Counts the values of an explicit tableau.
    pub fn of(tableau: &Tableau) -> Figure<Self> {
        let plan = Plan::new(tableau).map_err(|_| Unknown::Implicit)?;
        let planned = |j: usize| {
            if plan.weights.iter().any(|term| term.stage == j) {
                return plan.stages.len();
            }
            plan.stages[j].last_use.unwrap_or(j)
        };
        let (stages, weights) = (tableau.stages(), tableau.weights.first());
        let written = |j: usize| {
            if weights.is_some_and(|row| !row.values[j].is_zero()) {
                return stages;
            }
            let mut users = (0..stages).rev();
            let last_use = users.find(|&i| !tableau.matrix[(i, j)].is_zero());
            last_use.unwrap_or(j)
        };
        Ok(Self {
            block: most_held(plan.stages.len(), planned),
            without_last_use: plan.stages.len(),
            without_dead_stages: most_held(stages, written),
            without_either: stages,
        })
    }
}

/// The most values held as a stage appears: itself and those before it with a use now or later.
fn most_held(stages: usize, last_use: impl Fn(usize) -> usize) -> usize {
    let last_use: Vec<_> = (0..stages).map(last_use).collect();
    let held = |i: usize| 1 + last_use.iter().take(i).filter(|&&last| last >= i).count();
    (0..stages).map(held).max().unwrap_or(0)
}
