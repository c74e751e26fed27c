//! The trainings of a comparison, shared among processes: each trains every n-th of them by itself.

use std::path::Path;

use candle_core::Device;

use super::{CONFIG, ComparisonConfig, robust_accuracies, seeded, trained};
use crate::cluster::{self, Communicator};
use crate::error::{Error, Result};
use crate::experiment::first_difference;
use crate::training::Progress;

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
pub(super) fn train(
    path: &Path,
    config: &ComparisonConfig,
    device: &Device,
    announce: &mut dyn FnMut(&str),
    progress: &mut dyn FnMut() -> Box<dyn Progress>,
    cluster: &dyn Communicator,
) -> Result<()> {
    let seeds = config.seeds.iter();
    let runs = seeds.flat_map(|seed| config.experiments.iter().map(move |run| (*seed, run)));
    let runs: Vec<_> = runs.collect();
    let own = runs
        .iter()
        .enumerate()
        .skip(cluster.rank())
        .step_by(cluster.size());
    for (index, (seed, (name, experiment))) in own {
        announce(&format!(
            "{}/{}: {name}, seed {seed}",
            index + 1,
            runs.len()
        ));
        let (folder, experiment) = seeded(path, name, experiment, *seed);
        let mut progress = progress();
        match trained(&folder, &experiment, device, progress.as_mut()) {
            Ok(folder) => {
                robust_accuracies(&folder, config, announce, progress.as_mut())?;
            }
            // Process 0 says so.
            Err(Error::Diverged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
