//! Families: every member has the order that is claimed, and mistakes that hide at the default are refused.

#[path = "definition/trees.rs"]
mod trees;

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::number::{Interval, Number};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Checked, check, compile, library};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use trees::{density, level_sequences};

fn checked(text: &str) -> Checked {
    check(text, None).unwrap_or_else(|problems| panic!("{}", rendered(text, &problems)))
}

fn rendered(text: &str, problems: &[Diagnostic]) -> String {
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem.render("family.tab", text))
        .collect();
    lines.join("\n\n")
}

/// The problems of a family that is refused.
fn refused(text: &str) -> String {
    match check(text, None) {
        Ok(checked) => {
            assert!(!checked.problems.is_empty(), "not refused:\n{text}");
            rendered(text, &checked.problems)
        }
        Err(problems) => rendered(text, &problems),
    }
}

/// `Σ b_i Φ_i(t)` by the definition: a sum over all choices of a stage for each node.
fn weight(tableau: &Tableau, row: usize, levels: &[usize]) -> Number {
    fn rest(tableau: &Tableau, levels: &[usize], at: usize, stages: &mut [usize]) -> Number {
        if at == levels.len() {
            return Number::from(1);
        }
        let parent = levels[..at]
            .iter()
            .rposition(|&level| level + 1 == levels[at]);
        let above = stages[parent.unwrap()];
        (0..tableau.stages()).fold(Number::from(0), |sum, j| {
            let entry = tableau.matrix[(above, j)].clone();
            if entry == Number::from(0) {
                return sum;
            }
            stages[at] = j;
            sum + entry * rest(tableau, levels, at + 1, stages)
        })
    }
    let mut stages = vec![0; levels.len()];
    (0..tableau.stages()).fold(Number::from(0), |sum, i| {
        stages[0] = i;
        sum + tableau.weights[row].values[i].clone() * rest(tableau, levels, 1, &mut stages)
    })
}

fn order(tableau: &Tableau, row: usize, bound: usize) -> usize {
    let holds = |levels: &Vec<usize>| {
        let weight = weight(tableau, row, levels);
        weight * Number::from(density(levels) as i64) == Number::from(1)
    };
    let fails = |&order: &usize| !level_sequences(order).iter().all(holds);
    (1..=bound).find(fails).unwrap_or(bound + 1) - 1
}

/// A random number of an interval, a fraction of small denominator.
fn random(interval: &Interval, random: &mut StdRng) -> Number {
    let end = |bound: &Option<horesnet_compiler::number::Bound>, far: i64| {
        bound
            .as_ref()
            .map_or(Number::from(far), |bound| bound.value.clone())
    };
    let (low, high) = (end(&interval.low, -3), end(&interval.high, 3));
    let denominator = random.random_range(2..40_i64);
    let t = Number::ratio(random.random_range(1..denominator), denominator).unwrap();
    &low + &(&(&high - &low) * &t)
}

#[test]
fn every_bundled_family_is_proven_and_is_a_block_at_its_defaults() {
    assert!(library::families().len() >= 10);
    for bundled in library::families() {
        let checked = checked(bundled.text);
        assert!(
            checked.problems.is_empty(),
            "{}",
            rendered(bundled.text, &checked.problems)
        );
        assert!(
            checked.warnings.is_empty(),
            "{}",
            rendered(bundled.text, &checked.warnings)
        );
        let family = checked.family.as_ref().expect(bundled.name);
        assert_eq!(family.at(&family.defaults()).unwrap(), checked.tableau);
        assert!(checked.verdict.row_sums, "{}", bundled.name);
        let scheme = checked.clone().compile().unwrap();
        assert_eq!(scheme.tableau.stages(), family.nodes.len());
        assert_eq!(library::find(bundled.title), Some(bundled));
        assert!(
            library::all()
                .iter()
                .all(|other| other.name != bundled.name && other.title != bundled.title)
        );
    }
}

#[test]
fn random_members_of_each_family_have_the_order_by_the_definition() {
    let mut generator = StdRng::seed_from_u64(7);
    for bundled in library::families() {
        let checked = checked(bundled.text);
        let family = checked.family.unwrap();
        let claimed = checked.tableau.weights[0].claim.unwrap();
        let mut least = usize::MAX;
        for _ in 0..200 {
            let values: Vec<_> = family
                .parameters
                .iter()
                .map(|p| random(&p.interval, &mut generator))
                .collect();
            let member = family.at(&values).unwrap();
            let found = order(&member, 0, claimed + 1);
            assert!(
                found >= claimed,
                "{} at {values:?} has order {found}",
                bundled.name
            );
            least = least.min(found);
        }
        // Most members have no more.
        assert_eq!(least, claimed, "{}", bundled.name);
    }
}

/// The functions of a family are what its expressions say, at random values.
#[test]
fn functions_and_members_agree() {
    let mut generator = StdRng::seed_from_u64(11);
    for bundled in library::families() {
        let family = checked(bundled.text).family.unwrap();
        for _ in 0..20 {
            let values: Vec<_> = family
                .parameters
                .iter()
                .map(|p| random(&p.interval, &mut generator))
                .collect();
            let member = family.at(&values).unwrap();
            for (i, row) in family.matrix.iter().enumerate() {
                for (j, entry) in row.iter().enumerate() {
                    assert_eq!(entry.value(&values).as_ref(), Some(&member.matrix[(i, j)]));
                }
                assert_eq!(
                    family.nodes[i].value(&values).as_ref(),
                    Some(&member.nodes[i])
                );
            }
            for (j, weight) in family.weights[0].iter().enumerate() {
                assert_eq!(
                    weight.value(&values).as_ref(),
                    Some(&member.weights[0].values[j])
                );
            }
        }
    }
}

