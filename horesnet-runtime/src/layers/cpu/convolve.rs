//! The convolution of a batch, forward and backward, with normalisation and `ReLU` before it if wanted.
//!
//! What stands between normalisation and convolution exists for a few images at a time, in the cache. Sums over the batch
//! are formed in parts whose number depends on the sizes alone, and joined in order: the bits of a result do not
//! depend on the number of threads.

use std::sync::OnceLock;

use candle_core::Result;
use rayon::prelude::*;

use super::float::{Float, written};
use super::norm::{Channels, Mask, Sums};
use super::pack::{self, Sizes};
use super::window::{Extent, Window};
use super::{direct, winograd};
use crate::combine::Isa;

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
    winograd: bool,
}

impl Convolution {
    /// Fails if the window does not fit.
    pub(crate) fn new(isa: Isa, window: Window, input: Extent, outputs: usize) -> Result<Self> {
        let output = window.output(input, outputs)?;
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
            winograd: winograd::suits(window, input, outputs),
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
        let elements = batch * self.output.elements();
        if elements == 0 {
            return Ok(Vec::new());
        }
        let correlation = Correlation::new(self, kernel, false);
        let part = self.part(batch);
        let (out, _) = written(elements, part * self.output.elements(), |index, out| {
            let xs = images(xs, self.input, index * part, part);
            correlation.run(self.isa, xs, norm, out);
        })?;
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
        let some = batch > 0 && self.output.elements() > 0;
        let part = self.part(batch);
        let mut found = Gradients {
            input: Vec::new(),
            kernel: vec![T::ZERO; if wanted.kernel { kernel.len() } else { 0 }],
            norm: Vec::new(),
        };
        if wanted.kernel && some {
            let products = Products::new(self);
            let parts: Vec<Vec<T>> = (0..batch.div_ceil(part))
                .into_par_iter()
                .map(|index| {
                    let xs = images(xs, self.input, index * part, part);
                    let gradients = images(gradients, self.output, index * part, part);
                    products.of(self.isa, xs, norm, gradients)
                })
                .collect();
            let mut packed = vec![T::ZERO; self.sizes.packed()];
            for part in &parts {
                for (sum, product) in packed.iter_mut().zip(part) {
                    *sum += *product;
                }
            }
            found.kernel = pack::unpack(self.sizes, &packed);
        }
        if wanted.input {
            let correlation = some.then(|| Correlation::new(self, kernel, true));
            let elements = batch * self.input.elements();
            let piece = part * self.input.elements();
            let (input, sums) = written(elements, piece, |index, dxs| {
                if let Some(correlation) = &correlation {
                    let gradients = images(gradients, self.output, index * part, part);
                    correlation.run(self.isa, gradients, None, dxs);
                }
                let xs = images(xs, self.input, index * part, part);
                norm.map(|channels| {
                    self.isa.run(Mask {
                        channels,
                        xs,
                        gradients: dxs,
                    })
                })
            })?;
            found.input = input;
            found.norm = sums.into_iter().flatten().collect();
        }
        Ok(found)
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

/// `count` images from image `first` on, or as many as there are.
fn images<T>(all: &[T], extent: Extent, first: usize, count: usize) -> &[T] {
    let rest = &all[first * extent.elements()..];
    &rest[..rest.len().min(count * extent.elements())]
}

/// From images to images, by Winograd's way where it suits, and otherwise, or if that leads to numbers that are not
/// finite, the plain way.
struct Correlation<'a, T> {
    convolution: &'a Convolution,
    kernel: &'a [T],
    backward: bool,
    winograd: Option<winograd::Correlation<T>>,
    direct: OnceLock<direct::Correlation<T>>,
}

impl<'a, T: Float> Correlation<'a, T> {
    fn new(convolution: &'a Convolution, kernel: &'a [T], backward: bool) -> Self {
        let way = if backward {
            winograd::Correlation::backward
        } else {
            winograd::Correlation::forward
        };
        let winograd = convolution.winograd;
        Self {
            convolution,
            kernel,
            backward,
            winograd: winograd.then(|| way(convolution.input, convolution.sizes, kernel)),
            direct: OnceLock::new(),
        }
    }

    fn direct(&self) -> &direct::Correlation<T> {
        self.direct.get_or_init(|| {
            let way = if self.backward {
                direct::Correlation::backward
            } else {
                direct::Correlation::forward
            };
            let Convolution {
                window,
                input,
                output,
                sizes,
                ..
            } = *self.convolution;
            way(window, input, output, sizes, self.kernel)
        })
    }

    fn run(&self, isa: Isa, xs: &[T], norm: Option<&Channels<T>>, out: &mut [T]) {
        let winograd = self.winograd.as_ref();
        if !winograd.is_some_and(|way| way.run(isa, xs, norm, out)) {
            self.direct().run(isa, xs, norm, out);
        }
    }
}

/// From images and gradients to the gradient of the kernel, by the same ways.
struct Products {
    sizes: Sizes,
    winograd: Option<winograd::Products>,
    direct: direct::Products,
}

impl Products {
    fn new(convolution: &Convolution) -> Self {
        let Convolution {
            window,
            input,
            output,
            sizes,
            winograd,
            ..
        } = *convolution;
        Self {
            sizes,
            winograd: winograd.then(|| winograd::Products::new(input, sizes)),
            direct: direct::Products::new(window, input, output),
        }
    }

    /// The gradient of the kernel that some images come to, packed.
    fn of<T: Float>(
        &self,
        isa: Isa,
        xs: &[T],
        norm: Option<&Channels<T>>,
        gradients: &[T],
    ) -> Vec<T> {
        let mut sums = vec![T::ZERO; self.sizes.packed()];
        let winograd = self.winograd;
        if !winograd.is_some_and(|way| way.add(isa, xs, norm, gradients, &mut sums)) {
            sums.fill(T::ZERO);
            self.direct.add(isa, xs, norm, gradients, &mut sums);
        }
        sums
    }
}
