//! Quotients of polynomials in several variables, with denominators as products of factors.
//!
//! Factors stay as they arise, which keeps denominators of families short and their poles apart; factors that divide
//! the numerator are cancelled.

use num_traits::{One, Zero};

use super::Number;
use super::budget::{Budget, TooLarge};
use super::multivariate::Multivariate;

/// A rational function.
#[derive(Clone, Debug, PartialEq)]
pub struct RationalFunction {
    pub(crate) numerator: Multivariate,
    /// Normalized factors that are not constant, each once, with their multiplicity.
    pub(crate) factors: Vec<(Multivariate, u32)>,
}

impl From<Multivariate> for RationalFunction {
    fn from(numerator: Multivariate) -> Self {
        Self {
            numerator,
            factors: Vec::new(),
        }
    }
}

impl From<Number> for RationalFunction {
    fn from(value: Number) -> Self {
        Multivariate::constant(value).into()
    }
}

impl RationalFunction {
    /// The numerator.
    #[must_use]
    pub fn numerator(&self) -> &Multivariate {
        &self.numerator
    }

    /// The factors of the denominator with their multiplicities.
    #[must_use]
    pub fn factors(&self) -> &[(Multivariate, u32)] {
        &self.factors
    }

    /// Returns true if it vanishes identically.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// The value of a constant function.
    #[must_use]
    pub fn as_constant(&self) -> Option<Number> {
        self.numerator
            .as_constant()
            .filter(|_| self.factors.is_empty())
    }

    /// The value at a point; `None` at a pole.
    #[must_use]
    pub fn value(&self, point: &[Number]) -> Option<Number> {
        let mut factors = self.factors.iter();
        factors.try_fold(self.numerator.value(point), |value, (factor, times)| {
            let divisor = num_traits::pow(factor.value(point), *times as usize);
            value.checked_div(&divisor)
        })
    }

