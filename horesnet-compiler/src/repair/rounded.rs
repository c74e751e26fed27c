//! Solves `rounded` tableaux by one condition, and proves within the stated errors.
//!
//! Conditions of rounded numbers have no common root, so the first that fails is solved alone. In floating point that
//! leaves few numbers to blame; those are solved again with many digits, and written with as many as the file has.

use std::collections::HashMap;
use std::rc::Rc;

use num_traits::Zero;

use super::conditions::{Condition, Conditions, SymbolicTableau};
use super::place::{Place, Variable};
use super::row_sum;
use super::search::{self, ALL, Fix, Lead, Solver};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::Exact;
use crate::number::budget::{self, Budget};
use crate::number::decimal::significant;
use crate::number::roots::{self, Root};
use crate::number::scalars::{FLOATS, Scalars};
use crate::proof::exact;
use crate::proof::order::{Leaves, Verdict};
use crate::proof::tree::Forest;

/// The error within which a change is worth solving exactly.
const LOOSE: (i64, i64) = (1, 1_000_000);

/// Largest residual of a condition in floating point, relative to its terms.
const SLIGHT: f64 = 1e-4;

/// Largest trees whose conditions are compared for how sensitive they are to a number.
const SHARP: usize = 7;

/// Least slope of a condition, relative to its terms, from which a number is computed.
const STEEP: f64 = 1e-6;

/// Steps to take a number of the tableau as a floating-point number, or to copy it.
const READING: f64 = 200.0;

/// Steps of multiplying coefficients of polynomials.
const COEFFICIENT: f64 = 20.0;

pub(super) struct RoundedSolver<'a> {
    tableau: &'a Tableau,
    forest: Rc<Forest>,
    /// The condition that fails first.
    condition: Condition,
    /// Up to which order the conditions hold.
    before: usize,
    floats: SymbolicTableau<Scalars<f64>>,
    /// `γ(t)·Σ |b_i| |Φ_i|(t)` of trees and rows.
    sizes: HashMap<(usize, usize), f64>,
    /// Significant digits of the file's numbers.
    digits: usize,
    budget: &'a mut Budget,
}

/// A condition and its root, to be added to the variable.
type Evidence = (Condition, Root);

impl<'a> RoundedSolver<'a> {
    pub(super) fn new(
        tableau: &'a Tableau,
        verdict: &Verdict,
        before: usize,
        budget: &'a mut Budget,
    ) -> Option<Self> {
        let eps = tableau.rounded.as_ref()?.to_f64();
        let (forest, condition) = first_failure(verdict)?;
        Some(Self {
            tableau,
            sizes: sizes(tableau, &forest, budget)?,
            forest: Rc::new(forest),
            condition,
            before,
            floats: SymbolicTableau::new(&FLOATS, tableau),
            digits: (-eps.log10()).ceil().max(1.0) as usize,
            budget,
        })
    }

    /// Pays for a copy of the tableau in floating point.
    fn is_payable(&mut self) -> bool {
        let steps = READING * self.tableau.matrix.len() as f64;
        self.budget.spend(steps).is_ok()
    }

    fn size(&self, condition: Condition) -> f64 {
        let key = (condition.tree, condition.row);
        self.sizes.get(&key).copied().unwrap_or(1.0)
    }

    /// Returns true if the first conditions hold roughly with `y` added to the variable.
    fn may_hold(&mut self, system: &mut Conditions<Scalars<f64>>, y: f64) -> bool {
        let orders = 1..=self.forest.order().min(self.before + 1);
        let forest = Rc::clone(&self.forest);
        let mut conditions = search::conditions(self.tableau, &forest, system.leaves(), orders);
        conditions.all(|condition| {
            let rest = roots::value(&system.residual(condition), y);
            let is_small = rest.abs() <= SLIGHT * (1.0 + self.size(condition));
            self.pay(system) && is_small
        })
    }

    /// Takes the steps of the conditions so far, and returns true if they were left.
    fn pay(&mut self, system: &mut Conditions<Scalars<f64>>) -> bool {
        let steps = std::mem::take(&mut system.steps) as f64;
        self.budget.spend(COEFFICIENT * steps).is_ok()
    }

    /// The condition most sensitive to the variable, with its root: the one that first fails may hardly depend on it.
    fn sharpest(&mut self, system: &mut Conditions<Scalars<f64>>, evidence: Evidence) -> Evidence {
        let (mut sharpest, mut most) = (evidence, STEEP);
        let value = evidence.1.value;
        let forest = Rc::clone(&self.forest);
        let orders = 1..=forest.order();
        for condition in search::conditions(self.tableau, &forest, system.leaves(), orders) {
            if !self.pay(system) {
                break;
            }
            let slope = roots::derivative(&system.residual(condition));
            let slope = roots::value(&slope, value).abs() / self.size(condition);
            if slope > most {
                let root = Root {
                    value,
                    derivative: 0,
                };
                (sharpest, most) = ((condition, root), slope);
            }
        }
        sharpest
    }

    /// The order up to which the conditions hold roughly with `y` added to the variable.
    fn reach(&mut self, variable: Variable, y: f64) -> Option<usize> {
        let current = variable.place.value(self.tableau)?.to_f64();
        let value = significant(&Number::from_f64(current + y)?, 17)?;
        let mut loose = variable.replaced(self.tableau, &value)?;
        loose.rounded = Number::ratio(LOOSE.0, LOOSE.1);
        let highest = loose.weights.iter().filter_map(|row| row.claim).max()?;
        search::common_order(&loose, highest, self.budget)
    }

