//! The first sign change of an exact polynomial, by isolation of roots.
//!
//! Descartes' rule of signs on dyadic intervals (Collins, Akritas 1976): the sign variations of
//! `(1 + x)ⁿ·f((a + bx)/(1 + x))` bound the roots between `a` and `b`, and none or one of them is certain.
//! All roots of a rounded polynomial, approximately, are in `roots.rs`.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::Number;
use super::budget::{Budget, TooLarge, WORD, words};
use super::polynomial::{self, Polynomial};

/// Halvings after which more than one variation suggests a multiple root.
const SUSPICION: usize = 48;

/// Halvings and doublings beyond which a root is too near zero, infinity, or another root.
const DEPTH: usize = 1200;

/// The largest `t` with `f ≤ 0` on `[0, t]`, correctly rounded; infinite if `f` never exceeds zero there.
///
/// Roots at which the sign does not change do not count.
pub(crate) fn first_exit(f: &[Number], budget: &mut Budget) -> Result<f64, TooLarge> {
    let zeros = f.iter().take_while(|c| c.is_zero()).count();
    match f.get(zeros).map(Number::sign) {
        None => return Ok(f64::INFINITY),
        Some(Ordering::Greater) => return Ok(0.0),
        Some(_) => {}
    }
    let f = polynomial::integral(&f[zeros..], budget)?;
    match isolated(&f, SUSPICION, budget) {
        Err(Stop::Crowded) => {}
        found => return found.map_err(|_| TooLarge),
    }
    // Multiple roots, or very near ones: those of odd multiplicity, each once, are the changes of sign.
    let odd = polynomial::odd_part(&f, budget)?;
    let negative = odd.first().is_some_and(|c| c.sign().is_lt());
    let odd = if negative {
        odd
    } else {
        polynomial::negated(&odd)
    };
    let odd = polynomial::integral(&odd, budget)?;
    isolated(&odd, DEPTH, budget).map_err(|_| TooLarge)
}

enum Stop {
    /// More than one variation of sign on an interval that is as short as it may get.
    Crowded,
    TooLarge,
}

impl From<TooLarge> for Stop {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// The first change of sign of a polynomial that is negative right of zero.
fn isolated(f: &Polynomial, depth: usize, budget: &mut Budget) -> Result<f64, Stop> {
    let mut search = SignChangeSearch { f, depth, budget };
    let mut interval = Interval {
        low: BigInt::zero(),
        halvings: 0,
        local: f.clone(),
    };
    // (0, 1), (1, 2), (2, 4), (4, 8), …
    for _ in 0..DEPTH {
        if variations(&interval.local) == 0 {
            return Ok(f64::INFINITY);
        }
        if let Some(exit) = search.within(&interval, 0)? {
            return Ok(exit);
        }
        interval = search.next(interval)?;
        if let Some(exit) = interval.exit_at_low() {
            return Ok(exit);
        }
    }
    Err(Stop::TooLarge)
}

struct SignChangeSearch<'a> {
    f: &'a Polynomial,
    depth: usize,
    budget: &'a mut Budget,
}

/// An interval `(low, low + 1)/2^halvings`, or a whole power of two if `halvings` is negative.
struct Interval {
    low: BigInt,
    halvings: i64,
    /// `f` on it as on `(0, 1)`, up to a positive factor, with integer coefficients.
    local: Vec<Number>,
}

impl Interval {
    /// The left end, if it is a root of odd multiplicity.
    fn exit_at_low(&self) -> Option<f64> {
        let zeros = self.local.iter().take_while(|c| c.is_zero()).count();
        (zeros % 2 == 1).then(|| Number::dyadic(self.low.clone(), -self.halvings).to_f64())
    }
}

