//! The stability function: one step on `y′ = λy` multiplies by `R(z) = 1 + z·bᵀ(I − zA)⁻¹e`, `z = hλ`
//! (Hairer, Wanner 1996, §IV.3).

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::figure::{self, Figure};
use super::rounding;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::Exact;
use crate::number::budget::{Budget, TooLarge, operation_on, words};
use crate::number::enclosure::Enclosure;
use crate::number::polynomial::{self, Polynomial};
use crate::number::scaled::{self, Integers, Scaled};
use crate::proof::support::reached;

/// `R = P/Q` in lowest terms with `Q(0) = 1`; a polynomial if the scheme is explicit.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The coefficients of `P`, lowest degree first.
    pub numerator: Vec<Number>,
    /// The coefficients of `Q`, lowest degree first.
    pub denominator: Vec<Number>,
    /// Both in floating point, for [`Stability::at`].
    rounded: [Vec<f64>; 2],
    /// The errors of the coefficients of both; empty if there are none.
    radii: [Polynomial; 2],
    /// See [`Stability::order`].
    order: usize,
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
        Self::within(matrix, weights, &mut figure::budget())
    }

    fn within(
        matrix: &DMatrix<Number>,
        weights: &DVector<Number>,
        budget: &mut Budget,
    ) -> Figure<Self> {
        let integers = Integral::of(matrix, weights, budget)?;
        // det(I − zA)·R(z) is a polynomial of degree s at most, so the series up to there gives all of it.
        let mut numerator = polynomial::product(&integers.series, &integers.denominator, budget)?;
        numerator.truncate(matrix.nrows() + 1);
        let [numerator, denominator] = integers.unscaled(&numerator, budget)?;
        let [numerator, denominator] = if denominator.len() == 1 {
            [numerator, denominator]
        } else {
            polynomial::lowest_terms(numerator, denominator, budget)?
        };
        let exact = |centre| Enclosure::new(centre, Vec::new());
        Ok(Self::new([exact(numerator), exact(denominator)], 0))
    }

    /// `R` of weights in a file, which have been proven to have that order.
    ///
    /// In a rounded file it stands for all schemes of that order within the rounding.
    pub(super) fn of_row(
        tableau: &Tableau,
        weights: &DVector<Number>,
        order: usize,
        budget: &mut Budget,
    ) -> Figure<Self> {
        let reached = reached(&tableau.matrix, [weights]);
        let matrix = tableau.matrix.select_rows(&reached);
        let matrix = matrix.select_columns(&reached);
        let weights = weights.select_rows(&reached);
        let Some(eps) = &tableau.rounded else {
            return Self::within(&matrix, &weights, budget);
        };
        let parts = rounding::enclosed(&matrix, &weights, eps, order, budget)?;
        Ok(Self::new(parts, order))
    }

    /// `R_i` of the stages of an explicit scheme.
    pub(super) fn of_stages(
        matrix: &DMatrix<Number>,
        eps: Option<&Number>,
        budget: &mut Budget,
    ) -> Figure<Vec<Self>> {
        let polynomials = if let Some(eps) = eps {
            rounding::stages(matrix, eps, budget)?
        } else {
            let scaled = Scaled::of(matrix, budget)?;
            let mut v = DVector::from_element(matrix.nrows(), Number::one());
            let mut series = vec![Vec::new(); matrix.nrows()];
            for k in 0..=matrix.nrows() {
                if k > 0 {
                    v = scaled.times(&v, budget)?;
                }
                for (row, c) in series.iter_mut().zip(v.iter()) {
                    row.push(c.clone());
                }
            }
            let of_row = |row: Vec<Number>| -> Figure<_> {
                let row = polynomial::trimmed(&Exact, row);
                let centre = unscaled(&row, &scaled, &Number::one(), budget)?;
                Ok(Enclosure::new(centre, Vec::new()))
            };
            series.into_iter().map(of_row).collect::<Figure<_>>()?
        };
        let one = Enclosure::new(vec![Number::one()], Vec::new());
        let of = |numerator| Self::new([numerator, one.clone()], 0);
        Ok(polynomials.into_iter().map(of).collect())
    }

    /// `P/Q` with errors.
    fn new(parts: [Enclosure; 2], order: usize) -> Self {
        let floats = |f: &Enclosure| f.centre.iter().map(Number::to_f64).collect();
        let rounded = parts.each_ref().map(floats);
        let [numerator, denominator] = parts;
        Self {
            numerator: numerator.centre,
            denominator: denominator.centre,
            radii: [numerator.radius, denominator.radius],
            rounded,
            order,
        }
    }

    /// Returns true if `P` and `Q` are known exactly.
    pub(super) fn is_exact(&self) -> bool {
        self.radii.iter().all(Vec::is_empty)
    }

    /// The order that `R` has in all schemes within the rounding.
    pub(super) fn order(&self) -> usize {
        self.order
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

    /// A common positive multiple of `P` and `Q` whose coefficients, but for the errors, are integers.
    pub(super) fn parts(&self, budget: &mut Budget) -> Result<[Enclosure; 2], TooLarge> {
        let both = [self.numerator.as_slice(), &self.denominator].concat();
        let integers = Integers::of(both.iter(), u64::MAX, budget)?;
        let mut numerator = integers.values;
        let denominator = numerator.split_off(self.numerator.len());
        let scaled =
            |radius: &Polynomial| radius.iter().map(|r| r * &integers.denominator).collect();
        let [p, q] = &self.radii;
        Ok([
            Enclosure::new(numerator, scaled(p)),
            Enclosure::new(denominator, scaled(q)),
        ])
    }
}

/// Over common denominators, in `w = z/M`: `L·R(Mw)` up to `w^s`, and `det(I − wN)`.
struct Integral {
    scaled: Scaled,
    weights_denominator: Number,
    series: Polynomial,
    denominator: Polynomial,
}

impl Integral {
    fn of(
        matrix: &DMatrix<Number>,
        weights: &DVector<Number>,
        budget: &mut Budget,
    ) -> Result<Self, TooLarge> {
        let scaled = Scaled::of(matrix, budget)?;
        let weights = Integers::of(weights.iter(), scaled::BITS, budget)?;
        Ok(Self {
            denominator: characteristic(&scaled, budget)?,
            series: series(&scaled, &weights, budget)?,
            weights_denominator: weights.denominator,
            scaled,
        })
    }

    /// A series `L·f(Mw)` and the denominator as polynomials in `z`.
    fn unscaled(&self, f: &[Number], budget: &mut Budget) -> Result<[Polynomial; 2], TooLarge> {
        Ok([
            unscaled(f, &self.scaled, &self.weights_denominator, budget)?,
            unscaled(&self.denominator, &self.scaled, &Number::one(), budget)?,
        ])
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
pub(super) fn unscaled(
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
