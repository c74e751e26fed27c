//! Coefficients of a step backwards.

use candle_core::Result;

use super::{Coefficients, Step, Tableau};

/// Other coefficients with the opposite sign: a step of `−h`.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::{Block, Reversed, ho_block};
///
/// ho_block!(rk4);
///
/// # fn main() -> Result<()> {
/// let block = Rk4::shared(|x: &Tensor| x.neg());
/// let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
/// let back = block.step_t(&Reversed(&0.1), &block.step(0.1, &x)?, false)?;
/// // A step backwards undoes a step up to O(h⁶).
/// let apart = (back - x)?.abs()?.max_all()?.to_scalar::<f64>()?;
/// assert!(apart < 1e-7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reversed<'a>(pub &'a dyn Coefficients);

impl Coefficients for Reversed<'_> {
    fn of(&self, tableau: Tableau) -> Result<Step<'_>> {
        self.0.of(tableau).map(Step::reversed)
    }

    fn values(&self) -> Result<Vec<(String, f64)>> {
        let values = self.0.values()?.into_iter();
        Ok(values.map(|(name, value)| (name, -value)).collect())
    }
}
