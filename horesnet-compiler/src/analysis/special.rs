//! Values of a family's parameters at which a member is special: its order is higher, a weight vanishes, it is reducible.

use std::collections::HashMap;

use num_traits::Zero;

use super::figure::{Figure, Unknown, part};
use super::reducibility::{equivalent_stages, unused_stages};
use crate::language::family::Family;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::isolation::real_roots;
use crate::number::multivariate::Multivariate;
use crate::number::rational_function::RationalFunction;
use crate::proof::barriers;
use crate::proof::family::{symbolic_weight, values_of};
use crate::proof::order::Verdict;
use crate::proof::tree::Forest;

/// Steps to find one kind of special values.
const EFFORT: f64 = 2e8;

/// Most stages of which all sums are compared.
const STAGES: usize = 8;

/// What happens at some values of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialValue {
    /// What is special: `weight 3 is 0`.
    pub what: String,
    /// Where: `c2 = 1/2`, or an equation of several parameters.
    pub values: String,
}

/// The special values of a family inside its intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecialValues {
    /// Where rows of weights have a higher order than the family.
    pub order: Figure<Vec<SpecialValue>>,
    /// Where a weight vanishes that does not do so everywhere.
    pub weights: Figure<Vec<SpecialValue>>,
    /// Where a member has unused or equivalent stages that the family does not have. Searched in families of one parameter.
    pub reducible: Figure<Vec<SpecialValue>>,
}

impl SpecialValues {
    /// Finds the special values of a family whose order has been proven.
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::{analysis::SpecialValues, check};
    ///
    /// let text = "param a = 2/3 in (0, 1]\n0 |\na | a\n---\norder 2 | 1-1/(2*a) 1/(2*a)\n";
    /// let checked = check(text, None).unwrap();
    /// let special = SpecialValues::of(&checked.family.unwrap(), &checked.tableau, &checked.verdict);
    /// let weights = special.weights.unwrap();
    /// assert_eq!((&*weights[0].what, &*weights[0].values), ("weight 1 is 0", "a = 1/2"));
    /// ```
    #[must_use]
    pub fn of(family: &Family, tableau: &Tableau, verdict: &Verdict) -> Self {
        let total = &mut Budget::new(3.0 * EFFORT);
        Self {
            order: part(total, |budget| {
                higher_orders(family, tableau, verdict, budget)
            }),
            weights: part(total, |budget| zero_weights(family, budget)),
            reducible: part(total, |budget| reducible(family, budget)),
        }
    }

    /// All special values that were found.
    pub fn all(&self) -> impl Iterator<Item = &SpecialValue> {
        let kinds = [&self.order, &self.weights, &self.reducible];
        kinds.into_iter().flatten().flatten()
    }
}

fn higher_orders(
    family: &Family,
    tableau: &Tableau,
    verdict: &Verdict,
    budget: &mut Budget,
) -> Figure<Vec<SpecialValue>> {
    let mut found = Vec::new();
    let sums = (0..family.nodes.len()).map(|row| family.row_sum(row, budget));
    let sums: Vec<_> = sums.collect::<Result<_, _>>()?;
    for (row, proven) in verdict.weights.iter().enumerate() {
        let higher = proven.order + 1;
        if barriers::impossible(tableau, higher).is_some() {
            continue;
        }
        if proven.undecided || sums != family.nodes {
            return Err(Unknown::Nodes);
        }
        let mut forest = Forest::default();
        forest.grow_within(higher, budget)?;
        let (mut known, mut residuals) = (HashMap::default(), Vec::new());
        for tree in forest.range(higher) {
            let weight = symbolic_weight(family, &forest, tree, row, &sums, &mut known, budget)?;
            let expected = Number::ratio(1, forest.get(tree).density).ok_or(TooLarge)?;
            let residual = weight.minus(&expected.into(), budget)?.numerator;
            residuals.extend((!residual.is_zero()).then_some(residual));
        }
        let what = match row {
            0 => format!("order {higher}"),
            row => format!("weights row {} has order {higher}", row + 1),
        };
        let values = values_of(family, &residuals, budget)?;
        found.extend(values.map(|values| SpecialValue { what, values }));
    }
    Ok(found)
}

