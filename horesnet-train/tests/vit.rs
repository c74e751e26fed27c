//! The Transformer: the ordinary one where its schemes are Euler's, its names, and what is refused.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::{layer_norm_slow, softmax_last_dim};
use candle_nn::{Conv2dConfig, Module, ModuleT, VarBuilder};
use candle_nn::{layer_norm, linear};
use horesnet::backward;
use horesnet_train::{
    Describe, NetworkConfig, TrainingConfig, Variables, Vit, VitConfig, data, train,
};

const CPU: Device = Device::Cpu;

fn config(outer: &str, inner: &str) -> VitConfig {
    VitConfig {
        outer: outer.to_owned(),
        inner: inner.to_owned(),
        width: 8,
        heads: 2,
        ..VitConfig::default()
    }
}

fn build(config: &VitConfig, dtype: DType) -> (Vit, Variables) {
    let variables = Variables::seeded(3);
    let network = Vit::new(config, variables.builder(dtype, &CPU)).unwrap();
    (network, variables)
}

/// Waves over the pixels.
fn images(dtype: DType) -> Tensor {
    let pixels: Vec<f64> = (0..2 * 64).map(|i| (f64::from(i) * 0.7).sin()).collect();
    let images = Tensor::from_vec(pixels, (2, 1, 8, 8), &CPU).unwrap();
    images.to_dtype(dtype).unwrap()
}

/// The ordinary pre-norm encoder, written with candle's layers and heads one by one.
fn ordinary(config: &VitConfig, vb: &VarBuilder, xs: &Tensor) -> Result<Tensor> {
    let width = config.width;
    let side = config.patch;
    // A patch through a linear layer is a convolution that strides from patch to patch.
    let weight = vb.get((width, side * side), "embedding.patches.weight")?;
    let bias = vb.get(width, "embedding.patches.bias")?;
    let strided = Conv2dConfig {
        stride: side,
        ..Conv2dConfig::default()
    };
    let weight = weight.reshape((width, 1, side, side))?;
    let embed = candle_nn::Conv2d::new(weight, Some(bias), strided);
    let mut xs = embed
        .forward(xs)?
        .flatten_from(2)?
        .transpose(1, 2)?
        .contiguous()?;
    xs = xs.broadcast_add(&vb.get((16, width), "embedding.position")?)?;
    for block in 1..=config.blocks {
        let vb = vb.pp(format!("block{block}.stage1"));
        let attention = vb.pp("attention.stage1");
        let ys = norm(width, attention.pp("norm"))?.forward(&xs)?;
        let ys = linear(width, 3 * width, attention.pp("query_key_value"))?.forward(&ys)?;
        let size = width / config.heads;
        let heads = (0..config.heads).map(|head| {
            let part = |i| ys.narrow(2, i * width + head * size, size)?.contiguous();
            let (query, key, value) = (part(0)?, part(1)?, part(2)?);
            let scores = (query.matmul(&key.t()?)? / (size as f64).sqrt())?;
            softmax_last_dim(&scores)?.matmul(&value)
        });
        let heads = heads.collect::<Result<Vec<_>>>()?;
        let ys = Tensor::cat(&heads, D::Minus1)?;
        xs = (&xs + linear(width, width, attention.pp("output"))?.forward(&ys)?)?;

        let perceptron = vb.pp("perceptron.stage1");
        let hidden = config.mlp_ratio * width;
        let ys = norm(width, perceptron.pp("norm"))?.forward(&xs)?;
        let ys = linear(width, hidden, perceptron.pp("first"))?.forward(&ys)?;
        let ys = linear(hidden, width, perceptron.pp("second"))?.forward(&ys.gelu_erf()?)?;
        xs = (xs + ys)?;
    }
    let xs = norm(width, vb.pp("head.norm"))?.forward(&xs)?;
    linear(width, config.classes, vb.pp("head.linear"))?.forward(&xs.mean(1)?)
}

/// Candle's layer, whose fast way has no `f64`.
fn norm(width: usize, vb: VarBuilder) -> Result<impl Module> {
    let layer = layer_norm(width, 1e-5, vb)?;
    Ok(move |xs: &Tensor| match xs.dtype() {
        DType::F64 => layer_norm_slow(xs, layer.weight(), layer.bias().unwrap(), 1e-5),
        _ => layer.forward(xs),
    })
}

