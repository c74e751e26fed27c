//! Blocks as nodes: each stage a residual function after a combination.

use super::graph::Graph;
use crate::error::{Error, Result};
use crate::export::join;
use crate::network::parts::spec::BlockSpec;

impl Graph {
    /// A step: `x + Σ bᵢkᵢ`, and its activation.
    pub(super) fn block(&mut self, path: &str, block: &BlockSpec, input: &str) -> Result<String> {
        let x = match block.shortcut {
            Some(channels) => self.shortcut(path, channels, input),
            None => input.to_owned(),
        };
        let terms = self.terms(path, block, [&x, input])?;
        let y = self.combine(path, Some(&x), &terms)?;
        match &block.activation {
            Some(activation) => self.module(path, activation, &y),
            None => Ok(y),
        }
    }

    /// `Σ bᵢkᵢ`.
    pub(super) fn increment(&mut self, path: &str, block: &BlockSpec, x: &str) -> Result<String> {
        let terms = self.terms(path, block, [x, x])?;
        self.combine(path, None, &terms)
    }

    /// Every second pixel, between channels of zeros.
    fn shortcut(&mut self, path: &str, [from, to]: [usize; 2], x: &str) -> String {
        let [starts, ends, axes, steps] =
            [[0, 0], [i64::MAX; 2], [2, 3], [2, 2]].map(|values| self.integers(&values));
        let pixels = self.node(path, "Slice", &[x, &starts, &ends, &axes, &steps], vec![]);
        let new = to.saturating_sub(from) as i64;
        let pads = self.integers(&[0, new / 2, 0, 0, 0, new - new / 2, 0, 0]);
        self.node(path, "Pad", &[&pixels, &pads], vec![])
    }

    /// The stages `kᵢ` of a block with their weights; the first residual function reads `first` in place of `x`.
    fn terms(&mut self, path: &str, block: &BlockSpec, [x, first]: [&str; 2]) -> Result<Sum> {
        let mut functions = 0;
        self.level(path, block, 0, [x, first], &mut functions)
    }

    /// The stages of the step at `level`; so many residual functions came before.
    fn level(
        &mut self,
        path: &str,
        block: &BlockSpec,
        level: usize,
        [x, first]: [&str; 2],
        functions: &mut usize,
    ) -> Result<Sum> {
        let step = block.steps.get(level).ok_or_else(broken)?;
        let mut stages: Vec<String> = Vec::with_capacity(step.stages.len());
        for row in &step.stages {
            let y = self.combine(path, Some(x), &sum(row, &stages)?)?;
            let first = if stages.is_empty() { first } else { &y };
            stages.push(if level + 1 < block.steps.len() {
                let terms = self.level(path, block, level + 1, [&y, first], functions)?;
                self.combine(path, None, &terms)?
            } else {
                // A single function is that of all stages.
                let index = (*functions).min(block.functions.len().saturating_sub(1));
                *functions += 1;
                let (name, function) = block.functions.get(index).ok_or_else(broken)?;
                self.module(&join(path, name), function, first)?
            });
        }
        sum(&step.weights, &stages)
    }

    /// `x + Σ cᵢkᵢ`.
    fn combine(&mut self, path: &str, x: Option<&str>, terms: &Sum) -> Result<String> {
        let mut sum = x.map(str::to_owned);
        for (coefficient, stage) in terms {
            let mut term = stage.clone();
            if *coefficient != 1.0 {
                let coefficient = self.scalar(*coefficient);
                term = self.node(path, "Mul", &[stage, &coefficient], vec![]);
            }
            sum = Some(match sum {
                Some(sum) => self.node(path, "Add", &[&sum, &term], vec![]),
                None => term,
            });
        }
        sum.ok_or_else(broken)
    }
}

/// Coefficients and values.
type Sum = Vec<(f64, String)>;

fn sum(terms: &[(usize, f64)], stages: &[String]) -> Result<Sum> {
    let term = |(stage, coefficient): &(usize, f64)| {
        let stage = stages.get(*stage).ok_or_else(broken)?;
        Ok((*coefficient, stage.clone()))
    };
    terms.iter().map(term).collect()
}

fn broken() -> Error {
    Error::setting("network", "a block has no stage, weight or function")
}
