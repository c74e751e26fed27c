//! Real roots of polynomials with rounded coefficients, and one root with many digits.
//!
//! Between two turning points a polynomial has one root at most, and the turning points are the roots of its derivative.
//! Exact polynomials are another matter: `sign_change.rs` finds one root, with certainty.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::Number;

/// Largest root: no one means so large a change of a coefficient.
const LARGEST: f64 = 1e6;

/// Halvings of the interval of a root.
const HALVINGS: usize = 120;

/// Largest value at a turning point, relative to the largest term or absolute, that counts as a double root.
const TOUCH: f64 = 1e-9;
const NOISE: f64 = 1e-12;

/// A real root of a polynomial or one of its derivatives: rounding moves a double root off the axis, but not the simple
/// root of the derivative near it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Root {
    pub(crate) value: f64,
    pub(crate) derivative: usize,
}

/// The real roots, multiple ones first.
pub(crate) fn real(p: &[f64]) -> Vec<Root> {
    if p.len() < 2 || p.iter().any(|c| !c.is_finite()) {
        return Vec::new();
    }
    let turning = real(&derivative(p));
    let mut bounds: Vec<_> = turning.iter().map(|root| root.value).collect();
    bounds.extend([-LARGEST, LARGEST]);
    bounds.sort_by(f64::total_cmp);
    let multiple = turning.iter().filter(|root| touches(p, root.value));
    let multiple = multiple.map(|root| Root {
        derivative: root.derivative + 1,
        ..*root
    });
    let simple = bounds.windows(2).filter_map(|ends| between(p, ends));
    let simple = simple.map(|value| Root {
        value,
        derivative: 0,
    });
    multiple.chain(simple).collect()
}

pub(crate) fn derivative(p: &[f64]) -> Vec<f64> {
    let rest = p.iter().skip(1).zip(1..);
    rest.map(|(c, k)| c * f64::from(k)).collect()
}

/// Steps to find the roots of a polynomial with that many coefficients.
pub(crate) fn steps(coefficients: usize) -> f64 {
    HALVINGS as f64 * (coefficients as f64).powi(3)
}

pub(crate) fn value(p: &[f64], y: f64) -> f64 {
    p.iter().rfold(0.0, |sum, c| sum * y + c)
}

fn touches(p: &[f64], y: f64) -> bool {
    let terms = p.iter().zip(0..).map(|(c, k)| (c * y.powi(k)).abs());
    value(p, y).abs() <= NOISE + TOUCH * terms.fold(0.0, f64::max)
}

/// The root in an interval at whose ends the signs differ, by bisection.
fn between(p: &[f64], ends: &[f64]) -> Option<f64> {
    let &[mut a, mut b] = ends else { return None };
    let is_positive = |y: f64| value(p, y).is_sign_positive();
    let below = is_positive(a);
    if below == is_positive(b) {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(a, b);
        if is_positive(middle) == below {
            a = middle;
        } else {
            b = middle;
        }
    }
    Some(f64::midpoint(a, b))
}

/// A root with that many bits after the point, by Newton's method.
pub(crate) fn refined(p: &[Number], root: Root, bits: u64) -> Option<Number> {
    const ROUNDS: usize = 16;
    let mut fixed: Vec<_> = p.iter().map(|c| c.fixed(bits).0).collect();
    for _ in 0..root.derivative {
        let rest = fixed.iter().skip(1).zip(1_u32..);
        fixed = rest.map(|(c, k)| c * k).collect();
    }
    let mut y = Number::from_f64(root.value)?.fixed(bits).0;
    for _ in 0..ROUNDS {
        let (mut value, mut slope) = (BigInt::zero(), BigInt::zero());
        for c in fixed.iter().rev() {
            slope = ((slope * &y) >> bits) + &value;
            value = ((value * &y) >> bits) + c;
        }
        let Some(step) = (value << bits).checked_div(&slope) else {
            break;
        };
        y -= &step;
        if step.is_zero() {
            break;
        }
    }
    Number::ratio(y, BigInt::one() << bits)
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
