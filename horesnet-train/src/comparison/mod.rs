//! Compares schemes: trains the same layers in several schemes over several seeds, as HO-ResNet's central experiment does.
//! A comparison is a folder of run folders; finished runs are not repeated, and interrupted ones resume.
//! Must not know how a run is trained or stored.

mod outputs;
mod paired;
mod sharing;
mod statistics;

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use serde::{Deserialize, Serialize};

pub use outputs::table;
pub use paired::{PairedDifference, differences};
pub use statistics::Statistic;

use crate::cluster::{Alone, Communicator, agree};
use crate::error::{Error, Result};
use crate::evaluation::Predictions;
use crate::experiment::ExperimentConfig;
use crate::files::{Versioned, storage, version};
use crate::limits::ensure;
use crate::network::Describe;
use crate::robustness::{Attack, robustness};
use crate::run::{COMPARISON as CONFIG, RunFolder, resume};
use crate::training::{EpochMetrics, Progress, Score};

/// Most trainings of a comparison.
const MAX_RUNS: usize = 1000;
/// Longest file of accuracies under attack.
const MAX_ROBUSTNESS: u64 = 1 << 20;
const ROBUSTNESS: &str = "robustness.json";

/// The settings of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonConfig {
    /// The experiments by name; their seeds are replaced.
    pub experiments: Vec<(String, ExperimentConfig)>,
    /// The seeds of each experiment.
    pub seeds: Vec<u64>,
    /// The perturbations of the test images after training.
    pub attacks: Vec<Attack>,
    /// The number of test images to perturb, from the first; all if there are fewer.
    pub attacked: usize,
}

/// The results of one experiment over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The experiment.
    pub name: String,
    /// The scheme of the blocks.
    pub scheme: String,
    /// The coefficients of the blocks, as text.
    pub coefficients: String,
    /// The number of convolutions and linear layers from input to output.
    pub depth: usize,
    /// The number of trained scalars.
    pub parameters: usize,
    /// The number of trainings that diverged, which no figure includes.
    pub diverged: usize,
    /// The metrics of every epoch, for each seed.
    pub histories: Vec<Vec<EpochMetrics>>,
    /// The test at the end of each training, for each seed.
    pub tests: Vec<Score>,
    /// The predictions for the test images, by seed.
    #[serde(skip)]
    pub predictions: Vec<(u64, Predictions)>,
    /// For each attack, the fraction of perturbed images classified correctly with each seed.
    pub robustness: Vec<(Attack, Vec<f64>)>,
}

impl ComparisonRow {
    /// Returns the statistic of `value` of the tests over the seeds.
    #[must_use]
    pub fn tested(&self, value: impl Fn(&Score) -> f64) -> Option<Statistic> {
        Statistic::of(self.tests.iter().map(value))
    }

    /// Returns the statistic of the accuracy under each attack.
    pub(crate) fn robust_accuracies(&self) -> impl Iterator<Item = Option<Statistic>> {
        let attacks = self.robustness.iter();
        attacks.map(|(_, accuracies)| Statistic::of(accuracies.iter().copied()))
    }

    /// Returns the statistic of `value` over the seeds, epoch by epoch.
    #[must_use]
    pub fn curve(&self, value: impl Fn(&EpochMetrics) -> f64) -> Vec<Statistic> {
        let epochs = self.histories.iter().map(Vec::len).min().unwrap_or(0);
        (0..epochs)
            .filter_map(|epoch| {
                let run = |run: &Vec<EpochMetrics>| run.get(epoch).map(&value);
                Statistic::of(self.histories.iter().filter_map(run))
            })
            .collect()
    }
}

impl ComparisonConfig {
    /// Fails with [`Error::Setting`] on settings that cannot be used.
    pub fn validate(&self) -> Result<()> {
        let runs = self.experiments.len().saturating_mul(self.seeds.len());
        ensure("seeds", (1..=MAX_RUNS).contains(&runs), || {
            format!("expected 1 to {MAX_RUNS} trainings, found {runs}")
        })?;
        let problem = || "expected at least 1 image, found 0".to_owned();
        ensure("attacked", self.attacked > 0, problem)?;
        for (index, (name, experiment)) in self.experiments.iter().enumerate() {
            experiment.validate()?;
            let mut before = self.experiments.iter().take(index);
            let is_new = before.all(|(other, _)| file_name(other) != file_name(name));
            ensure("experiments", is_new, || {
                format!("`{}` is given twice; give each once", name.trim())
            })?;
        }
        Ok(())
    }
}

