//! Families of tableaux: entries are rational functions of parameters, each of which has an interval.
//!
//! The order of a family is proven for all values in the intervals, so any of them gives a method of that order.

use std::ops::Bound;

/// A polynomial in the parameters: the coefficient of each term, and the exponents of the parameters in it.
///
/// Exponents left out are 0: `&[(2.0, &[0, 1]), (-1.0, &[])]` is `2·p₂ − 1`.
pub type Polynomial = &'static [(f64, &'static [u8])];

/// A parameter of a family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    name: &'static str,
    default: f64,
    low: Bound<f64>,
    high: Bound<f64>,
}

/// An entry of the matrix or a weight that depends on the parameters: a polynomial over a product of powers of polynomials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    row: usize,
    column: usize,
    numerator: Polynomial,
    denominator: &'static [(Polynomial, u32)],
}

impl Parameter {
    /// A parameter with a default in its interval.
    #[must_use]
    pub const fn new(name: &'static str, default: f64, low: Bound<f64>, high: Bound<f64>) -> Self {
        Self {
            name,
            default,
            low,
            high,
        }
    }

    /// The name in the tableau file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The value at which blocks use the family, unless another is chosen.
    #[must_use]
    pub const fn default(&self) -> f64 {
        self.default
    }

    /// Returns true if the value is finite and in the interval.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        let above = match self.low {
            Bound::Included(low) => value >= low,
            Bound::Excluded(low) => value > low,
            Bound::Unbounded => true,
        };
        let below = match self.high {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        };
        value.is_finite() && above && below
    }

    /// Writes the interval: `(0, 1]`.
    #[must_use]
    pub fn interval(&self) -> String {
        let low = match self.low {
            Bound::Included(low) => format!("[{low}"),
            Bound::Excluded(low) => format!("({low}"),
            Bound::Unbounded => "(-inf".to_owned(),
        };
        let high = match self.high {
            Bound::Included(high) => format!("{high}]"),
            Bound::Excluded(high) => format!("{high})"),
            Bound::Unbounded => "inf)".to_owned(),
        };
        format!("{low}, {high}")
    }

    /// Returns true if the default lies between the ends of the interval, not on one of them.
    pub(super) fn has_interior_default(&self) -> bool {
        let ends = [end(self.low), end(self.high)];
        !ends.contains(&Some(self.default))
    }

    /// Maps a real number to the interval, increasing and smooth, 0 to the default; returns the derivative too.
    pub(super) fn of_unbounded(&self, t: f64) -> (f64, f64) {
        let default = self.default;
        // Beyond, the exponential overflows.
        let t = t.clamp(-700.0, 700.0);
        // Close to an end, the distance from that end keeps its digits.
        let (value, slope) = match (end(self.low), end(self.high)) {
            (None, None) => (default + t, 1.0),
            (Some(low), None) => {
                let above = (default - low) * t.exp();
                (low + above, above)
            }
            (None, Some(high)) => {
                let below = (high - default) * (-t).exp();
                (high - below, below)
            }
            (Some(low), Some(high)) => {
                // The logistic function, moved so that 0 gives the default.
                let width = high - low;
                let share = (default - low) / width;
                let sum = share + (1.0 - share) * (-t).exp();
                let (above, below) = (share / sum, (1.0 - share) * (-t).exp() / sum);
                let value = if above < below {
                    low + width * above
                } else {
                    high - width * below
                };
                (value, width * above * below)
            }
        };
        if t == 0.0 {
            return (default, slope);
        }
        (self.inside(value), slope)
    }

    /// Moves a value that rounding has put on an end that does not belong to the interval, or beyond an end, to the next that does.
    fn inside(&self, value: f64) -> f64 {
        let least = match self.low {
            Bound::Included(low) => low,
            Bound::Excluded(low) => low.next_up(),
            Bound::Unbounded => f64::NEG_INFINITY,
        };
        let most = match self.high {
            Bound::Included(high) => high,
            Bound::Excluded(high) => high.next_down(),
            Bound::Unbounded => f64::INFINITY,
        };
        // Not `clamp`, which panics if rounding has left no number between the ends.
        if value < least {
            least
        } else if value > most {
            most
        } else {
            value
        }
    }
}

fn end(bound: Bound<f64>) -> Option<f64> {
    match bound {
        Bound::Included(end) | Bound::Excluded(end) => Some(end),
        Bound::Unbounded => None,
    }
}

impl Entry {
    /// An entry in a row and column, counted from 1; the weights are the row after the last of the matrix.
    #[must_use]
    pub const fn new(
        row: usize,
        column: usize,
        numerator: Polynomial,
        denominator: &'static [(Polynomial, u32)],
    ) -> Self {
        Self {
            row,
            column,
            numerator,
            denominator,
        }
    }

    /// The row and column.
    pub(super) const fn at(&self) -> (usize, usize) {
        (self.row, self.column)
    }

