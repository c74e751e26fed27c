//! Files after public reports, and the first advice on each. The right answers were found by brute force over rooted trees.

use horesnet_compiler::repair::{Kind, Place};
use horesnet_compiler::{check, compile, prove, repair};

/// An excerpt of a pair of orders 5(4) printed in double precision: node 3 has lost a digit, and all else is right.
const LOST_DIGIT: &str = "0 |
0.34288981581855521 | 0.34288981581855521
0.2943010566234846 | 0.16800230418143236 0.1262987524809161
0.34288981581855849 | 0.4326925567104672 -0.24221982610439177 0.15241708521248304
-0.028489108793472939 | 0.019843989305203335 0.20330206481276515 -0.3494376489494413 0.09780248603799992
0.73129911961092908 | 3.5441758455721732 9.884560134482289 -3.7993663287883006 -6.07804112569088 -2.820029405964353
1.0000000000000007 | -16.625817935606782 -49.999620978741511 22.3661445506308 30.50526767511958 13.408435545803448 \\
  1.3455911427944685
---
order 5 | 0.15881394125505754 3.390357323579911e-13 0.4109696726168125 -1.6409254928717294e-13 -0.056173857997504642 \\
  0.40542999348169673 0.08096025064376304
";

#[test]
fn the_outlier_of_a_file_of_decimals_is_named() {
    let text = LOST_DIGIT.replace("\\\\", "\\");
    let changes = repair(&text).unwrap().changes;
    let places: Vec<_> = changes[0].edits.iter().map(|edit| edit.place).collect();
    assert_eq!(places, [Place::Node { row: 3 }, Place::Rounded]);
    assert_eq!(changes[0].edits[0].to, "0.29430105666234846");
    assert_eq!(changes[0].edits[1].to, "rounded 5e-16\n");
    assert!(compile(&changes[0].apply(&text)).is_ok());
    let looser = changes.iter().filter(|change| change.kind == Kind::Rounded);
    assert_eq!(looser.count(), 0, "{changes:?}");
}

/// `d` digits are rounded by 5e-d, and that is offered before any other number.
#[test]
fn decimals_are_rounded_by_what_their_digits_say() {
    for (text, eps) in [
        (
            "* |\n* | 0.2113248654\n* | 0 0.7886751346\n---\norder 2 | 0.1 0.2 0.7\n",
            None,
        ),
        (
            "0 |\n0.6667 | 0.6667\n---\norder 2 | 0.25 0.75\n",
            Some("5e-4"),
        ),
        (
            "0 |\n0.66666667 | 0.66666667\n---\norder 2 | 0.25 0.75\n",
            Some("5e-8"),
        ),
        (
            "0 |\n0.7071067811865 | 0.7071067811865\n---\norder 2 | 0.29289321881345 0.70710678118655\n",
            Some("5e-14"),
        ),
    ] {
        let changes = repair(text).unwrap().changes;
        let rounded = changes.iter().find(|change| change.kind == Kind::Rounded);
        let stated = rounded.map(|change| change.edits[0].to.trim().to_owned());
        assert_eq!(stated, eps.map(|eps| format!("rounded {eps}")), "{text}");
        if rounded.is_some() {
            assert!(
                matches!(changes[0].kind, Kind::Rounded | Kind::Decimals),
                "{text}"
            );
            let before = changes
                .iter()
                .take_while(|change| change.kind != Kind::Value);
            assert!(before.count() >= 1);
        }
    }
}

/// The coefficients are right and the label is wrong; whatever else is offered stays diagonally implicit.
#[test]
fn the_claim_is_the_first_advice_where_the_label_is_wrong() {
    let text = "1/2 | 1/2 0\n3/2 | -1/2 2\n---\norder 2 | -1/2 3/2\n";
    let changes = repair(text).unwrap().changes;
    assert_eq!(
        changes[0].to_string(),
        "if the coefficients are right, write `order 1`"
    );
    for change in &changes {
        let tableau = check(&change.apply(text), None).unwrap().tableau;
        assert_eq!(tableau.matrix[(0, 1)].to_string(), "0", "{change}");
    }
    // An explicit scheme stays explicit.
    let explicit = "0 | 0 0\n1 | 1 0\n---\norder 3 | 1/2 1/2\n";
    for change in repair(explicit).unwrap().changes {
        let changed = change.apply(explicit);
        assert!(
            check(&changed, None).unwrap().tableau.is_explicit(),
            "{change}"
        );
    }
}

/// A proof of mixed conditions that is too long says what is known.
#[test]
fn undecided_orders_are_bounded() {
    let text = "rounded 0.1\n0.7 | 1/2 1/2\n0.7 | 1/2 1/2\n---\norder 8 | 100 -99\n";
    let checked = prove(text).unwrap();
    let found = &checked.verdict.weights[0];
    assert!(found.undecided && !found.holds());
    let said = checked.problems[0].remarks().collect::<Vec<_>>().join("\n");
    assert!(
        said.contains("are too many") && said.contains("node 1 is 7/10"),
        "{said}"
    );
}

/// Stages that no weights reach, and their nodes, do not matter.
#[test]
fn dead_stages_change_nothing() {
    let rk4 = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n";
    for dead in [
        "7/3 | 1 2 3 4",
        "* | 1e300 0 0 0",
        "1/2 | sqrt(2) 0 0 1/1000003",
    ] {
        let text = format!("{rk4}{dead}\n---\norder 4 | 1/6 1/3 1/3 1/6 0\n");
        let checked = check(&text, None).unwrap();
        assert!(checked.problems.is_empty(), "{dead}");
        assert_eq!(
            horesnet_compiler::analysis::unused_stages(&checked.tableau),
            [5]
        );
    }
}
