//! The convolution of a batch, forward and backward, image by image, with normalisation and `ReLU` before it if wanted.
//!
//! What stands between normalisation and convolution exists for one image at a time, in the cache. Sums over the batch
//! are formed in parts whose number depends on the sizes alone, and joined in order: the bits of a result do not
//! depend on the number of threads.

use candle_core::Result;
use rayon::prelude::*;

use super::dispatch::{Isa, Kernel};
use super::float::{Float, zeros};
use super::image;
use super::norm::{Channels, Sums};
use super::pack::{self, Sizes};
use super::product::{LANES, gather, outer};
use super::window::{Extent, Frame, Phase, Reads, Window, backward, forward};

/// Pixels of the output in a part of the batch, at least.
const PART: usize = 256;

/// Parts of a batch, at most.
const PARTS: usize = 16;

/// A convolution of images of one extent.
pub(crate) struct Convolution {
    pub(crate) isa: Isa,
    pub(crate) input: Extent,
    pub(crate) output: Extent,
    window: Window,
    sizes: Sizes,
    frame: Frame,
    reads: Reads,
}

impl Convolution {
    /// Fails if the window does not fit.
    pub(crate) fn new(isa: Isa, window: Window, input: Extent, outputs: usize) -> Result<Self> {
        let output = window.output(input, outputs)?;
        let (frame, reads) = forward(window, input, output);
        let sizes = Sizes {
            outputs,
            inputs: input.channels,
            side: window.kernel,
        };
        Ok(Self {
            isa,
            input,
            output,
            window,
            sizes,
            frame,
            reads,
        })
    }

    /// Images in a part of a batch.
    fn part(&self, batch: usize) -> usize {
        let least = PART.div_ceil(self.output.pixels().max(1));
        batch.div_ceil(PARTS).max(least)
    }

    /// The outputs of a batch `xs`: of `relu(norm(xs))` if there is a norm.
    pub(crate) fn forward<T: Float>(
        &self,
        xs: &[T],
        batch: usize,
        kernel: &[T],
        norm: Option<&Channels<T>>,
    ) -> Result<Vec<T>> {
        let mut out = zeros(batch * self.output.elements())?;
        if out.is_empty() {
            return Ok(out);
        }
        let weights = pack::forward(self.sizes, kernel);
        let part = self.part(batch);
        let outs = out.par_chunks_mut(part * self.output.elements());
        outs.enumerate().for_each(|(index, out)| {
            self.isa.run(ForwardPart {
                convolution: self,
                xs: images(xs, self.input, index * part),
                out,
                weights: &weights,
                norm,
            });
        });
        Ok(out)
    }

    /// The gradients of whatever `wanted` names, given those of the outputs.
    pub(crate) fn backward<T: Float>(
        &self,
        xs: &[T],
        batch: usize,
        kernel: &[T],
        norm: Option<&Channels<T>>,
        gradients: &[T],
        wanted: Wanted,
    ) -> Result<Gradients<T>> {
        let mut dxs = zeros(if wanted.input {
            batch * self.input.elements()
        } else {
            0
        })?;
        let way = wanted.input.then(|| {
            let (frame, phases) = backward(self.window, self.input, self.output);
            let phases = phases.into_iter();
            let packed = phases.map(|phase| (pack::backward(self.sizes, kernel, &phase), phase));
            (frame, packed.collect::<Vec<_>>())
        });
        let part = self.part(batch);
        let parts = if self.output.elements() == 0 {
            0
        } else {
            batch.div_ceil(part)
        };
        // An empty chunk for every part where no gradient of the input is wanted.
        let mut pieces: Vec<&mut [T]> = Vec::new();
        if !dxs.is_empty() {
            pieces.extend(dxs.chunks_mut(part * self.input.elements()));
        }
        pieces.resize_with(parts, Default::default);
        let sums: Vec<PartSums<T>> = pieces
            .into_par_iter()
            .enumerate()
            .map(|(index, dxs)| {
                self.isa.run(BackwardPart {
                    convolution: self,
                    xs: images(xs, self.input, index * part),
                    gradients: images(gradients, self.output, index * part),
                    images: part.min(batch - index * part),
                    dxs,
                    way: way.as_ref(),
                    norm,
                    wanted,
                })
            })
            .collect();
        let mut kernel = Vec::new();
        if wanted.kernel {
            let mut packed = vec![T::ZERO; self.sizes.packed()];
            for part in &sums {
                for (sum, product) in packed.iter_mut().zip(&part.kernel) {
                    *sum += *product;
                }
            }
            kernel = pack::unpack(self.sizes, &packed);
        }
        Ok(Gradients {
            input: dxs,
            kernel,
            norm: sums.into_iter().filter_map(|part| part.norm).collect(),
        })
    }
}

