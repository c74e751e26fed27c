//! A tensor prepared for combinations.

use candle_core::{DType, Device, Error, Result, Tensor, bail};

use super::GradNode;

/// A tensor that takes part in combinations: the input of a block or the value of a stage.
///
/// Make one operand of a tensor and use it in every combination that needs it: its gradients from all of them
/// are then summed in one pass. A clone is the same operand.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::Operand;
/// use horesnet::candle_core::{Device, Result, Tensor};
///
/// # fn main() -> Result<()> {
/// let x = Operand::new(Tensor::zeros((2, 3), candle_core::DType::F32, &Device::Cpu)?)?;
/// assert_eq!(x.tensor().dims(), [2, 3]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Operand {
    tensor: Tensor,
    grad_node: Option<GradNode>,
}

impl Operand {
    /// Makes a tensor of any shape and layout ready for combinations.
    ///
    /// # Errors
    ///
    /// If the dtype is not one of `f32`, `f64`, `bf16` and `f16`, or the tensor is on a GPU and the feature `cuda` is off,
    /// or it is on Metal.
    pub fn new(tensor: Tensor) -> Result<Self> {
        let dtype = tensor.dtype();
        if !matches!(dtype, DType::F32 | DType::F64 | DType::BF16 | DType::F16) {
            return Err(Error::UnsupportedDTypeForOp(dtype, "combine").bt());
        }
        match tensor.device() {
            Device::Cuda(_) if cfg!(not(feature = "cuda")) => {
                bail!("a combination on a GPU needs the feature `cuda` of horesnet")
            }
            Device::Metal(_) => {
                bail!(
                    "expected a tensor on the CPU or an NVIDIA GPU for a combination, found one on Metal"
                )
            }
            Device::Cpu | Device::Cuda(_) => {}
        }
        let grad_node = GradNode::of(&tensor)?;
        Ok(Self { tensor, grad_node })
    }

    /// The tensor itself.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    pub(super) fn grad_node(&self) -> Option<&GradNode> {
        self.grad_node.as_ref()
    }
}
