//! `checkpoint.safetensors`: all that a training needs to go on as if it had never stopped.
//!
//! Weights and running statistics by their names, velocities of the optimiser as `momentum.NAME`, averages as `ema.NAME`;
//! in the note, the place in the training, and the configuration and the data it is of. A checksum over all of it tells
//! a file that was changed.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Shape, Tensor};
use crc32fast::Hasher;
use safetensors::View;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::Split;
use crate::differences::differences;
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::loss::Tally;
use crate::network;
use crate::tensors::{self, HEADER_PER_TENSOR, Tensors, damaged};
use crate::training::{Position, Training};
use crate::variables::is_trained;

/// The format of the file. Any change to what a step does with what is in it changes this.
const VERSION: u32 = 1;

/// The file's note: the checksum in hexadecimal, a space, and a [`Record`] as JSON.
const NOTE: &str = "checkpoint";
const MOMENTUM: &str = "momentum.";
const AVERAGE: &str = "ema.";

/// Longest note that is read: a thousand times what the record of a network takes.
const MAX_NOTE: u64 = 16 << 20;

/// What a training is of: two of the same origin go the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The configuration, as `config.json` has it, without the place of the data: what is there counts.
    configuration: Value,
    /// The number of images to train on.
    images: usize,
    /// A checksum of all images and labels.
    data: u32,
}

/// The same experiment, wherever its data is.
fn placeless(config: ExperimentConfig) -> ExperimentConfig {
    ExperimentConfig {
        data_dir: None,
        ..config
    }
}

impl Origin {
    /// What a training of `config` on `split` is of.
    pub(crate) fn of(config: &ExperimentConfig, split: &Split) -> Result<Self> {
        let mut hasher = Hasher::new();
        for part in [&split.train, &split.test] {
            hasher.update(part.pixels());
            hasher.update(part.labels());
        }
        // By way of the text, so that numbers are what they are once they have been written and read.
        let config = placeless(config.clone());
        let configuration = serde_json::to_string(&config)
            .and_then(|text| serde_json::from_str(&text))
            .map_err(|problem| Error::setting("configuration", problem.to_string()))?;
        Ok(Self {
            configuration,
            images: split.train.len(),
            data: hasher.finalize(),
        })
    }

    /// Where another origin differs from this, if it does.
    fn difference(&self, other: &Self) -> Option<String> {
        // A setting that there was not yet has its default.
        let parsed = serde_json::from_value::<ExperimentConfig>(self.configuration.clone());
        let configuration = parsed.and_then(|config| serde_json::to_value(placeless(config)));
        let configuration = configuration.as_ref().unwrap_or(&self.configuration);
        let settings = differences(configuration, &other.configuration);
        if let Some(first) = settings.first() {
            return Some(format!(
                "`{}` is {} in it and {} in config.json",
                first.setting, first.before, first.after
            ));
        }
        (self.images != other.images)
            .then(|| {
                format!(
                    "it is of {} training images, there are {}",
                    self.images, other.images
                )
            })
            .or_else(|| {
                (self.data != other.data)
                    .then(|| "the images or labels of the data set have changed".to_owned())
            })
    }
}

/// What the note says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    epochs: usize,
    batches: usize,
    step: usize,
    images: usize,
    correct: usize,
    /// The bits of an `f64`.
    loss: u64,
    origin: Origin,
}

/// A checkpoint of `training` as bytes. The same training gives the same bytes.
pub(crate) fn to_bytes(origin: &Origin, training: &Training<'_>) -> Result<Vec<u8>> {
    let mut all: Vec<(String, Tensor)> = training
        .weights()
        .into_iter()
        .map(|(name, var)| (name, var.into_inner()))
        .collect();
    for (name, velocity) in training.sgd.velocities()? {
        all.push((format!("{MOMENTUM}{name}"), velocity));
    }
    if let Some(average) = &training.average {
        for (name, average) in average.tensors() {
            all.push((format!("{AVERAGE}{name}"), average.clone()));
        }
    }
    let Position {
        epochs,
        batches,
        step,
        tally,
    } = training.position;
    let (images, loss, correct) = tally.parts();
    let record = Record {
        epochs,
        batches,
        step,
        images,
        correct,
        loss: loss.to_bits(),
        origin: origin.clone(),
    };
    let record = serde_json::to_string(&record)
        .map_err(|problem| Error::setting("configuration", problem.to_string()))?;
    let sums = all
        .iter()
        .map(|(name, tensor)| (name.as_str(), crc32fast::hash(&View::data(&tensor))))
        .collect();
    let note = format!("{VERSION} {:08x} {record}", checksum(&record, &sums));
    Ok(tensors::to_bytes(all, NOTE, note)?)
}

