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
    /// The boundary passes within the stated rounding of the coefficients.
    Boundary,
    /// The figure is defined for explicit schemes only.
    Implicit,
    /// The nodes and the row sums differ, and only together do they end the order.
    Nodes,
    /// The figure is defined for implicit schemes only.
    Explicit,
    /// The stability function has poles in the left half-plane.
    Poles,
    /// The figure is found for families of one parameter only.
    Parameters,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "not computed: the coefficients are too large",
            Self::Order => "not computed: the order was not found within the bound of the search",
            Self::Boundary => {
                "undecided: the boundary passes within the rounding; more digits would decide it, or exact coefficients"
            }
            Self::Nodes => "not computed: nodes that are not row sums end the order",
            Self::Implicit => "defined for explicit schemes only",
            Self::Poles => "not computed: R has poles in the left half-plane",
            Self::Explicit => "defined for implicit schemes only",
            Self::Parameters => "not computed: found for families of one parameter only",
        })
    }
}

impl From<TooLarge> for Unknown {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// The steps of one figure: some tenths of a second. A published tableau needs a small part of it.
const STEPS: f64 = 3e8;

/// The steps of all figures of a tableau.
pub(super) const TOTAL: f64 = 6e8;

/// The budget of one figure.
pub(super) fn budget() -> Budget {
    Budget::new(STEPS)
}

/// Computes one figure of several that share a budget; one that is too large leaves the others their part.
pub(super) fn part<T>(total: &mut Budget, figure: impl FnOnce(&mut Budget) -> T) -> T {
    total.attempt(STEPS, figure)
}
