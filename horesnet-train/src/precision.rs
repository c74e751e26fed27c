//! The dtype between layers in training.

use candle_core::{DType, Result, Tensor};

use crate::choice::choice;

choice! {
    /// The dtype between layers in training. Weights, their gradients, the optimiser and tests stay in `f32`.
    ///
    /// ```
    /// use horesnet_train::Precision;
    ///
    /// assert_eq!("bf16".parse::<Precision>()?, Precision::Bf16);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    Precision, "precision" {
        /// The dtype of the weights.
        #[default]
        Full = "f32",
        /// 16 bits with the exponent of `f32`, so gradients need no scaling: half the memory between layers, and fast matrix
        /// units of GPUs. Norms, softmax and the classifier stay in `f32`.
        Bf16 = "bf16",
    }
}

/// Runs `layer` in `dtype` and returns its result in the dtype of `xs`.
pub(crate) fn in_dtype(
    xs: &Tensor,
    dtype: DType,
    layer: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    if xs.dtype() == dtype {
        return layer(xs);
    }
    layer(&xs.to_dtype(dtype)?)?.to_dtype(xs.dtype())
}
