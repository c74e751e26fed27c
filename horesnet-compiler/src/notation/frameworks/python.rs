//! Python files: a docstring, comments, the numbers as lists, and the classes that use them.

use super::heading::{about, line_comment};
use super::listing::{Listing, rows};
use super::numbers::Integers;
use crate::notation::PrintedTableau;
use crate::notation::write::NumberFormat;

const LISTING: Listing = Listing {
    number: Integers::printed,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |cells| format!("[\n    {},\n]", rows(cells, "[", "]").join(",\n    ")),
    declare: |_, name, value, _| format!("{name} = {value}"),
};

/// A file with `imports` in sorted order, among which `math` comes first.
///
/// It begins with the docstring: a comment in the first two lines could declare an encoding.
pub(super) fn file(printed: &PrintedTableau, docstring: &str, imports: &str, code: &str) -> String {
    let numbers = LISTING.declarations(printed);
    let math = if numbers.contains("sqrt(") {
        "from math import sqrt\n"
    } else {
        ""
    };
    let about = line_comment("# ", &about(printed));
    let gap = if about.is_empty() { "" } else { "\n" };
    format!("\"\"\"{docstring}\"\"\"\n\n{about}{gap}{math}{imports}\n{numbers}\n\n{code}")
}
