//! [`Tableau`] to [`Verdict`]: the order of every row of weights, proven.
//!
//! For all rooted trees in order of size, `Σ b_i Φ_i(t) = 1/γ(t)`. Exact coefficients are proven modulo primes
//! (see `exact.rs`); rounded ones are weighed against what their errors can do (see `rounded.rs`).

use nalgebra::DVector;
use num_traits::{One, Zero};

use crate::budget::{self, Budget};
use crate::elementary;
use crate::limits;
use crate::number::Number;
use crate::tableau::Tableau;
use crate::tree::Forest;
use crate::{exact, rounded};

/// What the proof found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether every node equals the sum of its row, in a `rounded` file within the stated errors.
    pub row_sums: bool,
    /// One for each row of weights.
    pub weights: Vec<RowVerdict>,
}

/// What the proof found about one row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct RowVerdict {
    /// The order claimed.
    pub claimed: Option<usize>,
    /// The order found, or the bound of the search if no condition failed.
    pub order: usize,
    /// The first condition that fails; `None` if none did up to the bound.
    pub first_failure: Option<Failure>,
}

impl RowVerdict {
    /// Whether no condition failed although the search went beyond the claim.
    pub(crate) fn is_underclaimed(&self) -> bool {
        self.first_failure.is_none() && self.claimed.is_some_and(|claimed| claimed < self.order)
    }

    /// Whether the claim, if there is one, is exactly true.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.claimed
            .is_none_or(|claimed| claimed == self.order && self.first_failure.is_some())
    }
}

/// A condition that is not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Nodes of the tree.
    pub order: usize,
    /// The tree in bracket notation.
    pub tree: String,
    /// The condition's left side in the field's notation.
    pub condition: String,
    /// `1/γ(t)`.
    pub expected: String,
    /// `Σ b_i Φ_i(t)`, exactly where that has a reasonable length.
    pub found: String,
    /// Found less expected.
    pub residual: f64,
    /// Whether the nodes of the file, not the row sums, break the condition.
    pub by_nodes: bool,
}

/// The search was refused: the coefficients are too large for a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Most steps of modular arithmetic, or their equal: some seconds.
pub(crate) const EFFORT: f64 = 2e9;

/// Most bytes of elementary weights held at once.
pub(crate) const MEMORY: f64 = 1e9;

/// Orders searched: one beyond the largest claim, and at least ten if a row has no claim.
#[must_use]
pub fn default_bound(tableau: &Tableau) -> usize {
    tableau
        .weights
        .iter()
        .map(|row| row.claim.map_or(10, |claim| claim + 1))
        .max()
        .unwrap_or(10)
}

/// Proves the order of every row of weights, up to `bound`.
///
/// # Errors
/// [`TooLarge`] if the proof would run for more than seconds, or there are more stages than [`limits::STAGES`].
pub fn verify(tableau: &Tableau, bound: usize) -> Result<Verdict, TooLarge> {
    if tableau.stages() > limits::STAGES {
        return Err(TooLarge);
    }
    let sums = tableau.row_sums();
    let mut forest = Forest::default();
    let budget = &mut Budget::new(EFFORT);
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let weights = tableau.weights.iter().enumerate().zip(found);
    let weights = weights.map(|((row, weights), (failing, by_nodes))| RowVerdict {
        claimed: weights.claim,
        order: failing.map_or(bound, |tree| forest.get(tree).order - 1),
        first_failure: failing.map(|tree| {
            failure(
                tableau,
                &forest,
                row,
                tree,
                if by_nodes { &tableau.nodes } else { &sums },
                by_nodes,
            )
        }),
    });
    Ok(Verdict {
        row_sums: are_row_sums(tableau, &sums),
        weights: weights.collect(),
    })
}

/// What is known of a row of weights without words for it.
pub(crate) struct Order {
    /// As in [`RowVerdict`].
    pub(crate) order: usize,
    /// Whether a condition of the next order fails.
    pub(crate) ends: bool,
}

/// The orders that [`verify`] finds, within a budget.
pub(crate) fn orders(
    tableau: &Tableau,
    bound: usize,
    budget: &mut Budget,
) -> Result<Vec<Order>, TooLarge> {
    let sums = sums_within(tableau, budget)?;
    let mut forest = Forest::default();
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let order = |tree: Option<usize>| Order {
        order: tree.map_or(bound, |tree| forest.get(tree).order - 1),
        ends: tree.is_some(),
    };
    Ok(found.into_iter().map(|(tree, _)| order(tree)).collect())
}

