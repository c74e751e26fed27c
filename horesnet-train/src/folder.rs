//! The folder of a run: configuration, metrics, weights, charts.
//!
//! It is made, and shown to be writable, before training starts; nothing in it is ever overwritten by another run.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::charts;
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::training::EpochMetrics;
use crate::variables::Variables;
use crate::weights;

const CONFIG: &str = "config.json";
const METRICS: &str = "metrics.jsonl";
const MODEL: &str = "model.safetensors";
const LOSS: &str = "loss.svg";
const ACCURACY: &str = "accuracy.svg";

/// A run on disk: `config.json`, `metrics.jsonl`, `model.safetensors`, `loss.svg`, `accuracy.svg`.
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
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let config: ExperimentConfig = parse(&path, &text, 0)?;
        match config.validate() {
            Err(error) => Err(Error::file(path, format!("cannot be used: {error}"))),
            Ok(()) => Ok(config),
        }
    }

    /// The metrics of the last epoch.
    ///
    /// Fails with [`Error::File`] if there is none or a line cannot be read.
    pub fn last_metrics(&self) -> Result<EpochMetrics> {
        let path = self.path.join(METRICS);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let mut last = None;
        for (index, line) in text.lines().enumerate() {
            last = Some(parse(&path, line, index)?);
        }
        last.ok_or_else(|| Error::file(path, "holds no epoch"))
    }

    /// Keeps the state after an epoch: the weights, then the line of metrics that belongs to them.
    pub fn record(&self, metrics: &EpochMetrics, variables: &Variables) -> Result<()> {
        let bytes = weights::to_bytes(variables)?;
        replace(&self.path.join(MODEL), &bytes)?;
        let path = self.path.join(METRICS);
        let mut line = to_json(metrics, &path)?;
        line.push('\n');
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .map_err(Error::io("write", &path))
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
            replace(&path, svg.as_bytes())?;
        }
        Ok(())
    }

    /// Sets `variables`, those of a network of this run's configuration, to the saved weights.
    pub fn load(&self, variables: &Variables) -> Result<()> {
        let path = self.path.join(MODEL);
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        weights::from_bytes(variables, &bytes).map_err(|problem| Error::file(path, problem))
    }

    fn with_config(self, config: &ExperimentConfig) -> Result<Self> {
        let path = self.path.join(CONFIG);
        let mut text = serde_json::to_string_pretty(config)
            .map_err(|error| Error::file(&path, format!("cannot be made: {error}")))?;
        text.push('\n');
        replace(&path, text.as_bytes())?;
        Ok(self)
    }
}

fn to_json(value: &impl Serialize, path: &Path) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::file(path, format!("cannot be made: {error}")))
}

/// Reads JSON that starts on line `before + 1` of `path`.
fn parse<T: DeserializeOwned>(path: &Path, text: &str, before: usize) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let line = before + error.line().max(1);
        Error::file(
            path,
            format!("is damaged or of another version: line {line}: {error}"),
        )
    })
}

/// Writes `path` so that a reader, or a power cut, sees the old file or the new one and nothing between.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = path.with_added_extension("new");
    File::create(&aside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&aside, path))
        .map_err(Error::io("write", path))
}