/// The largest difference, relative to the largest value.
fn difference(a: &Tensor, b: &Tensor) -> f64 {
    let largest = |x: &Tensor| {
        let x = x.to_dtype(DType::F64).unwrap().abs().unwrap();
        x.max_all().unwrap().to_scalar::<f64>().unwrap()
    };
    largest(&(a - b).unwrap()) / largest(b)
}

#[test]
fn euler_outside_and_inside_is_the_ordinary_encoder() {
    for (dtype, tolerance) in [(DType::F64, 1e-15), (DType::F32, 1e-6)] {
        let config = config("euler", "euler");
        let (network, variables) = build(&config, dtype);
        let expected = ordinary(&config, &variables.builder(dtype, &CPU), &images(dtype)).unwrap();
        let logits = network.forward_t(&images(dtype), true).unwrap();
        let error = difference(&logits, &expected);
        println!("{dtype:?} {error:e}");
        assert!(error < tolerance, "{dtype:?}: {error:e}");
    }
}

#[test]
fn euler_inside_or_outside_alone_is_the_scheme_it_is_left_to() {
    // rk4(euler) outside is rk4 outside with weights under other names: here of constant weights.
    let logits = |outer: &str, inner: &str| {
        let vb = VarBuilder::from_backend(Box::new(Waves), DType::F64, CPU);
        let network = Vit::new(&config(outer, inner), vb).unwrap();
        let logits = network.forward_t(&images(DType::F64), false).unwrap();
        logits.to_vec2::<f64>().unwrap()
    };
    assert_eq!(logits("rk4(euler)", "midpoint"), logits("rk4", "midpoint"));
    assert_eq!(logits("rk4", "midpoint(euler)"), logits("rk4", "midpoint"));
    assert_ne!(logits("rk4", "midpoint"), logits("rk4", "euler"));
    assert_ne!(logits("rk4", "midpoint"), logits("euler", "midpoint"));
}

/// Weights that depend on their shape alone.
struct Waves;

