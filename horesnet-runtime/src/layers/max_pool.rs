//! Max pooling, including gradients of overlapping windows, which candle's version lacks.

use std::ops::Range;
use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::cpu::float::{Float, par_fill};
use super::cpu::window::{ConvShape, ConvWindow, Extent};
use super::op::{OpState, with_elements, with_float};
use super::{fallback, on_cpu};

/// Takes the maximum of each channel in each window: `[batch, height, width, channels]` to
/// `[batch, height′, width′, channels]`.
///
/// Windows have `kernel`×`kernel` pixels, are `stride` apart, and begin `padding` pixels outside the image; padding is
/// ignored. On the CPU, NaN counts as larger than any number. On other devices it does not, and equal maxima share the
/// gradient.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::layers::max_pool;
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
/// A tensor that is not four-dimensional; a `kernel` or `stride` of 0; `padding` of more than half the kernel; a dtype that
/// is not floating-point.
pub fn max_pool(xs: &Tensor, kernel: usize, stride: usize, padding: usize) -> Result<Tensor> {
    let (_, height, width, channels) = xs.dims4()?;
    if kernel == 0 || stride == 0 || padding > kernel / 2 {
        bail!(
            "expected a kernel and stride of 1 or more and padding of half the kernel or less, found kernel {kernel}, \
             stride {stride} and padding {padding}"
        )
    }
    let window = ConvWindow {
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
        bail!(
            "expected images of 1 to {} numbers for max pooling, found {height}×{width}×{channels}",
            u32::MAX
        )
    }
    let shape = ConvShape::new(window, input, channels)?;
    if !xs.device().is_cpu() {
        return fallback::max_pool(xs, shape);
    }
    on_cpu(xs, |xs| {
        OpState::run(xs, |node, state| {
            node.apply_op1(MaxPool {
                state,
                shape,
                argmax: OnceLock::new(),
            })
        })
    })
}

/// From a grad node to a grad node.
struct MaxPool {
    state: OpState,
    shape: ConvShape,
    /// For each image, the offset of every maximum.
    argmax: OnceLock<Vec<Vec<u32>>>,
}

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "horesnet-max-pool"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let xs = &self.state.xs;
        let batch = xs.dim(0)?;
        let Extent {
            height,
            width,
            channels,
        } = self.shape.output;
        with_float!(xs.dtype(), T => {
            let out = with_elements::<T, _>(xs, |xs| self.pool(xs, batch))?;
            Ok(self.state.put(out, (batch, height, width, channels)))
        })
    }

    fn bwd(&self, _: &Tensor, node: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        let gradient = self.state.gradient(count)?;
        with_float!(self.state.xs.dtype(), T => {
            let gradient = with_elements::<T, _>(&gradient, |g| self.backward(g))?;
            self.state.push_grad(node, gradient)
        })
    }
}

impl MaxPool {
    fn pool<T: Float>(&self, xs: &[T], batch: usize) -> Result<Vec<T>> {
        let (size, length) = (self.shape.output.elements(), self.shape.input.elements());
        let (out, argmax) = par_fill(batch * size, size, |index, out| {
            self.image(&xs[index * length..][..length], out)
        })?;
        // A forward pass runs an op once.
        self.argmax.get_or_init(|| argmax);
        Ok(out)
    }

    /// Writes the maxima of one image, and returns their offsets.
    fn image<T: Float>(&self, xs: &[T], out: &mut [T]) -> Vec<u32> {
        let ConvShape { input, output, .. } = self.shape;
        let channels = input.channels;
        let mut argmax = vec![0; out.len()];
        let pixels = out
            .chunks_exact_mut(channels)
            .zip(argmax.chunks_exact_mut(channels));
        for (index, (best, argmax)) in pixels.enumerate() {
            let (row, column) = (index / output.width, index % output.width);
            let mut first = true;
            for y in self.span(row, input.height) {
                for x in self.span(column, input.width) {
                    let start = (y * input.width + x) * channels;
                    let candidates = xs[start..][..channels].iter().enumerate();
                    for ((channel, &candidate), (best, winner)) in
                        candidates.zip(best.iter_mut().zip(&mut *argmax))
                    {
                        // Only NaN differs from itself.
                        let larger = candidate > *best || candidate.ne(&candidate);
                        if first || larger {
                            (*best, *winner) = (candidate, (start + channel) as u32);
                        }
                    }
                    first = false;
                }
            }
        }
        argmax
    }

    /// The pixels along one side of an image in window `index`.
    fn span(&self, index: usize, length: usize) -> Range<usize> {
        let window = self.shape.window;
        let start = index * window.stride;
        let end = (start + window.kernel).saturating_sub(window.padding);
        start.saturating_sub(window.padding)..end.min(length)
    }

    /// Adds each gradient to where its maximum was.
    fn backward<T: Float>(&self, gradients: &[T]) -> Result<Vec<T>> {
        let (size, length) = (self.shape.output.elements(), self.shape.input.elements());
        let Some(argmax) = self.argmax.get() else {
            bail!("expected max pooling to run forward before it runs backward")
        };
        let (dxs, _) = par_fill(argmax.len() * length, length, |index, dxs| {
            let gradients = &gradients[index * size..][..size];
            for (&winner, &gradient) in argmax[index].iter().zip(gradients) {
                dxs[winner as usize] += gradient;
            }
        })?;
        Ok(dxs)
    }
}
