//! Searches for single changes that make the claims true: a [`Solver`] finds them, the checker proves them.

use std::ops::RangeInclusive;

use super::conditions::Condition;
use super::place::{Place, Variable};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::order::{self, Order, Verdict};
use crate::proof::tree::Forest;

/// Steps of a search: most of a second.
pub(super) const EFFORT: f64 = 8e8;

/// A single change.
#[derive(Clone, Debug)]
pub(super) enum Fix {
    /// Another number.
    Value(Variable, Number),
    /// Two numbers exchanged.
    Swap(Place, Place),
    /// The two rows of weights exchanged, the claims left where they are.
    Exchange,
    /// The nodes of these rows set to the sums of the rows; true if they are shifted by a row.
    Nodes(Vec<usize>, bool),
}

/// The fixes that a search found, with the tableaux that they make.
#[derive(Default)]
pub(super) struct Fixes {
    pub(super) all: Vec<(Fix, Tableau)>,
    /// The changes after which the conditions hold to the highest order, if none makes all claims true; and that order.
    pub(super) furthest: Vec<(Fix, Tableau)>,
    pub(super) after: usize,
    /// True if not every number was tried.
    pub(super) cut_short: bool,
}

/// A variable that may be wrong, with the conditions that say so.
pub(super) struct Lead<T> {
    pub(super) variable: Variable,
    /// The order up to which the conditions then hold, [`ALL`] if that is every claim.
    pub(super) order: usize,
    /// The conditions from which the solver computes the value.
    pub(super) evidence: T,
}

/// The order of a tableau whose claims all hold.
pub(super) const ALL: usize = usize::MAX;

/// Finds the values of variables with which conditions hold.
pub(super) trait Solver {
    type Evidence;

    fn budget(&mut self) -> &mut Budget;

    /// Returns false if a condition surely fails once two neighbours are exchanged.
    fn may_swap(&mut self, first: Place) -> bool;

    /// The ways in which a variable may make conditions hold further than before.
    fn leads(&mut self, variable: Variable) -> Vec<Lead<Self::Evidence>>;

    /// The changes by a lead that the checker proves.
    fn proven(
        &mut self,
        lead: &Lead<Self::Evidence>,
        is_proof: &dyn Fn(&Tableau, &mut Budget) -> bool,
    ) -> Vec<(Fix, Tableau)>;
}

/// Tries every variable and swap, as far as the budget goes.
pub(super) fn search<S: Solver>(
    mut solver: S,
    tableau: &Tableau,
    variables: &[Variable],
    swaps: &[Place],
    before: usize,
) -> Fixes {
    let mut all: Vec<_> = exchanged(tableau, solver.budget()).into_iter().collect();
    for &first in swaps {
        if solver.budget().is_spent() {
            break;
        }
        let swapped = swapped(tableau, first).filter(|_| solver.may_swap(first));
        all.extend(swapped.filter(|(_, swapped)| holds(swapped, solver.budget())));
    }
    let mut partial = Vec::new();
    for &variable in variables {
        if solver.budget().is_spent() {
            break;
        }
        let leads = solver.leads(variable).into_iter();
        let (whole, rest): (Vec<_>, _) = leads.partition(|lead| lead.order == ALL);
        partial.extend(rest);
        // One lead is enough: those of near roots give the same number.
        let mut proven = whole.iter().map(|lead| solver.proven(lead, &holds));
        all.extend(proven.find(|fixes| !fixes.is_empty()).into_iter().flatten());
    }
    let cut_short = solver.budget().is_spent();
    let mut furthest = Vec::new();
    let mut after = 1 + partial.iter().map(|lead| lead.order).max().unwrap_or(0);
    while all.is_empty() && furthest.is_empty() && after > before + 1 {
        after -= 1;
        let reaches = |tableau: &Tableau, budget: &mut Budget| {
            common_order(tableau, after + 1, budget) == Some(after)
        };
        for lead in partial.iter().filter(|lead| lead.order == after) {
            furthest.extend(solver.proven(lead, &reaches).into_iter().next());
        }
    }
    Fixes {
        all,
        furthest,
        after,
        cut_short,
    }
}

/// Two neighbours exchanged that are not equal.
fn swapped(tableau: &Tableau, first: Place) -> Option<(Fix, Tableau)> {
    let second = first.neighbour()?;
    let (a, b) = (first.value(tableau)?, second.value(tableau)?);
    if a == b {
        return None;
    }
    let mut changed = tableau.clone();
    first.set(&mut changed, b.clone())?;
    second.set(&mut changed, a.clone())?;
    Some((Fix::Swap(first, second), changed))
}

/// The two rows of weights exchanged, if that makes all claims true.
fn exchanged(tableau: &Tableau, budget: &mut Budget) -> Option<(Fix, Tableau)> {
    let mut changed = tableau.clone();
    let [first, second] = changed.weights.as_mut_slice() else {
        return None;
    };
    std::mem::swap(&mut first.values, &mut second.values);
    let differ = first.values != second.values;
    (differ && holds(&changed, budget)).then_some((Fix::Exchange, changed))
}

/// Returns true if all claims of a tableau are true, as far as the budget can tell.
pub(super) fn holds(tableau: &Tableau, budget: &mut Budget) -> bool {
    let claims = tableau.weights.iter().map(|row| row.claim);
    let highest = claims.clone().flatten().max();
    let orders = order::orders(tableau, highest.unwrap_or(0) + 1, budget);
    let is_true = |(claim, row): (Option<usize>, &Order)| {
        claim.is_none_or(|claim| claim == row.order && row.ends)
    };
    orders.is_ok_and(|orders| claims.zip(&orders).all(is_true))
}

/// The order up to which the conditions of every claim hold, [`ALL`] if none was seen to fail up to `bound`.
pub(super) fn common_order(tableau: &Tableau, bound: usize, budget: &mut Budget) -> Option<usize> {
    let orders = order::orders(tableau, bound, budget).ok()?;
    let rows = tableau.weights.iter().zip(&orders);
    let failing = rows.filter(|(row, found)| row.claim.is_some_and(|claim| found.order < claim));
    Some(failing.map(|(_, found)| found.order).min().unwrap_or(ALL))
}

/// The order up to which the conditions of every claim hold, if that is not enough.
pub(super) fn failing_order(verdict: &Verdict) -> Option<usize> {
    let rows = verdict.weights.iter();
    let failing = rows.filter(|row| row.claimed.is_some_and(|claim| row.order < claim));
    failing.map(|row| row.order).min()
}

/// The conditions of these orders, for the rows that claim them.
pub(super) fn conditions<'a>(
    tableau: &'a Tableau,
    forest: &'a Forest,
    leaves: usize,
    orders: RangeInclusive<usize>,
) -> impl Iterator<Item = Condition> + 'a {
    let of_order = move |order: usize| {
        let rows = tableau.weights.iter().enumerate();
        let rows = rows.filter(move |(_, row)| row.claim.is_some_and(|claim| order <= claim));
        let trees = forest.range(order);
        let leaves = trees.flat_map(move |tree| (0..leaves).map(move |leaf| (tree, leaf)));
        leaves.flat_map(move |(tree, leaf)| {
            { rows.clone() }.map(move |(row, _)| Condition { tree, row, leaf })
        })
    };
    orders.flat_map(of_order)
}
