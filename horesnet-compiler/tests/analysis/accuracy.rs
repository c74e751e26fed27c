//! Principal errors, simplifying assumptions, phase and amplitude.

use horesnet_compiler::analysis::Assumptions;

use super::{analysed, assert_near, bundled};

/// NodePy's `principal_error_norm()`: RK44, SSP33, SSP43, SSP104, DP5, CK5, BS3, BS5; with 14 digits or so.
#[test]
fn principal_errors_are_those_of_nodepy() {
    for (name, norm) in [
        ("euler", 0.5),
        ("midpoint", 0.171_796_067_734_069_2),
        ("heun3", 0.046_296_296_296_296_294),
        ("ssprk3", 0.072_168_783_648_703_23),
        ("rk4", 0.014_504_582_343_198_208),
        ("ssprk43", 0.036_084_391_824_351_615),
        ("ssprk104", 0.002_211_223_747_053_563_5),
        ("bogacki_shampine3", 0.041_811_092_287_473_25),
        ("dopri5", 0.000_399_080_160_934_363_5),
        ("cash_karp5", 0.000_948_288_617_501_725_9),
        ("bogacki_shampine5", 2.216_932_778_474_122_8e-5),
    ] {
        assert_near(bundled(name).principal_error().unwrap().norm, norm, 1e-12);
    }
}

/// Of every row: for Fehlberg's pair NodePy's Fehlberg45 is the row of order 5.
#[test]
fn embedded_rows_have_errors_of_their_own() {
    let fehlberg = bundled("fehlberg45");
    assert_eq!(fehlberg.embedded_orders, [5]);
    let embedded = fehlberg.principal_errors[1].unwrap();
    assert_near(embedded.norm, 0.003_355_744_692_851_657_5, 1e-12);
}

/// NodePy's `m.error_coefficient(tree)` over `rooted_trees.list_trees(5)`, RK44: the largest are −1/120 and 1/120, that
/// of the tall tree among them.
#[test]
fn the_largest_residual_is_that_of_a_tree() {
    assert_near(
        bundled("rk4").principal_error().unwrap().max,
        1.0 / 120.0,
        1e-15,
    );
    // Euler: the tree [τ] alone, 1/2.
    assert_eq!(bundled("euler").principal_error().unwrap().max, 0.5);
}

#[test]
fn an_order_that_is_not_known_has_no_principal_error() {
    // Gauss's two stages, without a claim, searched no further than order 4.
    let text = "let r = sqrt(3)\n1/2-r/6 | 1/4 1/4-r/6\n1/2+r/6 | 1/4+r/6 1/4\n---\n| 1/2 1/2\n";
    let checked = horesnet_compiler::check(text, Some(4)).unwrap();
    let analysis = horesnet_compiler::analysis::Analysis::of(&checked.tableau, &checked.verdict);
    assert!(analysis.order_is_bound);
    assert!(analysis.principal_error().is_err());
}

/// Explicit schemes have stage order 1 (Hairer, Wanner 1996, §IV.15); Lobatto's and Kutta's quadratures exceed the
/// order of the scheme.
#[test]
fn simplifying_assumptions_hold_as_far_as_they_should() {
    let of = |name| bundled(name).assumptions.unwrap();
    let expected = |b, c, d| Assumptions { b, c, d };
    assert_eq!(of("rk4"), expected(4, Some(1), Some(1)));
    assert_eq!(of("kutta3"), expected(4, Some(1), Some(1)));
    // Order 5 with D(1), in which Dormand and Prince construct their pair.
    assert_eq!(of("dopri5"), expected(5, Some(1), Some(1)));
    assert_eq!(of("ralston2"), expected(3, Some(1), Some(0)));
    // No node but zero: inside, nothing is left to be wrong.
    assert_eq!(of("euler"), expected(1, None, Some(0)));
    assert_eq!(of("rk4").stage_order(), 1);
    assert_eq!(of("euler").stage_order(), 1);
}

/// Gauss: B(2s), C(s), D(s); Radau IIA: B(2s−1), C(s), D(s−1); Lobatto IIIC: B(2s−2), C(s−1), D(s−1)
/// (Hairer, Wanner 1996, §IV.5).
#[test]
fn implicit_families_have_their_assumptions() {
    let of = |text: &str| analysed(text).1.assumptions.unwrap();
    let expected = |b, c, d| Assumptions {
        b,
        c: Some(c),
        d: Some(d),
    };
    assert_eq!(of(super::implicit::GAUSS_2), expected(4, 2, 2));
    assert_eq!(of(super::implicit::GAUSS_3), expected(6, 3, 3));
    assert_eq!(of(super::implicit::RADAU_IIA_2), expected(3, 2, 1));
    assert_eq!(of(super::implicit::RADAU_IIA_3), expected(5, 3, 2));
    assert_eq!(of(super::implicit::LOBATTO_IIIC_3), expected(4, 2, 2));
}

/// Van der Houwen and Sommeijer 1987: for R of degree p = s the orders are p and p + 1, the even one in phase.
#[test]
fn phase_and_amplitude_have_their_orders() {
    for (name, dispersion, dissipation) in [
        ("euler", 2, 1),
        ("midpoint", 2, 3),
        ("kutta3", 4, 3),
        ("rk4", 4, 5),
    ] {
        let analysis = bundled(name);
        assert_eq!(
            analysis.linear.dispersion_order,
            Ok(Some(dispersion)),
            "{name}"
        );
        assert_eq!(
            analysis.linear.dissipation_order,
            Ok(Some(dissipation)),
            "{name}"
        );
    }
    // |R(iy)| = 1: Gauss's schemes keep the amplitude.
    let gauss = analysed(super::implicit::GAUSS_2).1;
    assert_eq!(gauss.linear.dispersion_order, Ok(Some(4)));
    assert_eq!(gauss.linear.dissipation_order, Ok(None));
}

/// Butcher 1969: five stages of order 4 and effective order 5; no others of the bundled schemes gain.
#[test]
fn the_effective_order_is_that_of_a_conjugate_scheme() {
    let butcher = "0 |
1/5 | 1/5
2/5 | 0    2/5
1/2 | 3/16 0 5/16
1   | 1/4  0 -5/4 2
---
| 1/6 0 0 2/3 1/6
";
    let (_, analysis) = analysed(butcher);
    assert_eq!((analysis.order, analysis.effective_order), (4, Ok(5)));
    for name in [
        "euler", "midpoint", "heun3", "kutta3", "rk4", "ssprk104", "dopri5",
    ] {
        let analysis = bundled(name);
        assert_eq!(analysis.effective_order, Ok(analysis.order), "{name}");
    }
    let (_, rounded) = analysed(&format!("rounded 1e-30\n{butcher}"));
    assert_eq!((rounded.order, rounded.effective_order), (4, Ok(5)));
}
