//! The convolution as an op of candle's graph, alone or after normalisation and `ReLU`.
//!
//! A normalisation computes the statistics of its input before its op exists; the op's backward pass knows that they
//! moved with the input. Weight and bias enter as one tensor `[2, channels]`, as candle's ops take at most three.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{Normal, Source, go_back, with_elements, with_float};
use crate::autograd::capture_grad;
use crate::autograd::{DeferredOutput, materialize};
use crate::combine::Isa;
use crate::layers::cpu::convolve::{Convolution, Wanted};
use crate::layers::cpu::float::{Float, elements};
use crate::layers::cpu::window::{Extent, Window};

/// `[batch, height, width, channels]` as batch and extent.
fn extent(xs: &Tensor) -> Result<(usize, Extent)> {
    let (batch, height, width, channels) = xs.dims4()?;
    let extent = Extent {
        height,
        width,
        channels,
    };
    Ok((batch, extent))
}

/// `conv(relu(norm(xs)))` of contiguous `xs`, or `conv(xs)`, for which `affine` is not read. `kernel` is contiguous.
pub(crate) fn convolve(
    xs: &Tensor,
    kernel: &Tensor,
    affine: &Tensor,
    window: Window,
    norm: Option<Normal>,
) -> Result<Tensor> {
    let source = Source::of(xs)?;
    let outcome = Arc::<DeferredOutput>::default();
    let node = source.node()?.apply_op3(
        kernel,
        affine,
        Convolve {
            source,
            window,
            norm,
            outcome: outcome.clone(),
        },
    )?;
    materialize(node, outcome)
}

/// From a handle, kernel and affine to a handle; without a norm the third argument is not read.
struct Convolve {
    source: Source,
    window: Window,
    norm: Option<Normal>,
    outcome: Arc<DeferredOutput>,
}

impl Convolve {
    fn forward<T: Float>(
        &self,
        (kernel, kernel_layout): (&CpuStorage, &Layout),
        (affine, affine_layout): (&CpuStorage, &Layout),
    ) -> Result<(CpuStorage, Shape)> {
        let (batch, input) = extent(&self.source.xs)?;
        let (outputs, inputs, ..) = kernel_layout.shape().dims4()?;
        if inputs != input.channels {
            bail!(
                "a convolution of {inputs} channels was given {:?}; channels are last here",
                self.source.xs.shape()
            )
        }
        let convolution = Convolution::new(Isa::best(), self.window, input, outputs)?;
        let channels = match &self.norm {
            Some(norm) => Some(norm.channels(elements::<T>(affine, affine_layout)?)?),
            None => None,
        };
        let kernel = elements::<T>(kernel, kernel_layout)?;
        let out = with_elements::<T, _>(&self.source.xs, |xs| {
            convolution.forward(xs, batch, kernel, channels.as_ref())
        })?;
        let Extent {
            height,
            width,
            channels,
        } = convolution.output;
        let shape = Shape::from((batch, height, width, channels));
        Ok(self.outcome.put(T::to_cpu_storage_owned(out), shape))
    }

    fn backward<T: Float>(
        &self,
        node: &Tensor,
        kernel: &Tensor,
        affine: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let xs = &self.source.xs;
        let device = xs.device();
        let (batch, input) = extent(xs)?;
        let convolution = Convolution::new(Isa::best(), self.window, input, kernel.dim(0)?)?;
        let affine_wanted = self.norm.is_some() && affine.track_op();
        let wanted = Wanted {
            input: xs.track_op() || affine_wanted,
            kernel: kernel.track_op(),
        };
        let gradient = gradient.contiguous()?;
        with_elements::<T, _>(xs, |x| {
            let channels = match &self.norm {
                Some(norm) => Some(with_elements::<T, _>(affine, |a| norm.channels(a))?),
                None => None,
            };
            let mut found = with_elements::<T, _>(kernel, |kernel| {
                with_elements::<T, _>(&gradient, |gradient| {
                    convolution.backward(x, batch, kernel, channels.as_ref(), gradient, wanted)
                })
            })?;
            let mut affine_gradient = None;
            if let (Some(norm), Some(channels)) = (&self.norm, &channels)
                && wanted.input
            {
                let pixels = batch * input.pixels();
                let (weight, bias) = channels.parameter_gradients(&found.norm);
                let moved = norm.batch.then_some((&*weight, &*bias, pixels));
                if xs.track_op() {
                    go_back(x, &mut found.input, &channels.way_back(moved));
                }
                let both: Vec<T> = weight
                    .iter()
                    .chain(&bias)
                    .map(|&g| T::from_f64(g))
                    .collect();
                affine_gradient = Some(Tensor::from_vec(both, affine.shape(), device)?);
            }
            let tensor = |values: Vec<T>, of: &Tensor| Tensor::from_vec(values, of.shape(), device);
            let input = if xs.track_op() {
                self.source.deposit(node, tensor(found.input, xs)?)?
            } else {
                None
            };
            let kernel = if wanted.kernel {
                capture_grad(kernel, tensor(found.kernel, kernel)?)
            } else {
                None
            };
            Ok((input, kernel, affine_gradient))
        })
    }
}

impl CustomOp3 for Convolve {
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
        let kernel = (kernel, kernel_layout);
        let affine = (affine, affine_layout);
        with_float!(self.source.xs.dtype(), T => self.forward::<T>(kernel, affine))
    }

    fn bwd(
        &self,
        _: &Tensor,
        kernel: &Tensor,
        affine: &Tensor,
        node: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = self.outcome.gradient(count)?;
        with_float!(self.source.xs.dtype(), T => self.backward::<T>(node, kernel, affine, &gradient))
    }
}
