//! How the coefficients of the blocks of a network behave, chosen at run time.
//!
//! Written and read as wherever blocks are made: `fixed(0.5)`, `decaying(0.9)`, `learned`, `adaptive(0.01)`.

use std::fmt;
use std::str::FromStr;

use candle_core::Result as CandleResult;
use candle_nn::VarBuilder;
use horesnet::{Adaptive, Clock, Coefficients as _, Decaying, Learned, Tableau};
use horesnet_compiler::CoefficientSpec as Parsed;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The coefficients of every block of a network.
///
/// ```
/// use horesnet_train::Coefficients;
///
/// let coefficients: Coefficients = "decaying(0.5)".parse()?;
/// assert_eq!(coefficients.to_string(), "decaying(0.5)");
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Coefficients(Parsed);

/// Coefficients whose kind is chosen at run time.
pub type DynCoefficients = Box<dyn horesnet::Coefficients>;

impl Coefficients {
    /// Those of the block at `depth`, counted in blocks from the input over the whole network, from 0.
    ///
    /// `tableau` is that of the block's scheme; what decays along training reads `clock`; what is learned is a variable
    /// of `vb`.
    pub fn at_depth(
        &self,
        depth: usize,
        tableau: Tableau,
        clock: &Clock,
        vb: VarBuilder,
    ) -> CandleResult<DynCoefficients> {
        let decaying = |rate, initial| Decaying::new(rate).with_initial(initial);
        Ok(match self.0 {
            Parsed::Fixed { h } => Box::new(h),
            Parsed::Decaying { rate, initial } => Box::new(decaying(rate, initial).at_depth(depth)),
            Parsed::Annealed { rate, initial } => Box::new(decaying(rate, initial).over(clock)),
            Parsed::Learned { initial } => Box::new(Learned::new(initial, vb)?),
            Parsed::LearnedAll { projected: false } => Box::new(Learned::all(tableau, vb)?),
            Parsed::LearnedAll { projected: true } => {
                Box::new(Learned::all(tableau, vb)?.projected())
            }
            Parsed::Adaptive { tolerance, batch } => {
                let adaptive = Adaptive::new(tolerance);
                // Told when the network is built, not when it runs.
                adaptive.of(tableau)?;
                Box::new(if batch {
                    adaptive.per_batch()
                } else {
                    adaptive
                })
            }
        })
    }
}

impl fmt::Display for Coefficients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Coefficients {
    type Err = Error;

    /// Reads what [`Display`](fmt::Display) prints; white space is free, and numbers may be expressions.
    fn from_str(text: &str) -> Result<Self> {
        text.parse()
            .map(Self)
            .map_err(|problem: String| Error::setting("coefficients", problem))
    }
}

impl TryFrom<String> for Coefficients {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Coefficients> for String {
    fn from(coefficients: Coefficients) -> Self {
        coefficients.to_string()
    }
}

impl Coefficients {
    /// Whether blocks of a scheme with this tableau can have them; `shared` says whether a block has one residual function
    /// for all its stages.
    pub(crate) fn suits(&self, tableau: Tableau, shared: bool) -> Result<()> {
        if !self.adapt() {
            return Ok(());
        }
        let refused = |problem: String| Err(Error::setting("coefficients", problem));
        if !shared {
            return refused(format!(
                "{self} goes by the difference of two results of one residual function, and stages have functions of their \
                 own here; it needs a network with `functions` set to `shared`"
            ));
        }
        if tableau.embedded_order().is_none() {
            return refused(format!(
                "{self} needs embedded weights, which estimate the error, and {} has none; dopri5 and verner8 have",
                tableau.name()
            ));
        }
        Ok(())
    }

    /// Whether a step goes by the estimate of its error.
    pub(crate) fn adapt(&self) -> bool {
        matches!(self.0, Parsed::Adaptive { .. })
    }

    /// How many trained scalars a block of a scheme with this tableau has of them.
    pub(crate) fn learned(&self, tableau: Tableau) -> usize {
        match self.0 {
            Parsed::Learned { .. } => 1,
            Parsed::LearnedAll { .. } => {
                let stages = 0..tableau.stages();
                let rows = stages
                    .clone()
                    .flat_map(|i| stages.clone().map(move |j| (i, j)));
                let matrix = rows.filter(|&(i, j)| tableau.a(i, j) != 0.0).count();
                matrix + stages.filter(|&i| tableau.b(i) != 0.0).count()
            }
            _ => 0,
        }
    }
}
