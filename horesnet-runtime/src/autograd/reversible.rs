//! Reversible sequences: no value between their functions is kept, since each follows from those after it.
//!
//! McCallum and Foster, "Efficient, Accurate and Stable Gradients for Neural ODEs", arXiv 2410.11648. With the increments
//! `Ψ_h` and `Ψ₋ₕ` of a step and a second value `z`, both of which begin with the input,
//!
//! `y′ = λy + (1−λ)z + Ψ_h(z)`, `z′ = z − Ψ₋ₕ(y′)`.
//!
//! Backwards, `z = z′ + Ψ₋ₕ(y′)` and `y = (y′ − (1−λ)z − Ψ_h(z))/λ`. The last `z′` is not needed, so a sequence of one step is
//! `x + Ψ_h(x)`. Each function runs again with its graph, which gives the value for the inverse and the gradient at once.

use std::sync::Arc;

use candle_core::{CpuStorage, DType, Result, Shape, Tensor, Var, bail};
#[cfg(feature = "cuda")]
use candle_core::{CudaDevice, CudaStorage};

use super::accumulate_grad::GradAccumulator;
use super::backward::backward_within;
use super::combination::weighted_sum;
use super::grad_node::{GradNode, node_storage};
use super::materialize::{DeferredOutput, materialize};
use super::node_op::{NodeOp, apply};
use super::scalar_grad::keeps_graph;
use super::tape::{Tape, record, replay};
use super::{Operand, no_grad};

/// The largest relative distance of the two values at the start of a sequence, which are equal, after the backward pass has
/// computed them.
const LARGEST_ERROR: f64 = 1e-2;

/// A function of a tensor that is called again in the backward pass.
pub type StepFunction = Arc<dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync>;

/// The increments of one step of a reversible sequence.
#[derive(Clone)]
pub struct ReversibleStep {
    /// `Ψ_h`.
    pub forward: StepFunction,
    /// `Ψ₋ₕ`: the increment of the step of the opposite size.
    pub backward: StepFunction,
}

impl ReversibleStep {
    /// Computes `(y′, z′)` from `(y, z)`, with its graph.
    ///
    /// # Errors
    /// A `lambda` outside (0, 1]; errors of the functions.
    pub fn step(&self, lambda: f64, [y, z]: [&Tensor; 2]) -> Result<[Tensor; 2]> {
        check_lambda(lambda)?;
        let next = next(lambda, [y, z], &(self.forward)(z)?)?;
        let other = sum([(1.0, z), (-1.0, &(self.backward)(&next)?)])?;
        Ok([next, other])
    }

    /// Computes `(y, z)` from `(y′, z′)`: the inverse of [`step`](Self::step) but for rounding errors.
    ///
    /// # Errors
    /// As for [`step`](Self::step).
    pub fn inverse(&self, lambda: f64, [y, z]: [&Tensor; 2]) -> Result<[Tensor; 2]> {
        check_lambda(lambda)?;
        let z = sum([(1.0, z), (1.0, &(self.backward)(y)?)])?;
        let y = previous(lambda, [y, &z], &(self.forward)(&z)?)?;
        Ok([y, z])
    }
}

