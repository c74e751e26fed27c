//! How well a step is undone by the step of the opposite size: the order of reversibility, and symmetry.
//!
//! A step of `−h` after one of `h` is a step with the matrix `[A 0; ebᵀ −A]` and the weights `(b, −b)`. It is the identity up
//! to `O(h^(m+1))` if its elementary weights vanish for all trees of up to `m` nodes, and `m` is the order of reversibility
//! (Shmelev, Ebrahimi-Fard, Tapia, Salvi, arXiv 2507.21006). A scheme is symmetric if it is the identity (Hairer, Lubich,
//! Wanner 2006, §V.2).
//!
//! `m` is odd: if `Φ₋ₕΦₕ = id + h^(m+1)D + …`, then `ΦₕΦ₋ₕ`, which is conjugate to it, has the same `D`, and is also the
//! expression with `−h` for `h`. Hence `m ≥ p + 1` for schemes of an even order `p`.

use nalgebra::{DMatrix, DVector};
use num_traits::Zero;

use super::figure::Figure;
use super::reducibility::classes;
use crate::language::limits;
use crate::language::tableau::{Tableau, Weights};
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::fixed;
use crate::number::magnitude::Magnitude;
use crate::proof::order::{reachable, sum_within, sums_within, vanishes_to};

/// The most nodes of the trees that are searched.
const MOST: usize = 16;

/// The order of reversibility: the largest `m` with `Φ₋ₕ(Φₕ(x)) = x + O(h^(m+1))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reversibility {
    /// The scheme is symmetric: `Φ₋ₕ(Φₕ(x)) = x`.
    Symmetric,
    /// Of this order, which is odd.
    Order(usize),
    /// Of this order at least: the search for more would take too long.
    AtLeast(usize),
}

impl Reversibility {
    /// Finds the order of the propagated weights, whose order is at least `order`; in a rounded file within its errors.
    pub(super) fn of(tableau: &Tableau, order: usize, budget: &mut Budget) -> Figure<Self> {
        let mut propagated = tableau.clone();
        propagated.weights.truncate(1);
        let tableau = &*reachable(&propagated);
        let is_polynomial = grows_as_polynomial(tableau, budget)?;
        let least = Self::AtLeast(order / 2 * 2 + 1);
        let composed = match composed(tableau, budget) {
            Ok(composed) => composed,
            Err(_) if is_polynomial => return Ok(least),
            Err(why) => return Err(why),
        };
        let symmetric = if is_polynomial {
            false
        } else if tableau.rounded.is_some() {
            is_permuted(tableau, budget)?
        } else {
            is_identity(&composed, budget)?
        };
        if symmetric {
            return Ok(Self::Symmetric);
        }
        if composed.stages() > limits::STAGES {
            return Ok(least);
        }
        let found = vanishes_to(&composed, MOST, budget);
        Ok(found.map_or(least, |found| {
            found.map_or(Self::AtLeast(MOST + 1), Self::Order)
        }))
    }
}

/// Returns true if `R` is a polynomial that is not constant, since the scheme is explicit and `R′(0)`, the sum of its
/// weights, is not zero. It is then neither symmetric nor symplectic, for both ask for `R(z)·R(−z) = 1`.
pub(super) fn grows_as_polynomial(tableau: &Tableau, budget: &mut Budget) -> Figure<bool> {
    let weights = tableau.weights.first();
    let sum = weights.map(|row| sum_within(row.values.iter(), budget));
    let sum = sum.transpose()?;
    Ok(tableau.is_explicit() && sum.is_some_and(|sum| !sum.is_zero()))
}

/// The tableau of a step of `−h` after one of `h`.
fn composed(tableau: &Tableau, budget: &mut Budget) -> Result<Tableau, super::Unknown> {
    let stages = tableau.stages();
    let zero = DVector::zeros(stages);
    let b = tableau.weights.first().map_or(&zero, |row| &row.values);
    let a = |i: usize, j: usize| &tableau.matrix[(i, j)];
    let entry = |i: usize, j: usize| match (i.checked_sub(stages), j.checked_sub(stages)) {
        (None, None) => a(i, j).clone(),
        (None, Some(_)) => Number::zero(),
        (Some(_), None) => b[j].clone(),
        (Some(i), Some(j)) => -a(i, j).clone(),
    };
    let mut composed = Tableau {
        matrix: DMatrix::from_fn(2 * stages, 2 * stages, entry),
        weights: vec![Weights {
            claim: None,
            values: DVector::from_iterator(
                2 * stages,
                b.iter().cloned().chain(b.iter().map(|b| -b.clone())),
            ),
        }],
        ..tableau.clone()
    };
    composed.nodes = sums_within(&composed, budget)?;
    Ok(composed)
}

/// Returns true if all elementary weights vanish.
///
/// They are constant on classes of equivalent stages and tell these apart; products of elementary weights belong to trees
/// as well. So they span all functions that are constant on classes, and the weights of each class must sum to zero.
fn is_identity(composed: &Tableau, budget: &mut Budget) -> Figure<bool> {
    let classes = classes(&composed.matrix, budget)?;
    let Some(row) = composed.weights.first() else {
        return Ok(true);
    };
    for class in classes {
        if !sum_within(class.iter().map(|&i| &row.values[i]), budget)?.is_zero() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns true if `b_σi = b_i` and `a_σiσj + a_ij = b_j` for a permutation `σ` of the stages, within the stated errors.
fn is_permuted(tableau: &Tableau, budget: &mut Budget) -> Figure<bool> {
    let (Some(row), Some(eps)) = (tableau.weights.first(), &tableau.rounded) else {
        return Ok(false);
    };
    let (a, b, eps) = (&tableau.matrix, &row.values, Magnitude::of(eps));
    let step = 6.0 * operation_on(words(a.iter()) + words(b.iter()));
    let vanishes = |terms: [&Number; 3]| {
        let sum = &(terms[0] + terms[1]) - terms[2];
        fixed::within(
            Magnitude::of(&sum),
            1,
            eps,
            Magnitude::sum(terms.into_iter()),
        )
    };
    // The images of the first stages; where they cannot be continued, the last of them is replaced by the next.
    let (stages, zero) = (tableau.stages(), Number::zero());
    let (mut images, mut next): (Vec<usize>, usize) = (Vec::new(), 0);
    while images.len() < stages {
        let i = images.len();
        let fits = |image: usize, budget: &mut Budget| -> Figure<bool> {
            if images.contains(&image) || !vanishes([&b[image], &zero, &b[i]]) {
                return Ok(false);
            }
            let known = images.iter().copied().chain([image]).enumerate();
            for (j, other) in known {
                budget.spend(step)?;
                let holds = vanishes([&a[(image, other)], &a[(i, j)], &b[j]])
                    && vanishes([&a[(other, image)], &a[(j, i)], &b[i]]);
                if !holds {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let mut image = None;
        for candidate in next..stages {
            budget.spend(step)?;
            if fits(candidate, budget)? {
                image = Some(candidate);
                break;
            }
        }
        match (image, images.last()) {
            (Some(image), _) => {
                images.push(image);
                next = 0;
            }
            (None, None) => return Ok(false),
            (None, Some(&last)) => {
                images.pop();
                next = last + 1;
            }
        }
    }
    Ok(true)
}
