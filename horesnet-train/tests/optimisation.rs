//! Loss, optimiser and schedule against numbers worked out by hand.

use candle_core::{Device, Tensor, Var};
use candle_nn::Optimizer;
use horesnet_train::{
    AdamW, AdamWConfig, Average, Schedule, Sgd, SgdConfig, correct, cross_entropy,
};

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
    let config = SgdConfig {
        momentum,
        nesterov,
        weight_decay: decay,
        ..SgdConfig::default()
    };
    let mut sgd = Sgd::named([("weight".to_owned(), var.clone())], config).unwrap();
    for rate in [0.1, 0.2] {
        let loss = (var.as_tensor() * 3.0).unwrap().sum_all().unwrap();
        sgd.set_learning_rate(rate);
        sgd.backward_step(&loss).unwrap();
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

fn variable(values: &[f64]) -> Var {
    Var::from_tensor(&Tensor::new(values, &Device::Cpu).unwrap()).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_vec1().unwrap()
}

#[test]
fn learned_coefficients_have_a_decay_of_their_own() {
    let decayed = |name: &str| {
        let var = variable(&[1.0]);
        let config = SgdConfig {
            learning_rate: 1.0,
            momentum: 0.0,
            weight_decay: 0.5,
            coefficient_decay: 0.25,
            ..SgdConfig::default()
        };
        let mut sgd = Sgd::named([(name.to_owned(), var.clone())], config).unwrap();
        let loss = (var.as_tensor() * 3.0).unwrap().sum_all().unwrap();
        sgd.backward_step(&loss).unwrap();
        values(var.as_tensor())[0]
    };
    for name in ["h", "group1.block1.h", "group1.block2.coefficients"] {
        assert_eq!(decayed(name), 1.0 - (3.0 + 0.25), "{name}");
    }
    for name in ["norm.weight", "head.bias", "depth", "h.weight"] {
        assert_eq!(decayed(name), 1.0 - 3.0, "{name}");
    }
}

#[test]
fn gradients_are_clipped_by_their_norm_over_all_variables() {
    // The gradients are (3, 0) and (4): together of norm 5.
    let after = |clip_norm: f64| {
        let (a, b) = (variable(&[0.0, 0.0]), variable(&[0.0]));
        let config = SgdConfig {
            learning_rate: 1.0,
            momentum: 0.0,
            clip_norm,
            ..SgdConfig::default()
        };
        let vars = [("a".to_owned(), a.clone()), ("b".to_owned(), b.clone())];
        let mut sgd = Sgd::named(vars, config).unwrap();
        let slope = Tensor::new(&[3.0, 0.0], &Device::Cpu).unwrap();
        let first = (a.as_tensor() * slope).unwrap().sum_all().unwrap();
        let second = (b.as_tensor() * 4.0).unwrap().sum_all().unwrap();
        let loss = (first + second).unwrap();
        sgd.backward_step(&loss).unwrap();
        [values(a.as_tensor()), values(b.as_tensor())].concat()
    };
    assert_eq!(after(0.0), [-3.0, 0.0, -4.0]);
    assert_eq!(after(5.0), [-3.0, 0.0, -4.0]);
    assert_eq!(after(2.5), [-1.5, 0.0, -2.0]);
}

#[test]
fn the_average_is_the_one_worked_out_by_hand() {
    let var = variable(&[1.0, -2.0]);
    let mut average = Average::new([("weight".to_owned(), var.clone())], 0.15).unwrap();
    let found = |average: &Average| values(average.tensors().next().unwrap().1);
    assert_eq!(found(&average), [1.0, -2.0]);
    // d = 1/10 in the first step, then min(0.15, 2/11) = 0.15.
    var.set(&Tensor::new(&[2.0, 0.0], &Device::Cpu).unwrap())
        .unwrap();
    average.update(0).unwrap();
    var.set(&Tensor::new(&[0.0, 1.0], &Device::Cpu).unwrap())
        .unwrap();
    average.update(1).unwrap();
    let (first, second) = (0.1 * 1.0 + 0.9 * 2.0, 0.1 * -2.0);
    let expected = [0.15 * first, 0.15 * second + 0.85];
    for (found, expected) in found(&average).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    }
    // The weights are what they were.
    assert_eq!(values(var.as_tensor()), [0.0, 1.0]);
}

#[test]
fn numbers_of_any_kind_are_averaged() {
    for dtype in [candle_core::DType::F32, candle_core::DType::BF16] {
        let var = Var::from_tensor(&variable(&[1.0]).to_dtype(dtype).unwrap()).unwrap();
        let mut average = Average::new([("weight".to_owned(), var.clone())], 0.5).unwrap();
        var.set(&variable(&[2.0]).to_dtype(dtype).unwrap()).unwrap();
        average.update(0).unwrap();
        let found = average.tensors().next().unwrap().1;
        let found = values(&found.to_dtype(candle_core::DType::F64).unwrap())[0];
        assert!((found - 1.9).abs() < 0.01, "{dtype:?}: {found}");
    }
}

