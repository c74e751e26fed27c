//! The weights after an epoch as a safetensors file, and back with every mismatch named.
//!
//! The file says of which epoch it is. Its header is held against the network's outline before any weight is read, so
//! that a wrong file costs neither time nor memory.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use candle_core::{Device, Result as CandleResult, Shape, Tensor};
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensorError};

use crate::error::{Error, Result};
use crate::storage;
use crate::variables::Variables;

/// The only entry of the file's metadata: with two, the order would change from run to run.
const EPOCH: &str = "epoch";

/// The file starts with the length of its header, 8 bytes little-endian.
const LENGTH: usize = 8;
/// A name, a type, a shape and two offsets take about 150 bytes.
const HEADER_PER_TENSOR: u64 = 512;
/// What the metadata and the padding may take.
const HEADER_REST: u64 = 4096;

/// All variables after `epoch`, batch-norm's running statistics included. The same values give the same bytes.
pub(crate) fn to_bytes(variables: &Variables, epoch: usize) -> CandleResult<Vec<u8>> {
    let tensors = variables
        .all()
        .into_iter()
        .map(|(name, var)| (name, var.into_inner()));
    let metadata = HashMap::from([(EPOCH.to_owned(), epoch.to_string())]);
    Ok(safetensors::serialize(tensors, Some(metadata))?)
}

/// The epoch and the variables of the file `path`, which must be those of `outline`.
pub(crate) fn read(
    path: &Path,
    outline: &BTreeMap<String, Shape>,
    seed: u64,
) -> Result<(usize, Variables)> {
    let values: usize = outline.values().map(Shape::elem_count).sum();
    let header = HEADER_PER_TENSOR * outline.len() as u64 + HEADER_REST;
    let limit = LENGTH as u64 + header + (values * size_of::<f32>()) as u64;
    let (mut file, length) = storage::open(path, limit)?;
    let metadata = read_header(&mut file, length)
        .and_then(|metadata| fits(&metadata, outline).map(|()| metadata))
        .map_err(|problem| Error::file(path, problem))?;
    let epoch = epoch_of(&metadata).map_err(|problem| Error::file(path, problem))?;
    let variables = Variables::seeded(seed);
    for name in metadata.offset_keys() {
        let Some(shape) = outline.get(&name) else {
            continue;
        };
        let mut bytes = vec![0; shape.elem_count() * size_of::<f32>()];
        file.read_exact(&mut bytes)
            .map_err(Error::io("read", path))?;
        let tensor =
            Tensor::from_raw_buffer(&bytes, candle_core::DType::F32, shape.dims(), &Device::Cpu)?;
        variables.insert(name, &tensor)?;
    }
    Ok((epoch, variables))
}

/// The header of a file of `length` bytes, or what is wrong with it.
pub(crate) fn read_header(file: &mut File, length: u64) -> Result<Metadata, String> {
    let damaged =
        |why: &dyn std::fmt::Display| format!("is not a safetensors file or is damaged: {why}");
    let mut prefix = [0; LENGTH];
    file.read_exact(&mut prefix)
        .map_err(|error| damaged(&error))?;
    let rest = length.saturating_sub(LENGTH as u64);
    let header = u64::from_le_bytes(prefix);
    if header > rest {
        return Err(damaged(&SafeTensorError::InvalidHeaderLength));
    }
    let mut bytes = vec![0; header as usize];
    file.read_exact(&mut bytes)
        .map_err(|error| damaged(&error))?;
    let metadata: Metadata = serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
    let data = metadata.data_len() as u64;
    if data != rest - header {
        return Err(damaged(&format!(
            "{} bytes of weights in place of {data}",
            rest - header
        )));
    }
    Ok(metadata)
}

/// Whether the file holds what the network has, name by name, and nothing else.
fn fits(metadata: &Metadata, outline: &BTreeMap<String, Shape>) -> Result<(), String> {
    for (name, shape) in outline {
        let info = metadata
            .info(name)
            .ok_or_else(|| format!("does not fit config.json: it lacks `{name}`"))?;
        if (info.dtype, info.shape.as_slice()) != (Dtype::F32, shape.dims()) {
            return Err(format!(
                "does not fit config.json: `{name}` is {:?} {:?} in place of F32 {:?}",
                info.dtype,
                info.shape,
                shape.dims(),
            ));
        }
    }
    let names = metadata.offset_keys();
    match names.iter().find(|name| !outline.contains_key(*name)) {
        Some(name) => Err(format!(
            "does not fit config.json: the network has no `{name}`"
        )),
        None => Ok(()),
    }
}

/// The epoch the file says it is of.
fn epoch_of(metadata: &Metadata) -> Result<usize, String> {
    metadata
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(EPOCH)?.parse().ok())
        .ok_or_else(|| "does not say of which epoch its weights are".to_owned())
}
