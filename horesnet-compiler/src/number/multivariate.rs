//! Polynomials in several variables with exact coefficients.
//!
//! Terms are in lexicographic order of their exponents, so that division by a polynomial and a normal form are defined.

use std::collections::BTreeMap;
use std::fmt::Write;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::Number;
use super::budget::{Budget, TooLarge, operation};
use super::polynomial::Polynomial;

/// Most variables: four parameters of a family, and four unknown entries.
pub const VARIABLES: usize = 8;

/// The exponent of each variable in a term.
pub type Exponents = [u8; VARIABLES];

/// Most terms of a polynomial.
const TERMS: usize = 20_000;

/// Highest exponent of a variable.
const DEGREE: u8 = 250;

/// A polynomial; zero has no terms, and no coefficient is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multivariate {
    terms: BTreeMap<Exponents, Number>,
}

impl Multivariate {
    /// A constant.
    #[must_use]
    pub fn constant(value: Number) -> Self {
        let term = (!value.is_zero()).then_some(([0; VARIABLES], value));
        Self {
            terms: term.into_iter().collect(),
        }
    }

    /// A variable, counted from 0.
    ///
    /// # Errors
    /// [`TooLarge`] for numbers of [`VARIABLES`] and more.
    pub(crate) fn variable(at: usize) -> Result<Self, TooLarge> {
        let mut exponents = [0; VARIABLES];
        *exponents.get_mut(at).ok_or(TooLarge)? = 1;
        Ok(Self {
            terms: BTreeMap::from([(exponents, Number::one())]),
        })
    }

    /// A polynomial in one variable.
    pub(crate) fn of_univariate(p: &[Number], variable: usize) -> Self {
        let terms = p.iter().zip(0_u8..).filter(|(c, _)| !c.is_zero());
        let terms = terms.map(|(c, power)| {
            let mut exponents = [0; VARIABLES];
            exponents[variable] = power;
            (exponents, c.clone())
        });
        Self {
            terms: terms.collect(),
        }
    }

    /// Iterates over the exponents and coefficients of the terms.
    #[must_use]
    pub fn terms(&self) -> impl DoubleEndedIterator<Item = (&Exponents, &Number)> + Clone {
        self.terms.iter()
    }

    /// Returns true for the zero polynomial.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value of a constant polynomial.
    #[must_use]
    pub fn as_constant(&self) -> Option<Number> {
        let is_constant = self.terms.keys().flatten().all(|power| *power == 0);
        is_constant.then(|| {
            self.terms
                .values()
                .next()
                .cloned()
                .unwrap_or_else(Number::zero)
        })
    }

    /// The highest exponent of a variable.
    #[must_use]
    pub fn degree(&self, variable: usize) -> usize {
        let powers = self.terms.keys().map(|exponents| exponents[variable]);
        powers.max().unwrap_or(0).into()
    }

    /// The variables that occur.
    #[must_use]
    pub fn variables(&self) -> Vec<usize> {
        let occurs = |&variable: &usize| self.degree(variable) > 0;
        (0..VARIABLES).filter(occurs).collect()
    }

    /// The variable of a polynomial in one variable, and its coefficients from the lowest degree.
    pub(crate) fn as_univariate(&self) -> Option<(usize, Polynomial)> {
        match self.variables()[..] {
            [variable] => {
                let mut p = vec![Number::zero(); self.degree(variable) + 1];
                for (exponents, c) in &self.terms {
                    p[usize::from(exponents[variable])] = c.clone();
                }
                Some((variable, p))
            }
            _ => None,
        }
    }

    /// The coefficients of the powers of a variable, from the lowest: polynomials in the other variables.
    pub(crate) fn coefficients(&self, variable: usize) -> Vec<Self> {
        let mut all = vec![Self::default(); self.degree(variable) + 1];
        for (exponents, c) in &self.terms {
            let mut rest = *exponents;
            let power = std::mem::take(&mut rest[variable]);
            all[usize::from(power)].terms.insert(rest, c.clone());
        }
        all
    }

