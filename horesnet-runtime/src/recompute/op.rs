//! The op of one or more functions that run again in the backward pass.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, Result, Shape, Tensor, bail};
#[cfg(feature = "cuda")]
use candle_core::{CudaDevice, CudaStorage};

use super::input::{Input, anchor};
use super::replay::Recorded;
use super::schedule::{Backward, Move};
use super::{Recomputable, Schedule};
use crate::autograd::{
    DeferredOutput, GradNode, NodeOp, PartialGrad, apply, is_grad_off, is_materialized, is_ours,
    keeps_graph, materialize_as, node_storage, sum_partial_grads,
};

/// Calls functions one after the other; without [`no_grad`](crate::no_grad), as one op that keeps what `schedule` says.
pub(super) fn run(functions: &[Recomputable], schedule: Schedule, x: &Tensor) -> Result<Tensor> {
    if functions.len() != schedule.steps() {
        bail!(
            "expected {} functions for a schedule of as many steps, found {}",
            schedule.steps(),
            functions.len()
        )
    }
    if functions.is_empty() || is_grad_off() {
        return functions
            .iter()
            .try_fold(x.clone(), |x, function| function.call(&x));
    }
    let target = GradNode::of(x)?;
    let mut is_known = is_materialized(x);
    let input = match &target {
        Some(_) => Input::leaf(x, is_known)?,
        None => Input::Constant(x.clone()),
    };
    let mut kept = schedule.kept().into_iter().peekable();
    let (mut snapshots, mut steps) = (Vec::new(), Vec::with_capacity(functions.len()));
    let mut y = input.tensor().detach();
    for (index, function) in functions.iter().enumerate() {
        if kept.next_if_eq(&index).is_some() {
            snapshots.push((index, Input::leaf(&y, is_known)?));
        }
        let (step, next) = Recorded::run(function, &y, is_known)?;
        is_known = step.is_known;
        steps.push(step);
        y = next;
    }
    let output = Arc::<DeferredOutput>::default();
    output.put_copy(&y)?;
    let node = match &target {
        Some(target) => target.node.clone(),
        None => anchor(x.device())?,
    };
    let op = Recompute {
        output: output.clone(),
        schedule,
        steps,
        input,
        snapshots: Mutex::new(snapshots),
        target,
    };
    let node = apply(op, std::slice::from_ref(&node), &node)?;
    materialize_as(node, output, is_known)
}

struct Recompute {
    output: Arc<DeferredOutput>,
    schedule: Schedule,
    steps: Vec<Recorded>,
    input: Input,
    /// Values that the forward pass has kept, with the numbers of their functions. The first backward pass takes them; another
    /// computes them again.
    snapshots: Mutex<Vec<(usize, Input)>>,
    target: Option<GradNode>,
}

impl Recompute {
    /// The terms of the gradient of the input.
    fn reverse(&self, gradient: Tensor) -> Result<Vec<PartialGrad>> {
        let mut kept = vec![(0, self.input.clone())];
        let mut snapshots = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.append(&mut snapshots);
        drop(snapshots);
        let numbers = kept.iter().map(|(number, _)| *number).collect();
        let moves = Backward::new(self.schedule, numbers);
        let (mut gradient, mut at_hand, mut grads) = (Some(gradient), None, Vec::new());
        for next in moves {
            match next {
                Move::Advance { from, to, keeps } => {
                    let mut x = last(&kept)?.tensor().detach();
                    for step in &self.steps[from..to] {
                        x = step.advance(&x)?;
                    }
                    let is_known = self.steps[to - 1].is_known;
                    let input = Input::leaf(&x, is_known)?;
                    if keeps {
                        kept.push((to, input));
                    } else {
                        at_hand = Some(input);
                    }
                }
                Move::Reverse { at, drops } => {
                    let input = match at_hand.take() {
                        Some(input) => input,
                        None => last(&kept)?.clone(),
                    };
                    if drops {
                        kept.pop();
                    }
                    let Some(given) = gradient.take() else {
                        bail!("a function has no gradient")
                    };
                    grads = self.steps[at].reverse(&input, given)?;
                    if at > 0 {
                        gradient = Some(sum(std::mem::take(&mut grads), &input)?);
                    }
                }
            }
        }
        Ok(grads)
    }
}

fn last(kept: &[(usize, Input)]) -> Result<&Input> {
    match kept.last() {
        Some((_, input)) => Ok(input),
        None => bail!("no value is kept"),
    }
}

/// The gradient of an input; zero if nothing depends on it.
fn sum(grads: Vec<PartialGrad>, input: &Input) -> Result<Tensor> {
    if grads.is_empty() {
        return input.tensor().detach().zeros_like();
    }
    sum_partial_grads(grads)
}

impl NodeOp for Recompute {
    const NAME: &'static str = "horesnet-recompute";

    fn forward(&self) -> Result<(CpuStorage, Shape)> {
        Ok(node_storage())
    }

    #[cfg(feature = "cuda")]
    fn forward_cuda(&self, device: &CudaDevice) -> Result<(CudaStorage, Shape)> {
        crate::gpu::node_storage(device)
    }

    fn backward(&self, node: &Tensor, count: &Tensor) -> Result<Tensor> {
        if keeps_graph() {
            bail!(
                "recomputed functions have no second derivatives: unset CANDLE_GRAD_DO_NOT_DETACH, or do not recompute"
            )
        }
        if !is_ours() {
            bail!(
                "expected horesnet::backward for the gradients of recomputed functions, found candle's own: it has no place for \
                 those of variables inside them"
            )
        }
        let grads = self.reverse(self.output.gradient(count)?)?;
        let Some(target) = &self.target else {
            return count.ones_like();
        };
        let number = grads.len().max(1);
        if grads.is_empty() {
            let zeros = self.input.tensor().detach().zeros_like()?;
            target.accumulator.push(node.id(), 1.0, zeros);
        }
        for grad in grads {
            let PartialGrad {
                from,
                coefficient,
                gradient,
                ..
            } = grad;
            target.accumulator.push(from, coefficient, gradient);
        }
        Tensor::full(number as f32, (), count.device())
    }
}
