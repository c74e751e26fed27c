//! Convolution of a batch, forward and backward, optionally after normalisation and `ReLU`.
//!
//! Normalised inputs exist for a few images at a time, in the cache. Sums over the batch are formed in chunks, whose number
//! depends on the shapes alone, and added in order: results are bit-identical for any number of threads.

use std::mem::MaybeUninit;
use std::sync::OnceLock;

use candle_core::Result;

use super::float::{Float, assume_written, par_write, zeroed};
use super::norm::{GradSums, OptionalNorm, relu_backward};
use super::stored::Stored;
use super::window::{ConvShape, ConvWindow, Extent};
use super::{direct, pack, winograd};
use crate::combine::{Isa, par_map, par_map_chunks};

/// Fewest output pixels in a chunk of the batch.
const CHUNK_PIXELS: usize = 256;

/// Most chunks of a batch.
const CHUNKS: usize = 16;

/// Elements of sums of chunks that a thread adds at a time.
const SUMS: usize = 4096;

/// A convolution of images of one extent.
pub(crate) struct Convolution {
    isa: Isa,
    pub(crate) shape: ConvShape,
    pub(super) winograd: Option<winograd::Algorithm>,
}

impl Convolution {
    /// # Errors
    /// The window does not fit.
    pub(crate) fn new(isa: Isa, window: ConvWindow, input: Extent, outputs: usize) -> Result<Self> {
        let shape = ConvShape::new(window, input, outputs)?;
        let winograd = winograd::fastest(shape);
        Ok(Self {
            isa,
            shape,
            winograd,
        })
    }

    /// Images in a chunk of a batch.
    fn chunk(&self, batch: usize) -> usize {
        let least = CHUNK_PIXELS.div_ceil(self.shape.output.pixels().max(1));
        batch.div_ceil(CHUNKS).max(least)
    }

    /// The outputs of a batch `xs`: of `relu(norm(xs))` if there is a norm.
    pub(crate) fn forward<E: Stored>(
        &self,
        xs: &[E],
        batch: usize,
        kernel: &[E::Float],
        norm: OptionalNorm<E::Float>,
    ) -> Result<Vec<E>> {
        let ConvShape { input, output, .. } = self.shape;
        let elements = batch * output.elements();
        if elements == 0 {
            return Ok(Vec::new());
        }
        let conv = Conv::new(self, kernel, false);
        let chunk = self.chunk(batch);
        let (out, _) = par_write(elements, chunk * output.elements(), |index, out| {
            E::widened(self.isa, images(xs, input, index, chunk), |xs| {
                E::rounded(self.isa, out, |out| (conv.run(xs, norm, out), ()))
            })
        })?;
        Ok(out)
    }

    /// The gradients in `needed`, given those of the outputs.
    pub(crate) fn backward<E: Stored>(
        &self,
        xs: &[E],
        batch: usize,
        kernel: &[E::Float],
        norm: OptionalNorm<E::Float>,
        gradients: &[E],
        needed: NeedsGrad,
    ) -> Result<ConvGrads<E>> {
        let ConvShape { input, output, .. } = self.shape;
        let empty = batch * output.elements() == 0;
        let chunk = self.chunk(batch);
        let images_of = |index| images(xs, input, index, chunk);
        let gradients_of = |index| images(gradients, output, index, chunk);
        let mut grads = ConvGrads {
            input: Vec::new(),
            kernel: vec![E::Float::ZERO; if needed.kernel { kernel.len() } else { 0 }],
            norm: Vec::new(),
        };
        if needed.kernel && !empty {
            let packed = self.by_plane(xs, norm, gradients).unwrap_or_else(|| {
                let weight_grad = WeightGrad::new(self);
                let sums = par_map(batch.div_ceil(chunk), |index| {
                    E::widened(self.isa, images_of(index), |xs| {
                        E::widened(self.isa, gradients_of(index), |gradients| {
                            weight_grad.sums(xs, norm, gradients)
                        })
                    })
                });
                total(sums)
            });
            grads.kernel = pack::unpack(self.shape, &packed);
        }
        if needed.input {
            let conv = (!empty).then(|| Conv::new(self, kernel, true));
            let elements = chunk * input.elements();
            let (dxs, sums) = par_write(batch * input.elements(), elements, |index, dxs| {
                E::rounded(self.isa, dxs, |dxs| {
                    let dxs = match &conv {
                        Some(conv) => E::widened(self.isa, gradients_of(index), |gradients| {
                            conv.run(gradients, None, dxs)
                        }),
                        None => zeroed(dxs),
                    };
                    let sums = norm.map(|norm| {
                        E::widened(self.isa, images_of(index), |xs| {
                            relu_backward(self.isa, norm, xs, dxs)
                        })
                    });
                    (dxs, sums)
                })
            })?;
            grads.input = dxs;
            grads.norm = sums.into_iter().flatten().collect();
        }
        Ok(grads)
    }

