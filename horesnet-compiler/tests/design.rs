//! Searches of families find the optima that are known.

use horesnet_compiler::design::{Design, Figure, Goal, Search, Term};
use horesnet_compiler::family::Family;
use horesnet_compiler::number::Number;
use horesnet_compiler::{check, library, order};

fn best(name: &str, goal: &Goal) -> Design {
    let checked = check(library::find(name).unwrap().text, None).unwrap();
    let order = checked.verdict.weights[0].order;
    let family = checked.family.unwrap();
    let found = Search::new(&family, order, goal).best().unwrap();
    let verdict = order::verify(&found.member, order + 1).unwrap();
    assert!(verdict.weights[0].order >= order, "{name}");
    found
}

/// The figure for other values, of the member itself.
fn figure(family: &Family, order: usize, goal: &Goal, values: &[Number]) -> f64 {
    let member = family.at(values).unwrap();
    let found = goal.value(&member, order).unwrap();
    let approximate = Search::new(family, order, goal).figure(values).unwrap();
    assert!((approximate / found - 1.0).abs() < 1e-13 || found == approximate);
    found
}

fn is_near(values: &[Number], expected: &[f64]) {
    for (value, expected) in values.iter().zip(expected) {
        assert!(
            (value.to_f64() - expected).abs() < 1e-9,
            "{values:?}, not {expected}"
        );
    }
}

/// Ralston, Math. Comp. 16 (1962) 431–437: the bounds are 1/3, 1/9 and 5.46·10⁻².
#[test]
fn ralstons_methods_have_the_least_bounds() {
    let goal = Goal::of(Figure::Bound);
    let second = best("two_stage2", &goal);
    assert_eq!(second.values[0].to_string(), "2/3");
    assert!((second.value - 1.0 / 3.0).abs() < 1e-15);
    let third = best("three_stage3", &goal);
    is_near(&third.values, &[0.5, 0.75]);
    assert!((third.value - 1.0 / 9.0).abs() < 1e-12);
    let fourth = best("kutta4", &goal);
    is_near(
        &fourth.values,
        &[0.4, 7.0 / 8.0 - 3.0 * 5_f64.sqrt() / 16.0],
    );
    assert!((fourth.value - 5.46e-2).abs() < 5e-5, "{}", fourth.value);
}

/// Lotkin, MTAC 5 (1951) 128–133: the bound of the classical method is 73/720.
#[test]
fn the_bound_of_the_classical_method_is_lotkins() {
    let checked = check(library::find("kutta4_confluent").unwrap().text, None).unwrap();
    let family = checked.family.unwrap();
    let found = figure(&family, 4, &Goal::of(Figure::Bound), &family.defaults());
    assert!((found - 73.0 / 720.0).abs() < 1e-15, "{found}");
}

/// The error norm of order 2 is that of (α/4 − 1/6, −1/6), least at Ralston's 2/3.
#[test]
fn the_least_error_of_two_stages_is_at_two_thirds() {
    let found = best("two_stage2", &Goal::of(Figure::Error));
    assert_eq!(found.values[0].to_string(), "2/3");
    assert!((found.value - 1.0 / 6.0).abs() < 1e-15);
}

/// The gradient of the error norm vanishes at the optimum among Kutta's, by central differences of the definition.
#[test]
fn the_least_error_of_kuttas_methods_is_stationary() {
    let goal = Goal::of(Figure::Error);
    let found = best("kutta4", &goal);
    let checked = check(library::find("kutta4").unwrap().text, None).unwrap();
    let family = checked.family.unwrap();
    let step = Number::ratio(1, 100_000).unwrap();
    for at in 0..2 {
        let shifted = |sign: i64| {
            let mut values = found.values.clone();
            values[at] = &values[at] + &(&step * &Number::from(sign));
            figure(&family, 4, &goal, &values)
        };
        let (below, above) = (shifted(-1), shifted(1));
        assert!(found.value < below && found.value < above);
        // Both are equally far above the optimum, to first order.
        assert!((above - below).abs() < 1e-4 * (above + below - 2.0 * found.value) + 1e-15);
    }
}

/// Gottlieb and Shu, Math. Comp. 67 (1998) 73–85: the coefficient is 1, for c = 0, 1, 1/2.
#[test]
fn ssprk33_has_the_largest_ssp_coefficient() {
    let found = best("three_stage3_ssp", &Goal::of(Figure::Ssp));
    is_near(&found.values, &[1.0, 0.5]);
    assert!((found.value - 1.0).abs() < 1e-9);
    let weights = &found.member.weights[0].values;
    is_near(weights.as_slice(), &[1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0]);
}

#[test]
fn simple_numbers_lose_what_is_said() {
    let goal = Goal::of(Figure::Error);
    let found = best("kutta4", &goal);
    let family = check(library::find("kutta4").unwrap().text, None)
        .unwrap()
        .family
        .unwrap();
    let simple = figure(&family, 4, &goal, &found.simple);
    assert!((simple / found.value - 1.0 - found.loss).abs() < 1e-12);
    assert!(found.loss < 0.01);
    assert!(
        found
            .simple
            .iter()
            .all(|value| value.to_string().len() <= 6),
        "{:?}",
        found.simple
    );
}

#[test]
fn figures_are_weighed_against_each_other() {
    let terms = [Figure::Error, Figure::Real].map(|figure| Term {
        figure,
        weight: 1.0,
    });
    let both = best(
        "ees25",
        &Goal {
            terms: terms.to_vec(),
        },
    );
    let family = check(library::find("ees25").unwrap().text, None)
        .unwrap()
        .family
        .unwrap();
    let ratio = |values: &[Number]| {
        let [error, real] =
            [Figure::Error, Figure::Real].map(|of| figure(&family, 2, &Goal::of(of), values));
        real / error
    };
    assert!((both.value / ratio(&both.values) - 1.0).abs() < 1e-12);
    for other in ["-1/4", "0.05", "0.1", "0.2", "0.3"] {
        assert!(ratio(&[other.parse().unwrap()]) <= both.value);
    }
}
