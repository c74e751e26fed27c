//! Laws that hold for every tableau.

use horesnet_compiler::analysis::{Stability, interval, monotonicity};
use horesnet_compiler::number::Number;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{library, parse};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::{analysed, assert_near};

/// The stability polynomial of a scheme of order p agrees with exp(z) to degree p, and no further if p is all that
/// the tall trees allow.
#[test]
fn stability_polynomials_agree_with_the_exponential() {
    for bundled in library::all() {
        let (tableau, analysis) = analysed(bundled.text);
        let stability = analysis.linear.function.clone().expect(bundled.name);
        let mut term = Number::from(1);
        for k in 0..=analysis.order {
            if k > 0 {
                term = &term * &Number::ratio(1, k as i64).unwrap();
            }
            assert_eq!(stability.numerator[k], term, "{}, degree {k}", bundled.name);
        }
        // As written: exactly if the file is exact.
        let written = Stability::of(&tableau.matrix, &tableau.weights[0].values).unwrap();
        if tableau.rounded.is_none() {
            assert_eq!(written, stability, "{}", bundled.name);
        }
        assert!(
            analysis.linear.real_interval.expect(bundled.name) > 0.0,
            "{}",
            bundled.name
        );
        assert!(
            analysis.linear.imaginary_interval.is_ok(),
            "{}",
            bundled.name
        );
        assert!(
            analysis.principal_error().unwrap().norm > 0.0,
            "{}",
            bundled.name
        );
    }
}

/// Inside the first exit |R| is at most 1, and just outside it is more; on the imaginary axis by less, for some, than
/// floating point can show.
#[test]
fn exits_are_exits() {
    for bundled in library::all() {
        let (_, analysis) = analysed(bundled.text);
        let stability = analysis.linear.function.clone().expect(bundled.name);
        let modulus = |(x, y): (f64, f64)| x.hypot(y);
        let real = analysis.linear.real_interval.expect(bundled.name);
        let imaginary = analysis.linear.imaginary_interval.expect(bundled.name);
        for k in 0..=1000 {
            let t = f64::from(k) / 1000.0;
            assert!(
                modulus(stability.at(-t * real, 0.0)) <= 1.0 + 1e-9,
                "{}",
                bundled.name
            );
            assert!(
                modulus(stability.at(0.0, t * imaginary)) <= 1.0 + 1e-9,
                "{}",
                bundled.name
            );
        }
        assert!(
            modulus(stability.at(-real * 1.001, 0.0)) > 1.0,
            "{}",
            bundled.name
        );
        assert!(
            modulus(stability.at(0.0, imaginary * 1.001)) > 1.0 - 1e-12,
            "{}",
            bundled.name
        );
    }
}

/// A step of hA, hb is a step of another size: intervals and the SSP coefficient scale with 1/h.
#[test]
fn intervals_and_the_ssp_coefficient_scale() {
    let h = Number::ratio(3, 7).unwrap();
    for name in [
        "euler", "heun2", "ralston2", "ssprk3", "ssprk43", "ssprk104", "rk4", "gill4",
    ] {
        let tableau = analysed(library::find(name).unwrap().text).0;
        let (matrix, weights) = (&tableau.matrix, &tableau.weights[0].values);
        let (scaled, scaled_weights) = (matrix.map(|a| &a * &h), weights.map(|b| &b * &h));
        let ssp = monotonicity::ssp_coefficient(matrix, weights).unwrap();
        let scaled_ssp = monotonicity::ssp_coefficient(&scaled, &scaled_weights).unwrap();
        assert_near(scaled_ssp, ssp * 7.0 / 3.0, 1e-15);
        let before = Stability::of(matrix, weights).unwrap();
        let after = Stability::of(&scaled, &scaled_weights).unwrap();
        for interval in [interval::real, interval::imaginary] {
            let expected = interval(&before).unwrap() * 7.0 / 3.0;
            assert_near(interval(&after).unwrap(), expected, 1e-15);
        }
    }
}

/// The determinant by elimination.
fn determinant(mut m: DMatrix<Number>) -> Number {
    let (size, zero) = (m.nrows(), Number::from(0));
    let mut product = Number::from(1);
    for k in 0..size {
        let Some(pivot) = (k..size).find(|&i| m[(i, k)] != zero) else {
            return zero;
        };
        if pivot != k {
            m.swap_rows(pivot, k);
            product = -product;
        }
        product = &product * &m[(k, k)];
        for i in k + 1..size {
            let factor = m[(i, k)].checked_div(&m[(k, k)]).unwrap();
            for j in k..size {
                m[(i, j)] = &m[(i, j)] - &(&factor * &m[(k, j)]);
            }
        }
    }
    product
}

/// `det(I − zA + z·e·bᵀ)` and `det(I − zA)` (Hairer, Wanner 1996, Prop. IV.3.2).
fn determinants(matrix: &DMatrix<Number>, weights: &DVector<Number>, z: &Number) -> [Number; 2] {
    let entry = |i: usize, j: usize, with: bool| {
        let unit = Number::from(i64::from(i == j));
        let a = if with {
            &matrix[(i, j)] - &weights[j]
        } else {
            matrix[(i, j)].clone()
        };
        &unit - &(z * &a)
    };
    let size = matrix.nrows();
    [true, false].map(|with| determinant(DMatrix::from_fn(size, size, |i, j| entry(i, j, with))))
}

fn value(coefficients: &[Number], z: &Number) -> Number {
    let next = |sum: Number, c: &Number| &(&sum * z) + c;
    coefficients.iter().rev().fold(Number::from(0), next)
}

proptest! {
    /// From determinants and from the Neumann series the stability function is the same.
    #[test]
    fn stability_functions_are_quotients_of_determinants(
        stages in 1_usize..5,
        numbers in prop::collection::vec((-3_i64..=3, 1_i64..=4), 20),
        root in 0_i64..=2,
        at in (-9_i64..=9, 1_i64..=5),
    ) {
        let mut numbers = numbers.into_iter().cycle();
        let mut entry = |k: i64| {
            let (n, d) = numbers.next().unwrap();
            format!("{n}/{d}+{k}*sqrt(3)/{d}")
        };
        let rows: Vec<_> = (0..stages)
            .map(|_| format!("* | {}", (0..stages).map(|_| entry(root)).collect::<Vec<_>>().join(" ")))
            .collect();
        let weights: Vec<_> = (0..stages).map(|_| entry(0)).collect();
        let text = format!("{}\n---\n| {}\n", rows.join("\n"), weights.join(" "));
        let tableau = Tableau::new(&parse(&text).unwrap()).unwrap();
        let (matrix, weights) = (&tableau.matrix, &tableau.weights[0].values);
        let stability = Stability::of(matrix, weights).unwrap();
        let z = Number::ratio(at.0, at.1).unwrap();
        let [p, q] = determinants(matrix, weights, &z);
        // P/Q = p/q, crosswise.
        let (numerator, denominator) = (&stability.numerator, &stability.denominator);
        prop_assert_eq!(&value(numerator, &z) * &q, &value(denominator, &z) * &p);
        prop_assert_eq!(value(denominator, &Number::from(0)), Number::from(1));
    }
}