/// Minimises `(w − 3)²` by any optimiser of candle's interface.
fn minimise<O: Optimizer>(config: O::Config, rate: f64) -> f64 {
    let var = variable(&[0.0]);
    let mut optimiser = O::new(vec![var.clone()], config).unwrap();
    optimiser.set_learning_rate(rate);
    assert_eq!(optimiser.learning_rate(), rate);
    for _ in 0..200 {
        let loss = (var.as_tensor() - 3.0).unwrap().sqr().unwrap();
        optimiser.backward_step(&loss.sum_all().unwrap()).unwrap();
    }
    values(var.as_tensor())[0]
}

#[test]
fn sgd_is_an_optimiser_of_candle() {
    assert!((minimise::<Sgd>(SgdConfig::default(), 0.05) - 3.0).abs() < 1e-4);
    // Without momentum the steps are those of candle's SGD.
    let plain = SgdConfig {
        momentum: 0.0,
        nesterov: false,
        ..SgdConfig::default()
    };
    let stock = minimise::<candle_nn::SGD>(0.1, 0.05);
    assert!((minimise::<Sgd>(plain, 0.05) - stock).abs() < 1e-12);
    // Integers are left out, as candle's optimisers do.
    let count = Var::from_tensor(&Tensor::new(&[1u32], &Device::Cpu).unwrap()).unwrap();
    Sgd::new(vec![count], SgdConfig::default()).unwrap();
}

#[test]
fn adamw_takes_the_steps_worked_out_by_hand() {
    let var = Var::from_tensor(&Tensor::new(&[[1.0f64]], &Device::Cpu).unwrap()).unwrap();
    let config = AdamWConfig {
        beta1: 0.5,
        beta2: 0.75,
        epsilon: 0.25,
        weight_decay: 0.5,
        ..AdamWConfig::default()
    };
    let mut adamw = AdamW::named([("weight".to_owned(), var.clone())], config).unwrap();
    let mut expected = 1.0;
    let (mut first, mut second) = (0.0, 0.0f64);
    for (step, (rate, gradient)) in [(0.1, 3.0), (0.2, -1.0), (0.2, 2.0)]
        .into_iter()
        .enumerate()
    {
        let loss = (var.as_tensor() * gradient).unwrap().sum_all().unwrap();
        adamw.set_learning_rate(rate);
        adamw.backward_step(&loss).unwrap();
        first = 0.5 * first + 0.5 * gradient;
        second = 0.75 * second + 0.25 * gradient * gradient;
        let t = step as i32 + 1;
        let [m, v] = [
            first / (1.0 - 0.5f64.powi(t)),
            second / (1.0 - 0.75f64.powi(t)),
        ];
        expected -= rate * (0.5 * expected + m / (v.sqrt() + 0.25));
    }
    let found: f64 = var.sum_all().unwrap().to_scalar().unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn adamw_is_that_of_candle() {
    let config = AdamWConfig {
        weight_decay: 0.0,
        ..AdamWConfig::default()
    };
    let stock = candle_nn::ParamsAdamW {
        weight_decay: 0.0,
        ..candle_nn::ParamsAdamW::default()
    };
    let [ours, stock] = [
        minimise::<AdamW>(config, 0.05),
        minimise::<candle_nn::AdamW>(stock, 0.05),
    ];
    assert!((ours - 3.0).abs() < 1e-2, "{ours}");
    assert!((ours - stock).abs() < 1e-12, "{ours} {stock}");
}

#[test]
fn variables_of_other_dtypes_take_the_same_steps() {
    let after = |dtype: candle_core::DType| {
        let start = Tensor::new(&[[1.0f64, -2.0]], &Device::Cpu).unwrap();
        let var = Var::from_tensor(&start.to_dtype(dtype).unwrap()).unwrap();
        let config = AdamWConfig {
            learning_rate: 0.1,
            ..AdamWConfig::default()
        };
        let mut adamw = AdamW::named([("weight".to_owned(), var.clone())], config).unwrap();
        for _ in 0..5 {
            let loss = var.as_tensor().sqr().unwrap().sum_all().unwrap();
            adamw.backward_step(&loss).unwrap();
        }
        let values = var.to_dtype(candle_core::DType::F64).unwrap();
        values.flatten_all().unwrap().to_vec1::<f64>().unwrap()
    };
    let fused = after(candle_core::DType::F64);
    assert!(fused[0] < 0.6 && fused[1] > -1.6, "{fused:?}");
    for (dtype, tolerance) in [
        (candle_core::DType::F32, 1e-6),
        (candle_core::DType::BF16, 0.03),
    ] {
        for (found, expected) in after(dtype).iter().zip(&fused) {
            assert!(
                (found - expected).abs() < tolerance,
                "{dtype:?}: {found} {expected}"
            );
        }
    }
}
