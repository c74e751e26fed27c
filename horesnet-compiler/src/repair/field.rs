//! The two fields in which conditions are solved: exact numbers, and residues modulo one prime.
//!
//! A root of exact polynomials is a root of their residues, so what has no root there is discarded without long
//! numbers. What is left is solved exactly.

use num_bigint::{BigInt, Sign};
use num_traits::{One, Zero};

use crate::number::Number;
use crate::radical::{self, Group, Radicand};

/// What solving needs of its numbers.
pub(super) trait Field {
    type Element: Clone + PartialEq;
    fn zero(&self) -> Self::Element;
    fn one(&self) -> Self::Element;
    fn convert(&self, number: &Number) -> Self::Element;
    fn subtract(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    fn multiply(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// Adds `a·b` to `sum`.
    fn accumulate(&self, sum: &mut Self::Element, a: &Self::Element, b: &Self::Element);
    /// `1/a`; zero for zero.
    fn invert(&self, a: &Self::Element) -> Self::Element;
}

/// Numbers as they are.
pub(super) struct Exact;

impl Field for Exact {
    type Element = Number;

    fn zero(&self) -> Number {
        Number::zero()
    }

    fn one(&self) -> Number {
        Number::one()
    }

    fn convert(&self, number: &Number) -> Number {
        number.clone()
    }

    fn subtract(&self, a: &Number, b: &Number) -> Number {
        a - b
    }

    fn multiply(&self, a: &Number, b: &Number) -> Number {
        a * b
    }

    fn accumulate(&self, sum: &mut Number, a: &Number, b: &Number) {
        *sum += a * b;
    }

    fn invert(&self, a: &Number) -> Number {
        Number::one().checked_div(a).unwrap_or_else(Number::zero)
    }
}

/// Integers modulo a prime below 2³¹ that has a root of every radicand of a field of numbers.
pub(super) struct Residues {
    prime: u64,
    roots: Vec<(Radicand, u64)>,
}

impl Residues {
    /// For the largest such prime. One that divides a denominator would mislead, and is not chosen on purpose:
    /// what is found is verified, and what is lost by such a chance is one proposal.
    pub(super) fn new(field: &Group) -> Option<Self> {
        // Roots are easy modulo primes ≡ 3 (mod 4).
        let mut candidates = (1_u64 << 30..1 << 31).rev().step_by(4);
        candidates.find_map(|prime| {
            let is_prime = (3..1 << 16)
                .step_by(2)
                .take_while(|d| d * d <= prime)
                .all(|d| prime % d != 0);
            let mut residues = Self {
                prime,
                roots: vec![(1, 1)],
            };
            (is_prime && residues.adjoin(field)).then_some(residues)
        })
    }

    /// Values of the roots of all radicands; `false` if one has none.
    fn adjoin(&mut self, field: &Group) -> bool {
        for generator in field.generators() {
            let residue = (generator % Radicand::from(self.prime)) as u64;
            let root = self.power(residue, self.prime.div_ceil(4));
            if residue == 0 || root * root % self.prime != residue {
                return false;
            }
            for at in 0..self.roots.len() {
                // √a·√b = g·√(ab/g²)
                let (radicand, other) = self.roots[at];
                let (factor, product) = radical::product(radicand, generator);
                let factor = (factor % Radicand::from(self.prime)) as u64;
                let both = other * root % self.prime * self.invert(&factor) % self.prime;
                self.roots.push((product, both));
            }
        }
        true
    }

    fn power(&self, mut base: u64, mut exponent: u64) -> u64 {
        let mut result = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result * base % self.prime;
            }
            base = base * base % self.prime;
            exponent >>= 1;
        }
        result
    }

    fn reduce(&self, n: &BigInt) -> u64 {
        let mut digits: Vec<u32> = n.iter_u32_digits().collect();
        digits.reverse();
        let digits = digits.into_iter().map(u64::from);
        let magnitude = digits.fold(0, |rest, digit| ((rest << 32) | digit) % self.prime);
        if n.sign() == Sign::Minus && magnitude != 0 {
            self.prime - magnitude
        } else {
            magnitude
        }
    }
}

impl Field for Residues {
    type Element = u64;

    fn zero(&self) -> u64 {
        0
    }

    fn one(&self) -> u64 {
        1
    }

    fn convert(&self, number: &Number) -> u64 {
        let mut sum = 0;
        for (radicand, n) in number.terms() {
            let root = self.roots.iter().find(|(r, _)| r == radicand);
            self.accumulate(
                &mut sum,
                &self.reduce(n),
                &root.map_or(0, |&(_, root)| root),
            );
        }
        sum * self.invert(&self.reduce(number.denominator())) % self.prime
    }

    fn subtract(&self, a: &u64, b: &u64) -> u64 {
        (a + self.prime - b) % self.prime
    }

    fn multiply(&self, a: &u64, b: &u64) -> u64 {
        a * b % self.prime
    }

    fn accumulate(&self, sum: &mut u64, a: &u64, b: &u64) {
        *sum = (*sum + a * b) % self.prime;
    }

    fn invert(&self, a: &u64) -> u64 {
        self.power(*a, self.prime - 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residues_are_an_image_of_the_numbers() {
        let mut group = Group::default();
        assert!(group.insert(6) && group.insert(2));
        let field = Residues::new(&group).unwrap();
        let number = |text: &str| text.parse::<Number>().unwrap();
        let (a, b) = (number("(3 - sqrt(6))/7"), number("-5/11 + sqrt(3)/2"));
        let (x, y) = (field.convert(&a), field.convert(&b));
        assert_eq!(field.convert(&(&a * &b)), field.multiply(&x, &y));
        assert_eq!(field.convert(&(&a - &b)), field.subtract(&x, &y));
        let inverse = field.invert(&x);
        assert_eq!(field.convert(&Exact.invert(&a)), inverse);
    }
}
