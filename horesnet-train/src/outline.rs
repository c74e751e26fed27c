//! The tensors of a network, by name and shape, found without the memory they take.
//!
//! The network is built as always, but each of its weights is one zero, repeated.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Result as CandleResult, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

use crate::error::Result;
use crate::network::{Describe, NetworkConfig};

/// What a network asks of its builder.
#[derive(Clone, Default)]
pub(crate) struct Outline {
    shapes: Arc<Mutex<BTreeMap<String, Shape>>>,
}

impl Outline {
    /// The shapes of all tensors of a network, batch-norm's running statistics included.
    ///
    /// Fails as [`Describe::validate`] does.
    pub(crate) fn of(config: &NetworkConfig) -> Result<BTreeMap<String, Shape>> {
        let outline = Self::default();
        let backend = Box::new(outline.clone());
        config.build(VarBuilder::from_backend(backend, DType::F32, Device::Cpu))?;
        let mut shapes = outline
            .shapes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *shapes))
    }
}

impl SimpleBackend for Outline {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> CandleResult<Tensor> {
        let zero = Tensor::zeros((), dtype, device)?.broadcast_as(&shape)?;
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        shapes.insert(name.to_owned(), shape);
        Ok(zero)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> CandleResult<Tensor> {
        candle_core::bail!("{name} has no shape in an outline: ask for it with one")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}