    /// The value of the variable, with more digits than the file has.
    fn refined(&mut self, lead: &Lead<Evidence>) -> Option<Number> {
        let (condition, root) = lead.evidence;
        let words = exact::words(self.tableau).unwrap_or(f64::INFINITY);
        let nodes = self.forest.get(condition.tree).order as f64;
        let operation = budget::operation_on(words * nodes);
        let steps = 2.0 * nodes * self.tableau.matrix.len() as f64 * operation;
        self.budget.spend(steps).ok()?;
        let entries = SymbolicTableau::new(&Exact, self.tableau).with(&Exact, lead.variable);
        let residual = Conditions::new(&Exact, &self.forest, entries).residual(condition);
        roots::refined(&residual, root, 256 + 4 * self.digits as u64)
    }
}

impl Solver for RoundedSolver<'_> {
    type Evidence = Evidence;

    fn budget(&mut self) -> &mut Budget {
        self.budget
    }

    fn may_swap(&mut self, first: Place) -> bool {
        if !self.is_payable() {
            return false;
        }
        let entries = self.floats.clone().swapped(first);
        let forest = Rc::clone(&self.forest);
        let mut system = Conditions::new(&FLOATS, &forest, entries);
        self.may_hold(&mut system, 0.0)
    }

    fn leads(&mut self, variable: Variable) -> Vec<Lead<Evidence>> {
        if !self.is_payable() {
            return Vec::new();
        }
        let entries = self.floats.clone().with(&FLOATS, variable);
        let forest = Rc::clone(&self.forest);
        let mut system = Conditions::new(&FLOATS, &forest, entries);
        let residual = system.residual(self.condition);
        let mut leads = Vec::new();
        for root in roots::real(&residual) {
            let steps = roots::steps(residual.len());
            if !self.pay(&mut system) || self.budget.spend(steps).is_err() {
                break;
            }
            if !self.may_hold(&mut system, root.value) {
                continue;
            }
            let order = self.reach(variable, root.value).unwrap_or(0);
            let mut evidence = (self.condition, root);
            if order == ALL {
                evidence = self.sharpest(&mut system, evidence);
            }
            leads.extend((order > self.before).then_some(Lead {
                variable,
                order,
                evidence,
            }));
        }
        leads
    }

    /// The first of the numbers that the value may round to.
    fn proven(
        &mut self,
        lead: &Lead<Evidence>,
        is_proof: &dyn Fn(&Tableau, &mut Budget) -> bool,
    ) -> Vec<(Fix, Tableau)> {
        let variable = lead.variable;
        let (Some(current), Some(change)) =
            (variable.place.value(self.tableau), self.refined(lead))
        else {
            return Vec::new();
        };
        let value = current + &change;
        let close =
            |number: &Number| (&value - number).to_f64().abs() <= 1e-6 * current.to_f64().abs();
        let plain = [Number::zero(), -current.clone()].into_iter().filter(close);
        let digits = self.digits.min(8)..=self.digits + 2;
        let written = digits.filter_map(|digits| significant(&value, digits));
        let mut candidates: Vec<_> = plain.chain(written).collect();
        candidates.dedup();
        let tableaux = candidates.into_iter().flat_map(|candidate| {
            let changed = row_sum::replaced(variable, self.tableau, &candidate, self.digits);
            { changed.into_iter() }
                .map(move |changed| (Fix::Value(variable, candidate.clone()), changed))
        });
        let proven = { tableaux }.find(|(_, changed)| is_proof(changed, self.budget));
        proven.into_iter().collect()
    }
}

/// The condition of the verdict that fails first, of the first row whose claim is too high.
fn first_failure(verdict: &Verdict) -> Option<(Forest, Condition)> {
    let mut rows = verdict.weights.iter().enumerate();
    let (row, found) = rows.find(|(_, row)| row.claimed.is_some_and(|claim| row.order < claim))?;
    let failure = found.first_failure.as_ref()?;
    let highest = verdict.weights.iter().filter_map(|row| row.claimed).max()?;
    let forest = Forest::up_to(failure.order.max(highest.min(SHARP)));
    let mut trees = forest.range(failure.order);
    let tree = trees.find(|&tree| forest.bracket(tree) == failure.tree)?;
    let leaf = usize::from(failure.leaves == Leaves::Nodes);
    Some((forest, Condition { tree, row, leaf }))
}

/// The size of the terms of each condition.
fn sizes(
    tableau: &Tableau,
    forest: &Forest,
    budget: &mut Budget,
) -> Option<HashMap<(usize, usize), f64>> {
    let mut entries = SymbolicTableau::new(&FLOATS, tableau);
    let numbers = entries.matrix.iter_mut().chain(&mut entries.weights);
    for number in numbers.flatten().flatten() {
        *number = number.abs();
    }
    let mut system = Conditions::new(&FLOATS, forest, entries);
    let size = |condition: Condition| {
        let less_one = system.residual(condition).first().copied().unwrap_or(0.0);
        let steps = std::mem::take(&mut system.steps) as f64;
        budget.spend(COEFFICIENT * steps).ok()?;
        Some(((condition.tree, condition.row), less_one + 1.0))
    };
    search::conditions(tableau, forest, 1, 1..=forest.order())
        .map(size)
        .collect()
}
