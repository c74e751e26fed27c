//! The folder of a run: configuration, metrics, weights, charts.
//!
//! It is created, and shown to be writable, before training starts. No other run ever overwrites it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

use crate::data::{self, ModelInfo, Skipped};
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::files::{Versioned, storage, version};
use crate::network;
use crate::network::variables::Variables;
use crate::run::{Trained, charts, model, own_schemes};
use crate::training::EpochMetrics;

/// The file that marks the folder of a comparison.
pub(crate) const COMPARISON: &str = "comparison.json";
pub(super) const CONFIG: &str = "config.json";
const UNFINISHED_CONFIG: &str = "config.json.new";
pub(super) const METRICS: &str = "metrics.jsonl";
pub(super) const MODEL: &str = "model.safetensors";
pub(super) const BEST: &str = "best.safetensors";
pub(super) const CHECKPOINT: &str = "checkpoint.safetensors";
pub(super) const REPORT: &str = "report.html";
/// TensorBoard reads files with this in their names, in the order of names.
const EVENTS: &str = "events.out.tfevents.";
pub(super) const LOSS: &str = "loss.svg";
pub(super) const ACCURACY: &str = "accuracy.svg";

/// Longest `config.json`, a thousand times its usual size.
const MAX_CONFIG: u64 = 1 << 20;
/// Longest `metrics.jsonl`: 100,000 epochs, the maximum, take about 30 MB without coefficients.
pub(super) const MAX_METRICS: u64 = 256 << 20;

/// A run on disk.
///
/// | file | holds | written | read it with |
/// |---|---|---|---|
/// | `config.json` | the [`ExperimentConfig`]: data set, network, training, seed, and what the model needs to know of its images and classes | before training | [`config`](Self::config) |
/// | `NAME.tab` | a copy of the tableau of a scheme of your own, which `config.json` and the weights hold; it may be removed, not changed | before training | `horesnet show`, or any command that takes a tableau |
/// | `learned.BLOCK.tab` | the member of a family that a block has learned, with `learned(params)`, rounded to nine digits | after each epoch, in place of the last | `horesnet check`, `horesnet show` |
/// | `metrics.jsonl` | a line of JSON an epoch, an [`EpochMetrics`] | after each epoch | [`history`](Self::history) |
/// | `model.safetensors` | the weights, or their average where there is one, and running statistics, `f32`; the metadata holds `epoch`, `version`, `model`, the [`ModelInfo`], and `tableaux`, the texts of tableaux that are not bundled | after each epoch, in place of the last | [`load`](Self::load), or any safetensors library |
/// | `best.safetensors` | as `model.safetensors`, of the epoch with the lowest validation loss; only with validation images | after each better epoch, in place of the last | [`load`](Self::load) |
/// | `checkpoint.safetensors` | the state of the training | every `checkpoint_every` epochs and when it is stopped, in place of the last | [`resume`](crate::resume) |
/// | `test.json` | the test of the best weights, or without validation images of the last ones: loss, accuracy, and columns of labels, predictions and probabilities | after training | [`test_result`](Self::test_result) |
/// | `report.html` | figures, charts, epochs and configuration; after training also the confusion matrix, scores of classes, calibration, and the images that are most wrong | with each checkpoint | a browser |
/// | `events.out.tfevents.000001` | losses, accuracies, learning rate and learned coefficients | after each epoch; a run that is resumed begins another | TensorBoard |
/// | `loss.svg`, `accuracy.svg` | both over the epochs, of training and validation, or of training and test without it | after training | a browser |
///
/// Metrics of an epoch are written before its weights, so weights always have their line of metrics. A stopped run may have
/// metrics of epochs after its checkpoint; resuming repeats these epochs.
///
/// `config.json`, `test.json`, the lines of `metrics.jsonl` and the metadata of the weights have a field `version`, the version of
/// HoresNet that wrote them. Reads are bounded: 1 MiB of configuration, 256 MiB of metrics and of the test, and as many bytes of weights as
/// the configured network has. Longer or irregular files are refused with [`Error::File`].
///
/// ```no_run
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::RunFolder;
///
/// let trained = RunFolder::open("runs/rk4-digits-seed0")?.load()?;
/// let images = Tensor::zeros((1, 1, 8, 8), DType::F32, &Device::Cpu)?; // normalised as in training
/// let logits = trained.network.forward_t(&images, false)?;
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunFolder {
    pub(super) path: PathBuf,
    device: Device,
    data_dir: Option<PathBuf>,
    pub(super) test_dir: Option<PathBuf>,
}

