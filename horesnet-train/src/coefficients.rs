//! How the step size `h` of the blocks goes along the depth of a network, chosen at run time.
//!
//! Written and read as wherever blocks are made: `fixed(0.5)`, `decaying(0.9)` or `decaying(0.9, 0.5)`.

use std::fmt;
use std::str::FromStr;

use horesnet::Decaying;
use horesnet_compiler::Coefficients as Parsed;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The step size of every block of a network.
///
/// ```
/// use horesnet_train::Coefficients;
///
/// let coefficients: Coefficients = "decaying(0.5)".parse()?;
/// assert_eq!(coefficients.h(0), 1.0);
/// assert_eq!(coefficients.h(2), 0.25);
/// assert_eq!(coefficients.to_string(), "decaying(0.5)");
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Coefficients(Parsed);

impl Coefficients {
    /// The step size of the block at `depth`, counted in blocks from the input over the whole network, from 0.
    #[must_use]
    pub fn h(&self, depth: usize) -> f64 {
        match self.0 {
            Parsed::Fixed { h } => h,
            Parsed::Decaying { rate, initial } => Decaying::new(rate)
                .with_initial(initial)
                .at_depth(depth)
                .h(),
        }
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
