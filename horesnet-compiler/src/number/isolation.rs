//! All real roots of an exact polynomial in an interval, by Sturm's theorem: exactly where they are rational or roots of a
//! quadratic factor, and between two numbers otherwise.

use std::fmt;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::Number;
use super::arithmetic::Exact;
use super::budget::{Budget, TooLarge, operation};
use super::interval::Interval;
use super::polynomial::{self, Polynomial};

/// Halvings of an interval with one root, so that a simple rational in it is no chance.
const BITS: u32 = 100;

/// Halvings after which roots count as too near to each other.
const DEPTH: u32 = 2000;

/// A real root.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RealRoot {
    /// The root.
    Exact(Number),
    /// The only root between these numbers, which are less than 2⁻¹⁰⁰ of its size apart.
    Between(Number, Number),
}

impl RealRoot {
    /// The root, if it is known exactly.
    pub(crate) fn exact(&self) -> Option<&Number> {
        match self {
            Self::Exact(root) => Some(root),
            Self::Between(..) => None,
        }
    }
}

impl fmt::Display for RealRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(root) => write!(f, "{root}"),
            Self::Between(low, _) => f.write_str(&low.brief()),
        }
    }
}

/// The roots of a polynomial that is not zero in an interval, ascending, each once.
pub(crate) fn real_roots(
    p: &[Number],
    interval: &Interval,
    budget: &mut Budget,
) -> Result<Vec<RealRoot>, TooLarge> {
    if p.len() < 2 {
        return Ok(Vec::new());
    }
    let p = polynomial::square_free(&p.to_vec(), budget)?;
    let chain = Chain::of(&p, budget)?;
    let mut open = vec![chain.enclosing(budget)?];
    let (mut found, mut rest) = (Vec::new(), p.clone());
    // Intervals (a, b] with roots inside, the leftmost last.
    while let Some((a, b, depth)) = open.pop() {
        let roots = chain.count(&a, &b, budget)?;
        if roots == 0 {
            continue;
        }
        if polynomial::value(&p, &b, budget)?.is_zero() && roots == 1 {
            found.push(RealRoot::Exact(b));
            continue;
        }
        if depth > DEPTH {
            return Err(TooLarge);
        }
        let size = if a.to_f64().abs() > 1.0 {
            a.to_f64().abs()
        } else {
            1.0
        };
        if roots > 1 || (&b - &a).to_f64() > size * f64::exp2(-f64::from(BITS)) {
            let middle = &(&a + &b) * &Number::dyadic(BigInt::one(), -1);
            open.push((middle.clone(), b, depth + 1));
            open.push((a, middle, depth + 1));
            continue;
        }
        let simple = simplest(&a, &b);
        let is_root = simple != a && polynomial::value(&p, &simple, budget)?.is_zero();
        found.push(if is_root {
            RealRoot::Exact(simple)
        } else {
            RealRoot::Between(a, b)
        });
    }
    for root in found.iter().filter_map(RealRoot::exact) {
        rest = polynomial::divide(&Exact, rest, &vec![-root.clone(), Number::one()], budget)?.0;
    }
    // A quadratic factor that is left has roots in square roots.
    for root in polynomial::exact_roots(&rest) {
        let slot = found.iter_mut().find(|slot| {
            matches!(slot, RealRoot::Between(a, b) if (&root - a).sign().is_gt() && (b - &root).sign().is_ge())
        });
        if let Some(slot) = slot {
            *slot = RealRoot::Exact(root);
        }
    }
    let mut inside = Vec::new();
    for root in found {
        let within = match &root {
            RealRoot::Exact(root) => interval.contains(root),
            RealRoot::Between(a, b) => is_within(&p, a, b, interval, budget)?,
        };
        if within {
            inside.push(root);
        }
    }
    Ok(inside)
}

