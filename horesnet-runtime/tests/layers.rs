//! The fast layers against candle's own, in value and gradient, and what they do with input that is out of the ordinary.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{BatchNorm, Conv2dConfig, Module, ModuleT};
use horesnet_runtime::layers::{
    Conv2d, NormRelu, NormReluConv, channels_first, channels_last, global_average,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CPU: Device = Device::Cpu;

/// Numbers between -1 and 1.
fn random(shape: &[usize], dtype: DType, seed: u64) -> Tensor {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let count = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|_| rng.random_range(-1.0..1.0)).collect();
    let tensor = Tensor::from_vec(values, shape, &CPU).unwrap();
    tensor.to_dtype(dtype).unwrap()
}

fn variable(shape: &[usize], dtype: DType, seed: u64) -> Var {
    Var::from_tensor(&random(shape, dtype, seed)).unwrap()
}

/// The largest difference, relative to the largest number expected or to 1.
fn distance(found: &Tensor, expected: &Tensor) -> f64 {
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

/// Variables of a norm of `channels` and a convolution, and candle's layers of them.
struct Parts {
    norm: BatchNorm,
    conv: candle_nn::Conv2d,
    vars: Vec<Var>,
}

fn parts(
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
fn loss(ys: &Tensor) -> Result<Tensor> {
    (ys * random(ys.dims(), ys.dtype(), 9))?.sum_all()
}

/// A convolution as a sum over the places of its kernel: slow, and differentiable in every case, which candle's is not
/// (its gradients of unequal sides with stride 2 do not fit together).
fn plain_conv(layer: &candle_nn::Conv2d, xs: &Tensor) -> Result<Tensor> {
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
fn agree(
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

/// Batch, channels in and out, height and width; kernel, stride, padding.
type Case = (usize, usize, usize, [usize; 2], usize, usize, usize);

/// Sizes that fill vectors and registers and sizes that do not; windows of all kinds.
const CASES: [Case; 14] = [
    (2, 16, 16, [16, 16], 3, 1, 1),
    (3, 16, 32, [8, 8], 3, 2, 1),
    (2, 32, 16, [7, 5], 3, 2, 1),
    (5, 3, 16, [9, 9], 3, 1, 1),
    (1, 17, 10, [6, 4], 3, 1, 1),
    (2, 5, 24, [1, 1], 3, 1, 1),
    (2, 16, 33, [4, 4], 1, 1, 0),
    (2, 7, 16, [5, 6], 1, 2, 0),
    (2, 4, 3, [8, 8], 5, 1, 2),
    (2, 4, 6, [9, 8], 3, 3, 0),
    (1, 2, 2, [6, 6], 2, 2, 0),
    (2, 1, 1, [3, 3], 3, 1, 0),
    (2, 6, 5, [5, 5], 2, 3, 1),
    (40, 8, 16, [4, 4], 3, 1, 1),
];

#[test]
fn units_agree_with_candle_in_value_and_gradient() {
    for (batch, inputs, outputs, [height, width], side, stride, padding) in CASES {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
            let config = Conv2dConfig {
                padding,
                stride,
                ..Conv2dConfig::default()
            };
            let xs = variable(&[batch, inputs, height, width], dtype, 6);
            for train in [true, false] {
                let case = format!(
                    "{batch}×{inputs}×{height}×{width} to {outputs}, kernel {side}, stride {stride}, padding {padding}, {dtype:?}, train {train}"
                );
                // Two sets, as training moves the running statistics.
                let ours = parts(inputs, outputs, side, config, dtype);
                let theirs = parts(inputs, outputs, side, config, dtype);
                let unit = NormReluConv::new(ours.norm.clone(), ours.conv.clone());
                let vars: Vec<Var> = ours.vars.clone();
                let stock = BatchNorm::new(
                    inputs,
                    theirs.norm.running_mean().copy().unwrap(),
                    theirs.norm.running_var().copy().unwrap(),
                    vars[0].as_tensor().clone(),
                    vars[1].as_tensor().clone(),
                    1e-5,
                )
                .unwrap();
                let conv = candle_nn::Conv2d::new(vars[2].as_tensor().clone(), None, config);
                agree(
                    &xs,
                    &vars,
                    tolerance,
                    |xs| unit.forward_t(xs, train),
                    |xs| plain_conv(&conv, &stock.forward_t(xs, train)?.relu()?),
                    &case,
                );
                for (ours, theirs) in [
                    (ours.norm.running_mean(), stock.running_mean()),
                    (ours.norm.running_var(), stock.running_var()),
                ] {
                    let apart = distance(ours, theirs);
                    assert!(apart <= tolerance, "{case}: statistics are {apart:e} apart");
                }
            }
        }
    }
}

#[test]
fn convolutions_agree_with_candle_with_and_without_bias() {
    for (batch, inputs, outputs, [height, width], side, stride, padding) in CASES {
        let config = Conv2dConfig {
            padding,
            stride,
            ..Conv2dConfig::default()
        };
        let xs = variable(&[batch, inputs, height, width], DType::F64, 6);
        let kernel = variable(&[outputs, inputs, side, side], DType::F64, 7);
        let bias = variable(&[outputs], DType::F64, 8);
        for bias in [None, Some(bias)] {
            let tensor = bias.as_ref().map(|b| b.as_tensor().clone());
            let stock = candle_nn::Conv2d::new(kernel.as_tensor().clone(), tensor, config);
            let fast = Conv2d::from(stock.clone());
            let vars: Vec<Var> = [kernel.clone()].into_iter().chain(bias).collect();
            let case = format!("{batch}×{inputs}×{height}×{width}, {config:?}");
            agree(
                &xs,
                &vars,
                1e-12,
                |xs| fast.forward(xs),
                |xs| plain_conv(&stock, xs),
                &case,
            );
        }
    }
}

#[test]
fn norms_agree_with_candle_also_far_from_zero() {
    for offset in [0.0, 1000.0] {
        let xs = (random(&[4, 20, 5, 3], DType::F64, 6) + offset).unwrap();
        let xs = Var::from_tensor(&xs).unwrap();
        let ours = parts(20, 1, 1, Conv2dConfig::default(), DType::F64);
        let fast = NormRelu::from(ours.norm.clone());
        let stock = ours.norm.clone();
        for train in [true, false] {
            agree(
                &xs,
                &ours.vars[..2],
                1e-9,
                |xs| fast.forward_t(xs, train),
                |xs| stock.forward_t(xs, train)?.relu(),
                &format!("offset {offset}, train {train}"),
            );
        }
    }
}

#[test]
fn statistics_keep_their_digits_in_f32_far_from_zero() {
    let xs = random(&[64, 16, 8, 8], DType::F64, 6);
    let exact = channels_last(&xs).unwrap().flatten_to(2).unwrap();
    let centred = exact
        .broadcast_sub(&exact.mean_keepdim(0).unwrap())
        .unwrap();
    let spread = centred.sqr().unwrap().mean(0).unwrap();
    let far = (xs.to_dtype(DType::F32).unwrap() + 100.0).unwrap();
    let layer = parts(16, 1, 1, Conv2dConfig::default(), DType::F32).norm;
    let before = layer
        .running_var()
        .copy()
        .unwrap()
        .to_dtype(DType::F64)
        .unwrap();
    let fast = NormRelu::from(layer);
    fast.forward_t(&channels_last(&far).unwrap(), true).unwrap();
    let pixels = 64.0 * 64.0;
    let expected =
        ((before * 0.9).unwrap() + (spread * (0.1 * pixels / (pixels - 1.0))).unwrap()).unwrap();
    // `f32` holds 100 + x to 4e-6, and a variance of 1/3 so.
    assert!(distance(fast.layer().running_var(), &expected) < 1e-6);
}

#[test]
fn pooling_agrees_with_candle() {
    let xs = variable(&[3, 10, 4, 5], DType::F64, 6);
    let ours = global_average(&channels_last(&xs).unwrap()).unwrap();
    let theirs = xs.as_tensor().mean((2, 3)).unwrap();
    assert!(distance(&ours, &theirs) < 1e-15);
    let ours = loss(&ours).unwrap().backward().unwrap();
    let theirs = loss(&theirs).unwrap().backward().unwrap();
    assert!(distance(ours.get(&xs).unwrap(), theirs.get(&xs).unwrap()) < 1e-15);
}

/// A unit of 16 channels, its value and all its gradients.
fn everything(xs: &Tensor) -> Vec<Tensor> {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let parts = parts(16, 16, 3, config, xs.dtype());
    let xs = Var::from_tensor(xs).unwrap();
    let unit = NormReluConv::new(parts.norm, parts.conv);
    let ys = unit.forward_t(&xs, true).unwrap();
    let gradients = loss(&ys).unwrap().backward().unwrap();
    let mut all = vec![ys];
    for var in parts.vars.iter().chain([&xs]) {
        all.push(gradients.get(var).unwrap().clone());
    }
    all
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let xs = random(&[50, 9, 7, 16], DType::F32, 6);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| everything(&xs))
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        for (a, b) in std::iter::zip(&one, run(threads)) {
            let bits = |t: &Tensor| -> Vec<u32> {
                let all: Vec<f32> = t.flatten_all().unwrap().to_vec1().unwrap();
                all.into_iter().map(f32::to_bits).collect()
            };
            assert_eq!(bits(a), bits(&b), "{threads} threads");
        }
    }
}

#[test]
fn any_layout_is_read_as_it_is_seen() {
    let whole = random(&[4, 16, 6, 8], DType::F32, 6);
    let seen = [
        whole.permute((0, 2, 3, 1)).unwrap(),
        random(&[4, 6, 8, 32], DType::F32, 6)
            .narrow(3, 8, 16)
            .unwrap(),
        random(&[4, 6, 8, 1], DType::F32, 6)
            .broadcast_as((4, 6, 8, 16))
            .unwrap(),
    ];
    for xs in seen {
        assert!(!xs.is_contiguous());
        for (a, b) in std::iter::zip(everything(&xs), everything(&xs.contiguous().unwrap())) {
            assert_eq!(distance(&a, &b), 0.0);
        }
    }
}

#[test]
fn half_precision_is_computed_in_single() {
    for (dtype, eps) in [(DType::F16, 1e-3), (DType::BF16, 8e-3)] {
        let xs = random(&[4, 6, 6, 16], dtype, 6);
        let found = everything(&xs);
        let expected = everything(&xs.to_dtype(DType::F32).unwrap());
        for (found, expected) in std::iter::zip(found, expected) {
            assert_eq!(found.dtype(), dtype);
            let apart = distance(&found, &expected);
            assert!(apart < 2.0 * eps, "{dtype:?}: {apart:e}");
        }
    }
}

#[test]
fn what_is_not_a_number_stays_visible() {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    for bad in [f32::NAN, f32::INFINITY] {
        let mut values = vec![0.5f32; 2 * 4 * 4 * 3];
        values[7] = bad;
        let xs = Tensor::from_vec(values, (2, 4, 4, 3), &CPU).unwrap();
        let conv = parts(3, 5, 3, config, DType::F32).conv;
        let ours = Conv2d::from(conv.clone()).forward(&xs).unwrap();
        let theirs = channels_last(&conv.forward(&channels_first(&xs).unwrap()).unwrap()).unwrap();
        let kinds = |t: &Tensor| -> Vec<bool> {
            let all: Vec<f32> = t.flatten_all().unwrap().to_vec1().unwrap();
            all.into_iter().map(f32::is_finite).collect()
        };
        assert_eq!(kinds(&ours), kinds(&theirs));
        assert!(kinds(&ours).contains(&false));
    }
}

#[test]
fn empty_batches_give_empty_results() {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let parts = parts(16, 8, 3, config, DType::F32);
    let unit = NormReluConv::new(parts.norm.clone(), parts.conv.clone());
    let none = Var::zeros((0, 5, 5, 16), DType::F32, &CPU).unwrap();
    let ys = unit.forward_t(&none, false).unwrap();
    assert_eq!(ys.dims(), [0, 5, 5, 8]);
    let gradients = ys.sum_all().unwrap().backward().unwrap();
    assert_eq!(gradients.get(&none).unwrap().dims(), [0, 5, 5, 16]);
    let kernel = gradients.get(&parts.vars[2]).unwrap();
    assert_eq!(distance(kernel, &kernel.zeros_like().unwrap()), 0.0);
    assert_eq!(global_average(&none).unwrap().dims(), [0, 16]);
    let error = unit.forward_t(&none, true).unwrap_err().to_string();
    assert!(error.contains("two pixels or more"), "{error}");
}

#[test]
fn what_cannot_be_computed_is_an_error() {
    let unit = |padding| {
        let config = Conv2dConfig {
            padding,
            ..Conv2dConfig::default()
        };
        let parts = parts(3, 4, 3, config, DType::F32);
        NormReluConv::new(parts.norm, parts.conv)
    };
    let says = |result: Result<Tensor>, what: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    };
    let zeros = |shape: [usize; 4], dtype| Tensor::zeros(&shape, dtype, &CPU).unwrap();
    says(
        unit(1).forward_t(&zeros([2, 4, 4, 3], DType::U32), false),
        "unsupported dtype",
    );
    says(
        unit(1).forward_t(&zeros([2, 3, 4, 4], DType::F32), false),
        "channels are last",
    );
    says(
        unit(0).forward_t(&zeros([2, 2, 4, 3], DType::F32), false),
        "does not fit",
    );
    says(
        unit(1).forward_t(&zeros([2, 0, 4, 3], DType::F32), false),
        "does not fit",
    );
    says(
        unit(1).forward_t(&zeros([1, 1, 1, 3], DType::F32), true),
        "two pixels or more",
    );
    let conv = unit(1).conv().clone();
    says(
        conv.forward(&zeros([2, 3, 4, 4], DType::F32)),
        "channels are last",
    );
    says(
        conv.forward(&zeros([2, 4, 4, 3], DType::U8)),
        "unsupported dtype",
    );
    says(global_average(&zeros([2, 0, 4, 3], DType::F32)), "no mean");
}