fn zero_weights(family: &Family, budget: &mut Budget) -> Figure<Vec<SpecialValue>> {
    let mut found = Vec::new();
    for (row, weights) in family.weights.iter().enumerate() {
        for (weight, number) in weights.iter().zip(1..) {
            if weight.numerator.as_constant().is_some() {
                continue;
            }
            let values = values_of(family, std::slice::from_ref(&weight.numerator), budget)?;
            let what = match row {
                0 => format!("weight {number} is 0"),
                row => format!("weight {number} of row {} is 0", row + 1),
            };
            found.extend(values.map(|values| SpecialValue { what, values }));
        }
    }
    Ok(found)
}

/// Looks at all values at which an entry vanishes, or sums of two rows over some stages are equal: only there can a member
/// have unused or equivalent stages that others do not have.
fn reducible(family: &Family, budget: &mut Budget) -> Figure<Vec<SpecialValue>> {
    let [parameter] = family.parameters.as_slice() else {
        return Err(Unknown::Parameters);
    };
    let stages = family.nodes.len();
    if stages > STAGES {
        return Err(Unknown::TooLarge);
    }
    let mut candidates: Vec<Multivariate> =
        family.functions().map(|f| f.numerator.clone()).collect();
    for (i, j) in (0..stages).flat_map(|i| (0..i).map(move |j| (i, j))) {
        for subset in 1_usize..1 << stages {
            let members = (0..stages).filter(|k| subset & 1 << k != 0);
            let zero = RationalFunction::from(Number::zero());
            let difference = members.into_iter().try_fold(zero, |sum, k| {
                let term = family.matrix[i][k].minus(&family.matrix[j][k], budget)?;
                sum.plus(&term, budget)
            });
            candidates.push(difference?.numerator);
        }
    }
    candidates.retain(|p| p.as_constant().is_none());
    let mut values: Vec<Number> = Vec::new();
    let mut product: Vec<Multivariate> = Vec::new();
    for candidate in candidates {
        let candidate = candidate.normalized();
        if product.contains(&candidate) {
            continue;
        }
        if let Some((_, p)) = candidate.as_univariate() {
            for root in real_roots(&p, &parameter.interval, budget)? {
                // A member with a root that is not known exactly cannot be looked at.
                let root = root.exact().ok_or(Unknown::TooLarge)?;
                if !values.contains(root) {
                    values.push(root.clone());
                }
            }
        }
        product.push(candidate);
    }
    values.sort_by(|a, b| (a - b).sign());
    let kinds = |member: &Tableau, budget: &mut Budget| -> Figure<[Vec<Vec<usize>>; 2]> {
        let unused = unused_stages(member);
        Ok([
            unused.into_iter().map(|stage| vec![stage]).collect(),
            equivalent_stages(member, budget)?,
        ])
    };
    let everywhere = generic(family, &values).ok_or(Unknown::TooLarge)?;
    let everywhere = kinds(&everywhere, budget)?;
    let mut found = Vec::new();
    for value in values {
        let Ok(member) = family.at(std::slice::from_ref(&value)) else {
            continue;
        };
        let names = ["unused", "equivalent"];
        for ((own, common), name) in kinds(&member, budget)?.iter().zip(&everywhere).zip(names) {
            for stages in own.iter().filter(|stages| !common.contains(stages)) {
                let numbers: Vec<_> = stages.iter().map(usize::to_string).collect();
                let (noun, verb) = if stages.len() == 1 {
                    ("stage", "is")
                } else {
                    ("stages", "are")
                };
                let what = format!("{noun} {} {verb} {name}: reducible", numbers.join(", "));
                let values = family.written(std::slice::from_ref(&value));
                found.push(SpecialValue { what, values });
            }
        }
    }
    Ok(found)
}

/// A member at none of these values.
fn generic(family: &Family, values: &[Number]) -> Option<Tableau> {
    let mut samples = crate::proof::family::poles::samples(family);
    let sample = samples.find(|sample| !values.contains(&sample[0]))?;
    family.at(&sample).ok()
}