/// Takes `training`, which has not begun, to where the checkpoint `path` of the same `origin` was made.
///
/// Fails with [`Error::File`] if the file is damaged, of another version, or of another origin; `training` can then not be
/// used.
pub(crate) fn restore(
    path: &Path,
    config: &ExperimentConfig,
    origin: &Origin,
    training: &mut Training<'_>,
) -> Result<()> {
    let problem = |problem: String| Error::file(path, problem);
    let outline = outline(config, training.average.is_some())?;
    let header = MAX_NOTE + HEADER_PER_TENSOR * outline.len() as u64;
    let file = Tensors::open(path, header, u64::MAX)?;
    let note = file
        .note(NOTE)
        .ok_or_else(|| problem("is no checkpoint of a training".to_owned()))?;
    let (version, rest) = note.split_once(' ').unwrap_or((note, ""));
    if version != VERSION.to_string() {
        return Err(problem(format!(
            "has version {version} of the format; this program reads {VERSION}"
        )));
    }
    let (wanted, text) = rest.split_once(' ').unwrap_or_default();
    let (wanted, text) = (wanted.to_owned(), text.to_owned());
    let record: Record = serde_json::from_str(&text).map_err(|error| problem(damaged(&error)))?;
    if let Some(difference) = record.origin.difference(origin) {
        return Err(problem(format!("is of another training: {difference}")));
    }
    file.expect(&outline)?;
    let vars: BTreeMap<_, _> = training.weights().into_iter().collect();
    let mut sums = BTreeMap::new();
    file.read(|name, tensor, bytes| {
        sums.insert(name.to_owned(), crc32fast::hash(bytes));
        if let Some(name) = name.strip_prefix(MOMENTUM) {
            training.sgd.restore(name, tensor)?;
        } else if let (Some(name), Some(average)) =
            (name.strip_prefix(AVERAGE), &mut training.average)
        {
            average.restore(name, tensor)?;
        } else if let Some(var) = vars.get(name) {
            var.set(&tensor.to_device(var.device())?)?;
        }
        Ok(())
    })?;
    let sums = sums.iter().map(|(name, sum)| (name.as_str(), *sum));
    if format!("{:08x}", checksum(&text, &sums.collect())) != wanted {
        return Err(problem(damaged(&"the checksum does not fit")));
    }
    training.position = Position {
        epochs: record.epochs,
        batches: record.batches,
        step: record.step,
        tally: Tally::of(record.images, f64::from_bits(record.loss), record.correct),
    };
    Ok(())
}

/// The tensors of a checkpoint.
fn outline(config: &ExperimentConfig, averaged: bool) -> Result<BTreeMap<String, Shape>> {
    let weights = network::shapes(&config.network)?;
    let mut outline = weights.clone();
    for (name, shape) in weights {
        if is_trained(&name) {
            outline.insert(format!("{MOMENTUM}{name}"), shape.clone());
        }
        if averaged {
            outline.insert(format!("{AVERAGE}{name}"), shape);
        }
    }
    Ok(outline)
}

/// The checksum of a record and of tensors, each of which has one already.
fn checksum(record: &str, tensors: &BTreeMap<&str, u32>) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(record.as_bytes());
    for (name, sum) in tensors {
        hasher.update(name.as_bytes());
        hasher.update(&sum.to_le_bytes());
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;

    /// A split whose first training image is of this value.
    fn split(images: u8, first: u8) -> Split {
        let part = |first: u8, images: u8| {
            let labels = vec![0; usize::from(images)];
            let pixels = (0..images).map(|index| if index == 0 { first } else { 7 });
            Dataset::new("made", [1, 1, 1], 2, pixels.collect(), labels).unwrap()
        };
        Split {
            train: part(first, images),
            test: part(7, 2),
        }
    }

    #[test]
    fn origins_differ_in_settings_then_in_data() {
        let config = ExperimentConfig::default();
        let origin = Origin::of(&config, &split(3, 1)).unwrap();
        let difference = |config: &ExperimentConfig, split: &Split| {
            origin.difference(&Origin::of(config, split).unwrap())
        };
        assert_eq!(difference(&config, &split(3, 1)), None);
        assert_eq!(
            difference(&config, &split(4, 1)).unwrap(),
            "it is of 3 training images, there are 4"
        );
        assert_eq!(
            difference(&config, &split(3, 2)).unwrap(),
            "the images or labels of the data set have changed"
        );
        let moved = ExperimentConfig {
            data_dir: Some("there".into()),
            ..config.clone()
        };
        assert_eq!(difference(&moved, &split(3, 1)), None);
        let other = ExperimentConfig {
            data: "other".to_owned(),
            ..config
        };
        assert_eq!(
            difference(&other, &split(4, 1)).unwrap(),
            "`data` is \"digits\" in it and \"other\" in config.json"
        );
    }
}
