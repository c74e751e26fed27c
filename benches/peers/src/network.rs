//! The network of `horesnet-train`, built only from candle's own layers and ops, with images channels first.
//!
//! Variables have the same names as there, so that one file of weights serves both.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{Result, Tensor};
use candle_nn::{
    BatchNorm, Conv2d, Conv2dConfig, Linear, Module, ModuleT, VarBuilder, batch_norm,
    conv2d_no_bias, linear,
};

use crate::schemes::Tableau;

/// Stem, groups of blocks with transitions between them, head.
#[derive(Debug)]
pub(crate) struct StockNetwork {
    stem_conv: Conv2d,
    stem_norm: BatchNorm,
    groups: Vec<Group>,
    head_norm: BatchNorm,
    head_linear: Linear,
}

impl StockNetwork {
    /// For images of `in_channels` channels, a stem of stride 2, and blocks of `tableau`.
    pub(crate) fn new(
        tableau: &Tableau,
        in_channels: usize,
        classes: usize,
        groups: &[(usize, usize)],
        vb: VarBuilder,
    ) -> Result<Self> {
        let mut channels = groups.first().map_or(1, |group| group.0);
        let stem_conv = conv3x3(in_channels, channels, 2, vb.pp("stem.conv"))?;
        let stem_norm = norm(channels, vb.pp("stem.norm"))?;
        let mut made = Vec::with_capacity(groups.len());
        for (index, &(width, blocks)) in groups.iter().enumerate() {
            let vb = vb.pp(format!("group{}", index + 1));
            let transition = if index == 0 {
                None
            } else {
                let vb = vb.pp("transition");
                Some(Unit {
                    norm: norm(channels, vb.pp("norm"))?,
                    conv: conv3x3(channels, width, 2, vb.pp("conv"))?,
                })
            };
            let blocks = (0..blocks)
                .map(|block| Block::new(tableau, width, vb.pp(format!("block{}", block + 1))))
                .collect::<Result<_>>()?;
            made.push(Group { transition, blocks });
            channels = width;
        }
        Ok(Self {
            stem_conv,
            stem_norm,
            groups: made,
            head_norm: norm(channels, vb.pp("head.norm"))?,
            head_linear: linear(channels, classes, vb.pp("head.linear"))?,
        })
    }
}

impl ModuleT for StockNetwork {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let ys = self.stem_conv.forward(xs)?;
        let mut ys = self.stem_norm.forward_t(&ys, train)?.relu()?;
        for group in &self.groups {
            if let Some(transition) = &group.transition {
                ys = transition.forward_t(&ys, train)?;
            }
            for block in &group.blocks {
                ys = block.forward_t(&ys, train)?;
            }
        }
        let ys = self.head_norm.forward_t(&ys, train)?.relu()?;
        self.head_linear.forward(&ys.mean((2, 3))?)
    }
}

#[derive(Debug)]
struct Group {
    transition: Option<Unit>,
    blocks: Vec<Block>,
}

/// A step of a scheme, each stage with a residual function of its own.
#[derive(Debug)]
struct Block {
    tableau: Tableau,
    stages: Vec<[Unit; 2]>,
}

impl Block {
    fn new(tableau: &Tableau, channels: usize, vb: VarBuilder) -> Result<Self> {
        let unit = |number: usize, vb: &VarBuilder| -> Result<Unit> {
            Ok(Unit {
                norm: norm(channels, vb.pp(format!("norm{number}")))?,
                conv: conv3x3(channels, channels, 1, vb.pp(format!("conv{number}")))?,
            })
        };
        let stages = (1..=tableau.b.len())
            .map(|stage| {
                let vb = vb.pp(format!("stage{stage}"));
                Ok([unit(1, &vb)?, unit(2, &vb)?])
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            tableau: tableau.clone(),
            stages,
        })
    }
}

impl ModuleT for Block {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let mut ks = Vec::with_capacity(self.stages.len());
        for (row, [first, second]) in self.tableau.a.iter().zip(&self.stages) {
            let ys = combination(xs, row, &ks)?;
            ks.push(second.forward_t(&first.forward_t(&ys, train)?, train)?);
        }
        combination(xs, &self.tableau.b, &ks)
    }
}

/// Normalisation, `ReLU`, convolution.
#[derive(Debug)]
struct Unit {
    norm: BatchNorm,
    conv: Conv2d,
}

impl ModuleT for Unit {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.conv.forward(&self.norm.forward_t(xs, train)?.relu()?)
    }
}

/// `x + Σ cᵢkᵢ` as a chain of ops; factors of 0 and 1 cost nothing, as if each block were written by hand.
pub(crate) fn combination(x: &Tensor, coefficients: &[f64], ks: &[Tensor]) -> Result<Tensor> {
    let mut sum = x.clone();
    for (&c, k) in coefficients.iter().zip(ks) {
        if c == 1.0 {
            sum = (sum + k)?;
        } else if c != 0.0 {
            sum = (sum + (k * c)?)?;
        }
    }
    Ok(sum)
}

fn conv3x3(from: usize, to: usize, stride: usize, vb: VarBuilder) -> Result<Conv2d> {
    let config = Conv2dConfig {
        padding: 1,
        stride,
        ..Conv2dConfig::default()
    };
    conv2d_no_bias(from, to, 3, config, vb)
}

fn norm(channels: usize, vb: VarBuilder) -> Result<BatchNorm> {
    batch_norm(channels, 1e-5, vb)
}
