//! Degrees and heights of order conditions, from the expressions of a family.
//!
//! With `M`, `L` the common denominators of the matrix and of the weights, a condition of a tree of `n` nodes times
//! `M^(n−1)·L` is a polynomial. Its coefficients, times integers, are algebraic integers, and the sum of their absolute
//! values is at most that of the products that it is made of.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed};

use crate::language::family::Family;
use crate::number::multivariate::Multivariate;
use crate::number::rational_function::RationalFunction;

/// Functions over their common denominator.
struct Cleared {
    /// The degree in each parameter of the denominator and of all numerators over it.
    degrees: Vec<usize>,
    /// Bits of the sum of all coefficients of the denominator, and of a row of numerators over it.
    bits: f64,
    /// The common denominator of the coefficients.
    integer: BigInt,
}

impl Cleared {
    fn of(rows: &[&[RationalFunction]], parameters: usize) -> Self {
        let mut common: Vec<(Multivariate, u32)> = Vec::new();
        for (factor, times) in rows.iter().copied().flatten().flat_map(|f| &f.factors) {
            match common.iter_mut().find(|(known, _)| known == factor) {
                Some((_, most)) => *most = (*most).max(*times),
                None => common.push((factor.clone(), *times)),
            }
        }
        let degree = |factors: &[(Multivariate, u32)], of: usize| {
            let degrees = factors
                .iter()
                .map(|(factor, times)| factor.degree(of) * *times as usize);
            degrees.sum::<usize>()
        };
        let bits = |factors: &[(Multivariate, u32)]| {
            let bits = factors
                .iter()
                .map(|(factor, times)| bits(factor) * f64::from(*times));
            bits.sum::<f64>()
        };
        let (all, all_bits) = (|of| degree(&common, of), bits(&common));
        let degrees = (0..parameters).map(|of| {
            let numerators = rows.iter().copied().flatten().filter(|f| !f.is_zero());
            let numerators =
                numerators.map(|f| f.numerator.degree(of) + all(of) - degree(&f.factors, of));
            numerators.max().unwrap_or(0).max(all(of))
        });
        let row_bits = |row: &[RationalFunction]| {
            let sizes = row.iter().filter(|f| !f.is_zero());
            let sizes: Vec<_> = sizes
                .map(|f| self::bits(&f.numerator) + all_bits - bits(&f.factors))
                .collect();
            let largest = sizes.iter().copied().fold(0.0, f64::max);
            largest + (sizes.len().max(1) as f64).log2()
        };
        let denominators = rows
            .iter()
            .copied()
            .flatten()
            .map(|f| f.numerator.denominator());
        Self {
            degrees: degrees.collect(),
            bits: rows
                .iter()
                .map(|row| row_bits(row))
                .fold(all_bits, f64::max),
            integer: denominators.fold(BigInt::one(), |common, denominator| {
                common.lcm(&denominator)
            }),
        }
    }
}

/// Bounds of the conditions of a family.
pub(crate) struct Bounds {
    matrix: Cleared,
    weights: Cleared,
    /// The degree of the field of the coefficients.
    field: f64,
}

impl Bounds {
    /// The bounds with `leaf` at the leaves of the trees; `field` is the degree of the field of the coefficients.
    pub(crate) fn of(family: &Family, leaf: &[RationalFunction], field: f64) -> Self {
        let parameters = family.parameters.len();
        let leaves = leaf.chunks(1);
        let rows: Vec<_> = family
            .matrix
            .iter()
            .map(Vec::as_slice)
            .chain(leaves)
            .collect();
        let weights: Vec<_> = family.weights.iter().map(Vec::as_slice).collect();
        Self {
            matrix: Cleared::of(&rows, parameters),
            weights: Cleared::of(&weights, parameters),
            field,
        }
    }

    /// The degree in each parameter of a condition of this order, cleared of denominators.
    pub(crate) fn degrees(&self, order: usize) -> Vec<usize> {
        let edges = order.saturating_sub(1);
        let degrees = self.matrix.degrees.iter().zip(&self.weights.degrees);
        degrees.map(|(a, b)| edges * a + b).collect()
    }

    /// The number of primes modulo which a condition of this order that vanishes is zero.
    pub(crate) fn primes(&self, order: usize, bits_of_prime: u32) -> usize {
        let edges = order.saturating_sub(1) as f64;
        let size = |cleared: &Cleared| cleared.bits + cleared.integer.bits() as f64;
        let density = (1..=order).map(|n| (n as f64).log2()).sum::<f64>();
        // The condition is the difference of two terms, each of at most this size.
        let conjugate = edges * size(&self.matrix) + size(&self.weights) + density + 1.0;
        (self.field * conjugate / f64::from(bits_of_prime)).ceil() as usize + 1
    }

    /// What the primes must not divide.
    pub(crate) fn denominators(&self) -> Vec<BigInt> {
        vec![self.matrix.integer.clone(), self.weights.integer.clone()]
    }
}

/// An upper bound of `log₂` of the sum of the absolute values of all coefficients and their conjugates, at least 0.
fn bits(p: &Multivariate) -> f64 {
    let (mut largest, mut count) = (0.0_f64, 0_usize);
    for (radicand, n, c) in p
        .terms()
        .flat_map(|(_, c)| c.terms().iter().map(move |(r, n)| (r, n, c)))
    {
        let root = f64::from(128 - radicand.leading_zeros()) / 2.0;
        let bits = n.abs().bits() as f64 - c.denominator().bits() as f64 + 1.0 + root;
        largest = largest.max(bits);
        count += 1;
    }
    largest + (count.max(1) as f64).log2()
}
