//! What every generated block offers to code that does not know its scheme.

use candle_core::{Result, Tensor};

/// A higher-order residual block: one step of an explicit Runge–Kutta scheme.
///
/// Generated types have the same methods and constants of their own, so the trait is only needed by code
/// that is generic over schemes (`Box<dyn Block>`).
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