#[test]
fn a_batch_that_no_memory_can_hold_is_an_error() {
    // A broadcast costs nothing to make.
    let one = random(&[1, 8, 8, 3], DType::F32, 6);
    let huge = one.broadcast_as((1 << 40, 8, 8, 3)).unwrap();
    let parts = parts(3, 4, 3, Conv2dConfig::default(), DType::F32);
    let unit = NormReluConv::new(parts.norm.clone(), parts.conv);
    for result in [
        unit.forward_t(&huge, false),
        NormRelu::from(parts.norm).forward_t(&huge, true),
        unit.conv().forward(&huge),
        global_average(&huge),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("no memory"), "{error}");
    }
}

#[test]
fn groups_and_dilations_are_left_to_candle() {
    let kernel = random(&[4, 2, 3, 3], DType::F64, 3);
    for (groups, dilation) in [(2, 1), (1, 2)] {
        let config = Conv2dConfig {
            padding: 2,
            groups,
            dilation,
            ..Conv2dConfig::default()
        };
        let stock = candle_nn::Conv2d::new(kernel.clone(), None, config);
        let xs = random(&[2, 2 * groups, 6, 6], DType::F64, 6);
        let ours = Conv2d::from(stock.clone())
            .forward(&channels_last(&xs).unwrap())
            .unwrap();
        let theirs = channels_last(&stock.forward(&xs).unwrap()).unwrap();
        assert_eq!(distance(&ours, &theirs), 0.0);
    }
}
