//! Single changes of a `rounded` file: found by solving one condition, proven within the stated errors.
//!
//! Conditions of rounded numbers have no common root, so the first that fails is solved alone. In floating point that
//! leaves few numbers to blame; those are solved again with many digits, and written with as many as the file has.

use std::collections::HashMap;

use num_traits::Zero;

use super::digits::significant;
use super::field::{Exact, Floats};
use super::roots::{Root, number};
use super::search::{Claims, Findings, Found};
use super::system::{Condition, Entries, System};
use super::unknown::{Place, Unknown};
use super::{following, roots, search};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::budget;
use crate::proof::budget::Budget;
use crate::proof::exact;
use crate::proof::order::{Leaves, Verdict};
use crate::proof::tree::Forest;

/// The error within which a change is worth solving exactly.
const LOOSE: (i64, i64) = (1, 1_000_000);

/// What may be left of a condition in floating point, of its terms.
const SLIGHT: f64 = 1e-4;

/// Largest trees whose conditions are compared for how well they tell a number.
const SHARP: usize = 7;

/// Least slope of a condition, of its terms, that tells a number.
const STEEP: f64 = 1e-6;

/// Steps to take a number of the tableau as a floating-point number, or to copy it.
const READING: f64 = 200.0;

/// Steps of multiplying coefficients of polynomials.
const COEFFICIENT: f64 = 20.0;

/// A number to blame, what to add to it in floating point and by which condition, and how far all then hold.
#[derive(Clone, Copy)]
struct Lead {
    unknown: Unknown,
    condition: Condition,
    root: Root,
    order: usize,
}

struct Search<'a> {
    tableau: &'a Tableau,
    forest: Forest,
    condition: Condition,
    claims: Claims,
    /// Up to which order the conditions hold.
    before: usize,
    floats: Entries<Floats>,
    /// `γ(t)·Σ |b_i| |Φ_i|(t)` of trees and rows.
    terms: HashMap<(usize, usize), f64>,
    /// Significant digits of the file's numbers.
    digits: usize,
    budget: &'a mut Budget,
}

/// Every single change after which all claims hold within the stated errors, as far as the budget goes.
pub(super) fn search(
    tableau: &Tableau,
    unknowns: &[Unknown],
    swaps: &[Place],
    verdict: &Verdict,
    budget: &mut Budget,
) -> Option<Findings> {
    let eps = tableau.rounded.as_ref()?.to_f64();
    let before = search::common_order(verdict)?;
    let (forest, condition) = first_failure(verdict)?;
    let mut found: Vec<_> = search::exchanged(tableau, budget).into_iter().collect();
    let claims: Claims = tableau.weights.iter().map(|row| row.claim).collect();
    let mut search = Search {
        tableau,
        terms: terms(tableau, &claims, &forest),
        forest,
        condition,
        claims,
        before,
        floats: Entries::new(&Floats, tableau),
        digits: (-eps.log10()).ceil().max(1.0) as usize,
        budget,
    };
    found.extend(search.swaps(swaps));
    let mut partial = Vec::new();
    for &unknown in unknowns {
        if search.budget.is_spent() {
            break;
        }
        let leads = search.leads(unknown);
        let (likely, others): (Vec<_>, _) =
            { leads.into_iter() }.partition(|lead| lead.order == usize::MAX);
        partial.extend(others);
        // Roots that are near one another are one.
        found.extend({ likely.iter() }.find_map(|lead| search.proven(lead, search::holds)));
    }
    let complete = !search.budget.is_spent();
    let furthest = if found.is_empty() {
        search.furthest(&partial)
    } else {
        Vec::new()
    };
    Some(Findings {
        found,
        furthest,
        complete,
    })
}

