//! The residual functions of a group of blocks: one for each stage, one for each block, or one function of time.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use candle_core::Result as CandleResult;
use candle_nn::VarBuilder;
use horesnet::Grid;
use serde::{Deserialize, Serialize};

use crate::choice::{as_text, name_and_number};
use crate::error::{Error, Result};
use crate::nesting::{Nesting, Place};
use crate::stage::{DynBlock, StageFunction};

/// Most points of a grid.
const MAX_POINTS: usize = 1000;

/// Which residual functions the stages of blocks are.
///
/// Written `separate`, `shared` or `interpolated(N)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Functions {
    /// Each stage has one of its own, as in HO-ResNet.
    #[default]
    Separate,
    /// Each block has one for all its stages: a step for a differential equation.
    Shared,
    /// A group of blocks has one that depends on time, which goes from 0 to 1 over the group: weights at so many points, and
    /// linear in between (arXiv 2008.02389). Weights do not depend on the scheme.
    Interpolated(usize),
}

impl fmt::Display for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Separate => f.write_str("separate"),
            Self::Shared => f.write_str("shared"),
            Self::Interpolated(points) => write!(f, "interpolated({points})"),
        }
    }
}

impl FromStr for Functions {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match name_and_number(text) {
            ("separate", None) => Ok(Self::Separate),
            ("shared", None) => Ok(Self::Shared),
            ("interpolated", Some(points)) => Ok(Self::Interpolated(points)),
            (name @ ("separate" | "shared"), Some(_)) => {
                let problem = format!("{name} takes no number");
                Err(Error::setting("functions", problem))
            }
            ("interpolated", None) => {
                let problem = "interpolated takes the points of its grid: interpolated(5)";
                Err(Error::setting("functions", problem))
            }
            (name, _) => {
                let known = ["separate", "shared", "interpolated(N)"];
                Err(Error::unknown("functions", name, known.into_iter()))
            }
        }
    }
}

as_text!(Functions);

impl Functions {
    /// Whether there can be so many points.
    pub(crate) fn validate(self) -> Result<()> {
        match self {
            Self::Interpolated(points) if !(2..=MAX_POINTS).contains(&points) => {
                Err(Error::setting(
                    "functions",
                    format!("a grid of {points} points; there must be 2 to {MAX_POINTS}"),
                ))
            }
            _ => Ok(()),
        }
    }
}

type Make = dyn Fn(VarBuilder) -> CandleResult<StageFunction> + Send + Sync;

/// Makes the blocks of a group.
pub(crate) struct Maker {
    nesting: Nesting,
    source: Source,
    blocks: usize,
}

enum Source {
    Separate(Arc<Make>),
    Shared(Arc<Make>),
    Interpolated(Grid<StageFunction>),
}

impl Maker {
    /// For a group of `blocks` under `vb`, of residual functions that `make` makes.
    pub(crate) fn new(
        functions: Functions,
        nesting: Nesting,
        blocks: usize,
        vb: &VarBuilder,
        make: impl Fn(VarBuilder) -> CandleResult<StageFunction> + Send + Sync + 'static,
    ) -> CandleResult<Self> {
        let source = match functions {
            Functions::Separate => Source::Separate(Arc::new(make)),
            Functions::Shared => Source::Shared(Arc::new(make)),
            Functions::Interpolated(points) => {
                Source::Interpolated(Grid::new(points, vb.pp("grid"), make)?)
            }
        };
        Ok(Self {
            nesting,
            source,
            blocks,
        })
    }

    /// The block at `index` of the group, counted from 0; its name is the prefix of `vb`.
    pub(crate) fn block(&self, index: usize, vb: &VarBuilder) -> CandleResult<DynBlock> {
        let name = |place: &Place| vb.pp(&place.name);
        match &self.source {
            Source::Separate(make) => self.nesting.build(|place| make(name(place))),
            Source::Shared(make) => Ok(self.nesting.shared(make(vb.pp("stages"))?)),
            Source::Interpolated(grid) => self.nesting.build(|place| {
                let time = (index as f64 + place.node) / self.blocks.max(1) as f64;
                grid.at(time, name(place)).map(StageFunction::new)
            }),
        }
    }
}
