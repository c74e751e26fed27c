//! A- and L-stability of the schemes of Hairer, Wanner 1996, §§IV.3, IV.5 and IV.6.

use super::analysed;
use horesnet_compiler::analysis::Unknown;
use horesnet_compiler::analysis::implicit::at_infinity;

pub(crate) const BACKWARD_EULER: &str = "1 | 1\n---\norder 1 | 1\n";
pub(crate) const MIDPOINT: &str = "1/2 | 1/2\n---\norder 2 | 1\n";
pub(crate) const TRAPEZOID: &str = "0 | 0 0\n1 | 1/2 1/2\n---\norder 2 | 1/2 1/2\n";
pub(crate) const GAUSS_2: &str =
    "let r = sqrt(3)/6\n1/2-r | 1/4 1/4-r\n1/2+r | 1/4+r 1/4\n---\norder 4 | 1/2 1/2\n";
pub(crate) const GAUSS_3: &str = "let r = sqrt(15)
1/2-r/10 | 5/36      2/9-r/15 5/36-r/30
1/2      | 5/36+r/24 2/9      5/36-r/24
1/2+r/10 | 5/36+r/30 2/9+r/15 5/36
---
order 6 | 5/18 4/9 5/18
";
pub(crate) const RADAU_IIA_2: &str = "1/3 | 5/12 -1/12\n1 | 3/4 1/4\n---\norder 3 | 3/4 1/4\n";
pub(crate) const RADAU_IIA_3: &str = "let r = sqrt(6)
(4-r)/10 | (88-7*r)/360      (296-169*r)/1800 (-2+3*r)/225
(4+r)/10 | (296+169*r)/1800  (88+7*r)/360     (-2-3*r)/225
1        | (16-r)/36         (16+r)/36        1/9
---
order 5  | (16-r)/36         (16+r)/36        1/9
";
pub(crate) const LOBATTO_IIIC_3: &str =
    "0 | 1/6 -1/3 1/6\n1/2 | 1/6 5/12 -1/12\n1 | 1/6 2/3 1/6\n---\norder 4 | 1/6 2/3 1/6\n";
pub(crate) const SDIRK_2: &str =
    "let g = (2-sqrt(2))/2\ng | g 0\n1 | 1-g g\n---\norder 2 | 1-g g\n";

/// Padé approximants of exp (Hairer, Wanner 1996, §IV.3), and (1 + (1−2γ)z)/(1 − γz)² for the SDIRK scheme (§IV.6).
#[test]
fn stability_functions_are_in_lowest_terms() {
    for (text, numerator, denominator) in [
        (BACKWARD_EULER, "1", "1 -1"),
        (MIDPOINT, "1 1/2", "1 -1/2"),
        (TRAPEZOID, "1 1/2", "1 -1/2"),
        (GAUSS_2, "1 1/2 1/12", "1 -1/2 1/12"),
        (GAUSS_3, "1 1/2 1/10 1/120", "1 -1/2 1/10 -1/120"),
        (RADAU_IIA_2, "1 1/3", "1 -2/3 1/6"),
        (RADAU_IIA_3, "1 2/5 1/20", "1 -3/5 3/20 -1/60"),
        (LOBATTO_IIIC_3, "1 1/4", "1 -3/4 1/4 -1/24"),
        (
            SDIRK_2,
            "1 (-1 + sqrt(2))",
            "1 (-2 + sqrt(2)) (3 - 2*sqrt(2))/2",
        ),
    ] {
        let stability = analysed(text).1.linear.function.unwrap();
        let print = |c: &[horesnet_compiler::number::Number]| {
            c.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(print(&stability.numerator), numerator);
        assert_eq!(print(&stability.denominator), denominator);
    }
}

#[test]
fn schemes_that_are_not_a_stable_are_told_from_those_that_are() {
    // The θ-method is A-stable from θ = 1/2 on, with R = (1 + (1−θ)z)/(1 − θz): real interval 2/(1 − 2θ).
    let theta = |theta: &str| {
        analysed(&format!(
            "0 | 0 0\n1 | 1-{theta} {theta}\n---\norder 1 | 1-{theta} {theta}\n"
        ))
        .1
    };
    assert_eq!(theta("1/2").linear.a_stable, Ok(true));
    assert_eq!(theta("3/5").linear.a_stable, Ok(true));
    let weak = theta("2/5");
    assert_eq!(
        (weak.linear.a_stable, weak.linear.imaginary_interval),
        (Ok(false), Ok(0.0))
    );
    assert_eq!(weak.linear.real_interval, Ok(10.0));
    assert_eq!(
        at_infinity(&theta("3/5").linear.function.unwrap()),
        -2.0 / 3.0
    );
    // R = (1 − z)/(1 + z) has modulus 1 on the imaginary axis, and its pole in the left half-plane.
    let (_, wrong) = analysed("-1 | -1\n---\n| -2\n");
    assert_eq!(wrong.linear.imaginary_interval, Ok(f64::INFINITY));
    assert_eq!(wrong.linear.a_stable, Ok(false));
    assert_eq!(wrong.linear.real_interval, Ok(0.0));
    // An explicit scheme is not asked.
    assert_eq!(
        super::bundled("rk4").linear.a_stable,
        Err(Unknown::Explicit)
    );
}