/// The condition of the verdict that fails first, of the first row whose claim is too high.
fn first_failure(verdict: &Verdict) -> Option<(Forest, Condition)> {
    let mut rows = verdict.weights.iter().enumerate();
    let (row, found) = rows.find(|(_, row)| row.claimed.is_some_and(|claim| row.order < claim))?;
    let failure = found.first_failure.as_ref()?;
    let highest = verdict.weights.iter().filter_map(|row| row.claimed).max()?;
    let forest = Forest::up_to(failure.order.max(highest.min(SHARP)));
    let tree = forest
        .range(failure.order)
        .find(|&tree| forest.bracket(tree) == failure.tree)?;
    let leaf = usize::from(failure.leaves == Leaves::Nodes);
    Some((forest, Condition { tree, row, leaf }))
}

/// The condition of one of so many leaves.
fn among(condition: Condition, leaves: usize) -> Condition {
    Condition {
        leaf: condition.leaf.min(leaves - 1),
        ..condition
    }
}

/// How large the terms of each condition are.
fn terms(tableau: &Tableau, claims: &Claims, forest: &Forest) -> HashMap<(usize, usize), f64> {
    let mut entries = Entries::new(&Floats, tableau);
    let numbers = entries.matrix.iter_mut().chain(&mut entries.weights);
    for number in numbers.flatten().flatten() {
        *number = number.abs();
    }
    let mut system = System::new(&Floats, forest, entries);
    let orders = 1..=forest.order();
    let conditions = orders.flat_map(|order| search::conditions(claims, forest, 1, order));
    let size = |condition: Condition| {
        let less_one = system.residual(condition).first().copied().unwrap_or(0.0);
        ((condition.tree, condition.row), less_one + 1.0)
    };
    conditions.map(size).collect()
}

