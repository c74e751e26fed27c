//! Arithmetic modulo a prime below 2⁶¹, with division replaced by multiplication (Montgomery, Math. Comp. 44 (1985)
//! 519–521): the residue `x` is kept as `x·2⁶⁴ mod p`.

use num_bigint::{BigInt, Sign};

/// A prime `p` with `2⁶⁰ < p < 2⁶¹`, and what depends on it alone.
#[derive(Clone, Copy)]
pub(crate) struct Modulus {
    pub(crate) prime: u64,
    /// `1/p mod 2⁶⁴`.
    inverse: u64,
    /// `2⁶⁴ mod p`, which stands for 1.
    pub(crate) one: u64,
    /// `2¹²⁸ mod p`, which takes a number to what stands for it.
    square: u64,
}

impl Modulus {
    /// The modulus, if it is a prime. Odd, and within the bounds.
    pub(crate) fn new(candidate: u64) -> Option<Self> {
        if [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
            .iter()
            .any(|q| candidate.is_multiple_of(*q))
        {
            return None;
        }
        // Newton's iteration doubles the bits that are right, of which an odd number has three to begin with.
        let inverse = (0..5).fold(candidate, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(candidate.wrapping_mul(inverse)))
        });
        let one = u64::MAX % candidate + 1;
        let modulus = Self {
            prime: candidate,
            inverse,
            one,
            square: (u128::from(one) * u128::from(one) % u128::from(candidate)) as u64,
        };
        modulus.is_prime().then_some(modulus)
    }

    /// `x/2⁶⁴ mod p`, for `x` below `2⁶⁷p`: 64 products of residues, or eight of a residue and any word.
    pub(crate) fn reduce(self, x: u128) -> u64 {
        let (low, mut high) = (x as u64, (x >> 64) as u64);
        // 8p is below 2⁶⁴, so the smaller of two wrapped numbers is the remainder.
        for multiple in [4, 2, 1] {
            high = high.min(high.wrapping_sub(multiple * self.prime));
        }
        let quotient = low.wrapping_mul(self.inverse);
        let carried = ((u128::from(quotient) * u128::from(self.prime)) >> 64) as u64;
        // Both are below p, and their low words are equal.
        let difference = high.wrapping_sub(carried);
        difference.min(difference.wrapping_add(self.prime))
    }

    /// The residue of the product.
    pub(crate) fn multiply(self, a: u64, b: u64) -> u64 {
        self.reduce(u128::from(a) * u128::from(b))
    }

    /// The residue of the sum.
    pub(crate) fn add(self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        sum.min(sum.wrapping_sub(self.prime))
    }

    /// The residue of `n`.
    pub(crate) fn convert(self, n: &BigInt) -> u64 {
        // Horner's rule in base 2⁶⁴; a word times the square is below 2⁶⁴p.
        let digits = n.iter_u64_digits().rev();
        let magnitude = digits.fold(0, |rest, digit| {
            let digit = u128::from(digit) * u128::from(self.square);
            self.reduce(u128::from(rest) * u128::from(self.square) + digit)
        });
        if n.sign() == Sign::Minus && magnitude != 0 {
            self.prime - magnitude
        } else {
            magnitude
        }
    }

    /// The residue of `base^exponent`.
    pub(crate) fn power(self, mut base: u64, mut exponent: u64) -> u64 {
        let mut result = self.one;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, base);
            }
            base = self.multiply(base, base);
            exponent >>= 1;
        }
        result
    }

    /// The residue of the inverse of `a`, which is not zero.
    pub(crate) fn invert(self, a: u64) -> u64 {
        self.power(a, self.prime - 2)
    }

    /// Below 3·10¹⁸ the first nine primes as bases decide (Jiang and Deng, Math. Comp. 83 (2014) 2915–2924).
    fn is_prime(self) -> bool {
        let minus_one = self.prime - self.one;
        let twos = (self.prime - 1).trailing_zeros();
        [2, 3, 5, 7, 11, 13, 17, 19, 23].iter().all(|&base| {
            let base = self.multiply(base, self.square);
            let mut x = self.power(base, (self.prime - 1) >> twos);
            x == self.one
                || (0..twos).any(|_| {
                    let found = x == minus_one;
                    x = self.multiply(x, x);
                    found
                })
        })
    }
}

