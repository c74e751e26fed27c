//! Blocks inside blocks, in every way that a user's crate can hold one: a block contributes its increment where the code
//! says so, by its type or by `Increment`, and its output elsewhere.

use std::sync::Arc;

use candle_core::{Device, ModuleT, Result, Tensor};
use horesnet::{Block, Increment, ho_block};

ho_block!(euler);
ho_block!(midpoint);

/// A residual function of a user's crate that contains another module.
struct Wrapper<M>(M);

impl<M: ModuleT> ModuleT for Wrapper<M> {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.0.forward_t(x, train)
    }
}

/// A residual function behind a trait object.
struct Boxed(Box<dyn ModuleT>);

impl ModuleT for Boxed {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.0.forward_t(x, train)
    }
}

fn decay(x: &Tensor) -> Result<Tensor> {
    x.neg()
}

type Function = fn(&Tensor) -> Result<Tensor>;

fn inner() -> Midpoint<Function> {
    Midpoint::shared(decay)
}

/// The step of Euler's method with this residual function, from 1: the residual function adds what it contributes.
fn contribution(f: impl ModuleT) -> Result<f64> {
    let x = Tensor::new(1.0, &Device::Cpu)?;
    let y: f64 = Euler::shared(f).step(1.0, &x)?.to_scalar()?;
    Ok(y - 1.0)
}

/// `R(−1) − 1` of the midpoint rule, with `R(z) = 1 + z + z²/2`.
const INCREMENT: f64 = -0.5;
const OUTPUT: f64 = 0.5;

#[test]
fn a_bare_block_contributes_its_increment() -> Result<()> {
    assert_eq!(contribution(inner())?, INCREMENT);
    Ok(())
}

#[test]
fn increment_passes_pointers_and_trait_objects() -> Result<()> {
    let block = inner();
    assert_eq!(contribution(Increment(&block))?, INCREMENT);
    assert_eq!(contribution(Increment(Box::new(inner())))?, INCREMENT);
    assert_eq!(contribution(Increment(Arc::new(inner())))?, INCREMENT);
    let object: Box<dyn Block> = Box::new(inner());
    assert_eq!(contribution(Increment(object))?, INCREMENT);
    let object: Arc<dyn Block> = Arc::new(inner());
    assert_eq!(contribution(Increment(&object))?, INCREMENT);
    Ok(())
}

#[test]
fn in_a_wrapper_the_code_says_which() -> Result<()> {
    assert_eq!(contribution(Wrapper(inner()))?, OUTPUT);
    assert_eq!(contribution(Wrapper(Increment(inner())))?, INCREMENT);
    assert_eq!(contribution(Boxed(Box::new(inner())))?, OUTPUT);
    assert_eq!(
        contribution(Boxed(Box::new(Increment(inner()))))?,
        INCREMENT
    );
    let closure = {
        let block = inner();
        move |x: &Tensor| block.forward_t(x, false)
    };
    assert_eq!(contribution(closure)?, OUTPUT);
    Ok(())
}

#[test]
fn blocks_behind_pointers_are_blocks() -> Result<()> {
    fn output(block: impl Block) -> Result<f64> {
        let x = Tensor::new(1.0, &Device::Cpu)?;
        block.step_t(block.coefficients(), &x, false)?.to_scalar()
    }
    let block = inner();
    assert_eq!((output(&block)?, block.order()), (OUTPUT, 2));
    assert_eq!(output(Box::new(inner()))?, OUTPUT);
    assert_eq!(output(Arc::new(inner()) as Arc<dyn Block>)?, OUTPUT);
    Ok(())
}

#[test]
fn three_levels_are_the_same_bare_and_wrapped() -> Result<()> {
    let bare = Midpoint::shared(Midpoint::shared(inner()));
    let wrapped = Midpoint::shared(Wrapper(Increment(Midpoint::shared(Boxed(Box::new(
        Increment(inner()),
    ))))));
    let x = Tensor::new(&[1.0, -2.0, 0.25], &Device::Cpu)?;
    assert_eq!(
        bare.step(0.5, &x)?.to_vec1::<f64>()?,
        wrapped.step(0.5, &x)?.to_vec1::<f64>()?
    );
    Ok(())
}
