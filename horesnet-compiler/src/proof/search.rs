//! Types shared by the searches for failing conditions.

use std::cmp::Ordering;

use num_traits::One;

use crate::number::Number;
use crate::number::magnitude::Magnitude;

/// Steps of a proof: about a second.
pub(crate) const PROOF_STEPS: f64 = 1e9;

/// Relative residual below which digits would not show the difference.
const NEAR: f64 = 1e-12;

/// The map whose B-series elementary weights are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The exact flow: `1/γ(t)`.
    Flow,
    /// The identity: zero.
    Identity,
}

/// The conditions of a target, for all trees of up to `bound` nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    pub(crate) target: Target,
    pub(crate) bound: usize,
}

/// The first failing tree of each row of weights.
pub(crate) type Failing = Vec<Option<usize>>;

pub(crate) fn earlier(a: Option<usize>, b: Option<usize>) -> bool {
    a.is_some_and(|a| b.is_none_or(|b| a < b))
}

/// A failing condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The number of nodes of the tree.
    pub order: usize,
    /// The tree in bracket notation.
    pub tree: String,
    /// The condition's left side in the field's notation.
    pub condition: String,
    /// `1/γ(t)`.
    pub expected: String,
    /// `Σ b_i Φ_i(t)`, exact unless that is too long.
    pub found: String,
    /// Found less expected.
    pub residual: f64,
    /// The values at the leaves of the tree.
    pub leaves: Leaves,
}

impl Failure {
    /// Compares the weight of a tree with `1/γ(t)`.
    pub(crate) fn new(
        order: usize,
        tree: String,
        condition: String,
        density: u64,
        weight: &Number,
        leaves: Leaves,
    ) -> Self {
        let expected = Number::ratio(1, density).unwrap_or_else(Number::one);
        let residual = weight - &expected;
        let is_near = Magnitude::of(&residual) < Magnitude::of(&expected) * Magnitude::from(NEAR);
        let found = match residual.sign() {
            Ordering::Greater if is_near => format!("{expected} + {}", residual.brief()),
            Ordering::Less if is_near => format!("{expected} - {}", (-residual.clone()).brief()),
            _ => weight.brief(),
        };
        Self {
            order,
            tree,
            condition,
            residual: residual.to_f64(),
            expected: expected.to_string(),
            found,
            leaves,
        }
    }
}

/// The values at the leaves of a condition's tree. They differ only if a node differs from its row sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Row sums.
    Sums,
    /// Nodes.
    Nodes,
    /// Nodes at some leaves, row sums at others: a condition of `y′ = f(t, y)`.
    Both,
}
