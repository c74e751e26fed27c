//! The bundled schemes as blocks of residual functions, by name.
//!
//! The table is made of the tableau files: a new file adds its scheme here.

use candle_core::Result as CandleResult;
use horesnet::Tableau;
use horesnet_compiler::library;
use serde::Deserializer;

use crate::choice::Words;
use crate::error::{Error, Result};
use crate::network::parts::stage::{DynBlock, StageFunction};

type Make<'a> = &'a mut dyn FnMut(usize) -> CandleResult<StageFunction>;

/// A bundled scheme.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// Its name in settings, such as `rk4`.
    pub name: &'static str,
    /// The name in its tableau, such as `RK4`.
    pub title: &'static str,
    /// The proven order.
    pub order: usize,
    /// Residual functions of a block.
    pub stages: usize,
    /// Its coefficients.
    pub tableau: Tableau,
    /// The node `c` of each residual function.
    pub nodes: &'static [f64],
    build: fn(Make) -> CandleResult<DynBlock>,
    shared: fn(StageFunction) -> DynBlock,
}

impl Scheme {
    /// Builds a block; `make(i)` gives the residual function of stage `i`, counted from 0.
    pub fn build(
        &self,
        mut make: impl FnMut(usize) -> CandleResult<StageFunction>,
    ) -> CandleResult<DynBlock> {
        (self.build)(&mut make)
    }

    /// Builds a block with one residual function for all stages.
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

/// Finds the scheme called `name`.
///
/// Fails with [`Error::Implicit`] for bundled schemes without a block, and with [`Error::Unknown`], which suggests the nearest
/// name, for others.
pub fn find(name: &str) -> Result<&'static Scheme> {
    let found = all().find(|scheme| scheme.name == name);
    found.ok_or_else(|| match library::find(name) {
        Some(scheme) => Error::Implicit(scheme.name.to_owned()),
        None => Error::Unknown {
            what: "scheme",
            name: name.to_owned(),
            known: "`horesnet list` shows all".to_owned(),
            meant: library::nearest(name)
                .filter(|near| names().any(|name| name == *near))
                .map(str::to_owned),
        },
    })
}

/// Reads a scheme in settings; anything but text is answered with an example.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let expected = "the name of a scheme, such as `rk4`; `horesnet list` shows all";
    deserializer.deserialize_str(Words(expected.to_owned()))
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
