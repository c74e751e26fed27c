//! Sums over the parts of a process, in the order of the tree.

use super::gradient_sums::add;

/// A sum over some parts.
pub(super) trait PartialSum {
    /// Adds that of the parts that follow.
    fn add(&mut self, right: &Self);
}

impl PartialSum for Vec<f32> {
    fn add(&mut self, right: &Self) {
        add(self, right);
    }
}

/// Adds the parts of a micro-batch to those before, as far as the tree allows: no more than log₂ of their sums are kept.
pub(super) fn merge_micro_batch<T: PartialSum>(
    sums: &mut [Option<T>],
    micro_batch: usize,
    micro_batches: usize,
) {
    let end = micro_batch + 1;
    for block in sums.chunks_mut(micro_batches) {
        let mut width = 1;
        while width < micro_batches && end.is_multiple_of(2 * width) {
            merge(block, end - 2 * width, end - width);
            width *= 2;
        }
    }
}

/// Adds blocks of parts, each of which has its sum at its beginning; takes the sum of all.
pub(super) fn merge_blocks<T: PartialSum>(sums: &mut [Option<T>], block: usize) -> Option<T> {
    let mut width = block;
    while width < sums.len() {
        for left in (0..sums.len()).step_by(2 * width) {
            merge(sums, left, left + width);
        }
        width *= 2;
    }
    sums.first_mut().and_then(Option::take)
}

fn merge<T: PartialSum>(sums: &mut [Option<T>], left: usize, right: usize) {
    let Some(right) = sums.get_mut(right).and_then(Option::take) else {
        return;
    };
    match &mut sums[left] {
        Some(left) => left.add(&right),
        empty => *empty = Some(right),
    }
}
