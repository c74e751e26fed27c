//! State and weights on several processes: process 0 has read them from its folder, and sends them to the others.

use std::collections::BTreeMap;

use candle_core::Device;

use super::checkpoint::{self, Record, TrainingInputs};
use super::trained::Trained;
use crate::cluster::{Communicator, broadcast_json, broadcast_tensor};
use crate::error::Result;
use crate::experiment::ExperimentConfig;
use crate::network::variables::Variables;
use crate::training::Training;

/// Gives `training` of `inputs` the state on every process that it has on process 0.
pub(super) fn share(
    training: &mut Training<'_>,
    inputs: &TrainingInputs,
    cluster: &dyn Communicator,
) -> Result<()> {
    if cluster.size() == 1 {
        return Ok(());
    }
    // Losses as bits.
    let best = training.best_loss();
    let best = best.map(|(epoch, loss)| (epoch, loss.to_bits()));
    let (record, best) = broadcast_json(cluster, (Record::of(inputs, training), best))?;
    let vars: BTreeMap<_, _> = training.variables.all().into_iter().collect();
    for (name, tensor) in checkpoint::tensors(training)? {
        let first = broadcast_tensor(cluster, &tensor)?;
        checkpoint::set(training, &vars, &name, &first)?;
    }
    record.restore(training);
    training.set_best_loss(best.map(|(epoch, loss)| (epoch, f64::from_bits(loss))));
    Ok(())
}

/// Gives the network that process 0 has loaded, if it has, to every process.
pub(super) fn share_weights(
    own: Option<Trained>,
    device: &Device,
    config: &ExperimentConfig,
    cluster: &dyn Communicator,
) -> Result<Option<Trained>> {
    if cluster.size() == 1 {
        return Ok(own);
    }
    let Some(epoch) = broadcast_json(cluster, own.as_ref().map(|trained| trained.epoch))? else {
        return Ok(None);
    };
    let trained = match own {
        Some(own) => own,
        None => Trained::new(
            config,
            Variables::seeded(config.training.seed),
            epoch,
            device,
        )?,
    };
    for (_, var) in trained.variables.all() {
        let first = broadcast_tensor(cluster, &var.as_detached_tensor())?;
        var.set(&first.to_device(var.device())?)?;
    }
    Ok(Some(trained))
}
