//! The trainings of a comparison, shared among processes: each trains every n-th of them by itself.

use std::path::Path;

use super::{CONFIG, ComparisonConfig, Work};
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

/// Trains and attacks every n-th run, as far as that has not been done; process 0 collects the results.
pub(super) fn train(work: &mut Work, cluster: &dyn Communicator) -> Result<()> {
    let runs = work.runs();
    let own = runs.iter().skip(cluster.rank()).step_by(cluster.size());
    for run in own {
        // Process 0 says which trainings have diverged.
        let _ = work.finish(run)?;
    }
    Ok(())
}
