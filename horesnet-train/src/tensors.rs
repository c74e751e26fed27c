//! Files of named tensors in the safetensors format, read with every mismatch named.
//!
//! The header is held against what is expected before any tensor is read, so that a wrong file costs neither time nor
//! memory. A file carries one note, in its metadata: with two, their order would change from run to run.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Result as CandleResult, Shape, Tensor};
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensorError};

use crate::error::{Error, Result};
use crate::storage;

/// The file starts with the length of its header, 8 bytes little-endian.
const LENGTH: usize = 8;
/// A name, a type, a shape and two offsets take about 150 bytes.
pub(crate) const HEADER_PER_TENSOR: u64 = 512;
/// What the metadata and the padding may take.
const HEADER_REST: u64 = 64 << 10;

/// The bytes of a file of `tensors` with a note called `key`. The same values give the same bytes.
pub(crate) fn to_bytes(
    tensors: Vec<(String, Tensor)>,
    key: &str,
    note: String,
) -> CandleResult<Vec<u8>> {
    let metadata = HashMap::from([(key.to_owned(), note)]);
    Ok(safetensors::serialize(tensors, Some(metadata))?)
}

/// A file of which the header has been read.
pub(crate) struct Tensors {
    path: PathBuf,
    file: File,
    metadata: Metadata,
}

impl Tensors {
    /// Opens `path`, which has at most as many tensors and values as `outline`.
    pub(crate) fn open_for(path: &Path, outline: &BTreeMap<String, Shape>) -> Result<Self> {
        let values: usize = outline.values().map(Shape::elem_count).sum();
        let header = HEADER_PER_TENSOR * outline.len() as u64 + HEADER_REST;
        let limit = LENGTH as u64 + header + (values * size_of::<f32>()) as u64;
        Self::open(path, header, limit)
    }

    /// Opens `path`, of any length, if it has a header of at most `header` bytes.
    pub(crate) fn open(path: &Path, header: u64, limit: u64) -> Result<Self> {
        let (mut file, length) = storage::open(path, limit)?;
        let metadata =
            read_header(&mut file, length, header).map_err(|problem| Error::file(path, problem))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            metadata,
        })
    }

    /// The note called `key`.
    pub(crate) fn note(&self, key: &str) -> Option<&str> {
        Some(self.metadata.metadata().as_ref()?.get(key)?.as_str())
    }

    /// Fails unless the file holds what `outline` lists, name by name, and nothing else.
    pub(crate) fn expect(&self, outline: &BTreeMap<String, Shape>) -> Result<()> {
        fits(&self.metadata, outline).map_err(|problem| Error::file(&self.path, problem))
    }

    /// Reads the tensors one by one: their names, values and bytes. They must be as [`expect`](Self::expect) found them.
    pub(crate) fn read(
        mut self,
        mut each: impl FnMut(&str, &Tensor, &[u8]) -> Result<()>,
    ) -> Result<()> {
        for name in self.metadata.offset_keys() {
            let Some(info) = self.metadata.info(&name) else {
                continue;
            };
            let (start, end) = info.data_offsets;
            let mut bytes = vec![0; end.saturating_sub(start)];
            self.file
                .read_exact(&mut bytes)
                .map_err(Error::io("read", &self.path))?;
            let tensor = Tensor::from_raw_buffer(&bytes, DType::F32, &info.shape, &Device::Cpu)?;
            each(&name, &tensor, &bytes)?;
        }
        Ok(())
    }
}

/// What is said of a file that is not what its name says.
pub(crate) fn damaged(why: &dyn Display) -> String {
    format!("is not a safetensors file or is damaged: {why}")
}

/// The header, of at most `most` bytes, of a file of `length` bytes, or what is wrong with it.
pub(crate) fn read_header(file: &mut File, length: u64, most: u64) -> Result<Metadata, String> {
    let mut prefix = [0; LENGTH];
    file.read_exact(&mut prefix)
        .map_err(|error| damaged(&error))?;
    let rest = length.saturating_sub(LENGTH as u64);
    let header = u64::from_le_bytes(prefix);
    if header > rest.min(most) {
        return Err(damaged(&SafeTensorError::InvalidHeaderLength));
    }
    let mut bytes = vec![0; header as usize];
    file.read_exact(&mut bytes)
        .map_err(|error| damaged(&error))?;
    let metadata: Metadata = serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
    let data = metadata.data_len() as u64;
    if data != rest - header {
        let found = rest - header;
        return Err(damaged(&format!(
            "{found} bytes of weights in place of {data}"
        )));
    }
    Ok(metadata)
}

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
