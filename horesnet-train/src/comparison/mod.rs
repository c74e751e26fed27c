//! Several networks trained alike, over several seeds, side by side: the central experiment of the source article.
//!
//! A comparison is a folder of run folders. What is in it is not trained again, and what was interrupted goes on, so a
//! comparison can be stopped at any time.

mod outputs;
mod statistics;

use std::fs;
use std::path::Path;

use candle_core::Device;
use serde::{Deserialize, Serialize};

pub use outputs::table;
pub use statistics::Statistic;

use crate::attack::Attack;
use crate::error::{Error, Result};
use crate::experiment::{ExperimentConfig, resume, run};
use crate::folder::{COMPARISON as CONFIG, RunFolder};
use crate::network::Describe;
use crate::robustness::robustness;
use crate::storage;
use crate::training::{EpochMetrics, Progress};

/// Most trainings of one comparison.
const MAX_RUNS: usize = 1000;
/// Longest file of results that is read: an attack takes less than a line.
const MAX_ROBUSTNESS: u64 = 1 << 20;
const ROBUSTNESS: &str = "robustness.json";

/// What is to be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonConfig {
    /// The experiments by name; their seeds are replaced.
    pub experiments: Vec<(String, ExperimentConfig)>,
    /// The seeds each is trained with.
    pub seeds: Vec<u64>,
    /// What disturbs the test images in the end.
    pub attacks: Vec<Attack>,
    /// How many test images are disturbed, the first ones; all if there are fewer.
    pub attacked: usize,
}

/// The results of one experiment over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The experiment.
    pub name: String,
    /// The scheme of its blocks.
    pub scheme: String,
    /// How the step size behaves.
    pub coefficients: String,
    /// Convolutions and linear layers along the network.
    pub depth: usize,
    /// Trained scalars.
    pub parameters: usize,
    /// How many of the trainings diverged; they are in none of the figures.
    pub diverged: usize,
    /// The metrics of every epoch, for each seed.
    pub histories: Vec<Vec<EpochMetrics>>,
    /// The share of disturbed images classified right, for each attack a number a seed.
    pub robustness: Vec<(Attack, Vec<f64>)>,
}

impl ComparisonRow {
    /// `value` of the last epoch over the seeds.
    #[must_use]
    pub fn last(&self, value: impl Fn(&EpochMetrics) -> f64) -> Option<Statistic> {
        Statistic::of(
            self.histories
                .iter()
                .filter_map(|run| run.last().map(&value)),
        )
    }

    /// `value` over the seeds, epoch by epoch.
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
    /// Whether the comparison can start; if not, which setting is wrong and what would be right.
    pub fn validate(&self) -> Result<()> {
        let runs = self.experiments.len().saturating_mul(self.seeds.len());
        if runs == 0 || runs > MAX_RUNS {
            return Err(Error::setting(
                "seeds",
                format!("{runs} trainings; there must be 1 to {MAX_RUNS}"),
            ));
        }
        if self.attacked == 0 {
            return Err(Error::setting("attacked", "0 images cannot be disturbed"));
        }
        for (index, (name, experiment)) in self.experiments.iter().enumerate() {
            experiment.validate()?;
            if self
                .experiments
                .iter()
                .take(index)
                .any(|(other, _)| file_name(other) == file_name(name))
            {
                let problem = format!("`{}` is there twice; name each once", name.trim());
                return Err(Error::setting("experiments", problem));
            }
        }
        Ok(())
    }
}

