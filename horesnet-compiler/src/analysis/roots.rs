//! Where a polynomial first exceeds zero, by isolation of roots and not by stepping.
//!
//! Descartes' rule of signs on dyadic intervals (Collins, Akritas 1976): the sign variations of
//! `(1 + x)ⁿ·f((a + bx)/(1 + x))` bound the roots between `a` and `b`, and none or one of them is certain.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::effort::{Effort, Figure, Unknown, words};
use super::polynomial::Polynomial;
use crate::number::Number;

/// Halvings after which more than one variation is taken for a multiple root.
const SUSPICION: usize = 48;

/// Halvings and doublings beyond which a root is too near zero, infinity, or another root.
const DEPTH: usize = 1200;

/// The largest `t` with `f ≤ 0` on `[0, t]`, correctly rounded; infinite if `f` never exceeds zero there.
///
/// Roots at which the sign does not change are no exit.
pub(crate) fn first_exit(f: &Polynomial, effort: &mut Effort) -> Figure<f64> {
    let zeros = f.coefficients().iter().take_while(|c| c.is_zero()).count();
    let f = Polynomial::new(f.coefficients()[zeros..].to_vec());
    match f.coefficients().first().map(Number::sign) {
        None => return Ok(f64::INFINITY),
        Some(Ordering::Greater) => return Ok(0.0),
        Some(_) => {}
    }
    let f = f.integral(effort)?;
    if let Ok(found) = Search::over(&f, SUSPICION, effort) {
        return found;
    }
    // Multiple roots, or very near ones: those of odd multiplicity, each once, are the changes of sign.
    let odd = f.odd_part(effort)?;
    let negative = odd.coefficients().first().is_some_and(|c| c.sign().is_lt());
    let odd = if negative { odd } else { odd.negated() };
    let odd = odd.integral(effort)?;
    Search::over(&odd, DEPTH, effort).unwrap_or(Err(Unknown::TooLarge))
}

/// More than one variation of sign on an interval that is as short as it may get.
struct Crowded;

/// A search for the first change of sign of a polynomial that is negative right of zero.
struct Search<'a> {
    f: &'a Polynomial,
    depth: usize,
    effort: &'a mut Effort,
}

/// An interval `(low, low + 1)/2^halvings`, or a whole power of two if `halvings` is negative.
#[derive(Clone)]
struct Interval {
    low: BigInt,
    halvings: i64,
    /// `f` on it as on `(0, 1)`, up to a positive factor, with integer coefficients.
    local: Vec<Number>,
}

