//! Weights in the order in which the products read them: blocks of [`LANES`] channels of the side that is written; in a
//! block, for every number that a window reads, the weights of these channels. Missing channels of the last block are 0.
//!
//! A kernel is `[out, in, rows, columns]`, as everywhere in candle.

use super::float::Float;
use super::product::LANES;
use super::window::Phase;

/// The sizes of a convolution's kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) outputs: usize,
    pub(crate) inputs: usize,
    pub(crate) side: usize,
}

impl Sizes {
    pub(crate) fn elements(self) -> usize {
        self.outputs * self.inputs * self.side * self.side
    }

    /// The length of the packed kernel for outputs.
    pub(crate) fn packed(self) -> usize {
        self.outputs.next_multiple_of(LANES) * self.inputs * self.side * self.side
    }

    pub(crate) fn at(self, output: usize, input: usize, row: usize, column: usize) -> usize {
        ((output * self.inputs + input) * self.side + row) * self.side + column
    }

    /// Calls `visit(packed, plain)` for the place of every weight in either order.
    fn walk(self, mut visit: impl FnMut(usize, usize)) {
        let depth = self.side * self.side * self.inputs;
        for output in 0..self.outputs {
            let block = output / LANES * depth * LANES + output % LANES;
            let mut read = 0;
            for row in 0..self.side {
                for column in 0..self.side {
                    for input in 0..self.inputs {
                        visit(block + read * LANES, self.at(output, input, row, column));
                        read += 1;
                    }
                }
            }
        }
    }
}

/// The kernel as the convolution reads it.
pub(crate) fn forward<T: Float>(sizes: Sizes, kernel: &[T]) -> Vec<T> {
    let mut packed = vec![T::ZERO; sizes.packed()];
    sizes.walk(|to, from| packed[to] = kernel[from]);
    packed
}

/// The inverse of [`forward`]: what [`super::product::outer`] has summed, as a kernel.
pub(crate) fn unpack<T: Float>(sizes: Sizes, packed: &[T]) -> Vec<T> {
    let mut kernel = vec![T::ZERO; sizes.elements()];
    sizes.walk(|from, to| kernel[to] = packed[from]);
    kernel
}

/// The kernel as one phase of the way back reads it: from output channels to input channels.
pub(crate) fn backward<T: Float>(sizes: Sizes, kernel: &[T], phase: &Phase) -> Vec<T> {
    let depth = phase.reads.depth();
    let mut packed = vec![T::ZERO; sizes.inputs.next_multiple_of(LANES) * depth];
    for input in 0..sizes.inputs {
        let block = input / LANES * depth * LANES + input % LANES;
        let mut read = 0;
        for &row in &phase.rows {
            for &column in &phase.columns {
                for output in 0..sizes.outputs {
                    packed[block + read * LANES] = kernel[sizes.at(output, input, row, column)];
                    read += 1;
                }
            }
        }
    }
    packed
}
