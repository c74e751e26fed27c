//! The SSP coefficient: the radius of absolute monotonicity (Kraaijevanger 1991; Gottlieb, Ketcheson, Shu 2011).
//!
//! Where `A, b ≥ 0` it is the largest `r` with `K(I + rK)⁻¹ ≥ 0` and `rK(I + rK)⁻¹e ≤ e`, `K` being `A` with `bᵀ` as
//! one more row. Every entry times `det(I + rK)` is a polynomial in `r`, whose first exit is isolated.

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::figure::{self, Figure};
use super::reducibility;
use super::stability::characteristic;
use crate::number::Number;
use crate::number::arithmetic::Exact;
use crate::number::budget::{Budget, TooLarge};
use crate::number::polynomial::{self, Polynomial, negated, sum};
use crate::number::scaled::Scaled;
use crate::number::sign_change::first_exit;
use crate::proof::support::reached;

/// The SSP coefficient of a scheme; 0 for most, infinite for some implicit ones.
///
/// Dead stages do not count, and equivalent ones count once: the theory is that of irreducible schemes.
pub fn ssp_coefficient(matrix: &DMatrix<Number>, weights: &DVector<Number>) -> Figure<f64> {
    ssp_within(matrix, weights, &mut figure::budget())
}

/// [`ssp_coefficient`] within a budget.
pub(super) fn ssp_within(
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    budget: &mut Budget,
) -> Figure<f64> {
    let reached = reached(matrix, [weights]);
    let kept = matrix.select_rows(&reached).select_columns(&reached);
    let classes = reducibility::classes(&kept, budget)?;
    // Equivalent stages give every class the same sum, so the first of each speaks for its own.
    let row = |i: usize| -> Vec<Number> {
        let entry = |&j: &usize| match classes.get(i) {
            Some(stages) => &kept[(stages[0], j)],
            None => &weights[reached[j]],
        };
        let sums = { classes.iter() }
            .map(|class| (class.iter().map(entry)).fold(Number::zero(), |sum, a| &sum + a));
        sums.chain([Number::zero()]).collect()
    };
    let size = classes.len() + 1;
    let k = DMatrix::from_row_iterator(size, size, (0..size).flat_map(row));
    if k.iter().any(|entry| entry.sign().is_lt()) {
        return Ok(0.0);
    }
    let k = Scaled::of(&k, budget)?;
    let determinant = polynomial::reflected(&characteristic(&k, budget)?);
    // The matrix must not become singular.
    let mut radius = first_exit(&unscaled(&negated(&determinant), &k), budget)?;
    for row in resolvent(&k, &determinant, budget)? {
        let total = row.iter().fold(Vec::new(), |total, f| sum(&total, f));
        let excess = sum(&polynomial::times_x(total), &negated(&determinant));
        for f in row.iter().map(|f| negated(f)).chain([excess]) {
            if radius == 0.0 {
                return Ok(radius);
            }
            radius = radius.min(first_exit(&unscaled(&f, &k), budget)?);
        }
    }
    Ok(radius)
}

/// The rows of `N(I + ρN)⁻¹·det(I + ρN)`, polynomials in `ρ` of degree below the size.
fn resolvent(
    k: &Scaled,
    determinant: &Polynomial,
    budget: &mut Budget,
) -> Result<Vec<Vec<Polynomial>>, TooLarge> {
    let size = k.matrix.nrows();
    // N − ρN² + ρ²N³ − …
    let mut power = k.matrix.clone();
    let mut powers = Vec::new();
    for m in 0..size {
        if m > 0 {
            power = -k.product(&power, budget)?;
        }
        if power.iter().all(Zero::is_zero) {
            break;
        }
        powers.push(power.clone());
    }
    let entry = |i: usize, j: usize, budget: &mut Budget| {
        let series = powers.iter().map(|power| power[(i, j)].clone()).collect();
        let series = polynomial::trimmed(&Exact, series);
        let mut product = polynomial::product(&series, determinant, budget)?;
        product.truncate(size);
        Ok(polynomial::trimmed(&Exact, product))
    };
    (0..size)
        .map(|i| (0..size).map(|j| entry(i, j, budget)).collect())
        .collect()
}

/// `f(r/M)` times a power of `M`.
fn unscaled(f: &[Number], k: &Scaled) -> Polynomial {
    let mut scale = Number::one();
    let mut coefficients = f.to_vec();
    for c in coefficients.iter_mut().rev() {
        *c = &*c * &scale;
        scale = &scale * &k.denominator;
    }
    coefficients
}
