//! Plans a block of a family: the member at the defaults, with the terms that any member needs.

use num_traits::{One, Zero};

use super::{Implicit, Plan, Term};
use crate::language::family::{Family, Parameter};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::rational_function::RationalFunction;

/// The coefficients of a plan that depend on the parameters of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Functions {
    /// The parameters, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// Those of the stages and, in the row after these, of the weights; ascending.
    pub entries: Vec<Function>,
    /// Those of the extra stages of the error estimate, with rows counted from the first of these, and of its weights.
    pub estimate: Vec<Function>,
}

/// A coefficient that depends on parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its row among the stages of the plan, counted from 1.
    pub row: usize,
    /// Its column, counted from 1.
    pub column: usize,
    /// The coefficient.
    pub value: RationalFunction,
}

/// The reason why a family has no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlan {
    Implicit,
    TooLarge,
}

impl From<Implicit> for NoPlan {
    fn from(Implicit: Implicit) -> Self {
        Self::Implicit
    }
}

impl From<TooLarge> for NoPlan {
    fn from(TooLarge: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl Plan {
    /// The plan of a family, for its member at the defaults, `tableau`.
    ///
    /// It drops only what no member needs.
    pub(crate) fn of_family(
        tableau: &Tableau,
        family: &Family,
        budget: &mut Budget,
    ) -> Result<Self, NoPlan> {
        let mut plan = Self::new(&with_all_entries(tableau, family))?;
        let numbers: Vec<_> = plan.all_stages().map(|stage| stage.number - 1).collect();
        let weights = tableau
            .weights
            .first()
            .ok_or(NoPlan::Implicit)?
            .values
            .as_slice();
        let zero = RationalFunction::from(Number::zero());
        let weight = |row: usize, stage: usize| family.weights.get(row)?.get(numbers[stage]);
        let kept = plan.stages.len();
        let mut functions = Functions {
            parameters: family.parameters.clone(),
            entries: Vec::new(),
            estimate: Vec::new(),
        };
        let extra = plan
            .estimate
            .iter_mut()
            .flat_map(|estimate| &mut estimate.stages);
        for (at, stage) in plan.stages.iter_mut().chain(extra).enumerate() {
            let number = stage.number - 1;
            for term in &mut stage.terms {
                let column = numbers[term.stage];
                term.coefficient = tableau.matrix[(number, column)].clone();
                let (all, row) = match at.checked_sub(kept) {
                    None => (&mut functions.entries, at + 1),
                    Some(at) => (&mut functions.estimate, at + 1),
                };
                all.extend(function(row, term, &family.matrix[number][column]));
            }
        }
        for term in &mut plan.weights {
            term.coefficient = weights[numbers[term.stage]].clone();
            let value = weight(0, term.stage).unwrap_or(&zero);
            functions.entries.extend(function(kept + 1, term, value));
        }
        if let (Some(estimate), Some(embedded)) = (&mut plan.estimate, tableau.weights.get(1)) {
            let row = estimate.stages.len() + 1;
            for term in &mut estimate.weights {
                let number = numbers[term.stage];
                term.coefficient = &weights[number] - &embedded.values[number];
                let [propagated, embedded] = [0, 1].map(|row| weight(row, term.stage));
                let propagated = propagated.unwrap_or(&zero);
                let value = propagated.minus(embedded.unwrap_or(&zero), budget)?;
                functions.estimate.extend(function(row, term, &value));
            }
        }
        let last = family.matrix.last();
        plan.fsal = last.is_some() && last == family.weights.first() && family.matrix.len() > 1;
        plan.functions = Some(functions);
        Ok(plan)
    }
}

fn function(row: usize, term: &Term, value: &RationalFunction) -> Option<Function> {
    value.as_constant().is_none().then(|| Function {
        row,
        column: term.stage + 1,
        value: value.clone(),
    })
}

/// The tableau with a number other than 0 wherever a member has one.
fn with_all_entries(tableau: &Tableau, family: &Family) -> Tableau {
    let mut all = tableau.clone();
    let fill = |entry: &mut Number, function: &RationalFunction| {
        if entry.is_zero() && !function.is_zero() {
            *entry = Number::one();
        }
    };
    for (i, row) in family.matrix.iter().enumerate() {
        for (j, function) in row.iter().enumerate() {
            fill(&mut all.matrix[(i, j)], function);
        }
    }
    // Weights that are equal at the defaults may differ elsewhere; the rows of the second estimate their difference.
    for (row, functions) in all.weights.iter_mut().zip(&family.weights) {
        for (entry, function) in row.values.iter_mut().zip(functions) {
            fill(entry, function);
        }
    }
    let [Some(first), Some(second)] = [family.weights.first(), family.weights.get(1)] else {
        return all;
    };
    let differs: Vec<_> = first.iter().zip(second).map(|(b, e)| b != e).collect();
    let (propagated, rest) = all.weights.split_at_mut(1);
    for (at, differs) in differs.into_iter().enumerate() {
        let (b, e) = (&propagated[0].values[at], &mut rest[0].values[at]);
        if differs && b == e {
            *e = b + &Number::one();
        } else if !differs {
            *e = b.clone();
        }
    }
    all
}
