//! Factors of polynomials in several variables that depend on one of them alone.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use super::Number;
use super::arithmetic::Exact;
use super::budget::{Budget, TooLarge};
use super::multivariate::{Exponents, Multivariate};
use super::polynomial::{self, Polynomial};

impl Multivariate {
    /// Normalized factors whose product is the polynomial but for a constant: those in one variable alone, each without
    /// multiple roots, and the rest.
    pub(crate) fn split(&self, budget: &mut Budget) -> Result<Vec<Self>, TooLarge> {
        let (mut rest, mut factors) = (self.clone(), Vec::new());
        for variable in self.variables() {
            let mut content = rest.content(variable, budget)?;
            while content.len() > 1 {
                let simple = polynomial::square_free(&content, budget)?;
                content = polynomial::divide(&Exact, content, &simple, budget)?.0;
                // The variable itself is a factor that stays apart.
                let zeros = simple.iter().take_while(|c| c.is_zero()).count();
                let (mut power, others) = (simple[..zeros].to_vec(), simple[zeros..].to_vec());
                power.push(Number::one());
                for factor in [power, others].into_iter().filter(|p| p.len() > 1) {
                    let factor = Self::of_univariate(&factor, variable);
                    if let Some(quotient) = rest.exact_quotient(&factor, budget)? {
                        rest = quotient;
                    }
                    factors.push(factor.normalized());
                }
            }
        }
        if rest.as_constant().is_none() {
            factors.push(rest.normalized());
        }
        Ok(factors)
    }

    /// The factor that depends on one variable alone.
    fn content(&self, variable: usize, budget: &mut Budget) -> Result<Polynomial, TooLarge> {
        let mut groups: BTreeMap<Exponents, Polynomial> = BTreeMap::new();
        for (exponents, c) in self.terms() {
            let mut others = *exponents;
            let power = usize::from(std::mem::take(&mut others[variable]));
            let group = groups.entry(others).or_default();
            group.resize(group.len().max(power + 1), Number::zero());
            group[power] = c.clone();
        }
        let mut content = Vec::new();
        for group in groups.into_values() {
            content = polynomial::gcd(&Exact, content, group, budget)?;
            if content.len() == 1 {
                break;
            }
        }
        Ok(content)
    }
}