/// Which gradients to compute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) input: bool,
    pub(crate) kernel: bool,
}

/// Gradients; those not wanted are empty.
pub(crate) struct Gradients<T> {
    /// With a norm: of its output before the `ReLU`, still to be taken back through it.
    pub(crate) input: Vec<T>,
    pub(crate) kernel: Vec<T>,
    /// With a norm: of each part of the batch.
    pub(crate) norm: Vec<Sums<T>>,
}

/// From image `first` on.
fn images<T>(all: &[T], extent: Extent, first: usize) -> &[T] {
    &all[first * extent.elements()..]
}

struct ForwardPart<'a, T> {
    convolution: &'a Convolution,
    xs: &'a [T],
    out: &'a mut [T],
    weights: &'a [T],
    norm: Option<&'a Channels<T>>,
}

impl<T: Float> Kernel for ForwardPart<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Convolution {
            input,
            output,
            frame: shape,
            reads,
            ..
        } = self.convolution;
        let mut frame = vec![T::ZERO; shape.elements()];
        let outs = self.out.chunks_exact_mut(output.elements());
        for (index, out) in outs.enumerate() {
            let xs = &images(self.xs, *input, index)[..input.elements()];
            fill::<T, FUSED>(*shape, xs, self.norm, &mut frame);
            gather::<T, FUSED, ROWS>(&frame, reads, self.weights, out, output.channels);
        }
    }
}

/// How gradients go back to the input: their frame, and each phase with its weights.
type Way<T> = (Frame, Vec<(Vec<T>, Phase)>);

/// What one part of a batch adds to the sums over it.
struct PartSums<T> {
    kernel: Vec<T>,
    norm: Option<Sums<T>>,
}

struct BackwardPart<'a, T> {
    convolution: &'a Convolution,
    xs: &'a [T],
    gradients: &'a [T],
    images: usize,
    dxs: &'a mut [T],
    way: Option<&'a Way<T>>,
    norm: Option<&'a Channels<T>>,
    wanted: Wanted,
}

impl<T: Float> Kernel for BackwardPart<'_, T> {
    type Output = PartSums<T>;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> PartSums<T> {
        let Convolution {
            input,
            output,
            frame: shape,
            reads,
            sizes,
            ..
        } = self.convolution;
        let mut frame = vec![
            T::ZERO;
            if self.wanted.kernel {
                shape.elements()
            } else {
                0
            }
        ];
        let mut kernel = vec![
            T::ZERO;
            if self.wanted.kernel {
                sizes.packed()
            } else {
                0
            }
        ];
        let mut framed = vec![T::ZERO; self.way.map_or(0, |(frame, _)| frame.elements())];
        let mut norm = self.norm.map(Channels::sums);
        let channels = output.channels.next_multiple_of(LANES);
        let mut whole = Vec::new();
        if channels != output.channels {
            whole.resize(output.pixels() * channels, T::ZERO);
        }
        for index in 0..self.images {
            let xs = &images(self.xs, *input, index)[..input.elements()];
            let gradients = &images(self.gradients, *output, index)[..output.elements()];
            if self.wanted.kernel {
                fill::<T, FUSED>(*shape, xs, self.norm, &mut frame);
                let gradients = if whole.is_empty() {
                    gradients
                } else {
                    let pixels = gradients.chunks_exact(output.channels);
                    for (to, from) in whole.chunks_exact_mut(channels).zip(pixels) {
                        to[..output.channels].copy_from_slice(from);
                    }
                    &whole
                };
                outer::<T, FUSED, ROWS>(&frame, reads, gradients, channels, &mut kernel);
            }
            let Some((shape, phases)) = self.way else {
                continue;
            };
            let dxs = &mut self.dxs[index * input.elements()..][..input.elements()];
            image::copy(*shape, gradients, &mut framed);
            for (weights, phase) in phases {
                gather::<T, FUSED, ROWS>(&framed, &phase.reads, weights, dxs, input.channels);
            }
            if let (Some(channels), Some(sums)) = (self.norm, &mut norm) {
                channels.mask::<FUSED>(xs, dxs, sums);
            }
        }
        PartSums { kernel, norm }
    }
}

/// Copies an image into its frame, through the norm if there is one.
#[inline(always)]
fn fill<T: Float, const FUSED: bool>(
    shape: Frame,
    xs: &[T],
    norm: Option<&Channels<T>>,
    frame: &mut [T],
) {
    match norm {
        Some(channels) => image::activate::<T, FUSED>(shape, xs, channels, frame),
        None => image::copy(shape, xs, frame),
    }
}
