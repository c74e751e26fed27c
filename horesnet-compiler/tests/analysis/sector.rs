//! A(α)-stability and the stability of embedded rows and of stages.

use horesnet_compiler::analysis::{Stability, Unknown};

use super::implicit::{
    BACKWARD_EULER, GAUSS_2, LOBATTO_IIIC_3, MIDPOINT, RADAU_IIA_3, SDIRK_2, TRAPEZOID,
};
use super::{analysed, assert_near, bundled};

/// `R = (1 + (1−2γ)z)/(1 − γz)²`, A-stable from γ = 1 − √2/2 on.
fn sdirk_2(gamma: &str, rounded: &str) -> String {
    format!("{rounded}let g = {gamma}\ng | g 0\n1 | 1-g g\n---\norder 1 | 1-g g\n")
}

/// `R = (1 + (1−3γ)z + (1/2−3γ+3γ²)z²)/(1 − γz)³`, of order 2: L-stable for 0.18042531 ≤ γ ≤ 2.18560010
/// (Hairer, Wanner 1996, Table IV.6.4).
fn sdirk_3(gamma: &str) -> String {
    format!(
        "let g = {gamma}
let b = (1/2 - g - (1-g)*g)/(3/5 - g)
g   | g       0 0
3/5 | 3/5-g   g 0
1   | 1-g-b   b g
---
order 2 | 1-g-b b g
"
    )
}

/// The largest |R| at an angle from the negative real axis, in degrees.
fn largest(stability: &Stability, angle: f64) -> f64 {
    let (sin, cos) = angle.to_radians().sin_cos();
    let points = (0..40_000).map(|k| 10_f64.powf(-4.0 + f64::from(k) * 2e-4));
    let sizes = points.map(|t| {
        let (re, im) = stability.at(-t * cos, t * sin);
        re.hypot(im)
    });
    sizes.fold(0.0, f64::max)
}

#[test]
fn angles_are_those_beyond_which_a_ray_is_unstable() {
    for gamma in ["0.2", "0.22", "0.25", "0.29", "0.2928"] {
        let linear = analysed(&sdirk_2(gamma, "")).1.linear;
        let (stability, angle) = (linear.function.unwrap(), linear.sector_angle.unwrap());
        assert!((1.0..90.0).contains(&angle), "{angle}");
        assert_eq!(linear.a_stable, Ok(false));
        assert!(
            largest(&stability, angle - 1e-3) <= 1.0 + 1e-12,
            "{gamma} {angle}"
        );
        assert!(
            largest(&stability, angle + 1e-3) > 1.0 + 1e-9,
            "{gamma} {angle}"
        );
        // The same from thirty digits.
        let rounded = analysed(&sdirk_2(gamma, "rounded 1e-30\n")).1.linear;
        assert_eq!(rounded.sector_angle, Ok(angle), "{gamma}");
    }
}

#[test]
fn angles_are_right_in_the_limits() {
    let angle = |text: &str| analysed(text).1.linear.sector_angle;
    assert_eq!(angle(&sdirk_3("0.180426")), Ok(90.0));
    // Unstable by less than the digits of an angle show.
    assert_eq!(angle(&sdirk_3("0.180425")), Ok(89.999_999_99));
    assert_eq!(angle(&sdirk_3("2.185600")), Ok(90.0));
    assert!(angle(&sdirk_3("2.185601")).unwrap() < 90.0);
    assert!(angle(&sdirk_3("0.1")).unwrap() < 90.0);
    for text in [BACKWARD_EULER, TRAPEZOID, GAUSS_2, RADAU_IIA_3] {
        assert_eq!(angle(text), Ok(90.0));
    }
    // The θ-method below 1/2 has a real interval; an explicit scheme is not asked.
    assert_eq!(
        angle("0 | 0 0\n1 | 3/5 2/5\n---\norder 1 | 3/5 2/5\n"),
        Ok(0.0)
    );
    assert_eq!(bundled("rk4").linear.sector_angle, Err(Unknown::Explicit));
    // Four digits leave the boundary open.
    assert_eq!(
        angle(&sdirk_2("0.25", "rounded 1e-4\n")),
        Err(Unknown::Boundary)
    );
}

