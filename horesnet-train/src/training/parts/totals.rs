//! Sums over all processes that every process needs before it uses the gradients.

use candle_core::Result;
use horesnet::profile::trace;

use super::gradient_sums::add;
use crate::cluster::{Communicator, Message, all_reduce, broadcast_tensor};
use crate::network::variables::Variables;

/// Sums over the images of a batch, but for gradients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// The mean loss.
    pub(crate) loss: f64,
    pub(crate) correct: usize,
    /// True if a process wants to stop.
    pub(crate) stops: bool,
    /// For each variable, the number of parts in which it has a gradient.
    pub(super) counts: Vec<u32>,
}

impl Totals {
    /// Sums those of all processes.
    pub(super) fn over(self, cluster: &dyn Communicator) -> Self {
        let _span = trace::communicate("losses and counts", None);
        let stops = f64::from(u8::from(self.stops));
        let mut numbers = vec![self.loss, self.correct as f64, stops];
        numbers.extend(self.counts.iter().map(|count| f64::from(*count)));
        let own = Message::Numbers(numbers);
        match all_reduce(cluster, own, add::<f64>) {
            Message::Numbers(all) => match all.split_at_checked(3) {
                Some((&[loss, correct, stops], counts)) => Self {
                    loss,
                    correct: correct as usize,
                    stops: stops > 0.0,
                    counts: counts.iter().map(|count| *count as u32).collect(),
                },
                _ => self,
            },
            Message::Neutral | Message::End => self,
        }
    }
}

/// Gives the running statistics of process 0 to processes that have not updated theirs.
pub(super) fn share_statistics(variables: &Variables, cluster: &dyn Communicator) -> Result<()> {
    if cluster.size() == 1 {
        return Ok(());
    }
    let trained = variables.trained().into_iter();
    let trained: Vec<_> = trained.map(|(_, var)| var.id()).collect();
    for (_, var) in variables.all() {
        if trained.contains(&var.id()) || !var.dtype().is_float() {
            continue;
        }
        let first = broadcast_tensor(cluster, &var.as_detached_tensor())?;
        var.set(&first.to_device(var.device())?)?;
    }
    Ok(())
}
