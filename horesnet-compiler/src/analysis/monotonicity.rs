//! The SSP coefficient: the radius of absolute monotonicity (Kraaijevanger 1991; Gottlieb, Ketcheson, Shu 2011).
//!
//! Where `A, b ≥ 0` it is the largest `r` with `K(I + rK)⁻¹ ≥ 0` and `rK(I + rK)⁻¹e ≤ e`, `K` being `A` with `bᵀ` as
//! one more row. Every entry times `det(I + rK)` is a polynomial in `r`, whose first exit is isolated.

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::effort::{Effort, Figure};
use super::polynomial::Polynomial;
use super::reducibility;
use super::roots::first_exit;
use super::scaled::Scaled;
use super::stability;
use crate::number::Number;

/// The SSP coefficient of a scheme; 0 for most, infinite for some implicit ones.
///
/// Stages that the weights do not reach do not count, and equivalent ones count once: the theory is one of irreducible
/// schemes.
pub fn ssp_coefficient(matrix: &DMatrix<Number>, weights: &DVector<Number>) -> Figure<f64> {
    let reached = reducibility::reached(matrix, [weights]);
    let kept = matrix.select_rows(&reached).select_columns(&reached);
    let classes = reducibility::classes(&kept)?;
    let size = classes.len() + 1;
    let total = |row: &dyn Fn(usize) -> Number, class: &[usize]| {
        class.iter().fold(Number::zero(), |sum, &j| &sum + &row(j))
    };
    let k = DMatrix::from_fn(size, size, |i, j| match (classes.get(i), classes.get(j)) {
        // Equivalent stages give every class the same sum, so any of them speaks for its own.
        (Some(stages), Some(class)) => match stages.first() {
            Some(&i) => total(&|j| kept[(i, j)].clone(), class),
            None => Number::zero(),
        },
        (None, Some(class)) => total(&|j| weights[reached[j]].clone(), class),
        (_, None) => Number::zero(),
    });
    if k.iter().any(|entry| entry.sign().is_lt()) {
        return Ok(0.0);
    }
    let effort = &mut Effort::new();
    let k = Scaled::of(&k, effort)?;
    let determinant = stability::characteristic(&k, effort)?.reflected();
    // The matrix must not become singular.
    let mut radius = first_exit(&unscaled(&determinant.negated(), &k), effort)?;
    for row in resolvent(&k, &determinant, effort)? {
        let sum = row
            .iter()
            .fold(Polynomial::new(Vec::new()), |sum, f| sum.sum(f));
        let excess = sum.shifted_up(1).difference(&determinant);
        let entries = row.iter().map(Polynomial::negated);
        for f in entries.chain([excess]) {
            if radius == 0.0 {
                return Ok(radius);
            }
            radius = radius.min(first_exit(&unscaled(&f, &k), effort)?);
        }
    }
    Ok(radius)
}

/// The rows of `N(I + ρN)⁻¹·det(I + ρN)`, polynomials in `ρ` of degree below the size.
fn resolvent(
    k: &Scaled,
    determinant: &Polynomial,
    effort: &mut Effort,
) -> Figure<Vec<Vec<Polynomial>>> {
    let size = k.matrix.nrows();
    // N − ρN² + ρ²N³ − …
    let mut power = k.matrix.clone();
    let mut powers = Vec::new();
    for m in 0..size {
        if m > 0 {
            power = -k.product(&power, effort)?;
        }
        if power.iter().all(Zero::is_zero) {
            break;
        }
        powers.push(power.clone());
    }
    let entry = |i: usize, j: usize, effort: &mut Effort| {
        let series = Polynomial::new(powers.iter().map(|power| power[(i, j)].clone()).collect());
        let mut product = series.product(determinant, effort)?.into_coefficients();
        product.truncate(size);
        Ok(Polynomial::new(product))
    };
    (0..size)
        .map(|i| (0..size).map(|j| entry(i, j, effort)).collect())
        .collect()
}

/// `f(r/M)` times a power of `M`.
fn unscaled(f: &Polynomial, k: &Scaled) -> Polynomial {
    let mut scale = Number::one();
    let mut coefficients: Vec<_> = f.coefficients().to_vec();
    for c in coefficients.iter_mut().rev() {
        *c = &*c * &scale;
        scale = &scale * &k.denominator;
    }
    Polynomial::new(coefficients)
}
