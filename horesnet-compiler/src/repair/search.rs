//! Which single change makes the claims true: found by solving for it, proven by the checker.
//!
//! With `x + y` for a number `x`, each condition is a polynomial in `y`. Those that hold already have the root 0,
//! which is divided out; a change is a common root of all. Most numbers are ruled out by the first few conditions.

use num_traits::Zero;

use super::field;
use super::field::{Exact, Field};
use super::polynomial;
use super::polynomial::Polynomial;
use super::system::{Condition, Entries, System};
use super::unknown::{Place, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::modular::Residues;
use crate::proof::budget;
use crate::proof::budget::Budget;
use crate::proof::exact;
use crate::proof::order;
use crate::proof::order::{Order, TooLarge, Verdict};
use crate::proof::tree::Forest;

/// Steps of a search: about a second.
pub(super) const EFFORT: f64 = 1e9;

/// Steps of multiplying coefficients of polynomials, and of copying a number with its place in memory.
const COEFFICIENT: f64 = 5.0;
const COPY: f64 = 100.0;

/// A claimed order of each row of weights.
pub(super) type Claims = Vec<Option<usize>>;

/// A single change.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Another number.
    Value(Unknown, Number),
    /// Two neighbours of a row exchanged, the first of them named.
    Swap(Place),
    /// The two rows of weights exchanged, the claims left where they are.
    Exchange,
}

/// What a search found.
pub(super) struct Findings {
    pub(super) found: Vec<(Found, Tableau)>,
    /// The changes after which the conditions hold to the highest order, and that, if none makes all claims true.
    pub(super) furthest: Vec<(Found, Tableau, usize)>,
    /// Whether every number was tried.
    pub(super) complete: bool,
}

struct Search<'a> {
    tableau: &'a Tableau,
    claims: Claims,
    forest: Forest,
    residues: Residues,
    entries: Entries<Residues>,
    budget: &'a mut Budget,
    /// Words of an exact weight, for each node of its tree.
    words: f64,
}

/// How far the conditions have a common root.
struct Reach {
    /// All conditions of up to this order have one.
    order: usize,
    /// Conditions that decide which.
    deciding: Vec<Condition>,
}

/// The order up to which the conditions of every claim hold, if that is not enough.
pub(super) fn common_order(verdict: &Verdict) -> Option<usize> {
    let failing = verdict
        .weights
        .iter()
        .filter(|row| row.claimed.is_some_and(|claim| row.order < claim));
    failing.map(|row| row.order).min()
}

/// Every single change of a number of the file after which all claims are true, as far as the budget goes.
pub(super) fn search(
    tableau: &Tableau,
    unknowns: &[Unknown],
    swaps: &[Place],
    before: usize,
    budget: &mut Budget,
) -> Option<Findings> {
    let claims: Claims = tableau.weights.iter().map(|row| row.claim).collect();
    let highest = *claims.iter().flatten().max()?;
    let residues = field::residues(tableau)?;
    let mut found: Vec<_> = exchanged(tableau, budget).into_iter().collect();
    let mut search = Search {
        tableau,
        forest: Forest::up_to(highest),
        entries: Entries::new(&residues, tableau),
        residues,
        claims,
        budget,
        words: exact::words(tableau).unwrap_or(f64::INFINITY),
    };
    for &first in swaps {
        if search.budget.is_spent() {
            break;
        }
        found.extend(search.swapped(first));
    }
    let mut reached = Vec::new();
    for &unknown in unknowns {
        if search.budget.is_spent() {
            break;
        }
        let reach = search.reach(unknown);
        if reach.order == highest {
            found.extend(search.solved(unknown, &reach));
        } else if found.is_empty() && reach.order > before {
            reached.push((unknown, reach));
        }
    }
    let complete = !search.budget.is_spent();
    let furthest = if found.is_empty() {
        search.furthest(&reached)
    } else {
        Vec::new()
    };
    Some(Findings {
        found,
        furthest,
        complete,
    })
}

