//! Wrong tableaux and the changes that repair them.

use std::sync::LazyLock;

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::number::Number;
use horesnet_compiler::repair::{Change, Kind, Place};
use horesnet_compiler::{compile, library, repair};
use proptest::prelude::*;

/// The places of a change and the replacements.
fn written(change: &Change) -> Vec<(String, String)> {
    let edits = change.edits.iter();
    edits
        .map(|edit| (edit.place.to_string(), edit.to.clone()))
        .collect()
}

/// The only change of the coefficients; if there is none, of the claims.
fn only(text: &str) -> Change {
    let repair = repair(text).unwrap();
    assert!(repair.complete);
    let is_change = |change: &&Change| !matches!(change.kind, Kind::Claim | Kind::Rounded);
    let changes: Vec<_> = repair.changes.iter().filter(is_change).collect();
    match (changes.as_slice(), repair.changes.as_slice()) {
        ([only], _) => (*only).clone(),
        ([], [only]) => only.clone(),
        (changes, _) => panic!("{changes:?}"),
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
fn there_is_nothing_to_repair_in_true_claims() {
    for bundled in library::all() {
        let found = repair(bundled.text).unwrap();
        let is_empty = found.changes.is_empty() && found.progress.is_none();
        assert!(is_empty && found.complete, "{}: {found:?}", bundled.name);
    }
}

#[test]
fn of_a_modest_claim_the_claim_is_changed() {
    let right = library::find("gill4").unwrap().text;
    let wrong = right.replace("order 4 |", "order 3 |");
    let change = only(&wrong);
    assert_eq!(change.kind, Kind::Claim);
    assert_eq!(change.to_string(), "write `order 4`");
    assert_eq!(change.apply(&wrong), right);
}

/// Four stages have no order 5, and these are right.
#[test]
fn of_a_bold_claim_the_order_is_told() {
    let text = library::find("rk4_38").unwrap().text;
    let change = only(&text.replace("order 4", "order 5"));
    assert_eq!(change.kind, Kind::Claim);
    let said = "if the coefficients are right, write `order 4`";
    assert_eq!(change.to_string(), said);
}

/// The propagated row is better than its claim, and an embedded weight is wrong.
#[test]
fn claims_that_are_too_low_are_raised_with_a_change() {
    let text = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 3 | 1/6 1/3 1/3 1/6\norder 2 | 0 2 0 0\n";
    // Two weights may be the wrong one; the nearer number comes first.
    let change = repair(text).unwrap().changes.remove(0);
    let expected = [
        ("weights row 2, entry 2".to_owned(), "1".to_owned()),
        ("weights row 1".to_owned(), "order 4".to_owned()),
    ];
    assert_eq!(written(&change), expected);
    assert!(compile(&change.apply(text)).is_ok());
    let swapped = text.replace("0 2 0 0", "1 0 0 0");
    let change = only(&swapped);
    assert_eq!(change.kind, Kind::Swap);
    assert!(compile(&change.apply(&swapped)).is_ok());
    let hopeless = text.replace("0 2 0 0", "1/3 0 0 2/3");
    let change = only(&hopeless);
    assert!(compile(&change.apply(&hopeless)).is_ok());
    let said = change.to_string();
    assert!(said.contains("`order 4` in weights row 1"), "{said}");
}

fn said(text: &str) -> String {
    let problems = horesnet_compiler::check(text, None).unwrap().problems;
    let lines = problems.iter().flat_map(Diagnostic::help_lines);
    lines.cloned().collect::<Vec<_>>().join("\n")
}

#[test]
fn what_helps_is_said_once() {
    let right = library::find("dopri5").unwrap().text;
    let rows: Vec<_> = right
        .lines()
        .filter(|line| line.starts_with("order"))
        .collect();
    let values = |row: &str| row.split_once('|').unwrap().1.to_owned();
    let (first, second) = (values(rows[0]), values(rows[1]));
    let wrong = right
        .replace(&second, "\u{1}")
        .replace(&first, &second)
        .replace('\u{1}', &first);
    let help = said(&wrong);
    assert_eq!(help.matches("exchange").count(), 1, "{help}");
    let alone = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | 0.17 0.33 0.33 0.1701\n";
    let help = said(alone);
    assert!(!help.starts_with("or "), "{help}");
}

/// The nodes are the sums of the rows as they are printed, or left to be that.
#[test]
fn decimals_are_recognised_with_their_row_sums() {
    let heun = |nodes: [&str; 2]| {
        let rows = format!("{} | 0.33333333\n{} | 0 0.66666667", nodes[0], nodes[1]);
        format!("0 |\n{rows}\n---\norder 3 | 0.25 0 0.75\n")
    };
    let pair = |place: &str, value: &str| (place.to_owned(), value.to_owned());
    let entries = [pair("row 2, entry 1", "1/3"), pair("row 3, entry 2", "2/3")];
    assert_eq!(written(&only(&heun(["*", "*"]))), entries);
    let text = heun(["0.33333333", "0.66666667"]);
    let nodes = [pair("node 2", "1/3"), pair("node 3", "2/3")];
    assert_eq!(written(&only(&text)), [entries, nodes].concat());
    assert!(compile(&only(&text).apply(&text)).is_ok());
    // No bundled scheme is like this one; its numbers have a root.
    let gauss = "* | 0.25 -0.038675134594813\n* | 0.538675134594813 0.25\n---\norder 4 | 0.5 0.5\n";
    assert!(compile(gauss).is_err());
    let change = only(gauss);
    let expected = [
        pair("row 1, entry 2", "(3 - 2*sqrt(3))/12"),
        pair("row 2, entry 1", "(3 + 2*sqrt(3))/12"),
    ];
    assert_eq!(written(&change), expected);
    assert!(
        horesnet_compiler::check(&change.apply(gauss), None).is_ok_and(|c| c.problems.is_empty())
    );
}

/// Ralston's numbers, which are long, as a table of double precision has them.
#[test]
fn long_roots_are_those_of_the_bundled_scheme() {
    let scheme = compile(library::find("ralston4").unwrap().text)
        .unwrap()
        .tableau;
    let decimal = |number: &Number| format!("{:.16}", number.to_f64());
    let rows = scheme.matrix.row_iter().enumerate().map(|(i, row)| {
        let entries: Vec<_> = row.iter().take(i).map(decimal).collect();
        // Printed sums of what is printed.
        format!("* | {}\n", entries.join(" "))
    });
    let weights: Vec<_> = scheme.weights[0].values.iter().map(decimal).collect();
    let rows: String = rows.collect();
    let text = format!("{rows}---\norder 4 | {}\n", weights.join(" "));
    assert_eq!(only(&text).kind, Kind::Decimals);
}

#[test]
fn a_stated_error_that_is_too_small_is_mended() {
    let text = "rounded 1e-9\n0 |\n* | 0.33333333\n* | 0 0.66666667\n---\norder 3 | 0.25 0 0.75\n";
    let problems = horesnet_compiler::check(text, None).unwrap().problems;
    let help = "the numbers have fewer digits than stated: with `rounded 5e-8` every claim is true";
    assert!(problems[0].help_lines().contains(&help.to_owned()));
    assert!(compile(&text.replace("1e-9", "5e-8")).is_ok());
}

/// Many long numbers and a false claim: what was not tried is said.
#[test]
fn long_searches_are_cut_short() {
    let row = |i: usize| -> String {
        let entry = |j| {
            format!(
                " {}/{}*sqrt({})",
                (i * 7 + j * 3) % 11 + 1,
                (i + j) % 13 + 20,
                [2, 3, 5, 7][(i + j) % 4]
            )
        };
        (0..i).map(entry).collect()
    };
    let rows: Vec<_> = (0..64).map(|i| format!("* |{}", row(i))).collect();
    let text = format!(
        "{}\n---\norder 3 |{}\n",
        rows.join("\n"),
        " 1/64".repeat(64)
    );
    let checked = horesnet_compiler::check(&text, None).unwrap();
    assert!(!checked.repair.unwrap().complete);
    let help = "the search for changes was cut short: the tableau is too large to try all";
    assert!(checked.problems[0].help_lines().contains(&help.to_owned()));
    // Nobody asked for repairs here.
    let proven = horesnet_compiler::prove(&text).unwrap();
    assert!(proven.repair.is_none() && proven.problems.len() == 1);
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
