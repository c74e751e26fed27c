//! The fields in which conditions are solved: exact numbers, residues modulo one prime, and floating point.
//!
//! A root of exact polynomials is a root of their residues, so what has no root there is discarded without long
//! numbers. What is left is solved exactly. Floating point does the same for rounded numbers.

use num_traits::{One, Zero};

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::modular::Residues;
use crate::number::ring::Ring;

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

/// Numbers approximately, to find what is worth solving exactly.
pub(super) struct Floats;

impl Field for Floats {
    type Element = f64;

    fn zero(&self) -> f64 {
        0.0
    }

    fn one(&self) -> f64 {
        1.0
    }

    fn convert(&self, number: &Number) -> f64 {
        number.to_f64()
    }

    fn subtract(&self, a: &f64, b: &f64) -> f64 {
        a - b
    }

    fn multiply(&self, a: &f64, b: &f64) -> f64 {
        a * b
    }

    fn accumulate(&self, sum: &mut f64, a: &f64, b: &f64) {
        *sum += a * b;
    }

    fn invert(&self, a: &f64) -> f64 {
        a.recip()
    }
}

/// Modulo a prime that divides no denominator of the tableau, if there is one.
pub(super) fn residues(tableau: &Tableau) -> Option<Residues> {
    let weights = tableau.weights.iter().flat_map(|row| row.values.iter());
    let numbers = tableau
        .matrix
        .iter()
        .chain(tableau.nodes.iter())
        .chain(weights);
    let mut denominators: Vec<_> = numbers.map(|n| n.denominator().clone()).collect();
    denominators.sort_unstable();
    denominators.dedup();
    Residues::all(&tableau.field, &denominators).next()
}

impl Field for Residues {
    type Element = u64;

    fn zero(&self) -> u64 {
        0
    }

    fn one(&self) -> u64 {
        self.modulus().one
    }

    fn convert(&self, number: &Number) -> u64 {
        let residue = Ring::convert(self, std::iter::once(number));
        residue.first().copied().unwrap_or(0)
    }

    fn subtract(&self, a: &u64, b: &u64) -> u64 {
        self.modulus().add(*a, self.modulus().prime - b)
    }

    fn multiply(&self, a: &u64, b: &u64) -> u64 {
        self.modulus().multiply(*a, *b)
    }

    fn accumulate(&self, sum: &mut u64, a: &u64, b: &u64) {
        *sum = self.modulus().add(*sum, self.modulus().multiply(*a, *b));
    }

    fn invert(&self, a: &u64) -> u64 {
        self.modulus().invert(*a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residues_are_an_image_of_the_numbers() {
        let text = "let r = sqrt(6)\n0 |\n(3-r)/7 | (3-r)/7\n---\norder 1 | -5/11+sqrt(3)/2 0\n";
        let tableau = Tableau::new(&crate::parse(text).unwrap()).unwrap();
        let field = residues(&tableau).unwrap();
        let (a, b) = (&tableau.nodes[1], &tableau.weights[0].values[0]);
        let (x, y) = (Field::convert(&field, a), Field::convert(&field, b));
        let image = |number: &Number| Field::convert(&field, number);
        assert_eq!(image(&(a * b)), Field::multiply(&field, &x, &y));
        assert_eq!(image(&(a - b)), field.subtract(&x, &y));
        assert_eq!(image(&(b - a)), field.subtract(&y, &x));
        assert_eq!(image(&(a - a)), field.subtract(&x, &x));
        assert_eq!(image(&Exact.invert(a)), field.invert(&x));
    }
}
