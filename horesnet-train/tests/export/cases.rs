//! Networks with every kind of layer, scheme and coefficients, none of whose weights are as they were initialised.

use candle_core::{DType, Device, Tensor};
use horesnet_train::export::ModelInfo;
use horesnet_train::{Describe, Network, Normalisation, Settings, Variables, data, schemes};

/// A network, images and what to expect of them.
pub(crate) struct Case {
    pub(crate) network: Box<dyn Network>,
    pub(crate) variables: Variables,
    /// The scheme of its blocks.
    pub(crate) scheme: String,
    pub(crate) info: ModelInfo,
    /// `[100, channels, height, width]`, pixels from 0 to 1.
    pub(crate) images: Tensor,
    /// The logits of [`Self::images`].
    pub(crate) logits: Tensor,
}

/// Settings by name; the last are of images with odd sides.
pub(crate) const CASES: &[(&str, &[&str])] = &[
    ("rk4", &[]),
    (
        "euler-fixed",
        &[
            "network.scheme='euler'",
            "network.coefficients='fixed(0.5)'",
        ],
    ),
    (
        "midpoint-decaying-group-silu",
        &[
            "network.scheme='midpoint'",
            "network.coefficients='decaying(0.9)'",
            "network.norm='group(2)'",
            "network.activation='silu'",
        ],
    ),
    (
        "dopri5-annealed-gelu-se",
        &[
            "network.scheme='dopri5'",
            "network.coefficients='decaying(0.9, epochs)'",
            "network.activation='gelu'",
            "network.se=4",
            "network.post_activation=true",
        ],
    ),
    (
        "verner8-all",
        &[
            "network.scheme='verner8'",
            "network.coefficients='learned(all)'",
            "network.widths=[4, 8]",
        ],
    ),
    (
        "kutta3-learned",
        &[
            "network.scheme='kutta3'",
            "network.coefficients='learned'",
            "network.functions='shared'",
            "network.blocks=[2, 1]",
        ],
    ),
    (
        "ssprk3-projected",
        &[
            "network.scheme='ssprk3'",
            "network.coefficients='learned(all, projected)'",
        ],
    ),
    (
        "nested-learned",
        &[
            "network.scheme='rk4(midpoint)'",
            "network.coefficients='learned'",
        ],
    ),
    (
        "nested-shared",
        &[
            "network.scheme='midpoint(rk4)'",
            "network.functions='shared'",
        ],
    ),
    (
        "interpolated",
        &[
            "network.scheme='kutta3'",
            "network.functions='interpolated(3)'",
            "network.blocks=[2, 1]",
        ],
    ),
    ("cfresnet", &["network.kind='cfresnet'"]),
    (
        "cfresnet-nested",
        &[
            "network.kind='cfresnet'",
            "network.scheme='midpoint(heun2)'",
            "network.coefficients='learned(all)'",
            "network.blocks=[1, 2, 1]",
        ],
    ),
    ("vit", &["network.kind='vit'"]),
    (
        "vit-nested",
        &[
            "network.kind='vit'",
            "network.scheme='rk4(midpoint)'",
            "network.coefficients='learned(all)'",
            "network.blocks=1",
        ],
    ),
    (
        "bottleneck-odd",
        &[
            "network.residual='bottleneck'",
            "network.stem='resnet-d'",
            "network.transition='resnet-d'",
        ],
    ),
    (
        "imagenet-odd",
        &[
            "network.stem='imagenet'",
            "network.scheme='bogacki_shampine3'",
        ],
    ),
    (
        "cfresnet-odd",
        &["network.kind='cfresnet'", "network.scheme='fehlberg45'"],
    ),
];

/// [`CASES`], and a small network of each scheme.
pub(crate) fn all() -> impl Iterator<Item = (String, Vec<String>)> {
    let own = |settings: &[&str]| settings.iter().map(|text| (*text).to_owned()).collect();
    let cases = CASES
        .iter()
        .map(move |(name, settings)| ((*name).to_owned(), own(settings)));
    cases.chain(schemes::names().map(|scheme| {
        let settings = [
            format!("network.scheme='{scheme}'"),
            "network.widths=[2]".to_owned(),
            "network.blocks=[1]".to_owned(),
        ];
        (format!("scheme-{scheme}"), settings.into())
    }))
}

