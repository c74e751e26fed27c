//! Wrong tableaux of rounded numbers and the changes that repair them.

use horesnet_compiler::number::Number;
use horesnet_compiler::repair::{Change, Place};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, compile, library, repair};

fn scheme(name: &str) -> Tableau {
    compile(library::find(name).unwrap().text).unwrap().tableau
}

/// A scheme as a table of double precision has it, some of its numbers other than they are.
fn printed(scheme: &Tableau, changed: &[(Place, f64)]) -> String {
    let print = |place: Place, number: &Number| {
        let other = changed.iter().find(|(other, _)| *other == place);
        other
            .map_or(number.to_f64(), |(_, value)| *value)
            .to_string()
    };
    let mut text = "rounded 1e-15\n".to_owned();
    for i in 0..scheme.stages() {
        let row = i + 1;
        let entry = |j| print(Place::Entry { row, entry: j + 1 }, &scheme.matrix[(i, j)]);
        let entries: Vec<_> = (0..i).map(entry).collect();
        let node = print(Place::Node { row }, &scheme.nodes[i]);
        text.extend([&node, " | ", &entries.join(" "), "\n"]);
    }
    text += "---\n";
    for (at, weights) in scheme.weights.iter().enumerate() {
        let place = |entry| Place::Weight {
            row: at + 1,
            entry: entry + 1,
        };
        let values = weights.values.iter().enumerate();
        let values: Vec<_> = values.map(|(j, b)| print(place(j), b)).collect();
        let claim = weights.claim.unwrap().to_string();
        text.extend(["order ", &claim, " | ", &values.join(" "), "\n"]);
    }
    text
}

fn value(scheme: &Tableau, place: Place) -> f64 {
    let number = match place {
        Place::Entry { row, entry } => &scheme.matrix[(row - 1, entry - 1)],
        Place::Node { row } => &scheme.nodes[row - 1],
        Place::Weight { row, entry } => &scheme.weights[row - 1].values[entry - 1],
        _ => unreachable!(),
    };
    number.to_f64()
}

/// Returns true if a change writes the numbers of a scheme at just these places.
fn restores(change: &Change, scheme: &Tableau, places: &[Place]) -> bool {
    let is_right = |(edit, place): (&horesnet_compiler::repair::Edit, &Place)| {
        let (to, right) = (edit.to.parse::<f64>().unwrap(), value(scheme, *place));
        edit.place == *place && (to - right).abs() <= 1e-12 * right.abs().max(1.0)
    };
    change.edits.len() == places.len() && change.edits.iter().zip(places).all(is_right)
}

/// The first condition that fails has the stage squared.
#[test]
fn numbers_in_which_a_condition_is_not_linear_are_found() {
    let entry = |row, entry| Place::Entry { row, entry };
    for (name, place) in [
        ("butcher6_rational", entry(2, 1)),
        ("butcher6_rational", Place::Node { row: 2 }),
        ("verner6", entry(2, 1)),
        ("huta6", entry(2, 1)),
        ("enright_verner7", entry(2, 1)),
        ("enright_verner7", entry(3, 2)),
    ] {
        let scheme = scheme(name);
        let text = printed(&scheme, &[(place, 1.03 * value(&scheme, place))]);
        let found = repair(&text).unwrap();
        let mut changes = found.changes.iter();
        let right = changes.any(|change| restores(change, &scheme, &[place]));
        assert!(right, "{name}, {place}: {:?}", found.changes);
    }
}

/// A row that does not sum to its node tells the entry, without a search through all conditions.
#[test]
fn entries_of_long_schemes_are_found() {
    for name in ["baker10", "feagin12", "feagin14"] {
        let text = library::find(name).unwrap().text;
        let rows = text.lines().filter(|line| line.contains('|'));
        let row = rows.clone().nth(8).unwrap();
        let wrong = text.replacen(row, &format!("{row}*2"), 1);
        assert!(compile(&wrong).is_err(), "{name}");
        let found = repair(&wrong).unwrap();
        let mended = found.changes[0].apply(&wrong);
        assert!(compile(&mended).is_ok(), "{name}");
        assert!(
            matches!(found.changes[0].edits[0].place, Place::Entry { row: 9, .. }),
            "{name}"
        );
    }
}

/// Nodes differ from their row sums, and the conditions with both are too many: what is known is said, and mended.
#[test]
fn wrong_nodes_of_long_schemes_are_named_and_mended() {
    let text = library::find("feagin14").unwrap().text;
    let rows = text.lines().filter(|line| line.contains('|'));
    for at in [3, 20, 33] {
        let row = rows.clone().nth(at).unwrap();
        let (node, entries) = row.split_once('|').unwrap();
        let wrong = text.replacen(row, &format!("({})+1/1000 |{entries}", node.trim()), 1);
        let checked = check(&wrong, None).unwrap();
        let help = checked.problems[0].help_lines().join("\n");
        assert!(help.contains(&format!("node {} is", at + 1)), "{help}");
        let change = &checked.repair.unwrap().changes[0];
        assert_eq!(change.edits[0].place, Place::Node { row: at + 1 });
        assert!(compile(&change.apply(&wrong)).is_ok());
    }
}

/// The entries are larger than the node, so their sum has fewer digits.
#[test]
fn nodes_follow_large_entries() {
    let scheme = scheme("enright_verner7");
    for at in (1..=7).filter(|at| ![2, 3].contains(at)) {
        let (place, node) = (Place::Entry { row: 10, entry: at }, Place::Node { row: 10 });
        let right = value(&scheme, place);
        let changes = [
            (place, 1.03 * right),
            (node, value(&scheme, node) + 0.03 * right),
        ];
        let text = printed(&scheme, &changes);
        let found = repair(&text).unwrap();
        let mut changes = found.changes.iter();
        let right = changes.any(|change| restores(change, &scheme, &[place, node]));
        assert!(right, "{place}: {:?}", found.changes);
    }
}

#[test]
fn of_two_mistakes_one_is_mended() {
    let scheme = scheme("rk4_38");
    let (weight, entry) = (
        Place::Weight { row: 1, entry: 2 },
        Place::Entry { row: 4, entry: 2 },
    );
    let text = printed(&scheme, &[(weight, 0.385), (entry, -1.25)]);
    let progress = repair(&text).unwrap().progress.unwrap();
    assert_eq!((progress.before, progress.after), (0, 1));
    let help = check(&text, None).unwrap().problems[0]
        .help_lines()
        .join("\n");
    assert!(
        help.contains("hold to order 1 instead of 0 with this one"),
        "{help}"
    );
}