/// Computes a sequence of steps whose inputs are not kept for the backward pass, but computed from its output.
///
/// Memory does not grow with the number of steps. Each of the two functions of a step runs twice forward and once backward,
/// but for the second one of the last step, which is not needed. The result is not that of the steps one after another, but
/// has the order of their scheme. `lambda` is above 0 and at most 1: below 1, it damps the difference of `y` and `z`, and
/// rounding errors of the inverse grow by `1/lambda` a step.
///
/// Functions must give the same output when they are called again; the [layers](crate::layers) of this crate move running
/// statistics in the first call only. Use [`backward`](crate::backward()) for gradients.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor, Var};
/// use horesnet::{Block, Reversed, ReversibleStep, backward, ho_block, reversible};
/// use std::sync::Arc;
///
/// ho_block!(rk4);
///
/// # fn main() -> Result<()> {
/// // x′ = −x from 0 to 1 in eight steps.
/// let step = ReversibleStep {
///     forward: Arc::new(|x: &Tensor| {
///         Rk4::shared(|x: &Tensor| x.neg()).increment_t(&0.125, x, true)
///     }),
///     backward: Arc::new(|x: &Tensor| {
///         Rk4::shared(|x: &Tensor| x.neg()).increment_t(&Reversed(&0.125), x, true)
///     }),
/// };
/// let x = Var::new(&[1.0], &Device::Cpu)?;
/// let y = reversible(&vec![step; 8], 0.99, &x)?;
/// assert!((y.to_vec1::<f64>()?[0] - (-1f64).exp()).abs() < 1e-5);
/// let gradient = backward(&y)?.get(&x).unwrap().to_vec1::<f64>()?[0];
/// assert!((gradient - (-1f64).exp()).abs() < 1e-5);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// A `lambda` outside (0, 1]; errors of the functions. In the backward pass also an inverse whose rounding errors have grown
/// beyond a hundredth of the input, candle's own backward pass, and second derivatives.
pub fn reversible(steps: &[ReversibleStep], lambda: f64, x: &Tensor) -> Result<Tensor> {
    check_lambda(lambda)?;
    if steps.is_empty() {
        return Ok(x.clone());
    }
    if no_grad::is_off() {
        return Ok(forward(steps, lambda, x, |function, x| function(x))?.0);
    }
    let target = GradNode::of(x)?;
    let mut functions = Vec::with_capacity(2 * steps.len());
    let (y, z) = no_grad::no_grad(|| {
        forward(steps, lambda, &x.detach(), |function, x| {
            let (y, tape, _) = record(|| function(x));
            functions.push((function.clone(), tape));
            y
        })
    })?;
    let (y, z) = (y.detach(), z.detach());
    let output = Arc::<DeferredOutput>::default();
    let node = match &target {
        Some(target) => target.node.clone(),
        // Candle then visits the op for the gradients of variables inside.
        None => Var::zeros((), DType::F32, x.device())?.into_inner(),
    };
    let op = Reversible {
        output: output.clone(),
        lambda,
        functions,
        last: [y, z],
        target: target.map(|target| target.accumulator),
    };
    let node = apply(op, std::slice::from_ref(&node), &node)?;
    materialize(node, output)
}

fn check_lambda(lambda: f64) -> Result<()> {
    if lambda > 0.0 && lambda <= 1.0 {
        return Ok(());
    }
    bail!("expected a λ above 0 and at most 1 for a reversible sequence, found {lambda}")
}

/// `y′ = λy + (1−λ)z + Ψ_h(z)`.
fn next(lambda: f64, [y, z]: [&Tensor; 2], increment: &Tensor) -> Result<Tensor> {
    sum([(lambda, y), (1.0 - lambda, z), (1.0, increment)])
}

/// `y = z + (y′ − z − Ψ_h(z))/λ`: only a difference is divided, so that the error of `1/λ` is not that of the state.
fn previous(lambda: f64, [y, z]: [&Tensor; 2], increment: &Tensor) -> Result<Tensor> {
    let apart = sum([(1.0, y), (-1.0, z), (-1.0, increment)])?;
    sum([(1.0, z), (1.0 / lambda, &apart)])
}

/// The last `y`, and the last `z` that it depends on; calls functions in the order `Ψ_h`, `Ψ₋ₕ`, `Ψ_h`, ….
fn forward(
    steps: &[ReversibleStep],
    lambda: f64,
    x: &Tensor,
    mut call: impl FnMut(&StepFunction, &Tensor) -> Result<Tensor>,
) -> Result<(Tensor, Tensor)> {
    let (mut y, mut z) = (x.clone(), x.clone());
    for (index, step) in steps.iter().enumerate() {
        y = next(lambda, [&y, &z], &call(&step.forward, &z)?)?;
        if index + 1 < steps.len() {
            z = sum([(1.0, &z), (-1.0, &call(&step.backward, &y)?)])?;
        }
    }
    Ok((y, z))
}

/// `Σ cᵢxᵢ`.
fn sum<const N: usize>(terms: [(f64, &Tensor); N]) -> Result<Tensor> {
    joined(terms.map(Some))
}

fn one(term: Option<&Tensor>) -> Option<(f64, &Tensor)> {
    term.map(|x| (1.0, x))
}

struct Reversible {
    output: Arc<DeferredOutput>,
    lambda: f64,
    /// The functions in the order in which they have run, with what they must not compute again.
    functions: Vec<(StepFunction, Arc<Tape>)>,
    /// The last `y` and `z`.
    last: [Tensor; 2],
    target: Option<Arc<GradAccumulator>>,
}

