//! A figure of the analysis, or why it is not known.

use std::fmt;

use crate::number::budget::{Budget, TooLarge};

/// A figure of the analysis, or why it is not known.
pub type Figure<T> = Result<T, Unknown>;

/// The reason why a figure is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The coefficients are too long, or there are too many, for an exact answer in reasonable time.
    TooLarge,
    /// The order of the scheme is not known: no condition failed up to the bound of the search.
    Order,
    /// The answer depends on the errors that the file states for its coefficients.
    Rounded,
    /// The figure is defined for explicit schemes only.
    Implicit,
    /// The nodes and the row sums differ, and only together do they end the order.
    Nodes,
    /// The figure is defined for implicit schemes only.
    Explicit,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "not computed: the coefficients are too large",
            Self::Order => "not computed: the order was not found within the bound of the search",
            Self::Rounded => "not decided: it depends on the rounding of the coefficients",
            Self::Nodes => "not computed: nodes that are not row sums end the order",
            Self::Implicit => "defined for explicit schemes only",
            Self::Explicit => "defined for implicit schemes only",
        })
    }
}

impl From<TooLarge> for Unknown {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// The budget of one figure: some tenths of a second. A published tableau needs a small part of it.
pub(super) fn budget() -> Budget {
    Budget::new(3e8)
}
