//! The error coefficients of all members of a family at once: rational functions, evaluated to some 30 digits.
//!
//! An optimum is as flat as a parabola, so its place has half of the digits of its value.

use super::bound;
use super::goal::Figure;
use crate::language::family::Family;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::double_double::DoubleDouble;
use crate::number::multivariate::{Exponents, Multivariate};
use crate::number::rational_function::RationalFunction;
use crate::proof::family::{Known, symbolic_weight};
use crate::proof::tree::Forest;

/// Steps to expand the error coefficients.
const EFFORT: f64 = 1e9;

type Terms = Vec<(Exponents, DoubleDouble)>;

/// A rational function of approximate coefficients: numerator, and factors of the denominator with multiplicities.
struct Function {
    numerator: Terms,
    factors: Vec<(Terms, u32)>,
}

/// The error coefficients, for one of the two figures that they make.
pub(super) struct Errors {
    functions: Vec<Function>,
    /// For Ralston's bound, the sums of error coefficients of which absolute values are added; none for the norm.
    sums: Option<Vec<Vec<(usize, i64)>>>,
}

impl Errors {
    /// Expands the error coefficients of a family of this order, if that is not too long.
    pub(super) fn of(family: &Family, order: usize, figure: Figure) -> Option<Self> {
        let budget = &mut Budget::new(EFFORT);
        let forest = Forest::up_to(order + 1);
        let functions = expanded(family, &forest, order + 1, budget).ok()?;
        let sums = match figure {
            Figure::Error => None,
            Figure::Bound => {
                let trees: Vec<_> = forest.range(order + 1).collect();
                Some(bound::sums(&forest, &trees))
            }
            Figure::Real | Figure::Imaginary | Figure::Ssp => return None,
        };
        Some(Self { functions, sums })
    }

    /// The square of the norm, or the bound.
    pub(super) fn at(&self, values: &[Number]) -> DoubleDouble {
        let point: Vec<_> = values.iter().map(DoubleDouble::of).collect();
        let errors: Vec<_> = self.functions.iter().map(|f| f.at(&point)).collect();
        let zero = DoubleDouble::default();
        let Some(sums) = &self.sums else {
            return errors.iter().fold(zero, |sum, error| sum + *error * *error);
        };
        sums.iter().fold(zero, |total, sum| {
            let terms = sum.iter().map(|(at, count)| errors[*at] * exact(*count));
            let sum = terms.fold(zero, |sum, term| sum + term);
            let size = if sum.compare(zero).is_lt() {
                zero - sum
            } else {
                sum
            };
            total + size
        })
    }
}

fn exact(n: i64) -> DoubleDouble {
    DoubleDouble::of(&Number::from(n))
}

fn expanded(
    family: &Family,
    forest: &Forest,
    order: usize,
    budget: &mut Budget,
) -> Result<Vec<Function>, TooLarge> {
    let mut known = Known::new();
    let trees = forest.range(order).map(|tree| {
        let weight = symbolic_weight(family, forest, tree, 0, &family.nodes, &mut known, budget)?;
        let (density, symmetry) = (forest.get(tree).density, forest.get(tree).symmetry);
        let expected = Number::ratio(1, density).ok_or(TooLarge)?;
        let scale = Number::ratio(1, symmetry).ok_or(TooLarge)?;
        let residual = weight.minus(&expected.into(), budget)?;
        Ok(Function::of(&residual, &scale))
    });
    trees.collect()
}

impl Function {
    fn of(function: &RationalFunction, scale: &Number) -> Self {
        let terms = |p: &Multivariate| -> Terms {
            let terms = p.terms();
            terms
                .map(|(exponents, c)| (*exponents, DoubleDouble::of(c)))
                .collect()
        };
        let factors = function.factors.iter();
        Self {
            numerator: terms(&function.numerator.scaled(scale)),
            factors: factors
                .map(|(factor, times)| (terms(factor), *times))
                .collect(),
        }
    }

    fn at(&self, point: &[DoubleDouble]) -> DoubleDouble {
        let numerator = value(&self.numerator, point);
        self.factors
            .iter()
            .fold(numerator, |quotient, (factor, times)| {
                let divisor = value(factor, point);
                (0..*times).fold(quotient, |quotient, _| quotient / divisor)
            })
    }
}

fn value(terms: &Terms, point: &[DoubleDouble]) -> DoubleDouble {
    terms
        .iter()
        .fold(DoubleDouble::default(), |sum, (exponents, c)| {
            let powers = point.iter().zip(exponents);
            let term = powers.fold(*c, |term, (x, power)| {
                (0..*power).fold(term, |term, _| term * *x)
            });
            sum + term
        })
}
