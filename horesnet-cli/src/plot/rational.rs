//! The stability function `R = P/Q` in floating point, and the sets of the plane that it defines.

/// A set of points `z = hλ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// `|R(z)| ≤ 1`.
    Stability,
    /// `|R(z)·exp(−z)| > 1` (Wanner, Hairer, Nørsett 1978).
    OrderStar,
}

/// `R = P/Q`.
pub(crate) struct Rational {
    /// The coefficients of `P` by ascending degree.
    numerator: Vec<f64>,
    /// The coefficients of `Q`.
    denominator: Vec<f64>,
    /// The coefficients of `P − Q·exp`, zero up to the order.
    defect: Vec<f64>,
}

/// Where `P − Q·exp` is summed, `|R·exp(−z)| − 1` being lost to rounding.
const NEAR: f64 = 2.0;
/// Terms of the exponential function beyond the degrees of `P` and `Q`; at [`NEAR`], the next is below 10⁻³⁵.
const TERMS: usize = 40;
/// Coefficients of `P − Q·exp` that cancel to this part are zero: those of conditions that hold up to rounding.
const CANCELLED: f64 = 1e-9;

impl Rational {
    pub(crate) fn new(numerator: Vec<f64>, denominator: Vec<f64>) -> Self {
        let coefficient = |of: &[f64], k: usize| of.get(k).copied().unwrap_or(0.0);
        let mut exp = vec![1.0];
        let degree = numerator.len().max(denominator.len());
        let defect = (0..degree + TERMS).map(|k| {
            let product = denominator.iter().zip(exp.iter().rev());
            let terms = product.map(|(q, e)| -q * e);
            let terms = terms.chain([coefficient(&numerator, k)]);
            let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), term: f64| {
                (sum + term, size + term.abs())
            });
            exp.push(exp.last().unwrap_or(&0.0) / (k + 1) as f64);
            if sum.abs() <= CANCELLED * size {
                0.0
            } else {
                sum
            }
        });
        Self {
            defect: defect.collect(),
            numerator,
            denominator,
        }
    }

    /// A function of the plane that is at most zero in the set, and finite or infinite but never undefined there.
    pub(crate) fn level(&self, set: Set, z: (f64, f64)) -> f64 {
        match set {
            Set::Stability => self.growth(z),
            Set::OrderStar => self.star(z),
        }
    }

    /// `|P| − |Q|`, or the difference of their logarithms where those are too large.
    fn growth(&self, z: (f64, f64)) -> f64 {
        let growth = modulus(horner(&self.numerator, z)) - modulus(horner(&self.denominator, z));
        if growth.is_finite() {
            return growth;
        }
        logarithm(&self.numerator, z) - logarithm(&self.denominator, z)
    }

    /// `1 − |R·exp(−z)|` or a function of the same sign.
    fn star(&self, z: (f64, f64)) -> f64 {
        let (re, im) = z;
        if modulus(z) > NEAR {
            return logarithm(&self.denominator, z) + re - logarithm(&self.numerator, z);
        }
        // With E = P − Q·exp: |R·exp(−z)|² − 1 = 2·Re(w) + |w|² for w = E·exp(−z)/Q; times |Q|².
        let (x, y) = horner(&self.defect, z);
        let (q, r) = horner(&self.denominator, z);
        let shrink = (-re).exp();
        let (cos, sin) = (im.cos() * shrink, -im.sin() * shrink);
        let (x, y) = (x * cos - y * sin, x * sin + y * cos);
        -(2.0 * (x * q + y * r) + (x * x + y * y))
    }

    /// Returns true if `Q` is a constant.
    pub(crate) fn is_polynomial(&self) -> bool {
        self.denominator.len() == 1
    }

    /// Distance of the features from the origin, to a power of two: in these units no coefficient is above 1.
    pub(crate) fn scale(&self) -> f64 {
        let polynomials = [&self.numerator, &self.denominator];
        let powers = polynomials.into_iter().flat_map(|polynomial| {
            let terms = polynomial.iter().zip(0_u32..).skip(1);
            terms.map(|(c, degree)| c.abs().log2() / f64::from(degree))
        });
        let power = powers.fold(f64::NEG_INFINITY, f64::max);
        if power.is_finite() {
            // Squares of lengths are computed, and must stay finite.
            (-power).round().clamp(-400.0, 400.0).exp2()
        } else {
            1.0
        }
    }

    /// Returns true if no picture shows a difference.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let scale = self.scale();
        let alike = |ours: &[f64], theirs: &[f64]| {
            let at = |of: &[f64], k: usize| of.get(k).map_or(0.0, |c| c * scale.powi(k as i32));
            (0..ours.len().max(theirs.len())).all(|k| (at(ours, k) - at(theirs, k)).abs() <= 1e-9)
        };
        alike(&self.numerator, &other.numerator) && alike(&self.denominator, &other.denominator)
    }
}

