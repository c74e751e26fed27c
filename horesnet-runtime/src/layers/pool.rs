//! Global average pooling.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::cpu::float::{Float, zeros};
use super::op::{Source, with_elements, with_float};
use super::{contiguous, widened};
use crate::autograd::{DeferredOutput, materialize};

/// The mean of `[batch, height, width, channels]` over height and width: `[batch, channels]`.
///
/// ```
/// use horesnet_runtime::candle_core::{Device, Result, Tensor};
/// use horesnet_runtime::layers::global_average;
///
/// # fn main() -> Result<()> {
/// let xs = Tensor::new(&[1f32, 10.0, 3.0, 30.0], &Device::Cpu)?.reshape((1, 1, 2, 2))?;
/// assert_eq!(global_average(&xs)?.to_vec2::<f32>()?, [[2.0, 20.0]]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Another number of dimensions than four, an image without pixels, a dtype that is not of floating-point numbers.
pub fn global_average(xs: &Tensor) -> Result<Tensor> {
    let (_, height, width, _) = xs.dims4()?;
    if height * width == 0 {
        bail!("an image of {height}×{width} pixels has no mean")
    }
    if !xs.device().is_cpu() {
        return xs.mean((1, 2));
    }
    widened(xs, |xs| {
        let source = Source::of(&contiguous(xs)?)?;
        let outcome = Arc::<DeferredOutput>::default();
        let node = source.node()?.apply_op1(Average {
            source,
            outcome: outcome.clone(),
        })?;
        materialize(node, outcome)
    })
}

/// From a handle to a handle.
struct Average {
    source: Source,
    outcome: Arc<DeferredOutput>,
}

impl CustomOp1 for Average {
    fn name(&self) -> &'static str {
        "horesnet-global-average"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let xs = &self.source.xs;
        let (batch, height, width, channels) = xs.dims4()?;
        let out = with_float!(xs.dtype(), T => {
            with_elements::<T, _>(xs, |xs| average(xs, batch, channels, height * width))
        })?;
        Ok(self.outcome.put(out, Shape::from((batch, channels))))
    }

    fn bwd(&self, _: &Tensor, node: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        let xs = &self.source.xs;
        let (_, height, width, channels) = xs.dims4()?;
        let gradient = self.outcome.gradient(count)?.contiguous()?;
        let spread = with_float!(xs.dtype(), T => {
            let spread = with_elements::<T, _>(&gradient, |g| spread(g, channels, height * width))?;
            Tensor::from_vec(spread, xs.shape(), xs.device())
        })?;
        self.source.deposit(node, spread)
    }
}

fn average<T: Float>(xs: &[T], batch: usize, channels: usize, pixels: usize) -> Result<CpuStorage> {
    let mut out = zeros::<T>(batch * channels)?;
    if !out.is_empty() {
        let share = T::from_f64(1.0 / pixels as f64);
        let images = xs.chunks_exact(pixels * channels);
        for (mean, image) in out.chunks_exact_mut(channels).zip(images) {
            for pixel in image.chunks_exact(channels) {
                for (mean, &x) in mean.iter_mut().zip(pixel) {
                    *mean += x;
                }
            }
            for mean in mean {
                *mean *= share;
            }
        }
    }
    Ok(T::to_cpu_storage_owned(out))
}

/// Each gradient's share for every pixel it came from.
fn spread<T: Float>(gradients: &[T], channels: usize, pixels: usize) -> Result<Vec<T>> {
    let mut out = zeros::<T>(gradients.len() * pixels)?;
    if !out.is_empty() {
        let share = T::from_f64(1.0 / pixels as f64);
        let images = out.chunks_exact_mut(pixels * channels);
        for (image, gradients) in images.zip(gradients.chunks_exact(channels)) {
            for pixel in image.chunks_exact_mut(channels) {
                for (out, &gradient) in pixel.iter_mut().zip(gradients) {
                    *out = gradient * share;
                }
            }
        }
    }
    Ok(out)
}
