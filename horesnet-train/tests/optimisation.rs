//! Loss, optimiser and schedule against numbers worked out by hand.

use candle_core::{Device, Tensor, Var};
use horesnet_train::{Schedule, Sgd, correct, cross_entropy};

#[test]
fn cross_entropy_agrees_with_its_formula() {
    let logits = [[2.0f64, -1.0, 0.5], [0.0, 0.0, 3.0]];
    let labels = [0usize, 1];
    let tensor = Tensor::new(&logits, &Device::Cpu).unwrap();
    let targets = Tensor::new(&[0u32, 1], &Device::Cpu).unwrap();
    for smoothing in [0.0, 0.1, 0.5] {
        let mut expected = 0.0;
        for (row, label) in logits.iter().zip(labels) {
            let total: f64 = row.iter().map(|z| z.exp()).sum();
            for (class, z) in row.iter().enumerate() {
                let on_label = if class == label { 1.0 - smoothing } else { 0.0 };
                expected -= (on_label + smoothing / 3.0) * (z - total.ln()) / 2.0;
            }
        }
        let loss = cross_entropy(&tensor, &targets, smoothing).unwrap();
        let loss = loss.to_scalar::<f64>().unwrap();
        assert!((loss - expected).abs() < 1e-12, "{loss} {expected}");
    }
    assert_eq!(correct(&tensor, &targets).unwrap(), 1);
}

/// Two steps on `loss = 3·w` (the gradient is 3) from `w = 1`, with rate 0.1 and then 0.2.
fn two_steps(shape: &[usize], momentum: f64, nesterov: bool, decay: f64) -> f64 {
    let var =
        Var::from_tensor(&Tensor::ones(shape, candle_core::DType::F64, &Device::Cpu).unwrap())
            .unwrap();
    let mut sgd = Sgd::new([var.clone()], momentum, nesterov, decay);
    for rate in [0.1, 0.2] {
        let loss = (var.as_tensor() * 3.0).unwrap().sum_all().unwrap();
        sgd.step(&loss.backward().unwrap(), rate).unwrap();
    }
    var.sum_all().unwrap().to_scalar().unwrap()
}

#[test]
fn sgd_takes_the_steps_worked_out_by_hand() {
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    // 1 − 0.1·3 − 0.2·3
    close(two_steps(&[1, 1], 0.0, false, 0.0), 0.1);
    // v = 3, 0.9·3 + 3 = 5.7
    close(two_steps(&[1, 1], 0.9, false, 0.0), 1.0 - 0.3 - 0.2 * 5.7);
    // g + 0.9·v: 5.7, then 3 + 0.9·5.7 = 8.13
    close(two_steps(&[1, 1], 0.9, true, 0.0), 1.0 - 0.57 - 0.2 * 8.13);
    // g = 3 + 0.5·1, w = 0.65, g = 3 + 0.5·0.65
    close(
        two_steps(&[1, 1], 0.0, false, 0.5),
        1.0 - 0.35 - 0.2 * 3.325,
    );
}

#[test]
#[expect(clippy::float_cmp, reason = "the same operations give the same bits")]
fn norms_and_biases_do_not_decay() {
    assert_eq!(
        two_steps(&[1], 0.9, true, 0.5),
        two_steps(&[1], 0.9, true, 0.0)
    );
    assert_ne!(
        two_steps(&[1, 1], 0.9, true, 0.5),
        two_steps(&[1, 1], 0.9, true, 0.0)
    );
}

#[test]
fn the_rate_warms_up_and_then_follows_a_cosine() {
    let schedule = Schedule::new(0.4, 4, 12);
    let rates: Vec<f64> = (0..13).map(|step| schedule.rate(step)).collect();
    for (step, expected) in [(0, 0.1), (1, 0.2), (3, 0.4), (4, 0.4), (8, 0.2), (12, 0.0)] {
        assert!(
            (rates[step] - expected).abs() < 1e-12,
            "step {step}: {}",
            rates[step]
        );
    }
    assert!(rates[4..].is_sorted_by(|a, b| a > b));
    // A warm-up longer than the training still ends.
    assert!(Schedule::new(0.4, 100, 2).rate(1) > 0.0);
    assert!(Schedule::new(0.4, 1, 1).rate(0) > 0.0);
}
