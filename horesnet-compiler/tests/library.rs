//! Every bundled scheme is what its file claims, exactly, and its file says what a user needs to choose it.

use std::path::Path;

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, compile, library, parse};

/// Schemes with a node that is not the sum of its row, on purpose.
const OFF_ROW_SUMS: [&str; 2] = [
    // The first stage is evaluated at node 2/3, to stay away from a singular start.
    "tsitouras_lane_emden5",
    // Lobatto IIIB with s stages has C(s - 2) only.
    "lobatto_iiib2",
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

/// Implicit schemes are what their files claim too; the refusal of a block says what they are.
#[test]
fn implicit_schemes_are_checked_found_and_refused_as_blocks() {
    assert!(library::implicit().len() >= 30);
    for scheme in library::implicit() {
        let shown = |problems: &[Diagnostic]| {
            let shown = problems
                .iter()
                .map(|p| p.render(&scheme.path(), scheme.text));
            shown.collect::<Vec<_>>().join("\n")
        };
        let checked =
            check(scheme.text, None).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
        assert!(checked.problems.is_empty(), "{}", shown(&checked.problems));
        assert!(!checked.tableau.is_explicit(), "{}", scheme.name);
        let expected = !OFF_ROW_SUMS.contains(&scheme.name);
        assert_eq!(checked.verdict.row_sums, expected, "{}", scheme.name);
        let refused = shown(&checked.compile().unwrap_err());
        assert!(refused.contains("the scheme is implicit"), "{refused}");
        assert!(refused.contains("explicit schemes"), "{refused}");
        assert_eq!(library::find(scheme.name), Some(scheme));
        assert!(library::all().iter().all(|other| other.name != scheme.name));
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(scheme.path())
                .is_file(),
            "{}",
            scheme.path()
        );
    }
}

#[test]
fn every_file_has_a_name_a_source_claims_and_a_line_on_its_use() {
    let mut titles = Vec::new();
    for scheme in library::all().iter().chain(library::implicit()) {
        let tableau = Tableau::new(&parse(scheme.text).unwrap()).unwrap();
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

/// The largest coefficient of a scheme's block, which leaves out the stages that the propagated weights do not reach.
fn largest(text: &str) -> f64 {
    let tableau = Tableau::new(&parse(text).unwrap()).unwrap();
    let plan = Plan::new(&tableau).unwrap();
    let terms = plan.stages.iter().flat_map(|stage| &stage.terms);
    let terms = terms.chain(&plan.weights);
    let sizes = terms.map(|term| term.coefficient.to_f64().abs());
    sizes.fold(0.0, f64::max)
}

/// The numbers that the comment of a file says its coefficients reach, or stay below, as they are printed.
fn figures(text: &str) -> Vec<(bool, &str)> {
    const REACH: [&str; 4] = ["up to ", "of up to ", "reach ", "(up to "];
    const BELOW: [&str; 2] = ["below ", "stay below "];
    let head = text.split("\nname ").next().unwrap_or_default();
    let mut figures = Vec::new();
    for (reach, words) in REACH
        .map(|w| (true, w))
        .into_iter()
        .chain(BELOW.map(|w| (false, w)))
    {
        for (_, rest) in head
            .split("coefficients ")
            .skip(1)
            .filter_map(|rest| rest.split_once(words))
            .filter(|(before, _)| before.is_empty())
        {
            let end = rest.find(|c: char| !c.is_ascii_digit() && !".,".contains(c));
            let (figure, after) = rest.split_at(end.unwrap_or(rest.len()));
            if !after.starts_with(" in most rows") {
                figures.push((reach, figure.trim_end_matches(['.', ','])));
            }
        }
    }
    figures
}

#[test]
fn figures_of_coefficients_are_those_of_the_block() {
    let mut seen = 0;
    for scheme in library::all() {
        let found = largest(scheme.text);
        for (reach, figure) in figures(scheme.text) {
            let stated: f64 = figure.replace(',', "").parse().unwrap();
            let decimals = figure
                .split_once('.')
                .map_or(0, |(_, decimals)| decimals.len());
            // Thousands are meant to two digits.
            let unit = if figure.contains(',') {
                100.0
            } else {
                0.1_f64.powi(decimals as i32)
            };
            let true_figure = if reach {
                (found - stated).abs() <= 0.5 * unit
            } else {
                found <= stated
            };
            assert!(
                true_figure,
                "{}: coefficients reach {found}, not {figure}",
                scheme.name
            );
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen}");
}
