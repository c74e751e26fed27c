//! Variables as the bytes of a safetensors file, and back with every mismatch named.

use candle_core::{Device, Result as CandleResult, safetensors::load_buffer};

use crate::variables::Variables;

/// All variables, batch-norm's running statistics included. The same values give the same bytes.
pub(crate) fn to_bytes(variables: &Variables) -> CandleResult<Vec<u8>> {
    let tensors = variables
        .all()
        .into_iter()
        .map(|(name, var)| (name, var.into_inner()));
    Ok(safetensors::serialize(tensors, None)?)
}

/// Sets `variables` to what `bytes` hold, all of them or, with the reason, none.
pub(crate) fn from_bytes(variables: &Variables, bytes: &[u8]) -> Result<(), String> {
    let mut tensors = load_buffer(bytes, &Device::Cpu)
        .map_err(|error| format!("is not a safetensors file or is damaged: {error}"))?;
    let mut pairs = Vec::new();
    for (name, var) in variables.all() {
        let tensor = tensors
            .remove(&name)
            .ok_or_else(|| format!("does not fit config.json: it lacks `{name}`"))?;
        if (tensor.dtype(), tensor.dims()) != (var.dtype(), var.dims()) {
            return Err(format!(
                "does not fit config.json: `{name}` is {:?} {:?} in place of {:?} {:?}",
                tensor.dtype(),
                tensor.dims(),
                var.dtype(),
                var.dims(),
            ));
        }
        pairs.push((var, tensor));
    }
    if let Some(name) = tensors.keys().min() {
        return Err(format!(
            "does not fit config.json: the network has no `{name}`"
        ));
    }
    for (var, tensor) in pairs {
        var.set(&tensor).map_err(|error| error.to_string())?;
    }
    Ok(())
}
