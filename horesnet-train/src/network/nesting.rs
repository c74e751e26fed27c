//! Nested blocks, by name: `rk4(midpoint)` is an RK4 block whose residual functions are midpoint blocks.
//!
//! A block inside contributes its increment, so Euler's scheme, outside or inside, changes nothing.

use std::fmt;
use std::str::FromStr;

use candle_core::Result as CandleResult;
use horesnet::Tableau;

use crate::error::{Error, Result};
use crate::network::parts::stage::{DynBlock, StageFunction};
use crate::network::schemes::Scheme;
use crate::network::tableaux::{self, Tableaux};

/// Most nested schemes.
const MAX_LEVELS: usize = 8;
/// Most residual functions of a block.
const MAX_STAGES: usize = 4096;

/// One scheme, or several nested ones, that networks can be built with.
///
/// Written `rk4`, `rk4(midpoint)`, `rk4(midpoint(euler))`: at most 8 schemes, and 4096 residual functions a block. White space
/// is free.
///
/// ```
/// use horesnet_train::Nesting;
///
/// let nesting: Nesting = "rk4(midpoint)".parse()?;
/// assert_eq!(nesting.to_string(), "rk4(midpoint)");
/// assert_eq!(nesting.stages(), 4 * 2);
/// assert_eq!(nesting.order(), 4);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Nesting {
    outermost: &'static Scheme,
    /// The others, from the outer to the inner ones.
    inside: Vec<&'static Scheme>,
}

/// The position of a residual function in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct StagePosition {
    /// Its index in the block, counted from 0 in the order of evaluation.
    pub index: usize,
    /// The stages that lead to it, from the outermost, each counted from 1: `stage1.stage2`. It is the prefix of the
    /// function's weights within those of the block.
    pub name: String,
    /// The node of the outermost of these stages: inner blocks run at the time of their stage.
    pub node: f64,
}

impl Nesting {
    /// The schemes, the outermost first.
    pub fn schemes(&self) -> impl Iterator<Item = &'static Scheme> {
        std::iter::once(self.outermost).chain(self.inside.iter().copied())
    }

    /// All but the innermost scheme, and that one; `None` if there is only one.
    pub(crate) fn split_innermost(&self) -> Option<[Self; 2]> {
        let (innermost, outer) = self.inside.split_last()?;
        let [outer, inner] = [(self.outermost, outer.to_vec()), (*innermost, Vec::new())]
            .map(|(outermost, inside)| Self { outermost, inside });
        Some([outer, inner])
    }

    /// The proven order of the outermost scheme, for the vector field that the inner blocks make.
    #[must_use]
    pub fn order(&self) -> usize {
        self.outermost.order
    }

    /// The tableau of the outermost scheme.
    #[must_use]
    pub fn tableau(&self) -> Tableau {
        self.outermost.tableau
    }

    /// Residual functions of a block: the product of the schemes' stages.
    #[must_use]
    pub fn stages(&self) -> usize {
        self.schemes().map(|scheme| scheme.stages).product()
    }

    /// [`StagePosition::node`] of each residual function.
    #[must_use]
    pub fn nodes(&self) -> Vec<f64> {
        let each = self.stages() / self.outermost.stages;
        let nodes = self.outermost.nodes.iter();
        nodes.flat_map(|&c| std::iter::repeat_n(c, each)).collect()
    }

    /// Builds a block; `make` gives the residual function at each position.
    pub fn build(
        &self,
        mut make: impl FnMut(&StagePosition) -> CandleResult<StageFunction>,
    ) -> CandleResult<DynBlock> {
        let mut index = 0;
        let mut numbered = |name: String, node: f64| {
            let function = make(&StagePosition { index, name, node });
            index += 1;
            function
        };
        self.outermost.build(|stage| {
            let node = self.outermost.nodes.get(stage).copied().unwrap_or_default();
            let name = format!("stage{}", stage + 1);
            function(&self.inside, name, node, &mut numbered)
        })
    }

    /// Builds a block with one residual function at all positions.
    #[must_use]
    pub fn shared(&self, function: StageFunction) -> DynBlock {
        let innermost_first = self.inside.iter().rev();
        let function = innermost_first.fold(function, |function, scheme| {
            StageFunction::block(scheme.shared(function))
        });
        self.outermost.shared(function)
    }
}

/// The function of the stage `name`: from `make`, or a block of the inner schemes.
fn function(
    inside: &[&Scheme],
    name: String,
    node: f64,
    make: &mut dyn FnMut(String, f64) -> CandleResult<StageFunction>,
) -> CandleResult<StageFunction> {
    let Some((scheme, inside)) = inside.split_first() else {
        return make(name, node);
    };
    let block = scheme.build(|stage| {
        let name = format!("{name}.stage{}", stage + 1);
        function(inside, name, node, make)
    })?;
    Ok(StageFunction::block(block))
}

impl fmt::Display for Nesting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outermost.name)?;
        for scheme in &self.inside {
            write!(f, "({}", scheme.name)?;
        }
        self.inside.iter().try_for_each(|_| f.write_str(")"))
    }
}

impl FromStr for Nesting {
    type Err = Error;

    /// Fails with [`Error::Unknown`] if a single name is no scheme's; other errors tell the column, counted from 1.
    fn from_str(text: &str) -> Result<Self> {
        Self::read(text, &tableaux::NONE)
    }
}

impl Nesting {
    /// [Parses](Self::from_str) a text whose names may be those of `tableaux`.
    pub fn read(text: &str, tableaux: &Tableaux) -> Result<Self> {
        if !text.contains(['(', ')']) {
            return tableaux.find(text.trim()).map(|outermost| Self {
                outermost,
                inside: Vec::new(),
            });
        }
        let wrong = |rest: &str, problem: &dyn fmt::Display| {
            let column = text.chars().count() - rest.chars().count() + 1;
            Error::setting("scheme", format!("`{text}`, column {column}: {problem}"))
        };
        let (outermost, mut rest) =
            first(text, tableaux).map_err(|(at, error)| wrong(at, &error))?;
        let mut inside = Vec::new();
        while let Some(more) = rest.strip_prefix('(') {
            if inside.len() + 1 == MAX_LEVELS {
                let problem = format!("more than {MAX_LEVELS} nested schemes");
                return Err(wrong(more, &problem));
            }
            let (next, after) = first(more, tableaux).map_err(|(at, error)| wrong(at, &error))?;
            inside.push(next);
            rest = after;
        }
        for _ in &inside {
            let closed = rest.strip_prefix(')');
            rest = closed
                .ok_or_else(|| wrong(rest, &"`)` is missing"))?
                .trim_start();
        }
        if !rest.is_empty() {
            return Err(wrong(rest, &"nothing may follow the last `)`"));
        }
        let nesting = Self { outermost, inside };
        if nesting.stages() > MAX_STAGES {
            let problem = format!("more than {MAX_STAGES} residual functions a block");
            return Err(wrong(text, &problem));
        }
        Ok(nesting)
    }
}

/// The scheme that a text begins with, and the rest; or where its name begins, and the error. `Tsit5()` is a name.
fn first<'a>(
    text: &'a str,
    tableaux: &Tableaux,
) -> Result<(&'static Scheme, &'a str), (&'a str, Error)> {
    let text = text.trim_start();
    let (name, rest) = text.split_at(text.find(['(', ')']).unwrap_or(text.len()));
    match tableaux.find(name.trim_end()) {
        Ok(scheme) => Ok((scheme, rest.strip_prefix("()").unwrap_or(rest))),
        Err(error) => Err((text, error)),
    }
}
