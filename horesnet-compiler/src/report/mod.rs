//! Results as text and JSON: verdicts and figures, for the program and for Python.
//! `figures` describes each figure once, for both forms; `list` lays them out.
//! Must not know arguments, files, terminals or Python.

mod family;
mod figures;
mod formula;
mod list;
mod verdict;

pub use family::family;
pub use figures::figures;
pub use formula::{exact_to, raised};
pub use list::List;
pub use verdict::{CheckReport, refused};

use serde_json::{Value, json};

use crate::language::diagnostic::Diagnostic;

/// Problems with a text in JSON: line, column, message and help of each.
#[must_use]
pub fn problems(text: &str, found: &[Diagnostic]) -> Value {
    let objects = found.iter().map(|found| {
        let (line, column) = found.position(text);
        let help = found.remarks().collect::<Vec<_>>().join("\n");
        problem(Some((line, column)), found.headline(), &help)
    });
    objects.collect()
}

/// The object of a problem in JSON.
#[must_use]
pub fn problem(position: Option<(usize, usize)>, message: &str, help: &str) -> Value {
    let (line, column) = position.unzip();
    let help = (!help.is_empty()).then_some(help);
    json!({"line": line, "column": column, "message": message, "help": help})
}

/// A number of things: `1 stage`, `2 stages`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
