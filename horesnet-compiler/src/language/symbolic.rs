//! Evaluates expressions to rational functions of the parameters, and collects what they divide by.

use std::collections::BTreeMap;

use num_traits::One;

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::evaluate::Evaluator;
use crate::language::header;
use crate::language::limits;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::multivariate::Multivariate;
use crate::number::rational_function::RationalFunction;

/// A polynomial that an expression divides by: its zeros are poles.
#[derive(Clone, Debug, PartialEq)]
pub struct Divisor {
    pub(crate) polynomial: Multivariate,
    /// The number of the tableau that has the pole: `node 3`.
    pub(crate) place: String,
    pub(crate) span: Span,
}

/// Steps to copy a term of a function that is used by its name, with what it takes of memory, and to compare divisors.
const COPY: f64 = 1000.0;
const COMPARISON: f64 = 20.0;

/// The names bound so far, of constants and of functions.
#[derive(Default)]
pub(super) struct Symbolic {
    constants: Evaluator,
    functions: BTreeMap<String, RationalFunction>,
    pub(super) divisors: Vec<Divisor>,
    /// Spans of unknown entries, each a variable after the parameters.
    pub(super) unknowns: Vec<Span>,
    /// What is evaluated, for messages.
    pub(super) place: String,
}

impl Symbolic {
    /// Binds a parameter, which is a variable by its number.
    pub(super) fn parameter(&mut self, name: &str, number: usize) -> Result<(), TooLarge> {
        let variable = Multivariate::variable(number)?;
        self.functions.insert(name.to_owned(), variable.into());
        Ok(())
    }

    /// `let NAME = VALUE`.
    pub(super) fn bind(
        &mut self,
        name: &Spanned<String>,
        value: &Expression,
        budget: &mut Budget,
    ) -> Result<(), Diagnostic> {
        if self.is_constant(value) {
            return self.constants.bind(name, value);
        }
        self.place = format!("`{}`", name.value);
        let value = self.value(value, budget)?;
        self.functions.insert(name.value.clone(), value);
        Ok(())
    }

    fn is_constant(&self, expression: &Expression) -> bool {
        let parts = header::parts(expression);
        parts.iter().all(|part| match &part.value {
            Term::Name(name) => !self.functions.contains_key(name),
            Term::Unknown => false,
            _ => true,
        })
    }

    /// Evaluates an expression.
    pub(super) fn value(
        &mut self,
        expression: &Expression,
        budget: &mut Budget,
    ) -> Result<RationalFunction, Diagnostic> {
        let span = expression.span;
        if self.is_constant(expression) {
            return Ok(self.constants.value(expression)?.into());
        }
        let large = |TooLarge| too_large(span);
        match &expression.value {
            Term::Name(name) => {
                let unknown = || Diagnostic::at(span, format!("`{name}` has no value"));
                let function = self.functions.get(name).ok_or_else(unknown)?;
                let terms = function.numerator.terms().count() as f64;
                budget.spend(COPY * terms).map_err(large)?;
                Ok(function.clone())
            }
            Term::Unknown => {
                let number = limits::PARAMETERS + self.unknowns.len();
                self.unknowns.push(span);
                Ok(Multivariate::variable(number).map_err(large)?.into())
            }
            Term::Sum(terms) => {
                let mut sum = RationalFunction::from(Number::from(0));
                for (minus, term) in terms {
                    let term = self.value(term, budget)?;
                    let next = if *minus {
                        sum.minus(&term, budget)
                    } else {
                        sum.plus(&term, budget)
                    };
                    sum = next.map_err(large)?;
                }
                Ok(sum)
            }
            Term::Product(factors) => {
                let mut product = RationalFunction::from(Number::one());
                for (divide, factor) in factors {
                    let value = if *divide {
                        self.inverse_of(factor, budget)?
                    } else {
                        self.value(factor, budget)?
                    };
                    product = product.times(&value, budget).map_err(large)?;
                }
                Ok(product)
            }
            Term::Power(base, exponent) => {
                let mut value = self.value(base, budget)?;
                if *exponent < 0 {
                    value = self.inverse(&value, span, budget)?;
                }
                let mut power = RationalFunction::from(Number::one());
                for _ in 0..exponent.unsigned_abs() {
                    power = power.times(&value, budget).map_err(large)?;
                }
                Ok(power)
            }
            Term::Decimal { .. } | Term::Sqrt(_) => Ok(self.constants.value(expression)?.into()),
        }
    }

    /// The inverse of an expression, factor by factor, so that denominators stay products.
    fn inverse_of(
        &mut self,
        expression: &Expression,
        budget: &mut Budget,
    ) -> Result<RationalFunction, Diagnostic> {
        let span = expression.span;
        let large = |TooLarge| too_large(span);
        let mut product = RationalFunction::from(Number::one());
        let factors = match &expression.value {
            Term::Product(factors) => factors,
            Term::Power(base, exponent @ 1..) => {
                let base = self.inverse_of(base, budget)?;
                for _ in 0..*exponent {
                    product = product.times(&base, budget).map_err(large)?;
                }
                return Ok(product);
            }
            _ => {
                let value = self.value(expression, budget)?;
                return self.inverse(&value, span, budget);
            }
        };
        for (divide, factor) in factors {
            let value = if *divide {
                // Its zeros are poles of the divisor.
                let value = self.value(factor, budget)?;
                self.inverse(&value, factor.span, budget)?;
                value
            } else {
                self.inverse_of(factor, budget)?
            };
            product = product.times(&value, budget).map_err(large)?;
        }
        Ok(product)
    }

    fn inverse(
        &mut self,
        value: &RationalFunction,
        span: Span,
        budget: &mut Budget,
    ) -> Result<RationalFunction, Diagnostic> {
        let large = |TooLarge| too_large(span);
        let inverse = value.inverse(budget).map_err(large)?;
        let inverse = inverse
            .ok_or_else(|| Diagnostic::at(span, "division by zero, whatever the parameters are"))?;
        for polynomial in value.numerator.split(budget).map_err(large)? {
            let compared = self.divisors.len() as f64;
            budget.spend(COMPARISON * compared).map_err(large)?;
            if self
                .divisors
                .iter()
                .all(|known| known.polynomial != polynomial)
            {
                let place = self.place.clone();
                self.divisors.push(Divisor {
                    polynomial,
                    place,
                    span,
                });
            }
        }
        Ok(inverse)
    }
}

fn too_large(span: Span) -> Diagnostic {
    let headline = "this expression has too many terms, or too high a degree, to prove anything for all its values";
    let help = "degrees up to 250 in each parameter and 20,000 terms are expanded; fix a parameter with `let`";
    Diagnostic::at(span, headline).help(help)
}
