//! How the step size of blocks behaves, as users write it wherever they can:
//! `fixed(h)`, `decaying(rate)`, `decaying(rate, h0)`.

use std::fmt;
use std::str::FromStr;

use crate::number::Number;

/// The step size `h` of a block as a module.
///
/// ```
/// use horesnet_compiler::Coefficients;
///
/// assert_eq!("fixed(1/2)".parse(), Ok(Coefficients::Fixed { h: 0.5 }));
/// assert_eq!("decaying(0.9)".parse(), Ok(Coefficients::Decaying { rate: 0.9, initial: 1.0 }));
/// assert!("learned(1)".parse::<Coefficients>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coefficients {
    /// One constant.
    Fixed {
        /// The step size, above 0.
        h: f64,
    },
    /// `h_l = h₀·rate^l` in the block at depth `l` of the network.
    Decaying {
        /// What each block multiplies the step size by, above 0 and at most 1.
        rate: f64,
        /// `h₀`, above 0; 1 unless given.
        initial: f64,
    },
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
            Self::Decaying { rate, initial } if *initial == 1.0 => write!(f, "decaying({rate})"),
            Self::Decaying { rate, initial } => write!(f, "decaying({rate}, {initial})"),
        }
    }
}

impl FromStr for Coefficients {
    type Err = String;

    /// Reads what [`Display`](fmt::Display) prints; numbers are expressions of the tableau language.
    fn from_str(text: &str) -> Result<Self, String> {
        let usage =
            || format!("`{text}` is none of `fixed(h)`, `decaying(rate)`, `decaying(rate, h0)`");
        let (kind, rest) = text.trim().split_once('(').ok_or_else(usage)?;
        let arguments = rest.strip_suffix(')').ok_or_else(usage)?;
        let numbers: Vec<_> = arguments.split(',').map(number).collect::<Result<_, _>>()?;
        let positive = |h: f64| {
            if h > 0.0 {
                Ok(h)
            } else {
                Err(format!("`{text}`: a step size is above 0"))
            }
        };
        let shrinking = |rate: f64| match rate {
            _ if rate > 0.0 && rate <= 1.0 => Ok(rate),
            _ => Err(format!("`{text}`: a rate is above 0 and at most 1")),
        };
        match (kind.trim(), numbers.as_slice()) {
            ("fixed", &[h]) => Ok(Self::Fixed { h: positive(h)? }),
            ("decaying", &[rate]) => Ok(Self::Decaying {
                rate: shrinking(rate)?,
                initial: 1.0,
            }),
            ("decaying", &[rate, initial]) => Ok(Self::Decaying {
                rate: shrinking(rate)?,
                initial: positive(initial)?,
            }),
            _ => Err(usage()),
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number: Number = text
        .parse()
        .map_err(|problem: crate::diagnostic::Diagnostic| {
            format!("`{}` is not a number: {}", text.trim(), problem.headline())
        })?;
    let value = number.to_f64();
    if value.is_finite() {
        Ok(value)
    } else {
        Err(format!(
            "`{}` is beyond floating-point numbers",
            text.trim()
        ))
    }
}