impl Search<'_> {
    /// The changes after which the conditions hold further than before, but for errors that are not counted.
    fn leads(&mut self, unknown: Unknown) -> Vec<Lead> {
        let steps = READING * self.tableau.matrix.len() as f64;
        if self.budget.spend(steps).is_err() {
            return Vec::new();
        }
        let entries = self.floats.clone().with(&Floats, unknown);
        let forest = self.forest.clone();
        let mut system = System::new(&Floats, &forest, entries);
        let residual = system.residual(among(self.condition, system.leaves()));
        let mut leads = Vec::new();
        for root in roots::real(&residual) {
            let condition = self.condition;
            let steps = COEFFICIENT * system.steps as f64 + roots::steps(residual.len());
            if self.budget.spend(steps).is_err() {
                break;
            }
            let lead = |order| Lead {
                unknown,
                condition,
                root,
                order,
            };
            if !self.may_hold(&mut system, root.value) {
                continue;
            }
            let order = self.reach(unknown, root.value).unwrap_or(0);
            if order == usize::MAX {
                leads.push(self.sharpened(&mut system, lead(order)));
            } else if order > self.before {
                leads.push(lead(order));
            }
        }
        leads
    }

    fn size(&self, condition: Condition) -> f64 {
        let key = (condition.tree, condition.row);
        self.terms.get(&key).copied().unwrap_or(1.0)
    }

    /// Whether the first conditions about hold with `y` added to the unknown, in floating point.
    fn may_hold(&self, system: &mut System<Floats>, y: f64) -> bool {
        let orders = 1..=self.forest.order().min(self.before + 1);
        let leaves = system.leaves();
        let mut conditions =
            { orders }.flat_map(|o| search::conditions(&self.claims, &self.forest, leaves, o));
        conditions.all(|condition| {
            let rest = roots::value(&system.residual(condition), y);
            rest.abs() <= SLIGHT * (1.0 + self.size(condition))
        })
    }

    /// By the condition that tells the number best: the one that first fails may hardly depend on it.
    fn sharpened(&self, system: &mut System<Floats>, lead: Lead) -> Lead {
        let (mut sharpest, mut most) = (lead, STEEP);
        let leaves = system.leaves();
        let orders = 1..=self.forest.order();
        for condition in
            { orders }.flat_map(|o| search::conditions(&self.claims, &self.forest, leaves, o))
        {
            let slope = roots::derivative(&system.residual(condition));
            let slope = roots::value(&slope, lead.root.value).abs() / self.size(condition);
            if slope > most {
                let root = Root {
                    derivative: 0,
                    ..lead.root
                };
                most = slope;
                sharpest = Lead {
                    condition,
                    root,
                    ..lead
                };
            }
        }
        sharpest
    }

    /// The neighbours that may be exchanged.
    fn swaps(&mut self, swaps: &[Place]) -> Vec<(Found, Tableau)> {
        let steps = READING * self.tableau.matrix.len() as f64;
        let mut found = Vec::new();
        for &first in swaps {
            let Some(swapped) = search::swapped(self.tableau, first) else {
                continue;
            };
            if self.budget.spend(steps).is_err() {
                break;
            }
            let entries = self.floats.clone().swapped(first);
            let mut system = System::new(&Floats, &self.forest, entries);
            if self.may_hold(&mut system, 0.0) && search::holds(&swapped.1, self.budget) {
                found.push(swapped);
            }
        }
        found
    }

    /// How far the conditions of all claims about hold with `y` added to the unknown; without end if that is all.
    fn reach(&mut self, unknown: Unknown, y: f64) -> Option<usize> {
        let current = unknown.place.value(self.tableau)?.to_f64();
        let value = significant(&number(current + y)?, 17)?;
        let mut loose = unknown.replaced(self.tableau, &value)?;
        loose.rounded = Number::ratio(LOOSE.0, LOOSE.1);
        let highest = loose.weights.iter().filter_map(|row| row.claim).max()?;
        search::common(&loose, highest, self.budget)
    }

    /// What to add to the unknown, with more digits than the file has.
    fn refined(&mut self, lead: &Lead) -> Option<Number> {
        let words = exact::words(self.tableau).unwrap_or(f64::INFINITY);
        let nodes = self.forest.get(lead.condition.tree).order as f64;
        let operation = budget::operation_on(words * nodes);
        let steps = 2.0 * nodes * self.tableau.matrix.len() as f64 * operation;
        self.budget.spend(steps).ok()?;
        let entries = Entries::new(&Exact, self.tableau).with(&Exact, lead.unknown);
        let mut system = System::new(&Exact, &self.forest, entries);
        let residual = system.residual(among(lead.condition, system.leaves()));
        roots::refined(&residual, lead.root, 256 + 4 * self.digits as u64)
    }

    /// The change of a lead, or what it rounds, that is proven.
    fn proven(
        &mut self,
        lead: &Lead,
        is_proof: impl Fn(&Tableau, &mut Budget) -> bool,
    ) -> Option<(Found, Tableau)> {
        let unknown = lead.unknown;
        let current = unknown.place.value(self.tableau)?;
        let value = current + &self.refined(lead)?;
        let opposite = -current.clone();
        let close =
            |number: &Number| (&value - number).to_f64().abs() <= 1e-6 * current.to_f64().abs();
        let plain = [Number::zero(), opposite].into_iter().filter(close);
        let digits = self.digits.min(8)..=self.digits + 2;
        let written = digits.filter_map(|digits| significant(&value, digits));
        let mut candidates: Vec<_> = plain.chain(written).collect();
        candidates.dedup();
        for candidate in candidates {
            for changed in following::replaced(unknown, self.tableau, &candidate, self.digits) {
                if is_proof(&changed, self.budget) {
                    return Some((Found::Value(unknown, candidate), changed));
                }
            }
        }
        None
    }

    /// The changes after which the conditions are proven to the highest order.
    fn furthest(&mut self, leads: &[Lead]) -> Vec<(Found, Tableau, usize)> {
        let highest = leads.iter().map(|lead| lead.order).max().unwrap_or(0);
        for order in (self.before + 1..=highest).rev() {
            let equal: Vec<_> = leads.iter().filter(|lead| lead.order == order).collect();
            let reaches = |tableau: &Tableau, budget: &mut Budget| {
                search::common(tableau, order + 1, budget) == Some(order)
            };
            let proven = equal.into_iter().filter_map(|lead| {
                let (found, changed) = self.proven(lead, reaches)?;
                Some((found, changed, order))
            });
            let proven: Vec<_> = proven.collect();
            if !proven.is_empty() {
                return proven;
            }
        }
        Vec::new()
    }
}
