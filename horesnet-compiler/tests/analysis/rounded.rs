//! Stability of rounded files: decided for every scheme within the rounding, or not at all.

use horesnet_compiler::analysis::{Certainty, Unknown};

use super::{analysed, assert_near};

/// An ESDIRK pair to 40 digits after Kennedy and Carpenter, Appl. Numer. Math. 44 (2003) 139–181, ARK4(3)6L\[2\]SA
/// with other nodes; published as A- and L-stable, of orders 4 and 3.
const ESDIRK: &str = include_str!("stiff_rounded.tab");

/// Nørsett 1974, Crouzeix 1975: γ = 1/2 + cos(π/18)/√3, by mpmath.
pub(crate) const NORSETT_3: &str = "rounded 5e-30
1.06857902130162880641883397596  | 1.06857902130162880641883397596 0 0
0.5                              | -0.56857902130162880641883397596 1.06857902130162880641883397596 0
-0.06857902130162880641883397596 | 2.13715804260325761283766795192 -3.27431608520651522567533590384 \\
                                   1.06857902130162880641883397596
---
order 4 | 0.128886400515720422364724698635 0.742227198968559155270550602729 0.128886400515720422364724698635
";

/// The SDIRK schemes with two stages of order 2, A-stable from γ = 1/4 on; of order 3 with γ = (3 ± √3)/6
/// (Hairer, Wanner 1996, §IV.6).
fn sdirk(head: &str, gamma: &str, below: &str, order: usize) -> String {
    format!("{head}\n{gamma} | {gamma} 0\n* | {below} {gamma}\n---\norder {order} | 0.5 0.5\n")
}

#[test]
fn an_esdirk_of_forty_digits_is_l_stable() {
    let (_, analysis) = analysed(ESDIRK);
    assert_eq!((analysis.order, analysis.embedded_orders), (4, vec![3]));
    assert_eq!(analysis.certainty, Certainty::WithinRounding);
    let linear = analysis.linear;
    assert_eq!((linear.a_stable, linear.l_stable), (Ok(true), Ok(true)));
    assert_eq!(linear.real_interval, Ok(f64::INFINITY));
    assert_eq!(linear.imaginary_interval, Ok(f64::INFINITY));
    assert_eq!(linear.sector_angle, Ok(90.0));
    assert_eq!(linear.dispersion_order, Ok(Some(4)));
    assert_eq!(linear.dissipation_order, Ok(Some(5)));
}

/// |R(∞)| = 0.630 (Hairer, Wanner 1996, Table IV.6.4).
#[test]
fn a_cubic_root_of_thirty_digits_is_a_stable() {
    let (_, analysis) = analysed(NORSETT_3);
    assert_eq!(analysis.order, 4);
    let linear = analysis.linear;
    assert_eq!((linear.a_stable, linear.l_stable), (Ok(true), Ok(false)));
    let limit = horesnet_compiler::analysis::implicit::at_infinity(&linear.function.unwrap());
    assert_near(limit.abs(), 0.630, 1e-3);
}

/// Padé's approximants follow from order and structure, whatever the digits.
#[test]
fn order_decides_what_digits_cannot() {
    let gauss = "rounded 1e-15\n0.2113248654051871 | 0.25 -0.0386751345948129
        0.7886751345948129 | 0.5386751345948129 0.25\n---\norder 4 | 0.5 0.5\n";
    let radau = "rounded 1e-9\n0.3333333333 | 0.4166666667 -0.08333333333
        1 | 0.75 0.25\n---\norder 3 | 0.75 0.25\n";
    let trapezoid = "rounded 1e-9\n0 | 0 0\n1 | 0.5 0.5\n---\norder 2 | 0.5 0.5\n";
    for (text, l_stable) in [(gauss, false), (radau, true), (trapezoid, false)] {
        let linear = analysed(text).1.linear;
        assert_eq!(linear.a_stable, Ok(true), "{text}");
        assert_eq!(linear.l_stable, Ok(l_stable), "{text}");
        assert_eq!(linear.imaginary_interval, Ok(f64::INFINITY), "{text}");
    }
    assert_eq!(analysed(gauss).1.linear.dissipation_order, Ok(None));
    // Without the order, the digits alone leave |R(iy)| = 1 open, or break it.
    let weights = |row: &str| analysed(&gauss.replace("order 4 | 0.5 0.5", row)).1.linear;
    assert_eq!(weights("| 0.5 0.500001").a_stable, Ok(false));
}

#[test]
fn the_boundary_of_a_stability_is_seen_from_both_sides() {
    let of = |gamma: &str, below: &str| analysed(&sdirk("rounded 1e-10", gamma, below, 2)).1.linear;
    // γ = 1/4 ± 1e-8 and ± 1e-12, on either side of what 1e-10 leaves open.
    assert_eq!(of("0.25000001", "0.49999998").a_stable, Ok(true));
    assert_eq!(of("0.24999999", "0.50000002").a_stable, Ok(false));
    for (gamma, below) in [
        ("0.250000000001", "0.499999999998"),
        ("0.249999999999", "0.500000000002"),
    ] {
        assert_eq!(of(gamma, below).a_stable, Err(Unknown::Boundary));
    }
    assert_eq!(of("0.25", "0.5").a_stable, Err(Unknown::Boundary));
    let exact = analysed(&sdirk("", "1/4", "1/2", 2)).1;
    assert_eq!(exact.certainty, Certainty::Exact);
    assert_eq!(exact.linear.a_stable, Ok(true));
}

#[test]
fn the_sdirk_schemes_of_order_three_are_told_apart() {
    let head = "rounded 5e-30";
    let low = sdirk(
        head,
        "0.211324865405187117745425609749",
        "0.577350269189625764509148780502",
        3,
    );
    let high = sdirk(
        head,
        "0.788675134594812882254574390251",
        "-0.577350269189625764509148780502",
        3,
    );
    for (text, a_stable) in [(low, false), (high, true)] {
        let (_, analysis) = analysed(&text);
        assert_eq!(analysis.order, 3);
        assert_eq!(analysis.linear.a_stable, Ok(a_stable));
        assert_eq!(analysis.linear.l_stable, Ok(false));
    }
}

/// R(∞) = 0 by a choice of γ = 1 − √2/2, not by structure: digits do not show it.
#[test]
fn a_limit_of_zero_by_value_is_not_decided() {
    let text = "rounded 1e-15\n0.2928932188134525 | 0.2928932188134525 0
        0.7071067811865475 | 0.414213562373095 0.2928932188134525\n---\norder 2 | 0.5 0.5\n";
    let linear = analysed(text).1.linear;
    assert_eq!(linear.a_stable, Ok(true));
    assert_eq!(linear.l_stable, Err(Unknown::Boundary));
}
