//! Global average pooling.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::cpu::float::{Float, zeros};
use super::on_cpu;
use super::op::{OpState, with_elements, with_float};

/// Averages `[batch, height, width, channels]` over height and width to `[batch, channels]`.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::layers::global_avg_pool;
///
/// # fn main() -> Result<()> {
/// let xs = Tensor::new(&[1f32, 10.0, 3.0, 30.0], &Device::Cpu)?.reshape((1, 1, 2, 2))?;
/// assert_eq!(global_avg_pool(&xs)?.to_vec2::<f32>()?, [[2.0, 20.0]]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// A tensor that is not four-dimensional; images without pixels; a dtype that is not floating-point.
pub fn global_avg_pool(xs: &Tensor) -> Result<Tensor> {
    let (_, height, width, _) = xs.dims4()?;
    if height * width == 0 {
        bail!("an image of {height}×{width} pixels has no mean")
    }
    if !xs.device().is_cpu() {
        return xs.mean((1, 2));
    }
    on_cpu(xs, |xs| {
        OpState::run(xs, |node, state| node.apply_op1(GlobalAvgPool(state)))
    })
}

/// From a grad node to a grad node.
struct GlobalAvgPool(OpState);

impl CustomOp1 for GlobalAvgPool {
    fn name(&self) -> &'static str {
        "horesnet-global-avg-pool"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let xs = &self.0.xs;
        let (batch, height, width, channels) = xs.dims4()?;
        with_float!(xs.dtype(), T => {
            let pixels = height * width;
            let out = with_elements::<T, _>(xs, |xs| average(xs, batch, channels, pixels))?;
            Ok(self.0.put(out, (batch, channels)))
        })
    }

    fn bwd(&self, _: &Tensor, node: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        let (_, height, width, channels) = self.0.xs.dims4()?;
        let gradient = self.0.gradient(count)?;
        with_float!(self.0.xs.dtype(), T => {
            let gradient = with_elements::<T, _>(&gradient, |g| spread(g, channels, height * width))?;
            self.0.push_grad(node, gradient)
        })
    }
}

fn average<T: Float>(xs: &[T], batch: usize, channels: usize, pixels: usize) -> Result<Vec<T>> {
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
    Ok(out)
}

/// Spreads each gradient evenly over its pixels.
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