impl Reversible {
    /// The gradient of the input.
    fn reverse(&self, gradient: Tensor) -> Result<Tensor> {
        let ([mut y, mut z], lambda) = (self.last.clone(), self.lambda);
        // Nothing depends on the last `z` but the last `y`.
        let (mut of_y, mut of_z) = (gradient, None::<Tensor>);
        for (index, function) in self.functions.iter().enumerate().rev() {
            if let Some(of_z) = of_z.as_ref().filter(|_| index % 2 == 1) {
                let (increment, through) = again(function, &y, &sum([(-1.0, of_z)])?)?;
                z = sum([(1.0, &z), (1.0, &increment)])?;
                of_y = joined([Some((1.0, &of_y)), one(through.as_ref())])?;
                continue;
            }
            let (increment, through) = again(function, &z, &of_y)?;
            y = previous(lambda, [&y, &z], &increment)?;
            let own = Some((1.0 - lambda, &of_y));
            of_z = Some(joined([one(of_z.as_ref()), one(through.as_ref()), own])?);
            of_y = sum([(lambda, &of_y)])?;
        }
        check_start(&y, &z)?;
        joined([Some((1.0, &of_y)), one(of_z.as_ref())])
    }
}

/// Runs a function again at `x`; returns its value, and the gradient of `x` if it depends on it.
fn again(
    (function, tape): &(StepFunction, Arc<Tape>),
    x: &Tensor,
    gradient: &Tensor,
) -> Result<(Tensor, Option<Tensor>)> {
    let leaf = Var::from_tensor(x)?;
    let value = replay(tape, || function(&leaf))?;
    let root = (&value * gradient)?.sum_all()?;
    let value = value.detach();
    Ok((value, backward_within(&root, &leaf)?))
}

/// `Σ cᵢxᵢ` over the terms that there are; at least one is.
fn joined<const N: usize>(terms: [Option<(f64, &Tensor)>; N]) -> Result<Tensor> {
    let operands = { terms.into_iter().flatten() }
        .map(|(c, x)| Ok((c, Operand::new(x.clone())?)))
        .collect::<Result<Vec<_>>>()?;
    let terms: Vec<_> = operands.iter().map(|(c, x)| (*c, x)).collect();
    weighted_sum(&terms)
}

/// Fails if `y` and `z` differ, which are equal at the start of a sequence. A GPU is not waited for.
fn check_start(y: &Tensor, z: &Tensor) -> Result<()> {
    if !y.device().is_cpu() || y.elem_count() == 0 {
        return Ok(());
    }
    let square = |x: &Tensor| -> Result<f64> {
        let square = x.sqr()?.mean_all()?;
        square.to_dtype(DType::F64)?.to_scalar()
    };
    let (apart, size) = (square(&(y - z)?)?.sqrt(), square(z)?.sqrt());
    // NaN and infinity are those of a network that has diverged, which its loss shows.
    if apart > LARGEST_ERROR * size && size.is_finite() {
        bail!(
            "expected to compute the input of a reversible sequence from its output, found it off by {:.1e} of its size, \
             more than {LARGEST_ERROR:e}: rounding errors have grown; use a λ closer to 1, fewer blocks or smaller step \
             sizes, or train without",
            apart / size
        )
    }
    Ok(())
}

impl NodeOp for Reversible {
    const NAME: &'static str = "horesnet-reversible";

    fn forward(&self) -> Result<(CpuStorage, Shape)> {
        self.output.put_copy(&self.last[0])?;
        Ok(node_storage())
    }

    #[cfg(feature = "cuda")]
    fn forward_cuda(&self, device: &CudaDevice) -> Result<(CudaStorage, Shape)> {
        self.output.put_copy(&self.last[0])?;
        crate::gpu::node_storage(device)
    }

    fn backward(&self, node: &Tensor, count: &Tensor) -> Result<Tensor> {
        if keeps_graph() {
            bail!(
                "reversible sequences have no second derivatives: unset CANDLE_GRAD_DO_NOT_DETACH"
            )
        }
        let gradient = self.reverse(self.output.gradient(count)?)?;
        if let Some(target) = &self.target {
            target.push(node.id(), 1.0, gradient);
        }
        count.ones_like()
    }
}
