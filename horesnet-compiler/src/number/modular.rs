//! Arithmetic modulo primes, which proves identities between exact numbers.
//!
//! A prime `p` at which every root of the field has a value gives a ring homomorphism from the numbers whose
//! denominators it does not divide. An algebraic integer that vanishes under homomorphisms for different primes
//! has a norm divisible by their product; if the product exceeds the norm's bound, the integer is zero.
//! One prime under which it does not vanish proves that it is not.

use num_bigint::BigInt;

use crate::number::Number;
use crate::number::modulus::{self, Modulus};
use crate::number::radical;
use crate::number::radical::{Group, Radicand};
use crate::number::ring::Ring;

/// Each prime contributes at least this many bits to the product.
pub(crate) const BITS: u32 = 60;

/// Steps to find the next prime for a field of this degree: one of so many primes has values of all roots.
pub(crate) fn search(degree: f64) -> f64 {
    PRIME + CANDIDATES * degree
}

/// Steps to prove that a number is prime, and to reject those between two primes.
const PRIME: f64 = 12e3;
const CANDIDATES: f64 = 1e3;

/// A homomorphism to the integers modulo a prime below 2⁶¹.
#[derive(Clone)]
pub(crate) struct Residues {
    modulus: Modulus,
    /// The values of the roots of the field.
    roots: Vec<(Radicand, u64)>,
}

impl Residues {
    /// The homomorphisms for the largest usable primes, in descending order.
    pub(crate) fn all<'a>(
        field: &'a Group,
        denominators: &'a [BigInt],
    ) -> impl Iterator<Item = Self> + 'a {
        (1_u64 << BITS..1 << (BITS + 1))
            .rev()
            .step_by(2)
            .filter_map(|candidate| {
                // Roots are easy modulo primes ≡ 3 (mod 4).
                if field.rank() != 0 && candidate % 4 != 3 {
                    return None;
                }
                // Quicker than to prove that it is a prime.
                if field
                    .generators()
                    .any(|n| modulus::jacobi(n, candidate) != 1)
                {
                    return None;
                }
                let modulus = Modulus::new(candidate)?;
                if denominators.iter().any(|d| modulus.convert(d) == 0) {
                    return None;
                }
                Some(Self {
                    modulus,
                    roots: roots(field, modulus)?,
                })
            })
    }

    /// Returns true if `residue` times `n` is one.
    pub(crate) fn inverts(&self, residue: u64, n: u64) -> bool {
        self.modulus.multiply(residue, n) == 1
    }

    /// The modulus, for arithmetic other than that of a walk.
    pub(crate) fn modulus(&self) -> Modulus {
        self.modulus
    }

    fn numerator(&self, number: &Number) -> u64 {
        { number.terms().iter() }.fold(0, |sum, (radicand, n)| {
            let root = self.roots.iter().find(|(r, _)| r == radicand);
            let root = root.map_or(0, |&(_, root)| root);
            let term = self.modulus.multiply(self.modulus.convert(n), root);
            self.modulus.add(sum, term)
        })
    }
}

impl Ring for Residues {
    type Word = u64;

    fn width(&self) -> usize {
        1
    }

    fn convert<'a>(&self, numbers: impl Iterator<Item = &'a Number> + Clone) -> Vec<u64> {
        // One inversion for all denominators: that of their product (Montgomery, Math. Comp. 48 (1987) 243–264).
        let mut product = self.modulus.one;
        let denominators = numbers.clone().map(|number| {
            let denominator = self.modulus.convert(number.denominator());
            let before = product;
            product = self.modulus.multiply(product, denominator);
            (before, denominator)
        });
        let denominators: Vec<_> = denominators.collect();
        let mut inverse = self.modulus.invert(product);
        let mut residues: Vec<_> = numbers.map(|number| self.numerator(number)).collect();
        for (residue, (before, denominator)) in residues.iter_mut().zip(denominators).rev() {
            *residue = { self.modulus }.multiply(*residue, self.modulus.multiply(inverse, before));
            inverse = self.modulus.multiply(inverse, denominator);
        }
        residues
    }

    fn multiply(&mut self, a: &[u64], b: &[u64], out: &mut [u64]) {
        for (out, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
            *out = self.modulus.multiply(a, b);
        }
    }

    fn dot(&mut self, columns: &[usize], a: &[u64], v: &[u64], out: &mut [u64]) {
        // As many products of residues fit without a reduction as a tableau may have stages.
        let product = |(&j, &a): (&usize, &u64)| u128::from(a) * u128::from(v[j]);
        out[0] = self
            .modulus
            .reduce(columns.iter().zip(a).map(product).sum());
    }
}

/// Values of all roots of the group, or `None` if one has none modulo `p` or vanishes.
fn roots(field: &Group, modulus: Modulus) -> Option<Vec<(Radicand, u64)>> {
    let small = |n: Radicand| modulus.convert(&BigInt::from(n));
    let mut roots = vec![(1, modulus.one)];
    for generator in field.generators() {
        let residue = small(generator);
        let root = modulus.power(residue, modulus.prime.div_ceil(4));
        if residue == 0 || modulus.multiply(root, root) != residue {
            return None;
        }
        for at in 0..roots.len() {
            // √a·√b = g·√(ab/g²)
            let (radicand, other) = roots[at];
            let (factor, product) = radical::product(radicand, generator);
            let both = modulus.multiply(other, root);
            roots.push((
                product,
                modulus.multiply(both, modulus.invert(small(factor))),
            ));
        }
    }
    Some(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_primes_below_2_to_61_are_known() {
        // 2^61 − 1 (OEIS A000043), and those before it by SymPy: prevprime(2**61 - 1), …
        let group = Group::default();
        let found: Vec<_> = Residues::all(&group, &[])
            .take(4)
            .map(|r| (1 << 61) - r.modulus.prime)
            .collect();
        assert_eq!(found, [1, 31, 45, 229]);
    }

    #[test]
    fn conversion_is_a_homomorphism() {
        let mut group = Group::default();
        let (two, six) = (
            Number::from(2).sqrt().unwrap(),
            Number::from(6).sqrt().unwrap(),
        );
        assert!(group.insert(2) && group.insert(6));
        let a = &(&Number::ratio(3, 7).unwrap() + &six) + &two;
        let b = &Number::ratio(-5, 11).unwrap() * &(&two + &Number::from(1));
        for mut ring in Residues::all(&group, &[BigInt::from(77)]).take(5) {
            let (product, sum) = (&a * &b, &a + &b);
            let quotient = a.checked_div(&b).unwrap();
            let [x, y, product, sum, quotient] =
                ring.convert([&a, &b, &product, &sum, &quotient].into_iter())[..]
            else {
                panic!("five residues")
            };
            let mut found = [0; 2];
            ring.multiply(&[x, quotient], &[y, y], &mut found);
            assert_eq!(found, [product, x]);
            assert_eq!(ring.modulus.add(x, y), sum);
        }
    }
}
