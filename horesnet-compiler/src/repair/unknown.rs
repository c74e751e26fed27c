//! Solves the claims of a tableau for entries that are unknown, as functions of the parameters.
//!
//! Conditions are polynomials in the unknown entries. One that is linear in an entry gives it; products are taken apart,
//! and conditions in one entry alone have exact roots. Entries that no condition determines stay free.

use crate::language::family::Family;
use crate::language::limits;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::interval::Interval;
use crate::number::isolation::real_roots;
use crate::number::multivariate::Multivariate;
use crate::number::rational_function::RationalFunction;
use crate::proof::family::{Known, symbolic_weight};
use crate::proof::tree::Forest;

/// Most cases that are told apart.
const CASES: usize = 64;

/// Steps to copy a term of the family for a case.
const COPY: f64 = 500.0;

/// The entries that make all claims true.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Solution {
    /// Unknown entries, counted from 0, as functions of the parameters and of the entries that are free.
    pub(super) values: Vec<(usize, RationalFunction)>,
}

/// All solutions that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Solutions {
    pub(super) all: Vec<Solution>,
    /// True if there are no others.
    pub(super) complete: bool,
}

/// Solves the claims of these rows for the unknown entries of a family.
pub(super) fn solve(family: &Family, claims: &[Option<usize>], budget: &mut Budget) -> Solutions {
    let mut search = Search {
        claims,
        forest: Forest::default(),
        found: Solutions {
            all: Vec::new(),
            complete: true,
        },
        cases: 0,
        budget,
    };
    let state = State {
        family: family.clone(),
        values: Vec::new(),
        open: Vec::new(),
    };
    if search.next(state, 0).is_err() {
        search.found.complete = false;
    }
    search.found
}

/// A case: entries that are known so far.
#[derive(Clone)]
struct State {
    /// The family with the known entries in place.
    family: Family,
    values: Vec<(usize, RationalFunction)>,
    /// Conditions that are not solved yet.
    open: Vec<Multivariate>,
}

struct Search<'a> {
    claims: &'a [Option<usize>],
    forest: Forest,
    found: Solutions,
    cases: usize,
    budget: &'a mut Budget,
}

/// The unknown entries of a polynomial, as variables.
fn unknowns(p: &Multivariate) -> Vec<usize> {
    let variables = p.variables().into_iter();
    variables
        .filter(|variable| *variable >= limits::PARAMETERS)
        .collect()
}

