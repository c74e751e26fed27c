//! A prime below 2³¹, with division replaced by multiplication (Barrett 1986).

use num_bigint::{BigInt, Sign};

/// A modulus `p` with `2^30 < p < 2^31`, and `⌊2⁶⁴/p⌋`.
#[derive(Clone, Copy)]
pub(crate) struct Modulus {
    pub(crate) prime: u64,
    reciprocal: u64,
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
        // 2^64 is no multiple of an odd number, so this is the same as for 2^64 itself.
        let modulus = Self {
            prime: candidate,
            reciprocal: u64::MAX / candidate,
        };
        modulus.is_prime().then_some(modulus)
    }

    /// `x mod p`.
    pub(crate) fn reduce(self, x: u64) -> u64 {
        // The quotient is at most one too small.
        let quotient = ((u128::from(x) * u128::from(self.reciprocal)) >> 64) as u64;
        let remainder = x - quotient * self.prime;
        if remainder >= self.prime {
            remainder - self.prime
        } else {
            remainder
        }
    }

    /// `n mod p`, not negative.
    pub(crate) fn reduce_integer(self, n: &BigInt) -> u64 {
        let mut digits: Vec<u32> = n.iter_u32_digits().collect();
        digits.reverse();
        let magnitude = digits.into_iter().fold(0, |rest, digit| {
            self.reduce((rest << 32) | u64::from(digit))
        });
        if n.sign() == Sign::Minus && magnitude != 0 {
            self.prime - magnitude
        } else {
            magnitude
        }
    }

    /// `base^exponent mod p`, for `base` below `p`.
    pub(crate) fn power(self, mut base: u64, mut exponent: u64) -> u64 {
        let mut result = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.reduce(result * base);
            }
            base = self.reduce(base * base);
            exponent >>= 1;
        }
        result
    }

    /// The inverse of `a`, which is below `p` and not zero.
    pub(crate) fn invert(self, a: u64) -> u64 {
        self.power(a, self.prime - 2)
    }

    /// Below 2³² the bases 2, 3, 5 and 7 decide (Jaeschke, Math. Comp. 61 (1993) 915–926).
    fn is_prime(self) -> bool {
        let minus_one = self.prime - 1;
        let twos = minus_one.trailing_zeros();
        [2, 3, 5, 7].iter().all(|&base| {
            let mut x = self.power(base, minus_one >> twos);
            x == 1
                || (0..twos).any(|_| {
                    let found = x == minus_one;
                    x = self.reduce(x * x);
                    found
                })
        })
    }
}
