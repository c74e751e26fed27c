//! A block in a network: with its coefficients, what is left out of it at random, and what follows.
//!
//! Every network is made of these, whatever its residual functions are.

use candle_core::{Result, Tensor};
use candle_nn::{Module, ModuleT};
use horesnet::{Block, Coefficients};

use crate::chance::Chance;
use crate::coefficients::DynCoefficients;
use crate::layers::Activation;
use crate::moment::Moment;
use crate::stage::DynBlock;

/// A block and what the network has around it.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::{Activation, BlockLayer, StageFunction, Surroundings, schemes};
///
/// let block = schemes::find("midpoint")?.build(|_| Ok(StageFunction::new(|x: &Tensor| x.neg())))?;
/// let around = Surroundings::new("block1", Box::new(0.5)).followed_by(Activation::Relu);
/// let layer = BlockLayer::new(block, around);
/// let ys = layer.forward_t(&Tensor::new(&[1.0, -1.0], &Device::Cpu)?, true)?;
/// assert_eq!(ys.to_vec1::<f64>()?, [0.625, 0.0]); // 1 − h + h²/2
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub struct BlockLayer {
    block: DynBlock,
    surroundings: Surroundings,
}

impl BlockLayer {
    /// `block` with what is around it.
    #[must_use]
    pub fn new(block: DynBlock, surroundings: Surroundings) -> Self {
        Self {
            block,
            surroundings,
        }
    }

    /// What is around the block.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }
}

impl ModuleT for BlockLayer {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.surroundings.step(&*self.block, xs, train)
    }
}

/// What a network has around a block.
#[derive(Debug)]
pub struct Surroundings {
    name: String,
    coefficients: DynCoefficients,
    chance: Option<Chance>,
    activation: Option<Activation>,
}

impl Surroundings {
    /// Those of a block of this name, with these coefficients: a number is a fixed step size.
    #[must_use]
    pub fn new(name: impl Into<String>, coefficients: DynCoefficients) -> Self {
        Self {
            name: name.into(),
            coefficients,
            chance: None,
            activation: None,
        }
    }

    /// In training, leaves out what the block adds, for each image with probability `rate` (stochastic depth).
    ///
    /// `rate` is from 0 to below 1; `moment` is the network's.
    #[must_use]
    pub fn left_out(self, rate: f64, moment: &Moment) -> Self {
        let chance = (rate > 0.0).then(|| Chance::new(rate, moment, self.name.clone()));
        Self { chance, ..self }
    }

    /// Puts an activation after the block.
    #[must_use]
    pub fn followed_by(self, activation: impl Into<Option<Activation>>) -> Self {
        Self {
            activation: activation.into(),
            ..self
        }
    }

    /// The name of the block in its network.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its coefficients behave, and what they are now.
    #[must_use]
    pub fn coefficients(&self) -> &dyn Coefficients {
        &*self.coefficients
    }

    /// What `block` makes of `xs` here.
    ///
    /// # Errors
    /// Those of the block.
    pub fn step(&self, block: &dyn Block, xs: &Tensor, train: bool) -> Result<Tensor> {
        let ys = match &self.chance {
            Some(chance) if train => {
                let increment = block.increment_t(self.coefficients(), xs, train)?;
                (xs + chance.images(&increment)?)?
            }
            _ => block.step_t(self.coefficients(), xs, train)?,
        };
        match self.activation {
            Some(activation) => activation.forward(&ys),
            None => Ok(ys),
        }
    }
}

/// How likely the block at `index` of `count` is to be left out: more from block to block, up to `last` (Huang et al.,
/// arXiv 1603.09382, §3).
pub(crate) fn drop_rate(last: f64, index: usize, count: usize) -> f64 {
    last * (index + 1) as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::drop_rate;

    #[test]
    fn rates_grow_in_proportion_to_the_place() {
        let rates: Vec<f64> = (0..4).map(|index| drop_rate(0.2, index, 4)).collect();
        assert_eq!(rates, [0.05, 0.1, 0.2 * 3.0 / 4.0, 0.2]);
    }
}
