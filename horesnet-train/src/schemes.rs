//! Every bundled scheme as a block of residual functions, by name.
//!
//! The table is made from the tableau files: adding a file adds its scheme here.

use candle_core::Result as CandleResult;
use horesnet::Tableau;

use crate::error::{Error, Result};
use crate::stage::{DynBlock, StageFunction};

type Make<'a> = &'a mut dyn FnMut(usize) -> CandleResult<StageFunction>;

/// A scheme that networks can be built with.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// The name it is looked up by, such as `rk4`.
    pub name: &'static str,
    /// The name its tableau gives, such as `RK4`.
    pub title: &'static str,
    /// The proven order.
    pub order: usize,
    /// Residual functions a block.
    pub stages: usize,
    /// The numbers of the scheme.
    pub tableau: Tableau,
    /// The node `c` of each of them.
    pub nodes: &'static [f64],
    build: fn(Make) -> CandleResult<DynBlock>,
    shared: fn(StageFunction) -> DynBlock,
}

impl Scheme {
    /// A block; `make(i)` gives the residual function of stage `i`, counted from 0.
    pub fn build(
        &self,
        mut make: impl FnMut(usize) -> CandleResult<StageFunction>,
    ) -> CandleResult<DynBlock> {
        (self.build)(&mut make)
    }

    /// A block with one residual function for all stages.
    #[must_use]
    pub fn shared(&self, function: StageFunction) -> DynBlock {
        (self.shared)(function)
    }
}

/// All schemes, by name.
pub fn all() -> impl Iterator<Item = &'static Scheme> + Clone {
    SCHEMES.iter()
}

/// The names of all schemes.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    all().map(|scheme| scheme.name)
}

/// The scheme called `name`, or [`Error::Unknown`] with the names there are.
pub fn find(name: &str) -> Result<&'static Scheme> {
    SCHEMES
        .iter()
        .find(|scheme| scheme.name == name)
        .ok_or_else(|| Error::unknown("scheme", name, names()))
}

macro_rules! table {
    ($(($name:ident, $block:ident)),* $(,)?) => {
        mod blocks {
            $(horesnet::ho_block!($name);)*
        }

        const SCHEMES: &[Scheme] = &[$(
            Scheme {
                name: stringify!($name),
                title: blocks::$block::<()>::NAME,
                order: blocks::$block::<()>::ORDER,
                stages: blocks::$block::<()>::STAGES,
                tableau: blocks::$block::<()>::TABLEAU,
                nodes: &blocks::$block::<()>::C,
                build: |make| Ok(Box::new(blocks::$block::build(make)?)),
                shared: |function| Box::new(blocks::$block::shared(function)),
            },
        )*];
    };
}

horesnet::for_each_scheme! { table }
