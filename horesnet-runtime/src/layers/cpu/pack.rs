//! Weights in the order in which the products read them.
//!
//! They come in blocks of [`LANES`] written channels; a block holds, for every number that a window reads, the weights of
//! these channels. Missing channels of the last block are 0.

use super::float::Float;
use super::gemm::LANES;
use super::window::{ConvShape, Phase};

/// Length of the packed kernel of the forward pass.
pub(crate) fn packed_len(shape: ConvShape) -> usize {
    shape.output.channels.next_multiple_of(LANES)
        * shape.input.channels
        * shape.window.kernel.pow(2)
}

/// Calls `visit(packed, plain)` with both offsets of every weight, for `to` written and `from` read channels.
fn walk(
    [to, from]: [usize; 2],
    rows: &[usize],
    columns: &[usize],
    offset: impl Fn(usize, usize, usize, usize) -> usize,
    mut visit: impl FnMut(usize, usize),
) {
    let depth = rows.len() * columns.len() * from;
    for written in 0..to {
        let mut packed = written / LANES * depth * LANES + written % LANES;
        for &row in rows {
            for &column in columns {
                for read in 0..from {
                    visit(packed, offset(written, read, row, column));
                    packed += LANES;
                }
            }
        }
    }
}

fn walk_forward(shape: ConvShape, visit: impl FnMut(usize, usize)) {
    let side: Vec<usize> = (0..shape.window.kernel).collect();
    let channels = [shape.output.channels, shape.input.channels];
    let offset = |output, input, row, column| shape.weight(output, input, row, column);
    walk(channels, &side, &side, offset, visit);
}

/// The kernel as the forward pass reads it.
pub(crate) fn forward<T: Float>(shape: ConvShape, kernel: &[T]) -> Vec<T> {
    let mut packed = vec![T::ZERO; packed_len(shape)];
    walk_forward(shape, |to, from| packed[to] = kernel[from]);
    packed
}

/// The inverse of [`forward`]: the gradient of the kernel from what [`super::gemm::outer_products`] has summed.
pub(crate) fn unpack<T: Float>(shape: ConvShape, packed: &[T]) -> Vec<T> {
    let mut kernel = vec![T::ZERO; shape.weight(shape.output.channels, 0, 0, 0)];
    walk_forward(shape, |from, to| kernel[to] = packed[from]);
    kernel
}

/// The kernel as one phase of the transposed convolution reads it: from output channels to input channels.
pub(crate) fn transposed<T: Float>(shape: ConvShape, kernel: &[T], phase: &Phase) -> Vec<T> {
    let channels = [shape.input.channels, shape.output.channels];
    let blocks = shape.input.channels.next_multiple_of(LANES);
    let mut packed = vec![T::ZERO; blocks * phase.index.depth()];
    let offset = |input, output, row, column| shape.weight(output, input, row, column);
    walk(channels, &phase.rows, &phase.columns, offset, |to, from| {
        packed[to] = kernel[from];
    });
    packed
}
