//! The coefficients of the blocks of a network, chosen at run time.
//!
//! Written as wherever blocks are made: `fixed(0.5)`, `decaying(0.9)`, `learned`, `adaptive(0.01)`.

use std::fmt;
use std::str::FromStr;

use candle_core::Result as CandleResult;
use candle_nn::VarBuilder;
use horesnet::{Adaptive, Clock, Coefficients, Decaying, Learned, Tableau};
use horesnet_compiler::CoefficientSpec;
use serde::Serialize;

use crate::choice::as_text;
use crate::error::{Error, Result};
use crate::limits::ensure;

/// The coefficients of all blocks of a network.
///
/// ```
/// use horesnet_train::BlockCoefficients;
///
/// let coefficients: BlockCoefficients = "decaying(0.5)".parse()?;
/// assert_eq!(coefficients.to_string(), "decaying(0.5)");
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(into = "String")]
pub struct BlockCoefficients(CoefficientSpec);

/// Coefficients whose kind is chosen at run time.
pub type DynCoefficients = Box<dyn Coefficients>;

impl BlockCoefficients {
    /// The coefficients of the block at `depth`, counted in blocks from the input, from 0.
    ///
    /// `tableau` is that of the block's scheme; coefficients that decay along training read `clock`; learned ones are
    /// variables of `vb`.
    pub fn at_depth(
        &self,
        depth: usize,
        tableau: Tableau,
        clock: &Clock,
        vb: VarBuilder,
    ) -> CandleResult<DynCoefficients> {
        use CoefficientSpec as Spec;
        let decaying = |rate, initial| Decaying::new(rate).with_initial(initial);
        Ok(match self.0 {
            Spec::Fixed { h } => Box::new(h),
            Spec::Decaying { rate, initial } => Box::new(decaying(rate, initial).at_depth(depth)),
            Spec::Annealed { rate, initial } => Box::new(decaying(rate, initial).over(clock)),
            Spec::Learned { initial } => Box::new(Learned::new(initial, vb)?),
            Spec::LearnedParams => Box::new(Learned::params(tableau, vb)?),
            Spec::LearnedAll { projected: false } => Box::new(Learned::all(tableau, vb)?),
            Spec::LearnedAll { projected: true } => {
                Box::new(Learned::all(tableau, vb)?.projected())
            }
            Spec::Adaptive { tolerance, batch } => {
                let adaptive = Adaptive::new(tolerance);
                // Fails when the network is built, not when it runs.
                adaptive.of(tableau)?;
                Box::new(if batch {
                    adaptive.per_batch()
                } else {
                    adaptive
                })
            }
        })
    }

    /// Fails unless blocks of a scheme with this tableau can have them; `shared` says that a block has one residual function
    /// for all its stages.
    pub(crate) fn check(&self, tableau: Tableau, shared: bool) -> Result<()> {
        let (adaptive, scheme) = (self.is_adaptive(), tableau.name());
        ensure("coefficients", !adaptive || shared, || {
            format!(
                "{self} goes by the difference of two results of one residual function, and stages have functions of their \
                 own here; it needs a network with `functions` set to `shared`"
            )
        })?;
        let params = self.0 == CoefficientSpec::LearnedParams;
        ensure(
            "coefficients",
            !params || !tableau.parameters().is_empty(),
            || {
                format!(
                    "{self} needs a scheme with parameters, and {scheme} has none; `horesnet list --families` shows families, such as \
                 two_stage2 and kutta4"
                )
            },
        )?;
        let estimates = tableau.embedded_order().is_some();
        ensure("coefficients", !adaptive || estimates, || {
            format!(
                "{self} needs embedded weights, which estimate the error, and {scheme} has none; dopri5 and verner8 have"
            )
        })
    }

    /// Returns true if the size of a step follows its error estimate.
    pub(crate) fn is_adaptive(&self) -> bool {
        matches!(self.0, CoefficientSpec::Adaptive { .. })
    }

    /// Returns true if they are trained.
    pub(crate) fn is_learned(&self) -> bool {
        use CoefficientSpec::{Learned, LearnedAll, LearnedParams};
        matches!(self.0, Learned { .. } | LearnedParams | LearnedAll { .. })
    }
}

impl fmt::Display for BlockCoefficients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BlockCoefficients {
    type Err = Error;

    /// Reads what [`Display`](fmt::Display) prints; white space is free, and numbers may be expressions.
    fn from_str(text: &str) -> Result<Self> {
        let spec = text.parse().map(Self);
        spec.map_err(|problem: String| Error::setting("coefficients", problem))
    }
}

as_text!(
    BlockCoefficients,
    format!("one of {}", CoefficientSpec::forms())
);
