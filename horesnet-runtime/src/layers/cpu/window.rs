//! Shapes of a convolution, and the index of its implicit im2col.
//!
//! Images are `[height, width, channels]`, so one row of a window is `kernel·channels` consecutive numbers. The im2col
//! matrix is never formed: each of its rows is given by a *base*, and the same few *segments* relative to it.

use candle_core::{Result, bail};

/// A square window that slides over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConvWindow {
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

/// A convolution, or pooling, of images of one extent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvShape {
    pub(crate) window: ConvWindow,
    pub(crate) input: Extent,
    pub(crate) output: Extent,
}

impl ConvShape {
    /// # Errors
    /// The window does not fit into the padded image.
    pub(crate) fn new(window: ConvWindow, input: Extent, channels: usize) -> Result<Self> {
        let side = |length: usize| {
            let padded = length + 2 * window.padding;
            if padded < window.kernel {
                bail!(
                    "a window of {0}×{0} does not fit into an image of {1}×{2} with padding {3}",
                    window.kernel,
                    input.height,
                    input.width,
                    window.padding
                )
            }
            Ok((padded - window.kernel) / window.stride + 1)
        };
        let output = Extent {
            height: side(input.height)?,
            width: side(input.width)?,
            channels,
        };
        Ok(Self {
            window,
            input,
            output,
        })
    }

    /// Offset of a weight in the kernel, `[out, in, rows, columns]` as everywhere in candle.
    pub(crate) fn weight(self, output: usize, input: usize, row: usize, column: usize) -> usize {
        let side = self.window.kernel;
        ((output * self.input.channels + input) * side + row) * side + column
    }

    /// The padded image and the im2col index of the convolution itself: from input to output.
    pub(crate) fn forward(self) -> (Padded, Im2col) {
        let Self {
            window,
            input,
            output,
        } = self;
        let padded = Padded {
            image: input,
            margin: window.padding,
            height: input.height + 2 * window.padding,
            width: input.width + 2 * window.padding,
        };
        let line = padded.width * input.channels;
        let base = |pixel: usize| {
            let (y, x) = (pixel / output.width, pixel % output.width);
            y * window.stride * line + x * window.stride * input.channels
        };
        let index = Im2col {
            bases: (0..output.pixels()).map(base).collect(),
            pixels: (0..output.pixels()).collect(),
            segments: (0..window.kernel).map(|row| row * line).collect(),
            run: window.kernel * input.channels,
        };
        (padded, index)
    }

    /// The padded image and the phases of the transposed convolution: from the output's gradient to the input's.
    pub(crate) fn transposed(self) -> (Padded, Vec<Phase>) {
        let Self { input, output, .. } = self;
        let ConvWindow {
            kernel,
            stride,
            padding,
        } = self.window;
        // The longest list of kernel rows that reach one pixel, less the one that needs no margin.
        let margin = kernel.div_ceil(stride) - 1;
        let side = |outputs: usize, inputs: usize| {
            let last = (inputs + padding).saturating_sub(1) / stride;
            margin + outputs.max(last + 1)
        };
        let padded = Padded {
            image: output,
            margin,
            height: side(output.height, input.height),
            width: side(output.width, input.width),
        };
        let line = padded.width * output.channels;
        // Along one axis: for each remainder, the kernel's offsets (last first, as outputs ascend), and for each input
        // where its window begins.
        let axis = |length: usize, remainder: usize| {
            let offsets: Vec<usize> = (remainder..kernel).step_by(stride).rev().collect();
            let inputs: Vec<(usize, usize)> = (0..length)
                .filter(|at| (at + padding) % stride == remainder)
                .map(|at| (at, (at + padding) / stride + margin + 1 - offsets.len()))
                .collect();
            (offsets, inputs)
        };
        let mut phases = Vec::with_capacity(stride * stride);
        for down in 0..stride {
            let (rows, ys) = axis(input.height, down);
            for right in 0..stride {
                let (columns, xs) = axis(input.width, right);
                if rows.is_empty() || columns.is_empty() || ys.is_empty() || xs.is_empty() {
                    continue;
                }
                let pixels = ys.iter().flat_map(|y| xs.iter().map(move |x| (y, x)));
                let (bases, pixels) = pixels
                    .map(|((y, from_y), (x, from_x))| {
                        let base = from_y * line + from_x * output.channels;
                        (base, y * input.width + x)
                    })
                    .unzip();
                let index = Im2col {
                    bases,
                    pixels,
                    segments: (0..rows.len()).map(|row| row * line).collect(),
                    run: columns.len() * output.channels,
                };
                let rows = rows.clone();
                phases.push(Phase {
                    index,
                    rows,
                    columns,
                });
            }
        }
        (padded, phases)
    }
}

/// An image with a margin of zeros.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Padded {
    pub(crate) image: Extent,
    /// Zeros above and to the left of the image.
    pub(crate) margin: usize,
    /// Height and width of the whole.
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Padded {
    pub(crate) fn elements(self) -> usize {
        self.height * self.width * self.image.channels
    }

    /// Offset of row `y` of the image.
    pub(crate) fn row(self, y: usize) -> usize {
        ((y + self.margin) * self.width + self.margin) * self.image.channels
    }
}

/// Index of an im2col matrix that is not formed: the elements that are read for each pixel written.
#[derive(Clone, Debug)]
pub(crate) struct Im2col {
    /// For every pixel written, offset of its window in the padded image.
    pub(crate) bases: Vec<usize>,
    /// The pixels written.
    pub(crate) pixels: Vec<usize>,
    /// Offsets of a window's rows from its base.
    pub(crate) segments: Vec<usize>,
    /// Length of each row.
    pub(crate) run: usize,
}

impl Im2col {
    /// Numbers read for each pixel.
    pub(crate) fn depth(&self) -> usize {
        self.segments.len() * self.run
    }
}

/// One phase of a transposed convolution.
///
/// Input pixels whose padded coordinates have the same remainder modulo the stride are reached by the same rows and columns
/// of the kernel.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub(crate) index: Im2col,
    /// Rows of the kernel, in the order of the segments.
    pub(crate) rows: Vec<usize>,
    /// Columns of the kernel, in the order in which a segment holds them.
    pub(crate) columns: Vec<usize>,
}