/// Trains and tests all that `config` asks for on `device`, in run folders under `path`, and writes tables and pictures there.
///
/// | file | holds |
/// |---|---|
/// | `comparison.json` | the [`ComparisonConfig`] |
/// | `table.csv`, `table.md` | a line an experiment: parameters, accuracies and losses as mean and standard deviation |
/// | `curves.csv` | every epoch of every run |
/// | `accuracy.svg`, `loss.svg` | the curves over the epochs: mean, and a band of one standard deviation |
/// | `robustness.svg` | accuracies on disturbed images, which are in the tables too |
/// | `index.html` | all of it on a page |
///
/// Fails with [`Error::FolderTaken`] if `path` holds anything and is not the folder of a comparison.
///
/// `announce` is told which run comes next, as text, and `progress` how it goes. A training that diverges is counted and left
/// out.
pub fn compare(
    path: &Path,
    config: &ComparisonConfig,
    device: &Device,
    announce: &mut dyn FnMut(&str),
    progress: &mut dyn FnMut() -> Box<dyn Progress>,
) -> Result<Vec<ComparisonRow>> {
    config.validate()?;
    for (_, experiment) in &config.experiments {
        experiment.training.suits_device(device)?;
    }
    claim(path, config)?;
    let total = config.experiments.len() * config.seeds.len();
    let mut rows: Vec<ComparisonRow> = Vec::new();
    for (name, experiment) in &config.experiments {
        rows.push(ComparisonRow {
            name: name.clone(),
            scheme: experiment.network.scheme(),
            coefficients: experiment.network.coefficients().to_string(),
            depth: experiment.network.depth()?,
            parameters: experiment.network.parameters()?,
            diverged: 0,
            histories: Vec::new(),
            robustness: config
                .attacks
                .iter()
                .map(|attack| (*attack, Vec::new()))
                .collect(),
        });
    }
    // Seed by seed, so that an interrupted comparison has compared something.
    let mut count = 0;
    for &seed in &config.seeds {
        for ((name, experiment), row) in config.experiments.iter().zip(&mut rows) {
            count += 1;
            announce(&format!("{count}/{total}: {name}, seed {seed}"));
            let mut experiment = experiment.clone();
            experiment.training.seed = seed;
            let folder = path.join(format!("{}-seed{seed}", file_name(name)));
            let mut progress = progress();
            match trained(&folder, &experiment, device, progress.as_mut()) {
                Ok(history) => row.histories.push(history),
                Err(diverged @ Error::Diverged { .. }) => {
                    announce(&format!("    left out: {diverged}"));
                    row.diverged += 1;
                    continue;
                }
                Err(error) => return Err(error),
            }
            let folder = RunFolder::open(&folder)?.on(device.clone());
            let found = disturbed(&folder, config, announce, progress.as_mut())?;
            for ((_, accuracies), accuracy) in row.robustness.iter_mut().zip(found) {
                accuracies.push(accuracy);
            }
        }
        outputs::write(path, config, &rows)?;
    }
    Ok(rows)
}

/// Makes `path` the folder of this comparison, if it is new, empty, or that of a comparison: what else there is might be
/// overwritten.
fn claim(path: &Path, config: &ComparisonConfig) -> Result<()> {
    let file = path.join(CONFIG);
    fs::create_dir_all(path).map_err(Error::io("create the folder of the comparison", path))?;
    let look = || Error::io("look into the folder of the comparison", path);
    if !fs::exists(&file).map_err(look())? && fs::read_dir(path).map_err(look())?.next().is_some() {
        let path = path.to_owned();
        return Err(Error::FolderTaken { path });
    }
    let mut text = serde_json::to_string_pretty(config)
        .map_err(|error| Error::file(&file, format!("cannot be made: {error}")))?;
    text.push('\n');
    storage::replace(&file, text.as_bytes())
}

/// The metrics of the run in `path`, which is trained as far as it is not yet.
fn trained(
    path: &Path,
    experiment: &ExperimentConfig,
    device: &Device,
    progress: &mut dyn Progress,
) -> Result<Vec<EpochMetrics>> {
    if !RunFolder::is_at(path) {
        let folder = RunFolder::create(path, experiment)?.on(device.clone());
        run(&folder, progress)?;
        return folder.history();
    }
    let folder = RunFolder::open(path)?.on(device.clone());
    // A folder of another comparison is not taken for one of this.
    folder.config()?.expect(experiment)?;
    // A run that has ended is left as it is.
    resume(&folder, progress)?;
    folder.history()
}

/// A line of `robustness.json`: what a network scored on disturbed images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Found {
    attack: Attack,
    images: usize,
    accuracy: f64,
}

/// The accuracies of the run in `folder` under the attacks asked for, of which those found before are read.
fn disturbed(
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
    let mut known: Vec<Found> = if file.exists() {
        let bytes = storage::read(&file, MAX_ROBUSTNESS)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::file(&file, format!("is damaged, remove it: {error}")))?
    } else {
        Vec::new()
    };
    let mut subject = None;
    let mut accuracies = Vec::with_capacity(config.attacks.len());
    for &attack in &config.attacks {
        let before = known
            .iter()
            .find(|found| (found.attack, found.images) == (attack, config.attacked));
        if let Some(found) = before {
            accuracies.push(found.accuracy);
            continue;
        }
        let (network, split) = match &subject {
            Some(subject) => subject,
            None => subject.insert((folder.load()?.network, experiment.load_data()?)),
        };
        let images = config.attacked.min(split.test.len());
        announce(&format!("    {attack} on {images} test images"));
        let score = robustness(
            network.as_ref(),
            split,
            attack,
            config.attacked,
            experiment.training.seed,
            progress,
        )?;
        known.push(Found {
            attack,
            images: config.attacked,
            accuracy: score.accuracy,
        });
        let text = serde_json::to_string_pretty(&known)
            .map_err(|error| Error::file(&file, format!("cannot be made: {error}")))?;
        storage::replace(&file, text.as_bytes())?;
        accuracies.push(score.accuracy);
    }
    Ok(accuracies)
}

/// A name for a folder, of letters and digits.
fn file_name(name: &str) -> String {
    let words = name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}
