//! The folder of a run: configuration, metrics, weights, charts.
//!
//! It is made, and shown to be writable, before training starts; nothing in it is ever overwritten by another run.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::charts;
use crate::checkpoint;
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::network::{Describe, Network};
use crate::outline::Outline;
use crate::storage;
use crate::training::EpochMetrics;
use crate::variables::Variables;

const CONFIG: &str = "config.json";
const METRICS: &str = "metrics.jsonl";
const MODEL: &str = "model.safetensors";
const LOSS: &str = "loss.svg";
const ACCURACY: &str = "accuracy.svg";

/// Longest `config.json` that is read: a thousand times what one takes.
const MAX_CONFIG: u64 = 1 << 20;
/// Longest `metrics.jsonl` that is read: 100,000 epochs, the most there can be, take about 25 MB.
const MAX_METRICS: u64 = 64 << 20;

/// A run on disk.
///
/// | file | holds | written | read it with |
/// |---|---|---|---|
/// | `config.json` | the [`ExperimentConfig`]: data set, network, training, seed | before training | [`config`](Self::config) |
/// | `metrics.jsonl` | a line of JSON an epoch, an [`EpochMetrics`] | after each epoch | [`history`](Self::history) |
/// | `model.safetensors` | the weights and running statistics, `f32`; the metadata's `epoch` says after which epoch | after each epoch, in place of the last | [`load`](Self::load), or any safetensors library |
/// | `loss.svg`, `accuracy.svg` | both over the epochs, training and test | after training | a browser |
///
/// An epoch's metrics are on the disk before its weights, so weights always have their line of metrics; a run that was
/// stopped may have metrics of one epoch more.
///
/// Files are read within limits: 1 MiB of configuration, 64 MiB of metrics, and as many bytes of weights as the network
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
}

impl RunFolder {
    /// Makes `path`, which may exist if it is empty, and writes the configuration into it.
    ///
    /// Fails with [`Error::FolderTaken`] if it holds anything, [`Error::Io`] if it cannot be made or written to.
    pub fn create(path: impl Into<PathBuf>, config: &ExperimentConfig) -> Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(Error::io("create the run folder", &path))?;
        let mut entries =
            fs::read_dir(&path).map_err(Error::io("look into the run folder", &path))?;
        if entries.next().is_some() {
            return Err(Error::FolderTaken { path });
        }
        Self { path }.with_config(config)
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
        Self { path: candidate }.with_config(config)
    }

    /// An existing run.
    ///
    /// Fails with [`Error::File`] if `path` is not a folder.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if path.is_dir() {
            return Ok(Self { path });
        }
        let problem = if path.exists() {
            "is not a folder; name the folder of a run"
        } else {
            "does not exist; name the folder of a run, as `train` printed it"
        };
        Err(Error::file(path, problem))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration of the run.
    pub fn config(&self) -> Result<ExperimentConfig> {
        let path = self.path.join(CONFIG);
        let bytes = storage::read(&path, MAX_CONFIG)?;
        let config: ExperimentConfig = parse(&path, &bytes, 0)?;
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
        let path = self.path.join(METRICS);
        let mut line = to_json(metrics, &path)?;
        line.push('\n');
        storage::append(&path, line.as_bytes())?;
        let bytes = checkpoint::to_bytes(variables, metrics.epoch)?;
        storage::replace(&self.path.join(MODEL), &bytes)
    }

    /// Draws the charts of all epochs.
    pub fn draw(&self, history: &[EpochMetrics], title: &str) -> Result<()> {
        for (name, svg) in [
            (LOSS, charts::loss(history, title)),
            (ACCURACY, charts::accuracy(history, title)),
        ] {
            let path = self.path.join(name);
            let svg =
                svg.map_err(|problem| Error::file(&path, format!("cannot be drawn: {problem}")))?;
            storage::replace(&path, svg.as_bytes())?;
        }
        Ok(())
    }

    /// The network of this run with its saved weights.
    ///
    /// Fails with [`Error::File`], before it reads a weight, if they are not those of the configured network.
    pub fn load(&self) -> Result<Trained> {
        let config = self.config()?;
        let outline = Outline::of(&config.network)?;
        let path = self.path.join(MODEL);
        let (epoch, variables) = checkpoint::read(&path, &outline, config.training.seed)?;
        let vb = variables.builder(DType::F32, &Device::Cpu);
        let network = config.network.build(vb)?;
        Ok(Trained {
            network,
            variables,
            epoch,
        })
    }

    /// Fails with [`Error::FolderTaken`] if there are results of a training.
    pub(crate) fn expect_untrained(&self) -> Result<()> {
        if [METRICS, MODEL]
            .iter()
            .any(|name| self.path.join(name).exists())
        {
            let path = self.path.clone();
            return Err(Error::FolderTaken { path });
        }
        Ok(())
    }

    fn with_config(self, config: &ExperimentConfig) -> Result<Self> {
        let path = self.path.join(CONFIG);
        let mut text = serde_json::to_string_pretty(config)
            .map_err(|error| Error::file(&path, format!("cannot be made: {error}")))?;
        text.push('\n');
        storage::replace(&path, text.as_bytes())?;
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
