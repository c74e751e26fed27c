//! Sums many numbers over all processes: each process gets a slice of all, sums it, and sends the sum to all.
//!
//! A process sends and receives twice its numbers, however many processes there are.

use std::ops::AddAssign;

use super::Communicator;

/// The number of elements that are sent at a time, so that buffers stay small.
const BUCKET: usize = 1 << 22;

/// A number of a gradient.
pub(crate) trait Addend: Copy + Default + AddAssign + Send + Sync + 'static {
    /// Its bytes.
    fn write(self, bytes: &mut Vec<u8>);

    /// Reads numbers.
    fn read(bytes: &[u8]) -> Vec<Self>;
}

macro_rules! addend {
    ($($t:ty),+) => {$(
        impl Addend for $t {
            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Vec<Self> {
                let (numbers, _) = bytes.as_chunks();
                numbers.iter().map(|number| Self::from_le_bytes(*number)).collect()
            }
        }
    )+};
}

addend!(f32, f64);

/// Replaces numbers by their sums over all processes, whose number is a power of two, in the order of a balanced binary tree.
pub(crate) fn sum_slices<T: Addend>(cluster: &dyn Communicator, numbers: &mut [T]) {
    let size = cluster.size();
    if size == 1 {
        return;
    }
    for bucket in numbers.chunks_mut(BUCKET) {
        let slice = bucket.len().div_ceil(size);
        let mut bytes = to_bytes(bucket);
        bytes.resize(slice * size * size_of::<T>(), 0);
        let received: Vec<T> = T::read(&cluster.all_to_all(&bytes));
        let mut slices: Vec<&[T]> = received.chunks(slice).collect();
        let own = tree(&mut slices);
        let sums = T::read(&cluster.all_gather(&to_bytes(&own)));
        for (number, sum) in bucket.iter_mut().zip(sums) {
            *number = sum;
        }
    }
}

fn to_bytes<T: Addend>(numbers: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(numbers));
    for number in numbers {
        number.write(&mut bytes);
    }
    bytes
}

/// The sum of slices, of which there is a power of two.
fn tree<T: Addend>(slices: &mut [&[T]]) -> Vec<T> {
    if let [one] = slices {
        return one.to_vec();
    }
    let (left, right) = slices.split_at_mut(slices.len() / 2);
    let mut sum = tree(left);
    for (sum, term) in sum.iter_mut().zip(tree(right)) {
        *sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::sum_slices;
    use crate::cluster::threads;

    #[test]
    fn sums_are_those_of_a_balanced_tree() {
        let number =
            |rank: usize, i: usize| ((rank * 31 + i * 7) % 13) as f32 * 0.1 + 1e6 * rank as f32;
        for size in [1, 2, 4] {
            let sums = threads::run(size, |cluster| {
                let mut numbers: Vec<f32> = (0..11).map(|i| number(cluster.rank(), i)).collect();
                sum_slices(cluster, &mut numbers);
                numbers
            });
            let expected = |i| match size {
                1 => number(0, i),
                2 => number(0, i) + number(1, i),
                _ => (number(0, i) + number(1, i)) + (number(2, i) + number(3, i)),
            };
            let expected: Vec<f32> = (0..11).map(expected).collect();
            assert!(sums.iter().all(|sums| *sums == expected));
        }
    }
}
