//! Proves the order of every row of weights: [`Tableau`] to [`Verdict`].
//!
//! The conditions are `Σ b_i Φ_i(t) = 1/γ(t)` for all rooted trees, in order of size.

use std::borrow::Cow;

use nalgebra::DVector;
use num_traits::Zero;

use crate::language::limits;
use crate::language::tableau::{Tableau, Weights};
use crate::number::Number;
pub use crate::number::budget::TooLarge;
use crate::number::budget::{self, Budget};
use crate::number::fixed;
use crate::number::magnitude::Magnitude;
use crate::proof::explain::Explainer;
pub use crate::proof::search::{Failure, Leaves};
use crate::proof::search::{PROOF_STEPS, Search, Target, earlier};
use crate::proof::support::reached;
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
    /// True if nodes differ from their row sums, and the conditions with both beyond `order` are too many to decide.
    pub undecided: bool,
}

impl Verdict {
    /// The verdict without a proof: nothing is known.
    #[must_use]
    pub fn unknown(tableau: &Tableau) -> Self {
        let unknown = |row: &Weights| RowVerdict {
            claimed: row.claim,
            order: 0,
            first_failure: None,
            undecided: false,
        };
        Self {
            row_sums: false,
            weights: tableau.weights.iter().map(unknown).collect(),
        }
    }
}

impl RowVerdict {
    /// Returns true if no condition failed beyond the claim.
    pub(crate) fn is_underclaimed(&self) -> bool {
        self.first_failure.is_none() && self.claimed.is_some_and(|claimed| claimed < self.order)
    }

    /// Returns true if there is an order, and no higher one.
    pub(crate) fn is_known(&self) -> bool {
        self.order > 0 && self.first_failure.is_some() && !self.undecided
    }

    /// Returns true if the claim is exactly true, or absent.
    #[must_use]
    pub fn holds(&self) -> bool {
        let is_known = self.is_known();
        self.claimed
            .is_none_or(|claimed| claimed == self.order && is_known)
    }
}

/// Returns the default search bound: one beyond the largest claim, at least ten if a row has no claim.
#[must_use]
pub fn default_bound(tableau: &Tableau) -> usize {
    let rows = tableau.weights.iter();
    let bounds = rows.map(|row| row.claim.map_or(10, |claim| claim + 1));
    bounds.max().unwrap_or(10)
}

/// Proves the order of every row of weights, up to `bound`.
///
/// # Errors
/// [`TooLarge`] if the proof would take more than seconds, or if there are more than [`limits::STAGES`] stages.
pub fn verify(tableau: &Tableau, bound: usize) -> Result<Verdict, TooLarge> {
    verify_within(tableau, bound, &mut Budget::new(PROOF_STEPS))
}

/// [`verify`] within a budget.
pub(crate) fn verify_within(
    tableau: &Tableau,
    bound: usize,
    budget: &mut Budget,
) -> Result<Verdict, TooLarge> {
    if tableau.stages() > limits::STAGES {
        return Err(TooLarge);
    }
    let tableau = &*reachable(tableau);
    budget.spend(budget::conversion(tableau.numbers()))?;
    let sums = sums_within(tableau, budget)?;
    let mut forest = Forest::default();
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let mut explained = Explainer::new(tableau, &forest, &sums);
    let weights = tableau.weights.iter().enumerate().zip(found);
    let weights = weights.map(|((row, weights), found)| RowVerdict {
        claimed: weights.claim,
        order: found.order(bound, &forest),
        undecided: found.decided.is_some(),
        first_failure: found.failing.map(|found| match found {
            FirstFailure::Mixed(failure) => failure,
            FirstFailure::Tree(tree, leaves) => explained.failure(row, tree, leaves, budget),
        }),
    });
    Ok(Verdict {
        row_sums: are_row_sums(tableau, &sums),
        weights: weights.collect(),
    })
}

/// The tableau without the stages that no weights reach: neither their entries nor their nodes are in any condition.
pub(crate) fn reachable(tableau: &Tableau) -> Cow<'_, Tableau> {
    let weights = tableau.weights.iter().map(|row| &row.values);
    let stages = reached(&tableau.matrix, weights);
    if stages.is_empty() || stages.len() == tableau.stages() {
        return Cow::Borrowed(tableau);
    }
    let mut part = tableau.clone();
    part.matrix = part.matrix.select_rows(&stages).select_columns(&stages);
    part.nodes = part.nodes.select_rows(&stages);
    for row in &mut part.weights {
        row.values = row.values.select_rows(&stages);
    }
    Cow::Owned(part)
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
    let tableau = &*reachable(tableau);
    budget.spend(budget::conversion(tableau.numbers()))?;
    let sums = sums_within(tableau, budget)?;
    let mut forest = Forest::default();
    let found = failing(tableau, &sums, bound, &mut forest, budget)?;
    let orders = found.iter().map(|found| Order {
        order: found.order(bound, &forest),
        ends: found.failing.is_some() && found.decided.is_none(),
    });
    Ok(orders.collect())
}

