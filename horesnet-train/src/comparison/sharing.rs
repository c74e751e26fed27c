//! The trainings of a comparison, shared among processes: each trains every n-th of them by itself.

use std::path::Path;

use super::{CONFIG, ComparisonConfig, Outcome, Work};
use crate::cluster::{self, Communicator};
use crate::error::{Error, Result};
use crate::experiment::first_difference;

/// Fails on every process unless all make the same comparison.
pub(super) fn expect_equal(own: &ComparisonConfig, cluster: &dyn Communicator) -> Result<()> {
    let json = |config: &ComparisonConfig| serde_json::to_value(config).unwrap_or_default();
    cluster::expect_equal(cluster, own, |first| {
        let [setting, there, here] = first_difference(&json(&first), &json(own))?;
        Some(format!("`{setting}` is {there} there and {here} here"))
    })
}

/// Fails if this process does not see the folder that process 0 has made.
pub(super) fn expect_folder(path: &Path) -> Result<()> {
    if path.join(CONFIG).exists() {
        return Ok(());
    }
    let problem = "is not there on a process, although process 0 has made it: choose a folder that all machines share";
    Err(Error::file(path, problem))
}

/// Trains and attacks every n-th run, as far as that has not been done; returns the outcomes of all runs, in order.
pub(super) fn train(work: &mut Work, cluster: &dyn Communicator) -> Result<Vec<Outcome>> {
    let runs = work.runs();
    let (rank, size) = (cluster.rank(), cluster.size());
    let own = runs.iter().skip(rank).step_by(size);
    let own: Result<Vec<_>> = own.map(|run| work.finish(run)).collect();
    let all = cluster::gather_json(cluster, &cluster::agree(cluster, own)?)?;
    let mut all: Vec<_> = all.into_iter().map(Vec::into_iter).collect();
    let next = |index: usize| all.get_mut(index % size).and_then(Iterator::next);
    let outcomes: Option<Vec<_>> = (0..runs.len()).map(next).collect();
    outcomes.ok_or_else(|| Error::Cluster("the outcome of a training is missing".to_owned()))
}
