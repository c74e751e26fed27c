//! A block in a network, with its coefficients, stochastic depth and activation.

use candle_core::{Result, Tensor};
use candle_nn::{Module, ModuleT};
use horesnet::{Block, Coefficients, Operand, combine};

use crate::network::coefficients::DynCoefficients;
use crate::network::parts::dropout::Dropout;
use crate::network::parts::layers::Activation;
use crate::network::parts::spec::{BlockSpec, ModuleSpec};
use crate::network::parts::stage::DynBlock;
use crate::state::TrainState;

/// A block and its options.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::{Activation, BlockLayer, BlockOptions, StageFunction, schemes};
///
/// let block = schemes::find("midpoint")?.build(|_| Ok(StageFunction::new(|x: &Tensor| x.neg())))?;
/// let options = BlockOptions::new("block1", Box::new(0.5)).activation(Activation::Relu);
/// let layer = BlockLayer::new(block, options);
/// let ys = layer.forward_t(&Tensor::new(&[1.0, -1.0], &Device::Cpu)?, true)?;
/// assert_eq!(ys.to_vec1::<f64>()?, [0.625, 0.0]); // 1 − h + h²/2
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub struct BlockLayer {
    block: DynBlock,
    options: BlockOptions,
}

impl BlockLayer {
    /// Puts `options` around `block`.
    #[must_use]
    pub fn new(block: DynBlock, options: BlockOptions) -> Self {
        Self { block, options }
    }

    /// The options of the block.
    #[must_use]
    pub fn options(&self) -> &BlockOptions {
        &self.options
    }
}

impl ModuleT for BlockLayer {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.options.step(&*self.block, xs, train)
    }
}

/// The name and coefficients of a block in a network, and the layers around it.
#[derive(Debug)]
pub struct BlockOptions {
    name: String,
    coefficients: DynCoefficients,
    drop_path: Option<Dropout>,
    activation: Option<Activation>,
}

impl BlockOptions {
    /// Options of the block called `name`, with these coefficients: a number is a fixed step size.
    #[must_use]
    pub fn new(name: impl Into<String>, coefficients: DynCoefficients) -> Self {
        Self {
            name: name.into(),
            coefficients,
            drop_path: None,
            activation: None,
        }
    }

    /// Drops the increment of the block in training, of each image with probability `rate` (stochastic depth).
    ///
    /// `rate` is from 0 to below 1; `state` is the network's.
    #[must_use]
    pub fn drop_path(self, rate: f64, state: &TrainState) -> Self {
        let drop_path = (rate > 0.0).then(|| Dropout::new(rate, state, self.name.clone()));
        Self { drop_path, ..self }
    }

    /// Puts an activation after the block.
    #[must_use]
    pub fn activation(self, activation: impl Into<Option<Activation>>) -> Self {
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

    /// The coefficients of the block.
    #[must_use]
    pub fn coefficients(&self) -> &dyn Coefficients {
        &*self.coefficients
    }

    /// Puts the activation after a block, if there is one.
    pub(crate) fn spec(&self, block: BlockSpec) -> ModuleSpec {
        let activation = self.activation.map(|activation| activation.spec().into());
        ModuleSpec::Block(BlockSpec {
            activation,
            ..block
        })
    }

    /// Evaluates `block` with these options.
    ///
    /// # Errors
    /// Errors of the block.
    pub fn step(&self, block: &dyn Block, xs: &Tensor, train: bool) -> Result<Tensor> {
        let ys = match &self.drop_path {
            Some(dropout) if train => {
                let increment = block.increment_t(self.coefficients(), xs, train)?;
                let dropped = Operand::new(dropout.drop_path(&increment)?)?;
                combine(&Operand::new(xs.clone())?, &[(1.0, &dropped)])?
            }
            _ => block.step_t(self.coefficients(), xs, train)?,
        };
        match self.activation {
            Some(activation) => activation.forward(&ys),
            None => Ok(ys),
        }
    }
}

/// The drop rate of block `index` of `count`: it grows linearly to `last` (Huang et al., arXiv 1603.09382, §3).
pub(crate) fn drop_rate(last: f64, index: usize, count: usize) -> f64 {
    last * (index + 1) as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::drop_rate;

    #[test]
    fn drop_rates_grow_linearly() {
        let rates: Vec<f64> = (0..4).map(|index| drop_rate(0.2, index, 4)).collect();
        assert_eq!(rates, [0.05, 0.1, 0.2 * 3.0 / 4.0, 0.2]);
    }
}
