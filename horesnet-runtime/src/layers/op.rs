//! Convolution and normalisation as ops of candle's graph.
//!
//! A normalisation computes the statistics of its input before its op exists; the op's backward pass knows that they
//! moved with the input. Weight and bias enter as one tensor `[2, channels]`, as candle's ops take at most three.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Storage, Tensor, bail};
use rayon::prelude::*;

use super::convolve::{Convolution, Wanted};
use super::dispatch::{Isa, Kernel};
use super::float::{Float, elements, zeros};
use super::norm::{Channels, Sums, WayBack};
use super::window::{Extent, Window};

/// The state of a normalisation for one input.
#[derive(Clone, Debug)]
pub(crate) struct Normal {
    pub(crate) mean: Vec<f64>,
    /// `1/√(variance + ε)`.
    pub(crate) inverse: Vec<f64>,
    /// Whether these are statistics of the input itself.
    pub(crate) batch: bool,
}

impl Normal {
    fn channels<T: Float>(&self, affine: &[T]) -> Result<Channels<T>> {
        let count = self.mean.len();
        if affine.len() != 2 * count {
            bail!(
                "a normalisation of {count} channels has {} weights and biases",
                affine.len()
            )
        }
        let (weight, bias) = affine.split_at(count);
        Ok(Channels::new(&self.mean, &self.inverse, weight, bias))
    }
}

/// Calls `$body` with `$t` the type of the elements of `$dtype`.
macro_rules! with_float {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::F32 => {
                type $t = f32;
                $body
            }
            candle_core::DType::F64 => {
                type $t = f64;
                $body
            }
            other => Err(candle_core::Error::UnsupportedDTypeForOp(other, "layer").bt()),
        }
    };
}
pub(crate) use with_float;

/// Runs `read` on the elements of a contiguous CPU tensor.
pub(crate) fn with_elements<T: Float, R>(
    tensor: &Tensor,
    read: impl FnOnce(&[T]) -> Result<R>,
) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        bail!("a layer on the CPU was given a tensor of another device")
    };
    read(elements(storage, layout)?)
}

/// `[batch, height, width, channels]` as batch and extent.
fn extent(layout: &Layout) -> Result<(usize, Extent)> {
    let (batch, height, width, channels) = layout.shape().dims4()?;
    let extent = Extent {
        height,
        width,
        channels,
    };
    Ok((batch, extent))
}

/// `(xs, kernel, affine)` to `conv(relu(norm(xs)))`; without a norm the third argument is not read.
pub(crate) struct Convolve {
    pub(crate) window: Window,
    pub(crate) norm: Option<Normal>,
}

impl Convolve {
    fn forward<T: Float>(
        &self,
        (xs, xs_layout): (&CpuStorage, &Layout),
        (kernel, kernel_layout): (&CpuStorage, &Layout),
        (affine, affine_layout): (&CpuStorage, &Layout),
    ) -> Result<(CpuStorage, Shape)> {
        let (batch, input) = extent(xs_layout)?;
        let (outputs, inputs, ..) = kernel_layout.shape().dims4()?;
        if inputs != input.channels {
            bail!(
                "a convolution of {inputs} channels was given {:?}; channels are last here",
                xs_layout.shape()
            )
        }
        let convolution = Convolution::new(Isa::best(), self.window, input, outputs)?;
        let channels = match &self.norm {
            Some(norm) => Some(norm.channels(elements::<T>(affine, affine_layout)?)?),
            None => None,
        };
        let out = convolution.forward(
            elements::<T>(xs, xs_layout)?,
            batch,
            elements::<T>(kernel, kernel_layout)?,
            channels.as_ref(),
        )?;
        let Extent {
            height,
            width,
            channels,
        } = convolution.output;
        let shape = Shape::from((batch, height, width, channels));
        Ok((T::to_cpu_storage_owned(out), shape))
    }

    fn backward<T: Float>(
        &self,
        xs: &Tensor,
        kernel: &Tensor,
        affine: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let device = xs.device();
        let (batch, input) = extent(xs.layout())?;
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
            let input = match xs.track_op() {
                true => Some(Tensor::from_vec(found.input, xs.shape(), device)?),
                false => None,
            };
            let kernel = match wanted.kernel {
                true => Some(Tensor::from_vec(found.kernel, kernel.shape(), device)?),
                false => None,
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
        xs: &CpuStorage,
        xs_layout: &Layout,
        kernel: &CpuStorage,
        kernel_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let kernel = (kernel, kernel_layout);
        let affine = (affine, affine_layout);
        with_float!(xs.dtype(), T => self.forward::<T>((xs, xs_layout), kernel, affine))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        kernel: &Tensor,
        affine: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        with_float!(xs.dtype(), T => self.backward::<T>(xs, kernel, affine, gradient))
    }
}

/// `(xs, affine)` to `relu(norm(xs))`, of pixels of channels.
pub(crate) struct Activate {
    pub(crate) norm: Normal,
}

/// Numbers that a thread works on at a time.
const PIECE: usize = 1 << 14;

impl Activate {
    /// The length of a piece of whole pixels.
    fn piece(&self) -> usize {
        let channels = self.norm.mean.len();
        (PIECE / channels).max(1) * channels
    }