/// Returns true if the one root in `(a, b)` lies in the interval.
fn is_within(
    p: &Polynomial,
    a: &Number,
    b: &Number,
    interval: &Interval,
    budget: &mut Budget,
) -> Result<bool, TooLarge> {
    let after = polynomial::value(p, b, budget)?.sign();
    // The polynomial has the sign of the right end right of the root only.
    let mut is_right = |end: &Number| {
        let sign = polynomial::value(p, end, budget)?.sign();
        Ok((sign.is_eq(), sign == after))
    };
    if let Some(low) = &interval.low {
        if (&low.value - b).sign().is_ge() {
            return Ok(false);
        }
        if (&low.value - a).sign().is_gt() {
            let (on, right) = is_right(&low.value)?;
            if on && !low.closed || !on && right {
                return Ok(false);
            }
        }
    }
    if let Some(high) = &interval.high {
        if (a - &high.value).sign().is_ge() {
            return Ok(false);
        }
        if (b - &high.value).sign().is_gt() {
            let (on, right) = is_right(&high.value)?;
            if on && !high.closed || !on && !right {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// A Sturm sequence, up to positive factors.
struct Chain(Vec<Polynomial>);

impl Chain {
    fn of(p: &Polynomial, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut chain = vec![p.clone(), positive(polynomial::derivative(p), budget)?];
        while let [.., a, b] = chain.as_slice()
            && b.len() > 1
        {
            let rest = remainder(a, b, budget)?;
            if rest.is_empty() {
                break;
            }
            let next = positive(polynomial::negated(&rest), budget)?;
            chain.push(next);
        }
        Ok(Self(chain))
    }

    /// The number of roots in `(a, b]`.
    fn count(&self, a: &Number, b: &Number, budget: &mut Budget) -> Result<usize, TooLarge> {
        Ok(self
            .variations(a, budget)?
            .saturating_sub(self.variations(b, budget)?))
    }

    fn variations(&self, x: &Number, budget: &mut Budget) -> Result<usize, TooLarge> {
        let values = self.0.iter().map(|p| polynomial::value(p, x, budget));
        let signs: Vec<_> = values
            .map(|value| value.map(|value| value.sign()))
            .collect::<Result<_, _>>()?;
        let signs: Vec<_> = signs.into_iter().filter(|sign| sign.is_ne()).collect();
        Ok(signs.windows(2).filter(|pair| pair[0] != pair[1]).count())
    }

    /// An interval that contains all roots.
    fn enclosing(&self, budget: &mut Budget) -> Result<(Number, Number, u32), TooLarge> {
        let leading = self.0.iter().filter_map(|p| {
            let sign = p.last()?.sign();
            Some((
                sign,
                if p.len() % 2 == 0 {
                    sign.reverse()
                } else {
                    sign
                },
            ))
        });
        let (right, left): (Vec<_>, Vec<_>) = leading.unzip();
        let changes = |signs: &[_]| signs.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let all = changes(&left) - changes(&right);
        let mut size = Number::one();
        for _ in 0..DEPTH {
            let low = -size.clone();
            if self.count(&low, &size, budget)? == all {
                return Ok((low, size, 0));
            }
            size = &size + &size;
        }
        Err(TooLarge)
    }
}

/// The polynomial divided by the size of its leading coefficient.
fn positive(p: Polynomial, budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    let Some(lead) = p.last() else { return Ok(p) };
    let inverse = Number::one()
        .checked_div(&lead.clone().abs())
        .ok_or(TooLarge)?;
    budget.spend(p.iter().map(|c| 2.0 * operation([c, &inverse])).sum())?;
    Ok(p.iter().map(|c| c * &inverse).collect())
}

fn remainder(a: &Polynomial, b: &Polynomial, budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    let divisor = match b.last() {
        Some(lead) if lead.sign().is_lt() => polynomial::negated(b),
        _ => b.clone(),
    };
    Ok(polynomial::divide(&Exact, a.clone(), &divisor, budget)?.1)
}

/// The fraction of least denominator in `[a, b]`, for rational `a ≤ b` (Stern and Brocot); `b` if one is irrational.
pub(crate) fn simplest(a: &Number, b: &Number) -> Number {
    let parts = |x: &Number| match x.terms() {
        [(1, n)] => Some((n.clone(), x.denominator().clone())),
        [] => Some((BigInt::zero(), BigInt::one())),
        _ => None,
    };
    let Some(((mut a, mut p), (mut b, mut q))) = parts(a).zip(parts(b)) else {
        return b.clone();
    };
    if !a.is_positive() && !b.is_negative() {
        return Number::zero();
    }
    let negative = b.is_negative();
    if negative {
        (a, p, b, q) = (-b, q, -a, p);
    }
    // The continued fraction, whose terms are those of both ends while these agree.
    let mut whole = Vec::new();
    loop {
        let (low, rest) = a.div_mod_floor(&p);
        let next = if rest.is_zero() {
            low.clone()
        } else {
            &low + 1_u8
        };
        if &next * &q <= b {
            whole.push(next);
            break;
        }
        (a, p, b, q) = (q.clone(), &b - &low * &q, p, rest);
        whole.push(low);
    }
    let start = (BigInt::one(), BigInt::zero());
    let (n, d) = { whole.iter().rev() }.fold(start, |(n, d), term| (term * &n + d, n));
    let simplest = Number::ratio(n, d).unwrap_or_else(Number::zero);
    if negative { -simplest } else { simplest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::interval::Bound;

    fn roots(coefficients: &[i64], interval: &Interval) -> Vec<String> {
        let p: Vec<_> = coefficients.iter().map(|&c| Number::from(c)).collect();
        let found = real_roots(&p, interval, &mut Budget::new(1e9)).unwrap();
        found.iter().map(RealRoot::to_string).collect()
    }

    fn interval(low: (i64, bool), high: (i64, bool)) -> Interval {
        let bound = |(value, closed): (i64, bool)| {
            Some(Bound {
                value: Number::from(value),
                closed,
            })
        };
        Interval {
            low: bound(low),
            high: bound(high),
        }
    }

    #[test]
    fn roots_are_exact_where_they_can_be() {
        let all = Interval::default();
        // (3x − 1)²(x + 2)(x² − 2), and x³ − 2 with an irrational root.
        let p = [-4, 22, -22, -29, 12, 9];
        assert_eq!(roots(&p, &all), ["-2", "-sqrt(2)", "1/3", "sqrt(2)"]);
        assert_eq!(roots(&p, &interval((-2, false), (0, true))), ["-sqrt(2)"]);
        assert_eq!(
            roots(&p, &interval((-2, true), (1, true))),
            ["-2", "-sqrt(2)", "1/3"]
        );
        assert_eq!(roots(&[-2, 0, 0, 1], &all), ["1.2599210498948731648…"]);
        assert!(roots(&[-2, 0, 0, 1], &interval((2, true), (3, true))).is_empty());
        assert!(roots(&[1, 0, 1], &all).is_empty());
        assert!(roots(&[7], &all).is_empty());
        assert_eq!(
            roots(&[-1_000_000_007, 998_244_353], &all),
            ["1000000007/998244353"]
        );
    }

    #[test]
    fn the_simplest_fraction_of_an_interval_has_the_least_denominator() {
        for (a, b, expected) in [
            ("1/3", "1/2", "1/2"),
            ("0.51", "3/5", "3/5"),
            ("-1/2", "1/3", "0"),
            ("-5/2", "-2", "-2"),
            ("3.1415", "3.1416", "333/106"),
            ("0.001", "0.0015", "1/667"),
            ("2", "3", "2"),
            ("-2.95", "-2.9", "-29/10"),
        ] {
            let [a, b] = [a, b].map(|text| text.parse::<Number>().unwrap());
            assert_eq!(simplest(&a, &b).to_string(), expected, "[{a}, {b}]");
            // By search.
            let (low, high) = (a.to_f64(), b.to_f64());
            let least = (1..2000).find(|d| {
                let d = f64::from(*d);
                let n = (high * d + 1e-9).floor();
                n / d > low - 1e-12
            });
            assert_eq!(
                simplest(&a, &b).denominator().to_string(),
                least.unwrap().to_string()
            );
        }
    }
}