    pub(crate) fn plus(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut sum = self.clone();
        for (exponents, c) in &other.terms {
            sum.add(*exponents, c, budget)?;
        }
        Ok(sum)
    }

    pub(crate) fn times(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut product = Self::default();
        for (p, a) in &self.terms {
            for (q, b) in &other.terms {
                budget.spend(operation([a, b]))?;
                product.add(joined(*p, *q)?, &(a * b), budget)?;
            }
        }
        Ok(product)
    }

    pub(crate) fn power(&self, exponent: u32, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut power = Self::constant(Number::one());
        for _ in 0..exponent {
            power = power.times(self, budget)?;
        }
        Ok(power)
    }

    pub(crate) fn scaled(&self, by: &Number) -> Self {
        if by.is_zero() {
            return Self::default();
        }
        let terms = self.terms.iter().map(|(exponents, c)| (*exponents, c * by));
        Self {
            terms: terms.collect(),
        }
    }

    /// The quotient, if the division leaves no remainder.
    pub(crate) fn exact_quotient(
        &self,
        divisor: &Self,
        budget: &mut Budget,
    ) -> Result<Option<Self>, TooLarge> {
        let Some((lead, c)) = divisor.terms.last_key_value() else {
            return Ok(None);
        };
        let Some(inverse) = Number::one().checked_div(c) else {
            return Ok(None);
        };
        // Leading and trailing terms of a multiple are multiples of the divisor's.
        let first = |p: &Self| p.terms.first_key_value().map(|(exponents, _)| *exponents);
        if let (Some(own), Some(of)) = (first(self), first(divisor))
            && parted(own, of).is_none()
        {
            return Ok(None);
        }
        let (mut rest, mut quotient) = (self.clone(), Self::default());
        while let Some((exponents, a)) = rest.terms.last_key_value() {
            let Some(exponents) = parted(*exponents, *lead) else {
                return Ok(None);
            };
            let factor = a * &inverse;
            for (other, b) in &divisor.terms {
                budget.spend(2.0 * operation([&factor, b]))?;
                rest.add(joined(exponents, *other)?, &-(&factor * b), budget)?;
            }
            quotient.terms.insert(exponents, factor);
        }
        Ok(Some(quotient))
    }

    /// The multiple with integer coefficients of which the leading one is positive and, over the rationals, that have no
    /// common divisor.
    pub(crate) fn normalized(&self) -> Self {
        let Some((_, lead)) = self.terms.last_key_value() else {
            return Self::default();
        };
        let monic = self.scaled(&Number::one().checked_div(lead).unwrap_or_else(Number::one));
        let common = monic.denominator();
        monic.scaled(&Number::from(common))
    }

    /// The least common denominator of the coefficients.
    pub(crate) fn denominator(&self) -> BigInt {
        let denominators = self.terms.values().map(Number::denominator);
        denominators.fold(BigInt::one(), |common, denominator| common.lcm(denominator))
    }

    /// The value at a point; variables beyond its end are zero.
    #[must_use]
    pub fn value(&self, point: &[Number]) -> Number {
        let terms = self.terms.iter().map(|(exponents, c)| {
            let powers = exponents
                .iter()
                .enumerate()
                .filter(|(_, power)| **power > 0);
            powers.fold(c.clone(), |term, (variable, power)| {
                let x = point.get(variable).cloned().unwrap_or_else(Number::zero);
                &term * &num_traits::pow(x, usize::from(*power))
            })
        });
        terms.fold(Number::zero(), |sum, term| &sum + &term)
    }

