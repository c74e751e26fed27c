//! The state of a training on several processes: process 0 has read it from its folder, and sends it to the others.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};

use super::checkpoint::{self, Record, TrainingInputs};
use crate::cluster::{Communicator, broadcast_json};
use crate::error::Result;
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
        let own = tensor.to_device(&Device::Cpu)?.to_dtype(DType::F64)?;
        let own = own.flatten_all()?.to_vec1::<f64>()?;
        let bytes = cluster.broadcast(own.iter().flat_map(|x| x.to_le_bytes()).collect());
        let (first, _) = bytes.as_chunks();
        let first = first.iter().map(|x| f64::from_le_bytes(*x)).collect();
        let first = Tensor::from_vec(first, tensor.shape(), &Device::Cpu)?;
        checkpoint::set(training, &vars, &name, &first.to_dtype(tensor.dtype())?)?;
    }
    record.restore(training);
    training.set_best_loss(best.map(|(epoch, loss)| (epoch, f64::from_bits(loss))));
    Ok(())
}
