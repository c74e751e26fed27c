//! A network as an ONNX file.
//!
//! Operations are those of opset 21, the first with all that are used here in their present form, so that programs from 2024
//! on read them. Combinations are `Mul` and `Add`: a `Gemm` would first have to copy the stages into one tensor.

mod blocks;
mod graph;
mod layers;
#[allow(missing_docs, unreachable_pub, clippy::pedantic)]
mod messages;

use prost::Message;
use serde::Serialize;

use self::graph::{Graph, float_value};
use self::messages::{GraphProto, ModelProto, OperatorSetIdProto, StringStringEntryProto};
use super::ModelInfo;
use crate::error::{Error, Result};
use crate::files::version::VERSION;
use crate::network::Network;

/// The version of the format that goes with the opset.
const IR_VERSION: i64 = 10;
const OPSET: i64 = 21;
/// Readers of protocol buffers stop at 2 GiB.
const MAX_BYTES: usize = i32::MAX as usize;

/// Returns `network` as an ONNX file.
///
/// Its input `image` is `f32` `[batch, channels, height, width]`, with any batch and pixels from 0 to 1; its output `logits` is
/// `[batch, classes]`. It normalises images itself. Batch norms are folded into convolutions before them, and elsewhere are a
/// factor and a summand a channel. The metadata hold `label_names`, `input_size`, `mean`, `std` and `crop_pct` as JSON, and
/// `horesnet_version`.
///
/// ```
/// use candle_core::{DType, Device};
/// use horesnet_train::export::{ModelInfo, onnx};
/// use horesnet_train::{Describe, HoResNetConfig, Variables};
///
/// let variables = Variables::seeded(0);
/// let network = HoResNetConfig::default().build(variables.builder(DType::F32, &Device::Cpu))?;
/// let info = ModelInfo {
///     label_names: (0..10).map(|digit| digit.to_string()).collect(),
///     input_size: [1, 8, 8],
///     mean: vec![0.3],
///     std: vec![0.4],
///     crop_pct: 1.0,
/// };
/// let file: Vec<u8> = onnx(&*network, &info)?;
/// # assert!(file.len() > 4 * variables.parameters());
/// # Ok::<(), horesnet_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] for a network with coefficients that depend on the image, or of more than 2 GiB.
pub fn onnx(network: &dyn Network, info: &ModelInfo) -> Result<Vec<u8>> {
    let mut graph = Graph::default();
    let channel = [info.mean.len(), 1, 1];
    let mean = graph.floats("mean", &channel, &info.mean);
    let std = graph.floats("std", &channel, &info.std);
    let centred = graph.node("", "Sub", &["image", &mean], vec![]);
    let normal = graph.node("", "Div", &[&centred, &std], vec![]);
    graph.module("", &network.spec()?, &normal)?;
    // The last node is that of the logits.
    if let Some(node) = graph.nodes.last_mut() {
        node.output = vec!["logits".to_owned()];
    }
    let model = ModelProto {
        ir_version: Some(IR_VERSION),
        producer_name: Some("horesnet".to_owned()),
        producer_version: Some(VERSION.to_owned()),
        graph: Some(GraphProto {
            node: graph.nodes,
            name: Some("horesnet".to_owned()),
            initializer: graph.initializers,
            input: vec![float_value("image", &info.input_size)],
            output: vec![float_value("logits", &[info.label_names.len()])],
        }),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: Some(OPSET),
        }],
        metadata_props: vec![
            json("label_names", &info.label_names)?,
            json("input_size", &info.input_size)?,
            json("mean", &info.mean)?,
            json("std", &info.std)?,
            json("crop_pct", &info.crop_pct)?,
            entry("horesnet_version", VERSION.to_owned()),
        ],
    };
    let bytes = model.encoded_len();
    if bytes > MAX_BYTES {
        let problem = format!("{bytes} bytes, and a file of ONNX has at most {MAX_BYTES}");
        return Err(Error::setting("network", problem));
    }
    Ok(model.encode_to_vec())
}

fn json(key: &str, value: &impl Serialize) -> Result<StringStringEntryProto> {
    let value = serde_json::to_string(value).map_err(Error::unserialisable)?;
    Ok(entry(key, value))
}

fn entry(key: &str, value: String) -> StringStringEntryProto {
    StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value),
    }
}

#[cfg(test)]
mod tests;