/// Trains and tests the experiments of `config` on `device`, in run folders under `path`, and writes tables and pictures there.
///
/// | file | holds |
/// |---|---|
/// | `comparison.json` | the [`ComparisonConfig`] |
/// | `table.csv`, `table.md` | a line for each experiment: parameters, test accuracies and losses as mean and standard deviation |
/// | `differences.csv` | a line for each pair of experiments, a [`PairedDifference`]; also in `table.md` |
/// | `curves.csv` | every epoch of every run |
/// | `accuracy.svg`, `loss.svg` | the curves over the epochs: mean, and a band of one standard deviation |
/// | `robustness.svg` | accuracies on perturbed images, also in the tables |
/// | `index.html` | all of it on a page |
///
/// Fails with [`Error::FolderTaken`] if `path` holds anything and is not the folder of a comparison.
///
/// Calls `announce` with the name of each run before it starts; `progress` follows it. Trainings that diverge are counted and
/// left out.
pub fn compare(
    path: &Path,
    config: &ComparisonConfig,
    device: &Device,
    announce: &mut dyn FnMut(&str),
    progress: &mut dyn FnMut() -> Box<dyn Progress>,
) -> Result<Vec<ComparisonRow>> {
    compare_together(path, config, device, announce, progress, &Alone)
}

/// [Compares](compare) with several processes, which share the trainings: each trains some of them by itself, one at a time.
///
/// Process 0 returns the rows; the others return none. The folder must be one that all processes see. Fails as
/// [`run_together`](crate::run_together) if another process does.
pub fn compare_together(
    path: &Path,
    config: &ComparisonConfig,
    device: &Device,
    announce: &mut dyn FnMut(&str),
    progress: &mut dyn FnMut() -> Box<dyn Progress>,
    cluster: &dyn Communicator,
) -> Result<Vec<ComparisonRow>> {
    let checked = config.validate().and_then(|()| {
        let mut experiments = config.experiments.iter();
        experiments.try_for_each(|(_, experiment)| experiment.training.expect_device(device))
    });
    agree(cluster, checked)?;
    let mut work = Work {
        path,
        config,
        device,
        announce,
        progress,
    };
    if cluster.size() > 1 {
        sharing::expect_equal(config, cluster)?;
        let created = (cluster.rank() == 0).then(|| create_folder(path, config));
        agree(cluster, created.transpose())?;
        agree(cluster, sharing::expect_folder(path))?;
        let outcomes = sharing::train(&mut work, cluster)?;
        let rows = (cluster.rank() == 0).then(|| {
            let mut outcomes = outcomes.into_iter();
            collect(&mut work, |_, _| Ok(outcomes.next()))
        });
        return Ok(agree(cluster, rows.transpose())?.unwrap_or_default());
    }
    create_folder(path, config)?;
    collect(&mut work, |work, run| work.finish(run).map(Some))
}

/// A comparison, and those who follow it.
struct Work<'a> {
    path: &'a Path,
    config: &'a ComparisonConfig,
    device: &'a Device,
    announce: &'a mut dyn FnMut(&str),
    progress: &'a mut dyn FnMut() -> Box<dyn Progress>,
}

/// A training of a comparison.
struct Run {
    /// The index of its experiment.
    row: usize,
    seed: u64,
    title: String,
    folder: PathBuf,
    experiment: ExperimentConfig,
}

/// The outcome of a training.
#[derive(Debug, Serialize, Deserialize)]
enum Outcome {
    /// It has ended; the accuracies under each attack.
    Ended(Vec<f64>),
    /// It has diverged; the message.
    Diverged(String),
}

impl Work<'_> {
    /// All trainings, seed by seed, so that an interrupted comparison has compared something.
    fn runs(&self) -> Vec<Run> {
        let config = self.config;
        let total = config.experiments.len() * config.seeds.len();
        let seeds = config.seeds.iter();
        let all = seeds.flat_map(|&seed| config.experiments.iter().map(move |run| (seed, run)));
        let run = |(index, (seed, (name, experiment))): (usize, (u64, &(String, _)))| {
            let mut experiment: ExperimentConfig = Clone::clone(experiment);
            experiment.training.seed = seed;
            Run {
                row: index % config.experiments.len(),
                seed,
                title: format!("{}/{total}: {name}, seed {seed}", index + 1),
                folder: self.path.join(format!("{}-seed{seed}", file_name(name))),
                experiment,
            }
        };
        all.enumerate().map(run).collect()
    }

    /// Trains and attacks a network, as far as that has not been done.
    fn finish(&mut self, run: &Run) -> Result<Outcome> {
        (self.announce)(&run.title);
        let mut progress = (self.progress)();
        let folder = match trained(&run.folder, &run.experiment, self.device, progress.as_mut()) {
            Ok(folder) => folder,
            Err(diverged @ Error::Diverged { .. }) => {
                return Ok(Outcome::Diverged(diverged.to_string()));
            }
            Err(error) => return Err(error),
        };
        let found = robust_accuracies(&folder, self.config, self.announce, progress.as_mut())?;
        Ok(Outcome::Ended(found))
    }
}

