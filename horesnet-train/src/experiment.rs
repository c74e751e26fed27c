//! A training run from its configuration to its folder, and its repetition from there.

use std::path::{Path, PathBuf};

use candle_core::DType;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::augment::Augmentation;
use crate::checkpoint::Origin;
use crate::complexity::step_bytes;
use crate::data::{self, Split};
use crate::differences::{Difference, differences};
use crate::error::{Error, Result};
use crate::folder::{RunFolder, Trained};
use crate::loss::Score;
use crate::network::{Describe, NetworkConfig};
use crate::precision::Precision;
use crate::recorder::Recorder;
use crate::settings;
use crate::training::{EpochMetrics, Progress, Training, TrainingConfig, test};
use crate::variables::Variables;
use crate::weights;

/// Everything that determines the result of a run: `config.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExperimentConfig {
    /// The name of the data set, see [`data::names`].
    pub data: String,
    /// The folder of the data set, unless it is bundled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// The weights to begin with, a safetensors file as [`load_weights`](crate::load_weights) takes; drawn from the seed if
    /// there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// The network.
    pub network: NetworkConfig,
    /// The training.
    pub training: TrainingConfig,
}

impl Default for ExperimentConfig {
    /// RK4 on the bundled digits, moved by a pixel at most: the preset `digits`.
    fn default() -> Self {
        let augmentation = Augmentation {
            crop: 1,
            ..Augmentation::default()
        };
        Self {
            data: "digits".to_owned(),
            data_dir: None,
            weights: None,
            network: NetworkConfig::default(),
            training: TrainingConfig {
                epochs: 12,
                augmentation,
                ..TrainingConfig::default()
            },
        }
    }
}

impl ExperimentConfig {
    /// The same experiment with the network's channels and classes set to what the data set has, and its
    /// folder and weights named from the root.
    ///
    /// Fails as [`data::load`], [`Self::validate`] and, of weights to begin with, [`load_weights`](crate::load_weights) do.
    pub fn fitted(self) -> Result<Self> {
        let mut this = self.rooted()?;
        let split = data::load(&this.data, this.data_dir.as_deref())?;
        this.network
            .fit(split.train.image_shape(), split.train.classes());
        this.validate()?;
        this.training.suits(split.train.len())?;
        this.beginning()?;
        Ok(this)
    }

    /// The same experiment with its paths from the root, as the run folder may be read from elsewhere later.
    fn rooted(mut self) -> Result<Self> {
        for path in self.data_dir.iter_mut().chain(&mut self.weights) {
            *path = std::path::absolute(&*path).map_err(Error::io("find", &*path))?;
        }
        Ok(self)
    }

    /// The variables that training begins with; what they lack is drawn when the network is built.
    fn beginning(&self) -> Result<Variables> {
        match &self.weights {
            Some(path) => weights::variables(path, &self.network),
            None => Ok(Variables::seeded(self.training.seed)),
        }
    }

    /// All settings as TOML, which [`Settings`](crate::Settings) read again.
    pub fn to_toml(&self) -> Result<String> {
        let wrong = |problem: String| Error::setting("configuration", problem);
        let mut table = Table::try_from(self).map_err(|error| wrong(error.to_string()))?;
        if let Some(Value::Table(network)) = table.get_mut("network") {
            settings::settle(network);
        }
        toml::to_string(&table).map_err(|error| wrong(error.to_string()))
    }

    /// Fails with [`Error::Changed`] if `other`, with its network [resolved](Describe::resolved) as that of a run is, has
    /// another value of any setting.
    pub fn expect(&self, other: &Self) -> Result<()> {
        let json = |config| {
            serde_json::to_value(config)
                .map_err(|problem| Error::setting("configuration", problem.to_string()))
        };
        let mut other = other.clone().rooted()?;
        other.network = other.network.resolved()?;
        match differences(&json(self)?, &json(&other)?).into_iter().next() {
            None => Ok(()),
            Some(Difference {
                setting,
                before,
                after,
            }) => Err(Error::Changed {
                setting,
                before,
                after,
            }),
        }
    }

    /// Whether the run can start, the data set apart; if not, which setting is wrong and what would be right.
    pub fn validate(&self) -> Result<()> {
        self.network.validate()?;
        self.training.validate()
    }

    /// `rk4-digits-seed0`: what the folder of the run is called unless it is given a name.
    #[must_use]
    pub fn folder_name(&self) -> String {
        format!(
            "{}-{}-seed{}",
            self.network.scheme(),
            self.data,
            self.training.seed
        )
    }

    /// Bytes of memory at the peak of a step, where that is known.
    fn step_bytes(&self, split: &Split) -> Result<Option<u64>> {
        let TrainingConfig {
            batch_size, ema, ..
        } = self.training;
        let image = split.train.image_shape();
        step_bytes(&self.network, image, batch_size, ema > 0.0)
    }

    /// Loads the data set, and checks that the network is made for its images.
    pub(crate) fn load_data(&self) -> Result<Split> {
        let split = data::load(&self.data, self.data_dir.as_deref())?;
        let (image, classes) = (split.train.image_shape(), split.train.classes());
        let [channels, height, width] = image;
        self.network
            .is_compatible(image, classes)
            .map_err(|made_for| Error::Data {
                name: self.data.clone(),
                problem: format!(
                    "its images have {channels} channels and {height}×{width} pixels in {classes} classes; \
                     the network is made for {made_for}"
                ),
            })?;
        Ok(split)
    }
}

