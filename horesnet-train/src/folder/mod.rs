//! The folder of a run: configuration, metrics, weights, charts.
//!
//! It is made, and shown to be writable, before training starts; nothing in it is ever overwritten by another run.

mod resumption;

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::charts;
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::model;
use crate::network::{Describe, Network};
use crate::outline::Outline;
use crate::storage;
use crate::training::EpochMetrics;
use crate::variables::Variables;

/// What is in the folder of a comparison, and in no run's.
pub(crate) const COMPARISON: &str = "comparison.json";
const CONFIG: &str = "config.json";
const UNFINISHED_CONFIG: &str = "config.json.new";
const METRICS: &str = "metrics.jsonl";
const MODEL: &str = "model.safetensors";
const CHECKPOINT: &str = "checkpoint.safetensors";
const REPORT: &str = "report.html";
/// TensorBoard takes for its own what has this in its name, and reads the files of a folder in the order of their names.
const EVENTS: &str = "events.out.tfevents.";
const LOSS: &str = "loss.svg";
const ACCURACY: &str = "accuracy.svg";

/// Longest `config.json` that is read: a thousand times what one takes.
const MAX_CONFIG: u64 = 1 << 20;
/// Longest `metrics.jsonl` that is read: 100,000 epochs, the most there can be, take about 25 MB without coefficients.
const MAX_METRICS: u64 = 256 << 20;

/// A run on disk.
///
/// | file | holds | written | read it with |
/// |---|---|---|---|
/// | `config.json` | the [`ExperimentConfig`]: data set, network, training, seed | before training | [`config`](Self::config) |
/// | `metrics.jsonl` | a line of JSON an epoch, an [`EpochMetrics`] | after each epoch | [`history`](Self::history) |
/// | `model.safetensors` | the weights, or their average where there is one, and running statistics, `f32`; the metadata's `epoch` says after which epoch | after each epoch, in place of the last | [`load`](Self::load), or any safetensors library |
/// | `checkpoint.safetensors` | all that the training needs to go on | every `checkpoint_every` epochs and when it is stopped, in place of the last | [`resume`](crate::resume) |
/// | `report.html` | figures, charts, epochs and configuration | with each checkpoint | a browser |
/// | `events.out.tfevents.000001` | losses, accuracies, learning rate and learned coefficients | after each epoch; a run that is resumed begins another | TensorBoard |
/// | `loss.svg`, `accuracy.svg` | both over the epochs, training and test | after training | a browser |
///
/// An epoch's metrics are on the disk before its weights, so weights always have their line of metrics; a run that was
/// stopped may have metrics of later epochs, and they and their weights are made again when it is resumed.
///
/// Files are read within limits: 1 MiB of configuration, 256 MiB of metrics, and as many bytes of weights as the network
/// of the configuration has. What is longer, or is no regular file, is refused with [`Error::File`].
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
    path: PathBuf,
    device: Device,
    data_dir: Option<PathBuf>,
}

