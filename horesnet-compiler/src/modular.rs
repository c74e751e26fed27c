//! Arithmetic modulo primes, which proves identities between exact numbers.
//!
//! A prime `p` at which every root of the field has a value gives a ring homomorphism from the numbers whose
//! denominators it does not divide. An algebraic integer that vanishes under homomorphisms for different primes
//! has a norm divisible by their product; if the product exceeds the norm's bound, the integer is zero.
//! One prime under which it does not vanish proves that it is not.

use num_bigint::BigInt;

use crate::elementary::Ring;
use crate::modulus::Modulus;
use crate::number::Number;
use crate::radical::{self, Group, Radicand};

/// Each prime contributes at least this many bits to the product.
pub(crate) const BITS: u32 = 30;

/// A homomorphism to the integers modulo a prime below 2³¹.
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
        (1_u64 << BITS..1 << 31)
            .rev()
            .step_by(2)
            .filter_map(|candidate| {
                // Roots are easy modulo primes ≡ 3 (mod 4).
                if field.rank() != 0 && candidate % 4 != 3 {
                    return None;
                }
                let modulus = Modulus::new(candidate)?;
                if denominators.iter().any(|d| modulus.reduce_integer(d) == 0) {
                    return None;
                }
                Some(Self {
                    modulus,
                    roots: roots(field, modulus)?,
                })
            })
    }

    /// A small integer.
    pub(crate) fn residue(&self, n: u64) -> u64 {
        self.modulus.reduce(n)
    }
}

impl Ring for Residues {
    type Element = u64;

    fn one(&self) -> u64 {
        1
    }

    fn convert(&self, number: &Number) -> u64 {
        let mut sum = 0;
        for (radicand, n) in number.terms() {
            let root = self
                .roots
                .iter()
                .find(|(r, _)| r == radicand)
                .map_or(0, |&(_, root)| root);
            sum = self
                .modulus
                .reduce(sum + self.modulus.reduce_integer(n) * root);
        }
        let denominator = self.modulus.reduce_integer(number.denominator());
        if denominator == 1 {
            sum
        } else {
            self.modulus.reduce(sum * self.modulus.invert(denominator))
        }
    }

    fn multiply(&self, a: &u64, b: &u64) -> u64 {
        self.modulus.reduce(a * b)
    }

    fn dot(&self, row: &[(usize, u64)], v: &[u64]) -> u64 {
        // Products are below p² < 2^62, and the sum is kept there, so nothing overflows.
        let square = self.modulus.prime * self.modulus.prime;
        let mut sum = 0;
        for &(j, a) in row {
            sum += a * v[j];
            if sum >= square {
                sum -= square;
            }
        }
        self.modulus.reduce(sum)
    }
}

/// Values of all roots of the group, or `None` if one has none modulo `p` or vanishes.
fn roots(field: &Group, modulus: Modulus) -> Option<Vec<(Radicand, u64)>> {
    let small = |n: Radicand| modulus.reduce_integer(&BigInt::from(n));
    let mut roots = vec![(1, 1)];
    for generator in field.generators() {
        let residue = small(generator);
        let root = modulus.power(residue, modulus.prime.div_ceil(4));
        if residue == 0 || modulus.reduce(root * root) != residue {
            return None;
        }
        for at in 0..roots.len() {
            // √a·√b = g·√(ab/g²)
            let (radicand, other) = roots[at];
            let (factor, product) = radical::product(radicand, generator);
            let both = modulus.reduce(other * root);
            roots.push((
                product,
                modulus.reduce(both * modulus.invert(small(factor))),
            ));
        }
    }
    Some(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_primes_below_2_to_31_are_known() {
        // OEIS A013603: 2^31 − 1, 2^31 − 19, 2^31 − 61, 2^31 − 69, …
        let group = Group::default();
        let found: Vec<_> = Residues::all(&group, &[])
            .take(4)
            .map(|r| (1 << 31) - r.modulus.prime)
            .collect();
        assert_eq!(found, [1, 19, 61, 69]);
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
        for ring in Residues::all(&group, &[BigInt::from(77)]).take(5) {
            let (x, y) = (ring.convert(&a), ring.convert(&b));
            assert_eq!(ring.convert(&(&a * &b)), ring.multiply(&x, &y));
            assert_eq!(ring.convert(&(&a + &b)), (x + y) % ring.modulus.prime);
            assert_eq!(
                ring.multiply(&ring.convert(&a.checked_div(&b).unwrap()), &y),
                x
            );
        }
    }
}
