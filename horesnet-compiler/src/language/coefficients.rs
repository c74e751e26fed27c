//! Coefficient settings as text: `decaying(0.9)` in `ho_block!`, on the command line and in configurations.

use std::fmt;
use std::str::FromStr;

use crate::language::diagnostic::Diagnostic;
use crate::number::Number;

/// Each form and its meaning.
const FORMS: [(&str, &str); 12] = [
    ("fixed(h)", "a constant step size"),
    (
        "decaying(rate)",
        "a step size of rate^l at depth l of the network",
    ),
    ("decaying(rate, h0)", "h0·rate^l"),
    (
        "decaying(rate, epochs)",
        "rate^t after t epochs of training",
    ),
    ("decaying(rate, h0, epochs)", "h0·rate^t"),
    ("learned", "a learned step size per block, initially 1"),
    ("learned(h0)", "a learned step size per block, initially h0"),
    (
        "learned(params)",
        "learns the parameters of a family, whose order is kept",
    ),
    (
        "learned(all)",
        "learns every coefficient, starting from the tableau",
    ),
    (
        "learned(all, projected)",
        "learns every coefficient, and keeps the sum of the weights at 1",
    ),
    (
        "adaptive(tolerance)",
        "scales the step of each sample by its estimated error",
    ),
    (
        "adaptive(tolerance, batch)",
        "scales the step of the whole batch by one estimated error",
    ),
];

/// Behaviour of the coefficients `h·a_ij` and `h·b_i` of a block.
///
/// ```
/// use horesnet_compiler::CoefficientSpec;
///
/// assert_eq!("fixed(1/2)".parse(), Ok(CoefficientSpec::Fixed { h: 0.5 }));
/// assert_eq!("decaying(0.9)".parse(), Ok(CoefficientSpec::Decaying { rate: 0.9, initial: 1.0 }));
/// assert_eq!("learned".parse(), Ok(CoefficientSpec::Learned { initial: 1.0 }));
/// assert!("learned(every)".parse::<CoefficientSpec>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CoefficientSpec {
    /// One constant step size.
    Fixed {
        /// The step size, above 0.
        h: f64,
    },
    /// `h_l = h₀·rate^l` in the block at depth `l` of the network.
    Decaying {
        /// The factor per block, above 0 and at most 1.
        rate: f64,
        /// `h₀`, above 0; 1 unless given.
        initial: f64,
    },
    /// `h = h₀·rate^t` after `t` epochs of training.
    Annealed {
        /// The factor per epoch, above 0 and at most 1.
        rate: f64,
        /// `h₀`, above 0; 1 unless given.
        initial: f64,
    },
    /// A trained step size for each block.
    Learned {
        /// The initial value, above 0; 1 unless given.
        initial: f64,
    },
    /// The parameters of a family are trained inside their intervals, starting at their defaults.
    LearnedParams,
    /// Every coefficient of each block is trained, starting at that of the tableau.
    LearnedAll {
        /// Keeps the sum of the weights at 1.
        projected: bool,
    },
    /// The increment is scaled down where the estimate of its error exceeds the tolerance.
    Adaptive {
        /// The relative error that needs no scaling, above 0.
        tolerance: f64,
        /// One factor for the batch instead of one per sample.
        batch: bool,
    },
}

impl Default for CoefficientSpec {
    /// `fixed(1)`: the tableau as it is.
    fn default() -> Self {
        Self::Fixed { h: 1.0 }
    }
}

impl CoefficientSpec {
    /// Lists all forms for messages: `` `fixed(h)`, …, `adaptive(tolerance)` ``.
    #[must_use]
    pub fn forms() -> String {
        FORMS.map(|(form, _)| format!("`{form}`")).join(", ")
    }

    /// Explains each form on a line of its own.
    #[must_use]
    pub fn help() -> String {
        let lines = FORMS.map(|(form, meaning)| format!("  {form:<27} {meaning}"));
        lines.join("\n")
    }
}

impl fmt::Display for CoefficientSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = |initial: &f64| match *initial {
            1.0 => String::new(),
            initial => format!(", {initial}"),
        };
        match self {
            Self::Fixed { h } => write!(f, "fixed({h})"),
            Self::Decaying { rate, initial } => write!(f, "decaying({rate}{})", more(initial)),
            Self::Annealed { rate, initial } => {
                write!(f, "decaying({rate}{}, epochs)", more(initial))
            }
            Self::Learned { initial: 1.0 } => f.write_str("learned"),
            Self::Learned { initial } => write!(f, "learned({initial})"),
            Self::LearnedParams => f.write_str("learned(params)"),
            Self::LearnedAll { projected: false } => f.write_str("learned(all)"),
            Self::LearnedAll { projected: true } => f.write_str("learned(all, projected)"),
            Self::Adaptive { tolerance, batch } => {
                let batch = if *batch { ", batch" } else { "" };
                write!(f, "adaptive({tolerance}{batch})")
            }
        }
    }
}

impl FromStr for CoefficientSpec {
    type Err = String;

    /// Reads what [`Display`](fmt::Display) prints. Numbers are expressions of the tableau language.
    fn from_str(text: &str) -> Result<Self, String> {
        let usage = || format!("`{text}` is none of {}", Self::forms());
        let (kind, arguments) = match text.trim().split_once('(') {
            Some((kind, rest)) => {
                let rest = rest.strip_suffix(')').ok_or_else(usage)?;
                (kind.trim_end(), rest.split(',').map(str::trim).collect())
            }
            None => (text.trim(), Vec::new()),
        };
        let positive = |what: &str, argument: &str| match number(argument)? {
            value if value > 0.0 => Ok(value),
            _ => Err(format!("`{text}`: {what} is above 0")),
        };
        let h = |argument: &str| positive("a step size", argument);
        let optional = |initial: &[&str]| initial.first().map_or(Ok(1.0), |h0| h(h0));
        let rate = |argument: &str| match number(argument)? {
            rate if rate > 0.0 && rate <= 1.0 => Ok(rate),
            _ => Err(format!("`{text}`: a rate is above 0 and at most 1")),
        };
        Ok(match (kind, arguments.as_slice()) {
            ("fixed", [size]) => Self::Fixed { h: h(size)? },
            ("decaying", [by, initial @ .., "epochs"]) if initial.len() < 2 => Self::Annealed {
                rate: rate(by)?,
                initial: optional(initial)?,
            },
            ("decaying", [by, initial @ ..]) if initial.len() < 2 => Self::Decaying {
                rate: rate(by)?,
                initial: optional(initial)?,
            },
            ("learned", ["params"]) => Self::LearnedParams,
            ("learned", ["all"]) => Self::LearnedAll { projected: false },
            ("learned", ["all", "projected"]) => Self::LearnedAll { projected: true },
            ("learned", initial) if initial.len() < 2 => Self::Learned {
                initial: optional(initial)?,
            },
            ("adaptive", [tolerance] | [tolerance, "sample" | "batch"]) => Self::Adaptive {
                tolerance: positive("a tolerance", tolerance)?,
                batch: arguments.get(1) == Some(&"batch"),
            },
            _ => return Err(usage()),
        })
    }
}

fn number(text: &str) -> Result<f64, String> {
    let wrong = |problem: Diagnostic| format!("`{text}` is not a number: {}", problem.headline());
    match text.parse::<Number>().map_err(wrong)?.to_f64() {
        value if value.is_finite() => Ok(value),
        _ => Err(format!("`{text}` is beyond floating-point numbers")),
    }
}
