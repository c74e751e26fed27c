//! One evaluation of a block: its stages in turn, its output and, on request, its error estimate.

use candle_core::{Result, Tensor, bail};
use candle_nn::ModuleT;

use super::OutputKind;
use super::recomputed::{self, StageCall};
use super::stages::Functions;
use crate::autograd::{Coefficient, Operand, check_terms, combine_learned, weighted_sum_learned};
use crate::coefficients::Step;

/// A block being evaluated at `x`. Stages are numbered from 1.
#[derive(Debug)]
pub struct Evaluation<'a, F> {
    functions: Functions<'a, F>,
    h: &'a Step<'a>,
    x: Operand,
    train: bool,
    output: OutputKind<'a>,
    /// All stages so far, if an error estimate is wanted.
    kept: Option<Vec<Operand>>,
    /// How to call the residual functions so that they are computed again in the backward pass.
    recomputed: Option<StageCall>,
}

impl<'a, F: ModuleT> Evaluation<'a, F> {
    /// See [`Stages::at`](super::Stages::at).
    pub(super) fn new(
        functions: Functions<'a, F>,
        h: &'a Step<'a>,
        x: &Tensor,
        train: bool,
        output: OutputKind<'a>,
    ) -> Result<Self> {
        if h.control().is_some() && matches!(functions, Functions::Separate(_)) {
            bail!(
                "adaptive coefficients need a block with one residual function for all stages, made with `shared`: \
                 over separate functions, the embedded weights of {} do not estimate the error",
                h.tableau().name()
            );
        }
        let estimates = matches!(output, OutputKind::OutputAndError(_)) || h.control().is_some();
        Ok(Self {
            functions,
            h,
            x: Operand::new(x.clone())?,
            train,
            output,
            kept: estimates.then(Vec::new),
            recomputed: recomputed::take_stages(),
        })
    }

    /// Evaluates stage `i`: `k_i = F_i(x + Σ cⱼkⱼ)`.
    ///
    /// # Errors
    /// Errors of the residual function and of the combination; a stage without a residual function.
    pub fn stage(&mut self, i: usize, terms: &[(Coefficient, &Operand)]) -> Result<Operand> {
        let k = self.value(i, terms)?;
        if let Some(kept) = &mut self.kept {
            kept.push(k.clone());
        }
        Ok(k)
    }

    fn value(&self, i: usize, terms: &[(Coefficient, &Operand)]) -> Result<Operand> {
        let input = combine_learned(&self.x, terms)?;
        let k = match &self.recomputed {
            Some(call) => call.checkpoint(i, &input)?,
            None => self.functions.call(i, &input, self.train)?,
        };
        Operand::new(k)
    }

    /// Forms the output from the stages and `h·b_i`.
    ///
    /// # Errors
    /// Stages that differ from `x` in shape, dtype or device.
    pub fn finish(mut self, weights: &[(Coefficient, &Operand)]) -> Result<Tensor> {
        let error = match self.kept.take() {
            Some(stages) => Some(self.error(stages)?),
            None => None,
        };
        let mut output = self.form(weights)?;
        if let (Some(control), Some(error)) = (self.h.control(), &error)
            && let Some(excess) = control.excess(self.x.tensor(), error, self.h.tableau())?
        {
            let increment = match self.output {
                OutputKind::Increment => output.clone(),
                _ => weighted_sum_learned(weights)?,
            };
            // The full step plus `φ − 1` times the increment: within the tolerance, the result is exactly the full step.
            output = (output + increment.broadcast_mul(&excess)?)?;
        }
        if let (OutputKind::OutputAndError(cell), Some(error)) = (self.output, error) {
            cell.get_or_init(|| error);
        }
        Ok(output)
    }

    fn form(&self, weights: &[(Coefficient, &Operand)]) -> Result<Tensor> {
        match self.output {
            OutputKind::Increment => {
                check_terms(&self.x, weights)?;
                weighted_sum_learned(weights)
            }
            _ => combine_learned(&self.x, weights),
        }
    }

    /// The error estimate `Σ h·(b_i − b̂_i)·k_i`, including the stages that only the embedded weights need.
    fn error(&self, mut stages: Vec<Operand>) -> Result<Tensor> {
        let (h, tableau) = (self.h, self.h.tableau());
        for i in stages.len() + 1..=tableau.all_stages() {
            let terms: Vec<_> = (1..)
                .zip(&stages)
                .filter(|(j, _)| tableau.a(i, *j) != 0.0)
                .map(|(j, k)| (h.a(i, j), k))
                .collect();
            let k = self.value(i, &terms)?;
            stages.push(k);
        }
        let terms: Vec<_> = (1..)
            .zip(&stages)
            .filter(|(i, _)| tableau.error(*i) != 0.0)
            .map(|(i, k)| (h.error(i), k))
            .collect();
        weighted_sum_learned(&terms)
    }
}
