//! Algebraic stability (Burrage, Butcher 1979; Hairer, Wanner 1996, §IV.12): the weights `b` are not negative, and
//! `M = BA + AᵀB − bbᵀ` is positive semidefinite.

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::figure::{Figure, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge, operation_on, words};

/// Returns true if the propagated weights of an implicit scheme make it algebraically stable.
pub(super) fn is_algebraically_stable(tableau: &Tableau, budget: &mut Budget) -> Figure<bool> {
    if tableau.is_explicit() {
        return Err(Unknown::Explicit);
    }
    let stages = tableau.stages();
    let zero = DVector::zeros(stages);
    let b = tableau.weights.first().map_or(&zero, |row| &row.values);
    if b.iter().any(|b| b.sign().is_lt()) {
        return Ok(false);
    }
    let length = words(tableau.matrix.iter()) + words(b.iter());
    budget.spend((stages * stages) as f64 * 8.0 * operation_on(2.0 * length))?;
    let terms = |i, j| terms(&tableau.matrix, b, i, j);
    let entry = |i, j| {
        terms(i, j)
            .into_iter()
            .fold(Number::zero(), |sum, term| &sum + &term)
    };
    let centre = DMatrix::from_fn(stages, stages, entry);
    let Some(eps) = &tableau.rounded else {
        return Ok(is_semidefinite(centre, budget)?);
    };
    // Whatever the errors of a row do, they do no more than their sum on the diagonal (Gershgorin).
    let one = Number::one();
    let growth = &(&(&one + eps) * &(&one + eps)) - &one;
    let error = |i: usize| {
        let sizes = (0..stages)
            .flat_map(|j| terms(i, j))
            .map(|term| term.abs().above());
        &growth * &sizes.fold(Number::zero(), |sum, size| (&sum + &size).above())
    };
    let (mut low, mut high) = (centre.clone(), centre);
    for i in 0..stages {
        let error = error(i).above();
        low[(i, i)] = &low[(i, i)] - &error;
        high[(i, i)] = &high[(i, i)] + &error;
    }
    if is_semidefinite(low, budget)? {
        Ok(true)
    } else if is_semidefinite(high, budget)? {
        Err(Unknown::Boundary)
    } else {
        Ok(false)
    }
}

/// The terms of an entry of `M = BA + AᵀB − bbᵀ`.
pub(super) fn terms(a: &DMatrix<Number>, b: &DVector<Number>, i: usize, j: usize) -> [Number; 3] {
    [&b[i] * &a[(i, j)], &b[j] * &a[(j, i)], -(&b[i] * &b[j])]
}

/// Returns true if a symmetric matrix is positive semidefinite, by elimination: no pivot is negative, and the row of
/// each that is zero is zero.
fn is_semidefinite(mut m: DMatrix<Number>, budget: &mut Budget) -> Result<bool, TooLarge> {
    let size = m.nrows();
    for k in 0..size {
        let pivot = m[(k, k)].clone();
        if pivot.sign().is_lt() {
            return Ok(false);
        }
        let row: Vec<_> = (k + 1..size).filter(|&j| !m[(k, j)].is_zero()).collect();
        if pivot.is_zero() {
            if row.is_empty() {
                continue;
            }
            return Ok(false);
        }
        for &i in &row {
            budget.spend((row.len() + 1) as f64 * 3.0 * operation_on(2.0 * words(m.iter())))?;
            let ratio = m[(k, i)].checked_div(&pivot).unwrap_or_else(Number::zero);
            for &j in &row {
                m[(i, j)] = &m[(i, j)] - &(&ratio * &m[(k, j)]);
            }
        }
    }
    Ok(true)
}
