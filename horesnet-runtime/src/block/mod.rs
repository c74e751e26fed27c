//! Blocks: their residual functions, the evaluation of their stages, and blocks within blocks.
//! Generated code calls into this module, the top layer of the crate.
//! It must not know of schemes or of layers.

mod evaluation;
mod increment;
mod interpolated;
mod nesting;
mod output_kind;
mod recomputed;
mod stages;
mod tableau_block;

use candle_core::{Result, Tensor, bail};

use crate::coefficients::{Coefficients, Tableau};

pub use evaluation::Evaluation;
pub use increment::Increment;
pub use interpolated::{Grid, Interpolated, is_statistic};
pub use nesting::wants_increment;
pub use output_kind::{OutputKind, wanted, with_error};
pub use recomputed::{Recompute, Recomputed};
pub use stages::Stages;
pub use tableau_block::TableauBlock;

/// A higher-order residual block: one step of an explicit Runge–Kutta scheme.
///
/// Generated types have inherent methods and constants for the same purposes, so only code that is generic over schemes
/// (`Box<dyn Block>`) needs the trait.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::{Block, Coefficients, Tableau};
///
/// /// Euler's method for `y' = −y`, as a block.
/// struct Decay;
///
/// impl Block for Decay {
///     fn tableau(&self) -> Tableau { Tableau::new("Euler", 1, &[[0.0]], &[1.0]) }
///     fn coefficients(&self) -> &dyn Coefficients { &0.5 }
///     fn step_t(&self, h: &dyn Coefficients, x: &Tensor, train: bool) -> Result<Tensor> {
///         x + self.increment_t(h, x, train)?
///     }
///     fn increment_t(&self, h: &dyn Coefficients, x: &Tensor, _train: bool) -> Result<Tensor> {
///         x * -h.of(self.tableau())?.b(1).value()
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let block: Box<dyn Block> = Box::new(Decay);
/// let x = Tensor::new(&[2.0, 4.0], &Device::Cpu)?;
/// let y = block.step_t(block.coefficients(), &x, false)?;
/// assert_eq!(y.to_vec1::<f64>()?, [1.0, 2.0]);
/// assert_eq!(block.step_t(&1.0, &x, false)?.to_vec1::<f64>()?, [0.0, 0.0]);
/// # Ok(())
/// # }
/// ```
pub trait Block {
    /// The numbers of the scheme.
    fn tableau(&self) -> Tableau;

    /// The coefficients that the block uses when called as a module.
    fn coefficients(&self) -> &dyn Coefficients;

    /// Computes the output `x + h·Σ bᵢkᵢ`, of the same shape as `x`.
    ///
    /// # Errors
    /// Errors of the residual functions and the coefficients; results that differ in shape from `x`.
    fn step_t(&self, coefficients: &dyn Coefficients, x: &Tensor, train: bool) -> Result<Tensor>;

    /// Computes the increment `h·Σ bᵢkᵢ`: the output minus the input, without forming the output.
    ///
    /// # Errors
    /// As for [`step_t`](Self::step_t).
    fn increment_t(
        &self,
        coefficients: &dyn Coefficients,
        x: &Tensor,
        train: bool,
    ) -> Result<Tensor>;

    /// Evaluates the residual function of stage `i`, counted from 1, on an input that the block has formed.
    ///
    /// # Errors
    /// Errors of the residual function; a stage without one; by default, a block that does not evaluate its stages alone, so
    /// that they cannot be [recomputed](Self::recompute).
    fn stage_t(&self, i: usize, x: &Tensor, train: bool) -> Result<Tensor> {
        let _ = (x, train);
        bail!(
            "expected a block that evaluates stage {i} alone, found one of {} that does not: implement `Block::stage_t`, or              recompute whole blocks",
            self.name()
        )
    }

    /// Keeps less for the backward pass, and computes the rest again there.
    ///
    /// Outputs and gradients are the same to the bit; see [`checkpoint`](crate::checkpoint) for the conditions.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::candle_core::{Device, Result, Tensor, Var};
    /// use horesnet::{Block, ModuleT, Recompute, backward, ho_block};
    ///
    /// ho_block!(rk4);
    ///
    /// # fn main() -> Result<()> {
    /// let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
    /// let gradient = |recompute| -> Result<Vec<f64>> {
    ///     let block = Rk4::shared(|x: &Tensor| x.sin()).recompute(recompute);
    ///     let gradients = backward(&block.forward_t(&x, true)?.sum_all()?)?;
    ///     gradients.get(&x).unwrap().to_vec1()
    /// };
    /// assert_eq!(gradient(Recompute::None)?, gradient(Recompute::BlockAndStage)?);
    /// # Ok(())
    /// # }
    /// ```
    fn recompute(self, recompute: Recompute) -> Recomputed<Self>
    where
        Self: Sized,
    {
        Recomputed::new(self, recompute)
    }

    /// The scheme's name, as written in its file.
    fn name(&self) -> &'static str {
        self.tableau().name()
    }

    /// The proven order of the propagated weights.
    fn order(&self) -> usize {
        self.tableau().order()
    }

    /// The proven order of the embedded weights, if there are any.
    fn embedded_order(&self) -> Option<usize> {
        self.tableau().embedded_order()
    }

    /// The number of stages that the propagated weights need, which is the number of residual functions.
    fn stages(&self) -> usize {
        self.tableau().stages()
    }
}
