//! Solves exact tableaux: a value is a common root of the order conditions.
//!
//! With `x + y` for a number `x`, each condition is a polynomial in `y`. Those that hold already have the root 0,
//! which is divided out; a fix is a common root of all. A root of exact polynomials is a root of their residues modulo a
//! prime, so most numbers are ruled out by the first few conditions, without long numbers.

use num_traits::Zero;

use super::conditions::{Condition, Conditions, SymbolicTableau};
use super::place::{Place, Variable};
use super::search::{ALL, Fix, Lead, Solver, conditions};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::{Arithmetic, Exact};
use crate::number::budget::{self, Budget, TooLarge};
use crate::number::modular::Residues;
use crate::number::polynomial::{self, Polynomial};
use crate::proof::exact;
use crate::proof::tree::Forest;

/// Steps of multiplying coefficients of polynomials, and of copying a number with its place in memory.
const COEFFICIENT: f64 = 5.0;
const COPY: f64 = 100.0;

/// Steps of a square root, for each word.
const ROOT: f64 = 2e5;

pub(super) struct ExactSolver<'a> {
    tableau: &'a Tableau,
    forest: Forest,
    /// Up to which order the conditions hold.
    before: usize,
    residues: Residues,
    entries: SymbolicTableau<Residues>,
    budget: &'a mut Budget,
    /// Words of an exact weight, for each node of its tree.
    words: f64,
}

impl<'a> ExactSolver<'a> {
    pub(super) fn new(tableau: &'a Tableau, before: usize, budget: &'a mut Budget) -> Option<Self> {
        let claims = tableau.weights.iter().filter_map(|row| row.claim);
        let residues = residues(tableau)?;
        let mut forest = Forest::default();
        forest.grow_within(claims.max()?, budget).ok()?;
        Some(Self {
            tableau,
            forest,
            before,
            entries: SymbolicTableau::new(&residues, tableau),
            residues,
            budget,
            words: exact::words(tableau).unwrap_or(f64::INFINITY),
        })
    }

    /// Pays for a copy of the tableau.
    fn copy(&mut self) -> Result<(), TooLarge> {
        let stages = self.tableau.stages();
        let numbers = stages * (stages + self.tableau.weights.len() + 1);
        self.budget.spend(COPY * numbers as f64)
    }

    /// Finds the order up to which the conditions have a common root modulo the prime, and those that decide it.
    fn lead(&mut self, variable: Variable) -> Lead<Vec<Condition>> {
        let mut lead = Lead {
            variable,
            order: 0,
            evidence: Vec::new(),
        };
        if self.copy().is_err() {
            return lead;
        }
        let entries = self.entries.clone().with(&self.residues, variable);
        let mut system = Conditions::new(&self.residues, &self.forest, entries);
        let mut common = Vec::new();
        for order in 1..=self.forest.order() {
            let held = lead.evidence.len();
            let leaves = system.leaves();
            for condition in conditions(self.tableau, &self.forest, leaves, order..=order) {
                let residual = without_zero_root(&self.residues, system.residual(condition));
                let taken = std::mem::take(&mut system.steps) as f64;
                let within = self.budget.spend(COEFFICIENT * taken).is_ok();
                if within && residual.is_empty() {
                    continue;
                }
                let next = polynomial::gcd(&self.residues, common.clone(), residual, self.budget);
                let Some(next) = next.ok().filter(|next| within && next.len() != 1) else {
                    lead.evidence.truncate(held);
                    return lead;
                };
                if next != common {
                    lead.evidence.push(condition);
                    common = next;
                }
            }
            lead.order = order;
        }
        lead.order = ALL;
        lead
    }

