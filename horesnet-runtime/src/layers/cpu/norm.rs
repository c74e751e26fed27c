//! Batch normalisation and `ReLU` on rows of channels, forward and backward.

use super::float::{Float, mul_add};
use super::window::Padded;

/// Numbers whose parameters stay in registers.
const LANES: usize = 16;

/// Rows that are visited for one set of parameters before the next: they stay in the cache.
const STRIP: usize = 32;

/// Length of a row of whole pixels: fills vectors even with few channels, and enough of them to add several at a time.
pub(crate) fn row_len(channels: usize) -> usize {
    let odd = LANES >> channels.trailing_zeros().min(LANES.ilog2());
    let whole = channels.max(1) * odd;
    whole * (64 / whole).max(1)
}

#[inline(always)]
fn lanes<T>(row: &[T], at: usize) -> &[T; LANES] {
    let (chunks, _) = row[at..].as_chunks();
    &chunks[0]
}

#[inline(always)]
fn lanes_mut<T>(row: &mut [T], at: usize) -> &mut [T; LANES] {
    let (chunks, _) = row[at..].as_chunks_mut();
    &mut chunks[0]
}

/// Normalisation of each channel: `scale·(x − mean) + shift`, where `scale` is `weight/√(variance + ε)`.
///
/// Every list repeats the channels up to [`row_len`].
#[derive(Clone, Debug)]
pub(crate) struct ChannelNorm<T> {
    mean: Vec<T>,
    scale: Vec<T>,
    shift: Vec<T>,
    inverse: Vec<T>,
    count: usize,
}

pub(crate) type OptionalNorm<'a, T> = Option<&'a ChannelNorm<T>>;

impl<T: Float> ChannelNorm<T> {
    /// From means, inverse standard deviations, weights and biases.
    pub(crate) fn new(mean: &[f64], inverse: &[f64], weight: &[T], bias: &[T]) -> Self {
        let count = mean.len();
        let repeat = |value: &dyn Fn(usize) -> f64| -> Vec<T> {
            let row = 0..row_len(count);
            row.map(|i| T::from_f64(value(i % count))).collect()
        };
        Self {
            mean: repeat(&|c| mean[c]),
            scale: repeat(&|c| weight[c].to_f64() * inverse[c]),
            shift: repeat(&|c| bias[c].to_f64()),
            inverse: repeat(&|c| inverse[c]),
            count,
        }
    }

    /// Writes `relu(norm(xs))` for whole pixels `xs`.
    #[inline(always)]
    fn norm_relu<const FUSED: bool>(&self, xs: &[T], out: &mut [T]) {
        let row = self.mean.len();
        for (xs, out) in xs.chunks(row).zip(out.chunks_mut(row)) {
            let parameters = self.mean.iter().zip(&self.scale).zip(&self.shift);
            for ((out, &x), ((&mean, &scale), &shift)) in out.iter_mut().zip(xs).zip(parameters) {
                let z = mul_add::<T, FUSED>(x - mean, scale, shift);
                *out = if z > T::ZERO { z } else { T::ZERO };
            }
        }
    }

    /// The gradients of weight and bias, from the sums over all pixels.
    pub(crate) fn parameter_gradients(&self, sums: &[GradSums<T>]) -> (Vec<f64>, Vec<f64>) {
        let mut weight = vec![0.0; self.count];
        let mut bias = vec![0.0; self.count];
        for sums in sums {
            for (i, (plain, centred)) in sums.plain.iter().zip(&sums.centred).enumerate() {
                let channel = i % self.count;
                bias[channel] += plain.to_f64();
                weight[channel] += centred.to_f64() * self.inverse[channel].to_f64();
            }
        }
        (weight, bias)
    }

    /// The map from gradients of the norm's output to those of `x`.
    ///
    /// With statistics of a batch of `pixels`, which depend on every `x`: `scale·(g − (bias′ + x̂·weight′)/pixels)`; with
    /// fixed ones: `scale·g`.
    pub(crate) fn backward(&self, gradients: Option<(&[f64], &[f64], usize)>) -> NormBackward<T> {
        #[expect(clippy::type_complexity, reason = "a closure of its own parts")]
        let term = |value: &dyn Fn(&[f64], &[f64], usize) -> f64| -> Vec<T> {
            let Some((weight, bias, pixels)) = gradients else {
                return vec![T::ZERO; self.mean.len()];
            };
            let scale = self.scale.iter().enumerate();
            scale
                .map(|(i, s)| T::from_f64(-s.to_f64() * value(weight, bias, i) / pixels as f64))
                .collect()
        };
        let zeros = || vec![T::ZERO; self.mean.len()];
        NormBackward {
            mean: gradients.map_or_else(zeros, |_| self.mean.clone()),
            slope: term(&|weight, _, i| weight[i % self.count] * self.inverse[i].to_f64()),
            level: term(&|_, bias, i| bias[i % self.count]),
            scale: self.scale.clone(),
        }
    }
}

