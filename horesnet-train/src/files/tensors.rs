//! Files of named tensors in the safetensors format.
//!
//! The header is compared with the expected names and shapes before any tensor is read, so that a wrong file costs neither
//! time nor memory.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use candle_core::{Device, Result as CandleResult, Shape, Tensor};
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensorError};

use crate::error::{Error, Result};
use crate::files::storage;
use crate::files::version::VERSION;

/// Bytes of the length of the header, little-endian, at the start of a file.
const LENGTH: usize = 8;
/// A name, a type, a shape and two offsets take about 150 bytes.
pub(crate) const HEADER_PER_TENSOR: u64 = 512;
/// Bound on metadata, which may hold tableaux, and padding.
const HEADER_REST: u64 = 1 << 20;

/// Serialises `tensors` with `metadata`; deterministic, unlike `safetensors` with two keys of metadata or more.
pub(crate) fn to_bytes(
    tensors: Vec<(String, Tensor)>,
    metadata: &[(&str, String)],
) -> CandleResult<Vec<u8>> {
    let bytes = safetensors::serialize(tensors, None)?;
    let (length, rest) = bytes.split_at_checked(LENGTH).unwrap_or_default();
    let length = length.try_into().map_or(0, u64::from_le_bytes) as usize;
    let (header, data) = rest.split_at_checked(length).unwrap_or_default();
    let metadata: BTreeMap<_, _> = metadata.iter().cloned().collect();
    let metadata = serde_json::to_string(&metadata).map_err(candle_core::Error::wrap)?;
    let header = header.trim_ascii().get(1..).unwrap_or_default();
    let comma = if header == b"}" { "" } else { "," };
    let start = format!("{{\"__metadata__\":{metadata}{comma}");
    // Padded so that the data is aligned, as `safetensors` does.
    let length = (start.len() + header.len()).next_multiple_of(LENGTH);
    let mut file = Vec::with_capacity(LENGTH + length + data.len());
    file.extend((length as u64).to_le_bytes());
    file.extend(start.as_bytes());
    file.extend(header);
    file.resize(LENGTH + length, b' ');
    file.extend(data);
    Ok(file)
}

/// Returns the entry of metadata that tells which version wrote a file.
pub(crate) fn version() -> (&'static str, String) {
    ("version", VERSION.to_owned())
}

/// A file whose header has been read.
pub(crate) struct Tensors {
    path: PathBuf,
    file: File,
    pub(crate) header: Metadata,
}

impl Tensors {
    /// Opens `path`, limited to the tensors and values of `outline`.
    pub(crate) fn open_for(path: &Path, outline: &BTreeMap<String, Shape>) -> Result<Self> {
        let values: usize = outline.values().map(Shape::elem_count).sum();
        let header = HEADER_PER_TENSOR * outline.len() as u64 + HEADER_REST;
        let limit = LENGTH as u64 + header + (values * size_of::<f32>()) as u64;
        Self::open(path, header, limit)
    }

    /// Opens `path`, of at most `limit` bytes with a header of at most `header` bytes.
    pub(crate) fn open(path: &Path, header: u64, limit: u64) -> Result<Self> {
        let (mut file, length) = storage::open(path, limit)?;
        let header = read_header(&mut file, length, header);
        Ok(Self {
            path: path.to_owned(),
            file,
            header: header.map_err(|problem| Error::file(path, problem))?,
        })
    }

    /// Returns the entry `key` of the metadata.
    pub(crate) fn metadata(&self, key: &str) -> Option<&str> {
        Some(self.header.metadata().as_ref()?.get(key)?.as_str())
    }

    /// Returns the version that wrote the file, if it says another than this.
    fn other_version(&self) -> Option<&str> {
        let version = self.metadata("version");
        version.filter(|version| *version != VERSION)
    }

    /// Fails if this version, or one before versions were written, would not have written the keys of the metadata.
    pub(crate) fn expect_metadata(&self, keys: &[&str]) -> Result<()> {
        let entries = self.header.metadata().iter().flatten();
        match { entries }.find(|(key, _)| *key != "version" && !keys.contains(&key.as_str())) {
            Some((key, _)) if self.other_version().is_none() => {
                let problem = format!("is damaged: unknown metadata {key:?}");
                Err(Error::file(&self.path, problem))
            }
            _ => Ok(()),
        }
    }

    /// Fails unless the file holds what `outline` lists, name by name, and nothing else.
    pub(crate) fn expect(&self, outline: &BTreeMap<String, Shape>) -> Result<()> {
        fits(&self.header, outline).map_err(|problem| {
            let version = self.other_version().map_or_else(String::new, |version| {
                format!("; it was written by version {version} of HoresNet, this is {VERSION}")
            });
            let problem = format!("does not match config.json: {problem}{version}");
            Error::file(&self.path, problem)
        })
    }

    /// Reads the names, values and bytes of the tensors one by one, but for those of types that candle does not have.
    pub(crate) fn read(
        mut self,
        mut each: impl FnMut(&str, &Tensor, &[u8]) -> Result<()>,
    ) -> Result<()> {
        for name in self.header.offset_keys() {
            let Some(info) = self.header.info(&name) else {
                continue;
            };
            let (start, end) = info.data_offsets;
            let mut bytes = vec![0; end.saturating_sub(start)];
            self.file
                .read_exact(&mut bytes)
                .map_err(Error::io("read", &self.path))?;
            if let Ok(dtype) = info.dtype.try_into() {
                let tensor = Tensor::from_raw_buffer(&bytes, dtype, &info.shape, &Device::Cpu)?;
                each(&name, &tensor, &bytes)?;
            }
        }
        Ok(())
    }
}

/// Returns the message about a file that is not safetensors.
pub(crate) fn damaged(why: &dyn Display) -> String {
    format!("is not a safetensors file or is damaged: {why}")
}

/// Reads the header, of at most `most` bytes, of a file of `length` bytes; fails with the problem.
fn read_header(file: &mut File, length: u64, most: u64) -> Result<Metadata, String> {
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
            .ok_or_else(|| format!("it lacks `{name}`"))?;
        if (info.dtype, info.shape.as_slice()) != (Dtype::F32, shape.dims()) {
            let (dtype, found, shape) = (info.dtype, &info.shape, shape.dims());
            return Err(format!(
                "expected `{name}` of F32 {shape:?}, found {dtype:?} {found:?}"
            ));
        }
    }
    let names = metadata.offset_keys();
    match names.iter().find(|name| !outline.contains_key(*name)) {
        Some(name) => Err(format!("the network has no `{name}`")),
        None => Ok(()),
    }
}
