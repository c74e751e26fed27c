//! Writing and reading again gives the same tableau, in every notation.

use horesnet_compiler::notation::{self, PrintedTableau};
use horesnet_compiler::{check, library, parse};
use proptest::prelude::*;

use crate::tableaux;

fn printed(text: &str) -> PrintedTableau {
    PrintedTableau::new(&parse(text).unwrap()).unwrap()
}

#[test]
fn every_bundled_scheme_survives_every_notation() {
    for scheme in library::all().iter().chain(library::implicit()) {
        for notation in notation::ALL {
            // Other notations have no place for names of other programs.
            let lines = scheme.text.lines();
            let kept = lines.filter(|line| notation.name == "tab" || !line.starts_with("alias "));
            let printed = printed(&kept.flat_map(|line| [line, "\n"]).collect::<String>());
            let text = notation.write(&printed).unwrap();
            let again = notation.read(&text).unwrap_or_else(|problems| {
                panic!("{}", problems[0].render(scheme.name, &text));
            });
            assert_eq!(
                again, printed,
                "{} in {}:\n{text}",
                scheme.name, notation.name
            );
            assert_eq!(notation.write(&again).unwrap(), text);
            assert_eq!(notation::detect(&text).form, notation.form, "{text}");
        }
    }
}

#[test]
fn what_is_written_as_a_tableau_file_passes_the_same_check() {
    for scheme in library::all().iter().chain(library::implicit()) {
        let text = notation::find("tab")
            .unwrap()
            .write(&printed(scheme.text))
            .unwrap();
        let (before, after) = (
            check(scheme.text, None).unwrap(),
            check(&text, None).unwrap(),
        );
        assert_eq!(after.tableau, before.tableau);
        assert!(after.problems.is_empty(), "{text}");
    }
}

proptest! {
    #[test]
    fn every_tableau_survives_every_notation(printed in tableaux::any()) {
        for notation in notation::ALL {
            let mut expected = printed.clone();
            if notation.name == "tab" {
                // The language has no escapes.
                let plain = |text: &String| -> String {
                    text.chars().map(|c| if c == '"' { '\'' } else if c.is_control() { ' ' } else { c }).collect()
                };
                let tableau = printed.tableau();
                expected.describe(
                    tableau.name.as_ref().map(plain),
                    tableau.citations.iter().map(plain).collect(),
                    &tableau.documentation,
                );
            }
            let text = notation.write(&printed).unwrap();
            match notation.read(&text) {
                Ok(again) => prop_assert_eq!(again, expected, "{}", text),
                Err(problems) => prop_assert!(false, "{}", problems[0].render(notation.name, &text)),
            }
            prop_assert_eq!(notation::detect(&text).form, notation.form, "{}", text);
        }
    }
}

/// Characters at which one language ends a line and another does not, and those that a terminal obeys.
#[test]
fn a_comment_is_a_comment_in_every_notation() {
    let odd = [
        '\r', '\u{b}', '\u{c}', '\u{1b}', '\u{85}', '\u{2028}', '\u{2029}', '\0', '\n',
    ];
    for c in odd {
        let line = format!("Heun{c}print(1){c}");
        let mut printed = printed("0 |\n---\n| 1\n");
        printed.describe(None, Vec::new(), std::slice::from_ref(&line));
        let json = format!(
            "{{\"documentation\": [{:?}], \"A\": [[0]], \"b\": [1]}}",
            "Heun\\rprint(1)"
        )
        .replace("\\\\r", &format!("\\u{:04x}", u32::from(c)));
        let from_json = notation::find("json").unwrap().read(&json).unwrap();
        let head = horesnet_compiler::document::Document {
            head: vec![line],
            ..parse("0 |\n---\n| 1\n").unwrap()
        };
        for printed in [printed, from_json, PrintedTableau::new(&head).unwrap()] {
            for notation in notation::ALL {
                let text = notation.write(&printed).unwrap();
                assert!(!text.contains(|found| found == c && c != '\n'), "{text:?}");
                let own = |line: &str| line.trim().starts_with("print");
                assert!(!text.lines().any(own), "{text}");
                assert_eq!(notation.read(&text).unwrap(), printed, "{text}");
            }
        }
    }
}
