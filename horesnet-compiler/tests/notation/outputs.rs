//! Outputs for frameworks and programming languages: the text, its numbers, and refusals.
//!
//! With `HORESNET_OUTPUTS=FOLDER`, the outputs of all bundled schemes are kept there, and `.ci/outputs.py` runs them.

use std::fmt::Write;
use std::path::Path;

use horesnet_compiler::library::{self, Bundled};
use horesnet_compiler::notation::{self, Notation, OUTPUTS, Output, PrintedTableau};
use horesnet_compiler::prove;
use proptest::prelude::*;

use crate::tableaux;

fn read(text: &str) -> PrintedTableau {
    notation::find("tab").unwrap().read(text).unwrap()
}

fn output(name: &str) -> &'static Output {
    Output::find(name).unwrap()
}

fn json() -> &'static Notation {
    notation::find("json").unwrap()
}

/// A bundled scheme with its proven orders.
fn proven(scheme: &Bundled) -> PrintedTableau {
    let mut printed = read(scheme.text);
    let verdict = prove(scheme.text).unwrap().verdict;
    printed.claim(verdict.weights.iter().map(|row| row.order));
    printed
}

fn refusal(name: &str, printed: &PrintedTableau) -> String {
    let problem = output(name).write(printed).unwrap_err();
    assert_eq!(
        problem.headline(),
        format!("cannot write this tableau as {name}")
    );
    problem.remarks().next().unwrap_or_default().to_owned()
}

