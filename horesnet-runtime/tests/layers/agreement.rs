//! Values and gradients are those of candle.

use candle_core::{DType, Var};
use candle_nn::{BatchNorm, Conv2dConfig, Module, ModuleT};
use horesnet_runtime::layers::{Conv2d, NormRelu, NormReluConv, channels_last, global_avg_pool};

use super::{agree, distance, loss, parts, plain_conv, random, variable};

/// Batch, channels in and out, height and width; kernel, stride, padding.
type Case = (usize, usize, usize, [usize; 2], usize, usize, usize);

/// Sizes that fill vectors and registers and sizes that do not; windows of all kinds.
const CASES: [Case; 19] = [
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
    // Winograd's algorithm: full and partial groups of images, tiles that reach over the edge.
    (2, 16, 32, [7, 5], 3, 1, 1),
    (37, 32, 16, [4, 4], 3, 1, 1),
    (9, 48, 16, [2, 2], 3, 1, 1),
    (3, 16, 16, [12, 13], 3, 1, 1),
    (2, 16, 16, [33, 18], 3, 1, 1),
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
                // Two sets, because training changes the running statistics.
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
    // `f32` holds 100 + x to within 4e-6, enough for this precision of a variance of 1/3.
    assert!(distance(fast.layer().running_var(), &expected) < 1e-6);
}

#[test]
fn pooling_agrees_with_candle() {
    let xs = variable(&[3, 10, 4, 5], DType::F64, 6);
    let ours = global_avg_pool(&channels_last(&xs).unwrap()).unwrap();
    let theirs = xs.as_tensor().mean((2, 3)).unwrap();
    assert!(distance(&ours, &theirs) < 1e-15);
    let ours = loss(&ours).unwrap().backward().unwrap();
    let theirs = loss(&theirs).unwrap().backward().unwrap();
    assert!(distance(ours.get(&xs).unwrap(), theirs.get(&xs).unwrap()) < 1e-15);
}
