//! `checkpoint.safetensors`: the whole state of a training, from which it resumes bit-for-bit.
//!
//! Weights and running statistics by their names, moments of the optimiser as `momentum.NAME`, or `exp_avg.NAME` and
//! `exp_avg_sq.NAME` as PyTorch calls them, averages as `ema.NAME`;
//! in the metadata, the position in the training, its configuration and a checksum of its data. A checksum over everything
//! detects changes of the file.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Shape, Tensor, Var};
use crc32fast::Hasher;
use safetensors::View;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::Split;
use crate::error::{Error, Result};
use crate::experiment::{ExperimentConfig, first_difference};
use crate::files::tensors::{self as files, HEADER_PER_TENSOR, Tensors, damaged};
use crate::network;
use crate::network::variables::is_trained;
use crate::training::{Position, Tally, Training};

/// The version of the format, which changes with any change to what a step does with the state.
const VERSION: u32 = 2;

/// The key in the metadata of the version, the checksum in hexadecimal and a [`Record`] as JSON, separated by spaces.
const KEY: &str = "checkpoint";
const AVERAGE: &str = "ema.";

/// Longest metadata, a thousand times its usual size.
const MAX_METADATA: u64 = 16 << 20;
/// Most tensors where their number is not known.
const MAX_TENSORS: usize = 1 << 16;

/// The inputs of a training: with equal ones, two trainings take the same steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainingInputs {
    /// The configuration, as in `config.json`, without the folder of the data.
    configuration: Value,
    /// The number of images to train on.
    images: usize,
    /// The checksum of all images and labels.
    data: u32,
}

impl TrainingInputs {
    /// Returns the inputs of a training of `config` on `split`.
    pub(crate) fn of(config: &ExperimentConfig, split: &Split) -> Result<Self> {
        let mut hasher = Hasher::new();
        for part in [&split.train]
            .into_iter()
            .chain(&split.validation)
            .chain([&split.test])
        {
            hasher.update(part.pixels());
            hasher.update(part.labels());
        }
        // By way of text, so that numbers are rounded as in a file.
        let mut config = config.clone();
        config.data_dir = None;
        let configuration = serde_json::to_string(&config)
            .and_then(|text| serde_json::from_str(&text))
            .map_err(Error::unserialisable)?;
        Ok(Self {
            configuration,
            images: split.train.len(),
            data: hasher.finalize(),
        })
    }

    /// Describes the first difference between these inputs, of this process, and those of process 0, if there is one.
    pub(crate) fn difference_from(&self, first: &Self) -> Option<String> {
        let settings = |inputs: &Self| {
            let mut settings = inputs.configuration.clone();
            if let Some(settings) = settings.as_object_mut() {
                // Measured from the images, which are compared below.
                settings.remove("model");
            }
            settings
        };
        if let Some([setting, there, here]) = first_difference(&settings(first), &settings(self)) {
            return Some(format!("`{setting}` is {there} there and {here} here"));
        }
        if self.images != first.images {
            let (here, there) = (self.images, first.images);
            return Some(format!("expected {there} training images, found {here}"));
        }
        let changed = "the images or labels of its data set are others".to_owned();
        (self.data != first.data).then_some(changed)
    }

    /// Describes the first difference between these and other inputs, if there is one.
    fn difference(&self, other: &Self) -> Option<String> {
        // Settings that did not exist yet have their defaults.
        let parsed = serde_json::from_value::<ExperimentConfig>(self.configuration.clone());
        let configuration = parsed.and_then(|mut config| {
            config.data_dir = None;
            // Measured from the images, which are compared below.
            config.model = None;
            serde_json::to_value(config)
        });
        let configuration = configuration.as_ref().unwrap_or(&self.configuration);
        let mut wanted = other.configuration.clone();
        if let Some(settings) = wanted.as_object_mut() {
            settings.remove("model");
        }
        if let Some(first) = first_difference(configuration, &wanted) {
            let [setting, there, here] = first;
            return Some(format!(
                "`{setting}` is {there} in it and {here} in config.json"
            ));
        }
        if self.images != other.images {
            let (here, there) = (other.images, self.images);
            return Some(format!("expected {there} training images, found {here}"));
        }
        let changed = "the images or labels of the data set have changed".to_owned();
        (self.data != other.data).then_some(changed)
    }
}

/// The state in the metadata.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    epochs: usize,
    batches: usize,
    step: usize,
    images: usize,
    correct: usize,
    /// The bits of an `f64`.
    loss: u64,
    /// The time of the current epoch so far, in seconds.
    #[serde(default)]
    seconds: f64,
    #[serde(rename = "origin")]
    inputs: TrainingInputs,
}

impl Record {
    /// The numbers of the state of `training`.
    pub(super) fn of(inputs: &TrainingInputs, training: &Training<'_>) -> Self {
        let (position, tally) = (training.position, training.position.tally);
        Self {
            epochs: position.epochs,
            batches: position.batches,
            step: position.step,
            images: tally.images,
            correct: tally.correct,
            loss: tally.loss.to_bits(),
            seconds: training.seconds(),
            inputs: inputs.clone(),
        }
    }

    /// Gives `training` these numbers.
    pub(super) fn restore(&self, training: &mut Training<'_>) {
        training.optimiser.set_steps(self.step);
        training.position = Position {
            epochs: self.epochs,
            batches: self.batches,
            step: self.step,
            tally: Tally {
                images: self.images,
                loss: f64::from_bits(self.loss),
                correct: self.correct,
            },
            seconds: self.seconds,
        };
    }
}