impl Case {
    pub(crate) fn new(name: &str, settings: &[impl AsRef<str>]) -> Self {
        let mut all = Settings::default();
        for assignment in settings {
            all.assign(assignment.as_ref()).unwrap();
        }
        let mut config = all.experiment().unwrap().fitted().unwrap().network;
        let scheme = config.scheme();
        let odd = name.ends_with("-odd");
        if odd {
            config.fit([3, 23, 17], 4);
        }
        let variables = Variables::seeded(1);
        let network = config
            .build(variables.builder(DType::F32, &Device::Cpu))
            .unwrap();
        scatter(&variables);
        network.state().set(0, 0, 1.5);
        let (info, images) = if odd { colour() } else { digits() };
        let channel = |values: &[f64]| {
            let values = Tensor::new(values, &Device::Cpu).unwrap();
            values.reshape((1, (), 1, 1)).unwrap()
        };
        let normal = images
            .to_dtype(DType::F64)
            .and_then(|pixels| pixels.broadcast_sub(&channel(&info.mean)))
            .and_then(|centred| centred.broadcast_div(&channel(&info.std)))
            .and_then(|normal| normal.to_dtype(DType::F32))
            .unwrap();
        let logits = network.forward_t(&normal, false).unwrap();
        Self {
            network,
            variables,
            scheme,
            info,
            images,
            logits,
        }
    }
}

/// Moves all weights, so that no scale is 1, no shift 0 and no coefficient that of the tableau.
fn scatter(variables: &Variables) {
    for (index, (name, var)) in variables.all().into_iter().enumerate() {
        let count = var.elem_count();
        let wave = (0..count).map(|i| ((i + 7 * index) as f32 * 1.3).sin());
        let wave = Tensor::from_iter(wave, &Device::Cpu).unwrap();
        let wave = wave.reshape(var.shape()).unwrap();
        let moved = if name.ends_with("running_var") {
            wave.sqr().unwrap() + 0.5
        } else {
            var.as_detached_tensor() + (wave * 0.05).unwrap()
        };
        var.set(&moved.unwrap()).unwrap();
    }
}

/// The first 100 test digits.
fn digits() -> (ModelInfo, Tensor) {
    let split = data::load("digits", None).unwrap();
    let bytes = split.test.images().take(100).flatten();
    let pixels: Vec<f32> = bytes.map(|byte| f32::from(*byte) / 255.0).collect();
    let normal = Normalisation::of(&split.train);
    let unit = |value: f32| f64::from(value) / 255.0;
    let info = ModelInfo {
        label_names: (0..10).map(|digit| digit.to_string()).collect(),
        input_size: [1, 8, 8],
        mean: normal
            .channels()
            .iter()
            .map(|(mean, _)| unit(*mean))
            .collect(),
        std: normal
            .channels()
            .iter()
            .map(|(_, std)| unit(*std))
            .collect(),
        crop_pct: 1.0,
    };
    let images = Tensor::from_vec(pixels, (100, 1, 8, 8), &Device::Cpu).unwrap();
    (info, images)
}

/// Images of three channels and odd sides.
fn colour() -> (ModelInfo, Tensor) {
    let info = ModelInfo {
        label_names: HOSTILE.map(str::to_owned).into(),
        input_size: [3, 23, 17],
        mean: vec![0.5, 0.4, 0.3],
        std: vec![0.25, 0.2, 0.3],
        crop_pct: 1.0,
    };
    let wave = |i: usize| 0.5 + 0.5 * ((i * i % 9973) as f32 * 0.37).sin();
    let pixels: Vec<f32> = (0..100 * 3 * 23 * 17).map(wave).collect();
    let images = Tensor::from_vec(pixels, (100, 3, 23, 17), &Device::Cpu).unwrap();
    (info, images)
}

/// Names of classes that no format may take for its own syntax.
pub(crate) const HOSTILE: [&str; 4] = [
    "it's a \"quote\", with commas",
    "<script>alert(1)</script> | `code`\n```\n---",
    "a/b\\c\u{2028}\u{0}\"\"\"",
    "🦀 ÄÖ {name}",
];
