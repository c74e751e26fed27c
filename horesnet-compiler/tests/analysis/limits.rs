//! No tableau makes an analysis run long: figures that would are unknown.

use std::fmt::Write;

use horesnet_compiler::analysis::{Analysis, Stability, Unknown, monotonicity};
use horesnet_compiler::number::Number;
use horesnet_compiler::order::{RowVerdict, Verdict};
use horesnet_compiler::radical::Group;
use horesnet_compiler::tableau::{Tableau, Weights};
use nalgebra::{DMatrix, DVector};

/// Random-looking numbers with that many decimal digits.
fn digits(seed: usize, count: usize) -> num_bigint::BigInt {
    let mut state = seed as u64 + 1;
    let mut text = String::from("1");
    while text.len() < count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let digits = (state >> 33) % 1_000_000_000;
        write!(text, "{digits:09}").unwrap();
    }
    text.truncate(count);
    text.parse().unwrap()
}

fn tableau(stages: usize, full: bool, entry: impl Fn(usize) -> Number) -> Tableau {
    let zero = Number::from(0);
    Tableau {
        name: None,
        documentation: Vec::new(),
        aliases: Vec::new(),
        citations: Vec::new(),
        nodes: DVector::from_fn(stages, |i, _| entry(i)),
        matrix: DMatrix::from_fn(stages, stages, |i, j| {
            if full || j < i {
                entry(i * stages + j)
            } else {
                zero.clone()
            }
        }),
        weights: vec![Weights {
            claim: None,
            values: DVector::from_fn(stages, |i, _| entry(7 * i)),
        }],
        rounded: None,
        field: Group::default(),
    }
}

fn analysed(tableau: &Tableau) -> Analysis {
    let row = RowVerdict {
        claimed: None,
        order: 0,
        first_failure: None,
        undecided: false,
    };
    Analysis::of(
        tableau,
        &Verdict {
            row_sums: false,
            weights: vec![row],
        },
    )
}

#[test]
fn the_longest_numbers_are_answered_at_once() {
    let fraction = |k| Number::ratio(digits(k, 4000), digits(k + 100, 4000)).unwrap();
    let fractions: Vec<_> = (0..10).map(fraction).collect();
    let integers: Vec<_> = (0..10).map(|k| Number::from(digits(k, 4000))).collect();
    for tableau in [
        tableau(64, false, |seed| fractions[seed % 10].clone()),
        tableau(64, true, |seed| integers[seed % 10].clone()),
    ] {
        let analysis = analysed(&tableau);
        assert_eq!(analysis.linear.function, Err(Unknown::TooLarge));
        assert_eq!(analysis.linear.real_interval, Err(Unknown::TooLarge));
        assert_eq!(analysis.linear.imaginary_interval, Err(Unknown::TooLarge));
        assert_eq!(analysis.ssp_coefficient, Err(Unknown::TooLarge));
        assert!(analysis.assumptions.is_err() || analysis.assumptions.unwrap().b == 0);
        assert!(analysis.principal_error().is_err());
        assert_eq!(
            Unknown::TooLarge.to_string(),
            "not computed: the coefficients are too large"
        );
    }
}

#[test]
fn many_middling_numbers_are_answered_soon() {
    let root = |seed: usize| {
        let text = format!(
            "({}+sqrt(2)+sqrt(3)*sqrt(5)+sqrt(7)+sqrt(2)*sqrt(35))/7",
            1 + seed % 9
        );
        text.parse().unwrap()
    };
    let fifty = |seed: usize| Number::from(digits(seed % 10, 50));
    for tableau in [
        tableau(64, false, fifty),
        tableau(64, true, fifty),
        tableau(48, false, root),
    ] {
        // Whatever the answers are, they come.
        let analysis = analysed(&tableau);
        assert_eq!(analysis.stages, tableau.stages());
    }
}

/// Values beyond floating point are unknown, not infinite.
#[test]
fn numbers_past_floating_point_make_no_figures_up() {
    let text = "0 |\n1e400 | 1e400\n---\norder 1 | 1-1e-400 1e-400\n";
    let (_, analysis) = super::analysed(text);
    assert_eq!(analysis.sizes.max_abs_coefficient, f64::INFINITY);
    // R = 1 + z + z², as for any node: stable down to −1.
    assert_eq!(analysis.linear.real_interval, Ok(1.0));
    assert!(analysis.principal_error().is_err());
}

#[test]
fn matrices_without_an_analysis_say_so() {
    let long = DMatrix::from_element(1, 1, Number::ratio(1, digits(3, 3000)).unwrap());
    let weights = DVector::from_element(1, Number::from(1));
    assert_eq!(Stability::of(&long, &weights), Err(Unknown::TooLarge));
    let empty = DVector::from_element(1, Number::from(0));
    assert_eq!(
        monotonicity::ssp_coefficient(&long, &empty),
        Ok(f64::INFINITY)
    );
}

/// A file may have 64 rows of weights, each of which would cost as much as the first.
#[test]
fn the_stability_of_a_few_embedded_rows_is_analysed() {
    let row = |entry: &str| vec![entry; 64].join(" ");
    let stages = format!("* | {}\n", row("1/3")).repeat(64);
    let weights = format!("| {}\n", row("1/64")).repeat(64);
    let text = format!("{stages}---\n{weights}");
    let tableau = Tableau::new(&horesnet_compiler::parse(&text).unwrap()).unwrap();
    assert_eq!(analysed(&tableau).embedded.len(), 3);
}
