//! How the step size `h` of the blocks goes along the depth of a network, chosen at run time.
//!
//! Written and read as `fixed(0.5)`, `decaying(0.9)` or `decaying(0.9, 0.5)`.

use std::fmt;
use std::str::FromStr;

use horesnet::Decaying;
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Coefficients {
    /// `fixed(h)`: the same step size in every block.
    Fixed {
        /// The step size, finite and above 0.
        h: f64,
    },
    /// `decaying(rate)` or `decaying(rate, h0)`: `h_l = h0·rate^l` in the block at depth `l`.
    Decaying {
        /// What each block multiplies the step size by, in (0, 1].
        rate: f64,
        /// The step size of the first block, finite and above 0; 1 unless given.
        initial: f64,
    },
}

impl Coefficients {
    /// The step size of the block at `depth`, counted in blocks from the input over the whole network, from 0.
    #[must_use]
    pub fn h(&self, depth: usize) -> f64 {
        match *self {
            Self::Fixed { h } => h,
            Self::Decaying { rate, initial } => Decaying::new(rate)
                .with_initial(initial)
                .at_depth(depth)
                .h(),
        }
    }
}

impl Default for Coefficients {
    /// `fixed(1)`: the tableau as it is.
    fn default() -> Self {
        Self::Fixed { h: 1.0 }
    }
}

impl fmt::Display for Coefficients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed { h } => write!(f, "fixed({h})"),
            // Exactly the value a text without an initial step size gives.
            #[expect(clippy::float_cmp)]
            Self::Decaying { rate, initial } if *initial == 1.0 => write!(f, "decaying({rate})"),
            Self::Decaying { rate, initial } => write!(f, "decaying({rate}, {initial})"),
        }
    }
}

impl FromStr for Coefficients {
    type Err = Error;

    /// Reads what [`Display`](fmt::Display) prints; white space is free.
    fn from_str(text: &str) -> Result<Self> {
        let (word, numbers) = split_call(text).ok_or_else(|| not_understood(text))?;
        match (word, numbers.as_slice()) {
            ("fixed", [h]) => Ok(Self::Fixed {
                h: step_size(text, *h)?,
            }),
            ("decaying", [rate]) => Ok(Self::Decaying {
                rate: decay_rate(text, *rate)?,
                initial: 1.0,
            }),
            ("decaying", [rate, initial]) => Ok(Self::Decaying {
                rate: decay_rate(text, *rate)?,
                initial: step_size(text, *initial)?,
            }),
            _ => Err(not_understood(text)),
        }
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

/// `word(number, …)` as its parts.
fn split_call(text: &str) -> Option<(&str, Vec<f64>)> {
    let (word, rest) = text.trim().split_once('(')?;
    let numbers = rest.strip_suffix(')')?;
    let numbers = numbers
        .split(',')
        .map(|number| number.trim().parse().ok())
        .collect::<Option<_>>()?;
    Some((word.trim(), numbers))
}

fn step_size(text: &str, h: f64) -> Result<f64> {
    if h.is_finite() && h > 0.0 {
        return Ok(h);
    }
    Err(Error::setting(
        "coefficients",
        format!("the step size in `{text}` must be a finite number above 0"),
    ))
}

fn decay_rate(text: &str, rate: f64) -> Result<f64> {
    if rate > 0.0 && rate <= 1.0 {
        return Ok(rate);
    }
    Err(Error::setting(
        "coefficients",
        format!("the rate in `{text}` must be above 0 and at most 1"),
    ))
}

fn not_understood(text: &str) -> Error {
    Error::setting(
        "coefficients",
        format!(
            "cannot read `{text}`; write fixed(1), fixed(0.5), decaying(0.9) or decaying(0.9, 0.5), \
             the last with a first step size of 0.5"
        ),
    )
}
