//! Symplecticity (Hairer, Lubich, Wanner 2006, §VI.4): `M = BA + AᵀB − bbᵀ` vanishes.
//!
//! A step is symplectic if and only if `Σ_ij M_ij Φ_i(u) Φ_j(v) = 0` for all pairs of trees. Products of elementary weights
//! are those of other trees, so the weights of the stages span the functions that are equal on equivalent stages: the sums
//! of `M` over pairs of classes must vanish. Without equivalent stages, that is `M = 0`.

use nalgebra::DVector;
use num_traits::Zero;

use super::algebraic::terms;
use super::figure::Figure;
use super::reducibility::classes;
use super::reversibility::grows_as_polynomial;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::fixed;
use crate::number::magnitude::Magnitude;

/// Returns true if a step with the propagated weights is symplectic, in a rounded file within the stated errors.
pub(super) fn is_symplectic(tableau: &Tableau, budget: &mut Budget) -> Figure<bool> {
    if grows_as_polynomial(tableau, budget)? {
        return Ok(false);
    }
    let zero = DVector::zeros(tableau.stages());
    let b = tableau.weights.first().map_or(&zero, |row| &row.values);
    let eps = tableau.rounded.as_ref().map(Magnitude::of);
    let length = words(tableau.matrix.iter()) + words(b.iter());
    let classes = classes(&tableau.matrix, budget)?;
    for one in &classes {
        for other in &classes {
            let pairs = one.iter().flat_map(|&i| other.iter().map(move |&j| (i, j)));
            budget.spend((one.len() * other.len()) as f64 * 6.0 * operation_on(2.0 * length))?;
            let terms: Vec<_> = pairs
                .flat_map(|(i, j)| terms(&tableau.matrix, b, i, j))
                .filter(|term| !term.is_zero())
                .collect();
            let sum = terms.iter().fold(Number::zero(), |sum, term| &sum + term);
            let vanishes = match eps {
                None => sum.is_zero(),
                // Each term is a product of two coefficients.
                Some(eps) => {
                    fixed::within(Magnitude::of(&sum), 2, eps, Magnitude::sum(terms.iter()))
                }
            };
            if !vanishes {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
