//! [`Tableau`] to [`Verdict`]: the order of every row of weights, proven.
//!
//! For all rooted trees in order of size, `Σ b_i Φ_i(t) = 1/γ(t)`. Exact coefficients are proven modulo primes
//! (see `exact.rs`); rounded ones are weighed against what their errors can do (see `rounded.rs`).

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
    /// What stands at the leaves of the tree.
    pub leaves: Leaves,
}

/// What stands at the leaves of a condition's tree. The two are the same unless a node differs from the sum of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// The sums of the rows.
    Sums,
    /// The nodes of the file.
    Nodes,
    /// Nodes at some, sums at others: problems `y′ = f(t, y)` have such conditions.
    Both,
}

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
    let budget = &mut Budget::new(PROOF_STEPS);
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let weights = tableau.weights.iter().enumerate().zip(found);
    let weights = weights.map(|((row, weights), found)| RowVerdict {
        claimed: weights.claim,
        order: found.order(&forest).map_or(bound, |order| order - 1),
        first_failure: match found {
            Found::Nothing => None,
            Found::Both(failing) => Some(mixed_failure(failing)),
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
    let order = |order: Option<usize>| Order {
        order: order.map_or(bound, |order| order - 1),
        ends: order.is_some(),
    };
    Ok(found
        .iter()
        .map(|found| order(found.order(&forest)))
        .collect())
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

/// The first condition of a row of weights that fails.
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

    /// Nodes of its tree.
    fn order(&self, forest: &Forest) -> Option<usize> {
        match self {
            Self::Both(failing) => Some(failing.order),
            _ => self.tree().map(|tree| forest.get(tree).order),
        }
    }
}

/// What fails first for each row of weights.
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

fn mixed_failure(failing: nonautonomous::Failing) -> Failure {
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
