//! What is searched for: a figure of a member, or a product of powers of figures.

use std::fmt;

use num_traits::Zero;

use super::bound;
use crate::analysis::monotonicity::ssp_coefficient;
use crate::analysis::{Stability, interval};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::elementary;
use crate::proof::tree::Forest;

/// A figure of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The 2-norm of the principal error.
    Error,
    /// Ralston's bound of the local error.
    Bound,
    /// The real stability interval.
    Real,
    /// The imaginary stability interval.
    Imaginary,
    /// The SSP coefficient.
    Ssp,
}

impl Figure {
    /// All figures.
    pub const ALL: [Self; 5] = [
        Self::Error,
        Self::Bound,
        Self::Real,
        Self::Imaginary,
        Self::Ssp,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Bound => "bound",
            Self::Real => "real",
            Self::Imaginary => "imaginary",
            Self::Ssp => "ssp",
        }
    }

    /// The name in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Error => "principal error norm",
            Self::Bound => "Ralston's error bound",
            Self::Real => "real stability interval",
            Self::Imaginary => "imaginary stability interval",
            Self::Ssp => "SSP coefficient",
        }
    }

    /// Returns true if less is better.
    #[must_use]
    pub fn is_minimised(self) -> bool {
        matches!(self, Self::Error | Self::Bound)
    }

    /// Computes the figure of a scheme of this order exactly, and rounds it; `None` if it is not known or not finite.
    #[must_use]
    pub fn of(self, member: &Tableau, order: usize) -> Option<f64> {
        let weights = &member.weights.first()?.values;
        let function = || Stability::of(&member.matrix, weights).ok();
        let value = match self {
            Self::Error => {
                let errors = errors(member, order)?;
                let squares = errors.iter().map(|(_, error)| error * error);
                let sum = squares.fold(Number::zero(), |sum, square| &sum + &square);
                sum.to_f64().sqrt()
            }
            Self::Bound => bound::constant(&errors(member, order)?, order).to_f64(),
            Self::Real => interval::real(&function()?).ok()?,
            Self::Imaginary => interval::imaginary(&function()?).ok()?,
            Self::Ssp => ssp_coefficient(&member.matrix, weights).ok()?,
        };
        value.is_finite().then_some(value)
    }
}

/// The error coefficients `(Σ b_i Φ_i(t) − 1/γ(t))/σ(t)` of the trees of the next order.
fn errors(member: &Tableau, order: usize) -> Option<Vec<(usize, Number)>> {
    let forest = Forest::up_to(order + 1);
    let sums = member.row_sums();
    let weights = &member.weights.first()?.values;
    let errors = forest.range(order + 1).map(|tree| {
        let weight = elementary::weight(&forest, tree, &member.matrix, weights, &sums);
        let (density, symmetry) = (forest.get(tree).density, forest.get(tree).symmetry);
        let residual = &weight - &Number::ratio(1, density)?;
        Some((tree, &residual * &Number::ratio(1, symmetry)?))
    });
    errors.collect()
}

/// A figure and its weight: the power to which it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The figure.
    pub figure: Figure,
    /// Positive: more of what is wanted, less of what is not.
    pub weight: f64,
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The figures with their weights.
    pub terms: Vec<Term>,
}

impl Goal {
    /// One figure.
    #[must_use]
    pub fn of(figure: Figure) -> Self {
        Self {
            terms: vec![Term {
                figure,
                weight: 1.0,
            }],
        }
    }

    /// The one figure that is searched for, if there is one.
    #[must_use]
    pub fn figure(&self) -> Option<Figure> {
        match self.terms.as_slice() {
            [term] => Some(term.figure),
            _ => None,
        }
    }

    /// Returns true if less is better.
    #[must_use]
    pub fn is_minimised(&self) -> bool {
        self.figure().is_some_and(Figure::is_minimised)
    }

    /// Computes the figure of a scheme, or the product of powers: each figure to its weight, those that are to be small
    /// to its negative.
    #[must_use]
    pub fn value(&self, member: &Tableau, order: usize) -> Option<f64> {
        if let Some(figure) = self.figure() {
            return figure.of(member, order);
        }
        let factors = self.terms.iter().map(|term| {
            let value = term.figure.of(member, order)?;
            let sign = if term.figure.is_minimised() {
                -1.0
            } else {
                1.0
            };
            Some(value.powf(sign * term.weight))
        });
        let product = factors.product::<Option<f64>>()?;
        product.is_finite().then_some(product)
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(figure) = self.figure() {
            return f.write_str(figure.title());
        }
        let factors = self.terms.iter().map(|Term { figure, weight }| {
            let weight = if figure.is_minimised() {
                -weight
            } else {
                *weight
            };
            if (weight - 1.0).abs() < f64::EPSILON {
                figure.name().to_owned()
            } else {
                format!("{}^{weight}", figure.name())
            }
        });
        f.write_str(&factors.collect::<Vec<_>>().join("·"))
    }
}
