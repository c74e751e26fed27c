//! Nodes that are not the sums of their rows, and claims that are likelier wrong than numbers.

use horesnet_compiler::repair::{Kind, Place};
use horesnet_compiler::{compile, repair};

/// The help of the first problem.
fn helped(text: &str) -> Vec<String> {
    let checked = horesnet_compiler::check(text, None).unwrap();
    let problem = checked.problems.first().expect("a problem");
    problem.remarks().map(str::to_owned).collect()
}

#[test]
fn wrong_nodes_are_all_named_and_mended_together() {
    let rk4 = |nodes: [&str; 4]| {
        let [a, b, c, d] = nodes;
        format!("{a} |\n{b} | 1/2\n{c} | 0 1/2\n{d} | 0 0 1\n---\norder 4 | 1/6 1/3 1/3 1/6\n")
    };
    for (nodes, kind, advice) in [
        (
            ["0", "1", "1/2", "1/2"],
            Kind::Swap,
            "nodes 2 and 4: 1 and 1/2 should be exchanged",
        ),
        (
            ["1/2", "1/2", "1", "1"],
            Kind::Shift,
            "the nodes are shifted by a row: nodes 1, 3 should be the sums of their rows, written `*`",
        ),
        (
            ["0", "0", "1/2", "1/2"],
            Kind::Shift,
            "the nodes are shifted by a row: nodes 2, 4 should be the sums of their rows, written `*`",
        ),
        (
            ["0", "1/3", "2/3", "1"],
            Kind::Nodes,
            "nodes 2, 3 should be the sums of their rows, written `*`",
        ),
        (
            ["0", "1/2", "1/2", "7"],
            Kind::Value,
            "node 4: 7 should be 1",
        ),
    ] {
        let text = rk4(nodes);
        let found = repair(&text).unwrap();
        assert_eq!(found.changes[0].kind, kind, "{nodes:?}");
        assert!(compile(&found.changes[0].apply(&text)).is_ok(), "{nodes:?}");
        let values = found.changes[1..].iter().flat_map(|change| &change.edits);
        assert!({ values }.all(|edit| !matches!(edit.place, Place::Node { .. })));
        let help = helped(&text).join("\n");
        assert!(help.contains(advice), "{help}");
        for (row, (given, sum)) in (1..).zip(nodes.iter().zip(["0", "1/2", "1/2", "1"])) {
            let named = format!("node {row} is {given}, but its row sums to {sum}");
            assert_eq!(help.contains(&named), *given != sum, "{help}");
        }
    }
}

#[test]
fn wrong_nodes_of_rounded_files_are_mended() {
    let right = "rounded 5e-9\n0 |\n0.66666667 | 0.33333333\n0.33333333 | 0 0.66666667\n---\norder 3 | 0.25 0 0.75\n";
    let found = repair(right).unwrap();
    assert_eq!(found.changes[0].kind, Kind::Swap);
    assert!(compile(&found.changes[0].apply(right)).is_ok());
}

#[test]
fn a_claim_is_likelier_wrong_than_two_numbers() {
    let text = "1/2 | 1/2 0\n3/2 | -1/2 2\n---\norder 2 | -1/2 3/2\n";
    let help = helped(text);
    assert_eq!(help[1], "if the coefficients are right, write `order 1`");
    let found = repair(text).unwrap();
    assert_eq!(found.changes[0].kind, Kind::Claim);
}

/// A scheme whose first node is no row sum on purpose, and one other node wrong.
#[test]
fn one_wrong_node_beside_another_that_is_meant_is_mended_alone() {
    let right = horesnet_compiler::library::find("tsitouras_lane_emden5")
        .unwrap()
        .text;
    let row = right.lines().find(|line| line.starts_with("1/6")).unwrap();
    let wrong = right.replacen(row, &row.replacen("1/6", "7/6", 1), 1);
    let changes = repair(&wrong).unwrap().changes;
    let [edit] = changes[0].edits.as_slice() else {
        panic!("{:?}", changes[0]);
    };
    assert_eq!(
        (edit.place, edit.to.as_str()),
        (Place::Node { row: 2 }, "1/6")
    );
    assert_eq!(changes[0].apply(&wrong), right);
}
