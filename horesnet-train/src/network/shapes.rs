//! The names and shapes of a network's tensors, found by building it without numbers.
//!
//! All else that is said of parameters follows from them: counts, limits, and what a file of weights must hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

/// Records names and shapes; each tensor is one zero, repeated.
#[derive(Clone, Default)]
pub(crate) struct Shapes(Arc<Mutex<BTreeMap<String, Shape>>>);

impl Shapes {
    /// A builder whose tensors are recorded here.
    pub(crate) fn builder(&self) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), DType::F32, Device::Cpu)
    }

    /// The shapes of all tensors so far, running statistics included.
    pub(crate) fn take(&self) -> BTreeMap<String, Shape> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SimpleBackend for Shapes {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let zero = Tensor::zeros((), dtype, device)?.broadcast_as(&shape)?;
        let mut shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shapes.insert(name.to_owned(), shape);
        Ok(zero)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        candle_core::bail!("{name} has no shape: ask for it with one")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}
