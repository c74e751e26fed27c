//! The type of the numbers between the layers of a network that is trained.

use candle_core::{DType, Result, Tensor};

use crate::choice::choice;

choice! {
    /// The type of the numbers that go from layer to layer in training. Weights, their gradients and the optimiser stay in
    /// `f32`, and so do tests.
    ///
    /// ```
    /// use horesnet_train::Precision;
    ///
    /// assert_eq!("bf16".parse::<Precision>()?, Precision::Bf16);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    Precision, "precision" {
        /// That of the weights.
        #[default]
        Full = "f32",
        /// 16 bits with the exponent of an `f32`, so that gradients need no scaling: half the memory between layers, and the
        /// fast matrix units of GPUs. Norms, softmax and the classifier work in `f32`.
        Bf16 = "bf16",
    }
}

/// Runs `layer` in `dtype` and gives its result in the type of `xs`.
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
