//! Batch normalisation and `ReLU` on rows of channels, forward and backward.

use super::float::{Float, mul_add};
use super::wide;
use crate::combine::Kernel;

/// What normalisation does to each channel: `scale·(x − mean) + shift`, where `scale` is `weight/√(variance + ε)`.
/// Every list holds all channels a whole number of times, see [`wide`].
#[derive(Clone, Debug)]
pub(crate) struct Channels<T> {
    mean: Vec<T>,
    scale: Vec<T>,
    shift: Vec<T>,
    inverse: Vec<T>,
    count: usize,
}

impl<T: Float> Channels<T> {
    /// Of channels with these means, inverse standard deviations, weights and biases.
    pub(crate) fn new(mean: &[f64], inverse: &[f64], weight: &[T], bias: &[T]) -> Self {
        let count = mean.len();
        let wide = wide(count);
        let repeat = |value: &dyn Fn(usize) -> f64| -> Vec<T> {
            (0..wide).map(|i| T::from_f64(value(i % count))).collect()
        };
        Self {
            mean: repeat(&|c| mean[c]),
            scale: repeat(&|c| weight[c].to_f64() * inverse[c]),
            shift: repeat(&|c| bias[c].to_f64()),
            inverse: repeat(&|c| inverse[c]),
            count,
        }
    }

    /// The length of the lists.
    fn wide(&self) -> usize {
        self.mean.len()
    }

    /// Writes `relu(norm(xs))` for whole pixels `xs`.
    #[inline(always)]
    pub(crate) fn activate<const FUSED: bool>(&self, xs: &[T], out: &mut [T]) {
        let wide = self.wide();
        for (xs, out) in xs.chunks(wide).zip(out.chunks_mut(wide)) {
            let parameters = self.mean.iter().zip(&self.scale).zip(&self.shift);
            for ((out, &x), ((&mean, &scale), &shift)) in out.iter_mut().zip(xs).zip(parameters) {
                let z = mul_add::<T, FUSED>(x - mean, scale, shift);
                *out = if z > T::ZERO { z } else { T::ZERO };
            }
        }
    }

    /// Sets to 0 the gradients of what `ReLU` cuts off, and adds to `sums` what the rest come to. At exactly 0 a gradient
    /// passes, as in candle.
    #[inline(always)]
    pub(crate) fn mask<const FUSED: bool>(
        &self,
        xs: &[T],
        gradients: &mut [T],
        sums: &mut Sums<T>,
    ) {
        let wide = self.wide();
        for (xs, gradients) in xs.chunks(wide).zip(gradients.chunks_mut(wide)) {
            let parameters = self.mean.iter().zip(&self.scale).zip(&self.shift);
            let sums = sums.plain.iter_mut().zip(&mut sums.centred);
            for (((g, &x), ((&mean, &scale), &shift)), (plain, centred)) in
                gradients.iter_mut().zip(xs).zip(parameters).zip(sums)
            {
                let x = x - mean;
                let z = mul_add::<T, FUSED>(x, scale, shift);
                let kept = if z >= T::ZERO { *g } else { T::ZERO };
                *g = kept;
                *plain += kept;
                *centred = mul_add::<T, FUSED>(kept, x, *centred);
            }
        }
    }

    /// Room for the sums of [`mask`](Self::mask).
    pub(crate) fn sums(&self) -> Sums<T> {
        Sums {
            plain: vec![T::ZERO; self.wide()],
            centred: vec![T::ZERO; self.wide()],
        }
    }

    /// The gradients of weight and bias, from the sums over all pixels.
    pub(crate) fn parameter_gradients(&self, sums: &[Sums<T>]) -> (Vec<f64>, Vec<f64>) {
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

    /// The last step back, from masked gradients to those of `x`. With statistics of the batch, of `pixels` in all,
    /// which move with every `x`: `scale·(g − (bias′ + x̂·weight′)/pixels)`; with fixed ones: `scale·g`.
    pub(crate) fn way_back(&self, gradients: Option<(&[f64], &[f64], usize)>) -> WayBack<T> {
        let wide = self.wide();
        let Some((weight, bias, pixels)) = gradients else {
            return WayBack {
                mean: vec![T::ZERO; wide],
                slope: vec![T::ZERO; wide],
                level: vec![T::ZERO; wide],
                scale: self.scale.clone(),
            };
        };
        let pixels = pixels as f64;
        let scaled = |value: &dyn Fn(usize) -> f64| -> Vec<T> {
            (0..wide)
                .map(|i| T::from_f64(-self.scale[i].to_f64() * value(i) / pixels))
                .collect()
        };
        WayBack {
            mean: self.mean.clone(),
            slope: scaled(&|i| weight[i % self.count] * self.inverse[i].to_f64()),
            level: scaled(&|i| bias[i % self.count]),
            scale: self.scale.clone(),
        }
    }
}

/// [`Channels::activate`] as a kernel.
pub(crate) struct Activate<'a, T> {
    pub(crate) channels: &'a Channels<T>,
    pub(crate) xs: &'a [T],
    pub(crate) out: &'a mut [T],
}

impl<T: Float> Kernel for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        self.channels.activate::<FUSED>(self.xs, self.out);
    }
}

/// [`Channels::mask`] as a kernel, with sums of its own.
pub(crate) struct Mask<'a, T> {
    pub(crate) channels: &'a Channels<T>,
    pub(crate) xs: &'a [T],
    pub(crate) gradients: &'a mut [T],
}

impl<T: Float> Kernel for Mask<'_, T> {
    type Output = Sums<T>;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Sums<T> {
        let mut sums = self.channels.sums();
        self.channels
            .mask::<FUSED>(self.xs, self.gradients, &mut sums);
        sums
    }
}

/// Per channel: `Σ g` and `Σ g·(x − mean)`.
#[derive(Clone, Debug)]
pub(crate) struct Sums<T> {
    plain: Vec<T>,
    centred: Vec<T>,
}

/// `g ↦ scale·g + slope·(x − mean) + level`.
#[derive(Clone, Debug)]
pub(crate) struct WayBack<T> {
    mean: Vec<T>,
    slope: Vec<T>,
    level: Vec<T>,
    scale: Vec<T>,
}

impl<T: Float> WayBack<T> {
    /// Numbers after which the channels repeat.
    pub(crate) fn count(&self) -> usize {
        self.mean.len()
    }

    /// Turns masked gradients into those of `xs`.
    #[inline(always)]
    pub(crate) fn apply<const FUSED: bool>(&self, xs: &[T], gradients: &mut [T]) {
        let wide = self.mean.len();
        for (xs, gradients) in xs.chunks(wide).zip(gradients.chunks_mut(wide)) {
            let first = self.mean.iter().zip(&self.slope);
            let second = self.level.iter().zip(&self.scale);
            for ((g, &x), ((&mean, &slope), (&level, &scale))) in
                gradients.iter_mut().zip(xs).zip(first.zip(second))
            {
                let rest = mul_add::<T, FUSED>(x - mean, slope, level);
                *g = mul_add::<T, FUSED>(*g, scale, rest);
            }
        }
    }
}
