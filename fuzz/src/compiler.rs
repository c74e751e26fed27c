//! Targets of the compiler: the tableau language, every notation, and verdicts.

use horesnet_compiler::{check, notation};

use crate::commands;
use crate::definition::Integers;

/// Runs every command on a text.
pub fn tab(data: &[u8]) {
    let Some(text) = text(data) else { return };
    for (_, command) in commands::ALL {
        command(&text);
    }
}

/// Reads JSON.
pub fn json(data: &[u8]) {
    read("json", data);
}

/// Reads LaTeX.
pub fn latex(data: &[u8]) {
    read("latex", data);
}

/// Reads Julia.
pub fn julia(data: &[u8]) {
    read("julia", data);
}

/// Reads Python.
pub fn python(data: &[u8]) {
    read("python", data);
}

/// Reads a text in a notation: what is read can be written, and reads the same.
fn read(name: &str, data: &[u8]) {
    let notation = notation::find(name).expect("a notation");
    let Some(read) = text(data).and_then(|text| notation.read(&text).ok()) else {
        return;
    };
    for other in notation::ALL {
        if let Ok(written) = other.write(&read) {
            let again = other.read(&written).expect("written by the program");
            let (one, two) = (read.tableau(), again.tableau());
            assert_eq!(one.matrix, two.matrix, "{written}");
            assert_eq!(one.nodes, two.nodes, "{written}");
            assert_eq!(one.weights, two.weights, "{written}");
        }
    }
}

/// Formats a file: the result is formatted, and means the same.
pub fn format(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let Ok(formatted) = notation::format(&text) else {
        return;
    };
    assert_eq!(notation::format(&formatted).as_ref(), Ok(&formatted));
    let tab = notation::find("tab").expect("a notation");
    if let Ok(before) = tab.read(&text) {
        let after = tab.read(&formatted).expect("formatted by the program");
        assert_eq!(before.tableau().matrix, after.tableau().matrix);
        assert_eq!(before.tableau().weights, after.tableau().weights);
    }
}

/// Compares the order that is proven with that by definition.
pub fn orders(data: &[u8]) {
    const BOUND: usize = 5;
    let scheme = Integers::of(data);
    let order = scheme.order(BOUND);
    for header in ["", "rounded 1e-16\n", "rounded 1e-40\n"] {
        let text = scheme.text(header);
        let checked = check(&text, Some(BOUND)).expect("a tableau");
        assert_eq!(checked.verdict.weights[0].order, order, "{text}");
    }
}

/// The text of a file, as the program reads it.
fn text(data: &[u8]) -> Option<String> {
    horesnet_compiler::limits::text(data.to_vec()).ok()
}
