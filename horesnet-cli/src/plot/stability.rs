//! The stability function `R(z) = 1 + z bᵀ(I − zA)⁻¹e` as a quotient of polynomials (Hairer and Wanner 1996, §IV.3).

use horesnet_compiler::number::Number;
use horesnet_compiler::tableau::Tableau;
use nalgebra::DMatrix;
use num_traits::{One, Zero};

/// `R = P/Q`, coefficients by ascending degree, each the nearest `f64` to the exact value.
pub(crate) struct Stability {
    numerator: Vec<f64>,
    denominator: Vec<f64>,
}

impl Stability {
    /// That of the propagated weights: `P = det(I − zA + z e bᵀ)`, `Q = det(I − zA)`.
    pub(crate) fn of(tableau: &Tableau) -> Option<Self> {
        let weights = &tableau.weights.first()?.values;
        let stages = tableau.stages();
        let shifted =
            DMatrix::from_fn(stages, stages, |i, j| &tableau.matrix[(i, j)] - &weights[j]);
        Some(Self {
            numerator: determinant(&shifted)?,
            denominator: determinant(&tableau.matrix)?,
        })
    }

    /// `|P(z)| − |Q(z)|`: at most zero where `|R(z)| ≤ 1`, and finite at the poles of `R`.
    pub(crate) fn growth(&self, re: f64, im: f64) -> f64 {
        modulus(&self.numerator, re, im) - modulus(&self.denominator, re, im)
    }
}

/// `det(I − zM)` by the recurrence of Faddeev and LeVerrier.
fn determinant(matrix: &DMatrix<Number>) -> Option<Vec<f64>> {
    let stages = matrix.nrows();
    let mut coefficient = Number::one();
    let mut coefficients = vec![coefficient.to_f64()];
    let mut auxiliary = DMatrix::from_element(stages, stages, Number::zero());
    for k in 1..=stages {
        for i in 0..stages {
            auxiliary[(i, i)] += coefficient.clone();
        }
        auxiliary = matrix * &auxiliary;
        let trace = (0..stages).fold(Number::zero(), |sum, i| &sum + &auxiliary[(i, i)]);
        coefficient = -trace.checked_div(&Number::from(k as i64))?;
        coefficients.push(coefficient.to_f64());
    }
    while coefficients.len() > 1 && coefficients.last() == Some(&0.0) {
        coefficients.pop();
    }
    Some(coefficients)
}

/// The absolute value of a polynomial, by Horner's scheme.
fn modulus(polynomial: &[f64], re: f64, im: f64) -> f64 {
    let (x, y) = polynomial.iter().rev().fold((0.0, 0.0), |(x, y), c| {
        (x * re - y * im + c, x * im + y * re)
    });
    f64::hypot(x, y)
}