impl RunFolder {
    /// Makes `path`, which may exist if it is empty, and writes the configuration into it.
    ///
    /// Fails with [`Error::FolderTaken`] if it holds anything, [`Error::Io`] if it cannot be made or written to.
    pub fn create(path: impl Into<PathBuf>, config: &ExperimentConfig) -> Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(Error::io("create the run folder", &path))?;
        let look = || Error::io("look into the run folder", &path);
        for entry in fs::read_dir(&path).map_err(look())? {
            // A program that was killed in this place leaves a configuration that is not finished.
            if entry.map_err(look())?.file_name() != UNFINISHED_CONFIG {
                return Err(Error::FolderTaken { path });
            }
        }
        Self::at(path).with_config(config)
    }

    /// Makes `path`, or `path-2`, `path-3`, … if there is one already, and writes the configuration into it.
    pub fn create_next(path: impl AsRef<Path>, config: &ExperimentConfig) -> Result<Self> {
        let path = path.as_ref();
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(Error::io("create the folder of run folders", parent))?;
        }
        let mut candidate = path.to_owned();
        for number in 2.. {
            // Made in one step, so that two runs that start together get a folder each.
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

    /// An existing run.
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
        }
    }

    /// The same run, trained and tested on `device` in place of the CPU. Files do not depend on the device.
    #[must_use]
    pub fn on(self, device: Device) -> Self {
        Self { device, ..self }
    }

    /// The same run with the files of its data set in `dir`, where they are no longer where its configuration has them.
    ///
    /// A training goes on with them if the images and labels are the same.
    pub fn with_data_in(self, dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let dir = std::path::absolute(dir).map_err(Error::io("find", dir))?;
        Ok(Self {
            data_dir: Some(dir),
            ..self
        })
    }

    /// The device that networks of this run are on.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration of the run.
    ///
    /// Fails with [`Error::File`] if there is no run in the folder, or it cannot be used.
    pub fn config(&self) -> Result<ExperimentConfig> {
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
        let mut config: ExperimentConfig = parse(&path, &bytes, 0)?;
        config.data_dir = self.data_dir.clone().or(config.data_dir);
        match config.validate() {
            Err(error) => Err(Error::file(path, format!("cannot be used: {error}"))),
            Ok(()) => Ok(config),
        }
    }

    /// The metrics of the epochs so far, none if the run was stopped in its first.
    ///
    /// A last line without its line break is the beginning of one that was not written to the end, and left out. Fails
    /// with [`Error::File`] if any other line cannot be read.
    pub fn history(&self) -> Result<Vec<EpochMetrics>> {
        let path = self.path.join(METRICS);
        if !fs::exists(&path).map_err(Error::io("read", &path))? {
            return Ok(Vec::new());
        }
        storage::read(&path, MAX_METRICS)?
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| line.strip_suffix(b"\n"))
            .enumerate()
            .map(|(index, line)| parse(&path, line, index))
            .collect()
    }

    /// Keeps the state after an epoch: the line of metrics, then the weights it belongs to.
    pub fn record(&self, metrics: &EpochMetrics, variables: &Variables) -> Result<()> {
        self.note(metrics)?;
        let all = variables.all().into_iter();
        let model = all.map(|(name, var)| (name, var.into_inner())).collect();
        self.save_model(model, metrics.epoch)
    }

    /// Adds a line to the metrics.
    pub(crate) fn note(&self, metrics: &EpochMetrics) -> Result<()> {
        let path = self.path.join(METRICS);
        let mut line = to_json(metrics, &path)?;
        line.push('\n');
        storage::append(&path, line.as_bytes())
    }

    /// Keeps the weights after an epoch.
    pub(crate) fn save_model(&self, model: Vec<(String, Tensor)>, epoch: usize) -> Result<()> {
        storage::replace(&self.path.join(MODEL), &model::to_bytes(model, epoch)?)
    }

    /// Keeps a checkpoint.
    pub(crate) fn save_checkpoint(&self, bytes: &[u8]) -> Result<()> {
        storage::replace(&self.path.join(CHECKPOINT), bytes)
    }

    /// The checkpoint, if there is one.
    pub(crate) fn checkpoint(&self) -> Result<Option<PathBuf>> {
        let path = self.path.join(CHECKPOINT);
        let exists = fs::exists(&path).map_err(Error::io("read", &path))?;
        Ok(exists.then_some(path))
    }

    /// Keeps a report, if it could be made.
    pub(crate) fn save_report(&self, page: Result<String, String>) -> Result<()> {
        let path = self.path.join(REPORT);
        let page =
            page.map_err(|problem| Error::file(&path, format!("cannot be made: {problem}")))?;
        storage::replace(&path, page.as_bytes())
    }

    /// A name for an event file after those there are.
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

    /// Draws the charts of all epochs.
    pub fn draw(&self, history: &[EpochMetrics], title: &str) -> Result<()> {
        for (name, svg) in [
            (LOSS, charts::loss(history, title)),
            (ACCURACY, charts::accuracy(history, title)),
        ] {
            storage::replace(&self.path.join(name), svg.as_bytes())?;
        }
        Ok(())
    }

    /// The network of this run with its saved weights.
    ///
    /// Fails with [`Error::File`], before it reads a weight, if they are not those of the configured network, or if no epoch
    /// has ended yet.
    pub fn load(&self) -> Result<Trained> {
        let config = self.config()?;
        let outline = Outline::of(&config.network)?;
        let path = self.path.join(MODEL);
        if !fs::exists(&path).map_err(Error::io("read", &path))? {
            let problem =
                "does not exist: no epoch of this run has ended; `train --resume` goes on with it";
            return Err(Error::file(path, problem));
        }
        let (epoch, variables) = model::read(&path, &outline, config.training.seed)?;
        let vb = variables.builder(DType::F32, &self.device);
        let network = config.network.build(vb)?;
        // What decays along training is what it was in the test of that epoch.
        let moment = network.moment();
        moment.set(config.training.seed, 0, epoch as f64);
        Ok(Trained {
            network,
            variables,
            epoch,
        })
    }

    /// Keeps others from training in this folder until what it gives is dropped, where the system can lock folders.
    ///
    /// Fails with [`Error::File`] if another does.
    pub(crate) fn lock(&self) -> Result<Option<File>> {
        let Ok(folder) = File::open(&self.path) else {
            return Ok(None);
        };
        match folder.try_lock() {
            Ok(()) => Ok(Some(folder)),
            Err(TryLockError::Error(_)) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                let problem = "is in use: another training writes to it; wait until it has ended";
                Err(Error::file(&self.path, problem))
            }
        }
    }

    /// Whether there is a run in `path`: a folder with a configuration.
    pub(crate) fn is_at(path: &Path) -> bool {
        path.join(CONFIG).exists()
    }

    fn with_config(self, config: &ExperimentConfig) -> Result<Self> {
        let path = self.path.join(CONFIG);
        let mut text = serde_json::to_string_pretty(config)
            .map_err(|error| Error::file(&path, format!("cannot be made: {error}")))?;
        text.push('\n');
        storage::replace(&path, text.as_bytes())?;
        storage::sync_folder_of(&self.path);
        Ok(self)
    }
}

/// What [`RunFolder::load`] gives.
pub struct Trained {
    /// The network, ready to classify.
    pub network: Box<dyn Network>,
    /// Its variables by name, ready to be trained further.
    pub variables: Variables,
    /// The epoch after which they were saved, counted from 1.
    pub epoch: usize,
}

fn to_json(value: &impl Serialize, path: &Path) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::file(path, format!("cannot be made: {error}")))
}

/// Reads JSON that starts on line `before + 1` of `path`.
fn parse<T: DeserializeOwned>(path: &Path, text: &[u8], before: usize) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| {
        let line = before + error.line().max(1);
        Error::file(
            path,
            format!("is damaged or of another version: line {line}: {error}"),
        )
    })
}
