//! Lists order conditions tree by tree: elementary weights, residuals and error coefficients, exactly.

mod weights;

use std::borrow::Cow;
use std::cmp::Ordering;

use nalgebra::DVector;
use num_traits::Zero;

use self::weights::{ElementaryWeights, OVERHEAD, reciprocal};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge, operation_on, words};
use crate::number::scaled::{BITS, Integers};
use crate::proof::order::{Leaves, are_row_sums, reachable, sums_within};
use crate::proof::tree::Forest;

/// Steps of a listing: about a second.
const EFFORT: f64 = 1e9;

/// Bytes of the numbers of a listing.
const MEMORY: f64 = 1e8;

/// The order conditions of a tableau.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// The order up to which every tree is listed; less than was asked for if the coefficients are too large.
    pub order: usize,
    /// The conditions, smaller trees first.
    ///
    /// If nodes differ from their row sums, a tree comes once with row sums and once with nodes at all its leaves.
    /// Conditions with both are not listed; see [`Failure`](crate::order::Failure) for the first that fails.
    pub conditions: Vec<Condition>,
}

/// The order condition of a rooted tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The number of nodes.
    pub order: usize,
    /// The tree in bracket notation: `[[τ],τ]`.
    pub tree: String,
    /// The left side in the field's notation: `Σ b_i c_i a_ij c_j`.
    pub condition: String,
    /// `γ(t)`, the product of the sizes of all subtrees.
    pub density: u64,
    /// `σ(t)`, the number of automorphisms.
    pub symmetry: u64,
    /// The values at the leaves.
    pub leaves: Leaves,
    /// The residuals, one per row of weights.
    pub rows: Vec<Residual>,
}

/// The residual of a condition for a row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// `Σ b_i Φ_i(t)`.
    pub weight: Number,
    /// `Σ b_i Φ_i(t) − 1/γ(t)`.
    pub residual: Number,
    /// The residual over `σ(t)`: the coefficient of the elementary differential in the local error.
    pub error: Number,
    /// The most that the stated errors can do to the residual; `None` if the coefficients are exact.
    pub tolerance: Option<Number>,
    /// True if the residual is zero, or within the tolerance.
    pub holds: bool,
}

impl Conditions {
    /// The highest order listed: 1,205 trees.
    pub const MAX_ORDER: usize = 10;

    /// Lists the conditions of all trees of up to `order` nodes, at most [`Conditions::MAX_ORDER`].
    ///
    /// Numbers are exact. In a rounded file, coefficients whose common denominator is long are first rounded once more,
    /// to `2^-64` of the stated error.
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::analysis::Conditions;
    ///
    /// let text = horesnet_compiler::library::find("heun2").unwrap().text;
    /// let tableau = horesnet_compiler::compile(text).unwrap().tableau;
    /// let listed = Conditions::of(&tableau, 3);
    /// assert_eq!(listed.order, 3);
    /// let last = listed.conditions.last().unwrap();
    /// assert_eq!((last.tree.as_str(), last.density), ("[[τ]]", 6));
    /// assert_eq!(last.rows[0].residual.to_string(), "-1/6");
    /// assert!(!last.rows[0].holds);
    /// ```
    #[must_use]
    pub fn of(tableau: &Tableau, order: usize) -> Self {
        let mut listed = Self {
            order: 0,
            conditions: Vec::new(),
        };
        // Orders that were listed in full stay.
        let _ = listed.list(tableau, order.min(Self::MAX_ORDER));
        listed
    }

    fn list(&mut self, tableau: &Tableau, last: usize) -> Result<(), TooLarge> {
        let (budget, memory) = (&mut Budget::new(EFFORT), &mut Budget::new(MEMORY));
        let tableau = &*reachable(tableau);
        let are_sums = are_row_sums(tableau, &sums_within(tableau, budget)?);
        let tableau = &*shortened(tableau, budget)?;
        let sums = sums_within(tableau, budget)?;
        let mut kinds = vec![Weighing::of(tableau, Leaves::Sums, &sums, budget)?];
        if !are_sums {
            kinds.push(Weighing::of(
                tableau,
                Leaves::Nodes,
                &tableau.nodes,
                budget,
            )?);
        }
        let mut forest = Forest::default();
        for order in 1..=last {
            forest.grow_to(order);
            let mut listed = Vec::new();
            // The single node has no leaf.
            for kind in kinds.iter_mut().take(if order == 1 { 1 } else { 2 }) {
                for tree in forest.range(order) {
                    listed.push(kind.condition(&forest, tree, budget, memory)?);
                }
            }
            self.conditions.append(&mut listed);
            self.order = order;
        }
        Ok(())
    }
}

