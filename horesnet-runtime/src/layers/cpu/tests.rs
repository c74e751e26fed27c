//! Compares every instruction set of this machine with portable code.

use super::conv::{Convolution, NeedsGrad};
use super::norm::ChannelNorm;
use super::norm_stats::batch_stats;
use super::window::{ConvWindow, Extent};
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
    let stats = batch_stats(isa, &xs, channels);
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
