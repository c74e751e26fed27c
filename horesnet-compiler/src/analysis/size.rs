//! The size of the coefficients: how much one stage can add to another before anything cancels.
//!
//! Stages that the propagated weights do not reach add nothing.

use crate::language::tableau::Tableau;
use crate::proof::support::reached;

/// Row norms from which a warning is due: stages with weights of their own do not cancel, so that such a combination is
/// that many times as large as the input that it is added to.
const SWAMPING: f64 = 50.0;

/// The largest coefficients of the propagated weights and the stages that they reach.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sizes {
    /// The largest `|a_ij|` and `|b_i|`.
    pub max_abs_coefficient: f64,
    /// The largest `Σ_j |a_ij|` of the stages and `Σ|b_i|` of the propagated weights.
    pub max_row_norm: f64,
    /// The stage with that row norm, from 1; `None` if it is that of the weights.
    pub stage: Option<usize>,
    /// The largest coefficient in that row.
    pub largest_in_row: f64,
}

impl Sizes {
    /// Measures the first row of weights; infinite past the range of `f64`.
    #[must_use]
    pub fn of(tableau: &Tableau) -> Self {
        let weights = tableau.weights.first().map(|row| &row.values);
        let reached = reached(&tableau.matrix, weights).into_iter();
        let stages = reached.map(|i| (Some(i + 1), tableau.matrix.row(i).transpose()));
        let mut sizes = Self::default();
        for (stage, row) in stages.chain(weights.map(|row| (None, row.clone()))) {
            let row = row.map(|a| a.to_f64().abs());
            let (norm, largest) = (row.sum(), row.iter().copied().fold(0.0, f64::max));
            sizes.max_abs_coefficient = sizes.max_abs_coefficient.max(largest);
            if norm > sizes.max_row_norm {
                (sizes.max_row_norm, sizes.stage) = (norm, stage);
                sizes.largest_in_row = largest;
            }
        }
        sizes
    }

    /// A warning for networks in which every stage has weights of its own.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        if self.max_row_norm < SWAMPING {
            return None;
        }
        let row = match self.stage {
            Some(stage) => format!("stage {stage} has"),
            None => "the weights have".to_owned(),
        };
        Some(format!(
            "{row} coefficients up to {:.4} and a row norm of {:.4}: with independent weights for each stage they \
             do not cancel, and swamp the input",
            self.largest_in_row, self.max_row_norm
        ))
    }
}
