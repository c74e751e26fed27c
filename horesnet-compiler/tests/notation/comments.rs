//! Names and comments of any characters never become code of an output.

use horesnet_compiler::library;
use horesnet_compiler::notation::{self, OUTPUTS, Output};

/// Everything but comments of an output.
fn code(output: &Output, text: &str) -> String {
    let mark = match output.name {
        "c" | "sundials" => return text.split_once("*/").unwrap().1.to_owned(),
        "fortran" => "!",
        "matlab" => "%",
        "rust" => "//",
        _ => "#",
    };
    let lines = text.lines().filter(|line| !line.starts_with(mark));
    lines.map(|line| line.to_owned() + "\n").collect()
}

const HOSTILE: &[&str] = &[
    "*/ int x; /*",
    "\"\"\" + 1/0",
    "''' x",
    "a\nstop",
    "a\r\nstop",
    "?\u{3f}/",
    "ends with \\",
    "--> {- %{",
    "%{",
    "%}",
    "# coding: rot13",
    "é √ 龍",
    "\u{202e}reversed",
    "\u{2028}line",
    "\u{85}next",
    "\u{c}form",
    "\u{0}null",
    "$(x) `y` ${z}",
    "!$omp parallel",
    "&",
    "class",
    "1st",
];

#[test]
fn names_and_comments_are_never_code() {
    let mut plain = notation::find("tab")
        .unwrap()
        .read(library::find("heun2").unwrap().text)
        .unwrap();
    for text in HOSTILE {
        for output in OUTPUTS {
            // Names of classes and functions come from the name, so it stays the same.
            plain.describe(Some("Heun".into()), vec!["x".into()], &["x".into()]);
            let expected = code(output, &output.write(&plain).unwrap());
            let mut hostile = plain.clone();
            hostile.describe(Some("Heun".into()), vec![(*text).into()], &[(*text).into()]);
            let written = output.write(&hostile).unwrap();
            assert_eq!(
                code(output, &written),
                expected,
                "{text:?} in {}:\n{written}",
                output.name
            );
            let is_plain = |c: char| c == '\n' || !c.is_control();
            assert!(written.chars().all(is_plain), "{text:?} in {}", output.name);
            assert!(
                !written.contains(['\u{202e}', '\u{2028}']),
                "{text:?} in {}",
                output.name
            );
            hostile.describe(Some((*text).into()), vec![], &[]);
            let written = code(output, &output.write(&hostile).unwrap());
            let is_name = |c: char| {
                c.is_ascii_alphanumeric()
                    || " _.,;:=()[]{}<>*+-/'\"`%&#!^|~?\\\n".contains(c)
                    || "Σ".contains(c)
            };
            assert!(
                written.chars().all(is_name),
                "{text:?} in {}:\n{written}",
                output.name
            );
        }
    }
    // No comment stands in the first two lines of Python, where it could declare an encoding.
    for output in OUTPUTS.iter().filter(|output| output.extension == "py") {
        let mut hostile = plain.clone();
        hostile.describe(Some("coding: rot13".into()), vec![], &[]);
        let written = output.write(&hostile).unwrap();
        assert!(
            written.lines().take(2).all(|line| !line.contains('#')),
            "{written}"
        );
    }
}
