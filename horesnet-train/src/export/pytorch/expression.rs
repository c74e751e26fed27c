//! The modules of a network as calls of their constructors.

use std::fmt::Write;

use candle_core::Tensor;

use crate::error::Result;
use crate::export::join;
use crate::network::parts::spec::{Affine, BlockSpec, ModuleSpec, StepSpec, Terms};

/// Writes modules as calls, and collects the coefficients and weights that the calls refer to.
#[derive(Default)]
pub(super) struct Writer {
    /// The coefficients of blocks, each once.
    pub(super) steps: Vec<String>,
    /// The weights by name.
    pub(super) weights: Vec<(String, Tensor)>,
}

impl Writer {
    /// Modules under `path` as arguments with names. A name with a point is that of a module in a module.
    pub(super) fn named(
        &mut self,
        path: &str,
        modules: &[(String, ModuleSpec)],
    ) -> Result<Vec<String>> {
        let modules = modules.iter().map(|(name, module)| (name.as_str(), module));
        let modules = modules.filter(|(_, module)| !is_empty(module)).collect();
        self.grouped(path, modules)
    }

    fn grouped<'a>(
        &mut self,
        path: &str,
        mut modules: Vec<(&'a str, &ModuleSpec)>,
    ) -> Result<Vec<String>> {
        let mut arguments = Vec::new();
        while let Some((name, module)) = modules.first().copied() {
            let (first, rest) = name.split_once('.').unwrap_or((name, ""));
            let path = join(path, first);
            let module = if rest.is_empty() {
                modules.remove(0);
                self.module(&path, module)?
            } else {
                let inside = |name: &'a str| name.strip_prefix(first)?.strip_prefix('.');
                let count = modules.iter().map_while(|(name, _)| inside(name)).count();
                let group = modules.drain(..count);
                let group = group.filter_map(|(name, module)| Some((inside(name)?, module)));
                let group = group.collect();
                call("Sequence", &self.grouped(&path, group)?)
            };
            arguments.push(format!("{first}={module}"));
        }
        Ok(arguments)
    }

    fn module(&mut self, path: &str, module: &ModuleSpec) -> Result<String> {
        Ok(match module {
            ModuleSpec::Conv(conv) => {
                let (outputs, inputs, kernel, _) = conv.weight.dims4()?;
                let (stride, padding) = (conv.stride, conv.padding);
                self.weight(path, "weight", &conv.weight);
                format!(
                    "nn.Conv2d({inputs}, {outputs}, {kernel}, stride={stride}, padding={padding}, bias=False)"
                )
            }
            ModuleSpec::Linear(linear) => {
                let [outputs, inputs] = self.linear(path, linear)?;
                format!("nn.Linear({inputs}, {outputs})")
            }
            ModuleSpec::BatchNorm(norm) => {
                self.affine(path, &norm.affine);
                self.weight(path, "running_mean", &norm.mean);
                self.weight(path, "running_var", &norm.variance);
                format!(
                    "nn.BatchNorm2d({}, eps={:?})",
                    norm.mean.elem_count(),
                    norm.eps
                )
            }
            ModuleSpec::GroupNorm {
                groups,
                affine,
                eps,
            } => {
                let channels = self.affine(path, affine);
                format!("nn.GroupNorm({groups}, {channels}, eps={eps:?})")
            }
            ModuleSpec::LayerNorm { affine, eps } => {
                let width = self.affine(path, affine);
                format!("nn.LayerNorm({width}, eps={eps:?})")
            }
            ModuleSpec::Relu => "nn.ReLU()".to_owned(),
            ModuleSpec::Gelu => "nn.GELU()".to_owned(),
            ModuleSpec::Silu => "nn.SiLU()".to_owned(),
            ModuleSpec::MaxPool {
                kernel,
                stride,
                padding,
            } => format!("nn.MaxPool2d({kernel}, stride={stride}, padding={padding})"),
            // At an odd edge, windows are cut off.
            ModuleSpec::MeanPool => "nn.AvgPool2d(2, ceil_mode=True)".to_owned(),
            ModuleSpec::PixelMean => "Mean(2, 3)".to_owned(),
            ModuleSpec::TokenMean => "Mean(1)".to_owned(),
            ModuleSpec::SqueezeExcite { down, up } => {
                let [inner, channels] = self.linear(&join(path, "down"), down)?;
                self.linear(&join(path, "up"), up)?;
                format!("SqueezeExcite({channels}, {inner})")
            }
            ModuleSpec::Patches {
                patch,
                linear,
                position,
            } => {
                let [width, pixels] = self.linear(&join(path, "patches"), linear)?;
                self.weight(path, "position", position);
                let tokens = position.dims2()?.0;
                format!("Patches({patch}, {pixels}, {tokens}, {width})")
            }
            ModuleSpec::Attention { heads, .. } => format!("Attention({heads})"),
            ModuleSpec::Encoder {
                attention,
                perceptron,
            } => {
                let mut part = |name: &str, block| -> Result<String> {
                    Ok(format!("{name}={}", self.block(&join(path, name), block)?))
                };
                let parts = [
                    part("attention", attention)?,
                    part("perceptron", perceptron)?,
                ];
                call("Encoder", &parts)
            }
            ModuleSpec::Block(block) => self.block(path, block)?,
            ModuleSpec::Sequence(modules) => call("Sequence", &self.named(path, modules)?),
        })
    }

