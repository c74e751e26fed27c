//! The embedding of an image: patches of pixels through one linear layer, and their positions.

use candle_core::{Module, Result, Tensor};
use candle_nn::{Init, ModuleT, VarBuilder};
use horesnet::{Operand, combine};

use super::VitConfig;
use crate::error;
use crate::network::Layer;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::layers::{Linear, linear};
use crate::network::parts::spec::ModuleSpec;

/// `[batch, channels, height, width]` to `[batch, tokens, width of a token]`, patches row by row.
pub(super) struct Patches {
    patch: usize,
    linear: Linear,
    /// `[tokens, width]`
    position: Tensor,
}

impl Patches {
    pub(super) fn new(config: &VitConfig, vb: &VarBuilder) -> Result<Self> {
        let (patch, width) = (config.patch, config.width);
        let init = Init::Randn {
            mean: 0.0,
            stdev: 0.02,
        };
        let pixels = config.in_channels * patch * patch;
        Ok(Self {
            patch,
            linear: linear(pixels, width, vb.pp("patches"))?,
            position: vb.get_with_hints((config.tokens(), width), "position", init)?,
        })
    }
}

impl ModuleT for Patches {
    fn forward_t(&self, xs: &Tensor, _: bool) -> Result<Tensor> {
        let (batch, channels, height, width) = xs.dims4()?;
        let side = self.patch;
        let (rows, columns) = (height / side, width / side);
        let patches = xs.reshape(vec![batch, channels, rows, side, columns, side])?;
        let patches = patches.permute(vec![0, 2, 4, 1, 3, 5])?;
        let patches = patches.reshape((batch, rows * columns, channels * side * side))?;
        let tokens = self.linear.forward(&patches)?;
        let position = self.position.to_dtype(tokens.dtype())?;
        let position = Operand::new(position.broadcast_as(tokens.shape())?)?;
        combine(&Operand::new(tokens)?, &[(1.0, &position)])
    }
}

impl Layer for Patches {
    /// The size becomes rows and columns of tokens.
    fn cost(&self, size: &mut Size) -> error::Result<Cost> {
        *size = size.strided(self.patch);
        let linear = self.linear.cost(size.pixels());
        // Positions are added by candle.
        Ok(Cost::unknown(linear.multiply_adds))
    }

    fn spec(&self) -> error::Result<ModuleSpec> {
        Ok(ModuleSpec::Patches {
            patch: self.patch,
            linear: self.linear.affine()?,
            position: self.position.clone(),
        })
    }
}
