//! Coefficients `h·a_ij` and `h·b_i` of a block: one trait, many kinds, chosen at run time.
//! Also the tableau that they come from, and their values in one evaluation.
//! It must not know of blocks or residual functions.

mod adaptive;
mod decaying;
pub mod family;
mod learned;
mod scalars;
mod step;
mod tableau;

use std::fmt::Debug;

use candle_core::Result;

pub use adaptive::{Adaptive, Control};
pub use decaying::{Annealed, Clock, Decaying};
pub use learned::Learned;
pub use step::Step;
pub use tableau::Tableau;

/// The coefficients of a block, requested at each evaluation.
///
/// A number is a fixed step size. [`Decaying`] is a step size that decays over the depth of a network, [`Annealed`] one that
/// decays over its training. Any block takes any of them:
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::{Block, Coefficients, Decaying, ho_block};
///
/// ho_block!(rk4);
///
/// # fn main() -> Result<()> {
/// let block: Box<dyn Block> = Box::new(Rk4::shared(|x: &Tensor| x.neg()));
/// let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
/// let ways: [Box<dyn Coefficients>; 2] = [Box::new(0.5), Box::new(Decaying::new(0.5).at_depth(1))];
/// let [fixed, decaying] = ways.map(|way| block.step_t(&*way, &x, false));
/// assert_eq!(fixed?.to_vec1::<f64>()?, decaying?.to_vec1::<f64>()?);
/// # Ok(())
/// # }
/// ```
pub trait Coefficients: Debug + Send + Sync {
    /// Returns the coefficients of one evaluation of a block with this tableau.
    ///
    /// # Errors
    /// A tableau that they do not fit; errors of reading variables.
    fn of(&self, tableau: Tableau) -> Result<Step<'_>>;

    /// Returns the current values by name.
    ///
    /// The name is `h`, or, where each coefficient has a value of its own, `a21` or `b3`. Stages are numbered from 1; a
    /// comma separates numbers of two digits, as in `a12,1`.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::{Coefficients, Decaying};
    ///
    /// # fn main() -> horesnet::Result<()> {
    /// let decay = Decaying::new(0.5).at_depth(3);
    /// assert_eq!(decay.values()?, [("h".to_owned(), 0.125)]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Errors of reading variables.
    fn values(&self) -> Result<Vec<(String, f64)>>;
}

/// Implements [`Coefficients`] for one step size, given by a function.
macro_rules! step_sizes {
    ($($of:ty: $size:expr),*) => {
        $(impl Coefficients for $of {
            fn of(&self, tableau: Tableau) -> Result<Step<'_>> {
                Ok(Step::of_size($size(self), tableau))
            }

            fn values(&self) -> Result<Vec<(String, f64)>> {
                Ok(vec![step_size($size(self))])
            }
        })*
    };
}

step_sizes!(f64: f64::clone, Decaying: Decaying::h, Annealed: Annealed::h);

fn step_size(h: f64) -> (String, f64) {
    ("h".to_owned(), h)
}