    /// The packed gradient of a large kernel, plane by plane; `None` if the kernel is small or a number is not finite.
    fn by_plane<E: Stored>(
        &self,
        xs: &[E],
        norm: OptionalNorm<E::Float>,
        gradients: &[E],
    ) -> Option<Vec<E::Float>> {
        let algorithm = self.winograd?;
        if winograd::WeightGrad::is_small(algorithm, self.shape) {
            return None;
        }
        let len = pack::packed_len(self.shape);
        let mut sums = Vec::with_capacity(len);
        let space = &mut sums.spare_capacity_mut()[..len];
        let by_plane = winograd::ByPlane::new(algorithm, self.shape)?;
        by_plane.run(self.isa, xs, norm, gradients, space).then(|| {
            // SAFETY: every sum has been written.
            unsafe { sums.set_len(len) };
            sums
        })
    }
}

/// The sum of the chunks, each element in their order.
fn total<T: Float>(chunks: Vec<Vec<T>>) -> Vec<T> {
    let mut chunks = chunks.into_iter();
    let mut total = chunks.next().unwrap_or_default();
    par_map_chunks(&mut total, SUMS, |index, total| {
        for chunk in chunks.as_slice() {
            for (sum, term) in total.iter_mut().zip(&chunk[index * SUMS..]) {
                *sum += *term;
            }
        }
    });
    total
}

/// Which gradients to compute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NeedsGrad {
    pub(crate) input: bool,
    pub(crate) kernel: bool,
}

/// Gradients of a convolution; those not needed are empty.
pub(crate) struct ConvGrads<E: Stored> {
    /// With a norm, the gradient of its output before the `ReLU`.
    pub(crate) input: Vec<E>,
    pub(crate) kernel: Vec<E::Float>,
    /// With a norm, the sums of each chunk of the batch.
    pub(crate) norm: Vec<GradSums<E::Float>>,
}

/// Chunk `index` of a batch in chunks of `count` images.
fn images<T>(all: &[T], extent: Extent, index: usize, count: usize) -> &[T] {
    let rest = &all[index * count * extent.elements()..];
    &rest[..rest.len().min(count * extent.elements())]
}

/// Convolves images: by Winograd's algorithm where that is faster and yields finite numbers, directly otherwise.
struct Conv<'a, T> {
    convolution: &'a Convolution,
    kernel: &'a [T],
    transposed: bool,
    winograd: Option<winograd::Conv<T>>,
    direct: OnceLock<direct::Conv<T>>,
}

impl<'a, T: Float> Conv<'a, T> {
    fn new(convolution: &'a Convolution, kernel: &'a [T], transposed: bool) -> Self {
        let shape = convolution.shape;
        let winograd = |algorithm| winograd::Conv::new(algorithm, shape, kernel, transposed);
        Self {
            convolution,
            kernel,
            transposed,
            winograd: convolution.winograd.map(winograd),
            direct: OnceLock::new(),
        }
    }

    /// Writes the convolution of images `xs`, or of `relu(norm(xs))`, to all of `out`, and returns it.
    fn run<'o>(
        &self,
        xs: &[T],
        norm: OptionalNorm<T>,
        out: &'o mut [MaybeUninit<T>],
    ) -> &'o mut [T] {
        let Convolution { isa, shape, .. } = *self.convolution;
        let winograd = self.winograd.as_ref();
        if !winograd.is_some_and(|conv| conv.run(isa, xs, norm, out)) {
            let conv = || direct::Conv::new(shape, self.kernel, self.transposed);
            direct::convolve(isa, self.direct.get_or_init(conv), xs, norm, out);
        }
        // SAFETY: both algorithms write every pixel of every image.
        unsafe { assume_written(out) }
    }
}

/// Computes the gradient of the kernel from images and gradients, by the same algorithms.
struct WeightGrad<'a> {
    convolution: &'a Convolution,
    winograd: Option<winograd::WeightGrad>,
    direct: direct::WeightGrad,
}

impl<'a> WeightGrad<'a> {
    fn new(convolution: &'a Convolution) -> Self {
        let shape = convolution.shape;
        let winograd = |algorithm| winograd::WeightGrad::new(algorithm, shape);
        Self {
            convolution,
            winograd: convolution.winograd.map(winograd),
            direct: direct::WeightGrad::new(shape),
        }
    }

    /// The packed gradient of the kernel from some images.
    fn sums<T: Float>(&self, xs: &[T], norm: OptionalNorm<T>, gradients: &[T]) -> Vec<T> {
        let isa = self.convolution.isa;
        let len = pack::packed_len(self.convolution.shape);
        let mut sums = Vec::with_capacity(len);
        let space = &mut sums.spare_capacity_mut()[..len];
        let winograd = self.winograd;
        if !winograd.is_some_and(|winograd| winograd.run(isa, xs, norm, gradients, space)) {
            let space = zeroed(space);
            direct::add_weight_grad(isa, &self.direct, xs, norm, gradients, space);
        }
        // SAFETY: both algorithms write every sum.
        unsafe { sums.set_len(len) };
        sums
    }
}
