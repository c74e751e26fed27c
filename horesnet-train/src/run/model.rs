//! `model.safetensors`: the weights of a run and the epoch they are of.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Shape, Tensor};

use super::own_schemes;
use crate::data::ModelInfo;
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::files::tensors::{self, Tensors, damaged};
use crate::network::variables::Variables;
use crate::network::{Describe, Tableaux};

/// The key of the epoch in the metadata.
const EPOCH: &str = "epoch";

/// The key of the [`ModelInfo`] in the metadata, as JSON.
const INFO: &str = "model";

/// The key of the [`Tableaux`] in the metadata, as JSON.
const TABLEAUX: &str = "tableaux";

/// Serialises the weights of `config` after `epoch`, running statistics of batch norm included; deterministic.
pub(crate) fn to_bytes(
    model: Vec<(String, Tensor)>,
    epoch: usize,
    config: &ExperimentConfig,
) -> Result<Vec<u8>> {
    let mut metadata = vec![(EPOCH, epoch.to_string()), tensors::version()];
    if let Some(info) = &config.model {
        let info = serde_json::to_string(info).map_err(Error::unserialisable)?;
        metadata.push((INFO, info));
    }
    let tableaux = config.network.tableaux();
    if !tableaux.is_empty() {
        let tableaux = serde_json::to_string(tableaux).map_err(Error::unserialisable)?;
        metadata.push((TABLEAUX, tableaux));
    }
    Ok(tensors::to_bytes(model, &metadata)?)
}

/// Reads the epoch of the file `path`, whose weights must match `outline`.
pub(crate) fn epoch(path: &Path, outline: &BTreeMap<String, Shape>) -> Result<usize> {
    let file = Tensors::open_for(path, outline)?;
    file.expect(outline)?;
    epoch_in(path, &file)
}

fn epoch_in(path: &Path, file: &Tensors) -> Result<usize> {
    let epoch = file.metadata(EPOCH).and_then(|epoch| epoch.parse().ok());
    epoch.ok_or_else(|| Error::file(path, "lacks the epoch of its weights in its metadata"))
}

/// Reads the epoch and the variables of the file `path`, which must match `outline` and the tableaux of `config`, and its images
/// and classes if it says of which it is.
pub(crate) fn read(
    path: &Path,
    outline: &BTreeMap<String, Shape>,
    config: &ExperimentConfig,
) -> Result<(usize, Variables)> {
    let file = Tensors::open_for(path, outline)?;
    file.expect(outline)?;
    file.expect_metadata(&[EPOCH, INFO, TABLEAUX])?;
    let epoch = epoch_in(path, &file)?;
    if let Some((text, info)) = file.metadata(INFO).zip(config.model.as_ref()) {
        let saved: ModelInfo =
            serde_json::from_str(text).map_err(|error| Error::file(path, damaged(&error)))?;
        if saved != *info {
            let other = info.other_classes(&saved.label_names);
            let other = other.unwrap_or_else(|| "its images are normalised differently".to_owned());
            let problem = format!("does not match config.json: {other}");
            return Err(Error::file(path, problem));
        }
    }
    let saved = file.metadata(TABLEAUX).unwrap_or("{}");
    let saved: Tableaux =
        serde_json::from_str(saved).map_err(|error| Error::file(path, damaged(&error)))?;
    if let Some(difference) = own_schemes::difference(&saved, config.network.tableaux()) {
        let problem = format!("does not match config.json: {difference}");
        return Err(Error::file(path, problem));
    }
    let variables = Variables::seeded(config.training.seed);
    file.read(|name, tensor, _| Ok(variables.insert(name.to_owned(), tensor)?))?;
    Ok((epoch, variables))
}
