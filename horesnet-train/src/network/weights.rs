//! Weights as plain safetensors files, exchanged with other programs. Errors list every name that does not fit.
//!
//! Names and shapes are those of `PyTorch` for the same layers, so its `load_state_dict` reads these files, and its files are read
//! here.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Shape};
use safetensors::Dtype;
use safetensors::tensor::Metadata;

use crate::error::{Error, Result};
use crate::files::storage;
use crate::files::tensors::Tensors;
use crate::network::variables::Variables;
use crate::network::{self, Describe, Network, NetworkConfig};

/// The types that are read.
const FLOATS: [Dtype; 4] = [Dtype::F32, Dtype::F64, Dtype::F16, Dtype::BF16];
/// The number of batches a normalisation has seen, which `PyTorch` saves; it is ignored.
const COUNTER: &str = "num_batches_tracked";
/// Bytes of the widest number that is read.
const WIDEST: u64 = size_of::<f64>() as u64;
/// Most bytes of header and counters for each tensor.
const PER_TENSOR: u64 = 1024;

/// Writes all of `variables`, running statistics included, to the safetensors file `path`, which is replaced.
///
/// ```
/// use candle_core::{DType, Device};
/// use horesnet_train::{Describe, NetworkConfig, Variables, load_weights, save_weights};
///
/// let (config, variables) = (NetworkConfig::default(), Variables::seeded(7));
/// config.build(variables.builder(DType::F32, &Device::Cpu))?;
/// let folder = std::env::temp_dir();
/// let path = folder.join(format!("horesnet-{}.safetensors", std::process::id()));
/// save_weights(&path, &variables)?;
/// let (network, same) = load_weights(&path, &config)?;
/// assert_eq!(same.parameters(), variables.parameters());
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), horesnet_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] if it cannot be written.
pub fn save_weights(path: impl AsRef<Path>, variables: &Variables) -> Result<()> {
    let bytes = safetensors::serialize(variables.tensors(), None)
        .map_err(|error| Error::file(path.as_ref(), format!("cannot be made: {error}")))?;
    storage::replace(path.as_ref(), &bytes)
}

/// Loads the network of `config` with the weights of the safetensors file `path`, and its variables.
///
/// The file may come from this crate or `PyTorch`; `f64`, `f16` and `bf16` become `f32`.
///
/// # Errors
/// [`Error::File`] if it is no such file, or does not hold exactly the network's weights; the message lists every name that is
/// missing, unknown or of another shape.
pub fn load_weights(
    path: impl AsRef<Path>,
    config: &NetworkConfig,
) -> Result<(Box<dyn Network>, Variables)> {
    load(path.as_ref(), config, &Device::Cpu)
}

/// [`load_weights`] on a device.
pub(crate) fn load(
    path: &Path,
    config: &NetworkConfig,
    device: &Device,
) -> Result<(Box<dyn Network>, Variables)> {
    let variables = variables(path, config)?;
    let network = config.build(variables.builder(DType::F32, device))?;
    Ok((network, variables))
}

/// The variables alone, on the CPU.
pub(crate) fn variables(path: &Path, config: &NetworkConfig) -> Result<Variables> {
    let shapes = &network::shapes(config)?;
    let values: usize = shapes.values().map(Shape::elem_count).sum();
    let limit = WIDEST * values as u64 + PER_TENSOR * (shapes.len() as u64 + 8);
    let file = Tensors::open(path, limit, limit)?;
    if let Some(problem) = misfit(&file.header, shapes) {
        return Err(Error::file(path, problem));
    }
    let variables = Variables::seeded(0);
    file.read(|name, tensor, _| {
        if shapes.contains_key(name) {
            variables.insert(name.to_owned(), &tensor.to_dtype(DType::F32)?)?;
        }
        Ok(())
    })?;
    Ok(variables)
}

/// The names that are missing, unknown or of another shape or type, if any.
fn misfit(metadata: &Metadata, shapes: &BTreeMap<String, Shape>) -> Option<String> {
    let (mut missing, mut other, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (name, shape) in shapes {
        match metadata.info(name) {
            None => missing.push(format!("`{name}`")),
            Some(info) if !FLOATS.contains(&info.dtype) || info.shape != shape.dims() => {
                let (dtype, found, shape) = (info.dtype, &info.shape, shape.dims());
                other.push(format!(
                    "`{name}` ({dtype:?} {found:?} in place of F32 {shape:?})"
                ));
            }
            Some(_) => {}
        }
    }
    for name in metadata.offset_keys() {
        if !shapes.contains_key(&name) && !name.ends_with(COUNTER) {
            unknown.push(format!("`{name}`"));
        }
    }
    let problems: Vec<String> = [
        ("it lacks", missing),
        ("of another shape or type are", other),
        ("the network has no", unknown),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(problem, names)| format!("{problem} {}", names.join(", ")))
    .collect();
    (!problems.is_empty()).then(|| format!("does not fit the network: {}", problems.join("; ")))
}
