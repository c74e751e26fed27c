//! Combinations `x + Σ cᵢkᵢ` (weighted sums of tensors), each in one pass over memory, forward and backward.
//!
//! A combination is one op in candle's graph, however many terms it has.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, DType, Error, Result, Shape, Tensor, bail};
#[cfg(feature = "cuda")]
use candle_core::{CudaDevice, CudaStorage};

use super::node_op::{NodeOp, apply};
use super::scalar_grad::ScalarGrad;
use super::{Coefficient, DeferredOutput, GradNode, Operand, materialize, merge_nodes, no_grad};
use crate::combine::sum_tensors;
use crate::profile::{self, Work, span};

/// Computes the weighted sum `x + Σ cᵢkᵢ` in one pass, with the shape, dtype and device of `x`.
///
/// The operands may have any layout, and one operand may appear in several terms. A term with coefficient 0 is ignored, even
/// if it holds NaNs: it is not read, and its gradient is zero. `f32` and `f64` are summed in their own dtype, from left to
/// right; `bf16` and `f16` are summed in `f32` and rounded once. Without terms the result is `x`.
///
/// Gradients flow through candle's `backward`. So do second derivatives, if candle keeps the graph of its backward pass
/// (`CANDLE_GRAD_DO_NOT_DETACH=1`). With the feature `cuda`, a combination on an NVIDIA GPU gives the same bits as on the
/// CPU, except for those of NaNs. On other devices it is an error.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::{Operand, combine};
///
/// # fn main() -> Result<()> {
/// let x = Operand::new(Tensor::new(&[1.0, 2.0], &Device::Cpu)?)?;
/// let k1 = Operand::new(Tensor::new(&[10.0, 20.0], &Device::Cpu)?)?;
/// let k2 = Operand::new(Tensor::new(&[100.0, 200.0], &Device::Cpu)?)?;
/// let y = combine(&x, &[(0.5, &k1), (0.25, &k2)])?;
/// assert_eq!(y.to_vec1::<f64>()?, [31.0, 62.0]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If an operand differs from `x` in shape, dtype or device; the error says which term, counted from 1.
pub fn combine(x: &Operand, terms: &[(f64, &Operand)]) -> Result<Tensor> {
    combine_learned(x, terms)
}

/// [`combine`] with coefficients that may depend on variables.
pub(crate) fn combine_learned<'a, C: Copy + Into<Coefficient<'a>>>(
    x: &Operand,
    terms: &[(C, &Operand)],
) -> Result<Tensor> {
    if terms.is_empty() {
        return Ok(x.tensor().clone());
    }
    check_terms(x, terms)?;
    let mut all = Vec::with_capacity(terms.len() + 1);
    all.push((1.0.into(), x));
    all.extend(terms.iter().map(|(c, k)| ((*c).into(), *k)));
    run(x, &all)
}

/// Computes the weighted sum `Σ cᵢkᵢ` of at least one term; otherwise like [`combine`].
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::{Operand, weighted_sum};
///
/// # fn main() -> Result<()> {
/// let k1 = Operand::new(Tensor::new(&[1.0, 2.0], &Device::Cpu)?)?;
/// let k2 = Operand::new(Tensor::new(&[4.0, 8.0], &Device::Cpu)?)?;
/// let increment = weighted_sum(&[(0.5, &k1), (0.25, &k2)])?;
/// assert_eq!(increment.to_vec1::<f64>()?, [1.5, 3.0]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If there is no term, or a term differs from the first in shape, dtype or device.
pub fn weighted_sum(terms: &[(f64, &Operand)]) -> Result<Tensor> {
    weighted_sum_learned(terms)
}

/// [`weighted_sum`] with coefficients that may depend on variables.
pub(crate) fn weighted_sum_learned<'a, C: Copy + Into<Coefficient<'a>>>(
    terms: &[(C, &Operand)],
) -> Result<Tensor> {
    let terms: Vec<(Coefficient, &Operand)> =
        terms.iter().map(|(c, k)| ((*c).into(), *k)).collect();
    let Some(((c, first), rest)) = terms.split_first() else {
        bail!("a weighted sum needs at least one term")
    };
    if rest.is_empty() && c.is_one() {
        return Ok(first.tensor().clone());
    }
    for (i, (_, k)) in rest.iter().enumerate() {
        check(first.tensor(), k.tensor())
            .map_err(|error| error.context(format!("term {} of a weighted sum", i + 2)))?;
    }
    run(first, &terms)
}

/// [`weighted_sum`] of gradients.
pub(super) fn sum(gradients: Vec<(f64, Tensor)>) -> Result<Tensor> {
    let operands = gradients
        .into_iter()
        .map(|(c, gradient)| Ok((c, Operand::new(gradient)?)))
        .collect::<Result<Vec<_>>>()?;
    let terms: Vec<_> = operands.iter().map(|(c, operand)| (*c, operand)).collect();
    weighted_sum(&terms)
}

