//! Exports hold the weights, names and coefficients of the network.
//!
//! With `HORESNET_EXPORTS=FOLDER`, the exports and the logits of the networks are kept there, and `.ci/export.py` runs
//! them.

mod cases;
mod hub;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{Device, Tensor};
use candle_nn::ModuleT;
use horesnet_compiler::library;
use horesnet_compiler::notation::{OUTPUTS, PrintedTableau};
use horesnet_train::export::{onnx, pytorch};
use horesnet_train::spec::{ModuleSpec, StepSpec};
use horesnet_train::{Describe, HoResNetConfig, Network, TrainState, Variables, schemes};

use cases::{Case, HOSTILE};

/// Default settings.
const NONE: &[&str] = &[];

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// The weights among the files of a `PyTorch` module.
fn weights(files: &[(&str, Vec<u8>)]) -> BTreeMap<String, Tensor> {
    let (_, bytes) = { files.iter() }
        .find(|(name, _)| *name == "model.safetensors")
        .unwrap();
    let weights = candle_core::safetensors::load_buffer(bytes, &Device::Cpu).unwrap();
    weights.into_iter().collect()
}

#[test]
fn a_module_of_pytorch_has_the_weights_of_the_network_by_their_names() {
    for (name, settings) in cases::all() {
        let case = Case::new(&name, &settings);
        let files = pytorch(&*case.network, &case.info).unwrap();
        let exported = weights(&files);
        let mut expected = case.variables.all();
        // Coefficients are written as numbers.
        let coefficient = |name: &str| {
            name.rsplit('.')
                .next()
                .is_some_and(|last| ["h", "coefficients"].contains(&last))
        };
        expected.retain(|(name, _)| !coefficient(name));
        if name == "interpolated" {
            // Each evaluation has weights of its own, made of those of the grid.
            expected.retain(|(name, _)| !name.contains(".grid."));
            assert!(exported.contains_key("group1.block2.stage3.conv1.weight"));
        } else {
            assert_eq!(exported.len(), expected.len(), "{name}");
        }
        for (weight, var) in expected {
            assert_eq!(
                numbers(&exported[&weight]),
                numbers(&var),
                "{name}: {weight}"
            );
        }
        keep(&name, &case, &files);
        keep_block(&name, &case, &settings);
    }
}

/// Keeps exports for other programs, if there is a folder for them.
fn keep(name: &str, case: &Case, files: &[(&str, Vec<u8>)]) {
    let file = onnx(&*case.network, &case.info).unwrap();
    assert!(file.len() > 4 * case.variables.parameters(), "{name}");
    let Some(folder) = std::env::var_os("HORESNET_EXPORTS") else {
        return;
    };
    let folder = Path::new(&folder).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write("model.onnx", &file);
    for (name, bytes) in files {
        write(name, bytes);
    }
    for (name, tensor) in [("images.f32", &case.images), ("logits.f32", &case.logits)] {
        let bytes = numbers(tensor).into_iter().flat_map(f32::to_le_bytes);
        write(name, &bytes.collect::<Vec<u8>>());
    }
}

/// Keeps the block that `horesnet convert --to pytorch` writes, how it is made, and all weights of the network, which hold
/// learned coefficients too.
fn keep_block(name: &str, case: &Case, settings: &[String]) {
    let Some(folder) = std::env::var_os("HORESNET_EXPORTS") else {
        return;
    };
    let value = |setting: &str, default: &str| {
        let assigned =
            |text: &String| Some(text.strip_prefix(setting)?.trim_matches('\'').to_owned());
        settings
            .iter()
            .find_map(assigned)
            .unwrap_or(default.to_owned())
    };
    let functions = value("network.functions=", "separate");
    let coefficients = value("network.coefficients=", "fixed(1)");
    // Nested schemes, weights made of others, and steps that change with the epoch are no single block.
    let (Ok(scheme), false, Some(arguments)) = (
        schemes::find(&case.scheme),
        functions.starts_with("interpolated"),
        arguments(&coefficients),
    ) else {
        return;
    };
    let document = horesnet_compiler::parse(library::find(scheme.name).unwrap().text).unwrap();
    let printed = PrintedTableau::new(&document).unwrap();
    let output = OUTPUTS
        .iter()
        .find(|output| output.name == "pytorch")
        .unwrap();
    let folder = Path::new(&folder).join(name);
    std::fs::write(folder.join("block.py"), output.write(&printed).unwrap()).unwrap();
    std::fs::write(folder.join("block.json"), arguments).unwrap();
    let weights = case.variables.all().into_iter();
    let weights: HashMap<_, _> = { weights }
        .map(|(name, var)| (name, var.as_detached_tensor()))
        .collect();
    candle_core::safetensors::save(&weights, folder.join("run.safetensors")).unwrap();
}

/// The arguments of a block of `PyTorch` with these coefficients.
fn arguments(coefficients: &str) -> Option<&'static str> {
    Some(match coefficients {
        "fixed(1)" => "{}",
        "fixed(0.5)" => r#"{"h": 0.5}"#,
        "decaying(0.9)" => r#"{"rate": 0.9}"#,
        "learned" => r#"{"learned": "step"}"#,
        "learned(all)" => r#"{"learned": "all"}"#,
        "learned(all, projected)" => r#"{"learned": "projected"}"#,
        _ => return None,
    })
}

