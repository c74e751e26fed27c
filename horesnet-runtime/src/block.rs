//! What every generated block offers to code that does not know its scheme.

use candle_core::{Result, Tensor};

/// A higher-order residual block: one step of an explicit Runge–Kutta scheme.
///
/// Generated types have the same methods and constants of their own, so the trait is only needed by code
/// that is generic over schemes (`Box<dyn Block>`).
///
/// ```
/// use horesnet_runtime::Block;
/// use horesnet_runtime::candle_core::{Device, Result, Tensor};
///
/// /// Euler's method for `y' = −y`, as a block.
/// struct Decay;
///
/// impl Block for Decay {
///     fn name(&self) -> &'static str { "Euler" }
///     fn order(&self) -> usize { 1 }
///     fn stages(&self) -> usize { 1 }
///     fn h(&self) -> f64 { 0.5 }
///     fn step_t(&self, h: f64, x: &Tensor, train: bool) -> Result<Tensor> {
///         x + self.increment_t(h, x, train)?
///     }
///     fn increment_t(&self, h: f64, x: &Tensor, _train: bool) -> Result<Tensor> {
///         x * -h
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let block: Box<dyn Block> = Box::new(Decay);
/// let x = Tensor::new(&[2.0, 4.0], &Device::Cpu)?;
/// let y = block.step_t(block.h(), &x, false)?;
/// assert_eq!(y.to_vec1::<f64>()?, [1.0, 2.0]);
/// # Ok(())
/// # }
/// ```
pub trait Block {
    /// The scheme's name, as its file gives it.
    fn name(&self) -> &'static str;

    /// The proven order of the propagated weights.
    fn order(&self) -> usize;

    /// How many stages the propagated weights need: the number of residual functions.
    fn stages(&self) -> usize;

    /// The step size the block uses when called as a module.
    fn h(&self) -> f64;

    /// `x + h·Σ bᵢkᵢ`, same shape as `x`.
    fn step_t(&self, h: f64, x: &Tensor, train: bool) -> Result<Tensor>;

    /// `h·Σ bᵢkᵢ`: the output less the input, without forming the output.
    fn increment_t(&self, h: f64, x: &Tensor, train: bool) -> Result<Tensor>;
}
