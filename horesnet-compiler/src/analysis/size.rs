//! How large the coefficients are: what one stage can add to another before anything cancels.
//!
//! Stages that the propagated weights do not reach add nothing.

use super::reducibility;
use crate::language::tableau::Tableau;
use crate::number::Number;

/// Row norms from which a warning is due: with weights of their own the stages no longer cancel, and such a
/// combination is that many times as large as the input it is added to.
const SWAMPING: f64 = 50.0;

/// The largest coefficients of the propagated weights and the stages that they reach.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Of the first row of weights; infinite past the range of `f64`.
    #[must_use]
    pub fn of(tableau: &Tableau) -> Self {
        let sizes = |row: &mut dyn Iterator<Item = &Number>| -> Vec<f64> {
            row.map(|a| a.to_f64().abs()).collect()
        };
        let weights = tableau.weights.first().map(|row| &row.values);
        let reached = reducibility::reached(&tableau.matrix, weights).into_iter();
        let stages = reached.map(|i| (Some(i + 1), sizes(&mut tableau.matrix.row(i).iter())));
        let weights = weights.map(|row| (None, sizes(&mut row.iter())));
        let largest = |row: &[f64]| row.iter().copied().fold(0.0, f64::max);
        let mut found = Self {
            max_abs_coefficient: 0.0,
            max_row_norm: 0.0,
            stage: None,
            largest_in_row: 0.0,
        };
        for (stage, row) in stages.chain(weights) {
            let norm: f64 = row.iter().sum();
            found.max_abs_coefficient = found.max_abs_coefficient.max(largest(&row));
            if norm > found.max_row_norm {
                (found.max_row_norm, found.stage) = (norm, stage);
                found.largest_in_row = largest(&row);
            }
        }
        found
    }

    /// What to know before giving every stage weights of its own.
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
