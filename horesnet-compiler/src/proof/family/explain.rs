//! Explains conditions that do not hold identically: the function that was found, and the values for which they hold.

use std::collections::HashMap;

use super::poles::{intervals, samples};
use super::sign::{Zeros, have_no_common_zero, zeros};
use crate::language::family::Family;
use crate::number::Number;
use crate::number::arithmetic::Exact;
use crate::number::budget::{Budget, TooLarge};
use crate::number::isolation::real_roots;
use crate::number::multivariate::Multivariate;
use crate::number::polynomial;
use crate::number::rational_function::RationalFunction;
use crate::proof::elementary;
use crate::proof::order::{RowVerdict, Verdict};
use crate::proof::search::{Failure, Leaves};
use crate::proof::tree::Forest;

/// Steps to expand the conditions that explain one failure.
const EFFORT: f64 = 1e8;

/// Longer functions are shown by a value.
const LONGEST: usize = 160;

/// Most equations and values that are named.
const NAMED: usize = 4;

/// `Φ(t)` by tree.
pub(crate) type Known = HashMap<usize, Vec<RationalFunction>>;

/// Computes `Σ b_i Φ_i(t)` as a function of the parameters.
pub(crate) fn symbolic_weight(
    family: &Family,
    forest: &Forest,
    tree: usize,
    row: usize,
    leaf: &[RationalFunction],
    known: &mut Known,
    budget: &mut Budget,
) -> Result<RationalFunction, TooLarge> {
    phi(family, forest, tree, leaf, known, budget)?;
    dot(&family.weights[row], &known[&tree], budget)
}

fn phi(
    family: &Family,
    forest: &Forest,
    tree: usize,
    leaf: &[RationalFunction],
    known: &mut Known,
    budget: &mut Budget,
) -> Result<(), TooLarge> {
    if known.contains_key(&tree) {
        return Ok(());
    }
    let one = RationalFunction::from(Number::from(1));
    let parts = forest.get(tree);
    if tree == 0 {
        known.insert(0, vec![one; leaf.len()]);
        return Ok(());
    }
    let grafted = if parts.graft == 0 {
        leaf.to_vec()
    } else {
        phi(family, forest, parts.graft, leaf, known, budget)?;
        let below = &known[&parts.graft];
        let rows = family.matrix.iter().map(|row| dot(row, below, budget));
        rows.collect::<Result<_, _>>()?
    };
    phi(family, forest, parts.stem, leaf, known, budget)?;
    let pairs = known[&parts.stem].iter().zip(&grafted);
    let product = pairs
        .map(|(a, b)| a.times(b, budget))
        .collect::<Result<_, _>>()?;
    known.insert(tree, product);
    Ok(())
}

fn dot(
    a: &[RationalFunction],
    b: &[RationalFunction],
    budget: &mut Budget,
) -> Result<RationalFunction, TooLarge> {
    let zero = RationalFunction::from(Number::from(0));
    a.iter()
        .zip(b)
        .try_fold(zero, |sum, (a, b)| sum.plus(&a.times(b, budget)?, budget))
}

/// Explains the condition of a tree that does not hold identically.
pub(super) fn failure(
    family: &Family,
    forest: &Forest,
    tree: usize,
    row: usize,
    leaf: &[RationalFunction],
    leaves: Leaves,
    budget: &mut Budget,
) -> Failure {
    let parts = forest.get(tree);
    let expected = Number::ratio(1, parts.density).unwrap_or_else(|| Number::from(1));
    let weight = |values: &[Number]| {
        let member = family.at(values).ok()?;
        let leaf = if leaves == Leaves::Nodes {
            member.nodes.clone()
        } else {
            member.row_sums()
        };
        let weights = &member.weights[row].values;
        Some(elementary::weight(
            forest,
            tree,
            &member.matrix,
            weights,
            &leaf,
        ))
    };
    // At the defaults if it fails there, else at some other values.
    let points = std::iter::once(family.defaults()).chain(samples(family));
    let mut failing = points.filter_map(|values| Some((weight(&values)?, values)));
    let (found, values) = failing
        .find(|(found, _)| *found != expected)
        .unwrap_or_else(|| (expected.clone(), family.defaults()));
    let mut failure = Failure::new(
        parts.order,
        forest.bracket(tree),
        forest.condition(tree),
        parts.density,
        &found,
        leaves,
    );
    let function = budget.attempt(EFFORT, |budget| {
        symbolic_weight(family, forest, tree, row, leaf, &mut Known::new(), budget)
    });
    let function = function.map(|function| function.written(&family.names()));
    failure.found = match function {
        Ok(text) if text.len() <= LONGEST => text,
        _ => format!("{} for {}", failure.found, family.written(&values)),
    };
    failure
}

