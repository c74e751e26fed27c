//! The effective order: that of the best scheme `βαβ⁻¹`, with a scheme `β` at the start and its inverse at the end of
//! an integration with the scheme `α` (Butcher 1969; Butcher 2016, §389).
//!
//! `βα = Eβ` must hold for all trees of so many nodes, `E` being the exact flow. For the trees of `n` nodes these are
//! linear equations in `β` on the trees of `n − 1` nodes, all else being known. They are decided up to order five.

use num_traits::{One, Zero};

use super::figure::Figure;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::enclosure::Enclosure;
use crate::number::scaled::{self, Integers};
use crate::proof::elementary;
use crate::proof::tree::Forest;

/// The most nodes of the trees whose conditions are decided.
const MOST: usize = 5;

/// The effective order of the propagated weights, which have that order; no less than it, and at most five if that is
/// less.
pub(super) fn effective_order(
    tableau: &Tableau,
    order: usize,
    budget: &mut Budget,
) -> Figure<usize> {
    if order >= MOST {
        return Ok(order);
    }
    let forest = Forest::up_to(MOST);
    let cuts = Cuts::of(&forest);
    let alpha = Weights::of(tableau, budget)?;
    // β is determined up to the flow of the scheme: it may be zero on the single node.
    let mut beta = vec![exact(Number::zero()); forest.len()];
    let mut values = Vec::new();
    for n in 1..=MOST {
        let lower = if n > 1 { forest.range(n - 1) } else { 0..0 };
        let mut equations = Vec::new();
        for tree in forest.range(n) {
            values.push(alpha.weight(&forest, tree, budget)?);
            let mut coefficients = vec![Number::zero(); lower.len()];
            let mut rest = exact(-flow(&forest, tree));
            for (trunk, branches) in &cuts.0[tree] {
                // α on the trunk times β on the branches: linear in the unknowns if the trunk is a single node.
                match branches.as_slice() {
                    [branch] if lower.contains(branch) => {
                        let slot = &mut coefficients[branch - lower.start];
                        *slot = &*slot + &Number::one();
                    }
                    branches => {
                        let mut product = values[*trunk].clone();
                        for &branch in branches {
                            product = product.times(&beta[branch], budget)?;
                        }
                        rest = rest.plus(&product);
                    }
                }
                // β on the trunk times the exact flow on the branches; on the tree itself it cancels.
                let flows = { branches.iter() }.fold(Number::one(), |product, &branch| {
                    &product * &flow(&forest, branch)
                });
                if lower.contains(trunk) {
                    let slot = &mut coefficients[trunk - lower.start];
                    *slot = &*slot - &flows;
                } else if *trunk != tree {
                    rest = rest.plus(&beta[*trunk].scaled(&[flows]).negated());
                }
            }
            equations.push((coefficients, rest));
        }
        let Some(solution) = solved(equations, lower.len(), budget)? else {
            return Ok(order.max(n - 1));
        };
        for (unknown, value) in lower.zip(solution) {
            beta[unknown] = value;
        }
    }
    Ok(MOST)
}

fn exact(number: Number) -> Enclosure {
    Enclosure::new(vec![number], Vec::new())
}

/// `E(t) = 1/γ(t)`.
fn flow(forest: &Forest, tree: usize) -> Number {
    Number::ratio(1, forest.get(tree).density).unwrap_or_else(Number::one)
}

