//! The stability function: one step on `y′ = λy` multiplies by `R(z) = 1 + z·bᵀ(I − zA)⁻¹e`, `z = hλ`
//! (Hairer, Wanner 1996, §IV.3).

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::effort::{Effort, Figure, reduction, words};
use super::polynomial::Polynomial;
use super::scaled;
use super::scaled::{Integers, Scaled};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// `R = P/Q` in lowest terms with `Q(0) = 1`; a polynomial if the scheme is explicit.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The coefficients of `P`, lowest degree first.
    pub numerator: Vec<Number>,
    /// The coefficients of `Q`, lowest degree first.
    pub denominator: Vec<Number>,
    /// Both to floating point, for [`Stability::at`].
    rounded: [Vec<f64>; 2],
    /// What rounding may have done to each coefficient of a polynomial; empty if nothing.
    tolerances: Vec<f64>,
}

impl Stability {
    /// `R` of a scheme, exactly.
    ///
    /// # Errors
    /// [`Unknown::TooLarge`](super::Unknown::TooLarge) if the coefficients are too long for their powers.
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::analysis::Stability;
    ///
    /// let rk4 = horesnet_compiler::library::find("rk4").unwrap();
    /// let tableau = horesnet_compiler::compile(rk4.text).unwrap().tableau;
    /// let stability = Stability::of(&tableau.matrix, &tableau.weights[0].values).unwrap();
    /// let printed: Vec<_> = stability.numerator.iter().map(|c| c.to_string()).collect();
    /// assert_eq!(printed, ["1", "1", "1/2", "1/6", "1/24"]);
    /// let (re, im) = stability.at(0.0, 2.0);
    /// assert!(re * re + im * im <= 1.0);
    /// ```
    pub fn of(matrix: &DMatrix<Number>, weights: &DVector<Number>) -> Figure<Self> {
        let effort = &mut Effort::new();
        let scaled = Scaled::of(matrix, effort)?;
        let weights = Integers::of(weights.iter(), effort)?;
        let characteristic = characteristic(&scaled, effort)?;
        let series = series(&scaled, &weights, effort)?;
        // det(I − zA)·R(z) is a polynomial of degree s at most, so the series up to there gives all of it.
        let product = Polynomial::new(series).product(&characteristic, effort)?;
        let mut numerator = product.into_coefficients();
        numerator.truncate(matrix.nrows() + 1);
        let numerator = unscaled(
            &numerator,
            &scaled.denominator,
            &weights.denominator,
            effort,
        )?;
        let denominator = unscaled(
            characteristic.coefficients(),
            &scaled.denominator,
            &Number::one(),
            effort,
        )?;
        Self::lowest_terms(numerator, denominator, effort)
    }

    /// `R` of the propagated weights; in a rounded file of an explicit scheme, each coefficient that the stated
    /// errors do not tell from `1/k!` is that.
    pub(crate) fn of_tableau(tableau: &Tableau) -> Figure<Self> {
        let zero = DVector::zeros(tableau.stages());
        let weights = tableau.weights.first().map_or(&zero, |row| &row.values);
        let exact = Self::of(&tableau.matrix, weights)?;
        let eps = tableau.rounded.as_ref().map(Number::to_f64);
        let Some(eps) = eps.filter(|_| exact.is_polynomial()) else {
            return Ok(exact);
        };
        // The coefficient of z^k is the condition of the tall tree of order k, with the same tolerance.
        let matrix = tableau.matrix.map(|a| a.to_f64().abs());
        let weights = weights.map(|b| b.to_f64().abs());
        let mut v = DVector::from_element(tableau.stages(), 1.0);
        let mut numerator = exact.numerator;
        let mut term = Number::one();
        let mut tolerances = vec![0.0];
        for (k, c) in numerator.iter_mut().enumerate().skip(1) {
            term = &term * &Number::ratio(1, k as i64).unwrap_or_else(Number::one);
            let tolerance = k as f64 * eps * weights.dot(&v);
            let told = (&*c - &term).to_f64().abs() > tolerance;
            if tolerance.is_finite() && !told {
                *c = term.clone();
            }
            tolerances.push(if told { tolerance } else { 0.0 });
            v = &matrix * v;
        }
        Ok(Self {
            tolerances,
            ..Self::new(
                Polynomial::new(numerator),
                Polynomial::new(vec![Number::one()]),
            )
        })
    }

    /// `P/Q` with common factors cancelled; `Q(0)` is not zero.
    fn lowest_terms(
        mut numerator: Polynomial,
        mut denominator: Polynomial,
        effort: &mut Effort,
    ) -> Figure<Self> {
        if denominator.degree() > 0 {
            let common = numerator.gcd(&denominator, effort)?;
            if common.degree() > 0 {
                numerator = numerator.quotient(&common, effort)?;
                denominator = denominator.quotient(&common, effort)?;
            }
            let scale = denominator.coefficients().first().cloned();
            let scale = scale.unwrap_or_else(Number::one);
            let scaled = |f: &Polynomial| {
                let divided = f
                    .coefficients()
                    .iter()
                    .filter_map(|c| c.checked_div(&scale));
                Polynomial::new(divided.collect())
            };
            (numerator, denominator) = (scaled(&numerator), scaled(&denominator));
        }
        Ok(Self::new(numerator, denominator))
    }