/// Rounds long coefficients of a rounded file once more, with a relative error of at most `2^-64` of the stated one.
///
/// Rationals that approximate irrational numbers have common denominators that are too long for their powers, and say no
/// more than their first digits.
fn shortened<'a>(tableau: &'a Tableau, budget: &mut Budget) -> Result<Cow<'a, Tableau>, TooLarge> {
    const SHORT: u64 = 512;
    let Some(eps) = &tableau.rounded else {
        return Ok(Cow::Borrowed(tableau));
    };
    let numbers = tableau.numbers().filter(|number| !number.is_zero());
    let least = { numbers.clone() }.map(|number| number.to_f64().abs());
    let bits = 64.0 - eps.to_f64().log2() - least.fold(1.0, f64::min).log2();
    // Refuses what floating point does not hold, too.
    if !(0.0..=BITS as f64).contains(&bits) || Integers::of(numbers, SHORT, budget).is_ok() {
        return Ok(Cow::Borrowed(tableau));
    }
    let bits = bits.ceil();
    let length = words(tableau.numbers()) + bits / 64.0;
    budget.spend(tableau.numbers().count() as f64 * operation_on(length))?;
    let short = |number: &Number| Number::dyadic(number.fixed(bits as u64).0, -(bits as i64));
    let mut part = tableau.clone();
    part.matrix = tableau.matrix.map(|number| short(&number));
    part.nodes = tableau.nodes.map(|number| short(&number));
    for row in &mut part.weights {
        row.values = row.values.map(|number| short(&number));
    }
    Ok(Cow::Owned(part))
}

/// The conditions with one kind of leaves.
struct Weighing {
    leaves: Leaves,
    exact: ElementaryWeights,
    /// The weights of absolute values, and the relative error of the coefficients.
    rounded: Option<(ElementaryWeights, Number)>,
}

impl Weighing {
    fn of(
        tableau: &Tableau,
        leaves: Leaves,
        leaf: &DVector<Number>,
        budget: &mut Budget,
    ) -> Result<Self, TooLarge> {
        let exact = ElementaryWeights::of(tableau, leaf, budget)?;
        let rounded = tableau.rounded.as_ref().map(|eps| {
            let mut absolute = tableau.clone();
            absolute.matrix = absolute.matrix.map(Number::abs);
            absolute.nodes = absolute.nodes.map(Number::abs);
            for row in &mut absolute.weights {
                row.values = row.values.map(Number::abs);
            }
            let leaf = match leaves {
                Leaves::Nodes => absolute.nodes.clone(),
                _ => sums_within(&absolute, budget)?,
            };
            Ok((
                ElementaryWeights::of(&absolute, &leaf, budget)?,
                eps.clone(),
            ))
        });
        Ok(Self {
            leaves,
            exact,
            rounded: rounded.transpose()?,
        })
    }

    fn condition(
        &mut self,
        forest: &Forest,
        index: usize,
        budget: &mut Budget,
        memory: &mut Budget,
    ) -> Result<Condition, TooLarge> {
        let tree = forest.get(index);
        let weights = self.exact.weights(forest, index, budget, memory)?;
        let tolerances = match &mut self.rounded {
            None => vec![None; weights.len()],
            Some((absolute, eps)) => {
                let relative = &Number::from(tree.order as i64) * eps;
                let magnitudes = absolute.weights(forest, index, budget, memory)?;
                budget.spend(magnitudes.len() as f64 * operation_on(words(&magnitudes)))?;
                let tolerances = magnitudes.iter().map(|size| Some(size * &relative));
                tolerances.collect()
            }
        };
        let rows = weights.into_iter().zip(tolerances);
        let rows = rows.map(|(weight, tolerance)| {
            // Four operations, and what is kept.
            let length = words([&weight].into_iter().chain(&tolerance)) + 1.0;
            budget.spend(4.0 * operation_on(length))?;
            memory.spend(4.0 * (OVERHEAD + 8.0 * length))?;
            let residual = &weight - &reciprocal(tree.density);
            let holds = match &tolerance {
                None => residual.is_zero(),
                Some(most) => (most - &residual.clone().abs()).sign() != Ordering::Less,
            };
            Ok(Residual {
                error: &residual * &reciprocal(tree.symmetry),
                weight,
                residual,
                tolerance,
                holds,
            })
        });
        Ok(Condition {
            order: tree.order,
            tree: forest.bracket(index),
            condition: forest.condition(index),
            density: tree.density,
            symmetry: tree.symmetry,
            leaves: self.leaves,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }
}
