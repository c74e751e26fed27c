//! The cost of a scheme around its residual functions.
//!
//! Each stage's function saves its input, whatever the scheme; combinations save nothing. In the backward pass the gradients of
//! all states between the stages wait for the block's input, from which all of them started.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use horesnet_compiler::analysis::LiveTensors;
use horesnet_compiler::plan::{Plan, Stage};
use horesnet_compiler::tableau::Tableau;

use crate::error::{Error, Result};
use crate::network::parts::cost::{Cost, Memory};
use crate::network::schemes::Scheme;

/// The counts of a scheme's plan.
#[derive(Clone, Copy)]
pub(crate) struct Wiring {
    stages: u64,
    /// Non-zero coefficients of stages and weights.
    terms: u64,
    /// Most stage values alive at once.
    live: u64,
    /// Stages and coefficients that the error estimate takes besides.
    estimate: [u64; 2],
}

/// The counts of schemes so far: networks ask for them once a block.
static PLANNED: Mutex<BTreeMap<&str, Wiring>> = Mutex::new(BTreeMap::new());

impl Wiring {
    pub(crate) fn of(scheme: &Scheme) -> Result<Self> {
        let text = scheme.text();
        let mut planned = PLANNED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wiring) = planned.get(text) {
            return Ok(*wiring);
        }
        let wiring = Self::planned(text)
            .ok_or_else(|| Error::setting("scheme", format!("{} has no plan", scheme.name)))?;
        planned.insert(text, wiring);
        Ok(wiring)
    }

    fn planned(text: &str) -> Option<Self> {
        let document = horesnet_compiler::parse(text).ok()?;
        let tableau = Tableau::new(&document).ok()?;
        let plan = Plan::new(&tableau).ok()?;
        let terms = |stages: &[Stage], weights: usize| {
            let rows = stages.iter().map(|stage| stage.terms.len());
            (rows.sum::<usize>() + weights) as u64
        };
        Some(Self {
            stages: plan.stages.len() as u64,
            terms: terms(&plan.stages, plan.weights.len()),
            live: LiveTensors::of(&tableau).ok()?.block as u64,
            estimate: plan.estimate.as_ref().map_or([0, 0], |estimate| {
                let stages = &estimate.stages;
                [stages.len() as u64, terms(stages, estimate.weights.len())]
            }),
        })
    }

    /// A step with its error estimate; what that saves is unknown.
    pub(crate) fn adaptive(&self, state: u64, function: Cost) -> Cost {
        let [stages, terms] = self.estimate;
        let stages = function.multiply_adds.saturating_mul(self.stages + stages);
        Cost::unknown(stages.saturating_add(state.saturating_mul(self.terms + terms)))
    }

    /// The increment of a step.
    pub(crate) fn increment(&self, state: u64, function: Cost) -> Cost {
        if self.stages == 1 {
            // Weights sum to 1: the increment is the stage, and no combination is formed.
            return function;
        }
        self.cost(state, function, self.stages - 1)
    }

    /// A step on `state` numbers.
    pub(crate) fn step(&self, state: u64, function: Cost) -> Cost {
        self.cost(state, function, self.stages)
    }

    /// Stages are differentiated one after the other. During the last of them, `waiting` gradients of other states, and of a
    /// step's output, are alive; then all of them are summed.
    fn cost(&self, state: u64, function: Cost, waiting: u64) -> Cost {
        let each = |number: u64| number.saturating_mul(self.stages);
        let states = |count: u64| state.saturating_mul(count);
        Cost {
            multiply_adds: each(function.multiply_adds).saturating_add(states(self.terms)),
            memory: function.memory.map(|function| Memory {
                input: state,
                copies_input: function.copies_input,
                saved: each(function.saved),
                gradients: { states(waiting).saturating_add(function.gradients) }
                    .max(states(waiting + 2)),
                stages: states(self.live - 1).saturating_add(function.stages.max(state)),
            }),
        }
    }
}
