//! The residual functions of a block: one per stage, or one for all.

use candle_core::{Result, Tensor, bail};
use candle_nn::ModuleT;

use super::nesting::residual;
use super::{Evaluation, OutputKind};
use crate::autograd::Operand;
use crate::coefficients::Step;

/// The residual functions of a block of `N` stages: one each (a network), or one for all (a step of an ODE).
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
}

impl<F: ModuleT, const N: usize> Stages<F, N> {
    /// Starts an evaluation at `x`.
    ///
    /// # Errors
    /// If `x` cannot be an [`Operand`]; adaptive coefficients with separate residual functions.
    pub fn at<'a>(
        &'a self,
        h: &'a Step<'a>,
        x: &Tensor,
        train: bool,
        output: OutputKind<'a>,
    ) -> Result<Evaluation<'a, F>> {
        Evaluation::new(self.functions(), h, x, train, output)
    }

    /// Evaluates `F_i(y)`, with `i` counted from 1, as an operand for later combinations.
    ///
    /// A residual function that is itself a block contributes its increment, `output − input`.
    ///
    /// # Errors
    /// Errors of the residual function; a result without a floating-point dtype; a stage without a residual function.
    pub fn call(&self, i: usize, y: &Tensor, train: bool) -> Result<Operand> {
        Operand::new(self.evaluate(i, y, train)?)
    }

    /// Evaluates `F_i(y)` as [`call`](Self::call) does.
    ///
    /// # Errors
    /// Errors of the residual function; a stage without a residual function.
    pub fn evaluate(&self, i: usize, y: &Tensor, train: bool) -> Result<Tensor> {
        self.functions().call(i, y, train)
    }

    fn functions(&self) -> Functions<'_, F> {
        match self {
            Self::Separate(fs) => Functions::Separate(fs),
            Self::Shared(f) => Functions::Shared(f),
        }
    }
}

/// Borrowed residual functions of any number of stages.
#[derive(Debug)]
pub(super) enum Functions<'a, F> {
    Separate(&'a [F]),
    Shared(&'a F),
}

impl<F: ModuleT> Functions<'_, F> {
    /// See [`Stages::evaluate`].
    pub(super) fn call(&self, i: usize, y: &Tensor, train: bool) -> Result<Tensor> {
        let f = match *self {
            Self::Shared(f) => f,
            Self::Separate(fs) => match i.checked_sub(1).and_then(|i| fs.get(i)) {
                Some(f) => f,
                None => bail!(
                    "stage {i} has no residual function: this block has {}; blocks made with `shared` can estimate errors",
                    fs.len()
                ),
            },
        };
        residual(f, y, train)
    }
}
