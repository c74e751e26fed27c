//! Intervals of real numbers, whose ends may be open, closed or infinite.

use std::fmt;

use super::Number;

/// An interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// The lower end; `None` for minus infinity.
    pub low: Option<Bound>,
    /// The upper end; `None` for infinity.
    pub high: Option<Bound>,
}

/// A finite end of an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub value: Number,
    /// True if the number belongs to the interval.
    pub closed: bool,
}

impl Interval {
    /// Returns true if the number lies in the interval.
    #[must_use]
    pub fn contains(&self, x: &Number) -> bool {
        let above = self.low.as_ref().is_none_or(|low| {
            let sign = (x - &low.value).sign();
            sign.is_gt() || low.closed && sign.is_eq()
        });
        let below = self.high.as_ref().is_none_or(|high| {
            let sign = (&high.value - x).sign();
            sign.is_gt() || high.closed && sign.is_eq()
        });
        above && below
    }

    /// Returns true if more than one number lies in the interval.
    #[must_use]
    pub fn has_interior(&self) -> bool {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => (&high.value - &low.value).sign().is_gt(),
            _ => true,
        }
    }
}

/// `(0, 1]`, `(-inf, inf)`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.low {
            Some(low) => write!(f, "{}{}", if low.closed { '[' } else { '(' }, low.value)?,
            None => f.write_str("(-inf")?,
        }
        match &self.high {
            Some(high) => write!(f, ", {}{}", high.value, if high.closed { ']' } else { ')' }),
            None => f.write_str(", inf)"),
        }
    }
}