/// The row sums, one operation after the other.
pub(crate) fn sums_within(
    tableau: &Tableau,
    budget: &mut Budget,
) -> Result<DVector<Number>, TooLarge> {
    let mut sums = DVector::from_element(tableau.stages(), Number::zero());
    for (sum, row) in sums.iter_mut().zip(tableau.matrix.row_iter()) {
        for entry in row.iter().filter(|entry| !entry.is_zero()) {
            budget.spend(budget::operation([&*sum, entry]))?;
            *sum = &*sum + entry;
        }
    }
    Ok(sums)
}

/// Whether the nodes are the row sums, within the errors of a rounded file.
fn are_row_sums(tableau: &Tableau, sums: &DVector<Number>) -> bool {
    let Some(eps) = &tableau.rounded else {
        return *sums == tableau.nodes;
    };
    let eps = eps.to_f64();
    let size = |number: &Number| number.to_f64().abs();
    let rows = tableau.matrix.row_iter().zip(&tableau.nodes).zip(sums);
    { rows }.all(|((row, node), sum)| {
        let magnitude = size(node) + row.iter().map(size).sum::<f64>();
        size(&(node - sum)) <= eps * magnitude
    })
}

/// The first tree that fails for each row of weights, and whether it does so with the nodes of the file only.
fn failing(
    tableau: &Tableau,
    sums: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
    budget: &mut Budget,
) -> Result<Vec<(Option<usize>, bool)>, TooLarge> {
    let found = search(tableau, Leaf::Sums(sums), bound, forest, budget)?;
    let mut found: Vec<_> = found.into_iter().map(|tree| (tree, false)).collect();
    if *sums != tableau.nodes {
        // The order is the smaller of those with the row sums and with the nodes at the leaves.
        let leaf = Leaf::Nodes(&tableau.nodes);
        let with_nodes = search(tableau, leaf, bound, forest, budget)?;
        for (row, tree) in found.iter_mut().zip(with_nodes) {
            if earlier(tree, row.0) {
                *row = (tree, true);
            }
        }
    }
    Ok(found)
}

/// The first failing tree of each row of weights.
pub(crate) type Failing = Vec<Option<usize>>;

pub(crate) fn earlier(a: Option<usize>, b: Option<usize>) -> bool {
    a.is_some_and(|a| b.is_none_or(|b| a < b))
}

/// What stands at the leaves of the trees.
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

fn search(
    tableau: &Tableau,
    leaf: Leaf,
    bound: usize,
    forest: &mut Forest,
    budget: &mut Budget,
) -> Result<Failing, TooLarge> {
    match &tableau.rounded {
        None => exact::search(tableau, leaf.values(), bound, forest, budget),
        Some(eps) => rounded::search(tableau, leaf, bound, forest, eps.to_f64(), budget),
    }
}

fn failure(
    tableau: &Tableau,
    forest: &Forest,
    row: usize,
    index: usize,
    leaf: &DVector<Number>,
    by_nodes: bool,
) -> Failure {
    let tree = forest.get(index);
    let weight = shown_weight(tableau, forest, row, index, leaf);
    let expected = Number::ratio(1, tree.density).unwrap_or_else(Number::one);
    let residual = (&weight - &expected).to_f64();
    Failure {
        order: tree.order,
        tree: forest.bracket(index),
        condition: forest.condition(index),
        expected: expected.to_string(),
        found: weight.brief(),
        residual,
        by_nodes,
    }
}

/// `Σ b_i Φ_i(t)`, exactly unless that would take long; then from coefficients to some 70 digits.
fn shown_weight(
    tableau: &Tableau,
    forest: &Forest,
    row: usize,
    index: usize,
    leaf: &DVector<Number>,
) -> Number {
    const DIGITS: u64 = 240;
    let (matrix, weights) = (&tableau.matrix, &tableau.weights[row].values);
    let numbers = matrix.iter().chain(weights.iter()).chain(leaf.iter());
    let bits = numbers.map(Number::bits).max().unwrap_or(1);
    // Every factor may multiply the denominator, and reducing costs the square of its length.
    let length = bits as f64 * forest.get(index).order as f64 * tableau.stages() as f64;
    if length * length / 64.0 * (matrix.len() as f64) < 1e9 {
        return elementary::weight(forest, index, matrix, weights, leaf);
    }
    let short = |number: &Number| {
        let power = num_bigint::BigInt::one() << DIGITS;
        Number::ratio(number.fixed(DIGITS).0, power).unwrap_or_else(Number::one)
    };
    elementary::weight(
        forest,
        index,
        &matrix.map(|n| short(&n)),
        &weights.map(|n| short(&n)),
        &leaf.map(|n| short(&n)),
    )
}
