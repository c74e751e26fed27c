//! The residual functions of a block: one per stage, or one for all.

use candle_core::{Result, Tensor, bail};
use candle_nn::ModuleT;

use super::nesting::residual;
use crate::autograd::{Coefficient, Operand, combine_learned};
use crate::coefficients::Step;

/// The residual functions of a block of `N` stages: one each (a network), or one for all (a step of an ODE).
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::Stages;
/// use horesnet::candle_core::{Device, Result, Tensor};
///
/// # fn main() -> Result<()> {
/// let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
/// let double = |y: &Tensor| y * 2.0;
/// let stages = Stages::<_, 4>::Shared(double);
/// let k1 = stages.call(0, &x, false)?;
/// assert_eq!(k1.tensor().to_vec1::<f64>()?, [2.0, 4.0]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub enum Stages<F, const N: usize> {
    /// `k_i = F_i(…)`, each with weights of its own.
    Separate([F; N]),
    /// `k_i = F(…)`.
    Shared(F),
}

impl<F, const N: usize> Stages<F, N> {
    /// Calls `make(i)` for each stage in turn, `i` counting from 0.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::Stages;
    /// use horesnet::candle_core::{DType, Device, Result};
    /// use horesnet::candle_nn::{VarBuilder, VarMap, linear};
    ///
    /// # fn main() -> Result<()> {
    /// let weights = VarMap::new();
    /// let vb = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
    /// let stages = Stages::<_, 4>::build(|i| linear(8, 8, vb.pp(i)))?;
    /// assert!(matches!(stages, Stages::Separate(_)));
    /// assert_eq!(weights.all_vars().len(), 8);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of `make`, which is not called again after it.
    pub fn build(mut make: impl FnMut(usize) -> Result<F>) -> Result<Self> {
        let mut stages = Vec::with_capacity(N);
        for i in 0..N {
            stages.push(make(i)?);
        }
        match stages.try_into() {
            Ok(stages) => Ok(Self::Separate(stages)),
            Err(_) => bail!("a block of {N} stages needs {N} residual functions"),
        }
    }

    /// Returns true if the estimate of the error adjusts the step `h`.
    ///
    /// # Errors
    /// If it does and the residual functions are separate: the weights' difference over unrelated functions estimates
    /// nothing.
    pub fn adapt(&self, h: &Step) -> Result<bool> {
        match (h.control(), self) {
            (None, _) => Ok(false),
            (Some(_), Self::Shared(_)) => Ok(true),
            (Some((_, tableau)), Self::Separate(_)) => bail!(
                "adaptive coefficients are for blocks with one residual function for all stages, made with `shared`: \
                 over separate functions the two rows of weights of {} estimate no error",
                tableau.name()
            ),
        }
    }
}

impl<F: ModuleT, const N: usize> Stages<F, N> {
    /// `k_i = F_i(x + Σ cⱼkⱼ)`. `i` counts from 0.
    ///
    /// # Errors
    /// Errors of the residual function and of the combination; a stage without a residual function.
    pub fn evaluate(
        &self,
        i: usize,
        x: &Operand,
        terms: &[(Coefficient, &Operand)],
        train: bool,
    ) -> Result<Operand> {
        match terms {
            [] => self.call(i, x.tensor(), train),
            _ => self.call(i, &combine_learned(x, terms)?, train),
        }
    }

    /// Evaluates `F_i(y)`, with `i` from 0, as an operand of later combinations. A residual function that is itself a block
    /// contributes its increment, `output − input`.
    ///
    /// # Errors
    /// Errors of the residual function; a result without a floating-point dtype; a stage without a residual function.
    pub fn call(&self, i: usize, y: &Tensor, train: bool) -> Result<Operand> {
        let f = match self {
            Self::Shared(f) => f,
            Self::Separate(fs) => match fs.get(i) {
                Some(f) => f,
                None => bail!(
                    "stage {} has no residual function: this block has {N}; blocks made with `shared` can estimate errors",
                    i + 1
                ),
            },
        };
        Operand::new(residual(f, y, train)?)
    }
}