    /// The values of the variable that are common roots of the deciding conditions, exactly.
    fn values(&mut self, lead: &Lead<Vec<Condition>>) -> Result<Vec<Number>, TooLarge> {
        let Some(current) = lead.variable.place.value(self.tableau) else {
            return Ok(Vec::new());
        };
        let entries = self.tableau.matrix.iter();
        let entries = entries.filter(|entry| !entry.is_zero()).count() as f64;
        for condition in &lead.evidence {
            // A matrix times a vector for each node, of polynomials that are mostly linear.
            let nodes = self.forest.get(condition.tree).order as f64;
            let operation = budget::operation_on(self.words * nodes);
            self.budget.spend(2.0 * nodes * entries * operation)?;
        }
        self.copy()?;
        let entries = SymbolicTableau::new(&Exact, self.tableau).with(&Exact, lead.variable);
        let mut system = Conditions::new(&Exact, &self.forest, entries);
        let mut common = Vec::new();
        for &condition in &lead.evidence {
            let residual = without_zero_root(&Exact, system.residual(condition));
            common = polynomial::gcd(&Exact, common, residual, self.budget)?;
        }
        // The square root of a discriminant takes trial divisions.
        self.budget.spend(ROOT * budget::words(&common))?;
        let roots = polynomial::exact_roots(&common);
        Ok(roots.iter().map(|root| current + root).collect())
    }

    /// Returns true if no condition of the claims fails modulo the prime with two neighbours exchanged.
    fn may_hold(&mut self, first: Place) -> Result<bool, TooLarge> {
        self.copy()?;
        let entries = self.entries.clone().swapped(first);
        let mut system = Conditions::new(&self.residues, &self.forest, entries);
        let (leaves, orders) = (system.leaves(), 1..=self.forest.order());
        for condition in conditions(self.tableau, &self.forest, leaves, orders) {
            let holds = system.residual(condition).is_empty();
            let taken = std::mem::take(&mut system.steps) as f64;
            self.budget.spend(COEFFICIENT * taken)?;
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Solver for ExactSolver<'_> {
    type Evidence = Vec<Condition>;

    fn budget(&mut self) -> &mut Budget {
        self.budget
    }

    fn may_swap(&mut self, first: Place) -> bool {
        self.may_hold(first).unwrap_or(false)
    }

    fn leads(&mut self, variable: Variable) -> Vec<Lead<Vec<Condition>>> {
        let lead = Some(self.lead(variable)).filter(|lead| lead.order > self.before);
        lead.into_iter().collect()
    }

    fn proven(
        &mut self,
        lead: &Lead<Vec<Condition>>,
        is_proof: &dyn Fn(&Tableau, &mut Budget) -> bool,
    ) -> Vec<(Fix, Tableau)> {
        let values = self.values(lead).unwrap_or_default().into_iter();
        let changed = values.filter_map(|value| {
            self.copy().ok()?;
            let changed = lead.variable.replaced(self.tableau, &value)?;
            let fix = Fix::Value(lead.variable, value);
            is_proof(&changed, self.budget).then_some((fix, changed))
        });
        changed.collect()
    }
}

/// A polynomial divided by its variable as often as that is possible.
fn without_zero_root<F: Arithmetic>(field: &F, mut p: Polynomial<F>) -> Polynomial<F> {
    let zeros = p.iter().take_while(|c| **c == field.zero()).count();
    p.split_off(zeros)
}

/// Residues modulo a prime that divides no denominator of the tableau, if there is one.
fn residues(tableau: &Tableau) -> Option<Residues> {
    let denominators = tableau.numbers().map(|n| n.denominator().clone());
    let mut denominators: Vec<_> = denominators.collect();
    denominators.sort_unstable();
    denominators.dedup();
    Residues::all(&tableau.field, &denominators).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::arithmetic::Field;

    #[test]
    fn residues_are_an_image_of_the_numbers() {
        let text = "let r = sqrt(6)\n0 |\n(3-r)/7 | (3-r)/7\n---\norder 1 | -5/11+sqrt(3)/2 0\n";
        let tableau = Tableau::new(&crate::parse(text).unwrap()).unwrap();
        let field = residues(&tableau).unwrap();
        let (a, b) = (&tableau.nodes[1], &tableau.weights[0].values[0]);
        let (x, y) = (
            Arithmetic::convert(&field, a),
            Arithmetic::convert(&field, b),
        );
        let image = |number: &Number| Arithmetic::convert(&field, number);
        assert_eq!(image(&(a * b)), Arithmetic::multiply(&field, &x, &y));
        assert_eq!(image(&(a - b)), field.subtract(&x, &y));
        assert_eq!(image(&(b - a)), field.subtract(&y, &x));
        assert_eq!(image(&(a - a)), field.subtract(&x, &x));
        assert_eq!(image(&Exact.invert(a)), field.invert(&x));
    }
}
