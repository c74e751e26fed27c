//! Compares every instruction set of this machine with portable code.

use super::conv::{Convolution, NeedsGrad};
use super::float::Float;
use super::norm::ChannelNorm;
use super::norm_stats::batch_stats;
use super::stored::Stored;
use super::window::{ConvWindow, Extent};
use super::winograd::Algorithm;
use crate::combine::Isa;

/// Numbers between -1 and 1 that look random.
fn numbers(count: usize, seed: usize) -> Vec<f64> {
    let number = |i: usize| ((i * 7919 + seed * 104_729) % 2003) as f64 / 1001.0 - 1.0;
    (0..count).map(number).collect()
}

/// Values, gradients and statistics of one unit, computed with `isa`.
fn everything(isa: Isa, channels: usize, outputs: usize, stride: usize) -> Vec<Vec<f64>> {
    let input = Extent {
        height: 7,
        width: 6,
        channels,
    };
    let window = ConvWindow {
        kernel: 3,
        stride,
        padding: 1,
    };
    let convolution = Convolution::new(isa, window, input, outputs).unwrap();
    let batch = 3;
    let xs = numbers(batch * input.elements(), 1);
    let kernel = numbers(outputs * channels * 9, 2);
    let stats = batch_stats(isa, &xs, channels).unwrap();
    let inverse: Vec<f64> = stats.variance.iter().map(|v| 1.0 / v.sqrt()).collect();
    let weight = numbers(channels, 3);
    let bias = numbers(channels, 4);
    let norm = ChannelNorm::new(&stats.mean, &inverse, &weight, &bias);
    let out = convolution
        .forward(&xs, batch, &kernel, Some(&norm))
        .unwrap();
    let gradients = numbers(out.len(), 5);
    let needed = NeedsGrad {
        input: true,
        kernel: true,
    };
    let back = convolution
        .backward(&xs, batch, &kernel, Some(&norm), &gradients, needed)
        .unwrap();
    let (weight, bias) = norm.parameter_gradients(&back.norm);
    vec![
        out,
        back.input,
        back.kernel,
        weight,
        bias,
        stats.mean,
        stats.variance,
    ]
}

#[test]
fn all_instruction_sets_agree() {
    for (channels, outputs, stride) in [(16, 16, 1), (32, 48, 1), (3, 10, 1), (20, 33, 2)] {
        let portable = everything(Isa::Portable, channels, outputs, stride);
        for isa in Isa::available() {
            let found = everything(isa, channels, outputs, stride);
            for (found, expected) in std::iter::zip(&found, &portable) {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in std::iter::zip(found, expected) {
                    let apart = (found - expected).abs();
                    assert!(apart < 1e-12 * (1.0 + expected.abs()), "{isa:?}: {apart:e}");
                }
            }
        }
    }
}

/// How a convolution of stride 1 is computed.
const ALGORITHMS: [Option<Algorithm>; 3] = [None, Some(Algorithm::F2), Some(Algorithm::F4)];

/// Output and both gradients of a batch of images by `algorithm`, with `odd` in place of one input.
fn by<T: Float + Stored<Float = T>>(
    isa: Isa,
    algorithm: Option<Algorithm>,
    input: Extent,
    outputs: usize,
    odd: Option<f64>,
) -> Vec<Vec<f64>> {
    let window = ConvWindow {
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    let mut convolution = Convolution::new(isa, window, input, outputs).unwrap();
    convolution.winograd = algorithm;
    let batch = 5;
    let of = |numbers: Vec<f64>| -> Vec<T> { numbers.into_iter().map(T::from_f64).collect() };
    let mut xs = of(numbers(batch * input.elements(), 1));
    if let Some(odd) = odd {
        xs[input.elements() + 7] = T::from_f64(odd);
    }
    let kernel = of(numbers(outputs * input.channels * 9, 2));
    let out = convolution.forward(&xs, batch, &kernel, None).unwrap();
    let gradients = of(numbers(out.len(), 5));
    let needed = NeedsGrad {
        input: true,
        kernel: true,
    };
    let back = convolution
        .backward(&xs, batch, &kernel, None, &gradients, needed)
        .unwrap();
    let plain = |list: &[T]| list.iter().map(|x| x.to_f64()).collect();
    vec![plain(&out), plain(&back.input), plain(&back.kernel)]
}

#[test]
fn all_algorithms_agree() {
    for (height, width, channels, outputs) in [
        (8, 8, 16, 16),
        (4, 4, 16, 32),
        (1, 1, 16, 16),
        (7, 6, 32, 16),
        (3, 17, 16, 16),
        (50, 33, 16, 16),
        // Kernels whose gradients are summed plane by plane: by tiles of 4×4 in spans, and by tiles of 2×2.
        (40, 34, 96, 96),
        (5, 6, 160, 112),
    ] {
        let input = Extent {
            height,
            width,
            channels,
        };
        let expected = by::<f64>(Isa::Portable, None, input, outputs, None);
        for isa in Isa::available() {
            for algorithm in ALGORITHMS {
                let case = format!("{algorithm:?} of {input:?} by {isa:?}");
                let double = by::<f64>(isa, algorithm, input, outputs, None);
                assert!(apart(&double, &expected) < 1e-13, "{case}");
                let single = by::<f32>(isa, algorithm, input, outputs, None);
                let apart = apart(&single, &expected);
                assert!(apart < 5e-6, "{case}: {apart:e}");
            }
        }
    }
}

/// The largest root mean square of differences, relative to that of the numbers.
fn apart(found: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    let square = |list: &mut dyn Iterator<Item = f64>| list.map(|x| x * x).sum::<f64>().sqrt();
    let lists = std::iter::zip(found, expected);
    let each = lists.map(|(found, expected)| {
        let difference = square(&mut std::iter::zip(found, expected).map(|(a, b)| a - b));
        difference / square(&mut expected.iter().copied())
    });
    // NaN is no small difference.
    each.fold(0.0, |most, x| if x <= most { most } else { x })
}

/// An input that is not finite reaches the same outputs and gradients by every algorithm, and none besides.
#[test]
fn all_algorithms_pass_on_numbers_that_are_not_finite() {
    let bits = |lists: Vec<Vec<f64>>| -> Vec<(bool, bool)> {
        let all = lists.iter().flatten();
        all.map(|x| (x.is_nan(), x.is_infinite())).collect()
    };
    for odd in [f64::NAN, f64::INFINITY, f64::from(f32::MAX)] {
        for (isa, channels) in Isa::available()
            .into_iter()
            .flat_map(|isa| [(isa, 16), (isa, 96)])
        {
            let input = Extent {
                height: 9,
                width: 8,
                channels,
            };
            let expected = bits(by::<f32>(isa, None, input, channels, Some(odd)));
            for algorithm in ALGORITHMS {
                let found = bits(by::<f32>(isa, algorithm, input, channels, Some(odd)));
                assert!(
                    found == expected,
                    "{odd}, {algorithm:?} by {isa:?}, {channels}"
                );
            }
        }
    }
}
