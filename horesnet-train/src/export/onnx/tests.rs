//! The graph of an ONNX file.

use std::collections::BTreeSet;

use candle_core::{DType, Device};
use prost::Message;

use super::messages::tensor_shape_proto::dimension::Value;
use super::messages::{GraphProto, ModelProto, ValueInfoProto};
use super::onnx;
use crate::export::ModelInfo;
use crate::network::variables::Variables;
use crate::network::{CfResNetConfig, Describe, HoResNetConfig, NetworkConfig, VitConfig};

fn exported(config: impl Into<NetworkConfig>) -> ModelProto {
    let config = config.into();
    let input = config.input();
    let network = config
        .build(Variables::seeded(0).builder(DType::F32, &Device::Cpu))
        .unwrap();
    let info = ModelInfo {
        label_names: vec!["a".to_owned(), "b\"".to_owned()],
        input_size: [input.channels, 8, 8],
        mean: vec![0.5; input.channels],
        std: vec![0.25; input.channels],
        crop_pct: 1.0,
    };
    let bytes = onnx(&*network, &info).unwrap();
    ModelProto::decode(&bytes[..]).unwrap()
}

fn operations(graph: &GraphProto) -> Vec<&str> {
    let nodes = graph.node.iter();
    nodes.filter_map(|node| node.op_type.as_deref()).collect()
}

fn dims(value: &ValueInfoProto) -> Vec<Value> {
    let kind = value.r#type.as_ref().unwrap().tensor_type.as_ref().unwrap();
    let dims = kind.shape.as_ref().unwrap().dim.iter();
    dims.map(|dim| dim.value.clone().unwrap()).collect()
}

#[test]
fn an_euler_block_is_its_function_and_a_sum() {
    let model = exported(HoResNetConfig {
        scheme: "euler".to_owned(),
        widths: vec![2],
        blocks: vec![1],
        ..HoResNetConfig::default()
    });
    let expected = "\
        Sub Div \
        Conv Relu \
        Mul Add Relu Conv Relu Conv \
        Add \
        Mul Add Relu GlobalAveragePool Flatten MatMul Add";
    let graph = model.graph.unwrap();
    assert_eq!(operations(&graph).join(" "), expected);
    // Norms behind the convolutions of stem and function are part of them.
    let constants = graph.initializer.iter();
    let names = constants.filter_map(|constant| constant.name.as_deref());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "mean",
            "std",
            "stem.conv.weight",
            "stem.conv.bias",
            "group1.block1.stage1.norm1.scale",
            "group1.block1.stage1.norm1.shift",
            "group1.block1.stage1.conv1.weight",
            "group1.block1.stage1.conv1.bias",
            "group1.block1.stage1.conv2.weight",
            "head.norm.scale",
            "head.norm.shift",
            "head.linear.weight",
            "head.linear.bias",
        ]
    );
}

#[test]
fn combinations_leave_out_zeros_and_factors_of_one() {
    let stages = |scheme: &str, coefficients: &str| {
        let model = exported(HoResNetConfig {
            scheme: scheme.to_owned(),
            coefficients: coefficients.parse().unwrap(),
            widths: vec![2],
            blocks: vec![1],
            ..HoResNetConfig::default()
        });
        let graph = model.graph.unwrap();
        let combinations = graph.node.iter().filter(|node| {
            let name = node.name.as_deref().unwrap_or_default();
            name.starts_with("group1.block1.") && !name.contains("norm")
        });
        let operations = combinations.filter_map(|node| node.op_type.as_deref());
        operations
            .filter(|op| ["Mul", "Add"].contains(op))
            .collect::<Vec<_>>()
            .join(" ")
    };
    // x + k₁/2, x + k₂/2, x + k₃, and four weights.
    let rk4 = "Mul Add Mul Add Add Mul Add Mul Add Mul Add Mul Add";
    assert_eq!(stages("rk4", "fixed(1)"), rk4);
    assert_eq!(stages("midpoint", "fixed(1)"), "Mul Add Add");
    assert_eq!(stages("midpoint", "fixed(0.5)"), "Mul Add Mul Add");
    // The midpoint block inside contributes k₂ alone.
    assert_eq!(stages("euler(midpoint)", "fixed(1)"), "Mul Add Add");
}

#[test]
fn every_value_is_made_once_and_before_it_is_read() {
    let networks: [NetworkConfig; 4] = [
        HoResNetConfig::default().into(),
        HoResNetConfig {
            scheme: "rk4(midpoint)".to_owned(),
            functions: "shared".parse().unwrap(),
            ..HoResNetConfig::default()
        }
        .into(),
        CfResNetConfig::default().into(),
        VitConfig {
            outer: "midpoint".to_owned(),
            ..VitConfig::default()
        }
        .into(),
    ];
    for config in networks {
        let graph = exported(config).graph.unwrap();
        let mut made = BTreeSet::from(["image".to_owned()]);
        for constant in &graph.initializer {
            let count: i64 = constant.dims.iter().product();
            let width = if constant.data_type == Some(7) { 8 } else { 4 };
            assert_eq!(
                constant.raw_data.as_ref().unwrap().len(),
                width * count as usize
            );
            assert!(made.insert(constant.name.clone().unwrap()));
        }
        for node in &graph.node {
            assert!(
                node.input.iter().all(|input| made.contains(input)),
                "{node:?}"
            );
            assert!(made.insert(node.output[0].clone()), "{node:?}");
        }
        assert!(made.contains("logits"));
    }
}

#[test]
fn batches_have_any_size_and_metadata_tell_how_to_use_the_network() {
    let model = exported(HoResNetConfig::default());
    let graph = model.graph.unwrap();
    let batch = Value::DimParam("batch".to_owned());
    let [one, eight] = [1, 8].map(Value::DimValue);
    let image = [batch.clone(), one, eight.clone(), eight];
    assert_eq!(dims(&graph.input[0]), image);
    assert_eq!(dims(&graph.output[0]), [batch, Value::DimValue(2)]);
    let metadata = model.metadata_props.into_iter();
    let metadata = metadata.map(|entry| (entry.key.unwrap(), entry.value.unwrap()));
    assert_eq!(
        metadata.collect::<Vec<_>>(),
        [
            ("label_names", r#"["a","b\""]"#),
            ("input_size", "[1,8,8]"),
            ("mean", "[0.5]"),
            ("std", "[0.25]"),
            ("crop_pct", "1.0"),
            ("horesnet_version", env!("CARGO_PKG_VERSION")),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
}
