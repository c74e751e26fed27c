//! The order of reversibility, symmetry and symplecticity.

use horesnet_compiler::analysis::{Analysis, Reversibility};
use horesnet_compiler::library;
use horesnet_compiler::tableau::Tableau;
use proptest::prelude::*;

use super::implicit::{GAUSS_3, MIDPOINT};
use super::{analysed, bundled};

/// EES(2,5;1/10) (Shmelev, Ebrahimi-Fard, Tapia, Salvi, arXiv 2507.21006): of order 2, undone to order 5.
const EES: &str = "let x = 1/10
0 |
* | (1+2*x)/(4*(1-x))
* | (4*x-1)^2/(4*(x-1)*(1-4*x^2)) (1-x)/(1-4*x^2)
---
order 2 | x 1/2 1/2-x
";

#[test]
fn orders_are_those_of_the_literature() {
    for (name, order) in [
        ("euler", 1),
        ("midpoint", 3),
        ("heun2", 3),
        ("kutta3", 3),
        ("rk4", 5),
        ("dopri5", 5),
        ("cooper_verner8", 9),
        ("verner8", 9),
        ("curtis10", 11),
    ] {
        let found = bundled(name).reversibility;
        assert_eq!(found, Ok(Reversibility::Order(order)), "{name}");
    }
    let (_, analysis) = analysed(EES);
    assert_eq!(analysis.reversibility, Ok(Reversibility::Order(5)));
}

/// An even order is exceeded, since the first error is of an odd power of the step size; no polynomial is symmetric.
#[test]
fn explicit_schemes_are_undone_to_an_odd_order_at_least_theirs() {
    for scheme in library::all() {
        let analysis = analysed(scheme.text).1;
        let (name, found) = (scheme.name, analysis.reversibility);
        let (Ok(Reversibility::Order(m)) | Ok(Reversibility::AtLeast(m))) = found else {
            panic!("{name}: {found:?}")
        };
        assert!(m % 2 == 1 && m >= analysis.order, "{name}: {m}");
        assert_eq!(analysis.symplectic, Ok(false), "{name}");
    }
}

/// Hairer, Lubich, Wanner 2006: §V.2 for collocation at symmetric nodes and for Lobatto IIIB, §VI.4 for Gauss.
#[test]
fn symmetric_and_symplectic_schemes_are_the_known_ones() {
    // Both stages of Lobatto IIIB with two stages are that of the midpoint rule.
    let symplectic = [
        "gauss2",
        "gauss3",
        "gauss4",
        "gauss5",
        "implicit_midpoint",
        "lobatto_iiib2",
    ];
    let symmetric = [
        "lobatto_iiia3",
        "lobatto_iiia4",
        "lobatto_iiib3",
        "lobatto_iiib4",
        "trapezoidal",
    ];
    for scheme in library::implicit() {
        let (name, analysis) = (scheme.name, analysed(scheme.text).1);
        let is_symplectic = symplectic.contains(&name);
        let is_symmetric = symmetric.contains(&name) || is_symplectic;
        assert_eq!(analysis.symplectic, Ok(is_symplectic), "{name}");
        assert_eq!(is_symmetric_in(&analysis), is_symmetric, "{name}");
    }
}

fn is_symmetric_in(analysis: &Analysis) -> bool {
    analysis.reversibility == Ok(Reversibility::Symmetric)
}

#[test]
fn one_wrong_entry_ends_both() {
    for (right, wrong) in [("2/9-r/15", "2/9+r/15"), ("5/36-r/24", "5/36-r/25")] {
        let (_, analysis) = analysed(&GAUSS_3.replace(right, wrong));
        assert!(!is_symmetric_in(&analysis), "{wrong}");
        assert_eq!(analysis.symplectic, Ok(false), "{wrong}");
    }
    // Of a rounded file, if the error is more than the rounding.
    let mut implicit = library::implicit().iter();
    let gauss = implicit.find(|scheme| scheme.name == "gauss4");
    let (tableau, _) = analysed(gauss.unwrap().text);
    let mut wrong = tableau.clone();
    let eps = tableau.rounded.clone().unwrap();
    for (factor, holds) in [(1, true), (1000, false)] {
        let error = &(&eps * &tableau.matrix[(1, 2)]) * &factor.into();
        wrong.matrix[(1, 2)] = &tableau.matrix[(1, 2)] + &error;
        let verdict = horesnet_compiler::order::verify(&wrong, 2).unwrap();
        let analysis = Analysis::of(&wrong, &verdict);
        assert_eq!(is_symmetric_in(&analysis), holds);
        assert_eq!(analysis.symplectic, Ok(holds));
    }
}