    fn forward<T: Float>(&self, xs: &[T], affine: &[T]) -> Result<CpuStorage> {
        let channels = self.norm.channels(affine)?;
        let mut out = zeros(xs.len())?;
        let pieces = out.par_chunks_mut(self.piece());
        pieces
            .zip(xs.par_chunks(self.piece()))
            .for_each(|(out, xs)| {
                Isa::best().run(ActivatePiece {
                    channels: &channels,
                    xs,
                    out,
                });
            });
        Ok(T::to_cpu_storage_owned(out))
    }

    /// The gradients of input and affine.
    fn backward<T: Float>(
        &self,
        xs: &[T],
        affine: &[T],
        gradient: &[T],
    ) -> Result<(Vec<T>, Vec<T>)> {
        let channels = self.norm.channels(affine)?;
        let mut dxs = zeros(xs.len())?;
        let pieces = dxs.par_chunks_mut(self.piece());
        let pieces = pieces.zip(xs.par_chunks(self.piece()));
        let sums: Vec<Sums<T>> = pieces
            .zip(gradient.par_chunks(self.piece()))
            .map(|((dxs, xs), gradient)| {
                dxs.copy_from_slice(gradient);
                Isa::best().run(MaskPiece {
                    channels: &channels,
                    xs,
                    dxs,
                })
            })
            .collect();
        let (weight, bias) = channels.parameter_gradients(&sums);
        let pixels = xs.len() / self.norm.mean.len();
        let moved = self.norm.batch.then_some((&*weight, &*bias, pixels));
        go_back(xs, &mut dxs, &channels.way_back(moved));
        let affine = weight.iter().chain(&bias).map(|&g| T::from_f64(g));
        Ok((dxs, affine.collect()))
    }
}

impl CustomOp2 for Activate {
    fn name(&self) -> &'static str {
        "horesnet-norm-relu"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let out = with_float!(xs.dtype(), T => {
            self.forward(elements::<T>(xs, xs_layout)?, elements(affine, affine_layout)?)
        })?;
        Ok((out, xs_layout.shape().clone()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        affine: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        with_float!(xs.dtype(), T => {
            let (dxs, daffine) = with_elements::<T, _>(xs, |xs| {
                with_elements(affine, |affine| {
                    with_elements(&gradient, |gradient| self.backward(xs, affine, gradient))
                })
            })?;
            Ok((
                Some(Tensor::from_vec(dxs, xs.shape(), xs.device())?),
                Some(Tensor::from_vec(daffine, affine.shape(), xs.device())?),
            ))
        })
    }
}

/// Takes masked gradients back through a norm, in parallel.
fn go_back<T: Float>(xs: &[T], gradients: &mut [T], way: &WayBack<T>) {
    let pixels = (PIECE / way.count()).max(1) * way.count();
    let pieces = gradients.par_chunks_mut(pixels);
    pieces
        .zip(xs.par_chunks(pixels))
        .for_each(|(gradients, xs)| {
            Isa::best().run(GoBack { way, xs, gradients });
        });
}

struct ActivatePiece<'a, T> {
    channels: &'a Channels<T>,
    xs: &'a [T],
    out: &'a mut [T],
}

impl<T: Float> Kernel for ActivatePiece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        self.channels.activate::<FUSED>(self.xs, self.out);
    }
}

struct MaskPiece<'a, T> {
    channels: &'a Channels<T>,
    xs: &'a [T],
    dxs: &'a mut [T],
}

impl<T: Float> Kernel for MaskPiece<'_, T> {
    type Output = Sums<T>;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Sums<T> {
        let mut sums = self.channels.sums();
        self.channels.mask::<FUSED>(self.xs, self.dxs, &mut sums);
        sums
    }
}

struct GoBack<'a, T> {
    way: &'a WayBack<T>,
    xs: &'a [T],
    gradients: &'a mut [T],
}

impl<T: Float> Kernel for GoBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        self.way.apply::<FUSED>(self.xs, self.gradients);
    }
}