/// Writes tables and pictures; `outcome` finishes a run.
fn collect(
    work: &mut Work,
    mut outcome: impl FnMut(&mut Work, &Run) -> Result<Option<Outcome>>,
) -> Result<Vec<ComparisonRow>> {
    let (path, config) = (work.path, work.config);
    let mut rows: Vec<ComparisonRow> = Vec::new();
    for (name, experiment) in &config.experiments {
        let attacks = config.attacks.iter().map(|attack| (*attack, Vec::new()));
        rows.push(ComparisonRow {
            name: name.clone(),
            scheme: experiment.network.scheme(),
            coefficients: experiment.network.coefficients().to_string(),
            depth: experiment.network.depth()?,
            parameters: experiment.network.parameters()?,
            diverged: 0,
            histories: Vec::new(),
            tests: Vec::new(),
            predictions: Vec::new(),
            robustness: attacks.collect(),
        });
    }
    for runs in work.runs().chunks(rows.len().max(1)) {
        for run in runs {
            let found = match outcome(work, run)? {
                Some(Outcome::Ended(found)) => found,
                Some(Outcome::Diverged(problem)) => {
                    (work.announce)(&format!("    left out: {problem}"));
                    rows[run.row].diverged += 1;
                    continue;
                }
                None => continue,
            };
            let (row, folder) = (&mut rows[run.row], RunFolder::open(&run.folder)?);
            row.histories.push(folder.history()?);
            if let Some(test) = folder.test_result()? {
                row.tests.push(test.score());
                row.predictions.push((run.seed, test.predictions));
            }
            for ((_, accuracies), accuracy) in row.robustness.iter_mut().zip(found) {
                accuracies.push(accuracy);
            }
        }
        outputs::write(path, config, &rows)?;
    }
    Ok(rows)
}

/// Makes `path` the folder of this comparison if it is new, empty, or of a comparison, so that no other file is overwritten.
fn create_folder(path: &Path, config: &ComparisonConfig) -> Result<()> {
    let file = path.join(CONFIG);
    fs::create_dir_all(path).map_err(Error::io("create the folder of the comparison", path))?;
    storage::remove_unfinished(&file)?;
    let look = || Error::io("list the folder of the comparison", path);
    if !storage::exists(&file)? && fs::read_dir(path).map_err(look())?.next().is_some() {
        let path = path.to_owned();
        return Err(Error::FolderTaken { path });
    }
    storage::replace_json(&file, &Versioned::new(config))
}

/// Trains the run in `path`, as far as it is not trained yet.
fn trained(
    path: &Path,
    experiment: &ExperimentConfig,
    device: &Device,
    progress: &mut dyn Progress,
) -> Result<RunFolder> {
    let folder = if RunFolder::is_at(path) {
        let folder = RunFolder::open(path)?;
        // The folder may be of another comparison.
        folder.config()?.expect(experiment)?;
        folder
    } else {
        RunFolder::create(path, experiment)?
    };
    let folder = folder.on(device.clone());
    resume(&folder, progress)?;
    Ok(folder)
}

/// An entry of `robustness.json`: the accuracy of a network on perturbed images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct RobustAccuracy {
    attack: Attack,
    images: usize,
    accuracy: f64,
}

/// Returns the accuracies of the run in `folder` under the attacks of `config`, computed once and then read from its file.
fn robust_accuracies(
    folder: &RunFolder,
    config: &ComparisonConfig,
    announce: &mut dyn FnMut(&str),
    progress: &mut dyn Progress,
) -> Result<Vec<f64>> {
    if config.attacks.is_empty() {
        return Ok(Vec::new());
    }
    let experiment = folder.config()?;
    let file = folder.path().join(ROBUSTNESS);
    let mut known: Vec<RobustAccuracy> = if file.exists() {
        let bytes = storage::read(&file, MAX_ROBUSTNESS)?;
        version::parse::<Vec<_>>(&bytes)
            .and_then(|entries| entries.into_iter().map(version::from_value).collect())
            .map_err(|problem| Error::file(&file, format!("{problem}; remove it")))?
    } else {
        Vec::new()
    };
    let mut subject = None;
    let mut accuracies = Vec::with_capacity(config.attacks.len());
    for &attack in &config.attacks {
        let is_same =
            |found: &&RobustAccuracy| (found.attack, found.images) == (attack, config.attacked);
        if let Some(found) = known.iter().find(is_same) {
            accuracies.push(found.accuracy);
            continue;
        }
        let (network, split) = match &subject {
            Some(subject) => subject,
            None => subject.insert((folder.load()?.network, experiment.load_data()?)),
        };
        let images = config.attacked.min(split.test.len());
        announce(&format!("    {attack} on {images} test images"));
        let (images, seed) = (config.attacked, experiment.training.seed);
        let score = robustness(network.as_ref(), split, attack, images, seed, progress)?;
        let accuracy = score.accuracy;
        known.push(RobustAccuracy {
            attack,
            images,
            accuracy,
        });
        let entries: Vec<_> = known.iter().map(Versioned::new).collect();
        storage::replace_json(&file, &entries)?;
        accuracies.push(accuracy);
    }
    Ok(accuracies)
}

/// Makes a name for a folder, of letters and digits.
fn file_name(name: &str) -> String {
    let words = name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}
