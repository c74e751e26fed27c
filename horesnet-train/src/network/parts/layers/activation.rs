//! Activations.

use candle_core::{Result, Tensor};
use candle_nn::Module;

use crate::choice::choice;
use crate::network::parts::spec::ModuleSpec;

choice! {
    /// The non-linearity of a network, element by element.
    ///
    /// ```
    /// use candle_core::{Device, Tensor};
    /// use candle_nn::Module;
    /// use horesnet_train::Activation;
    ///
    /// let relu: Activation = "relu".parse()?;
    /// let xs = Tensor::new(&[-1.0, 2.0], &Device::Cpu)?;
    /// assert_eq!(relu.forward(&xs)?.to_vec1::<f64>()?, [0.0, 2.0]);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    Activation, "activation" {
        /// `max(x, 0)`.
        #[default]
        Relu = "relu",
        /// `x·Φ(x)` with the distribution function Φ of the standard normal (Hendrycks and Gimpel, arXiv 1606.08415).
        Gelu = "gelu",
        /// `x/(1 + e⁻ˣ)` (Elfwing, Uchibe, Doya, arXiv 1702.03118).
        Silu = "silu",
    }
}

impl Activation {
    pub(crate) fn spec(self) -> ModuleSpec {
        match self {
            Self::Relu => ModuleSpec::Relu,
            Self::Gelu => ModuleSpec::Gelu,
            Self::Silu => ModuleSpec::Silu,
        }
    }
}

impl Module for Activation {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        match self {
            Self::Relu => xs.relu(),
            Self::Gelu => xs.gelu_erf(),
            Self::Silu => xs.silu(),
        }
    }
}