impl RunFolder {
    /// Creates `path`, which may exist if it is empty, and writes the configuration into it.
    ///
    /// Fails with [`Error::FolderTaken`] if it holds anything, [`Error::Io`] if it cannot be created or written to.
    pub fn create(path: impl Into<PathBuf>, config: &ExperimentConfig) -> Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(Error::io("create the run folder", &path))?;
        let look = || Error::io("look into the run folder", &path);
        for entry in fs::read_dir(&path).map_err(look())? {
            // A program that was killed here leaves an unfinished configuration.
            if entry.map_err(look())?.file_name() != UNFINISHED_CONFIG {
                return Err(Error::FolderTaken { path });
            }
        }
        Self::at(path).with_config(config)
    }

    /// Creates `path`, or `path-2`, `path-3`, … if it exists, and writes the configuration into it.
    pub fn create_next(path: impl AsRef<Path>, config: &ExperimentConfig) -> Result<Self> {
        let path = path.as_ref();
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(Error::io("create the folder of run folders", parent))?;
        }
        let mut candidate = path.to_owned();
        for number in 2.. {
            // Created in one step, so that two runs that start together get a folder each.
            match fs::create_dir(&candidate) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => {
                    made.map_err(Error::io("create the run folder", &candidate))?;
                    break;
                }
            }
            let mut name = path.as_os_str().to_owned();
            name.push(format!("-{number}"));
            candidate = name.into();
        }
        Self::at(candidate).with_config(config)
    }

    /// Opens an existing run.
    ///
    /// Fails with [`Error::File`] if `path` is not a folder.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if path.is_dir() {
            return Ok(Self::at(path));
        }
        let problem = if path.exists() {
            "is not a folder; name the folder of a run"
        } else {
            "does not exist; name the folder of a run, as `train` printed it"
        };
        Err(Error::file(path, problem))
    }

    fn at(path: PathBuf) -> Self {
        Self {
            path,
            device: Device::Cpu,
            data_dir: None,
            test_dir: None,
        }
    }

    /// Trains and tests this run on `device` instead of the CPU. Files do not depend on the device.
    #[must_use]
    pub fn on(self, device: Device) -> Self {
        Self { device, ..self }
    }

    /// Reads the data set from `dir` instead of the folder in the configuration.
    ///
    /// A training resumes with it if the images and labels are the same.
    pub fn with_data_in(self, dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let dir = std::path::absolute(dir).map_err(Error::io("find", dir))?;
        Ok(Self {
            data_dir: Some(dir),
            ..self
        })
    }

    /// Tests this run on the images in `dir` alone, see [`data::load_test`](crate::data::load_test).
    #[must_use]
    pub fn with_test_in(self, dir: impl Into<PathBuf>) -> Self {
        Self {
            test_dir: Some(dir.into()),
            ..self
        }
    }

    /// Returns the device of this run's networks.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the configuration of the run.
    ///
    /// Fails with [`Error::File`] if the folder holds no run or the configuration cannot be used.
    pub fn config(&self) -> Result<ExperimentConfig> {
        let mut config = self.stored_config()?;
        config.data_dir = self.data_dir.clone().or(config.data_dir);
        let unusable = |error| {
            let problem = own_schemes::without_tableau(&error);
            Error::file(self.path.join(CONFIG), format!("cannot be used: {problem}"))
        };
        config.validate().map_err(unusable)?;
        self.expect_copies(&config.network)?;
        Ok(config)
    }

    /// Returns the images and classes that the run was trained on.
    ///
    /// Runs of versions that did not save them measure their data set again; this fails like [`data::load`](crate::data::load) if it is gone.
    pub fn info(&self) -> Result<ModelInfo> {
        let config = self.config()?;
        match config.model {
            Some(info) => Ok(info),
            None => Ok(ModelInfo::of(&config.load_data()?.train)),
        }
    }

    /// Counts the files of the data set that are skipped because they are not images by their names, see
    /// [`ExperimentConfig::skipped`]; those of the [test](Self::with_test_in) alone if there is one.
    pub fn skipped(&self) -> Result<Option<Skipped>> {
        let config = self.config()?;
        match &self.test_dir {
            Some(dir) => data::skipped(&config.data, Some(dir), true),
            None => config.skipped(),
        }
    }

    /// Adds what a model needs to know of its data to the configuration.
    pub(crate) fn save_info(&self, info: &ModelInfo) -> Result<()> {
        let mut config = self.stored_config()?;
        config.model = Some(info.clone());
        storage::replace_json(&self.path.join(CONFIG), &Versioned::new(config))
    }

    fn stored_config(&self) -> Result<ExperimentConfig> {
        let path = self.path.join(CONFIG);
        if !Self::is_at(&self.path) {
            let problem = if self.path.join(COMPARISON).exists() {
                "is the folder of a comparison; name one of the folders in it, each of which is a run"
            } else {
                "is not the folder of a run: it has no config.json"
            };
            return Err(Error::file(&self.path, problem));
        }
        let bytes = storage::read(&path, MAX_CONFIG)?;
        version::parse(&bytes).map_err(|problem| Error::file(&path, problem))
    }

    /// Reads the metrics of all epochs so far.
    ///
    /// Ignores a last line without its line break, which was not written to the end. Fails with [`Error::File`] if any other
    /// line cannot be read.
    pub fn history(&self) -> Result<Vec<EpochMetrics>> {
        let path = self.path.join(METRICS);
        if !storage::exists(&path)? {
            return Ok(Vec::new());
        }
        let parse = |(index, line)| {
            version::parse(line).map_err(|problem: String| {
                Error::file(&path, format!("{problem} (line {})", index + 1))
            })
        };
        storage::read(&path, MAX_METRICS)?
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| line.strip_suffix(b"\n"))
            .enumerate()
            .map(parse)
            .collect()
    }

    /// Saves the state after an epoch: its line of metrics, then the weights.
    pub fn record(&self, metrics: &EpochMetrics, variables: &Variables) -> Result<()> {
        self.append_metrics(metrics)?;
        let config = self.config()?;
        self.save_model(MODEL, variables.tensors(), metrics.epoch, &config)
    }

    /// Appends a line to the metrics.
    pub(crate) fn append_metrics(&self, metrics: &EpochMetrics) -> Result<()> {
        let path = self.path.join(METRICS);
        let line = serde_json::to_string(&Versioned::new(metrics));
        let mut line = line.map_err(storage::unserialisable(&path))?;
        line.push('\n');
        storage::append(&path, line.as_bytes())
    }

    /// Saves the weights after an epoch as the file `name`.
    pub(crate) fn save_model(
        &self,
        name: &str,
        model: Vec<(String, Tensor)>,
        epoch: usize,
        config: &ExperimentConfig,
    ) -> Result<()> {
        self.replace(name, &model::to_bytes(model, epoch, config)?)
    }

    /// Replaces the file `name`.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        storage::replace(&self.path.join(name), bytes)
    }

    /// Returns the path of the checkpoint, if there is one.
    pub(crate) fn checkpoint(&self) -> Result<Option<PathBuf>> {
        let path = self.path.join(CHECKPOINT);
        Ok(storage::exists(&path)?.then_some(path))
    }

    /// Returns a name for the next event file.
    pub(crate) fn next_events(&self) -> Result<PathBuf> {
        let read = || Error::io("look into the run folder", &self.path);
        let mut last = 0;
        for entry in fs::read_dir(&self.path).map_err(read())? {
            let name = entry.map_err(read())?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(EVENTS));
            last = last.max(number.and_then(|number| number.parse().ok()).unwrap_or(0));
        }
        let next = u32::saturating_add(last, 1);
        Ok(self.path.join(format!("{EVENTS}{next:06}")))
    }

    /// Draws the charts of these epochs.
    pub fn draw(&self, history: &[EpochMetrics], title: &str) -> Result<()> {
        self.replace(LOSS, charts::loss(history, title).as_bytes())?;
        self.replace(ACCURACY, charts::accuracy(history, title).as_bytes())
    }

    /// Loads the network of this run with its saved weights: those with the lowest validation loss, or without validation images
    /// the last ones.
    ///
    /// Fails with [`Error::File`], before it reads a weight, if they do not match the configured network, or if no epoch has
    /// ended yet.
    pub fn load(&self) -> Result<Trained> {
        if self.has(BEST)? {
            return self.load_file(BEST);
        }
        if self.has(MODEL)? {
            return self.load_file(MODEL);
        }
        let problem =
            "does not exist: no epoch of this run has ended; `train --resume` continues it";
        Err(Error::file(self.path.join(MODEL), problem))
    }

    /// Returns true if the folder has a file `name`.
    pub(super) fn has(&self, name: &str) -> Result<bool> {
        storage::exists(&self.path.join(name))
    }

    /// Returns the epoch of the weights in the file `name`, if there is one.
    pub(super) fn epoch_of(&self, name: &str) -> Result<Option<usize>> {
        if !self.has(name)? {
            return Ok(None);
        }
        let outline = network::shapes(&self.config()?.network)?;
        model::epoch(&self.path.join(name), &outline).map(Some)
    }

    /// Loads the network with the weights of the file `name`.
    fn load_file(&self, name: &str) -> Result<Trained> {
        let config = self.config()?;
        let outline = network::shapes(&config.network)?;
        let path = self.path.join(name);
        let (epoch, variables) = model::read(&path, &outline, &config)?;
        Trained::new(&config, variables, epoch, &self.device)
    }

    /// Returns true if `path` is a folder with a configuration.
    pub(crate) fn is_at(path: &Path) -> bool {
        path.join(CONFIG).exists()
    }

    fn with_config(self, config: &ExperimentConfig) -> Result<Self> {
        storage::replace_json(&self.path.join(CONFIG), &Versioned::new(config))?;
        self.keep_tableaux(&config.network)?;
        storage::sync_folder_of(&self.path);
        Ok(self)
    }
}