/// The Jacobi symbol `(a/n)` of an odd `n`: for a prime, 1 if `a` is a square modulo `n`, -1 if it is none, and 0 if
/// `n` divides it. Cohen, A Course in Computational Algebraic Number Theory, algorithm 1.4.10.
pub(crate) fn jacobi(a: u128, n: u64) -> i8 {
    let (mut a, mut n) = ((a % u128::from(n)) as u64, n);
    let mut symbol = 1;
    while a != 0 {
        let twos = a.trailing_zeros();
        a >>= twos;
        if twos % 2 == 1 && matches!(n % 8, 3 | 5) {
            symbol = -symbol;
        }
        if a % 4 == 3 && n % 4 == 3 {
            symbol = -symbol;
        }
        (a, n) = (n % a, a);
    }
    if n == 1 { symbol } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_integer::Integer;
    use proptest::prelude::*;

    #[test]
    fn primes_are_told_from_other_numbers() {
        // 2^61 − 31 is prime; the others are products of primes just above 2^30: SymPy's factorint.
        assert!(Modulus::new((1 << 61) - 31).is_some());
        for (p, q) in [
            (1_073_741_827, 1_073_741_831),
            (1_073_741_833, 1_073_741_827),
        ] {
            assert!(Modulus::new(p * q).is_none());
        }
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_long_integers(
            prime in prop::sample::select(vec![(1_u64 << 61) - 1, (1 << 61) - 31, (1 << 60) + 33]),
            numbers in prop::collection::vec((prop::collection::vec(any::<u32>(), 0..12), any::<bool>()), 2),
        ) {
            let modulus = Modulus::new(prime).unwrap();
            let numbers = numbers.into_iter().map(|(digits, negative)| {
                let sign = if negative { Sign::Minus } else { Sign::Plus };
                BigInt::new(sign, digits)
            });
            let [a, b] = &numbers.collect::<Vec<_>>()[..] else { panic!("two numbers") };
            let (x, y) = (modulus.convert(a), modulus.convert(b));
            // A residue less its factor is the number modulo the prime.
            let value = |residue: u64| BigInt::from(modulus.multiply(residue, 1));
            let expected = |n: &BigInt| n.mod_floor(&BigInt::from(prime));
            prop_assert_eq!(value(x), expected(a));
            prop_assert_eq!(value(modulus.add(x, y)), expected(&(a + b)));
            prop_assert_eq!(value(modulus.multiply(x, y)), expected(&(a * b)));
            if x != 0 {
                prop_assert_eq!(modulus.multiply(modulus.invert(x), x), modulus.one);
            }
        }

        #[test]
        fn symbols_are_powers(
            prime in prop::sample::select(vec![(1_u64 << 61) - 1, (1 << 61) - 31, (1 << 60) + 33]),
            a in any::<u128>(),
        ) {
            // Euler's criterion.
            let modulus = Modulus::new(prime).unwrap();
            let power = modulus.power(modulus.convert(&BigInt::from(a)), (prime - 1) / 2);
            let expected = if power == modulus.one { 1 } else if power == 0 { 0 } else { -1 };
            prop_assert_eq!(jacobi(a, prime), expected);
            prop_assert_eq!(jacobi(u128::from(prime) * 7, prime), 0);
        }

        #[test]
        fn sums_of_products_are_reduced_once(products in prop::collection::vec((0_u64..(1 << 61) - 1, 0_u64..(1 << 61) - 1), 0..=64)) {
            let modulus = Modulus::new((1 << 61) - 1).unwrap();
            let sum = products.iter().map(|&(a, b)| u128::from(a) * u128::from(b)).sum();
            let one_by_one = products.iter().fold(0, |sum, &(a, b)| modulus.add(sum, modulus.multiply(a, b)));
            prop_assert_eq!(modulus.reduce(sum), one_by_one);
        }
    }
}