/// The midpoint rule in two equivalent stages: neither `M` nor the symmetry condition vanishes entry by entry.
#[test]
fn equivalent_stages_count_as_one() {
    let twice = "1/2 | 1/8 3/8\n1/2 | 3/8 1/8\n---\norder 2 | 1/3 2/3\n";
    for text in [MIDPOINT, twice] {
        let (_, analysis) = analysed(text);
        assert!(is_symmetric_in(&analysis), "{text}");
        assert_eq!(analysis.symplectic, Ok(true), "{text}");
    }
}

/// The error of `Φ₋ₕΦₕ` on a nonlinear problem, in floating point.
fn error_after_return(tableau: &Tableau, h: f64) -> f64 {
    let a = tableau.matrix.map(|a| a.to_f64());
    let b = tableau.weights[0].values.map(|b| b.to_f64());
    let field = |[x, y]: [f64; 2]| [x * (1.0 - y) + 0.3 * y, y * (x - 0.7) - 0.1 * x * x];
    let step = |x: [f64; 2], h: f64| {
        let mut stages: Vec<[f64; 2]> = Vec::new();
        let sum = |weights: &[f64], stages: &[[f64; 2]]| {
            let mut out = x;
            for (weight, k) in weights.iter().zip(stages) {
                (0..2).for_each(|at| out[at] += h * weight * k[at]);
            }
            out
        };
        for i in 0..b.len() {
            let row: Vec<f64> = a.row(i).iter().copied().collect();
            let at = sum(&row[..i], &stages);
            stages.push(field(at));
        }
        sum(b.as_slice(), &stages)
    };
    let start = [1.3, 0.6];
    let end = step(step(start, h), -h);
    (end[0] - start[0]).hypot(end[1] - start[1])
}

#[test]
fn errors_on_a_problem_are_of_the_power_that_the_order_says() {
    let texts = ["euler", "midpoint", "heun3", "rk4", "gill4", "cassity5"]
        .map(|name| library::find(name).unwrap().text);
    for text in texts.into_iter().chain([EES]) {
        let (tableau, analysis) = analysed(text);
        let Ok(Reversibility::Order(m)) = analysis.reversibility else {
            panic!("{text}")
        };
        let h = 0.05;
        let ratio = error_after_return(&tableau, 2.0 * h) / error_after_return(&tableau, h);
        let power = ratio.log2();
        assert!((power - (m + 1) as f64).abs() < 0.4, "{text}: {power}, {m}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A step and its adjoint, each of half the size, are a symmetric step, whatever the scheme.
    #[test]
    fn steps_followed_by_their_adjoints_are_symmetric(
        a in prop::collection::vec(-9_i32..=9, 9), b in prop::collection::vec(-9_i32..=9, 3),
    ) {
        let row = |i: usize| {
            let entries = (0..6).map(|j| match (i < 3, j < 3) {
                (true, true) => format!("{}/10", a[3 * i + j]),
                (true, false) => "0".to_owned(),
                (false, true) => format!("{}/10", b[j]),
                (false, false) => format!("{}/10", b[j - 3] - a[3 * (i - 3) + j - 3]),
            });
            format!("* | {}", entries.collect::<Vec<_>>().join(" "))
        };
        let rows: Vec<_> = (0..6).map(row).collect();
        let weights = b.iter().chain(&b).map(|b| format!("{b}/10")).collect::<Vec<_>>().join(" ");
        let text = format!("{}\n---\n| {weights}\n", rows.join("\n"));
        prop_assert!(is_symmetric_in(&analysed(&text).1), "{}", text);
    }
}
