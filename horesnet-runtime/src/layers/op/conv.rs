//! Convolution as one op, alone or after normalisation and `ReLU`.
//!
//! The statistics of a batch are computed before the op is made; its backward pass accounts for their dependence on the
//! input. Weight and bias of the norm are one tensor `[2, channels]`, because candle's ops take at most three inputs.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{NormStats, OpState, with_elements, with_stored};
use crate::autograd::{argument, capture_grad};
use crate::combine::Isa;
use crate::layers::cpu::conv::{Convolution, NeedsGrad};
use crate::layers::cpu::float::elements;
use crate::layers::cpu::stored::Stored;
use crate::layers::cpu::window::{ConvWindow, Extent};
use crate::profile::{Work, span};

/// `conv(relu(norm(xs)))` of contiguous `xs`, or `conv(xs)` without a norm. `kernel` is contiguous.
pub(crate) fn conv(
    xs: &Tensor,
    kernel: &Tensor,
    window: ConvWindow,
    norm: Option<(NormStats, Tensor)>,
) -> Result<Tensor> {
    OpState::run(xs, |node, state| {
        let (stats, affine) = norm.unzip();
        let op = ConvOp {
            state,
            window,
            stats,
        };
        let kernel = argument(kernel);
        let affine = affine.as_ref().map_or_else(|| kernel.clone(), argument);
        node.apply_op3(&kernel, &affine, op)
    })
}

/// From a grad node, kernel and affine to a grad node; without a norm the third argument is not read.
struct ConvOp {
    state: OpState,
    window: ConvWindow,
    stats: Option<NormStats>,
}

type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

impl ConvOp {
    /// The size of the batch, and the convolution.
    fn convolution(&self, outputs: usize) -> Result<(usize, Convolution)> {
        let (batch, height, width, channels) = self.state.xs.dims4()?;
        let input = Extent {
            height,
            width,
            channels,
        };
        let convolution = Convolution::new(Isa::best(), self.window, input, outputs)?;
        Ok((batch, convolution))
    }

    fn forward<E: Stored>(
        &self,
        (kernel, kernel_layout): (&CpuStorage, &Layout),
        (affine, affine_layout): (&CpuStorage, &Layout),
    ) -> Result<(CpuStorage, Shape)> {
        let (outputs, inputs, ..) = kernel_layout.shape().dims4()?;
        if inputs != self.state.xs.dims4()?.3 {
            bail!(
                "expected images of {inputs} channels for a convolution, found {:?}; channels are last here",
                self.state.xs.shape()
            )
        }
        let (batch, convolution) = self.convolution(outputs)?;
        let norm = match &self.stats {
            Some(stats) => Some(stats.with_affine(elements::<E::Float>(affine, affine_layout)?)?),
            None => None,
        };
        let kernel = elements::<E::Float>(kernel, kernel_layout)?;
        let out = with_elements::<E, _>(&self.state.xs, |xs| {
            convolution.forward(xs, batch, kernel, norm.as_ref())
        })?;
        let Extent { height, width, .. } = convolution.shape.output;
        Ok(self.state.put(out, (batch, height, width, outputs)))
    }

    fn backward<E: Stored>(
        &self,
        node: &Tensor,
        kernel: &Tensor,
        affine: &Tensor,
        gradient: &Tensor,
    ) -> Result<Gradients> {
        let xs = &self.state.xs;
        let (batch, convolution) = self.convolution(kernel.dim(0)?)?;
        let needs_input = xs.track_op();
        let needed = NeedsGrad {
            input: needs_input || (self.stats.is_some() && affine.track_op()),
            kernel: kernel.track_op(),
        };
        with_elements::<E, _>(xs, |x| {
            let norm = match &self.stats {
                Some(stats) => Some(with_elements::<E::Float, _>(affine, |a| {
                    stats.with_affine(a)
                })?),
                None => None,
            };
            let mut grads = with_elements::<E::Float, _>(kernel, |kernel| {
                with_elements::<E, _>(gradient, |gradient| {
                    convolution.backward(x, batch, kernel, norm.as_ref(), gradient, needed)
                })
            })?;
            let mut daffine = None;
            if let (Some(stats), Some(norm), true) = (&self.stats, &norm, needed.input) {
                let (dxs, sums) = (&mut grads.input, &grads.norm);
                let gradient = stats.backward(norm, x, dxs, sums, needs_input)?;
                daffine = Some(Tensor::from_vec(gradient, affine.shape(), xs.device())?);
            }
            let dxs = self.state.push_grad(node, grads.input)?;
            let dkernel = if needed.kernel {
                let gradient = Tensor::from_vec(grads.kernel, kernel.shape(), xs.device())?;
                capture_grad(kernel, gradient)?
            } else {
                None
            };
            Ok((dxs, dkernel, daffine))
        })
    }
}

impl CustomOp3 for ConvOp {
    fn name(&self) -> &'static str {
        "horesnet-convolution"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        kernel: &CpuStorage,
        kernel_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let _span = span(Work::Convolution);
        let kernel = (kernel, kernel_layout);
        let affine = (affine, affine_layout);
        with_stored!(self.state.xs.dtype(), E => self.forward::<E>(kernel, affine))
    }

    fn bwd(
        &self,
        _: &Tensor,
        kernel: &Tensor,
        affine: &Tensor,
        node: &Tensor,
        count: &Tensor,
    ) -> Result<Gradients> {
        let _span = span(Work::Convolution);
        let gradient = self.state.gradient(count)?;
        with_stored!(self.state.xs.dtype(), E => self.backward::<E>(node, kernel, affine, &gradient))
    }
}