impl SignChangeSearch<'_> {
    /// The first exit inside the open interval.
    fn within(&mut self, interval: &Interval, depth: usize) -> Result<Option<f64>, Stop> {
        let reversed = interval.local.iter().rev().cloned().collect();
        match variations(&self.translated(reversed)?) {
            0 => return Ok(None),
            1 => return Ok(Some(self.refined(interval)?)),
            _ if depth >= self.depth => return Err(Stop::Crowded),
            _ => {}
        }
        let left = self.left_half(interval)?;
        if let Some(exit) = self.within(&left, depth + 1)? {
            return Ok(Some(exit));
        }
        let right = Interval {
            low: left.low + 1,
            halvings: left.halvings,
            local: self.translated(left.local)?,
        };
        match right.exit_at_low() {
            None => self.within(&right, depth + 1),
            exit => Ok(exit),
        }
    }

    fn left_half(&mut self, interval: &Interval) -> Result<Interval, TooLarge> {
        let (local, length) = (&interval.local, interval.local.len());
        self.budget.spend(WORD * words(local) * length as f64)?;
        let scaled = local.iter().zip((0..length).rev());
        Ok(Interval {
            low: &interval.low << 1,
            halvings: interval.halvings + 1,
            local: scaled.map(|(c, k)| c * &power_of_two(k)).collect(),
        })
    }

    /// The interval to the right, as long as its left end is far from zero.
    fn next(&mut self, interval: Interval) -> Result<Interval, TooLarge> {
        let doublings = usize::from(!interval.low.is_zero());
        let local = self.translated(interval.local)?.into_iter().enumerate();
        Ok(Interval {
            low: BigInt::one(),
            halvings: interval.halvings - doublings as i64,
            local: local
                .map(|(k, c)| &c * &power_of_two(k * doublings))
                .collect(),
        })
    }

    /// `f(x + 1)`.
    fn translated(&mut self, mut f: Vec<Number>) -> Result<Vec<Number>, TooLarge> {
        let length = f.len();
        self.budget
            .spend(WORD * (length * length) as f64 * (10.0 + words(&f)))?;
        for i in 0..length {
            for k in (i..length.saturating_sub(1)).rev() {
                f[k] = &f[k] + &f[k + 1];
            }
        }
        Ok(f)
    }

    /// The only root in the interval, at which the sign changes, by bisection until both ends round alike.
    fn refined(&mut self, interval: &Interval) -> Result<f64, TooLarge> {
        let (mut low, mut halvings) = (interval.low.clone(), interval.halvings);
        for _ in 0..DEPTH {
            let value = Number::dyadic(low.clone(), -halvings).to_f64();
            if !low.is_zero() && value == Number::dyadic(&low + 1, -halvings).to_f64() {
                return Ok(value);
            }
            low <<= 1;
            halvings += 1;
            let middle = &low + 1;
            match self.sign(&middle, halvings)? {
                Ordering::Less => low = middle,
                Ordering::Equal => return Ok(Number::dyadic(middle, -halvings).to_f64()),
                Ordering::Greater => {}
            }
        }
        Err(TooLarge)
    }

    /// The sign of `f(n/2^halvings)`.
    fn sign(&mut self, n: &BigInt, halvings: i64) -> Result<Ordering, TooLarge> {
        let unit = usize::try_from(halvings).unwrap_or(0);
        let n = Number::from(n << u64::try_from(-halvings).unwrap_or(0));
        let (degree, width) = (self.f.len() as f64 - 1.0, words([&n]));
        let length = words(self.f) + degree * width;
        self.budget.spend(WORD * degree * (20.0 + length * width))?;
        let terms = self.f.iter().rev().enumerate();
        let value = terms.fold(Number::zero(), |value, (k, c)| {
            &(&value * &n) + &(c * &power_of_two(unit * k))
        });
        Ok(value.sign())
    }
}

/// Changes of sign in a sequence, zeros left out.
fn variations(sequence: &[Number]) -> usize {
    let signs = sequence.iter().map(Number::sign);
    let signs: Vec<_> = signs.filter(|sign| sign.is_ne()).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn power_of_two(exponent: usize) -> Number {
    Number::dyadic(BigInt::one(), exponent as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(coefficients: &[i64]) -> f64 {
        let f: Vec<_> = coefficients.iter().map(|&c| Number::from(c)).collect();
        first_exit(&f, &mut Budget::new(3e8)).unwrap()
    }

    #[test]
    fn the_first_change_of_sign_is_found() {
        assert_eq!(exit(&[]), f64::INFINITY);
        assert_eq!(exit(&[1]), 0.0);
        assert_eq!(exit(&[-1]), f64::INFINITY);
        assert_eq!(exit(&[0, 0, -1]), f64::INFINITY);
        assert_eq!(exit(&[0, 0, 1, -5]), 0.0);
        assert_eq!(exit(&[-2, 0, 1]), std::f64::consts::SQRT_2);
        assert_eq!(exit(&[-1, 2]), 0.5);
        assert_eq!(exit(&[-1, 1]), 1.0);
        assert_eq!(exit(&[-2, 1]), 2.0);
        assert_eq!(exit(&[-3, 1]), 3.0);
        assert_eq!(exit(&[-1, 3]), 1.0 / 3.0);
        assert_eq!(exit(&[-1_000_000_007, 1]), 1_000_000_007.0);
        assert_eq!(exit(&[-1, 1_000_000_007]), 1.0 / 1_000_000_007.0);
        // Complex roots near the axis.
        assert_eq!(exit(&[-101, 20, -1]), f64::INFINITY);
    }

    #[test]
    fn roots_that_touch_are_no_exit() {
        // −(x − 1)², −(3x − 1)²(2 − x), −(x² − 2)²(3 − x), (x − 1)³, (3x − 1)³
        assert_eq!(exit(&[-1, 2, -1]), f64::INFINITY);
        assert_eq!(exit(&[-2, 13, -24, 9]), 2.0);
        assert_eq!(exit(&[-12, 4, 12, -4, -3, 1]), 3.0);
        assert_eq!(exit(&[-1, 3, -3, 1]), 1.0);
        assert_eq!(exit(&[-1, 9, -27, 27]), 1.0 / 3.0);
    }

    #[test]
    fn near_roots_are_told_apart() {
        // −(10⁹x − 1)(10⁹x − 2), −(x² − 2)² + 10⁻¹⁵ times 10¹⁵
        assert_eq!(exit(&[-2, 3_000_000_000, -1_000_000_000_000_000_000]), 1e-9);
        let ten = 1_000_000_000_000_000;
        let inner = (2.0 - 1e-15_f64.sqrt()).sqrt();
        assert!((exit(&[1 - 4 * ten, 0, 4 * ten, 0, -ten]) - inner).abs() < 1e-15);
    }
}