/// Serialises a checkpoint of `training`; deterministic.
pub(crate) fn to_bytes(inputs: &TrainingInputs, training: &Training<'_>) -> Result<Vec<u8>> {
    let all = tensors(training)?;
    let record = Record::of(inputs, training);
    let record = serde_json::to_string(&record).map_err(Error::unserialisable)?;
    let named = all.iter();
    let sums = named.map(|(name, tensor)| (name.as_str(), crc32fast::hash(&View::data(&tensor))));
    let state = format!(
        "{VERSION} {:08x} {record}",
        checksum(&record, &sums.collect())
    );
    Ok(files::to_bytes(all, &[(KEY, state)])?)
}

/// Returns the tensors of the state of `training`, by name.
pub(super) fn tensors(training: &Training<'_>) -> Result<Vec<(String, Tensor)>> {
    let mut all = training.variables.tensors();
    all.extend(training.optimiser.moments()?);
    if let Some(average) = &training.average {
        for (name, average) in average.tensors() {
            all.push((format!("{AVERAGE}{name}"), average.clone()));
        }
    }
    Ok(all)
}

/// Sets the tensor `name` of the state of `training`, whose variables are `vars`.
pub(super) fn set(
    training: &mut Training<'_>,
    vars: &BTreeMap<String, Var>,
    name: &str,
    tensor: &Tensor,
) -> candle_core::Result<()> {
    if training.optimiser.restore(name, tensor)? {
        return Ok(());
    }
    if let Some(name) = name.strip_prefix(AVERAGE)
        && let Some(average) = &mut training.average
    {
        average.restore(name, tensor)?;
    } else if let Some(var) = vars.get(name) {
        var.set(&tensor.to_device(var.device())?)?;
    }
    Ok(())
}

/// Restores `training`, which has not begun, from the checkpoint `path` of a training with the same `inputs`.
///
/// Fails with [`Error::File`] if the file is damaged, of another version, or of other inputs; `training` is then unusable.
pub(crate) fn restore(
    path: &Path,
    config: &ExperimentConfig,
    inputs: &TrainingInputs,
    training: &mut Training<'_>,
) -> Result<()> {
    let problem = |problem: String| Error::file(path, problem);
    let outline = outline(config, training.average.is_some())?;
    let file = open(path, outline.len())?;
    let (wanted, text, record) = read(path, &file)?;
    if let Some(difference) = record.inputs.difference(inputs) {
        return Err(problem(format!("is of another training: {difference}")));
    }
    file.expect(&outline)?;
    let vars: BTreeMap<_, _> = training.variables.all().into_iter().collect();
    let mut sums = BTreeMap::new();
    file.read(|name, tensor, bytes| {
        sums.insert(name.to_owned(), crc32fast::hash(bytes));
        Ok(set(training, &vars, name, tensor)?)
    })?;
    let sums = sums.iter().map(|(name, sum)| (name.as_str(), *sum));
    if format!("{:08x}", checksum(&text, &sums.collect())) != wanted {
        return Err(problem(damaged(&"the checksum does not match")));
    }
    record.restore(training);
    Ok(())
}

/// Returns true if a checkpoint is of a training on the same images and labels.
pub(crate) fn has_data_of(path: &Path, inputs: &TrainingInputs) -> Result<bool> {
    let file = open(path, MAX_TENSORS)?;
    let (.., record) = read(path, &file)?;
    let ours = &record.inputs;
    Ok((ours.images, ours.data) == (inputs.images, inputs.data))
}

/// Opens a checkpoint of so many tensors.
fn open(path: &Path, tensors: usize) -> Result<Tensors> {
    let header = MAX_METADATA + HEADER_PER_TENSOR * tensors as u64;
    Tensors::open(path, header, u64::MAX)
}

/// Reads the metadata: the checksum, the record as text, and the record.
fn read(path: &Path, file: &Tensors) -> Result<(String, String, Record)> {
    let problem = |problem: String| Error::file(path, problem);
    let state = file
        .metadata(KEY)
        .ok_or_else(|| problem("is not a checkpoint of a training".to_owned()))?;
    let (version, rest) = state.split_once(' ').unwrap_or((state, ""));
    if version != VERSION.to_string() {
        return Err(problem(format!(
            "was written in version {version} of the format; expected version {VERSION}: train again, or finish the run with the \
             version of HoresNet that began it"
        )));
    }
    let (wanted, text) = rest.split_once(' ').unwrap_or_default();
    let record = serde_json::from_str(text).map_err(|error| problem(damaged(&error)))?;
    Ok((wanted.to_owned(), text.to_owned(), record))
}

/// Returns the names and shapes of the tensors of a checkpoint.
fn outline(config: &ExperimentConfig, averaged: bool) -> Result<BTreeMap<String, Shape>> {
    let weights = network::shapes(&config.network)?;
    let mut outline = weights.clone();
    for (name, shape) in weights {
        if is_trained(&name) {
            for moment in config.training.optimiser.moments() {
                outline.insert(format!("{moment}{name}"), shape.clone());
            }
        }
        if averaged {
            outline.insert(format!("{AVERAGE}{name}"), shape);
        }
    }
    Ok(outline)
}

/// Returns the checksum of a record and of the checksums of tensors.
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
            validation: None,
            test: part(7, 2),
        }
    }

    #[test]
    fn inputs_differ_in_settings_then_in_data() {
        let config = ExperimentConfig::default();
        let inputs = TrainingInputs::of(&config, &split(3, 1)).unwrap();
        let difference = |config: &ExperimentConfig, split: &Split| {
            inputs.difference(&TrainingInputs::of(config, split).unwrap())
        };
        assert_eq!(difference(&config, &split(3, 1)), None);
        assert_eq!(
            difference(&config, &split(4, 1)).unwrap(),
            "expected 3 training images, found 4"
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
