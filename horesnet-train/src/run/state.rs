//! The state of a training on several processes: process 0 has read it from its folder, and sends it to the others.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use super::checkpoint;
use crate::cluster::{Communicator, broadcast_json};
use crate::error::Result;
use crate::training::{Position, Tally, Training};

/// The numbers of a state; floating-point ones as bits.
#[derive(Serialize, Deserialize)]
struct Numbers {
    epochs: usize,
    batches: usize,
    step: usize,
    images: usize,
    correct: usize,
    loss: u64,
    best: Option<(usize, u64)>,
}

/// Gives `training` on every process the state that it has on process 0.
pub(super) fn share(training: &mut Training<'_>, cluster: &dyn Communicator) -> Result<()> {
    if cluster.size() == 1 {
        return Ok(());
    }
    let Position {
        epochs,
        batches,
        step,
        tally,
        ..
    } = training.position;
    let numbers = broadcast_json(
        cluster,
        Numbers {
            epochs,
            batches,
            step,
            images: tally.images,
            correct: tally.correct,
            loss: tally.loss.to_bits(),
            best: training
                .best_loss()
                .map(|(epoch, loss)| (epoch, loss.to_bits())),
        },
    )?;
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
    training.optimiser.set_steps(numbers.step);
    training.set_best_loss(
        numbers
            .best
            .map(|(epoch, loss)| (epoch, f64::from_bits(loss))),
    );
    training.position = Position {
        epochs: numbers.epochs,
        batches: numbers.batches,
        step: numbers.step,
        tally: Tally {
            images: numbers.images,
            loss: f64::from_bits(numbers.loss),
            correct: numbers.correct,
        },
        seconds: training.position.seconds,
    };
    Ok(())
}
