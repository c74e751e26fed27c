//! `model.safetensors`: what a run has learned, for tests and for use elsewhere. The file says of which epoch it is.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Result as CandleResult, Shape, Tensor};

use crate::error::{Error, Result};
use crate::tensors::{self, Tensors};
use crate::variables::Variables;

/// The file's note.
const EPOCH: &str = "epoch";

/// The weights after `epoch`, batch-norm's running statistics included. The same values give the same bytes.
pub(crate) fn to_bytes(model: Vec<(String, Tensor)>, epoch: usize) -> CandleResult<Vec<u8>> {
    tensors::to_bytes(model, EPOCH, epoch.to_string())
}

/// The epoch and the variables of the file `path`, which must be those of `outline`.
pub(crate) fn read(
    path: &Path,
    outline: &BTreeMap<String, Shape>,
    seed: u64,
) -> Result<(usize, Variables)> {
    let file = Tensors::open_for(path, outline)?;
    file.expect(outline)?;
    let epoch = file
        .note(EPOCH)
        .and_then(|epoch| epoch.parse().ok())
        .ok_or_else(|| Error::file(path, "does not say of which epoch its weights are"))?;
    let variables = Variables::seeded(seed);
    file.read(|name, tensor, _| Ok(variables.insert(name.to_owned(), tensor)?))?;
    Ok((epoch, variables))
}
