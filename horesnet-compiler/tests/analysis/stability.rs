//! Stability functions and the first exits from `|R| ≤ 1`.

use horesnet_compiler::analysis::Unknown;

use super::{analysed, assert_near, bundled};

/// NodePy: FE, Mid22, Heun33, RK44, DP5, CK5, SSP43, SSP104, BS3, BS5; it steps, and is right to some 12 digits.
#[test]
fn intervals_are_those_of_nodepy() {
    for (name, real, imaginary) in [
        ("euler", 2.0, 0.0),
        ("midpoint", 2.0, 0.0),
        ("heun3", 2.512_745_326_618_325_5, 1.732_050_807_568_877_6),
        ("rk4", 2.785_293_563_405_289, 2.828_427_124_746_19),
        ("dopri5", 3.306_567_892_634_948_4, 0.997_189_008_632_53),
        ("cash_karp5", 3.734_359_607_234_726, 0.0),
        ("ssprk43", 5.149_486_147_774_052, 2.156_179_640_167_654_7),
        ("ssprk104", 13.917_047_464_637_577, 4.921_453_070_732_012),
        (
            "bogacki_shampine3",
            2.512_745_326_618_325_5,
            1.732_050_807_568_877_6,
        ),
        (
            "bogacki_shampine5",
            3.987_927_198_726_135_5,
            1.664_316_888_220_717_8,
        ),
    ] {
        let analysis = bundled(name);
        assert_near(analysis.linear.real_interval.unwrap(), real, 1e-11);
        assert_near(
            analysis.linear.imaginary_interval.unwrap(),
            imaginary,
            1e-11,
        );
    }
}

/// Hairer, Wanner 1996, §IV.2: all schemes with s = p share R; the exits of p = 3 and 4 are √3 and 2√2.
#[test]
fn intervals_are_right_to_the_last_digit() {
    // sympy 1.14, N(real_roots(f, z)[0], 20): f = z**3 + 4*z**2 + 12*z + 24, where R = 1, gives −2.7852935634052816235;
    // f = z**3 + 3*z**2 + 6*z + 12, where R = −1, gives −2.5127453266183286240.
    assert_eq!(
        bundled("rk4").linear.real_interval,
        Ok(2.785_293_563_405_282)
    );
    assert_eq!(bundled("rk4").linear.imaginary_interval, Ok(8_f64.sqrt()));
    assert_eq!(
        bundled("kutta3").linear.real_interval,
        Ok(2.512_745_326_618_328_5)
    );
    assert_eq!(
        bundled("kutta3").linear.imaginary_interval,
        Ok(3_f64.sqrt())
    );
}

#[test]
fn the_polynomial_is_exact() {
    let printed = |name| {
        let stability = bundled(name).linear.function.unwrap();
        assert!(stability.is_polynomial());
        let printed = stability.numerator.iter().map(ToString::to_string);
        printed.collect::<Vec<_>>()
    };
    assert_eq!(printed("euler"), ["1", "1"]);
    // The roots of 2 in the tableau cancel.
    assert_eq!(printed("gill4"), ["1", "1", "1/2", "1/6", "1/24"]);
    // Hairer, Wanner 1996, §IV.2.
    let dopri5 = ["1", "1", "1/2", "1/6", "1/24", "1/120", "1/600"];
    assert_eq!(printed("dopri5"), dopri5);
}

/// Chebyshev polynomials touch ±1 all the way to the end: `T_s(1 + z/s²)` is stable on [−2s², 0]
/// (Hairer, Wanner 1996, §IV.2), and every touch is a double root.
#[test]
fn an_interval_ends_at_an_exit_and_not_at_a_touch() {
    // T_3(1 + z/9) = 1 + z + 4z²/27 + 4z³/729: each stage uses the one before.
    let text = "0 |\n1/27 | 1/27\n4/27 | 0 4/27\n---\norder 1 | 0 0 1\n";
    let (_, analysis) = analysed(text);
    let stability = analysis.linear.function.unwrap();
    let printed: Vec<_> = stability
        .numerator
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(printed, ["1", "1", "4/27", "4/729"]);
    assert_eq!(analysis.linear.real_interval, Ok(18.0));
}

#[test]
fn points_of_the_region_are_in_or_out() {
    let stability = bundled("rk4").linear.function.unwrap();
    let modulus = |re, im| {
        let (x, y) = stability.at(re, im);
        x.hypot(y)
    };
    assert_near(modulus(-1.0, 0.0), 0.375, 1e-15);
    assert!(modulus(-2.0, 1.0) < 1.0 && modulus(-2.9, 0.0) > 1.0 && modulus(0.5, 0.0) > 1.0);
}

/// Stability at the start of the imaginary axis may depend on the rounding of the coefficients.
#[test]
fn rounding_decides_nothing() {
    let scheme = |head: &str, node: &str| {
        format!(
            "{head}0 |\n5/16 | 5/16\n{node} | 0 {node}\n1/2 | 0 0 1/2\n---\norder 2 | 0 0 0 1\n"
        )
    };
    let exact = analysed(&scheme("", "4/11")).1;
    assert_near(exact.linear.imaginary_interval.unwrap(), 2.712_932, 1e-6);
    assert_eq!(exact.linear.dissipation_order, Ok(Some(5)));
    let rounded = analysed(&scheme("rounded 1e-15\n", "0.3636363636363636")).1;
    assert_eq!(rounded.linear.imaginary_interval, Err(Unknown::Boundary));
    assert_eq!(rounded.linear.dissipation_order, Err(Unknown::Boundary));
    assert!(rounded.linear.real_interval.is_ok());
}

/// `1.955176381158601049577…` with 40 digits of mpmath.
#[test]
fn imaginary_intervals_are_rounded_once() {
    let scheme = "0 |\n19/30 | 19/30\n1/2 | 0 1/2\n---\n| 0 0 1\n";
    assert_eq!(
        analysed(scheme).1.linear.imaginary_interval,
        Ok(1.955_176_381_158_601_2)
    );
}
