//! The bundled implicit schemes: order, stage order and stability as published.
//!
//! Gauss, Radau and Lobatto: Hairer, Wanner 1996, table IV.5.13 and theorems IV.5.12 and IV.12.9; diagonally implicit
//! schemes: §IV.6, and the sources that their files name.

use super::analysed;
use horesnet_compiler::analysis::Unknown;
use horesnet_compiler::analysis::implicit::at_infinity;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, library};
use nalgebra::DMatrix;

/// A scheme, its order and its stage order; then whether it is A-stable, L-stable and algebraically stable.
type Fact = (&'static str, usize, usize, [bool; 3]);

const ALL: [bool; 3] = [true, true, true];
const NOT_L: [bool; 3] = [true, false, true];
const ONLY_A: [bool; 3] = [true, false, false];
const A_AND_L: [bool; 3] = [true, true, false];

const FACTS: [Fact; 31] = [
    ("alexander2", 2, 1, A_AND_L),
    ("alexander3", 3, 1, A_AND_L),
    ("cash4", 4, 1, A_AND_L),
    ("gauss2", 4, 2, NOT_L),
    ("gauss3", 6, 3, NOT_L),
    ("gauss4", 8, 4, NOT_L),
    ("gauss5", 10, 5, NOT_L),
    ("hairer_wanner4", 4, 1, A_AND_L),
    ("implicit_euler", 1, 1, ALL),
    ("implicit_midpoint", 2, 1, NOT_L),
    ("kennedy_carpenter3", 3, 2, A_AND_L),
    ("kennedy_carpenter4", 4, 2, A_AND_L),
    ("kennedy_carpenter4_second", 4, 2, A_AND_L),
    ("kennedy_carpenter5", 5, 2, A_AND_L),
    ("kennedy_carpenter5_7", 5, 2, A_AND_L),
    ("lobatto_iiia3", 4, 3, ONLY_A),
    ("lobatto_iiia4", 6, 4, ONLY_A),
    ("lobatto_iiib2", 2, 0, ONLY_A),
    ("lobatto_iiib3", 4, 1, ONLY_A),
    ("lobatto_iiib4", 6, 2, ONLY_A),
    ("lobatto_iiic2", 2, 1, ALL),
    ("lobatto_iiic3", 4, 2, ALL),
    ("lobatto_iiic4", 6, 3, ALL),
    ("norsett3", 3, 1, NOT_L),
    ("norsett4", 4, 1, NOT_L),
    ("radau_iia2", 3, 2, ALL),
    ("radau_iia3", 5, 3, ALL),
    ("radau_iia4", 7, 4, ALL),
    ("radau_iia5", 9, 5, ALL),
    ("tr_bdf2", 2, 2, A_AND_L),
    ("trapezoidal", 2, 2, ONLY_A),
];

#[test]
fn every_implicit_scheme_has_its_facts() {
    let bundled = library::implicit().iter().map(|scheme| scheme.name);
    assert!(bundled.eq(FACTS.map(|fact| fact.0)));
}

#[test]
fn orders_stage_orders_and_stability_are_as_published() {
    let mut undecided = Vec::new();
    for (name, order, stage_order, [a, l, algebraic]) in FACTS {
        let (tableau, analysis) = analysed(library::find(name).unwrap().text);
        assert!(!analysis.explicit, "{name}");
        assert_eq!(analysis.order, order, "{name}");
        let found = analysis.assumptions.unwrap().stage_order();
        assert_eq!(found, stage_order, "{name}");
        assert_eq!(is_algebraically_stable(&tableau), algebraic, "{name}");
        // On the imaginary axis, and at infinity, in floating point; in exact numbers where the file has them.
        let stability = analysis.linear.function.clone().unwrap();
        let modulus = |t: i32| {
            let (re, im) = stability.at(0.0, 10_f64.powf(f64::from(t) / 50.0));
            re.hypot(im)
        };
        let largest = (-100..=200).map(modulus).fold(0.0, f64::max);
        assert_eq!(largest < 1.0 + 1e-12, a, "{name}: {largest}");
        let (re, im) = stability.at(-1e9, 0.0);
        assert_eq!(a && re.hypot(im) < 1e-6, l, "{name}");
        let linear = &analysis.linear;
        assert_eq!(linear.a_stable, Ok(a), "{name}");
        if linear.l_stable == Err(Unknown::Boundary) {
            undecided.push(name);
        } else {
            assert_eq!(linear.l_stable, Ok(l), "{name}");
        }
        assert_eq!(linear.real_interval, Ok(f64::INFINITY), "{name}");
        assert_eq!(linear.imaginary_interval, Ok(f64::INFINITY), "{name}");
        // The matrix is singular in the families: rounded digits leave that open.
        let is_open = tableau.rounded.is_some() && algebraic;
        let undecided = is_open && analysis.algebraically_stable == Err(Unknown::Boundary);
        assert!(
            undecided || analysis.algebraically_stable == Ok(algebraic),
            "{name}"
        );
        if tableau.rounded.is_none() {
            assert_eq!(a && at_infinity(&stability) == 0.0, l, "{name}");
        }
    }
    // With an explicit first stage R(∞) = 0 is a condition on the coefficients, which digits do not decide.
    let open = [
        "kennedy_carpenter3",
        "kennedy_carpenter5",
        "kennedy_carpenter5_7",
    ];
    assert_eq!(undecided, open);
}

/// `B(p)`, `C(q)`, `D(r)` of the families with `s` stages (Hairer, Wanner 1996, table IV.5.13).
#[test]
fn families_satisfy_their_simplifying_assumptions() {
    type Arguments = fn(usize) -> [usize; 3];
    let families: [(&str, &[usize], Arguments); 5] = [
        ("gauss", &[2, 3, 4, 5], |s| [2 * s, s, s]),
        ("radau_iia", &[2, 3, 4, 5], |s| [2 * s - 1, s, s - 1]),
        ("lobatto_iiia", &[3, 4], |s| [2 * s - 2, s, s - 2]),
        ("lobatto_iiib", &[2, 3, 4], |s| [2 * s - 2, s - 2, s]),
        ("lobatto_iiic", &[2, 3, 4], |s| [2 * s - 2, s - 1, s - 1]),
    ];
    for (family, stages, expected) in families {
        for &s in stages {
            let name = format!("{family}{s}");
            let found = super::bundled(&name).assumptions.unwrap();
            assert_eq!(
                [Some(found.b), found.c, found.d],
                expected(s).map(Some),
                "{name}"
            );
        }
    }
}

/// The orders of the embedded rows of pairs.
#[test]
fn embedded_rows_have_the_published_orders() {
    for (name, orders) in [
        ("cash4", &[3, 2][..]),
        ("hairer_wanner4", &[3]),
        ("kennedy_carpenter3", &[2]),
        ("kennedy_carpenter4", &[3]),
        ("kennedy_carpenter4_second", &[3]),
        ("kennedy_carpenter5", &[4]),
        ("kennedy_carpenter5_7", &[4]),
        ("tr_bdf2", &[3]),
    ] {
        assert_eq!(super::bundled(name).embedded_orders, orders, "{name}");
    }
    let pairs = library::implicit().iter().filter(|scheme| {
        let checked = check(scheme.text, None).unwrap();
        checked.tableau.weights.len() > 1
    });
    assert_eq!(pairs.count(), 8);
}

/// The definition of Burrage and Butcher (1979), and Crouzeix (1979), in floating point: `b ≥ 0`, and
/// `diag(b)·A + Aᵀ·diag(b) − bbᵀ` is positive semidefinite (Hairer, Wanner 1996, §IV.12).
fn is_algebraically_stable(tableau: &Tableau) -> bool {
    const ZERO: f64 = 1e-13;
    let (a, b) = (&tableau.matrix, &tableau.weights[0].values);
    let (a, b) = (a.map(|a| a.to_f64()), b.map(|b| b.to_f64()));
    let half = DMatrix::from_diagonal(&b) * a;
    let mut m = &half + half.transpose() - &b * b.transpose();
    // Elimination: a pivot is positive, or zero with all of its row.
    while m.nrows() > 0 {
        let (pivot, row) = (m[(0, 0)], m.row(0).clone_owned());
        if pivot < -ZERO || pivot <= ZERO && row.amax() > ZERO {
            return false;
        }
        if pivot > ZERO {
            m -= row.transpose() * &row / pivot;
        }
        m = m.remove_row(0).remove_column(0);
    }
    b.iter().all(|b| *b >= 0.0)
}