/// Finds the largest number of nodes, up to `bound`, such that the first row of weights has no elementary weight up to
/// it; `None` if there is none in the bound.
pub(crate) fn vanishes_to(
    tableau: &Tableau,
    bound: usize,
    budget: &mut Budget,
) -> Result<Option<usize>, TooLarge> {
    budget.spend(budget::conversion(tableau.numbers()))?;
    let sums = &tableau.nodes;
    let identity = Search {
        target: Target::Identity,
        bound,
    };
    let mut forest = Forest::default();
    let failing = match &tableau.rounded {
        None => exact::search(tableau, sums, identity, &mut forest, budget),
        Some(eps) => {
            let (forest, eps) = (&mut forest, Magnitude::of(eps));
            rounded::search(tableau, Leaves::Sums, sums, identity, forest, eps, budget)
        }
    }?;
    let first = failing.first().copied().flatten();
    Ok(first.map(|tree| forest.get(tree).order - 1))
}

/// Computes the row sums within a budget.
pub(crate) fn sums_within(
    tableau: &Tableau,
    budget: &mut Budget,
) -> Result<DVector<Number>, TooLarge> {
    let rows = tableau.matrix.row_iter();
    let sums: Result<Vec<_>, _> = rows.map(|row| sum_within(row.iter(), budget)).collect();
    Ok(DVector::from_vec(sums?))
}

/// Computes a sum within a budget.
pub(crate) fn sum_within<'a>(
    numbers: impl IntoIterator<Item = &'a Number>,
    budget: &mut Budget,
) -> Result<Number, TooLarge> {
    let mut sum = Number::zero();
    for number in numbers.into_iter().filter(|number| !number.is_zero()) {
        budget.spend(budget::operation([&sum, number]))?;
        sum = &sum + number;
    }
    Ok(sum)
}

/// Returns true if the nodes are the row sums, within the errors of a rounded file.
pub(crate) fn are_row_sums(tableau: &Tableau, sums: &DVector<Number>) -> bool {
    let mut rows = sums.iter().enumerate();
    rows.all(|(row, sum)| is_row_sum(tableau, row, sum))
}

/// Returns true if the node of a row, counted from 0, is `sum`, within the errors of a rounded file.
pub(crate) fn is_row_sum(tableau: &Tableau, row: usize, sum: &Number) -> bool {
    let node = &tableau.nodes[row];
    let Some(eps) = &tableau.rounded else {
        return node == sum;
    };
    let magnitude = Magnitude::of(node) + Magnitude::sum(tableau.matrix.row(row).iter());
    fixed::within(
        Magnitude::of(&(node - sum)),
        1,
        Magnitude::of(eps),
        magnitude,
    )
}

/// The result for one row of weights.
struct Found {
    failing: Option<FirstFailure>,
    /// The order up to which all conditions were decided, if there are more that were not.
    decided: Option<usize>,
}

/// The first failing condition of a row of weights.
enum FirstFailure {
    Tree(usize, Leaves),
    Mixed(Failure),
}

impl Found {
    /// The order, or the bound of the search.
    fn order(&self, bound: usize, forest: &Forest) -> usize {
        let failing = self.failing.as_ref().map(|failing| match failing {
            FirstFailure::Tree(tree, _) => forest.get(*tree).order,
            FirstFailure::Mixed(failure) => failure.order,
        });
        let order = failing.map_or(bound, |order| order - 1);
        self.decided.map_or(order, |decided| order.min(decided))
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
    let flow = Search {
        target: Target::Flow,
        bound,
    };
    let mut search = |leaves, values| match &tableau.rounded {
        None => exact::search(tableau, values, flow, forest, budget),
        Some(eps) => {
            let eps = Magnitude::of(eps);
            rounded::search(tableau, leaves, values, flow, forest, eps, budget)
        }
    };
    let with_sums = search(Leaves::Sums, sums)?;
    let with_nodes = if *sums == tableau.nodes {
        vec![None; with_sums.len()]
    } else {
        search(Leaves::Nodes, &tableau.nodes)?
    };
    // The order is the smallest of those with row sums, with nodes, and with either at each leaf.
    let found = with_sums
        .into_iter()
        .zip(with_nodes)
        .map(|(sums, nodes)| Found {
            failing: if earlier(nodes, sums) {
                nodes.map(|tree| FirstFailure::Tree(tree, Leaves::Nodes))
            } else {
                sums.map(|tree| FirstFailure::Tree(tree, Leaves::Sums))
            },
            decided: None,
        });
    let mut found: Vec<_> = found.collect();
    if are_row_sums(tableau, sums) {
        return Ok(found);
    }
    let most: Vec<_> = { found.iter() }
        .map(|found| found.order(bound, forest))
        .collect();
    let (mixed, decided) = nonautonomous::search(tableau, sums, &most, budget);
    for ((found, failure), most) in found.iter_mut().zip(mixed).zip(most) {
        if let Some(failure) = failure {
            found.failing = Some(FirstFailure::Mixed(failure));
        } else if decided < most {
            found.decided = Some(decided);
        }
    }
    Ok(found)
}
