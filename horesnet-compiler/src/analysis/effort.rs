//! What a figure may cost: every analysis counts word operations before it takes them.
//!
//! A legitimate tableau needs a small part of it; long coefficients are answered with [`Unknown::TooLarge`].

use std::fmt;

pub(crate) use crate::proof::budget::{reduction, words};

/// Why a figure is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The coefficients are too long, or there are too many, for an exact answer in reasonable time.
    TooLarge,
    /// The order of the scheme is not known: no condition failed up to the bound of the search.
    Order,
    /// The answer would turn on errors that the file says its coefficients have.
    Rounded,
    /// The figure has a meaning for explicit schemes only.
    Implicit,
    /// The nodes and the row sums differ, and only together do they end the order.
    Nodes,
    /// The figure has a meaning for implicit schemes only.
    Explicit,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "not computed: the coefficients are too large",
            Self::Order => "not computed: the order was not found within the bound of the search",
            Self::Rounded => "not decided: it would turn on the rounding of the coefficients",
            Self::Nodes => "not computed: nodes that are not row sums end the order",
            Self::Implicit => "defined for explicit schemes only",
            Self::Explicit => "defined for implicit schemes only",
        })
    }
}

/// A figure of the analysis, or why it is not known.
pub type Figure<T> = Result<T, Unknown>;

/// Word operations left for a figure.
#[derive(Debug)]
pub(crate) struct Effort(f64);

impl Effort {
    /// Some tenths of a second.
    pub(crate) fn new() -> Self {
        Self(6e7)
    }

    /// Takes `operations`, if they are left.
    pub(crate) fn spend(&mut self, operations: f64) -> Figure<()> {
        self.0 -= operations;
        // Not-a-number is refused as well.
        if self.0 >= 0.0 {
            Ok(())
        } else {
            Err(Unknown::TooLarge)
        }
    }
}