/// Solves `Σ c_k x_k + rest = 0`; `None` if there is no solution, within the errors. What is free is zero.
fn solved(
    mut equations: Vec<(Vec<Number>, Enclosure)>,
    unknowns: usize,
    budget: &mut Budget,
) -> Figure<Option<Vec<Enclosure>>> {
    let mut solution = vec![exact(Number::zero()); unknowns];
    let mut pivots = Vec::new();
    for unknown in 0..unknowns {
        let Some(at) = equations.iter().position(|(c, _)| !c[unknown].is_zero()) else {
            continue;
        };
        let (row, rest) = equations.swap_remove(at);
        let others = equations
            .iter_mut()
            .chain(pivots.iter_mut().map(|(_, row)| row));
        for (other, other_rest) in others.filter(|(c, _)| !c[unknown].is_zero()) {
            budget.spend(operation_on(
                2.0 * words(&rest.centre) + words(&other_rest.centre),
            ))?;
            let factor = other[unknown].checked_div(&row[unknown]);
            let factor = -factor.unwrap_or_else(Number::zero);
            for (c, d) in other.iter_mut().zip(&row) {
                *c = &*c + &(&factor * d);
            }
            *other_rest = other_rest.plus(&rest.scaled(&[factor]));
        }
        pivots.push((unknown, (row, rest)));
    }
    if !equations.iter().all(|(_, rest)| rest.may_vanish(0)) {
        return Ok(None);
    }
    for (unknown, (row, rest)) in pivots {
        let scale = (-Number::one()).checked_div(&row[unknown]);
        solution[unknown] = rest.scaled(&[scale.unwrap_or_else(Number::zero)]);
    }
    Ok(Some(solution))
}

/// For each tree the ways to cut it: the part that keeps the root, and the branches that are cut off.
struct Cuts(Vec<Vec<(usize, Vec<usize>)>>);

impl Cuts {
    fn of(forest: &Forest) -> Self {
        let sorted = |mut children: Vec<usize>| {
            children.sort_unstable();
            children
        };
        let children: Vec<_> = { 0..forest.len() }
            .map(|tree| sorted(forest.children(tree)))
            .collect();
        let grafted = |stem: usize, graft: usize| {
            let whole = sorted([children[stem].as_slice(), &[graft]].concat());
            children.iter().position(|children| *children == whole)
        };
        let mut cuts: Vec<Vec<(usize, Vec<usize>)>> = vec![vec![(0, Vec::new())]];
        for index in 1..forest.len() {
            let tree = forest.get(index);
            let mut ways = Vec::new();
            for (trunk, branches) in &cuts[tree.stem] {
                ways.push((*trunk, [branches.as_slice(), &[tree.graft]].concat()));
                for (part, more) in &cuts[tree.graft] {
                    let trunk = grafted(*trunk, *part);
                    ways.extend(trunk.map(|trunk| (trunk, [branches.as_slice(), more].concat())));
                }
            }
            cuts.push(ways);
        }
        Self(cuts)
    }
}

/// The elementary weights of the propagated weights, with their errors in a rounded file.
struct Weights<'a> {
    tableau: &'a Tableau,
    /// Absolute values and the factor `1 + EPS`, in a rounded file.
    sizes: Option<(Tableau, Number)>,
    steps: f64,
}

impl<'a> Weights<'a> {
    fn of(tableau: &'a Tableau, budget: &mut Budget) -> Figure<Self> {
        let stages = tableau.stages() as f64;
        let numbers: Vec<_> = tableau.numbers().collect();
        // A product of five integers over the common denominator.
        let integers = Integers::of(numbers.iter().copied(), scaled::BITS, budget)?;
        let length = words(&integers.values) + words([&integers.denominator]);
        let length = length * MOST as f64;
        let steps = MOST as f64 * stages * stages * operation_on(length);
        budget.allow(steps)?;
        let sizes = tableau.rounded.as_ref().map(|eps| {
            let mut sizes = tableau.clone();
            sizes.matrix = tableau.matrix.map(|a| a.abs().above());
            for row in &mut sizes.weights {
                row.values = row.values.map(|b| b.abs().above());
            }
            (sizes, &Number::one() + eps)
        });
        Ok(Self {
            tableau,
            sizes,
            steps,
        })
    }

    fn weight(&self, forest: &Forest, tree: usize, budget: &mut Budget) -> Figure<Enclosure> {
        budget.spend(self.steps)?;
        let of = |tableau: &Tableau| {
            let row = tableau.weights.first();
            row.map_or_else(Number::zero, |row| {
                let sums = tableau.row_sums();
                elementary::weight(forest, tree, &tableau.matrix, &row.values, &sums)
            })
        };
        let errors = self.sizes.as_ref().and_then(|(sizes, factor)| {
            let power = factor.checked_pow(forest.get(tree).order as i32)?;
            Some(&(&power - &Number::one()) * &of(sizes))
        });
        Ok(Enclosure::new(
            vec![of(self.tableau)],
            errors.into_iter().collect(),
        ))
    }
}
