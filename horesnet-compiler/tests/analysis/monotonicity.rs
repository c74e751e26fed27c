//! SSP coefficients.

use super::implicit::{BACKWARD_EULER, GAUSS_2, MIDPOINT, SDIRK_2, TRAPEZOID};
use super::{analysed, assert_near, bundled};

/// Gottlieb, Ketcheson, Shu 2011; NodePy's `absolute_monotonicity_radius()` agrees to ten digits on FE, MTE22, Mid22,
/// SSP33, SSP43, SSP104, RK44 and DP5.
#[test]
fn explicit_schemes_have_the_coefficients_of_the_literature() {
    for (name, coefficient) in [
        ("euler", 1.0),
        ("heun2", 1.0),
        ("ralston2", 0.5),
        ("midpoint", 0.0),
        ("ssprk3", 1.0),
        ("ssprk43", 2.0),
        ("ssprk104", 6.0),
        ("kutta3", 0.0),
        ("rk4", 0.0),
        ("dopri5", 0.0),
    ] {
        assert_eq!(bundled(name).ssp_coefficient, Ok(coefficient), "{name}");
    }
    // NodePy, SSP53: the coefficients are rounded.
    assert_near(
        bundled("ssprk53").ssp_coefficient.unwrap(),
        2.650_629_19,
        1e-7,
    );
}

/// Ketcheson, Macdonald, Gottlieb 2009: implicit schemes of order 2 reach 2s.
#[test]
fn implicit_schemes_have_the_coefficients_of_the_literature() {
    let of = |text: &str| analysed(text).1.ssp_coefficient;
    assert_eq!(of(BACKWARD_EULER), Ok(f64::INFINITY));
    assert_eq!(of(MIDPOINT), Ok(2.0));
    assert_eq!(of(TRAPEZOID), Ok(2.0));
    assert_eq!(
        of("1/4 | 1/4 0\n3/4 | 1/2 1/4\n---\norder 2 | 1/2 1/2\n"),
        Ok(4.0)
    );
    let sixth = "1/6 | 1/6 0 0\n1/2 | 1/3 1/6 0\n5/6 | 1/3 1/3 1/6\n---\norder 2 | 1/3 1/3 1/3\n";
    assert_eq!(of(sixth), Ok(6.0));
    // A negative entry.
    assert_eq!(of(GAUSS_2), Ok(0.0));
    assert!(of(SDIRK_2).unwrap() > 0.0);
}

/// Stages without weight do not count.
#[test]
fn unused_stages_change_nothing() {
    let more = "0 |\n1 | 1\n1 | -1 2\n---\norder 2 | 1/2 1/2 0\n";
    assert_eq!(analysed(more).1.ssp_coefficient, Ok(1.0));
}

/// Heun's method with its first stage written twice: the theory is one of irreducible schemes.
#[test]
fn equivalent_stages_count_once() {
    let twice = "0 |\n0 | 0\n1 | 2 -1\n---\norder 2 | 1/4 1/4 1/2\n";
    assert_eq!(analysed(twice).1.ssp_coefficient, Ok(1.0));
}