    fn block(&mut self, path: &str, block: &BlockSpec) -> Result<String> {
        let steps = block.steps.iter().map(|step| self.step(step));
        let mut arguments: Vec<String> = steps.collect();
        if let Some([from, to]) = block.shortcut {
            let new = to.saturating_sub(from);
            let (before, after) = (new / 2, new - new / 2);
            arguments.push(format!("shortcut=Shortcut({before}, {after})"));
        }
        if let Some(activation) = &block.activation {
            arguments.push(format!("activation={}", self.module(path, activation)?));
        }
        arguments.extend(self.named(path, &block.functions)?);
        Ok(call("Block", &arguments))
    }

    /// The name of the constant of these coefficients.
    fn step(&mut self, step: &StepSpec) -> String {
        let rows: String = step.stages.iter().fold(String::new(), |mut text, row| {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n        {},", dictionary(row));
            text
        });
        let value = format!(
            "(\n    [{rows}\n    ],\n    {},\n)",
            dictionary(&step.weights)
        );
        let known = self.steps.iter().position(|step| *step == value);
        let index = known.unwrap_or_else(|| {
            self.steps.push(value);
            self.steps.len() - 1
        });
        format!("STEP_{}", index + 1)
    }

    /// Adds the weights of a linear layer, and returns its outputs and inputs.
    fn linear(&mut self, path: &str, linear: &Affine) -> Result<[usize; 2]> {
        self.affine(path, linear);
        Ok(linear.weight.dims2()?.into())
    }

    /// Adds a weight and a bias, and returns the length of the bias.
    fn affine(&mut self, path: &str, Affine { weight, bias }: &Affine) -> usize {
        self.weight(path, "weight", weight);
        self.weight(path, "bias", bias);
        bias.elem_count()
    }

    fn weight(&mut self, path: &str, name: &str, tensor: &Tensor) {
        self.weights.push((join(path, name), tensor.clone()));
    }
}

/// A call with an argument a line.
pub(super) fn call(name: &str, arguments: &[String]) -> String {
    let lines = arguments.iter().map(|argument| format!("\n{argument},"));
    let lines = lines.collect::<String>().replace('\n', "\n    ");
    format!("{name}({lines}\n)")
}

fn dictionary(terms: &Terms) -> String {
    let terms: Vec<String> = { terms.iter() }
        .map(|(stage, coefficient)| format!("{stage}: {coefficient:?}"))
        .collect();
    format!("{{{}}}", terms.join(", "))
}

/// Returns true for a module that computes nothing.
fn is_empty(module: &ModuleSpec) -> bool {
    matches!(module, ModuleSpec::Sequence(modules) if modules.is_empty())
}