impl candle_nn::var_builder::SimpleBackend for Waves {
    fn get(
        &self,
        shape: candle_core::Shape,
        _: &str,
        _: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let count = shape.elem_count() as u32;
        let values: Vec<f64> = (0..count)
            .map(|i| (f64::from(i) * 1.3).sin() * 0.3)
            .collect();
        Tensor::from_vec(values, shape, device)?.to_dtype(dtype)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        candle_core::bail!("{name} has no shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

#[test]
fn gradients_reach_every_weight() {
    let (network, variables) = build(&config("midpoint", "midpoint"), DType::F64);
    let logits = network.forward_t(&images(DType::F64), true).unwrap();
    let gradients = backward(&logits.sqr().unwrap().sum_all().unwrap()).unwrap();
    for (name, var) in variables.trained() {
        let gradient = gradients
            .get(&var)
            .unwrap_or_else(|| panic!("{name} has none"));
        let size = gradient.abs().unwrap().max_all().unwrap();
        let size = size.to_scalar::<f64>().unwrap();
        // A bias of keys moves all scores of a query alike; the other two thirds of that tensor count.
        assert!(size > 0.0, "{name}");
    }
}

#[test]
fn stages_have_weights_of_their_own_by_name() {
    let (_, variables) = build(&config("rk4", "midpoint"), DType::F32);
    let names: Vec<String> = { variables.trained() }.into_iter().map(|v| v.0).collect();
    for name in [
        "embedding.position",
        "block1.stage1.attention.stage1.norm.weight",
        "block2.stage4.attention.stage2.query_key_value.weight",
        "block2.stage4.perceptron.stage2.second.bias",
        "head.norm.bias",
        "head.linear.weight",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
}

#[test]
fn it_learns_the_digits() {
    let split = data::digits::split().unwrap();
    let network = VitConfig {
        patch: 4,
        width: 24,
        blocks: 1,
        ..config("midpoint", "euler")
    };
    let (network, variables) = build(&network, DType::F32);
    let training = TrainingConfig {
        epochs: 4,
        learning_rate: 0.1,
        ..TrainingConfig::default()
    };
    let history = train(&network, &variables, &split, &training, &mut (), |_| Ok(())).unwrap();
    let accuracies: Vec<f64> = history.iter().map(|epoch| epoch.train_accuracy).collect();
    println!("{accuracies:?} {:?}", history.last());
    assert!(accuracies[3] > 0.7, "{accuracies:?}");
}

#[test]
fn blocks_and_features_are_left_out_in_training_alone() {
    let logits = |config: VitConfig, train| {
        let (network, _) = build(&config, DType::F64);
        let logits = network.forward_t(&images(DType::F64), train).unwrap();
        logits.to_vec2::<f64>().unwrap()
    };
    let all = || config("midpoint", "euler");
    for some in [
        VitConfig {
            drop_path: 0.9,
            ..all()
        },
        VitConfig {
            dropout: 0.5,
            ..all()
        },
    ] {
        assert_eq!(logits(some.clone(), false), logits(all(), false));
        assert_ne!(logits(some, true), logits(all(), true));
    }
}

#[test]
fn a_configuration_is_read_fitted_and_written() {
    let text = r#"{"kind":"vit","outer":"rk4","patch":4}"#;
    let mut read: NetworkConfig = serde_json::from_str(text).unwrap();
    assert_eq!(read.scheme(), "rk4(euler)");
    assert!(read.is_compatible([1, 8, 8], 10).is_ok());
    let made_for = read.is_compatible([3, 32, 32], 10).unwrap_err();
    assert_eq!(made_for, "1 channels, 8×8 pixels and 10 classes");
    read.fit([3, 32, 16], 7);
    assert!(read.is_compatible([3, 32, 16], 7).is_ok());
    let json = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<NetworkConfig>(&json).unwrap(), read);
}

#[test]
fn impossible_transformers_are_refused_by_setting() {
    let default = VitConfig::default;
    for (config, expected) in [
        (
            VitConfig {
                patch: 3,
                ..default()
            },
            "patch: 3 does not divide the images' 8×8 pixels into patches",
        ),
        (
            VitConfig {
                patch: 0,
                ..default()
            },
            "patch: 0 is outside 1 to 1024",
        ),
        (
            VitConfig {
                heads: 5,
                ..default()
            },
            "heads: 5 does not divide the width, 32",
        ),
        (
            VitConfig {
                heads: 0,
                ..default()
            },
            "heads: 0 is outside 1 to 4096",
        ),
        (
            VitConfig {
                blocks: 0,
                ..default()
            },
            "blocks: 0 is outside 1 to 1000",
        ),
        (
            VitConfig {
                width: 0,
                ..default()
            },
            "width: 0 is outside 1 to 4096",
        ),
        (
            VitConfig {
                mlp_ratio: 65,
                ..default()
            },
            "mlp_ratio: 65 is outside 1 to 64",
        ),
        (
            VitConfig {
                image: [8, 0],
                ..default()
            },
            "image: 0 is outside 1 to 65536",
        ),
        (
            VitConfig {
                image: [1024, 1024],
                ..default()
            },
            "patch: 2 makes 262144 tokens of an image; at most 4096 can be",
        ),
        (
            VitConfig {
                width: 4096,
                blocks: 1000,
                ..default()
            },
            "width: 201379975178 parameters; at most 1000000000 can be trained",
        ),
        (
            VitConfig {
                dropout: 1.0,
                ..default()
            },
            "dropout: 1 is not from 0 to below 1",
        ),
        (
            VitConfig {
                drop_path: -0.1,
                ..default()
            },
            "drop_path: -0.1 is not from 0 to below 1",
        ),
        (config("rk4x", "euler"), "unknown scheme `rk4x`; `horesnet"),
        (
            config("euler", "rk4(rk4x)"),
            "scheme: `rk4(rk4x)`, column 5: unknown scheme",
        ),
        (
            config("verner8(verner8)", "verner8(verner8)"),
            "inner: 38416 encoders with weights of their own a block",
        ),
    ] {
        let message = config.validate().unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}
