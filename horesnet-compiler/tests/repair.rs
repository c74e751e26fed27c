//! Wrong tableaux and the changes that mend them.

use std::sync::LazyLock;

use horesnet_compiler::number::Number;
use horesnet_compiler::repair::{Change, Kind, Place, repair};
use horesnet_compiler::{compile, library};
use proptest::prelude::*;

/// The places of a change and what it writes there.
fn written(change: &Change) -> Vec<(String, String)> {
    let edits = change.edits.iter();
    edits
        .map(|edit| (edit.place.to_string(), edit.to.clone()))
        .collect()
}

fn only(text: &str) -> Change {
    let repair = repair(text).unwrap();
    assert!(repair.complete);
    match repair.changes.as_slice() {
        [only] => only.clone(),
        changes => panic!("{changes:?}"),
    }
}

fn published(name: &str) -> String {
    let file = format!("{}/tests/refused/{name}.tab", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).unwrap()
}

/// The right values are those of the sources that the wrong ones cite.
#[test]
fn published_mistakes_are_repaired_to_the_right_value() {
    let pair = |place: &str, value: &str| (place.to_owned(), value.to_owned());
    let change = only(&published("ho_resnet_huta6"));
    // 24 of 840 for 27 of 840.
    assert_eq!(written(&change), [pair("weights row 1, entry 4", "9/280")]);
    let change = only(&published("diffeqdevtools_cash_karp5"));
    // 18574 of 48384 for 18575.
    let expected = [pair("weights row 2, entry 3", "18575/48384")];
    assert_eq!(written(&change), expected);
    let change = only(&published("netket_rk4"));
    assert_eq!(written(&change), [pair("row 4, entry 4", "0")]);
    let change = only(&published("ho_resnet_kutta_nystrom5"));
    assert_eq!(change.kind, Kind::Swap);
    let expected = [
        pair("weights row 1, entry 2", "0"),
        pair("weights row 1, entry 3", "125/192"),
    ];
    assert_eq!(written(&change), expected);
    // What Ralston's weights need is Ralston's stage.
    let change = only(&published("ho_resnet_rk2"));
    let expected = [pair("row 2, entry 1", "2/3"), pair("node 2", "2/3")];
    assert_eq!(written(&change), expected);
}

/// Fehlberg's table as it is often misprinted: 7296/2197 lost its denominator.
#[test]
fn a_wrong_denominator_is_found() {
    let right = library::find("fehlberg45").unwrap().text;
    let wrong = right.replacen("7296/2197", "7296/32", 1);
    assert_ne!(wrong, right);
    let change = only(&wrong);
    let edit = &change.edits[0];
    let said = format!("{}: {} should be {}", edit.place, edit.from, edit.to);
    assert_eq!(said, "row 4, entry 3: 7296/32 should be 7296/2197");
    let mended = format!(
        "{}{}{}",
        &wrong[..edit.span.start],
        edit.to,
        &wrong[edit.span.end..]
    );
    assert_eq!(mended, right);
}

#[test]
fn a_lost_sign_is_called_one() {
    let text = library::find("rk4_38").unwrap().text;
    let wrong = text.replacen("-1/3", "1/3", 1);
    let change = only(&wrong);
    assert_eq!((change.kind, change.edits.len()), (Kind::Sign, 1));
    assert_eq!(change.edits[0].to, "-1/3");
}

#[test]
fn exchanged_rows_of_weights_are_exchanged_back() {
    let text = "0 |\n1 | 1\n---\norder 2 | 1 0\norder 1 | 1/2 1/2\n";
    let repair = repair(text).unwrap();
    let change = repair
        .changes
        .iter()
        .find(|change| change.kind == Kind::Exchange)
        .unwrap();
    let places: Vec<_> = change.edits.iter().map(|edit| edit.place).collect();
    assert!(places.contains(&Place::Weight { row: 2, entry: 1 }));
}

#[test]
fn there_is_nothing_to_repair_in_true_or_modest_claims() {
    for bundled in library::all() {
        let found = repair(bundled.text).unwrap();
        assert!(found.changes.is_empty() && found.complete && found.progress.is_none());
    }
    let modest = library::find("rk4")
        .unwrap()
        .text
        .replace("order 4", "order 3");
    assert!(repair(&modest).unwrap().changes.is_empty());
}

/// Places of a scheme of the library, and the scheme as a full text with one of them changed.
fn printed(name: &str, at: usize, delta: &Number) -> Option<(String, Place, Number)> {
    let tableau = compile(library::find(name)?.text).ok()?.tableau;
    let (mut count, mut changed) = (0, None);
    let mut print = |place: Place, number: &Number| {
        count += 1;
        if count == at + 1 {
            changed = Some((place, number.clone()));
            return (number + delta).to_string();
        }
        number.to_string()
    };
    let mut lines = Vec::new();
    for i in 0..tableau.stages() {
        let row = i + 1;
        let entries =
            (0..i).map(|j| print(Place::Entry { row, entry: j + 1 }, &tableau.matrix[(i, j)]));
        let entries: Vec<_> = entries.collect();
        let node = print(Place::Node { row }, &tableau.nodes[i]);
        lines.push(format!("{node} | {}", entries.join(" ")));
    }
    lines.push("---".to_owned());
    for (i, row) in tableau.weights.iter().enumerate() {
        let weights = row.values.iter().enumerate();
        let weights = weights.map(|(j, b)| {
            print(
                Place::Weight {
                    row: i + 1,
                    entry: j + 1,
                },
                b,
            )
        });
        let weights: Vec<_> = weights.collect();
        lines.push(format!("order {} | {}", row.claim?, weights.join(" ")));
    }
    let (place, value) = changed?;
    Some((lines.join("\n") + "\n", place, value))
}

fn lists(text: &str, place: Place, value: &Number) -> bool {
    let changes = repair(text).unwrap().changes;
    changes.iter().any(|change| {
        let [edit] = change.edits.as_slice() else {
            return false;
        };
        edit.place == place && edit.to.parse::<Number>().unwrap() == *value
    })
}

/// The exact schemes of up to eight stages.
static SMALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let exact = library::all().iter().filter(|bundled| {
        let tableau = compile(bundled.text).unwrap().tableau;
        tableau.rounded.is_none() && tableau.stages() <= 8
    });
    exact.map(|bundled| bundled.name).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_wrong_number_of_a_small_scheme_is_found(
        scheme in any::<usize>(), at in 0_usize..60, numerator in -40_i64..40, denominator in 1_i64..40,
    ) {
        prop_assume!(numerator != 0);
        let delta = Number::ratio(numerator, denominator).unwrap();
        let name = SMALL[scheme % SMALL.len()];
        let Some((text, place, value)) = printed(name, at, &delta) else {
            return Err(TestCaseError::reject("no such place"));
        };
        // A node that no condition of the claim depends on may be anything.
        prop_assume!(compile(&text).is_err());
        prop_assert!(lists(&text, place, &value), "{name}: {place} was {value} in\n{text}");
    }
}