impl Search<'_> {
    /// Adds the conditions of an order; those of order 0 are that nodes are the sums of their rows.
    fn next(&mut self, mut state: State, order: usize) -> Result<(), TooLarge> {
        let highest = self.claims.iter().flatten().max().copied().unwrap_or(0);
        // Proofs of what was found decide the rest.
        let is_known = state.values.len() == state.family.unknowns.len();
        if order > highest || is_known {
            if state.open.is_empty() {
                self.found.all.push(Solution {
                    values: state.values,
                });
            } else {
                self.found.complete = false;
            }
            return Ok(());
        }
        let family = &state.family;
        let sums = (0..family.nodes.len()).map(|row| family.row_sum(row, self.budget));
        let sums: Vec<_> = sums.collect::<Result<_, _>>()?;
        if order == 0 {
            for (sum, node) in sums.iter().zip(&family.nodes) {
                state.open.push(sum.minus(node, self.budget)?.numerator);
            }
            return self.reduce(state, 0);
        }
        self.forest.grow_within(order, self.budget)?;
        let mut known = Known::new();
        for tree in self.forest.range(order) {
            for (row, claim) in self.claims.iter().enumerate() {
                if claim.is_none_or(|claim| claim < order) {
                    continue;
                }
                let weight = symbolic_weight(
                    family,
                    &self.forest,
                    tree,
                    row,
                    &sums,
                    &mut known,
                    self.budget,
                )?;
                let expected = Number::ratio(1, self.forest.get(tree).density).ok_or(TooLarge)?;
                state
                    .open
                    .push(weight.minus(&expected.into(), self.budget)?.numerator);
            }
        }
        self.reduce(state, order)
    }

    /// Solves the open conditions as far as possible, and goes on with the next order.
    fn reduce(&mut self, mut state: State, order: usize) -> Result<(), TooLarge> {
        self.cases += 1;
        if self.cases > CASES {
            return Err(TooLarge);
        }
        self.budget.spend(COPY * state.family.terms() as f64)?;
        state.open.retain(|p| !p.is_zero());
        if state.open.iter().any(|p| unknowns(p).is_empty()) {
            // It fails for most values of the parameters.
            return Ok(());
        }
        state
            .open
            .sort_by_key(|p| (unknowns(p).len(), p.terms().count()));
        for p in state.open.clone() {
            for variable in unknowns(&p) {
                if let [rest, slope] = p.coefficients(variable).as_slice()
                    && unknowns(slope).is_empty()
                {
                    return self.solved(state, variable, rest, slope, order);
                }
            }
        }
        for (at, p) in state.open.clone().iter().enumerate() {
            let factors = p.split(self.budget)?;
            if factors.len() > 1 {
                let mut factors: Vec<_> = factors
                    .into_iter()
                    .filter(|factor| !unknowns(factor).is_empty())
                    .collect();
                factors.dedup();
                for factor in factors {
                    let mut case = state.clone();
                    case.open[at] = factor;
                    self.reduce(case, order)?;
                }
                return Ok(());
            }
            if let Some((variable, univariate)) = p.as_univariate() {
                for root in real_roots(&univariate, &Interval::default(), self.budget)? {
                    let Some(root) = root.exact() else {
                        // Not a number of the tableau language.
                        self.found.complete = false;
                        continue;
                    };
                    self.substituted(state.clone(), variable, &root.clone().into(), order)?;
                }
                return Ok(());
            }
        }
        for (at, p) in state.open.clone().iter().enumerate() {
            for variable in unknowns(p) {
                if let [rest, slope] = p.coefficients(variable).as_slice() {
                    let mut degenerate = state.clone();
                    degenerate.open[at] = slope.clone();
                    degenerate.open.push(rest.clone());
                    self.reduce(degenerate, order)?;
                    return self.solved(state, variable, rest, slope, order);
                }
            }
        }
        self.next(state, order + 1)
    }

    /// `slope·x + rest = 0` with a slope that is not zero.
    fn solved(
        &mut self,
        state: State,
        variable: usize,
        rest: &Multivariate,
        slope: &Multivariate,
        order: usize,
    ) -> Result<(), TooLarge> {
        let Some(inverse) = RationalFunction::from(slope.clone()).inverse(self.budget)? else {
            return Ok(());
        };
        let value = RationalFunction::from(rest.clone()).negated();
        let value = value.times(&inverse, self.budget)?;
        self.substituted(state, variable, &value, order)
    }

    /// Goes on with a value of an unknown entry.
    fn substituted(
        &mut self,
        mut state: State,
        variable: usize,
        value: &RationalFunction,
        order: usize,
    ) -> Result<(), TooLarge> {
        let family = &mut state.family;
        let functions = { family.nodes.iter_mut() }
            .chain(family.matrix.iter_mut().flatten())
            .chain(family.weights.iter_mut().flatten())
            .chain(state.values.iter_mut().map(|(_, value)| value));
        for function in functions {
            // An entry that becomes infinite is no entry.
            let Some(known) = function.substituted(variable, value, self.budget)? else {
                return Ok(());
            };
            *function = known;
        }
        for p in &mut state.open {
            let known =
                RationalFunction::from(p.clone()).substituted(variable, value, self.budget)?;
            *p = known.map_or_else(Multivariate::default, |known| known.numerator);
        }
        state
            .values
            .push((variable - limits::PARAMETERS, value.clone()));
        self.reduce(state, order)
    }
}
