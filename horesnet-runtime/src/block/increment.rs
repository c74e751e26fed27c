//! Nests blocks that the caller cannot see: behind pointers, trait objects and wrappers.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;

use super::Block;
use crate::coefficients::{Coefficients, Tableau};

/// A module whose output is the increment of a block, `output − input`.
///
/// A block used as the residual function of another contributes its increment. The outer block recognises it by its type, so
/// a block inside your own wrapper or a `Box<dyn ModuleT>` contributes its output instead. Wrap it in `Increment` there.
/// `B` is any [`Block`], including one behind `Box`, [`Arc`] or `&`.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::Device;
/// use horesnet::{Increment, ModuleT, Result, Tensor, ho_block};
///
/// ho_block!(euler);
/// ho_block!(midpoint);
///
/// /// A residual function of your own that contains a block.
/// struct Wrapper(Box<dyn ModuleT>);
///
/// impl ModuleT for Wrapper {
///     fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
///         self.0.forward_t(x, train)
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let decay = |x: &Tensor| x.neg();
/// let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
/// let bare = Euler::shared(Midpoint::shared(decay)).step(1.0, &x)?;
/// let wrapped = Euler::shared(Wrapper(Box::new(Increment(Midpoint::shared(decay))))).step(1.0, &x)?;
/// assert_eq!(bare.to_vec1::<f64>()?, wrapped.to_vec1::<f64>()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Increment<B>(pub B);

impl<B: Block> ModuleT for Increment<B> {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.0.increment_t(self.0.coefficients(), xs, train)
    }
}

macro_rules! pointer {
    ($($pointer:ty),*) => {
        $(impl<B: Block + ?Sized> Block for $pointer {
            fn tableau(&self) -> Tableau {
                (**self).tableau()
            }

            fn coefficients(&self) -> &dyn Coefficients {
                (**self).coefficients()
            }

            fn step_t(&self, h: &dyn Coefficients, x: &Tensor, train: bool) -> Result<Tensor> {
                (**self).step_t(h, x, train)
            }

            fn increment_t(&self, h: &dyn Coefficients, x: &Tensor, train: bool) -> Result<Tensor> {
                (**self).increment_t(h, x, train)
            }

            fn stage_t(&self, i: usize, x: &Tensor, train: bool) -> Result<Tensor> {
                (**self).stage_t(i, x, train)
            }
        })*
    };
}

pointer!(&B, Box<B>, Arc<B>);
