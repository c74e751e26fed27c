//! Sums of tensors over processes, on the devices that hold them, in the order of a balanced binary tree.

use std::fmt::Debug;

use candle_core::{Result, Tensor, bail};
use horesnet::{Operand, no_grad, weighted_sum};

use super::Alone;

/// The way of a process's vectors to other processes, from device to device.
///
/// All processes call the same methods in the same order, with vectors of one length and dtype, `f32` or `f64`.
pub trait TensorExchange: Debug + Send + Sync {
    /// The number of processes, a power of two.
    fn size(&self) -> usize;

    /// Sends the n-th of equal slices of a vector to process n; returns the slices of all for this one.
    ///
    /// # Errors
    /// The device or the network fails.
    fn all_to_all(&self, own: &Tensor) -> Result<Tensor>;

    /// Returns the vectors of all processes, in order.
    ///
    /// # Errors
    /// The device or the network fails.
    fn all_gather(&self, own: &Tensor) -> Result<Tensor>;
}

impl TensorExchange for Alone {
    fn size(&self) -> usize {
        1
    }

    fn all_to_all(&self, own: &Tensor) -> Result<Tensor> {
        Ok(own.clone())
    }

    fn all_gather(&self, own: &Tensor) -> Result<Tensor> {
        Ok(own.clone())
    }
}

/// Sums few numbers: each process gets those of all.
pub(crate) fn sum_gathered(exchange: &dyn TensorExchange, own: &Tensor) -> Result<Tensor> {
    let all = exchange.all_gather(&own.detach().flatten_all()?.contiguous()?)?;
    tree(&all.chunk(exchange.size(), 0)?)?.reshape(own.shape())
}

/// Sums many numbers, a vector: each process gets a slice of those of all, sums it, and sends the sum to all.
pub(crate) fn sum_sliced(exchange: &dyn TensorExchange, own: &Tensor) -> Result<Tensor> {
    let (len, size) = (own.dims1()?, exchange.size());
    if size == 1 || len == 0 {
        return Ok(own.clone());
    }
    let slice = len.div_ceil(size);
    let padded = own.detach().pad_with_zeros(0, 0, slice * size - len)?;
    let received = exchange.all_to_all(&padded.contiguous()?)?;
    let sum = tree(&received.chunk(size, 0)?)?;
    exchange.all_gather(&sum)?.narrow(0, 0, len)
}

/// The sum of vectors, of which there is a power of two. Each addition is rounded as on the CPU, on every device.
fn tree(vectors: &[Tensor]) -> Result<Tensor> {
    match vectors {
        [] => bail!("a sum over no processes"),
        [one] => one.contiguous(),
        _ => {
            let (left, right) = vectors.split_at(vectors.len() / 2);
            let [left, right] = [Operand::new(tree(left)?)?, Operand::new(tree(right)?)?];
            no_grad(|| weighted_sum(&[(1.0, &left), (1.0, &right)]))
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};

    use super::{sum_gathered, sum_sliced};
    use crate::cluster::{sum_slices, threads};

    #[test]
    fn sums_of_tensors_have_the_bits_of_sums_of_numbers() -> Result<()> {
        let number =
            |rank: usize, i: usize| ((rank * 31 + i * 7) % 13) as f32 * 0.1 + 1e6 * rank as f32;
        for size in [1, 2, 4] {
            let sums = threads::run(size, |cluster| {
                let mut numbers: Vec<f32> = (0..11).map(|i| number(cluster.rank(), i)).collect();
                let own = Tensor::new(&numbers[..], &Device::Cpu).unwrap();
                let exchange = cluster.tensors(&Device::Cpu, 1).unwrap().unwrap();
                sum_slices(cluster, &mut numbers);
                let few = sum_gathered(exchange.as_ref(), &own.reshape((11, 1)).unwrap()).unwrap();
                let many = sum_sliced(exchange.as_ref(), &own).unwrap();
                assert_eq!(few.dims(), [11, 1]);
                let few = few.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                [numbers, few, many.to_vec1().unwrap()]
            });
            for [numbers, few, many] in &sums {
                assert_eq!([few, many], [numbers; 2]);
            }
        }
        Ok(())
    }

    #[test]
    fn every_second_process_can_sum_alone() {
        let sums = threads::run(4, |cluster| {
            let exchange = cluster.tensors(&Device::Cpu, 2).unwrap()?;
            let own = Tensor::new(&[cluster.rank() as f64], &Device::Cpu).unwrap();
            let sum = sum_gathered(exchange.as_ref(), &own).unwrap();
            Some(sum.to_vec1::<f64>().unwrap())
        });
        assert_eq!(sums, [Some(vec![2.0]), None, Some(vec![2.0]), None]);
    }
}