    /// The value at a point.
    pub(super) fn value(&self, point: &[f64]) -> f64 {
        let divisors = self.denominator.iter();
        divisors.fold(
            polynomial(self.numerator, point),
            |value, (divisor, times)| {
                let divisor = polynomial(divisor, point);
                (0..*times).fold(value, |value, _| value / divisor)
            },
        )
    }

    /// The derivative with respect to a parameter at a point: that of `n/Πdᵢ^mᵢ` is `(n′ − n·Σ mᵢdᵢ′/dᵢ)/Πdᵢ^mᵢ`.
    pub(super) fn derivative(&self, point: &[f64], parameter: usize) -> f64 {
        let n = polynomial(self.numerator, point);
        let mut slope = derivative(self.numerator, point, parameter);
        let mut scale = 1.0;
        for (divisor, times) in self.denominator {
            let d = polynomial(divisor, point);
            slope -= n * f64::from(*times) * derivative(divisor, point, parameter) / d;
            scale = (0..*times).fold(scale, |scale, _| scale / d);
        }
        slope * scale
    }
}

fn polynomial(terms: Polynomial, point: &[f64]) -> f64 {
    let value = |(c, exponents): &(f64, &[u8])| {
        let powers = exponents.iter().zip(point);
        powers.fold(*c, |value, (power, x)| value * x.powi((*power).into()))
    };
    terms.iter().map(value).sum()
}

fn derivative(terms: Polynomial, point: &[f64], parameter: usize) -> f64 {
    let value = |(c, exponents): &(f64, &[u8])| {
        let Some(power @ 1..) = exponents.get(parameter).copied() else {
            return 0.0;
        };
        let powers = exponents.iter().zip(point).enumerate();
        powers.fold(c * f64::from(power), |value, (at, (power, x))| {
            let power = i32::from(*power) - i32::from(at == parameter);
            value * x.powi(power)
        })
    };
    terms.iter().map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVALS: [(Bound<f64>, Bound<f64>); 6] = [
        (Bound::Excluded(0.0), Bound::Included(1.0)),
        (Bound::Included(0.0), Bound::Excluded(1.0)),
        (Bound::Excluded(-1e3), Bound::Excluded(0.75)),
        (Bound::Excluded(0.0), Bound::Unbounded),
        (Bound::Unbounded, Bound::Included(1.0)),
        (Bound::Unbounded, Bound::Unbounded),
    ];

    #[test]
    fn any_number_is_mapped_into_the_interval() {
        for (low, high) in INTERVALS {
            let p = Parameter::new("p", 0.7, low, high);
            assert_eq!(p.of_unbounded(0.0).0.to_bits(), 0.7_f64.to_bits());
            let mut before = f64::NEG_INFINITY;
            for t in [
                -1e300, -800.0, -40.0, -2.0, -1e-3, 0.0, 1e-3, 2.0, 40.0, 800.0, 1e300,
            ] {
                let (value, slope) = p.of_unbounded(t);
                assert!(p.contains(value), "{t}: {value} not in {}", p.interval());
                assert!(value >= before && slope >= 0.0);
                before = value;
            }
            assert!(p.of_unbounded(f64::NAN).0.is_nan());
        }
    }

    #[test]
    fn slopes_are_those_of_differences() {
        for (low, high) in INTERVALS {
            let p = Parameter::new("p", 0.3, low, high);
            for t in [-3.0, -0.5, 0.0, 0.1, 2.0] {
                let differences = p.of_unbounded(t + 1e-6).0 - p.of_unbounded(t - 1e-6).0;
                let slope = p.of_unbounded(t).1;
                assert!((differences / 2e-6 - slope).abs() < 1e-7 * (1.0 + slope));
            }
        }
    }

    #[test]
    fn entries_and_their_derivatives() {
        // (3x²y − y)/((x − 2)·(y + x)²)
        let entry = Entry::new(
            2,
            1,
            &[(3.0, &[2, 1]), (-1.0, &[0, 1])],
            &[
                (&[(1.0, &[1]), (-2.0, &[])], 1),
                (&[(1.0, &[0, 1]), (1.0, &[1])], 2),
            ],
        );
        let f = |x: f64, y: f64| (3.0 * x * x * y - y) / ((x - 2.0) * (y + x) * (y + x));
        for (x, y) in [(0.5, 0.25), (-1.0, 3.0), (0.0, 1.0)] {
            assert!((entry.value(&[x, y]) - f(x, y)).abs() < 1e-14);
            let h = 1e-6;
            let slopes = [f(x + h, y) - f(x - h, y), f(x, y + h) - f(x, y - h)];
            for (parameter, difference) in slopes.into_iter().enumerate() {
                let slope = entry.derivative(&[x, y], parameter);
                assert!((difference / (2.0 * h) - slope).abs() < 1e-7 * (1.0 + slope.abs()));
            }
        }
    }
}