kernel! {
    /// Writes `relu(norm(xs))` for whole pixels `xs`.
    fn norm_relu<'a, T>(norm: &'a ChannelNorm<T>, xs: &'a [T], out: &'a mut [T]) -> () {
        norm.norm_relu::<FUSED>(xs, out);
    }
}

/// Copies an image into its padded one, through norm and `ReLU` if there is a norm. The margin is already 0.
#[inline(always)]
pub(crate) fn fill<T: Float, const FUSED: bool>(
    shape: Padded,
    image: &[T],
    norm: OptionalNorm<T>,
    padded: &mut [T],
) {
    let line = shape.image.width * shape.image.channels;
    for (y, row) in image.chunks_exact(line).enumerate() {
        let to = &mut padded[shape.row(y)..][..line];
        match norm {
            Some(norm) => norm.norm_relu::<FUSED>(row, to),
            None => to.copy_from_slice(row),
        }
    }
}

/// Per channel: `Σ g` and `Σ g·(x − mean)`.
#[derive(Clone, Debug)]
pub(crate) struct GradSums<T> {
    plain: Vec<T>,
    centred: Vec<T>,
}

kernel! {
    /// Sets the gradients to 0 where the `ReLU` blocks them, and sums the others. At exactly 0, a gradient passes, as in
    /// candle.
    fn relu_backward<'a, T>(
        norm: &'a ChannelNorm<T>,
        xs: &'a [T],
        gradients: &'a mut [T],
    ) -> GradSums<T> {
        let row = norm.mean.len();
        let mut sums = GradSums { plain: vec![T::ZERO; row], centred: vec![T::ZERO; row] };
        let backward = |g: &mut T, x: T, mean: T, scale: T, shift: T, plain: &mut T, centred: &mut T| {
            let x = x - mean;
            let z = mul_add::<T, FUSED>(x, scale, shift);
            let kept = if z >= T::ZERO { *g } else { T::ZERO };
            *g = kept;
            *plain += kept;
            *centred = mul_add::<T, FUSED>(kept, x, *centred);
        };
        let whole = xs.len() / row * row;
        let (xs, last_xs) = xs.split_at(whole);
        let (gradients, last_gradients) = gradients.split_at_mut(whole);
        for (xs, gradients) in xs.chunks(STRIP * row).zip(gradients.chunks_mut(STRIP * row)) {
            for at in (0..row).step_by(LANES) {
                let (mean, scale) = (lanes(&norm.mean, at), lanes(&norm.scale, at));
                let shift = lanes(&norm.shift, at);
                let (plain_sums, centred_sums) = (lanes_mut(&mut sums.plain, at), lanes_mut(&mut sums.centred, at));
                let (mut plain, mut centred) = (*plain_sums, *centred_sums);
                for (xs, gradients) in xs.chunks_exact(row).zip(gradients.chunks_exact_mut(row)) {
                    let (x, g) = (lanes(xs, at), lanes_mut(gradients, at));
                    for lane in 0..LANES {
                        let (plain, centred) = (&mut plain[lane], &mut centred[lane]);
                        backward(&mut g[lane], x[lane], mean[lane], scale[lane], shift[lane], plain, centred);
                    }
                }
                (*plain_sums, *centred_sums) = (plain, centred);
            }
        }
        let parameters = norm.mean.iter().zip(&norm.scale).zip(&norm.shift);
        let last_sums = sums.plain.iter_mut().zip(&mut sums.centred);
        for (((g, &x), ((&mean, &scale), &shift)), (plain, centred)) in
            last_gradients.iter_mut().zip(last_xs).zip(parameters).zip(last_sums)
        {
            backward(g, x, mean, scale, shift, plain, centred);
        }
        sums
    }
}

/// `g ↦ scale·g + slope·(x − mean) + level`.
#[derive(Clone, Debug)]
pub(crate) struct NormBackward<T> {
    mean: Vec<T>,
    slope: Vec<T>,
    level: Vec<T>,
    scale: Vec<T>,
}

kernel! {
    /// Turns gradients of the norm's output into those of `xs`.
    fn norm_backward<'a, T>(
        backward: &'a NormBackward<T>,
        xs: &'a [T],
        gradients: &'a mut [T],
    ) -> () {
        let row = backward.mean.len();
        for (xs, gradients) in xs.chunks(row).zip(gradients.chunks_mut(row)) {
            let first = backward.mean.iter().zip(&backward.slope);
            let second = backward.level.iter().zip(&backward.scale);
            for ((g, &x), ((&mean, &slope), (&level, &scale))) in
                gradients.iter_mut().zip(xs).zip(first.zip(second))
            {
                let rest = mul_add::<T, FUSED>(x - mean, slope, level);
                *g = mul_add::<T, FUSED>(*g, scale, rest);
            }
        }
    }
}