/// What a run came to: the last line of `train --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The scheme of the blocks.
    pub scheme: String,
    /// The step size over the depth, as text.
    pub coefficients: String,
    /// See [`Describe::depth`].
    pub depth: usize,
    /// The number of trained scalars.
    pub parameters: usize,
    /// Epochs trained.
    pub epochs: usize,
    /// Wall-clock time of all epochs.
    pub seconds: f64,
    /// Mean loss over the last epoch.
    pub train_loss: f64,
    /// Share of test images classified right after the last epoch.
    pub test_accuracy: f64,
    /// Where it was trained in the end, `cpu` or `cuda:0`.
    pub device: String,
    /// The type of the numbers between layers in training.
    pub precision: Precision,
    /// The run folder.
    pub run: String,
}

/// Trains as `folder`'s configuration says, and leaves the results in it.
///
/// Fails with [`Error::FolderTaken`] if `folder` has been trained in before, with [`Error::File`] if another training is
/// under way in it, with [`Error::Unsaved`] if it cannot be written
/// to any more, and as [`train`](crate::train) does. When training diverges, the folder keeps the last epoch that ended
/// well; when `progress` stops it, the step it was stopped after: [`resume`] goes on from there.
///
/// ```no_run
/// use horesnet_train::{ExperimentConfig, RunFolder, run};
///
/// let folder = RunFolder::create("runs/first", &ExperimentConfig::default())?;
/// let summary = run(&folder, &mut ())?;
/// println!("{:.1} % of the test digits are right", 100.0 * summary.test_accuracy);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub fn run(folder: &RunFolder, progress: &mut dyn Progress) -> Result<Summary> {
    folder.expect_untrained()?;
    go(folder, progress, |_, _| Ok(()))
}

/// Takes up the run in `folder` where it was stopped, and ends as if it had not been: weights and metrics are the same to
/// the last bit on the same machine, but for the times.
///
/// It goes on from the last checkpoint, or begins anew if there is none; what is there of later epochs is made again. In a
/// run that has ended, its charts, report and weights are written again. Fails with [`Error::File`] if the checkpoint is damaged or is not
/// of this configuration and this data: the message says what differs; and if another training is under way in the folder.
pub fn resume(folder: &RunFolder, progress: &mut dyn Progress) -> Result<Summary> {
    go(folder, progress, |recorder, training| {
        recorder.take_up(training)
    })
}

fn go(
    folder: &RunFolder,
    progress: &mut dyn Progress,
    begin: impl FnOnce(&mut Recorder<'_>, &mut Training<'_>) -> Result<()>,
) -> Result<Summary> {
    let config = folder.config()?;
    let _locked = folder.lock()?;
    let split = config.load_data()?;
    if folder.device().is_cpu()
        && let Some(bytes) = config.step_bytes(&split)?
    {
        progress.memory(bytes);
    }
    let variables = match folder.checkpoint()? {
        // It has the weights: those that training began with may be gone by now.
        Some(_) => Variables::seeded(config.training.seed),
        None => config.beginning()?,
    };
    let vb = variables.builder(DType::F32, folder.device());
    let network = config.network.build(vb)?;
    let mut training = Training::new(network.as_ref(), &variables, &split, &config.training)?;
    let origin = Origin::of(&config, &split)?;
    let mut recorder = Recorder::new(folder, &config, origin, variables.parameters());
    begin(&mut recorder, &mut training)?;
    let trained = training.run(progress, |training, metrics| {
        recorder.epoch(training, metrics)
    });
    if let Err(Error::Interrupted { .. }) = trained {
        recorder.checkpoint(&training)?;
    }
    trained?;
    recorder.end()
}

/// The weights on another processor may score differently in the last bits; a loss that differs by more is of others.
const TOLERANCE: f64 = 1e-4;

/// The weights of a run, tested again.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The epoch after which the weights were saved, counted from 1.
    pub epoch: usize,
    /// What they score now.
    pub score: Score,
    /// What the run noted in that epoch, if it came to that.
    pub noted: Option<EpochMetrics>,
}

impl Evaluation {
    /// Whether loss and accuracy are what the run noted, up to 10⁻⁴; nothing if it noted none.
    #[must_use]
    pub fn reproduced(&self) -> Option<bool> {
        let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * (1.0 + b.abs());
        let (found, noted) = (self.score, self.noted.as_ref()?);
        Some(close(found.accuracy, noted.test_accuracy) && close(found.loss, noted.test_loss))
    }
}

/// Tests the weights in `folder`, and finds the metrics that belong to them.
pub fn score(folder: &RunFolder) -> Result<Evaluation> {
    let config = folder.config()?;
    let split = config.load_data()?;
    let history = folder.history()?;
    let Trained { network, epoch, .. } = folder.load()?;
    let score = test(network.as_ref(), &split, config.training.label_smoothing)?;
    let noted = history
        .into_iter()
        .rev()
        .find(|metrics| metrics.epoch == epoch);
    Ok(Evaluation {
        epoch,
        score,
        noted,
    })
}

/// Tests the weights of the safetensors file `path` as `folder`'s configuration says.
///
/// Fails as [`load_weights`](crate::load_weights) does.
pub fn score_weights(folder: &RunFolder, path: impl AsRef<Path>) -> Result<Score> {
    let config = folder.config()?;
    let split = config.load_data()?;
    let (network, _) = weights::load(path.as_ref(), &config.network, folder.device())?;
    // What decays along training is what it is at its end.
    let moment = network.moment();
    moment.set(config.training.seed, 0, config.training.epochs as f64);
    test(network.as_ref(), &split, config.training.label_smoothing)
}
