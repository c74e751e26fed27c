//! What is searched for: a figure of a member, or a product of powers of figures.

use std::cmp::Ordering;
use std::fmt;

use num_traits::Zero;

use super::bound;
use crate::analysis::{self, Stability, interval};
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

    /// Computes the figures of a member of a family of this order; `None` if one is not known or not finite.
    pub(super) fn score(&self, member: &Tableau, order: usize) -> Option<Score> {
        if let [Term { figure, .. }] = self.terms.as_slice() {
            let exact = exact(*figure, member, order);
            let value = value(*figure, member, exact.as_ref())?;
            let merit = if figure.is_minimised() { -value } else { value };
            return Some(Score {
                exact,
                merit,
                value,
            });
        }
        let terms = self.terms.iter().map(|term| {
            let exact = exact(term.figure, member, order);
            let value = value(term.figure, member, exact.as_ref())?;
            let sign = if term.figure.is_minimised() {
                -1.0
            } else {
                1.0
            };
            Some(sign * term.weight * value.ln())
        });
        let merit = terms.sum::<Option<f64>>()?;
        Some(Score {
            exact: None,
            merit,
            value: merit.exp(),
        })
        .filter(|score| score.merit.is_finite())
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.terms.as_slice() {
            [term] => f.write_str(term.figure.title()),
            terms => {
                let factors = terms.iter().map(|Term { figure, weight }| {
                    let weight = if figure.is_minimised() {
                        -weight
                    } else {
                        *weight
                    };
                    format!("{}^{weight}", figure.name())
                });
                f.write_str(&factors.collect::<Vec<_>>().join("·"))
            }
        }
    }
}

/// How good a member is.
#[derive(Clone, Debug)]
pub(super) struct Score {
    /// What is to be small, exactly, for goals that can be compared exactly.
    exact: Option<Number>,
    /// What is to be large.
    merit: f64,
    /// The figure.
    pub(super) value: f64,
}

impl Score {
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (&self.exact, &other.exact) {
            (Some(own), Some(others)) => (others - own).sign(),
            _ => self.merit.total_cmp(&other.merit),
        }
    }

    /// By how much the figure is worse than another, relatively.
    pub(super) fn loss(&self, best: &Self) -> f64 {
        (self.value - best.value).abs() / best.value.abs().max(f64::MIN_POSITIVE)
    }
}

/// The square of the error norm, or the bound.
fn exact(figure: Figure, member: &Tableau, order: usize) -> Option<Number> {
    let forest = Forest::up_to(order + 1);
    let sums = member.row_sums();
    let weights = &member.weights.first()?.values;
    let errors = forest.range(order + 1).map(|tree| {
        let weight = elementary::weight(&forest, tree, &member.matrix, weights, &sums);
        let (density, symmetry) = (forest.get(tree).density, forest.get(tree).symmetry);
        let residual = &weight - &Number::ratio(1, density)?;
        Some((tree, &residual * &Number::ratio(1, symmetry)?))
    });
    match figure {
        Figure::Error => errors.into_iter().try_fold(Number::zero(), |sum, error| {
            let (_, error) = error?;
            Some(&sum + &(&error * &error))
        }),
        Figure::Bound => Some(bound::constant(
            &forest,
            &errors.collect::<Option<Vec<_>>>()?,
        )),
        Figure::Real | Figure::Imaginary | Figure::Ssp => None,
    }
}

fn value(figure: Figure, member: &Tableau, exact: Option<&Number>) -> Option<f64> {
    let weights = &member.weights.first()?.values;
    let function = || Stability::of(&member.matrix, weights).ok();
    let value = match figure {
        Figure::Error => exact?.to_f64().sqrt(),
        Figure::Bound => exact?.to_f64(),
        Figure::Real => interval::real(&function()?).ok()?,
        Figure::Imaginary => interval::imaginary(&function()?).ok()?,
        Figure::Ssp => analysis::monotonicity::ssp_coefficient(&member.matrix, weights).ok()?,
    };
    value.is_finite().then_some(value)
}
