//! Which single change makes the claims true: found by solving for it, proven by the checker.
//!
//! With `x + y` for a number `x`, each condition is a polynomial in `y`. Those that hold already have the root 0,
//! which is divided out; a change is a common root of all. Most numbers are ruled out by the first few conditions.

use super::field::{self, Exact, Field};
use super::polynomial::{self, Polynomial};
use super::system::{Condition, Entries, System};
use super::unknown::{Place, Unknown};
use crate::modular::Residues;
use crate::number::Number;
use crate::order::{self, RowVerdict, Verdict};
use crate::tableau::Tableau;
use crate::tree::Forest;

/// Most coefficients multiplied in one search: about a second.
pub(super) const EFFORT: u64 = 200_000_000;

/// A claimed order of each row of weights.
type Claims = Vec<Option<usize>>;

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
    pub(super) furthest: Vec<(Unknown, Number, usize)>,
    /// Whether every number was tried.
    pub(super) complete: bool,
}

struct Search<'a> {
    tableau: &'a Tableau,
    claims: Claims,
    forest: Forest,
    residues: Residues,
    entries: Entries<Residues>,
    steps: u64,
    /// Most steps, that of one number tried last included.
    most: u64,
    /// What it costs to copy the tableau.
    overhead: u64,
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

/// Every single change of a number of the file after which all claims are true.
pub(super) fn search(
    tableau: &Tableau,
    unknowns: &[Unknown],
    swaps: &[Place],
    before: usize,
    effort: u64,
) -> Option<Findings> {
    let claims: Claims = tableau.weights.iter().map(|row| row.claim).collect();
    let highest = *claims.iter().flatten().max()?;
    let residues = field::residues(tableau)?;
    let mut search = Search {
        tableau,
        forest: Forest::up_to(highest),
        entries: Entries::new(&residues, tableau),
        residues,
        claims,
        steps: 0,
        most: 2 * effort,
        overhead: 8 * (tableau.stages() * (tableau.stages() + tableau.weights.len())) as u64,
    };
    let mut found: Vec<_> = exchanged(tableau).into_iter().collect();
    for &first in swaps {
        if search.steps > effort {
            break;
        }
        found.extend(search.swapped(first));
    }
    let mut furthest: Vec<(Unknown, Number, usize)> = Vec::new();
    for &unknown in unknowns {
        if search.steps > effort {
            break;
        }
        let reach = search.reach(unknown);
        let best = furthest.first().map_or(before + 1, |(_, _, order)| *order);
        if reach.order == highest {
            found.extend(search.solved(unknown, &reach));
        } else if found.is_empty() && reach.order >= best {
            let progress = search.progress(unknown, &reach);
            if progress.is_some() && reach.order > best {
                furthest.clear();
            }
            furthest.extend(progress);
        }
    }
    if !found.is_empty() {
        furthest.clear();
    }
    Some(Findings {
        found,
        furthest,
        complete: search.steps <= effort,
    })
}

impl Search<'_> {
    /// Looks for common roots, order by order.
    fn reach(&mut self, unknown: Unknown) -> Reach {
        self.steps += self.overhead;
        let entries = self.entries.clone().with(&self.residues, unknown);
        let mut system = System::new(&self.residues, &self.forest, entries);
        let mut common = Vec::new();
        let mut reach = Reach {
            order: 0,
            deciding: Vec::new(),
        };
        for order in 1..=self.forest.order() {
            let held = reach.deciding.len();
            for condition in conditions(&self.claims, &self.forest, system.leaves(), order) {
                let residual = without_zero_root(&self.residues, system.residual(condition));
                if residual.is_empty() {
                    continue;
                }
                let next = polynomial::gcd(&self.residues, common.clone(), residual);
                if next.len() == 1 {
                    self.steps += system.steps;
                    reach.deciding.truncate(held);
                    return reach;
                }
                if next != common {
                    reach.deciding.push(condition);
                    common = next;
                }
                if self.steps + system.steps > self.most {
                    self.steps += system.steps;
                    return reach;
                }
            }
            reach.order = order;
        }
        self.steps += system.steps;
        reach
    }

    /// The common roots of the deciding conditions, exactly.
    fn roots(&self, unknown: Unknown, reach: &Reach) -> Vec<Number> {
        let Some(current) = unknown.place.value(self.tableau) else {
            return Vec::new();
        };
        let entries = Entries::new(&Exact, self.tableau).with(&Exact, unknown);
        let mut system = System::new(&Exact, &self.forest, entries);
        let common = reach.deciding.iter().fold(Vec::new(), |common, condition| {
            let residual = without_zero_root(&Exact, system.residual(*condition));
            polynomial::gcd(&Exact, common, residual)
        });
        let roots = polynomial::roots(&common);
        roots.iter().map(|root| current + root).collect()
    }

    fn solved(&self, unknown: Unknown, reach: &Reach) -> Vec<(Found, Tableau)> {
        let values = self.roots(unknown, reach).into_iter();
        let changed = values.filter_map(|value| {
            let changed = unknown.replaced(self.tableau, &value)?;
            holds(&changed).then_some((Found::Value(unknown, value), changed))
        });
        changed.collect()
    }

    /// A change that takes the conditions as far as the reach says, if that can be verified.
    fn progress(&self, unknown: Unknown, reach: &Reach) -> Option<(Unknown, Number, usize)> {
        let value = self.roots(unknown, reach).into_iter().next()?;
        let changed = unknown.replaced(self.tableau, &value)?;
        let verdict = order::verify(&changed, reach.order + 1).ok()?;
        let order = common_order(&verdict)?;
        (order == reach.order).then_some((unknown, value, order))
    }

    fn swapped(&mut self, first: Place) -> Option<(Found, Tableau)> {
        let swapped = swapped(self.tableau, first)?;
        let may_hold = self.may_hold(self.entries.clone().swapped(first));
        (may_hold && holds(&swapped.1)).then_some(swapped)
    }

    /// Whether no condition of the claims fails modulo the prime.
    fn may_hold(&mut self, entries: Entries<Residues>) -> bool {
        self.steps += self.overhead;
        let mut system = System::new(&self.residues, &self.forest, entries);
        let holds = (1..=self.forest.order()).all(|order| {
            let mut conditions = conditions(&self.claims, &self.forest, system.leaves(), order);
            conditions.all(|condition| system.residual(condition).is_empty())
        });
        self.steps += system.steps;
        holds
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
pub(super) fn exchanged(tableau: &Tableau) -> Option<(Found, Tableau)> {
    let mut changed = tableau.clone();
    let [first, second] = changed.weights.as_mut_slice() else {
        return None;
    };
    std::mem::swap(&mut first.values, &mut second.values);
    let differ = first.values != second.values;
    (differ && holds(&changed)).then_some((Found::Exchange, changed))
}

/// Whether all claims of a tableau are true.
pub(super) fn holds(tableau: &Tableau) -> bool {
    let highest = tableau.weights.iter().filter_map(|row| row.claim).max();
    let verdict = order::verify(tableau, highest.unwrap_or(0) + 1);
    verdict.is_ok_and(|verdict| verdict.weights.iter().all(RowVerdict::holds))
}

/// The conditions of one order, for the rows that claim it.
fn conditions<'a>(
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
