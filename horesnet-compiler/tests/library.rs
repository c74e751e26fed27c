//! Every bundled scheme is what its file claims, exactly, and its file says what a user needs to choose it.

use horesnet_compiler::{compile, library};

/// Schemes with a node that is not the sum of its row, on purpose.
const OFF_ROW_SUMS: [&str; 1] = [
    // The first stage is evaluated at node 2/3, to stay away from a singular start.
    "tsitouras_lane_emden5",
];

#[test]
fn every_bundled_scheme_compiles() {
    assert!(library::all().len() >= 70);
    for scheme in library::all() {
        let compiled = compile(scheme.text).unwrap_or_else(|problems| {
            panic!(
                "{}",
                problems
                    .iter()
                    .map(|p| p.render(&scheme.path(), scheme.text))
                    .collect::<Vec<_>>()
                    .join("\n")
            )
        });
        let tableau = &compiled.tableau;
        if tableau.rounded.is_none() {
            let expected = !OFF_ROW_SUMS.contains(&scheme.name);
            assert_eq!(compiled.verdict.row_sums, expected, "{}", scheme.name);
        }
    }
}

#[test]
fn every_file_has_a_name_a_source_claims_and_a_line_on_its_use() {
    let mut titles = Vec::new();
    for scheme in library::all() {
        let tableau = compile(scheme.text).unwrap().tableau;
        assert!(
            scheme
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
            "{}",
            scheme.name
        );
        titles.push(tableau.name.expect("a name"));
        assert!(!tableau.citations.is_empty(), "{}", scheme.name);
        assert!(
            tableau.weights.iter().all(|row| row.claim.is_some()),
            "{}",
            scheme.name
        );
        let head = &tableau.documentation;
        let says_when = |line: &String| {
            ["For ", "Not for ", "In networks"]
                .iter()
                .any(|words| line.contains(words))
        };
        assert!(
            head.iter().any(says_when),
            "{}: when is it used? {head:?}",
            scheme.name
        );
    }
    let all = titles.len();
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), all, "two schemes have one name");
}
