//! The residual functions of a block: one for each stage, or one for all.

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;

use crate::combine::{Operand, combine};
use crate::nested::residual;

/// One residual function a stage (a network), or one for all (an ODE step).
#[derive(Clone, Debug)]
pub enum Stages<F, const N: usize> {
    /// `k_i = F_i(…)`, each with weights of its own.
    Separate([F; N]),
    /// `k_i = F(…)`.
    Shared(F),
}

impl<F, const N: usize> Stages<F, N> {
    /// Calls `make(i)` for each stage in turn; the first error ends it.
    pub fn build(mut make: impl FnMut(usize) -> Result<F>) -> Result<Self> {
        let mut stages = Vec::with_capacity(N);
        for i in 0..N {
            stages.push(make(i)?);
        }
        match stages.try_into() {
            Ok(stages) => Ok(Self::Separate(stages)),
            Err(_) => candle_core::bail!("a block of {N} stages needs {N} residual functions"),
        }
    }
}

impl<F: ModuleT, const N: usize> Stages<F, N> {
    /// `k_i = F_i(x + Σ cⱼkⱼ)`. `i` counts from 0.
    ///
    /// # Errors
    /// Those of the residual function and of the combination; `i` past the residual functions there are.
    pub fn evaluate(
        &self,
        i: usize,
        x: &Operand,
        terms: &[(f64, &Operand)],
        train: bool,
    ) -> Result<Operand> {
        match terms {
            [] => self.call(i, x.tensor(), train),
            _ => self.call(i, &combine(x, terms)?, train),
        }
    }

    /// `F_i(y)` as an operand of the combinations to come. `i` counts from 0.
    pub fn call(&self, i: usize, y: &Tensor, train: bool) -> Result<Operand> {
        let f = match self {
            Self::Shared(f) => f,
            Self::Separate(fs) => match fs.get(i) {
                Some(f) => f,
                None => candle_core::bail!(
                    "stage {} has no residual function: this block has {N}; blocks made with `shared` can estimate errors",
                    i + 1
                ),
            },
        };
        Operand::new(residual(f, y, train)?)
    }
}
