//! Proves the order of every row of weights: [`Tableau`] to [`Verdict`].
//!
//! The conditions are `Σ b_i Φ_i(t) = 1/γ(t)` for all rooted trees, in order of size.

use nalgebra::DVector;
use num_traits::{One, Zero};

use crate::language::limits;
use crate::language::tableau::Tableau;
use crate::number::Number;
pub use crate::number::budget::TooLarge;
use crate::number::budget::{self, Budget};
use crate::proof::elementary;
use crate::proof::search::{Failing, Leaf, PROOF_STEPS, earlier};
use crate::proof::tree::Forest;
use crate::proof::{exact, nonautonomous, rounded};

/// The result of a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// True if every node equals its row sum, in a `rounded` file within the stated errors.
    pub row_sums: bool,
    /// One verdict per row of weights.
    pub weights: Vec<RowVerdict>,
}

/// The result for one row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct RowVerdict {
    /// The claimed order.
    pub claimed: Option<usize>,
    /// The order found, or the bound of the search if no condition failed.
    pub order: usize,
    /// The first condition that fails; `None` if none did up to the bound.
    pub first_failure: Option<Failure>,
}

impl RowVerdict {
    /// Returns true if no condition failed beyond the claim.
    pub(crate) fn is_underclaimed(&self) -> bool {
        self.first_failure.is_none() && self.claimed.is_some_and(|claimed| claimed < self.order)
    }

    /// Returns true if the claim is exactly true, or absent.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.claimed
            .is_none_or(|claimed| claimed == self.order && self.first_failure.is_some())
    }
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

/// Returns the default search bound: one beyond the largest claim, at least ten if a row has no claim.
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
/// [`TooLarge`] if the proof would take more than seconds, or if there are more than [`limits::STAGES`] stages.
pub fn verify(tableau: &Tableau, bound: usize) -> Result<Verdict, TooLarge> {
    if tableau.stages() > limits::STAGES {
        return Err(TooLarge);
    }
    let sums = tableau.row_sums();
    let mut forest = Forest::default();
    let budget = &mut Budget::new(PROOF_STEPS);
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let weights = tableau.weights.iter().enumerate().zip(found);
    let weights = weights.map(|((row, weights), found)| RowVerdict {
        claimed: weights.claim,
        order: found.order(&forest).map_or(bound, |order| order - 1),
        first_failure: match found {
            Found::Nothing => None,
            Found::Both(failing) => Some(nonautonomous_failure(failing)),
            Found::Sums(tree) => Some(failure(tableau, &forest, row, tree, Leaf::Sums(&sums))),
            Found::Nodes(tree) => {
                let leaf = Leaf::Nodes(&tableau.nodes);
                Some(failure(tableau, &forest, row, tree, leaf))
            }
        },
    });
    Ok(Verdict {
        row_sums: are_row_sums(tableau, &sums),
        weights: weights.collect(),
    })
}

/// The order of a row of weights, without an explanation.
pub(crate) struct Order {
    /// The order found, as in [`RowVerdict`].
    pub(crate) order: usize,
    /// True if a condition of the next order fails.
    pub(crate) ends: bool,
}

/// Finds orders as [`verify`] does, within a budget.
pub(crate) fn orders(
    tableau: &Tableau,
    bound: usize,
    budget: &mut Budget,
) -> Result<Vec<Order>, TooLarge> {
    let sums = sums_within(tableau, budget)?;
    let mut forest = Forest::default();
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let order = |order: Option<usize>| Order {
        order: order.map_or(bound, |order| order - 1),
        ends: order.is_some(),
    };
    Ok(found
        .iter()
        .map(|found| order(found.order(&forest)))
        .collect())
}

/// Computes the row sums within a budget.
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

/// Returns true if the nodes are the row sums, within the errors of a rounded file.
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

/// The first failing condition of a row of weights.
enum Found {
    Nothing,
    Sums(usize),
    Nodes(usize),
    Both(nonautonomous::Failing),
}

impl Found {
    fn tree(&self) -> Option<usize> {
        match self {
            Self::Sums(tree) | Self::Nodes(tree) => Some(*tree),
            Self::Nothing | Self::Both(_) => None,
        }
    }

    /// The order of its tree.
    fn order(&self, forest: &Forest) -> Option<usize> {
        match self {
            Self::Both(failing) => Some(failing.order),
            _ => self.tree().map(|tree| forest.get(tree).order),
        }
    }
}

/// Finds the first failing condition of each row of weights.
fn failing(
    tableau: &Tableau,
    sums: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
    budget: &mut Budget,
) -> Result<Vec<Found>, TooLarge> {
    let found = search(tableau, Leaf::Sums(sums), bound, forest, budget)?;
    let found = found.into_iter();
    let mut found: Vec<_> = found
        .map(|tree| tree.map_or(Found::Nothing, Found::Sums))
        .collect();
    if *sums == tableau.nodes {
        return Ok(found);
    }
    // The order is the smallest of those with row sums, with nodes, and with either at each leaf.
    let leaf = Leaf::Nodes(&tableau.nodes);
    let with_nodes = search(tableau, leaf, bound, forest, budget)?;
    for (row, tree) in found.iter_mut().zip(with_nodes) {
        if let Some(tree) = tree.filter(|&tree| earlier(Some(tree), row.tree())) {
            *row = Found::Nodes(tree);
        }
    }
    if are_row_sums(tableau, sums) {
        return Ok(found);
    }
    let orders = found.iter().map(|found| found.order(forest));
    let most: Vec<usize> = orders
        .map(|order| order.map_or(bound, |order| order - 1))
        .collect();
    for (row, failing) in found
        .iter_mut()
        .zip(nonautonomous::search(tableau, sums, &most, budget)?)
    {
        if let Some(failing) = failing {
            *row = Found::Both(failing);
        }
    }
    Ok(found)
}

fn nonautonomous_failure(failing: nonautonomous::Failing) -> Failure {
    let expected = Number::ratio(1, failing.density).unwrap_or_else(Number::one);
    Failure {
        order: failing.order,
        tree: failing.tree,
        condition: failing.condition,
        residual: (&failing.weight - &expected).to_f64(),
        expected: expected.to_string(),
        found: failing.weight.brief(),
        leaves: Leaves::Both,
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

fn failure(tableau: &Tableau, forest: &Forest, row: usize, index: usize, leaf: Leaf) -> Failure {
    let tree = forest.get(index);
    let weight = shown_weight(tableau, forest, row, index, leaf.values());
    let expected = Number::ratio(1, tree.density).unwrap_or_else(Number::one);
    let residual = (&weight - &expected).to_f64();
    Failure {
        order: tree.order,
        tree: forest.bracket(index),
        condition: forest.condition(index),
        expected: expected.to_string(),
        found: weight.brief(),
        residual,
        leaves: match leaf {
            Leaf::Sums(_) => Leaves::Sums,
            Leaf::Nodes(_) => Leaves::Nodes,
        },
    }
}

/// Computes `Σ b_i Φ_i(t)`: exactly, or from coefficients of about 70 digits if that would take long.
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