impl Search<'_> {
    /// Looks for common roots, order by order.
    fn reach(&mut self, unknown: Unknown) -> Reach {
        let mut reach = Reach {
            order: 0,
            deciding: Vec::new(),
        };
        if self.copy().is_err() {
            return reach;
        }
        let entries = self.entries.clone().with(&self.residues, unknown);
        let mut system = System::new(&self.residues, &self.forest, entries);
        let (mut common, mut steps) = (Vec::new(), 0);
        for order in 1..=self.forest.order() {
            let held = reach.deciding.len();
            for condition in conditions(&self.claims, &self.forest, system.leaves(), order) {
                let residual = without_zero_root(&self.residues, system.residual(condition));
                let taken = (system.steps - steps) as f64;
                steps = system.steps;
                let within = self.budget.spend(COEFFICIENT * taken).is_ok();
                if within && residual.is_empty() {
                    continue;
                }
                let next = polynomial::gcd(&self.residues, common.clone(), residual);
                if next.len() == 1 || !within {
                    reach.deciding.truncate(held);
                    return reach;
                }
                if next != common {
                    reach.deciding.push(condition);
                    common = next;
                }
            }
            reach.order = order;
        }
        reach
    }

    /// Pays for a copy of the tableau.
    fn copy(&mut self) -> Result<(), TooLarge> {
        let stages = self.tableau.stages();
        let numbers = stages * (stages + self.tableau.weights.len() + 1);
        self.budget.spend(COPY * numbers as f64)
    }

    /// The common roots of the deciding conditions, exactly.
    fn roots(&mut self, unknown: Unknown, reach: &Reach) -> Result<Vec<Number>, TooLarge> {
        let Some(current) = unknown.place.value(self.tableau) else {
            return Ok(Vec::new());
        };
        let entries = self.tableau.matrix.iter();
        let entries = entries.filter(|entry| !entry.is_zero()).count() as f64;
        for condition in &reach.deciding {
            // A matrix times a vector for each node, of polynomials that are mostly linear.
            let nodes = self.forest.get(condition.tree).order as f64;
            let operation = budget::operation_on(self.words * nodes);
            self.budget.spend(2.0 * nodes * entries * operation)?;
        }
        self.copy()?;
        let entries = Entries::new(&Exact, self.tableau).with(&Exact, unknown);
        let mut system = System::new(&Exact, &self.forest, entries);
        let common = reach.deciding.iter().fold(Vec::new(), |common, condition| {
            let residual = without_zero_root(&Exact, system.residual(*condition));
            polynomial::gcd(&Exact, common, residual)
        });
        let roots = polynomial::roots(&common);
        Ok(roots.iter().map(|root| current + root).collect())
    }

    fn solved(&mut self, unknown: Unknown, reach: &Reach) -> Vec<(Found, Tableau)> {
        let values = self.roots(unknown, reach).unwrap_or_default().into_iter();
        let changed = values.filter_map(|value| {
            self.copy().ok()?;
            let changed = unknown.replaced(self.tableau, &value)?;
            holds(&changed, self.budget).then_some((Found::Value(unknown, value), changed))
        });
        changed.collect()
    }

    /// The changes after which the conditions hold to the highest order.
    fn furthest(&mut self, reached: &[(Unknown, Reach)]) -> Vec<(Found, Tableau, usize)> {
        for order in (1..self.forest.order()).rev() {
            let equal = reached.iter().filter(|(_, reach)| reach.order == order);
            let furthest: Vec<_> = equal
                .filter_map(|(unknown, reach)| self.progress(*unknown, reach))
                .collect();
            if !furthest.is_empty() {
                return furthest;
            }
        }
        Vec::new()
    }

    /// A change that takes the conditions as far as the reach says, if that can be verified.
    fn progress(&mut self, unknown: Unknown, reach: &Reach) -> Option<(Found, Tableau, usize)> {
        let value = self.roots(unknown, reach).ok()?.into_iter().next()?;
        self.copy().ok()?;
        let changed = unknown.replaced(self.tableau, &value)?;
        let order = common(&changed, reach.order + 1, self.budget)?;
        (order == reach.order).then_some((Found::Value(unknown, value), changed, order))
    }

    fn swapped(&mut self, first: Place) -> Option<(Found, Tableau)> {
        let swapped = swapped(self.tableau, first)?;
        let may_hold = self.may_hold(first).unwrap_or(false);
        (may_hold && holds(&swapped.1, self.budget)).then_some(swapped)
    }

    /// Whether no condition of the claims fails modulo the prime with two neighbours exchanged.
    fn may_hold(&mut self, first: Place) -> Result<bool, TooLarge> {
        self.copy()?;
        let entries = self.entries.clone().swapped(first);
        let mut system = System::new(&self.residues, &self.forest, entries);
        let mut steps = 0;
        for order in 1..=self.forest.order() {
            for condition in conditions(&self.claims, &self.forest, system.leaves(), order) {
                let holds = system.residual(condition).is_empty();
                let taken = (system.steps - steps) as f64;
                steps = system.steps;
                self.budget.spend(COEFFICIENT * taken)?;
                if !holds {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Two neighbours exchanged that are not equal.
pub(super) fn swapped(tableau: &Tableau, first: Place) -> Option<(Found, Tableau)> {
    let second = first.neighbour()?;
    let (a, b) = (first.value(tableau)?, second.value(tableau)?);
    if a == b {
        return None;
    }
    let mut changed = tableau.clone();
    first.set(&mut changed, b.clone())?;
    second.set(&mut changed, a.clone())?;
    Some((Found::Swap(first), changed))
}

/// The two rows of weights exchanged, if that makes all claims true.
pub(super) fn exchanged(tableau: &Tableau, budget: &mut Budget) -> Option<(Found, Tableau)> {
    let mut changed = tableau.clone();
    let [first, second] = changed.weights.as_mut_slice() else {
        return None;
    };
    std::mem::swap(&mut first.values, &mut second.values);
    let differ = first.values != second.values;
    (differ && holds(&changed, budget)).then_some((Found::Exchange, changed))
}

/// Whether all claims of a tableau are true, as far as the budget can tell.
pub(super) fn holds(tableau: &Tableau, budget: &mut Budget) -> bool {
    let claims = tableau.weights.iter().map(|row| row.claim);
    let highest = claims.clone().flatten().max();
    let orders = order::orders(tableau, highest.unwrap_or(0) + 1, budget);
    let is_true = |(claim, row): (Option<usize>, &Order)| {
        claim.is_none_or(|claim| claim == row.order && row.ends)
    };
    orders.is_ok_and(|orders| claims.zip(&orders).all(is_true))
}

/// The order up to which the conditions of every claim hold, without end if none was seen to fail up to `bound`.
pub(super) fn common(tableau: &Tableau, bound: usize, budget: &mut Budget) -> Option<usize> {
    let orders = order::orders(tableau, bound, budget).ok()?;
    let rows = tableau.weights.iter().zip(&orders);
    let failing = rows.filter(|(row, found)| row.claim.is_some_and(|claim| found.order < claim));
    Some(
        failing
            .map(|(_, found)| found.order)
            .min()
            .unwrap_or(usize::MAX),
    )
}

/// The conditions of one order, for the rows that claim it.
pub(super) fn conditions<'a>(
    claims: &'a Claims,
    forest: &'a Forest,
    leaves: usize,
    order: usize,
) -> impl Iterator<Item = Condition> + 'a {
    let rows = claims
        .iter()
        .enumerate()
        .filter(move |(_, claim)| claim.is_some_and(|claim| order <= claim));
    let rows: Vec<_> = rows.map(|(row, _)| row).collect();
    forest.range(order).flat_map(move |tree| {
        let rows = rows.clone();
        (0..leaves).flat_map(move |leaf| {
            rows.clone()
                .into_iter()
                .map(move |row| Condition { tree, row, leaf })
        })
    })
}

/// A polynomial divided by its unknown as often as that is possible.
fn without_zero_root<F: Field>(field: &F, mut p: Polynomial<F>) -> Polynomial<F> {
    let zeros = p.iter().take_while(|c| **c == field.zero()).count();
    p.split_off(zeros)
}
