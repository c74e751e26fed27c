//! Schemes as blocks of residual functions, and the bundled ones by name.
//!
//! The table is made of the tableau files: a new file adds its scheme here.

use candle_core::Result as CandleResult;
use horesnet::{Tableau, TableauBlock};
use horesnet_compiler::library;
use serde::Deserializer;

use crate::choice::Words;
use crate::error::{Error, Result};
use crate::network::parts::stage::{DynBlock, StageFunction};

type Make<'a> = &'a mut dyn FnMut(usize) -> CandleResult<StageFunction>;

/// A scheme: a bundled one, or the [tableau](crate::Tableaux) of a network.
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
    blocks: Blocks,
}

/// The blocks of a scheme.
#[derive(Clone, Copy, Debug)]
enum Blocks {
    /// Of a generated type.
    Generated {
        build: fn(Make) -> CandleResult<DynBlock>,
        shared: fn(StageFunction) -> DynBlock,
    },
    /// Of a type that reads the tableau at run time; this is its text.
    Interpreted(&'static str),
}

impl Scheme {
    /// Builds a block; `make(i)` gives the residual function of stage `i`, counted from 0.
    pub fn build(
        &self,
        mut make: impl FnMut(usize) -> CandleResult<StageFunction>,
    ) -> CandleResult<DynBlock> {
        match self.blocks {
            Blocks::Generated { build, .. } => build(&mut make),
            Blocks::Interpreted(_) => Ok(Box::new(TableauBlock::build(self.tableau, make)?)),
        }
    }

    /// Builds a block with one residual function for all stages.
    #[must_use]
    pub fn shared(&self, function: StageFunction) -> DynBlock {
        match self.blocks {
            Blocks::Generated { shared, .. } => shared(function),
            Blocks::Interpreted(_) => Box::new(TableauBlock::shared(self.tableau, function)),
        }
    }

    /// The text of its tableau file.
    #[must_use]
    pub fn text(&self) -> &'static str {
        match self.blocks {
            Blocks::Generated { .. } => library::find(self.name).map_or("", |scheme| scheme.text),
            Blocks::Interpreted(text) => text,
        }
    }

    /// A scheme whose blocks read its tableau at run time.
    pub(crate) fn interpreted(
        name: &'static str,
        title: &'static str,
        text: &'static str,
        tableau: Tableau,
        nodes: &'static [f64],
    ) -> Self {
        Self {
            name,
            title,
            order: tableau.order(),
            stages: tableau.stages(),
            tableau,
            nodes,
            blocks: Blocks::Interpreted(text),
        }
    }
}

/// All bundled schemes, by name.
pub fn all() -> impl Iterator<Item = &'static Scheme> + Clone {
    SCHEMES.iter()
}

/// The names of all bundled schemes.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    all().map(|scheme| scheme.name)
}

/// Finds the bundled scheme called `name`, or that other programs call so, such as `RK45`.
///
/// Fails with [`Error::Implicit`] for bundled schemes without a block, and with [`Error::Unknown`], which suggests what may be
/// meant, for others.
pub fn find(name: &str) -> Result<&'static Scheme> {
    let bundled = library::find(name).ok_or_else(|| unknown(name))?;
    let found = all().find(|scheme| scheme.name == bundled.name);
    found.ok_or_else(|| Error::Implicit(bundled.name.to_owned()))
}

fn unknown(name: &str) -> Error {
    if name.contains(['/', '\\', '.']) {
        let problem = format!(
            "`{name}` is not the name of a scheme; the options --scheme and --schemes read files, and settings hold the text of a \
             tableau as network.tableaux.NAME"
        );
        return Error::setting("scheme", problem);
    }
    let is_explicit = |near: &&str| names().any(|name| name == *near);
    Error::Unknown {
        what: "scheme",
        name: name.to_owned(),
        known: "`horesnet list` shows all".to_owned(),
        meant: library::similar(name)
            .into_iter()
            .filter(is_explicit)
            .map(str::to_owned)
            .collect(),
    }
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
                blocks: Blocks::Generated {
                    build: |make| Ok(Box::new(blocks::$block::build(make)?)),
                    shared: |function| Box::new(blocks::$block::shared(function)),
                },
            },
        )*];
    };
}

horesnet::for_each_scheme! { table }