impl Search<'_> {
    fn over(f: &Polynomial, depth: usize, effort: &mut Effort) -> Result<Figure<f64>, Crowded> {
        let mut search = Search { f, depth, effort };
        let mut interval = Interval {
            low: BigInt::zero(),
            halvings: 0,
            local: f.coefficients().to_vec(),
        };
        // (0, 1), (1, 2), (2, 4), (4, 8), …
        for _ in 0..DEPTH {
            if variations(&interval.local) == 0 {
                return Ok(Ok(f64::INFINITY));
            }
            match search.within(&interval, 0) {
                Ok(Some(exit)) => return Ok(Ok(exit)),
                Ok(None) => {}
                Err(Stop::Crowded) => return Err(Crowded),
                Err(Stop::Unknown(why)) => return Ok(Err(why)),
            }
            match search.next(interval) {
                Ok((_, Some(exit))) => return Ok(Ok(exit)),
                Ok((next, None)) => interval = next,
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Err(Unknown::TooLarge))
    }

    /// The first exit inside the open interval.
    fn within(&mut self, interval: &Interval, depth: usize) -> Result<Option<f64>, Stop> {
        let mut reversed = interval.local.clone();
        reversed.reverse();
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
            low: &left.low + 1,
            halvings: left.halvings,
            local: self.translated(left.local)?,
        };
        if changes_at_zero(&right.local) {
            return Ok(Some(dyadic(&right.low, right.halvings).to_f64()));
        }
        self.within(&right, depth + 1)
    }

    fn left_half(&mut self, interval: &Interval) -> Figure<Interval> {
        self.effort
            .spend(words(&interval.local) * interval.local.len() as f64)?;
        let degree = interval.local.len().saturating_sub(1);
        let scaled = interval.local.iter().enumerate();
        let local = scaled.map(|(k, c)| c * &power_of_two(degree - k)).collect();
        Ok(Interval {
            low: &interval.low << 1,
            halvings: interval.halvings + 1,
            local,
        })
    }

    /// The interval to the right, as long as its left end is far from zero; and that end if it is an exit.
    fn next(&mut self, interval: Interval) -> Figure<(Interval, Option<f64>)> {
        let (first, local) = (interval.low.is_zero(), self.translated(interval.local)?);
        let mut next = Interval {
            low: BigInt::one(),
            halvings: interval.halvings,
            local,
        };
        if !first {
            next.halvings -= 1;
            let scaled = next.local.iter().enumerate();
            next.local = scaled.map(|(k, c)| c * &power_of_two(k)).collect();
        }
        let end = changes_at_zero(&next.local).then(|| dyadic(&next.low, next.halvings).to_f64());
        Ok((next, end))
    }

    /// `f(x + 1)`.
    fn translated(&mut self, mut f: Vec<Number>) -> Figure<Vec<Number>> {
        let length = f.len();
        self.effort
            .spend((length * length) as f64 * (10.0 + words(&f)))?;
        for i in 0..length {
            for k in (i..length.saturating_sub(1)).rev() {
                f[k] = &f[k] + &f[k + 1];
            }
        }
        Ok(f)
    }

    /// The only root in the interval, at which the sign changes, by bisection until both ends round alike.
    fn refined(&mut self, interval: &Interval) -> Figure<f64> {
        let (mut low, mut halvings) = (interval.low.clone(), interval.halvings);
        for _ in 0..DEPTH {
            let high = &low + 1;
            let value = dyadic(&low, halvings).to_f64();
            if !low.is_zero() && value == dyadic(&high, halvings).to_f64() {
                return Ok(value);
            }
            low <<= 1;
            halvings += 1;
            let middle = &low + 1;
            match self.sign(&middle, halvings)? {
                Ordering::Less => low = middle,
                Ordering::Equal => return Ok(dyadic(&middle, halvings).to_f64()),
                Ordering::Greater => {}
            }
        }
        Err(Unknown::TooLarge)
    }

    /// The sign of `f(n/2^halvings)`.
    fn sign(&mut self, n: &BigInt, halvings: i64) -> Figure<Ordering> {
        let (n, unit) = if halvings < 0 {
            (n << halvings.unsigned_abs(), 0)
        } else {
            (n.clone(), halvings.unsigned_abs() as usize)
        };
        let n = Number::from(n);
        let length = words(self.f.coefficients()) + self.f.degree() as f64 * words([&n]);
        self.effort
            .spend(self.f.degree() as f64 * (20.0 + length * words([&n])))?;
        let mut value = Number::zero();
        for (k, c) in self.f.coefficients().iter().rev().enumerate() {
            value = &(&value * &n) + &(c * &power_of_two(unit * k));
        }
        Ok(value.sign())
    }
}

enum Stop {
    Crowded,
    Unknown(Unknown),
}

impl From<Unknown> for Stop {
    fn from(why: Unknown) -> Self {
        Self::Unknown(why)
    }
}

/// Changes of sign in a sequence, zeros left out.
fn variations(sequence: &[Number]) -> usize {
    let signs: Vec<_> = sequence
        .iter()
        .map(Number::sign)
        .filter(|sign| sign.is_ne())
        .collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// Whether zero is a root of odd multiplicity.
fn changes_at_zero(f: &[Number]) -> bool {
    f.iter().take_while(|c| c.is_zero()).count() % 2 == 1
}

fn power_of_two(exponent: usize) -> Number {
    Number::from(BigInt::one() << exponent)
}

/// `n/2^halvings`.
fn dyadic(n: &BigInt, halvings: i64) -> Number {
    if halvings < 0 {
        Number::from(n << halvings.unsigned_abs())
    } else {
        let unit = BigInt::one() << halvings.unsigned_abs();
        Number::ratio(n.clone(), unit).unwrap_or_else(Number::zero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(coefficients: &[i64]) -> f64 {
        let f = Polynomial::new(coefficients.iter().map(|&c| Number::from(c)).collect());
        first_exit(&f, &mut Effort::new()).unwrap()
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