#[test]
fn a_module_of_pytorch_reads_as_the_network() {
    let settings = [
        "network.scheme='midpoint(euler)'",
        "network.coefficients='fixed(0.5)'",
        "network.functions='shared'",
        "network.widths=[2]",
        "network.blocks=[1]",
    ];
    let case = Case::new("text", &settings);
    let files = pytorch(&*case.network, &case.info).unwrap();
    let code = String::from_utf8(files[0].1.clone()).unwrap();
    let (_, network) = code.split_once("\nSTEP_1").unwrap();
    let (network, _) = network.split_once("\n\n\ndef load").unwrap();
    assert_eq!(format!("STEP_1{network}\n"), NETWORK);
}

const NETWORK: &str = r#"STEP_1 = (
    [
        {},
        {0: 0.25},
    ],
    {1: 0.5},
)

STEP_2 = (
    [
        {},
    ],
    {0: 1.0},
)


def network():
    """Returns the network without its weights."""
    return Network(
        MEAN,
        STD,
        stem=Sequence(
            conv=nn.Conv2d(1, 2, 3, stride=1, padding=1, bias=False),
            norm=nn.BatchNorm2d(2, eps=1e-5),
            activation=nn.ReLU(),
        ),
        group1=Sequence(
            block1=Block(
                STEP_1,
                STEP_2,
                stages=Sequence(
                    norm1=nn.BatchNorm2d(2, eps=1e-5),
                    activation1=nn.ReLU(),
                    conv1=nn.Conv2d(2, 2, 3, stride=1, padding=1, bias=False),
                    norm2=nn.BatchNorm2d(2, eps=1e-5),
                    activation2=nn.ReLU(),
                    conv2=nn.Conv2d(2, 2, 3, stride=1, padding=1, bias=False),
                ),
            ),
        ),
        head=Sequence(
            norm=nn.BatchNorm2d(2, eps=1e-5),
            activation=nn.ReLU(),
            pool=Mean(2, 3),
            linear=nn.Linear(2, 10),
        ),
    )
"#;

#[test]
fn names_of_classes_stay_names() {
    let case = Case::new("names-odd", NONE);
    let files = pytorch(&*case.network, &case.info).unwrap();
    let code = String::from_utf8(files[0].1.clone()).unwrap();
    let names = code.split_once("LABEL_NAMES = ").unwrap().1;
    let names = names.split_once("\nINPUT_SIZE").unwrap().0;
    // JSON's strings are Python's: neither ends at a quote of the name, nor at its line breaks.
    assert_eq!(serde_json::from_str::<Vec<String>>(names).unwrap(), HOSTILE);
    let file = onnx(&*case.network, &case.info).unwrap();
    let json = serde_json::to_string(&HOSTILE).unwrap();
    assert!(
        file.windows(json.len())
            .any(|bytes| bytes == json.as_bytes())
    );
}

#[test]
fn coefficients_that_depend_on_the_image_are_refused_by_name() {
    let settings = [
        "network.scheme='dopri5'",
        "network.coefficients='adaptive(0.01)'",
        "network.functions='shared'",
    ];
    let case = Case::new("adaptive", &settings);
    let refusals = [
        onnx(&*case.network, &case.info).unwrap_err(),
        pytorch(&*case.network, &case.info).unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!(
            refusal.to_string(),
            "coefficients: adaptive coefficients depend on the image, and an exported network has constants; train with \
             fixed, decaying or learned ones, or export a folder for model hubs (`--to hub`), which HoresNet runs"
        );
    }
}

#[test]
fn coefficients_that_are_infinite_are_refused() {
    let rk4 = schemes::find("rk4").unwrap();
    let refusal = StepSpec::new(&f64::INFINITY, rk4.tableau).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "coefficients: a coefficient of RK4 is inf"
    );
}

#[test]
fn coefficients_are_those_of_the_epoch_of_the_weights() {
    let config = HoResNetConfig {
        scheme: "euler".to_owned(),
        coefficients: "decaying(0.5, epochs)".parse().unwrap(),
        ..HoResNetConfig::default()
    };
    let vb = Variables::seeded(0).builder(candle_core::DType::F32, &Device::Cpu);
    let network = config.build(vb).unwrap();
    network.state().set(0, 0, 2.0);
    let ModuleSpec::Sequence(layers) = network.spec().unwrap() else {
        panic!("a network is a sequence of layers");
    };
    let blocks = layers.iter().filter_map(|(_, layer)| match layer {
        ModuleSpec::Block(block) => Some(block.steps[0].weights.clone()),
        _ => None,
    });
    assert_eq!(blocks.collect::<Vec<_>>(), [[(0, 0.25)], [(0, 0.25)]]);
}

/// A network of one's own, which does not say what it computes.
struct Opaque(TrainState);

impl ModuleT for Opaque {
    fn forward_t(&self, xs: &Tensor, _: bool) -> candle_core::Result<Tensor> {
        Ok(xs.clone())
    }
}

impl Network for Opaque {
    fn state(&self) -> &TrainState {
        &self.0
    }
}

#[test]
fn a_network_that_does_not_describe_itself_is_refused() {
    let case = Case::new("rk4", NONE);
    let refusal = onnx(&Opaque(TrainState::default()), &case.info).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "network: it does not describe itself, so it cannot be exported"
    );
}
