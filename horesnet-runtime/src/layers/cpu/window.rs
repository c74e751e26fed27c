//! Where a convolution looks: for every pixel of an output, the place in a padded image from which it is computed.
//!
//! Images are `[height, width, channels]`. One row of a window is then `kernel·channels` consecutive numbers, and a
//! convolution is a matrix product whose left factor never has to be formed: each of its rows is given by a *base*, and
//! the same few *segments* relative to it.

use candle_core::{Result, bail};

/// A square window that moves over an image in equal steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

/// Height, width and channels of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
}

impl Extent {
    pub(crate) fn pixels(self) -> usize {
        self.height * self.width
    }

    pub(crate) fn elements(self) -> usize {
        self.pixels() * self.channels
    }
}

impl Window {
    /// The extent of the output: a window must fit into the padded image.
    pub(crate) fn output(self, input: Extent, channels: usize) -> Result<Extent> {
        let side = |length: usize| {
            let padded = length + 2 * self.padding;
            if padded < self.kernel {
                bail!(
                    "a window of {0}×{0} does not fit into an image of {1}×{2} with padding {3}",
                    self.kernel,
                    input.height,
                    input.width,
                    self.padding
                )
            }
            Ok((padded - self.kernel) / self.stride + 1)
        };
        Ok(Extent {
            height: side(input.height)?,
            width: side(input.width)?,
            channels,
        })
    }
}

/// An image's place in a larger one of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) image: Extent,
    pub(crate) top: usize,
    pub(crate) left: usize,
    /// Height and width of the whole.
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Frame {
    pub(crate) fn elements(self) -> usize {
        self.height * self.width * self.image.channels
    }

    /// Where row `y` of the image begins.
    pub(crate) fn row(self, y: usize) -> usize {
        ((y + self.top) * self.width + self.left) * self.image.channels
    }
}

/// What one pass over an image reads and writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    /// For every pixel written, where its window begins in the frame.
    pub(crate) bases: Vec<usize>,
    /// For every pixel written, which one it is.
    pub(crate) pixels: Vec<usize>,
    /// Where the rows of a window begin, counted from its base.
    pub(crate) segments: Vec<usize>,
    /// The length of each.
    pub(crate) run: usize,
}

impl Reads {
    /// Numbers read for each pixel.
    pub(crate) fn depth(&self) -> usize {
        self.segments.len() * self.run
    }
}

/// The frame and the reads of the convolution itself: from the input to the output.
pub(crate) fn forward(window: Window, input: Extent, output: Extent) -> (Frame, Reads) {
    let frame = Frame {
        image: input,
        top: window.padding,
        left: window.padding,
        height: input.height + 2 * window.padding,
        width: input.width + 2 * window.padding,
    };
    let line = frame.width * input.channels;
    let base = |pixel: usize| {
        let (y, x) = (pixel / output.width, pixel % output.width);
        y * window.stride * line + x * window.stride * input.channels
    };
    let reads = Reads {
        bases: (0..output.pixels()).map(base).collect(),
        pixels: (0..output.pixels()).collect(),
        segments: (0..window.kernel).map(|row| row * line).collect(),
        run: window.kernel * input.channels,
    };
    (frame, reads)
}

/// One phase of the way back: input pixels whose padded coordinates leave the same remainders when divided by the
/// stride are reached by the same rows and columns of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phase {
    pub(crate) reads: Reads,
    /// The rows of the kernel, in the order of the segments.
    pub(crate) rows: Vec<usize>,
    /// The columns of the kernel, in the order in which a segment holds them.
    pub(crate) columns: Vec<usize>,
}

/// The frame and the phases of the input's gradient: from the output's gradient to the input.
pub(crate) fn backward(window: Window, input: Extent, output: Extent) -> (Frame, Vec<Phase>) {
    let Window {
        kernel,
        stride,
        padding,
    } = window;
    // The longest list of kernel rows that reach one pixel, less the one that needs no margin.
    let margin = kernel.div_ceil(stride) - 1;
    let whole = |outputs: usize, inputs: usize| {
        let last = (inputs + padding).saturating_sub(1) / stride;
        margin + outputs.max(last + 1)
    };
    let frame = Frame {
        image: output,
        top: margin,
        left: margin,
        height: whole(output.height, input.height),
        width: whole(output.width, input.width),
    };
    // Of one axis: for each remainder, the kernel's places (last first, as outputs ascend), and for each input its read.
    let axis = |length: usize, remainder: usize| {
        let places: Vec<usize> = (remainder..kernel).step_by(stride).rev().collect();
        let inputs: Vec<(usize, usize)> = (0..length)
            .filter(|at| (at + padding) % stride == remainder)
            .map(|at| (at, (at + padding) / stride + margin + 1 - places.len()))
            .collect();
        (places, inputs)
    };
    let mut phases = Vec::with_capacity(stride * stride);
    for down in 0..stride {
        let (rows, ys) = axis(input.height, down);
        for right in 0..stride {
            let (columns, xs) = axis(input.width, right);
            let reached = !rows.is_empty() && !columns.is_empty();
            if !reached || ys.is_empty() || xs.is_empty() {
                continue;
            }
            let line = frame.width * output.channels;
            let mut reads = Reads {
                bases: Vec::with_capacity(ys.len() * xs.len()),
                pixels: Vec::with_capacity(ys.len() * xs.len()),
                segments: (0..rows.len()).map(|row| row * line).collect(),
                run: columns.len() * output.channels,
            };
            for (y, from_y) in &ys {
                for (x, from_x) in &xs {
                    reads.bases.push(from_y * line + from_x * output.channels);
                    reads.pixels.push(y * input.width + x);
                }
            }
            phases.push(Phase {
                reads,
                rows: rows.clone(),
                columns,
            });
        }
    }
    (frame, phases)
}
