//! `docs/notations.md`: the examples written are what the writers write, and those read are read. `docs/found.md` is what its
//! program prints.
//!
//! The pages are no part of the package, and neither is this test.

#[path = "../examples/found.rs"]
mod found;

use horesnet_compiler::notation::{self, Notation, OUTPUTS, Output, PrintedTableau};
use horesnet_compiler::{library, parse};

const PAGE: &str = include_str!("../../docs/notations.md");

/// The blocks of the page: name of a notation or an output, what it is an example of, text.
fn named_blocks() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let blocks = PAGE.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| {
        let (header, text) = block.split_once('\n').unwrap_or((block, ""));
        let (name, what) = header.split_once(' ')?;
        Some((name, what, text))
    })
}

/// The blocks of notations.
fn blocks() -> Vec<(&'static Notation, &'static str, &'static str)> {
    let notations = named_blocks().filter(|(name, ..)| Output::find(name).is_none());
    notations
        .map(|(name, what, text)| (notation::find(name).expect(name), what, text))
        .collect()
}

#[test]
fn the_examples_of_frameworks_and_languages_are_the_output() {
    let mut names = Vec::new();
    for (name, scheme, text) in named_blocks() {
        let Some(output) = Output::find(name) else {
            continue;
        };
        let scheme = library::find(scheme).expect(scheme);
        let printed = PrintedTableau::new(&parse(scheme.text).unwrap()).unwrap();
        let written = output.write(&printed).unwrap();
        assert_eq!(
            written.trim_end(),
            text,
            "the page has another text in {name}"
        );
        names.push(name);
    }
    assert_eq!(names, ["sundials", "c", "fortran", "matlab", "rust"]);
    for output in OUTPUTS {
        assert!(
            PAGE.contains(&format!("`{}`", output.name)),
            "{}",
            output.name
        );
    }
}

#[test]
fn the_written_examples_are_the_output() {
    let written: Vec<_> = blocks()
        .into_iter()
        .filter(|(_, what, _)| *what != "read")
        .collect();
    assert_eq!(written.len(), notation::ALL.len());
    for (notation, scheme, text) in written {
        let scheme = library::find(scheme).expect(scheme);
        let printed = PrintedTableau::new(&parse(scheme.text).unwrap()).unwrap();
        let output = match notation.name {
            "tab" => notation::format(scheme.text).unwrap(),
            _ => notation.write(&printed).unwrap(),
        };
        assert_eq!(
            output.trim_end(),
            text,
            "the page has another text in {}",
            notation.name
        );
    }
}

#[test]
fn the_other_examples_are_read() {
    let read: Vec<_> = blocks()
        .into_iter()
        .filter(|(_, what, _)| *what == "read")
        .collect();
    assert!(read.len() >= notation::ALL.len() - 1);
    for (notation, _, text) in read {
        assert_eq!(notation::detect(text).form, notation.form);
        let printed = notation.read(text);
        let printed = printed
            .unwrap_or_else(|problems| panic!("{}", problems[0].render("notations.md", text)));
        let sums = printed.tableau().row_sums();
        assert_eq!(printed.tableau().nodes, sums, "{text}");
    }
}

#[test]
fn the_page_of_wrong_tableaux_is_what_its_program_prints() {
    let page = include_str!("../../docs/found.md");
    let command = "cargo run -p horesnet-compiler --example found > docs/found.md";
    assert_eq!(page, found::page(), "run `{command}`");
}