/// For each row with a false claim that is too high, the values for which it holds.
pub(super) fn exceptions(
    family: &Family,
    forest: &Forest,
    verdict: &Verdict,
    leaf: &[RationalFunction],
    budget: &mut Budget,
) -> Vec<Option<String>> {
    let rows = verdict.weights.iter().enumerate();
    let exceptions = rows.map(|(row, found)| {
        let claim = found
            .claimed
            .filter(|claim| *claim > found.order && verdict.row_sums)?;
        budget
            .attempt(EFFORT, |budget| {
                exception(family, forest, row, claim, found, leaf, budget)
            })
            .ok()
    });
    exceptions.collect()
}

fn exception(
    family: &Family,
    forest: &Forest,
    row: usize,
    claim: usize,
    found: &RowVerdict,
    leaf: &[RationalFunction],
    budget: &mut Budget,
) -> Result<String, TooLarge> {
    if forest.order() < claim {
        return Err(TooLarge);
    }
    let mut residuals = Vec::new();
    let mut known = Known::new();
    for order in found.order + 1..=claim {
        for tree in forest.range(order) {
            let weight = symbolic_weight(family, forest, tree, row, leaf, &mut known, budget)?;
            let expected = Number::ratio(1, forest.get(tree).density).ok_or(TooLarge)?;
            let residual = weight.minus(&expected.into(), budget)?.numerator;
            if !residual.is_zero() {
                residuals.push(residual);
            }
        }
    }
    let claim = format!("order {claim}");
    values_of(family, &residuals, budget).map(|values| match values {
        None => format!(
            "no values of {} in the intervals make `{claim}` true",
            family.names().join(", ")
        ),
        Some(values) => format!("`{claim}` holds only for {values}"),
    })
}

/// Writes where all of these polynomials vanish inside the intervals; `None` if nowhere.
pub(crate) fn values_of(
    family: &Family,
    polynomials: &[Multivariate],
    budget: &mut Budget,
) -> Result<Option<String>, TooLarge> {
    let (names, intervals) = (family.names(), intervals(family));
    if let [parameter] = family.parameters.as_slice() {
        let mut common = Vec::new();
        for p in polynomials {
            let Some((_, p)) = p.as_univariate() else {
                return Ok(None);
            };
            common = polynomial::gcd(&Exact, common, p, budget)?;
        }
        if common.len() < 2 {
            return Ok(None);
        }
        let roots = real_roots(&common, &parameter.interval, budget)?;
        let roots: Vec<_> = roots
            .iter()
            .map(|root| format!("{} = {root}", parameter.name))
            .collect();
        return Ok((!roots.is_empty()).then(|| roots.join(" or ")));
    }
    let mut equations: Vec<Multivariate> = Vec::new();
    for p in polynomials {
        if p.as_constant().is_some() {
            return Ok(None);
        }
        // Factors without zeros can be left out.
        let mut product = Multivariate::constant(Number::from(1));
        for factor in p.split(budget)? {
            if zeros(&factor, &intervals, budget)? != Zeros::None {
                product = product.times(&factor, budget)?;
            }
        }
        if product.as_constant().is_some() {
            return Ok(None);
        }
        let product = product.normalized();
        if !equations.contains(&product) {
            equations.push(product);
        }
    }
    if equations.len() > 1 && have_no_common_zero(&equations, &intervals, budget)? {
        return Ok(None);
    }
    // An equation that is a multiple of another follows from it.
    let mut kept: Vec<Multivariate> = Vec::new();
    for (at, p) in equations.iter().enumerate() {
        let mut follows = false;
        for (other, divisor) in equations.iter().enumerate() {
            follows |= other != at && p.exact_quotient(divisor, budget)?.is_some();
        }
        if !follows {
            kept.push(p.clone());
        }
    }
    let shown = kept
        .iter()
        .take(NAMED)
        .map(|p| format!("{} = 0", p.written(&names)));
    let mut shown: Vec<_> = shown.collect();
    let more = kept.len().saturating_sub(NAMED);
    if more > 0 {
        shown.push(format!("{more} more equations"));
    }
    Ok(Some(shown.join(" and ")))
}