#[test]
fn members_are_the_schemes_of_the_books() {
    let member = |name: &str, values: &[&str]| {
        let family = checked(library::find(name).unwrap().text).family.unwrap();
        let values: Vec<_> = values.iter().map(|value| value.parse().unwrap()).collect();
        family.at(&values).unwrap()
    };
    for (family, values, scheme) in [
        ("two_stage2", &["1/2"][..], "midpoint"),
        ("two_stage2", &["2/3"], "ralston2"),
        ("two_stage2", &["1"], "heun2"),
        ("three_stage3", &["1/2", "1"], "kutta3"),
        ("three_stage3", &["1/3", "2/3"], "heun3"),
        ("three_stage3_ssp", &["1", "1/2"], "ssprk3"),
        ("kutta4", &["1/3", "2/3"], "rk4_38"),
        ("kutta4", &["2/5", "7/8-3*sqrt(5)/16"], "ralston4"),
        ("kutta4_confluent", &["1/3"], "rk4"),
        ("kutta4_confluent", &["(2+sqrt(2))/6"], "gill4"),
    ] {
        let (found, expected) = (
            member(family, values),
            compile(library::find(scheme).unwrap().text)
                .unwrap()
                .tableau,
        );
        assert_eq!(
            (found.nodes, found.matrix),
            (expected.nodes, expected.matrix),
            "{scheme}"
        );
        assert_eq!(
            found.weights[0].values, expected.weights[0].values,
            "{scheme}"
        );
    }
}

fn bundled(name: &str) -> &'static str {
    library::find(name).unwrap().text
}

/// A family with one change of its text.
fn changed(name: &str, from: &str, to: &str) -> String {
    let text = bundled(name);
    assert_eq!(text.matches(from).count(), 1, "{from} in\n{text}");
    text.replace(from, to)
}

#[test]
fn planted_mistakes_are_refused_with_identity_and_tree() {
    insta::assert_snapshot!(
        "a_wrong_sign",
        refused(&changed("two_stage2", "1-1/(2*alpha)", "1+1/(2*alpha)"))
    );
    insta::assert_snapshot!(
        "a_wrong_exponent",
        refused(&changed("ees25", "(4*x-1)^2/", "(4*x-1)^3/"))
    );
    insta::assert_snapshot!(
        "a_pole",
        refused(&changed("ees25", "(-1/2, 1/2)", "(-1, 1/2)"))
    );
    insta::assert_snapshot!(
        "a_pole_of_two_parameters",
        refused(&changed("kutta4", "(9/20, 3/4]", "(1/5, 3/4]"))
    );
    // Right at the default, and wrong elsewhere.
    let hidden = changed("kutta4", "let p = c3*(c3-c2)", "let p = c3*(2*c3-1)");
    assert_eq!(order(&checked(&hidden).tableau, 0, 5), 4);
    insta::assert_snapshot!("a_mistake_that_vanishes_at_the_default", refused(&hidden));
}

#[test]
fn claims_that_hold_for_some_values_name_them() {
    let text = bundled("two_stage2")
        .replace("1-1/(2*alpha)", "1/4")
        .replace("1/(2*alpha)", "3/4");
    insta::assert_snapshot!("one_value", refused(&text));
    let never = bundled("two_stage2")
        .replace("1-1/(2*alpha)", "1/8")
        .replace("1/(2*alpha)", "7/8")
        .replace("(0, 1]", "(3/5, 1]");
    insta::assert_snapshot!("no_value", refused(&never));
    let high = bundled("three_stage3").replace("order 3", "order 2");
    insta::assert_snapshot!("too_low", refused(&high));
}

#[test]
fn bad_input_is_refused() {
    let family = |header: &str| format!("{header}\n0 |\na | a\n---\norder 2 | 1-1/(2*a) 1/(2*a)\n");
    let all = [
        "param a in (0, 1]",
        "param a = 2 in (0, 1]",
        "param a = 0 in (0, 1]",
        "param a = 1/2 in (1, 0)",
        "param a = 1 in (1, 1]",
        "param a = 1 in [1, 1]",
        "param a = 1/2 in [-inf, 1)",
        "param a = 1/2 in (0, 1",
        "param a = 1/2 in 0 to 1",
        "param a = 1/2\nparam a = 1/3",
        "let a = 1/2\nparam a = 1/2",
        "param a = 1/2 in (0, 1)\nlet a = 1/2",
        "param sqrt = 1/2",
        "param b = 1 in (0, 2)\nparam a = b/2 in (0, 1)",
        "param b = 1 in (0, 2)\nparam a = 1/2 in (0, b)",
        "param b = 1/4 in (0, 1)\nlet a = sqrt(b)",
        "param a = 0 in [0, 1]",
        "param a = 1/2 in (-1, 1)",
        "param a = 1/2 in (0, 1)\nparam b = 1\nparam c = 1\nparam d = 1\nparam e = 1",
        "rounded 1e-5\nparam a = 1/2 in (0, 1)",
        "param b = 1 in (0, 2)\nparam c = 1 in (0, 2)\nparam d = 1 in (0, 2)\nparam e = 1 in (0, 2)\nlet a = (b*c*d*e)^40",
        "param b = 1/2 in (0, 1)\nlet a = (1+b)^60*(1-b)^60*(2+b)^64*(3+b)^64*(4+b)^64",
    ];
    let messages: Vec<_> = all.iter().map(|header| refused(&family(header))).collect();
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn words_of_the_language_of_parameters_are_names_still() {
    let text =
        "let param = 1/2\nlet in = 1\nlet inf = 0\n0 |\nparam | param\n---\norder 2 | inf in\n";
    assert!(check(text, None).unwrap().problems.is_empty());
}
