//! The modules of a network as nodes.

use candle_core::{DType, Tensor};

use super::graph::{Graph, float, int, ints, string};
use crate::error::Result;
use crate::export::join;
use crate::network::parts::spec::{Affine, BatchNormSpec, ConvSpec, ModuleSpec};

impl Graph {
    /// Adds the module called `path` after the value `x`, and returns its output.
    pub(super) fn module(&mut self, path: &str, module: &ModuleSpec, x: &str) -> Result<String> {
        Ok(match module {
            ModuleSpec::Conv(conv) => self.conv(path, conv, None, x)?,
            ModuleSpec::Linear(linear) => self.linear(path, linear, x)?,
            ModuleSpec::BatchNorm(norm) => {
                let (scale, shift) = scale_and_shift(norm)?;
                let channel = [scale.len(), 1, 1];
                let scale = self.floats(&join(path, "scale"), &channel, &scale);
                let shift = self.floats(&join(path, "shift"), &channel, &shift);
                let scaled = self.node(path, "Mul", &[x, &scale], vec![]);
                self.node(path, "Add", &[&scaled, &shift], vec![])
            }
            ModuleSpec::GroupNorm {
                groups,
                affine,
                eps,
            } => {
                let [scale, shift] = self.affine(path, affine)?;
                let attributes = vec![int("num_groups", *groups as i64), float("epsilon", *eps)];
                self.node(path, "GroupNormalization", &[x, &scale, &shift], attributes)
            }
            ModuleSpec::LayerNorm { affine, eps } => {
                let [scale, shift] = self.affine(path, affine)?;
                let attributes = vec![int("axis", -1), float("epsilon", *eps)];
                self.node(path, "LayerNormalization", &[x, &scale, &shift], attributes)
            }
            ModuleSpec::Relu => self.node(path, "Relu", &[x], vec![]),
            ModuleSpec::Gelu => self.node(path, "Gelu", &[x], vec![]),
            ModuleSpec::Silu => {
                let gate = self.node(path, "Sigmoid", &[x], vec![]);
                self.node(path, "Mul", &[x, &gate], vec![])
            }
            ModuleSpec::MaxPool {
                kernel,
                stride,
                padding,
            } => {
                let attributes = vec![
                    ints("kernel_shape", &[*kernel; 2]),
                    ints("strides", &[*stride; 2]),
                    ints("pads", &[*padding; 4]),
                ];
                self.node(path, "MaxPool", &[x], attributes)
            }
            ModuleSpec::MeanPool => {
                let attributes = vec![
                    ints("kernel_shape", &[2; 2]),
                    ints("strides", &[2; 2]),
                    string("auto_pad", "SAME_UPPER"),
                ];
                self.node(path, "AveragePool", &[x], attributes)
            }
            ModuleSpec::PixelMean => {
                let mean = self.node(path, "GlobalAveragePool", &[x], vec![]);
                self.node(path, "Flatten", &[&mean], vec![])
            }
            ModuleSpec::TokenMean => {
                let axes = self.integers(&[1]);
                self.node(path, "ReduceMean", &[x, &axes], vec![int("keepdims", 0)])
            }
            ModuleSpec::SqueezeExcite { down, up } => {
                // A linear layer is a convolution of one pixel.
                let mean = self.node(path, "GlobalAveragePool", &[x], vec![]);
                let inner = self.patches(&join(path, "down"), down, 1, &mean)?;
                let inner = self.node(path, "Relu", &[&inner], vec![]);
                let outer = self.patches(&join(path, "up"), up, 1, &inner)?;
                let gate = self.node(path, "Sigmoid", &[&outer], vec![]);
                self.node(path, "Mul", &[x, &gate], vec![])
            }
            ModuleSpec::Patches {
                patch,
                linear,
                position,
            } => {
                let pixels = self.patches(&join(path, "patches"), linear, *patch, x)?;
                let width = position.dims2()?.1;
                let shape = self.integers(&[0, width as i64, -1]);
                let flat = self.node(path, "Reshape", &[&pixels, &shape], vec![]);
                let tokens = self.node(path, "Transpose", &[&flat], vec![ints("perm", &[0, 2, 1])]);
                let position = self.tensor(&join(path, "position"), position)?;
                self.node(path, "Add", &[&tokens, &position], vec![])
            }
            ModuleSpec::Attention { heads, width } => self.attention(path, *heads, *width, x),
            ModuleSpec::Encoder {
                attention,
                perceptron,
            } => {
                let first = self.increment(&join(path, "attention"), attention, x)?;
                let between = self.node(path, "Add", &[x, &first], vec![]);
                let second = self.increment(&join(path, "perceptron"), perceptron, &between)?;
                self.node(path, "Add", &[&first, &second], vec![])
            }
            ModuleSpec::Block(block) => self.block(path, block, x)?,
            ModuleSpec::Sequence(modules) => self.sequence(path, modules, x)?,
        })
    }