/// Checks that all terms have the shape, dtype and device of `x`.
pub(crate) fn check_terms<C>(x: &Operand, terms: &[(C, &Operand)]) -> Result<()> {
    for (i, (_, k)) in terms.iter().enumerate() {
        check(x.tensor(), k.tensor())
            .map_err(|error| error.context(format!("term {} of a combination", i + 1)))?;
    }
    Ok(())
}

fn check(expected: &Tensor, term: &Tensor) -> Result<()> {
    let op = "combine";
    if !expected.device().same_device(term.device()) {
        return Err(Error::DeviceMismatchBinaryOp {
            lhs: expected.device().location(),
            rhs: term.device().location(),
            op,
        }
        .bt());
    }
    if expected.dtype() != term.dtype() {
        return Err(Error::DTypeMismatchBinaryOp {
            lhs: expected.dtype(),
            rhs: term.dtype(),
            op,
        }
        .bt());
    }
    if expected.shape() != term.shape() {
        return Err(Error::ShapeMismatchBinaryOp {
            lhs: expected.shape().clone(),
            rhs: term.shape().clone(),
            op,
        }
        .bt());
    }
    Ok(())
}

/// The sum of `terms`, which have the shape, dtype and device of `like`.
fn run(like: &Operand, terms: &[(Coefficient, &Operand)]) -> Result<Tensor> {
    let (mut grad_targets, mut scalar_grads) = (grad_targets(terms), ScalarGrad::of(terms));
    if no_grad::is_off() {
        grad_targets.clear();
        scalar_grads.clear();
    }
    let targets = grad_targets.iter().map(|(_, target)| target);
    let scalars = scalar_grads.iter().map(|grad| &grad.target);
    let nodes = targets.chain(scalars).map(|target| target.node.clone());
    let nodes = merge_nodes(nodes.collect())?;
    let output = Arc::<DeferredOutput>::default();
    let values = terms.iter().map(|(c, k)| (c.value(), k.tensor().clone()));
    let op = Combination {
        output: output.clone(),
        dtype: like.tensor().dtype(),
        shape: like.tensor().shape().clone(),
        terms: Mutex::new(values.collect()),
        grad_targets,
        scalar_grads,
    };
    let node = apply(op, &nodes, like.tensor())?;
    materialize(node, output)
}

/// The tracked operands, each once, with the factor of their gradient: the sum of their coefficients.
fn grad_targets(terms: &[(Coefficient, &Operand)]) -> Vec<(f64, GradNode)> {
    let mut targets: Vec<(f64, GradNode)> = Vec::with_capacity(terms.len());
    for (c, operand) in terms {
        let Some(node) = operand.grad_node() else {
            continue;
        };
        let same =
            |target: &&mut (f64, GradNode)| Arc::ptr_eq(&target.1.accumulator, &node.accumulator);
        match targets.iter_mut().find(same) {
            Some(target) => target.0 += c.value(),
            None => targets.push((c.value(), node.clone())),
        }
    }
    targets
}

/// The op of a combination. Its arguments are grad nodes, which it does not read.
struct Combination {
    output: Arc<DeferredOutput>,
    dtype: DType,
    shape: Shape,
    /// Taken by the forward pass: a linear op needs no operand for its gradients, and keeping them would hold memory.
    terms: Mutex<Vec<(f64, Tensor)>>,
    grad_targets: Vec<(f64, GradNode)>,
    /// For learned coefficients, whose gradients do need the operands.
    scalar_grads: Vec<ScalarGrad>,
}

impl Combination {
    fn take_terms(&self) -> Vec<(f64, Tensor)> {
        std::mem::take(&mut *self.terms.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes that the sum reads and writes.
    fn bytes(&self, terms: &[(f64, Tensor)]) -> u64 {
        let read = terms.iter().filter(|(c, _)| *c != 0.0).count();
        ((read + 1) * self.shape.elem_count() * self.dtype.size_in_bytes()) as u64
    }
}

impl NodeOp for Combination {
    const NAME: &'static str = "horesnet-combine";

    fn forward(&self) -> Result<(CpuStorage, Shape)> {
        let _span = span(Work::Combination);
        let terms = self.take_terms();
        profile::moves(|| self.bytes(&terms));
        let storage = sum_tensors(self.dtype, self.shape.elem_count(), &terms)?;
        Ok(self.output.put(storage, self.shape.clone()))
    }

    #[cfg(feature = "cuda")]
    fn forward_cuda(&self, device: &CudaDevice) -> Result<(CudaStorage, Shape)> {
        let (terms, len) = (self.take_terms(), self.shape.elem_count());
        let storage = crate::gpu::sum_tensors(device, self.dtype, len, &terms)?;
        self.output.put_cuda(storage, self.shape.clone())
    }

    fn backward(&self, node: &Tensor, count: &Tensor) -> Result<Tensor> {
        let _span = span(Work::Combination);
        let gradient = self.output.gradient(count)?;
        let push = |target: &GradNode, c, gradient| target.accumulator.push(node.id(), c, gradient);
        for (coefficient, target) in &self.grad_targets {
            push(target, *coefficient, gradient.clone());
        }
        for grad in &self.scalar_grads {
            push(&grad.target, 1.0, grad.gradient(&gradient)?);
        }
        count.ones_like()
    }
}
