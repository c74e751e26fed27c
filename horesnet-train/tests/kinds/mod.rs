//! Networks of every kind of layer, and what a step of training finds in them.

use candle_core::{DType, Device, Tensor};
use horesnet_train::{Describe, NetworkConfig, Precision, Settings, Variables, cross_entropy};

/// Settings of networks that between them have every kind of layer.
pub(crate) const KINDS: [&[&str]; 6] = [
    &[],
    &["network.norm='group(2)'", "network.activation='silu'"],
    &[
        "network.activation='gelu'",
        "network.se=4",
        "network.post_activation=true",
    ],
    &[
        "network.activation='silu'",
        "network.residual='bottleneck'",
        "network.stem='resnet-d'",
        "network.transition='resnet-d'",
    ],
    &["network.kind='cfresnet'"],
    &["network.kind='vit'"],
];

/// The network of some settings, for grey images of 8×8 pixels in 10 classes.
fn network(settings: &[&str]) -> NetworkConfig {
    let mut all = Settings::default();
    for assignment in settings {
        all.assign(assignment).unwrap();
    }
    all.experiment().unwrap().fitted().unwrap().network
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
    flat.to_vec1().unwrap()
}

/// The distance of two lists of numbers, as a share of the length of the second.
pub(crate) fn apart(found: &[f64], expected: &[f64]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let difference = square(&mut std::iter::zip(found, expected).map(|(a, b)| a - b));
    difference / square(&mut expected.iter().copied())
}

/// Grey images of 8×8 pixels, and their labels: enough that the statistics of a batch are no matter of rounding.
fn images(device: &Device) -> (Tensor, Tensor) {
    const COUNT: usize = 128;
    let wave = |i: usize| ((i * i % 9973) as f32 * 0.37).sin();
    let images: Vec<f32> = (0..COUNT * 64).map(wave).collect();
    let labels = (0..COUNT).map(|i| (i % 10) as u32);
    (
        Tensor::from_vec(images, (COUNT, 1, 8, 8), device).unwrap(),
        Tensor::from_iter(labels, device).unwrap(),
    )
}

/// Expects of training with 16 bits what 8 bits of a number can keep: a relative error of 2⁻⁹ at each of some 20 layers. Where
/// rounding decides on which side of a `ReLU` numbers near 0 are, or which of a window is the largest, gradients differ by more.
pub(crate) fn expect_near(settings: &[&str], half: &Found, full: &Found) {
    let smooth = settings
        .iter()
        .any(|setting| setting.contains("activation='"))
        || settings == ["network.kind='vit'"];
    for (what, found, expected, most) in [
        ("logits", &half.logits, &full.logits, 0.05),
        (
            "gradients",
            &half.gradients,
            &full.gradients,
            if smooth { 0.1 } else { 0.25 },
        ),
    ] {
        let apart = apart(found, expected);
        assert!(apart > 0.0 && apart < most, "{settings:?}, {what}: {apart}");
    }
    // Tests are in `f32`; what they know of the training is the statistics of batches.
    let tested = apart(&half.tested, &full.tested);
    assert!(tested < 0.02, "{settings:?}: {tested}");
}

/// Logits in training, the gradients of all weights, and logits in the test afterwards.
pub(crate) struct Found {
    pub(crate) logits: Vec<f64>,
    pub(crate) gradients: Vec<f64>,
    pub(crate) tested: Vec<f64>,
}

/// What comes of a network with the weights of seed 1 on a device.
pub(crate) fn found(settings: &[&str], device: &Device, precision: Precision) -> Found {
    let variables = Variables::seeded(1);
    let vb = variables.builder(DType::F32, device);
    let network = network(settings).build(vb).unwrap();
    network.state().set_precision(precision);
    let (images, labels) = images(device);
    let logits = network.forward_t(&images, true).unwrap();
    assert_eq!(logits.dtype(), DType::F32, "{settings:?}");
    let loss = cross_entropy(&logits, &labels, 0.0).unwrap();
    let store = horesnet::backward(&loss).unwrap();
    let mut gradients = Vec::new();
    for (name, var) in variables.trained() {
        let gradient = store.get(var.as_tensor()).expect(&name);
        assert_eq!(gradient.dtype(), DType::F32, "{settings:?}, {name}");
        gradients.extend(numbers(gradient));
    }
    Found {
        logits: numbers(&logits),
        gradients,
        tested: numbers(&network.forward_t(&images, false).unwrap()),
    }
}
