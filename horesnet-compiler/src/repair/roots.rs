//! Real roots of polynomials with rounded coefficients: all that are near, and one of them with many digits.
//!
//! Between two turning points a polynomial has one root at most, and the turning points are the roots of its derivative.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::number::Number;

/// Larger changes of a number are none that anyone would mean.
const LARGEST: f64 = 1e6;

/// Halvings of the interval of a root.
const HALVINGS: usize = 120;

/// What a value at a turning point may be, of its largest term or of a condition, to pass for a double root.
const TOUCH: f64 = 1e-9;
const NOISE: f64 = 1e-12;

/// A real root, and of which derivative: a double root of rounded coefficients is at best near one, but a simple one
/// of the derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Root {
    pub(super) value: f64,
    pub(super) derivative: usize,
}

/// The real roots, multiple ones first.
pub(super) fn real(p: &[f64]) -> Vec<Root> {
    if p.len() < 2 || p.iter().any(|c| !c.is_finite()) {
        return Vec::new();
    }
    let turning = real(&derivative(p));
    let mut bounds: Vec<_> = turning.iter().map(|root| root.value).collect();
    bounds.extend([-LARGEST, LARGEST]);
    bounds.sort_by(f64::total_cmp);
    let multiple = turning.iter().filter(|root| touches(p, root.value));
    let mut roots: Vec<_> = multiple
        .map(|root| Root {
            derivative: root.derivative + 1,
            ..*root
        })
        .collect();
    let pairs = bounds.iter().zip(bounds.iter().skip(1));
    let simple = pairs.filter_map(|(&a, &b)| between(p, a, b));
    roots.extend(simple.map(|value| Root {
        value,
        derivative: 0,
    }));
    roots
}

pub(super) fn derivative(p: &[f64]) -> Vec<f64> {
    let rest = p.iter().skip(1).zip(1..);
    rest.map(|(c, k)| c * f64::from(k)).collect()
}

/// Steps to find the roots of a polynomial of so many coefficients.
pub(super) fn steps(coefficients: usize) -> f64 {
    HALVINGS as f64 * (coefficients as f64).powi(3)
}

pub(super) fn value(p: &[f64], y: f64) -> f64 {
    p.iter().rfold(0.0, |sum, c| sum * y + c)
}

fn touches(p: &[f64], y: f64) -> bool {
    let terms = p.iter().zip(0..).map(|(c, k)| (c * y.powi(k)).abs());
    value(p, y).abs() <= NOISE + TOUCH * terms.fold(0.0, f64::max)
}

/// The root in an interval at whose ends the signs differ.
fn between(p: &[f64], mut a: f64, mut b: f64) -> Option<f64> {
    let sign = value(p, a).signum();
    if (sign - value(p, b).signum()).abs() < 1.0 {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(a, b);
        if (value(p, middle).signum() - sign).abs() < 1.0 {
            a = middle;
        } else {
            b = middle;
        }
    }
    Some(f64::midpoint(a, b))
}

/// A root with so many bits after the point, by Newton's method.
pub(super) fn refined(p: &[Number], root: Root, bits: u64) -> Option<Number> {
    const ROUNDS: usize = 16;
    let mut fixed: Vec<_> = p.iter().map(|c| c.fixed(bits).0).collect();
    for _ in 0..root.derivative {
        let rest = fixed.iter().skip(1).zip(1_u32..);
        fixed = rest.map(|(c, k)| c * k).collect();
    }
    let mut y = number(root.value)?.fixed(bits).0;
    for _ in 0..ROUNDS {
        let (mut value, mut slope) = (BigInt::zero(), BigInt::zero());
        for c in fixed.iter().rev() {
            slope = ((slope * &y) >> bits) + &value;
            value = ((value * &y) >> bits) + c;
        }
        if slope.is_zero() {
            break;
        }
        let step = (value << bits) / slope;
        y -= &step;
        if step.is_zero() {
            break;
        }
    }
    Number::ratio(y, BigInt::one() << bits)
}

/// A floating-point number, exactly.
pub(super) fn number(value: f64) -> Option<Number> {
    value
        .is_finite()
        .then(|| format!("{value:e}").parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(p: &[f64]) -> Vec<f64> {
        real(p).iter().map(|root| root.value).collect()
    }

    #[test]
    fn real_roots_are_found() {
        // (y − 1)(y + 2)(y − 3)
        let roots = values(&[6.0, -5.0, -2.0, 1.0]);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        let pairs = roots.iter().zip([-2.0, 1.0, 3.0]);
        assert!(roots.len() == 3 && { pairs }.all(|(&a, b)| near(a, b)));
        // (y − 1)², but for a rounding; 1 + y²; a constant.
        let double = real(&[1.0 + f64::EPSILON, -2.0, 1.0]);
        assert!(near(double[0].value, 1.0) && double[0].derivative == 1);
        assert!(real(&[1.0, 0.0, 1.0]).is_empty() && real(&[2.0]).is_empty());
        // A leading coefficient that is only noise.
        assert!(near(values(&[-0.5, 1.0, 1e-18])[0], 0.5));
    }

    #[test]
    fn roots_are_refined() {
        let square = |root: Root, p: [i64; 3]| {
            let root = refined(&p.map(Number::from), root, 300).unwrap();
            &root * &root
        };
        let simple = Root {
            value: 1.4,
            derivative: 0,
        };
        let rest = &square(simple, [-2, 0, 1]) - &Number::from(2);
        assert!(rest.to_f64().abs() < 1e-85);
        // (3y − 1)², and a little less than that.
        let double = Root {
            value: 0.3,
            derivative: 1,
        };
        let rest = &square(double, [2, -6, 9]) - &Number::ratio(1, 9).unwrap();
        assert!(rest.to_f64().abs() < 1e-85);
    }
}
