//! The graph of an ONNX file: nodes, constants, attributes.

use std::collections::BTreeSet;

use super::messages::attribute_proto::AttributeType;
use super::messages::tensor_proto::DataType;
use super::messages::tensor_shape_proto::Dimension;
use super::messages::tensor_shape_proto::dimension::Value;
use super::messages::type_proto::Tensor;
use super::messages::{
    AttributeProto, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
};
use crate::export::join;

/// Nodes in order of evaluation, and the constants they read.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<NodeProto>,
    pub(super) initializers: Vec<TensorProto>,
    /// The names of the constants.
    names: BTreeSet<String>,
}

impl Graph {
    /// Adds a node of the module `path`, and returns the name of its output.
    pub(super) fn node(
        &mut self,
        path: &str,
        op: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = join(path, &format!("{op}_{}", self.nodes.len()));
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![name.clone()],
            name: Some(name.clone()),
            op_type: Some(op.to_owned()),
            attribute,
        });
        name
    }

    /// Adds a constant of `f32`, and returns its name. A name that is taken is that of the same constant.
    pub(super) fn floats(&mut self, name: &str, dims: &[usize], values: &[f64]) -> String {
        let bytes = values.iter().flat_map(|x| (*x as f32).to_le_bytes());
        self.constant(name, DataType::Float, dims, bytes.collect())
    }

    /// Adds a number.
    pub(super) fn scalar(&mut self, value: f64) -> String {
        self.floats(&format!("{value:?}"), &[], &[value])
    }

    /// Adds integers, such as a shape.
    pub(super) fn integers(&mut self, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let dims = [values.len()];
        self.constant(&format!("{values:?}"), DataType::Int64, &dims, bytes)
    }

    fn constant(&mut self, name: &str, kind: DataType, dims: &[usize], bytes: Vec<u8>) -> String {
        if self.names.insert(name.to_owned()) {
            self.initializers.push(TensorProto {
                dims: dims.iter().map(|dim| *dim as i64).collect(),
                data_type: Some(kind.into()),
                name: Some(name.to_owned()),
                raw_data: Some(bytes),
            });
        }
        name.to_owned()
    }
}

/// An input or output of the graph: a batch of `dims`.
pub(super) fn float_value(name: &str, dims: &[usize]) -> ValueInfoProto {
    let batch = Value::DimParam("batch".to_owned());
    let dims = dims.iter().map(|dim| Value::DimValue(*dim as i64));
    let dim = std::iter::once(batch).chain(dims);
    let dim = dim.map(|value| Dimension { value: Some(value) }).collect();
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(Tensor {
                elem_type: Some(DataType::Float.into()),
                shape: Some(TensorShapeProto { dim }),
            }),
        }),
    }
}

pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        i: Some(value),
        ..attribute(name, AttributeType::Int)
    }
}

pub(super) fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto {
        ints: values.iter().map(|value| *value as i64).collect(),
        ..attribute(name, AttributeType::Ints)
    }
}

pub(super) fn float(name: &str, value: f64) -> AttributeProto {
    AttributeProto {
        f: Some(value as f32),
        ..attribute(name, AttributeType::Float)
    }
}

pub(super) fn string(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        s: Some(value.into()),
        ..attribute(name, AttributeType::String)
    }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        r#type: Some(kind.into()),
        ..AttributeProto::default()
    }
}