    /// Writes the polynomial with these names of its variables, terms of high degree first.
    #[must_use]
    pub fn written(&self, names: &[String]) -> String {
        let mut terms: Vec<_> = self.terms.iter().collect();
        let total =
            |exponents: &Exponents| exponents.iter().map(|power| u32::from(*power)).sum::<u32>();
        terms.sort_by_key(|(exponents, _)| {
            (
                std::cmp::Reverse(total(exponents)),
                std::cmp::Reverse(**exponents),
            )
        });
        // A short sum begins with a positive term, if there is one: `1 - x`.
        let is_negative = |c: &Number| c.is_rational() && c.sign().is_lt();
        if terms.len() <= 3
            && let Some(at) = terms.iter().position(|(_, c)| !is_negative(c))
        {
            terms[..=at].rotate_right(1);
        }
        let mut text = String::new();
        for (exponents, c) in terms {
            let negative = is_negative(c);
            let size = if negative { -c.clone() } else { c.clone() };
            text += match (text.is_empty(), negative) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            };
            let powers = exponents
                .iter()
                .enumerate()
                .filter(|(_, power)| **power > 0);
            let powers: Vec<_> = powers
                .map(|(variable, power)| {
                    let name = names.get(variable).map_or("?", String::as_str);
                    match power {
                        1 => name.to_owned(),
                        power => format!("{name}^{power}"),
                    }
                })
                .collect();
            let product = powers.join("*");
            let _ = match (size.is_one(), powers.is_empty()) {
                (_, true) => write!(text, "{size}"),
                (true, false) => write!(text, "{product}"),
                (false, false) => write!(text, "{size}*{product}"),
            };
        }
        if text.is_empty() {
            "0".to_owned()
        } else {
            text
        }
    }

    fn add(
        &mut self,
        exponents: Exponents,
        c: &Number,
        budget: &mut Budget,
    ) -> Result<(), TooLarge> {
        if let Some(known) = self.terms.get(&exponents) {
            budget.spend(operation([known, c]))?;
        } else if self.terms.len() >= TERMS {
            return Err(TooLarge);
        }
        self.insert(exponents, c);
        Ok(())
    }

    fn insert(&mut self, exponents: Exponents, c: &Number) {
        let slot = self.terms.entry(exponents).or_insert_with(Number::zero);
        *slot = &*slot + c;
        if slot.is_zero() {
            self.terms.remove(&exponents);
        }
    }
}

/// The exponents of a product.
fn joined(p: Exponents, q: Exponents) -> Result<Exponents, TooLarge> {
    let mut sum = p;
    for (power, more) in sum.iter_mut().zip(q) {
        *power = power
            .checked_add(more)
            .filter(|power| *power <= DEGREE)
            .ok_or(TooLarge)?;
    }
    Ok(sum)
}

/// The exponents of a quotient.
fn parted(p: Exponents, q: Exponents) -> Option<Exponents> {
    let mut difference = p;
    for (power, less) in difference.iter_mut().zip(q) {
        *power = power.checked_sub(less)?;
    }
    Some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial(terms: &[(i64, u8, u8)]) -> Multivariate {
        let mut p = Multivariate::default();
        for &(c, x, y) in terms {
            p.insert([x, y, 0, 0, 0, 0, 0, 0], &Number::from(c));
        }
        p
    }

    #[test]
    fn quotients_of_products_are_the_factors() {
        let budget = &mut Budget::new(1e8);
        // (x² − xy + 3)(2y − x)
        let (a, b) = (
            polynomial(&[(1, 2, 0), (-1, 1, 1), (3, 0, 0)]),
            polynomial(&[(2, 0, 1), (-1, 1, 0)]),
        );
        let product = a.times(&b, budget).unwrap();
        assert_eq!(product.exact_quotient(&a, budget), Ok(Some(b.clone())));
        assert_eq!(product.exact_quotient(&b, budget), Ok(Some(a.clone())));
        let more = product.plus(&polynomial(&[(1, 0, 0)]), budget).unwrap();
        assert_eq!(more.exact_quotient(&a, budget), Ok(None));
        let names = ["x", "y"].map(str::to_owned);
        assert_eq!(a.written(&names), "x^2 - x*y + 3");
        assert_eq!(b.normalized().written(&names), "x - 2*y");
        let point = [Number::from(2), Number::from(5)];
        assert_eq!(a.value(&point), Number::from(-3));
    }
}
