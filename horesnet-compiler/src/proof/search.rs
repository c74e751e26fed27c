//! Types shared by the searches for failing conditions.

use nalgebra::DVector;

use crate::number::Number;

/// Steps of a proof: some seconds.
pub(crate) const PROOF_STEPS: f64 = 2e9;

/// Bytes of elementary weights held at once.
pub(crate) const MEMORY: f64 = 1e9;

/// The first failing tree of each row of weights.
pub(crate) type Failing = Vec<Option<usize>>;

pub(crate) fn earlier(a: Option<usize>, b: Option<usize>) -> bool {
    a.is_some_and(|a| b.is_none_or(|b| a < b))
}

/// The values at the leaves of all trees.
#[derive(Clone, Copy)]
pub(crate) enum Leaf<'a> {
    /// `A·e`.
    Sums(&'a DVector<Number>),
    /// The nodes of the file.
    Nodes(&'a DVector<Number>),
}

impl<'a> Leaf<'a> {
    pub(crate) fn values(self) -> &'a DVector<Number> {
        match self {
            Self::Sums(values) | Self::Nodes(values) => values,
        }
    }
}
