//! `model.safetensors`: the weights of a run and the epoch they are of.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Result as CandleResult, Shape, Tensor};

use crate::error::{Error, Result};
use crate::files::tensors::{self, Tensors};
use crate::network::variables::Variables;

/// The key of the epoch in the metadata.
const EPOCH: &str = "epoch";

/// Serialises the weights after `epoch`, running statistics of batch norm included; deterministic.
pub(crate) fn to_bytes(model: Vec<(String, Tensor)>, epoch: usize) -> CandleResult<Vec<u8>> {
    tensors::to_bytes(model, &[(EPOCH, epoch.to_string()), tensors::version()])
}

/// Reads the epoch and the variables of the file `path`, which must match `outline`.
pub(crate) fn read(
    path: &Path,
    outline: &BTreeMap<String, Shape>,
    seed: u64,
) -> Result<(usize, Variables)> {
    let file = Tensors::open_for(path, outline)?;
    file.expect(outline)?;
    file.expect_metadata(&[EPOCH])?;
    let epoch = file
        .metadata(EPOCH)
        .and_then(|epoch| epoch.parse().ok())
        .ok_or_else(|| Error::file(path, "lacks the epoch of its weights in its metadata"))?;
    let variables = Variables::seeded(seed);
    file.read(|name, tensor, _| Ok(variables.insert(name.to_owned(), tensor)?))?;
    Ok((epoch, variables))
}
