//! Places on intervals, and the search for the best of them by golden sections.

use std::cmp::Ordering;

use num_traits::One;

use crate::number::Number;
use crate::number::interval::Interval;

/// A number of an interval by its place between 0 and 1; unbounded ends are at 0 and 1.
pub(super) fn placed(interval: &Interval, t: f64) -> Option<Number> {
    let t = Number::from_f64(t)?;
    let one = Number::one();
    let rest = &one - &t;
    match (&interval.low, &interval.high) {
        (Some(low), Some(high)) => Some(&low.value + &(&(&high.value - &low.value) * &t)),
        (Some(low), None) => Some(&low.value + &t.checked_div(&rest)?),
        (None, Some(high)) => Some(&high.value - &rest.checked_div(&t)?),
        (None, None) => {
            let twice = &(&t + &t) - &one;
            twice.checked_div(&(&t * &rest))
        }
    }
}

/// The part of a range around a place.
pub(super) fn clamped(t: f64, step: f64, (low, high): (f64, f64)) -> (f64, f64) {
    ((t - step).max(low), (t + step).min(high))
}

/// The best place of a range, with its ends, for a function with one maximum (Kiefer 1953).
pub(super) fn golden<T>(
    (low, high): (f64, f64),
    sections: usize,
    at: impl Fn(f64) -> Option<T>,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Option<T> {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (low, high);
    let (mut x, mut y) = (b - ratio * (b - a), a + ratio * (b - a));
    let (mut left, mut right) = (at(x)?, at(y)?);
    let (first, last) = (at(low), at(high));
    for _ in 0..sections {
        if compare(&left, &right).is_ge() {
            (b, y, right) = (y, x, left);
            x = b - ratio * (b - a);
            left = at(x)?;
        } else {
            (a, x, left) = (x, y, right);
            y = a + ratio * (b - a);
            right = at(y)?;
        }
    }
    let all = [Some(left), Some(right), first, last].into_iter().flatten();
    all.max_by(compare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::interval::Bound;
    use num_bigint::BigInt;

    #[test]
    fn places_reach_over_bounded_and_unbounded_intervals() {
        let text = |interval: &Interval, t| placed(interval, t).unwrap().to_string();
        let half = Number::dyadic(BigInt::one(), -1);
        let bound = |value: Number| {
            Some(Bound {
                value,
                closed: true,
            })
        };
        let interval = Interval {
            low: bound(half.clone()),
            high: bound(Number::from(2)),
        };
        assert_eq!(
            (text(&interval, 0.0), text(&interval, 1.0)),
            ("1/2".to_owned(), "2".to_owned())
        );
        let interval = Interval {
            low: bound(half),
            high: None,
        };
        assert_eq!(
            (text(&interval, 0.0), text(&interval, 0.5)),
            ("1/2".to_owned(), "3/2".to_owned())
        );
        assert_eq!(text(&Interval::default(), 0.5), "0");
    }
}
