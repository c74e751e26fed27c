//! A network with the weights of a run.

use candle_core::{DType, Device};

#[cfg(doc)]
use super::RunFolder;
use crate::error::Result;
use crate::experiment::ExperimentConfig;
use crate::network::variables::Variables;
use crate::network::{Describe, Network};

/// The result of [`RunFolder::load`].
pub struct Trained {
    /// The network, ready to classify.
    pub network: Box<dyn Network>,
    /// Its variables by name, ready to be trained further.
    pub variables: Variables,
    /// The epoch after which they were saved, counted from 1.
    pub epoch: usize,
}

impl Trained {
    /// The network of `config` with these variables, which were saved after `epoch`.
    pub(super) fn new(
        config: &ExperimentConfig,
        variables: Variables,
        epoch: usize,
        device: &Device,
    ) -> Result<Self> {
        let network = config
            .network
            .build(variables.builder(DType::F32, device))?;
        // Step sizes that decay along training are those of the test of that epoch.
        network.state().set(config.training.seed, 0, epoch as f64);
        Ok(Self {
            network,
            variables,
            epoch,
        })
    }
}
