//! Max pooling, with gradients for windows that overlap, which candle's has not.

use std::sync::{Arc, OnceLock};

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::cpu::float::{Float, written};
use super::cpu::window::{Extent, Window};
use super::op::{Source, with_elements, with_float};
use super::{contiguous, stock, widened};
use crate::autograd::{DeferredOutput, materialize};

/// The largest number of each channel in each window of `[batch, height, width, channels]`:
/// `[batch, height′, width′, channels]`.
///
/// Windows of `kernel`×`kernel` pixels are `stride` apart and begin `padding` pixels outside of the image, where nothing
/// counts. What is not a number is larger than any. On other devices than the CPU that is not so, and numbers that are equally
/// large share the gradient.
///
/// ```
/// use horesnet_runtime::candle_core::{Device, Result, Tensor};
/// use horesnet_runtime::layers::max_pool;
///
/// # fn main() -> Result<()> {
/// let xs = Tensor::arange(0f32, 25.0, &Device::Cpu)?.reshape((1, 5, 5, 1))?;
/// let ys = max_pool(&xs, 3, 2, 1)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [6.0, 8.0, 9.0, 16.0, 18.0, 19.0, 21.0, 23.0, 24.0]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Another number of dimensions than four, a window without pixels or of more than half padding, a stride of 0, a dtype
/// that is not of floating-point numbers.
pub fn max_pool(xs: &Tensor, kernel: usize, stride: usize, padding: usize) -> Result<Tensor> {
    let (_, height, width, channels) = xs.dims4()?;
    if kernel == 0 || stride == 0 || padding > kernel / 2 {
        bail!(
            "windows of {kernel}×{kernel} pixels {stride} apart, {padding} of them padding, cannot be pooled"
        )
    }
    let window = Window {
        kernel,
        stride,
        padding,
    };
    let input = Extent {
        height,
        width,
        channels,
    };
    if input.elements() == 0 || u32::try_from(input.elements()).is_err() {
        bail!("an image of {height}×{width}×{channels} cannot be pooled")
    }
    let output = window.output(input, channels)?;
    if !xs.device().is_cpu() {
        return stock::max_pool(xs, window, output);
    }
    widened(xs, |xs| {
        let source = Source::of(&contiguous(xs)?)?;
        let outcome = Arc::<DeferredOutput>::default();
        let node = source.node()?.apply_op1(Maximum {
            source,
            window,
            input,
            output,
            winners: OnceLock::new(),
            outcome: outcome.clone(),
        })?;
        materialize(node, outcome)
    })
}

/// From a handle to a handle.
struct Maximum {
    source: Source,
    window: Window,
    input: Extent,
    output: Extent,
    /// Of each image, where in it each number of the output is from.
    winners: OnceLock<Vec<Vec<u32>>>,
    outcome: Arc<DeferredOutput>,
}

impl CustomOp1 for Maximum {
    fn name(&self) -> &'static str {
        "horesnet-max-pool"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let xs = &self.source.xs;
        let (batch, ..) = xs.dims4()?;
        let Extent {
            height,
            width,
            channels,
        } = self.output;
        let out =
            with_float!(xs.dtype(), T => with_elements::<T, _>(xs, |xs| self.pool(xs, batch)))?;
        let shape = Shape::from((batch, height, width, channels));
        Ok(self.outcome.put(out, shape))
    }

    fn bwd(&self, _: &Tensor, node: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        let xs = &self.source.xs;
        let gradient = self.outcome.gradient(count)?.contiguous()?;
        let spread = with_float!(xs.dtype(), T => {
            let spread = with_elements::<T, _>(&gradient, |g| self.spread(g))?;
            Tensor::from_vec(spread, xs.shape(), xs.device())
        })?;
        self.source.deposit(node, spread)
    }
}

impl Maximum {
    fn pool<T: Float>(&self, xs: &[T], batch: usize) -> Result<CpuStorage> {
        let (size, length) = (self.output.elements(), self.input.elements());
        let (out, winners) = written(batch * size, size, |index, out| {
            self.image(&xs[index * length..][..length], out)
        })?;
        // A forward pass runs an op once.
        self.winners.get_or_init(|| winners);
        Ok(T::to_cpu_storage_owned(out))
    }

    /// The maxima of one image, and where they are.
    fn image<T: Float>(&self, xs: &[T], out: &mut [T]) -> Vec<u32> {
        let channels = self.input.channels;
        let mut winners = vec![0; out.len()];
        let pixels = out
            .chunks_exact_mut(channels)
            .zip(winners.chunks_exact_mut(channels));
        for (index, (best, winners)) in pixels.enumerate() {
            let (row, column) = (index / self.output.width, index % self.output.width);
            let mut first = true;
            for y in self.span(row, self.input.height) {
                for x in self.span(column, self.input.width) {
                    let start = (y * self.input.width + x) * channels;
                    let candidates = xs[start..][..channels].iter().enumerate();
                    for ((channel, &candidate), (best, winner)) in
                        candidates.zip(best.iter_mut().zip(&mut *winners))
                    {
                        // Only what is not a number differs from itself.
                        let larger = candidate > *best || candidate.ne(&candidate);
                        if first || larger {
                            (*best, *winner) = (candidate, (start + channel) as u32);
                        }
                    }
                    first = false;
                }
            }
        }
        winners
    }

    /// The pixels along one side that a window of the output sees.
    fn span(&self, window: usize, length: usize) -> std::ops::Range<usize> {
        let start = window * self.window.stride;
        let end = (start + self.window.kernel).saturating_sub(self.window.padding);
        start.saturating_sub(self.window.padding)..end.min(length)
    }

    /// Each gradient to where its number came from.
    fn spread<T: Float>(&self, gradients: &[T]) -> Result<Vec<T>> {
        let (size, length) = (self.output.elements(), self.input.elements());
        let Some(winners) = self.winners.get() else {
            bail!("an op that has not run has no gradients")
        };
        let (spread, _) = written(winners.len() * length, length, |index, spread| {
            let gradients = &gradients[index * size..][..size];
            for (&winner, &gradient) in winners[index].iter().zip(gradients) {
                spread[winner as usize] += gradient;
            }
        })?;
        Ok(spread)
    }
}