/// The value of a polynomial.
fn horner(polynomial: &[f64], (re, im): (f64, f64)) -> (f64, f64) {
    let next = |(x, y): (f64, f64), c: &f64| (x * re - y * im + c, x * im + y * re);
    polynomial.iter().rev().fold((0.0, 0.0), next)
}

/// The logarithm of the modulus of a polynomial at `|z| > 1`, finite however large `z` is, but for zeros.
fn logarithm(polynomial: &[f64], z: (f64, f64)) -> f64 {
    let value = modulus(horner(polynomial, z));
    if value.is_finite() {
        return value.ln();
    }
    // The polynomial over its highest power of z is one in 1/z.
    let size = modulus(z);
    let inverse = (z.0 / size / size, -z.1 / size / size);
    let leading = polynomial.iter().rposition(|c| *c != 0.0).unwrap_or(0);
    let reversed: Vec<_> = polynomial.iter().take(leading + 1).rev().copied().collect();
    modulus(horner(&reversed, inverse)).ln() + leading as f64 * size.ln()
}

fn modulus((x, y): (f64, f64)) -> f64 {
    x.hypot(y)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// `1 + z + … + zⁿ/n!`.
    fn taylor(degree: u32) -> Rational {
        let factorial = |k: u32| (1..=k).map(f64::from).product::<f64>();
        let terms = (0..=degree).map(|k| 1.0 / factorial(k));
        Rational::new(terms.collect(), vec![1.0])
    }

    /// Sectors of the order star around the origin, as a circle of this radius meets them.
    fn sectors(function: &Rational, radius: f64) -> usize {
        let inside = |at: i32| {
            let angle = 2.0 * PI * (f64::from(at) + 0.5) / 5000.0;
            let z = (radius * angle.cos(), radius * angle.sin());
            function.level(Set::OrderStar, z) <= 0.0
        };
        let entries = (0..5000).filter(|&at| inside(at) && !inside(at - 1));
        entries.count()
    }

    #[test]
    fn an_order_star_has_a_sector_more_than_the_order() {
        // Hairer and Wanner 1996, §IV.4, lemma 4.3; however near, and whatever the order.
        for order in [1, 2, 4, 8, 14] {
            for radius in [1e-6, 1e-2, 0.5] {
                let found = sectors(&taylor(order), radius);
                assert_eq!(found, order as usize + 1, "{order} {radius}");
            }
        }
        // Radau IIA of order 3, and Gauss of order 4.
        let radau = Rational::new(vec![1.0, 1.0 / 3.0], vec![1.0, -2.0 / 3.0, 1.0 / 6.0]);
        let gauss = Rational::new(vec![1.0, 0.5, 1.0 / 12.0], vec![1.0, -0.5, 1.0 / 12.0]);
        assert_eq!((sectors(&radau, 1e-3), sectors(&gauss, 1e-3)), (4, 5));
    }

    #[test]
    fn the_two_ways_to_compute_an_order_star_agree_where_they_meet() {
        for degree in [1, 4, 9] {
            for angle in 0..200 {
                let (sin, cos) = (f64::from(angle) * PI / 100.0).sin_cos();
                let [near, far] = [2.0, 2.0 + 1e-12]
                    .map(|r| taylor(degree).level(Set::OrderStar, (r * cos, r * sin)));
                assert!(near.signum() == far.signum() || far.abs() < 1e-9);
            }
        }
    }

    #[test]
    fn poles_are_in_the_order_star_and_zeros_are_not() {
        let trapezoidal = Rational::new(vec![1.0, 0.5], vec![1.0, -0.5]);
        let far = Rational::new(vec![1.0, 0.125], vec![1.0, -0.125]);
        for (function, at) in [(trapezoidal, 2.0), (far, 8.0)] {
            assert!(function.level(Set::OrderStar, (at, 0.0)) < 0.0);
            assert!(function.level(Set::OrderStar, (-at, 0.0)) > 0.0);
        }
    }

    #[test]
    fn sets_are_decided_however_far_from_the_origin() {
        let huge = (-1e200, 1e200);
        // A denominator of higher degree, one of the same and slightly smaller, none.
        let damped = Rational::new(vec![1.0], vec![1.0, -1.0, 1.0]);
        let growing = Rational::new(vec![1.0, 0.5, 0.26], vec![1.0, -0.5, 0.25]);
        assert!(damped.level(Set::Stability, huge) < 0.0);
        assert!(growing.level(Set::Stability, huge) > 0.0);
        assert!(taylor(4).level(Set::Stability, huge) > 0.0);
        for function in [damped, growing, taylor(4)] {
            assert!(function.level(Set::OrderStar, huge) < 0.0);
            assert!(function.level(Set::OrderStar, (1e200, 0.0)) > 0.0);
        }
    }
}