    pub(crate) fn plus(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        if self.is_zero() {
            return Ok(other.clone());
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        let mut factors = self.factors.clone();
        for (factor, times) in &other.factors {
            match factors.iter_mut().find(|(known, _)| known == factor) {
                Some((_, most)) => *most = (*most).max(*times),
                None => factors.push((factor.clone(), *times)),
            }
        }
        let own = self
            .numerator
            .times(&complement(&factors, &self.factors, budget)?, budget)?;
        let others = other
            .numerator
            .times(&complement(&factors, &other.factors, budget)?, budget)?;
        let numerator = own.plus(&others, budget)?;
        Self { numerator, factors }.cancelled(budget)
    }

    pub(crate) fn minus(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        self.plus(&other.negated(), budget)
    }

    pub(crate) fn negated(&self) -> Self {
        Self {
            numerator: self.numerator.scaled(&Number::from(-1)),
            factors: self.factors.clone(),
        }
    }

    pub(crate) fn times(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        if self.is_zero() || other.is_zero() {
            return Ok(Number::zero().into());
        }
        let mut factors = self.factors.clone();
        for (factor, times) in &other.factors {
            match factors.iter_mut().find(|(known, _)| known == factor) {
                Some((_, sum)) => *sum += *times,
                None => factors.push((factor.clone(), *times)),
            }
        }
        let numerator = self.numerator.times(&other.numerator, budget)?;
        Self { numerator, factors }.cancelled(budget)
    }

    /// The inverse; `None` of zero.
    pub(crate) fn inverse(&self, budget: &mut Budget) -> Result<Option<Self>, TooLarge> {
        if self.is_zero() {
            return Ok(None);
        }
        let none = Vec::new();
        let numerator = complement(&self.factors, &none, budget)?;
        if let Some(value) = self.numerator.as_constant() {
            let scale = Number::one()
                .checked_div(&value)
                .unwrap_or_else(Number::zero);
            return Ok(Some(numerator.scaled(&scale).into()));
        }
        let mut factors: Vec<(Multivariate, u32)> = Vec::new();
        for factor in self.numerator.split(budget)? {
            match factors.iter_mut().find(|(known, _)| *known == factor) {
                Some((_, times)) => *times += 1,
                None => factors.push((factor, 1)),
            }
        }
        // The product has the same terms but for a constant.
        let product = complement(&factors, &none, budget)?;
        let leading = |p: &Multivariate| p.terms().next_back().map(|(_, c)| c.clone());
        let scale = leading(&product).zip(leading(&self.numerator));
        let scale = scale.and_then(|(a, b)| a.checked_div(&b));
        let inverse = Self {
            numerator: numerator.scaled(&scale.unwrap_or_else(Number::one)),
            factors,
        };
        inverse.cancelled(budget).map(Some)
    }

    /// The function with another in place of a variable; `None` if its denominator vanishes.
    pub(crate) fn substituted(
        &self,
        variable: usize,
        value: &Self,
        budget: &mut Budget,
    ) -> Result<Option<Self>, TooLarge> {
        let mut composed = |p: &Multivariate| {
            let zero = Self::from(Number::zero());
            let coefficients = p.coefficients(variable).into_iter().rev();
            { coefficients }.try_fold(zero, |sum, c| {
                sum.times(value, budget)?.plus(&c.into(), budget)
            })
        };
        let mut found = composed(&self.numerator)?;
        let factors = self
            .factors
            .iter()
            .map(|(factor, times)| Ok((composed(factor)?, *times)));
        for (factor, times) in factors.collect::<Result<Vec<_>, TooLarge>>()? {
            let Some(inverse) = factor.inverse(budget)? else {
                return Ok(None);
            };
            for _ in 0..times {
                found = found.times(&inverse, budget)?;
            }
        }
        Ok(Some(found))
    }

    /// Cancels factors that divide the numerator.
    fn cancelled(mut self, budget: &mut Budget) -> Result<Self, TooLarge> {
        if self.numerator.is_zero() {
            self.factors.clear();
        }
        for (factor, times) in &mut self.factors {
            while *times > 0
                && let Some(quotient) = self.numerator.exact_quotient(factor, budget)?
            {
                self.numerator = quotient;
                *times -= 1;
            }
        }
        self.factors.retain(|(_, times)| *times > 0);
        Ok(self)
    }

    /// Writes the function with these names of its variables.
    #[must_use]
    pub fn written(&self, names: &[String]) -> String {
        // With integers above and below.
        let common = self.numerator.denominator();
        let numerator = self.numerator.scaled(&Number::from(common.clone()));
        let grouped = |p: &Multivariate| match p.terms().count() {
            1 => p.written(names),
            _ => format!("({})", p.written(names)),
        };
        let mut below: Vec<_> = { self.factors.iter() }
            .map(|(factor, times)| {
                let is_power = factor
                    .terms()
                    .all(|(exponents, _)| exponents.iter().map(|p| u32::from(*p)).sum::<u32>() > 1);
                match times {
                    1 => grouped(factor),
                    times if is_power && factor.terms().count() == 1 => {
                        format!("({})^{times}", factor.written(names))
                    }
                    times => format!("{}^{times}", grouped(factor)),
                }
            })
            .collect();
        if !common.is_one() {
            below.insert(0, common.to_string());
        }
        match below.as_slice() {
            [] => numerator.written(names),
            [one] if !one.contains('*') => format!("{}/{one}", grouped(&numerator)),
            all => format!("{}/({})", grouped(&numerator), all.join("*")),
        }
    }
}

/// The product of the factors of `all` that `some` lacks.
pub(crate) fn complement(
    all: &[(Multivariate, u32)],
    some: &[(Multivariate, u32)],
    budget: &mut Budget,
) -> Result<Multivariate, TooLarge> {
    let mut product = Multivariate::constant(Number::one());
    for (factor, times) in all {
        let known = some.iter().find(|(known, _)| known == factor);
        let more = times - known.map_or(0, |(_, times)| *times);
        product = product.times(&factor.power(more, budget)?, budget)?;
    }
    Ok(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_quotients_are_in_lowest_terms() {
        let budget = &mut Budget::new(1e8);
        let names = ["x", "y"].map(str::to_owned);
        let [x, y] = [0, 1].map(|at| RationalFunction::from(Multivariate::variable(at).unwrap()));
        let one: RationalFunction = Number::one().into();
        // 1/(x − y) + 1/(y − x) = 0, and (x² − y²)/(x − y) = x + y.
        let difference = x.minus(&y, budget).unwrap();
        let inverse = difference.inverse(budget).unwrap().unwrap();
        let other = difference.negated().inverse(budget).unwrap().unwrap();
        assert!(inverse.plus(&other, budget).unwrap().is_zero());
        let sum = x.plus(&y, budget).unwrap();
        let product = sum.times(&difference, budget).unwrap();
        let quotient = product.times(&inverse, budget).unwrap();
        assert_eq!(quotient.written(&names), "x + y");
        // 1/(2x) + 1 = (2x + 1)/(2x)
        let two: RationalFunction = Number::from(2).into();
        let half = two
            .times(&x, budget)
            .unwrap()
            .inverse(budget)
            .unwrap()
            .unwrap();
        let sum = half.plus(&one, budget).unwrap();
        assert_eq!(sum.written(&names), "(2*x + 1)/(2*x)");
        let point = [Number::from(3), Number::from(1)];
        assert_eq!(sum.value(&point), Number::ratio(7, 6));
        assert_eq!(inverse.value(&[Number::from(1), Number::from(1)]), None);
    }
}