    /// Modules one after another. A batch norm behind a convolution becomes part of it.
    fn sequence(
        &mut self,
        path: &str,
        modules: &[(String, ModuleSpec)],
        x: &str,
    ) -> Result<String> {
        let (mut x, mut rest) = (x.to_owned(), modules);
        while let [(name, module), after @ ..] = rest {
            let path = join(path, name);
            (x, rest) = match (module, after) {
                (ModuleSpec::Conv(conv), [(_, ModuleSpec::BatchNorm(norm)), after @ ..]) => {
                    (self.conv(&path, conv, Some(norm), &x)?, after)
                }
                _ => (self.module(&path, module, &x)?, after),
            };
        }
        Ok(x)
    }

    fn conv(
        &mut self,
        path: &str,
        conv: &ConvSpec,
        norm: Option<&BatchNormSpec>,
        x: &str,
    ) -> Result<String> {
        let (dims, mut weight) = (conv.weight.dims(), values(&conv.weight)?);
        let mut inputs = vec![x.to_owned()];
        if let Some(norm) = norm {
            let (scale, shift) = scale_and_shift(norm)?;
            let each = weight.len() / scale.len().max(1);
            for (weights, scale) in weight.chunks_exact_mut(each.max(1)).zip(&scale) {
                for weight in weights {
                    *weight *= scale;
                }
            }
            inputs.push(self.floats(&join(path, "weight"), dims, &weight));
            inputs.push(self.floats(&join(path, "bias"), &[shift.len()], &shift));
        } else {
            inputs.push(self.floats(&join(path, "weight"), dims, &weight));
        }
        let attributes = vec![
            ints("strides", &[conv.stride; 2]),
            ints("pads", &[conv.padding; 4]),
        ];
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        Ok(self.node(path, "Conv", &inputs, attributes))
    }

    /// A linear layer over each square of pixels, channel by channel.
    fn patches(&mut self, path: &str, linear: &Affine, side: usize, x: &str) -> Result<String> {
        let (outputs, inputs) = linear.weight.dims2()?;
        let channels = inputs / (side * side).max(1);
        let weight = linear.weight.reshape((outputs, channels, side, side))?;
        let weight = self.tensor(&join(path, "weight"), &weight)?;
        let bias = self.tensor(&join(path, "bias"), &linear.bias)?;
        let attributes = vec![ints("strides", &[side; 2])];
        Ok(self.node(path, "Conv", &[x, &weight, &bias], attributes))
    }

    fn linear(&mut self, path: &str, linear: &Affine, x: &str) -> Result<String> {
        let transposed = Affine::of(&linear.weight.t()?, &linear.bias);
        let [weight, bias] = self.affine(path, &transposed)?;
        let product = self.node(path, "MatMul", &[x, &weight], vec![]);
        Ok(self.node(path, "Add", &[&product, &bias], vec![]))
    }

    /// `softmax(q·kᵀ/√size)·v` in each head.
    fn attention(&mut self, path: &str, heads: usize, width: usize, x: &str) -> String {
        let size = width / heads.max(1);
        let split = self.integers(&[0, -1, heads as i64, size as i64]);
        let axis = self.integers(&[2]);
        let perms = [[0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]];
        let mut start = 0;
        let [query, key, value] = perms.map(|perm| {
            let end = start + width as i64;
            let range = [start, end].map(|at| self.integers(&[at]));
            start = end;
            let part = self.node(path, "Slice", &[x, &range[0], &range[1], &axis], vec![]);
            let part = self.node(path, "Reshape", &[&part, &split], vec![]);
            self.node(path, "Transpose", &[&part], vec![ints("perm", &perm)])
        });
        let scale = self.scalar(1.0 / (size as f64).sqrt());
        let scores = self.node(path, "MatMul", &[&query, &key], vec![]);
        let scores = self.node(path, "Mul", &[&scores, &scale], vec![]);
        let weights = self.node(path, "Softmax", &[&scores], vec![int("axis", -1)]);
        let means = self.node(path, "MatMul", &[&weights, &value], vec![]);
        let perm = vec![ints("perm", &[0, 2, 1, 3])];
        let tokens = self.node(path, "Transpose", &[&means], perm);
        let joined = self.integers(&[0, -1, width as i64]);
        self.node(path, "Reshape", &[&tokens, &joined], vec![])
    }

    fn affine(&mut self, path: &str, Affine { weight, bias }: &Affine) -> Result<[String; 2]> {
        Ok([
            self.tensor(&join(path, "weight"), weight)?,
            self.tensor(&join(path, "bias"), bias)?,
        ])
    }

    fn tensor(&mut self, name: &str, tensor: &Tensor) -> Result<String> {
        Ok(self.floats(name, tensor.dims(), &values(tensor)?))
    }
}

/// The factor and the summand of each channel.
fn scale_and_shift(norm: &BatchNormSpec) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut scale = values(&norm.affine.weight)?;
    for (scale, variance) in scale.iter_mut().zip(values(&norm.variance)?) {
        *scale /= (variance + norm.eps).sqrt();
    }
    let mut shift = values(&norm.affine.bias)?;
    for ((shift, mean), scale) in shift.iter_mut().zip(values(&norm.mean)?).zip(&scale) {
        *shift -= mean * scale;
    }
    Ok((scale, shift))
}

fn values(tensor: &Tensor) -> Result<Vec<f64>> {
    Ok(tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?)
}
