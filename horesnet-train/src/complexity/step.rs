//! What a scheme makes of the cost of its residual functions.
//!
//! Every stage's function keeps what it reads, whatever the scheme; combinations keep nothing. On the way back, the gradients
//! of all states between the stages wait for the block's input, which all of them started from.

use horesnet_compiler::analysis::LiveTensors;
use horesnet_compiler::library;
use horesnet_compiler::plan::{Plan, Stage};
use horesnet_compiler::tableau::Tableau;

use super::cost::{Cost, Memory};
use crate::error::{Error, Result};
use crate::schemes::Scheme;

/// The plan of a scheme in numbers.
pub(super) struct Wiring {
    stages: u64,
    /// Coefficients that are not 0, in the rows of the stages and in the weights.
    terms: u64,
    /// The most stage values at once.
    live: u64,
    /// The stages and coefficients that the estimate of the error needs besides.
    estimate: [u64; 2],
}

impl Wiring {
    pub(super) fn of(scheme: &Scheme) -> Result<Self> {
        let unreadable = || Error::setting("scheme", format!("{} has no plan", scheme.name));
        let bundled = library::find(scheme.name).ok_or_else(unreadable)?;
        let document = horesnet_compiler::parse(bundled.text).map_err(|_| unreadable())?;
        let tableau = Tableau::new(&document).map_err(|_| unreadable())?;
        let plan = Plan::new(&tableau).map_err(|_| unreadable())?;
        let live = LiveTensors::of(&tableau).map_err(|_| unreadable())?;
        let terms = |stages: &[Stage], weights: usize| {
            let rows = stages.iter().map(|stage| stage.terms.len());
            (rows.sum::<usize>() + weights) as u64
        };
        let estimate = plan.estimate.as_ref().map_or([0, 0], |estimate| {
            let weights = estimate.weights.len();
            [
                estimate.stages.len() as u64,
                terms(&estimate.stages, weights),
            ]
        });
        Ok(Self {
            estimate,
            stages: plan.stages.len() as u64,
            terms: terms(&plan.stages, plan.weights.len()),
            live: live.block as u64,
        })
    }

    /// A step on `state` numbers that goes by the estimate of its error. What it keeps of that is not known.
    pub(super) fn adaptive(&self, state: u64, function: Cost) -> Cost {
        let [stages, terms] = self.estimate;
        let stages = self.stages + stages;
        let combinations = state.saturating_mul(self.terms + terms);
        Cost::unknown(
            function.parameters.saturating_mul(stages),
            { function.multiply_adds.saturating_mul(stages) }.saturating_add(combinations),
        )
    }

    /// A step on `state` numbers, or the increment of one.
    pub(super) fn cost(&self, state: u64, function: Cost, step: bool) -> Cost {
        if self.stages == 1 && !step {
            // Weights sum to 1: the increment is the stage, and no combination is formed.
            return function;
        }
        let each = |number: u64| number.saturating_mul(self.stages);
        let states = |count: u64| state.saturating_mul(count);
        Cost {
            parameters: each(function.parameters),
            multiply_adds: each(function.multiply_adds).saturating_add(states(self.terms)),
            memory: function.memory.map(|function| Memory {
                saved: each(function.saved),
                gradients: self.gradients(state, function.gradients, step),
                stages: states(self.live - 1).saturating_add(function.stages.max(state)),
            }),
        }
    }

    /// Stages go back one after the other. While the last of them does, the gradients of all other states wait, and that
    /// of a step's output, which the input shares; then all of them are summed.
    fn gradients(&self, state: u64, function: u64, step: bool) -> u64 {
        let waiting = self.stages - 1 + u64::from(step);
        let last = state.saturating_mul(waiting).saturating_add(function);
        let sum = state.saturating_mul(waiting + 2);
        last.max(sum)
    }
}