#[test]
fn every_bundled_scheme_is_written_or_refused_with_the_reason() {
    let folder = std::env::var_os("HORESNET_OUTPUTS");
    let mut refused = String::new();
    for scheme in library::all().iter().chain(library::implicit()) {
        let printed = proven(scheme);
        let keep = |file: &str, text: &str| {
            if let Some(folder) = &folder {
                let folder = Path::new(folder).join(scheme.name);
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(file), text).unwrap();
            }
        };
        keep("tableau.json", &json().write(&printed).unwrap());
        for output in OUTPUTS {
            match output.write(&printed) {
                Ok(text) => keep(&format!("{}.{}", output.name, output.extension), &text),
                Err(problem) => {
                    let reason = problem.remarks().next().unwrap_or_default();
                    writeln!(refused, "{}, {}: {reason}", scheme.name, output.name).unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(refused);
}

#[test]
fn texts() {
    const ROUNDED: &str = "name \"Rounded\"\nrounded 5e-5\n0 |\n0.66667 | 0.66667\n---\norder 2 | 0.25 0.75\norder 1 | 1 0\n";
    let bundled = |name: &str| proven(library::find(name).unwrap());
    for (case, printed) in [
        ("explicit_pair", bundled("fehlberg21")),
        ("roots", bundled("gill4")),
        ("implicit", bundled("tr_bdf2")),
        ("rounded", read(ROUNDED)),
    ] {
        let mut texts = String::new();
        for output in OUTPUTS {
            let text = output.write(&printed);
            let text = text.unwrap_or_else(|problem| problem.render("the tableau", ""));
            writeln!(texts, "==== {}\n{text}", output.name).unwrap();
        }
        insta::assert_snapshot!(case, texts);
    }
}

#[test]
fn schemes_that_a_framework_cannot_run_are_refused() {
    let heun = |row: &str| read(&format!("0 |\n1 | 1\n---\n{row}\n"));
    let unclaimed = heun("| 1/2 1/2");
    for name in ["diffrax", "torchdiffeq", "sundials"] {
        assert!(output(name).states_orders);
        assert_eq!(
            refusal(name, &unclaimed),
            "the order of the weights is unknown"
        );
        let embedded = heun("order 2 | 1/2 1/2\n| 1 0");
        assert_eq!(
            refusal(name, &embedded),
            "the order of the embedded weights is unknown"
        );
        let mut none = heun("| 1 1");
        none.claim([0]);
        assert!(refusal(name, &none).contains("no order"));
    }
    for name in ["pytorch", "c", "fortran", "matlab", "rust"] {
        assert!(!output(name).states_orders);
        assert!(output(name).write(&unclaimed).is_ok(), "{name}");
    }
    let nodes = read("0 |\n2/3 | 1\n---\norder 1 | 1/2 1/2\n");
    assert_eq!(
        refusal("diffrax", &nodes),
        "diffrax expects nodes that are row sums"
    );
    let late = read("1/2 |\n1 | 1\n---\norder 1 | 1/2 1/2\n");
    assert!(refusal("torchdiffeq", &late).contains("the node 0"));
    let implicit = read("1/2 | 1/2\n---\norder 2 | 1\n");
    for name in ["pytorch", "torchdiffeq"] {
        assert!(refusal(name, &implicit).contains("implicit"));
    }
    assert!(refusal("diffrax", &implicit).contains("one stage"));
    let huge = format!(
        "0 |\n1 | 1\n---\norder 1 | {0}1/{0}2 1/{0}2\n",
        "7".repeat(310)
    );
    for entry in [
        &huge,
        "0 |\n1e400 | 1e400\n---\norder 1 | 1 0\n",
        "0 |\n1 | 1e-400\n---\norder 1 | 1 0\n",
    ] {
        for output in OUTPUTS {
            let refusal = refusal(output.name, &read(entry));
            assert!(
                refusal.contains("beyond the range"),
                "{}: {refusal}",
                output.name
            );
        }
    }
}

/// A row of weights that do not sum to 1 estimates nothing.
#[test]
fn weights_of_order_0_are_no_estimate() {
    let mut printed = read("0 |\n1 | 1\n---\norder 2 | 1/2 1/2\n| 1/2 -1/2\n");
    printed.claim([2, 0]);
    assert!(
        output("sundials")
            .write(&printed)
            .unwrap()
            .contains("Create(2, 2, 0, c, A, b, NULL)")
    );
    assert!(
        output("torchdiffeq")
            .write(&printed)
            .unwrap()
            .contains("FixedGridODESolver")
    );
    assert!(
        output("diffrax")
            .write(&printed)
            .unwrap()
            .contains("without an error estimate")
    );
}

/// Steps are sized by the order of the local error, which is not that of the weights if the embedded order is far below.
#[test]
fn solvers_size_their_steps_by_the_order_of_the_estimate() {
    let mut printed = read(library::find("dopri5").unwrap().text);
    printed.claim([5, 3]);
    assert!(
        output("torchdiffeq")
            .write(&printed)
            .unwrap()
            .contains("    order = 4\n")
    );
    let text = output("diffrax").write(&printed).unwrap();
    assert!(
        text.contains("return 5\n") && text.contains("return 4\n"),
        "{text}"
    );
    printed.claim([5, 4]);
    assert!(
        !output("diffrax")
            .write(&printed)
            .unwrap()
            .contains("error_order")
    );
}

#[test]
fn extensions_name_outputs_where_they_are_unambiguous() {
    for (extension, name) in [
        ("c", "c"),
        ("h", "c"),
        ("f90", "fortran"),
        ("m", "matlab"),
        ("rs", "rust"),
    ] {
        assert_eq!(Output::by_extension(extension).unwrap().name, name);
    }
    for notation in notation::ALL {
        assert!(Output::by_extension(notation.extension).is_none());
        assert!(Output::find(notation.name).is_none());
    }
    assert!(Output::find("mathematica").is_none());
}

/// The numbers of a program in a language like Python, as a tableau.
fn reread(name: &str, text: &str) -> PrintedTableau {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with(['#', '/', '*']) && !line.starts_with(" *"));
    let text: String = lines.map(|line| line.to_owned() + "\n").collect();
    let assignments: Vec<String> = match name {
        "c" => { text.split("static const ") }
            .filter_map(|line| line.split_once(' ')?.1.split_once(" = "))
            .map(|(name, value)| {
                let value = value.replace('{', "[").replace('}', "]");
                format!("{} = {value}", name.split('[').next().unwrap())
            })
            .collect(),
        "rust" => { text.split("pub const ") }
            .filter_map(|line| Some((line.split_once(": ")?.0, line.split_once(" = ")?.1)))
            .map(|(name, value)| match name {
                "A" => format!("A = {value}"),
                _ => format!("{} = {value}", name.to_lowercase()),
            })
            .collect(),
        _ => {
            // After the docstring, before the classes.
            let text = text.split("\"\"\"").nth(2).unwrap().trim_start();
            vec![text.split("\n\n\n").next().unwrap().to_owned()]
        }
    };
    let text = assignments.concat().replace(';', "");
    let python = notation::find("python").unwrap();
    python
        .read(&text)
        .unwrap_or_else(|problems| panic!("{}", problems[0].render(name, &text)))
}

/// The numbers are the same; orders are not those of a claim.
fn assert_same_numbers(printed: &PrintedTableau, name: &str) {
    let text = output(name).write(printed).unwrap();
    let (found, expected) = (reread(name, &text), printed.tableau());
    assert_eq!(found.tableau().nodes, expected.nodes, "{name}:\n{text}");
    assert_eq!(found.tableau().matrix, expected.matrix, "{name}:\n{text}");
    let values = |row: &horesnet_compiler::tableau::Weights| row.values.clone();
    let rows = |rows: &[_]| rows.iter().map(values).collect::<Vec<_>>();
    assert_eq!(
        rows(&found.tableau().weights),
        rows(&expected.weights),
        "{name}:\n{text}"
    );
}

#[test]
fn numbers_of_bundled_schemes_are_exact() {
    for scheme in library::all() {
        let printed = read(scheme.text);
        assert_same_numbers(&printed, "pytorch");
        // Languages whose constants have no roots.
        if printed.tableau().field_name() == "Q" {
            assert_same_numbers(&printed, "c");
            assert_same_numbers(&printed, "rust");
        }
    }
}

#[test]
fn decimals_keep_their_digits() {
    let printed = read("0 |\n0.50 | 0.50\n---\norder 1 | 1.5e-12 1.2345678901234567890123456789\n");
    for output in OUTPUTS {
        let text = output.write(&printed).unwrap();
        for digits in ["0.50", "1.5e-12", "1.2345678901234567890123456789"] {
            assert!(text.contains(digits), "{}: {text}", output.name);
        }
    }
}

/// Fortran's lines have up to 132 characters.
#[test]
fn lines_of_fortran_are_short() {
    let long = "1".repeat(300);
    let mut printed = read(&format!(
        "0 |\n1 | 0.{long}\n---\norder 1 | {long}/{long}2 1\n"
    ));
    printed.describe(Some("wörd ".repeat(90)), vec![long.clone()], &[]);
    let text = output("fortran").write(&printed).unwrap();
    assert!(
        text.lines().all(|line| line.chars().count() <= 132),
        "{text}"
    );
    let joined: String = text.replace("&\n        &", "");
    assert!(joined.contains(&format!("0.{long}_wp")), "{text}");
    assert!(
        joined.contains(&format!("{long}.0_wp/{long}2.0_wp")),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_tableau_has_an_answer(printed in tableaux::any()) {
        for output in OUTPUTS {
            if let Ok(text) = output.write(&printed) {
                prop_assert!(text.ends_with('\n'));
                if matches!(output.name, "c" | "rust") && printed.tableau().field_name() == "Q" {
                    assert_same_numbers(&printed, output.name);
                }
            }
        }
    }
}