/// R of Bogacki and Shampine's second row, by hand from its coefficients.
#[test]
fn embedded_rows_have_stability_functions() {
    let embedded = bundled("bogacki_shampine3").embedded;
    let [row] = embedded.as_slice() else {
        panic!("one embedded row")
    };
    let function = row.function.clone().unwrap();
    let printed: Vec<_> = function.numerator.iter().map(ToString::to_string).collect();
    assert_eq!(printed, ["1", "1", "1/2", "3/16", "1/48"]);
    let end = row.real_interval.unwrap();
    assert!(function.at(-end * 0.999, 0.0).0.abs() < 1.0);
    assert!(function.at(-end * 1.001, 0.0).0.abs() > 1.0);
    let pair = "0 | 0 0\n1 | 1/2 1/2\n---\norder 2 | 1/2 1/2\norder 1 | 0 1\n";
    let embedded = analysed(pair).1.embedded;
    assert_eq!(embedded[0].a_stable, Ok(false));
    let pair = "1 | 1 0\n1 | 0 1\n---\norder 1 | 1 0\norder 1 | 1/2 1/2\n";
    let embedded = analysed(pair).1.embedded;
    assert_eq!(
        (embedded[0].a_stable, embedded[0].l_stable),
        (Ok(true), Ok(true))
    );
}

#[test]
fn stages_are_stable_as_far_as_their_functions() {
    // 1 + z/2, 1 + z/2 + z²/4 and 1 + z + z²/2 + z³/4: the last two leave at −2.
    let rk4 = bundled("rk4").internal;
    assert_eq!(rk4.real_interval, Ok(2.0));
    assert_eq!(rk4.limit, Err(Unknown::Explicit));
    for (text, limit) in [
        (BACKWARD_EULER, 0.0),
        // 1/(1 − z/2); 1 and (1 + z/2)/(1 − z/2).
        (MIDPOINT, 0.0),
        (TRAPEZOID, 1.0),
        // An invertible matrix with R_i = e_iᵀ(I − zA)⁻¹e.
        (GAUSS_2, 0.0),
        (LOBATTO_IIIC_3, 0.0),
        (super::rounded::NORSETT_3, 0.0),
    ] {
        assert_eq!(analysed(text).1.internal.limit, Ok(limit), "{text}");
    }
    let esdirk = "0 | 0 0 0\n1/2 | 1/4 1/4 0\n1 | 1/8 5/8 1/4\n---\n| 1/8 5/8 1/4\n";
    // R_2 = (1 + z/4)/(1 − z/4), R_3(∞) = −4·(1/8 − 5/8) − 1 − … by hand: −(1/8 + 5/8·(−1))/(1/4) = 2.
    assert_near(analysed(esdirk).1.internal.limit.unwrap(), 2.0, 1e-15);
}

/// Hairer, Wanner 1996, Table IV.12.1 (Gauss, Radau IIA, Lobatto IIIC are, Lobatto IIIA is not); SDIRK schemes of
/// order 3 and 4: Burrage, Butcher 1979.
#[test]
fn algebraic_stability_is_that_of_the_literature() {
    let algebraic = |text: &str| analysed(text).1.algebraically_stable;
    for text in [
        BACKWARD_EULER,
        MIDPOINT,
        GAUSS_2,
        super::implicit::GAUSS_3,
        RADAU_IIA_3,
        LOBATTO_IIIC_3,
    ] {
        assert_eq!(algebraic(text), Ok(true), "{text}");
    }
    for text in [
        TRAPEZOID,
        SDIRK_2,
        "1 | 1 0\n2 | 0 2\n---\norder 1 | 2 -1\n",
    ] {
        assert_eq!(algebraic(text), Ok(false), "{text}");
    }
    let third = |sign: &str| {
        format!("let g = (3{sign}sqrt(3))/6\ng | g 0\n1-g | 1-2*g g\n---\norder 3 | 1/2 1/2\n")
    };
    assert_eq!(algebraic(&third("+")), Ok(true));
    assert_eq!(algebraic(&third("-")), Ok(false));
    assert_eq!(
        algebraic("rounded 1e-9\n1 | 1\n---\norder 1 | 1\n"),
        Ok(true)
    );
    assert_eq!(
        algebraic("rounded 1e-9\n0.5 | 0.5\n---\norder 2 | 1\n"),
        Err(Unknown::Boundary)
    );
    assert_eq!(
        algebraic("rounded 1e-9\n0 | 0 0\n1 | 0.5 0.5\n---\norder 2 | 0.5 0.5\n"),
        Ok(false)
    );
    assert_eq!(bundled("rk4").algebraically_stable, Err(Unknown::Explicit));
}
