//! The fast layers against candle's own, in value and gradient, and their behaviour on unusual input.

mod agreement;
mod input;
mod pooling;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{BatchNorm, Conv2dConfig, Module};
use horesnet_runtime::layers::channels_last;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) const CPU: Device = Device::Cpu;

/// Numbers between -1 and 1.
pub(crate) fn random(shape: &[usize], dtype: DType, seed: u64) -> Tensor {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let count = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|_| rng.random_range(-1.0..1.0)).collect();
    let tensor = Tensor::from_vec(values, shape, &CPU).unwrap();
    tensor.to_dtype(dtype).unwrap()
}

pub(crate) fn variable(shape: &[usize], dtype: DType, seed: u64) -> Var {
    Var::from_tensor(&random(shape, dtype, seed)).unwrap()
}

/// The largest difference, relative to the largest number expected or to 1.
pub(crate) fn distance(found: &Tensor, expected: &Tensor) -> f64 {
    assert_eq!(found.dims(), expected.dims());
    let all = |t: &Tensor| -> Vec<f64> {
        let t = t.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
        t.to_vec1().unwrap()
    };
    let (found, expected) = (all(found), all(expected));
    let scale = expected.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
    let apart = std::iter::zip(&found, &expected).map(|(a, b)| (a - b).abs());
    // NaN must not pass as small.
    apart.fold(0.0, |m, d| if d <= m { m } else { d }) / scale
}

/// The variables of a norm and of a convolution, and candle's layers built from them.
pub(crate) struct Parts {
    pub(crate) norm: BatchNorm,
    pub(crate) conv: candle_nn::Conv2d,
    pub(crate) vars: Vec<Var>,
}

pub(crate) fn parts(
    channels: usize,
    outputs: usize,
    side: usize,
    config: Conv2dConfig,
    dtype: DType,
) -> Parts {
    let weight = variable(&[channels], dtype, 1);
    let bias = variable(&[channels], dtype, 2);
    let kernel = variable(&[outputs, channels, side, side], dtype, 3);
    let mean = random(&[channels], dtype, 4);
    let var = (random(&[channels], dtype, 5).sqr().unwrap() + 0.5).unwrap();
    let norm = BatchNorm::new(
        channels,
        mean,
        var,
        weight.as_tensor().clone(),
        bias.as_tensor().clone(),
        1e-5,
    );
    Parts {
        norm: norm.unwrap(),
        conv: candle_nn::Conv2d::new(kernel.as_tensor().clone(), None, config),
        vars: vec![weight, bias, kernel],
    }
}

/// A loss that weighs every output differently.
pub(crate) fn loss(ys: &Tensor) -> Result<Tensor> {
    (ys * random(ys.dims(), ys.dtype(), 9))?.sum_all()
}

/// A convolution as a sum over the offsets of its kernel: slow, but differentiable in every case.
///
/// Candle's is not: with stride 2 and unequal sides, the shapes of its gradients do not match.
pub(crate) fn plain_conv(layer: &candle_nn::Conv2d, xs: &Tensor) -> Result<Tensor> {
    let Conv2dConfig {
        padding, stride, ..
    } = *layer.config();
    let (_, _, rows, columns) = layer.weight().dims4()?;
    let (batch, _, height, width) = xs.dims4()?;
    let padded = xs
        .pad_with_zeros(2, padding, padding)?
        .pad_with_zeros(3, padding, padding)?;
    let (outs, across) = (
        (height + 2 * padding - rows) / stride + 1,
        (width + 2 * padding - columns) / stride + 1,
    );
    let places = |from: usize, count: usize| {
        let places: Vec<u32> = (0..count).map(|i| (from + i * stride) as u32).collect();
        Tensor::new(places, &CPU)
    };
    let mut sum: Option<Tensor> = None;
    for row in 0..rows {
        for column in 0..columns {
            let seen = padded.index_select(&places(row, outs)?, 2)?;
            let seen = seen.index_select(&places(column, across)?, 3)?;
            let seen = seen.flatten_from(2)?.contiguous()?;
            let weights = layer.weight().narrow(2, row, 1)?.narrow(3, column, 1)?;
            let weights = weights.squeeze(3)?.squeeze(2)?.contiguous()?;
            let term = weights.broadcast_left(batch)?.contiguous()?.matmul(&seen)?;
            sum = Some(match sum {
                Some(sum) => (sum + term)?,
                None => term,
            });
        }
    }
    let ys = sum.unwrap().reshape((batch, (), outs, across))?;
    let apart = distance(
        &ys,
        &candle_nn::Conv2d::new(layer.weight().clone(), None, *layer.config()).forward(xs)?,
    );
    assert!(apart < 1e-5, "{apart:e} apart from candle's");
    match layer.bias() {
        Some(bias) => ys.broadcast_add(&bias.reshape((1, (), 1, 1))?),
        None => Ok(ys),
    }
}

/// Asserts that value and gradients of `fast` (channels last) and `stock` (channels first) agree.
pub(crate) fn agree(
    xs: &Var,
    vars: &[Var],
    tolerance: f64,
    fast: impl Fn(&Tensor) -> Result<Tensor>,
    stock: impl Fn(&Tensor) -> Result<Tensor>,
    case: &str,
) {
    let ours = fast(&channels_last(xs).unwrap()).unwrap();
    let theirs = channels_last(&stock(xs).unwrap()).unwrap();
    let apart = distance(&ours, &theirs);
    assert!(apart <= tolerance, "{case}: values are {apart:e} apart");
    let ours = loss(&ours).unwrap().backward().unwrap();
    let theirs = loss(&theirs).unwrap().backward().unwrap();
    for (index, var) in vars.iter().chain([xs]).enumerate() {
        let found = ours.get(var).unwrap();
        let apart = distance(found, theirs.get(var).unwrap());
        assert!(
            apart <= tolerance,
            "{case}: gradients of {index} are {apart:e} apart"
        );
    }
}