    /// `P/Q`, which are in lowest terms.
    pub(crate) fn new(numerator: Polynomial, denominator: Polynomial) -> Self {
        let floats = |f: &Polynomial| f.coefficients().iter().map(Number::to_f64).collect();
        Self {
            rounded: [floats(&numerator), floats(&denominator)],
            numerator: numerator.into_coefficients(),
            denominator: denominator.into_coefficients(),
            tolerances: Vec::new(),
        }
    }

    /// What rounding may have done to the coefficient of `z^k` in the numerator.
    pub(crate) fn tolerance(&self, k: usize) -> f64 {
        self.tolerances.get(k).copied().unwrap_or(0.0)
    }

    /// `R(re + i·im)` as real and imaginary part, in floating point; infinite or not a number at a pole.
    #[must_use]
    pub fn at(&self, re: f64, im: f64) -> (f64, f64) {
        let horner = |coefficients: &[f64]| {
            let next = |(x, y): (f64, f64), c: &f64| (x * re - y * im + c, x * im + y * re);
            coefficients.iter().rev().fold((0.0, 0.0), next)
        };
        let [(p, q), (r, s)] = self.rounded.each_ref().map(|c| horner(c));
        if self.is_polynomial() {
            return (p, q);
        }
        let norm = r * r + s * s;
        ((p * r + q * s) / norm, (q * r - p * s) / norm)
    }

    /// Whether `Q` is 1.
    #[must_use]
    pub fn is_polynomial(&self) -> bool {
        self.denominator.len() == 1
    }

    /// A common positive multiple of `P` and `Q` with integer coefficients.
    pub(crate) fn integers(&self, effort: &mut Effort) -> Figure<(Polynomial, Polynomial)> {
        let both = self.numerator.iter().chain(&self.denominator).cloned();
        let mut numerator = Polynomial::new(both.collect())
            .integral(effort)?
            .into_coefficients();
        // Q(0) is 1, so nothing was cut off between the two.
        let denominator = numerator.split_off(self.numerator.len());
        Ok((Polynomial::new(numerator), Polynomial::new(denominator)))
    }
}

/// `det(I − wN)` by Newton's identities from the traces of powers; 1 if `N` is strictly lower triangular.
pub(crate) fn characteristic(scaled: &Scaled, effort: &mut Effort) -> Figure<Polynomial> {
    let stages = scaled.matrix.nrows();
    let mut coefficients = vec![Number::one()];
    if (0..stages).all(|i| (i..stages).all(|j| scaled.matrix[(i, j)].is_zero())) {
        return Ok(Polynomial::new(coefficients));
    }
    let mut power = scaled.matrix.clone();
    let mut traces = Vec::new();
    for k in 1..=stages {
        if k > 1 {
            power = scaled.product(&power, effort)?;
        }
        traces.push(power.trace());
        // k·q_k = −Σ q_{k−i}·tr(N^i)
        let sum = scaled::sum(coefficients.iter().rev().zip(&traces));
        let minus_k = Number::from(-(k as i64));
        coefficients.push(sum.checked_div(&minus_k).unwrap_or_else(Number::zero));
    }
    Ok(Polynomial::new(coefficients))
}

/// `L·R(Mw)` up to `w^s`: `L`, then `M·βᵀN^(k−1)e`.
fn series(scaled: &Scaled, weights: &Integers, effort: &mut Effort) -> Figure<Vec<Number>> {
    let stages = scaled.matrix.nrows();
    let mut v = DVector::from_element(stages, Number::one());
    let mut series = vec![weights.denominator.clone()];
    for k in 1..=stages {
        if k > 1 {
            v = scaled.times(&v, effort)?;
        }
        series.push(&scaled.denominator * &scaled::sum(weights.values.iter().zip(v.iter())));
    }
    Ok(series)
}

/// Coefficients of `w^k` as those of `z^k = (Mw)^k`, divided by `L`.
fn unscaled(
    coefficients: &[Number],
    matrix_denominator: &Number,
    weights_denominator: &Number,
    effort: &mut Effort,
) -> Figure<Polynomial> {
    let mut scale = weights_denominator.clone();
    let mut divided = Vec::new();
    for c in coefficients {
        let length = words([c, &scale]);
        effort.spend(reduction(length))?;
        divided.push(c.checked_div(&scale).unwrap_or_else(Number::zero));
        scale = &scale * matrix_denominator;
    }
    Ok(Polynomial::new(divided))
}
