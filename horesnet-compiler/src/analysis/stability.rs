//! The stability function: one step on `y′ = λy` multiplies by `R(z) = 1 + z·bᵀ(I − zA)⁻¹e`, `z = hλ`
//! (Hairer, Wanner 1996, §IV.3).

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::figure::{self, Figure};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::Exact;
use crate::number::budget::{Budget, TooLarge, operation_on, words};
use crate::number::polynomial::{self, Polynomial};
use crate::number::scaled::{self, Integers, Scaled};

/// `R = P/Q` in lowest terms with `Q(0) = 1`; a polynomial if the scheme is explicit.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The coefficients of `P`, lowest degree first.
    pub numerator: Vec<Number>,
    /// The coefficients of `Q`, lowest degree first.
    pub denominator: Vec<Number>,
    /// Both in floating point, for [`Stability::at`].
    rounded: [Vec<f64>; 2],
    /// The error that rounding may have made in each coefficient of a polynomial; empty if none.
    tolerances: Vec<f64>,
}

impl Stability {
    /// Computes `R` exactly.
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
        let budget = &mut figure::budget();
        let scaled = Scaled::of(matrix, budget)?;
        let weights = Integers::of(weights.iter(), scaled::BITS, budget)?;
        let denominator = characteristic(&scaled, budget)?;
        let series = series(&scaled, &weights, budget)?;
        // det(I − zA)·R(z) is a polynomial of degree s at most, so the series up to there gives all of it.
        let mut numerator = polynomial::product(&series, &denominator, budget)?;
        numerator.truncate(matrix.nrows() + 1);
        let numerator = unscaled(&numerator, &scaled, &weights.denominator, budget)?;
        let denominator = unscaled(&denominator, &scaled, &Number::one(), budget)?;
        if denominator.len() == 1 {
            return Ok(Self::new(numerator, denominator));
        }
        let [numerator, denominator] = polynomial::lowest_terms(numerator, denominator, budget)?;
        Ok(Self::new(numerator, denominator))
    }

    /// `R` of the propagated weights; in a rounded file of an explicit scheme, coefficients that are `1/k!` within the
    /// stated errors are that.
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
            let differs = (&*c - &term).to_f64().abs() > tolerance;
            if tolerance.is_finite() && !differs {
                *c = term.clone();
            }
            tolerances.push(if differs { tolerance } else { 0.0 });
            v = &matrix * v;
        }
        let numerator = polynomial::trimmed(&Exact, numerator);
        Ok(Self {
            tolerances,
            ..Self::new(numerator, vec![Number::one()])
        })
    }

    /// `P/Q`, which are in lowest terms.
    fn new(numerator: Polynomial, denominator: Polynomial) -> Self {
        let floats = |f: &Polynomial| f.iter().map(Number::to_f64).collect();
        Self {
            rounded: [floats(&numerator), floats(&denominator)],
            numerator,
            denominator,
            tolerances: Vec::new(),
        }
    }

    /// The error that rounding may have made in the coefficient of `z^k` in the numerator.
    pub(crate) fn tolerance(&self, k: usize) -> f64 {
        self.tolerances.get(k).copied().unwrap_or(0.0)
    }

    /// Evaluates `R(re + i·im)` to its real and imaginary part; infinite or not a number at a pole.
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

    /// Returns true if `Q` is 1.
    #[must_use]
    pub fn is_polynomial(&self) -> bool {
        self.denominator.len() == 1
    }

    /// A common positive multiple of `P` and `Q` with integer coefficients.
    pub(super) fn integers(&self, budget: &mut Budget) -> Result<[Polynomial; 2], TooLarge> {
        let both = [self.numerator.as_slice(), &self.denominator].concat();
        let mut numerator = polynomial::integral(&both, budget)?;
        let denominator = numerator.split_off(self.numerator.len());
        Ok([numerator, denominator])
    }
}

/// `det(I − wN)` by Newton's identities from the traces of powers; 1 if `N` is strictly lower triangular.
pub(super) fn characteristic(scaled: &Scaled, budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    let stages = scaled.matrix.nrows();
    let mut coefficients = vec![Number::one()];
    if (0..stages).all(|i| (i..stages).all(|j| scaled.matrix[(i, j)].is_zero())) {
        return Ok(coefficients);
    }
    let mut power = scaled.matrix.clone();
    let mut traces = Vec::new();
    for k in 1..=stages {
        if k > 1 {
            power = scaled.product(&power, budget)?;
        }
        traces.push(power.trace());
        // k·q_k = −Σ q_{k−i}·tr(N^i)
        let sum = scaled::dot(coefficients.iter().rev().zip(&traces));
        let minus_k = Number::from(-(k as i64));
        coefficients.push(sum.checked_div(&minus_k).unwrap_or_else(Number::zero));
    }
    Ok(polynomial::trimmed(&Exact, coefficients))
}

/// `L·R(Mw)` up to `w^s`: `L`, then `M·βᵀN^(k−1)e`.
fn series(
    scaled: &Scaled,
    weights: &Integers,
    budget: &mut Budget,
) -> Result<Polynomial, TooLarge> {
    let stages = scaled.matrix.nrows();
    let mut v = DVector::from_element(stages, Number::one());
    let mut series = vec![weights.denominator.clone()];
    for k in 1..=stages {
        if k > 1 {
            v = scaled.times(&v, budget)?;
        }
        series.push(&scaled.denominator * &scaled::dot(weights.values.iter().zip(v.iter())));
    }
    Ok(polynomial::trimmed(&Exact, series))
}

/// Coefficients of `w^k` as those of `z^k = (Mw)^k`, divided by `L`.
fn unscaled(
    coefficients: &[Number],
    matrix: &Scaled,
    weights_denominator: &Number,
    budget: &mut Budget,
) -> Result<Polynomial, TooLarge> {
    let mut scale = weights_denominator.clone();
    let mut divided = Vec::new();
    for c in coefficients {
        budget.spend(operation_on(words([c, &scale])))?;
        divided.push(c.checked_div(&scale).unwrap_or_else(Number::zero));
        scale = &scale * &matrix.denominator;
    }
    Ok(polynomial::trimmed(&Exact, divided))
}
