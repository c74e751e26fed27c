//! Random tableaux: rationals of any length, decimals, roots, embedded rows, implicit forms, names of any characters.

use std::fmt::Write;

use horesnet_compiler::notation::{self, PrintedTableau};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// An entry as tableau files write it.
fn entry() -> impl Strategy<Value = String> {
    let root = (
        -9..9_i64,
        1..99_i64,
        prop::sample::select(vec![2, 3, 6, 21]),
        1..999_i64,
    );
    prop_oneof![
        3 => Just("0".to_owned()),
        3 => (-99..99_i64).prop_map(|n| n.to_string()),
        4 => (-999..999_i64, 1..999_i64).prop_map(|(n, d)| format!("{n}/{d}")),
        1 => "-?[1-9][0-9]{18,60}/[1-9][0-9]{18,60}",
        2 => "-?[0-9]{0,3}\\.[0-9]{1,20}",
        1 => "-?[0-9]\\.[0-9]{0,9}[eE][+-]?[0-9]{1,2}",
        2 => root.prop_map(|(a, b, r, d)| format!("({a}+{b}*sqrt({r}))/{d}")),
        1 => (1..99_i64, 1..9_i64).prop_map(|(b, d)| format!("-{b}*sqrt(6)/{d}")),
    ]
}

/// A line of text without its end.
fn line() -> impl Strategy<Value = String> {
    "\\PC{0,20}".prop_map(|line| line.trim().to_owned())
}

/// Any tableau at all.
pub(crate) fn any() -> impl Strategy<Value = PrintedTableau> {
    let shape = (1..6_usize, 1..5_usize, proptest::bool::ANY);
    let numbers = shape.prop_flat_map(|(stages, rows, full)| {
        let entries = vec(vec(entry(), stages), stages);
        let weights = vec((option::of(1..16_usize), vec(entry(), stages)), rows);
        (
            Just(full),
            vec(entry(), stages),
            entries,
            weights,
            option::of(prop::sample::select(vec!["1e-16", "1/1000"])),
        )
    });
    let text = numbers.prop_map(|(full, nodes, entries, weights, rounded)| {
        let mut text = String::new();
        if let Some(eps) = rounded {
            writeln!(text, "rounded {eps}").unwrap();
        }
        for (i, (node, row)) in nodes.iter().zip(&entries).enumerate() {
            let shown = if full { row.len() } else { i };
            writeln!(text, "{node} | {}", row[..shown].join(" ")).unwrap();
        }
        text += "---\n";
        for (claim, row) in weights {
            let claim = claim.map_or_else(String::new, |order| format!("order {order} "));
            writeln!(text, "{claim}| {}", row.join(" ")).unwrap();
        }
        text
    });
    let names = (
        option::of(proptest::prelude::any::<String>()),
        vec(proptest::prelude::any::<String>(), 0..3),
        vec(line(), 0..3),
    );
    (text, names).prop_map(|(text, (name, citations, documentation))| {
        let mut printed = notation::find("tab").unwrap().read(&text).unwrap();
        printed.describe(name, citations, &documentation);
        printed
    })
}
