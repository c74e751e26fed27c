//! The numbers of a tableau as declarations of a programming language: `c`, `A`, `b`, `order`, `bhat`, and so on.

use crate::notation::write::{FieldWriter, aligned, quoted};
use crate::notation::{PrintedNumber, PrintedTableau};

/// How a language declares constants.
pub(super) struct Listing {
    /// A floating-point number.
    pub(super) number: fn(&PrintedNumber) -> String,
    /// A list of numbers.
    pub(super) vector: fn(&[String]) -> String,
    /// A square matrix, from rows of aligned entries with commas between them.
    pub(super) matrix: fn(&[Vec<String>]) -> String,
    /// The declaration of a name with a value; vectors have as many entries as there are stages.
    pub(super) declare: fn(Kind, &str, &str, usize) -> String,
}

/// The type of a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An order.
    Integer,
    Number,
    Vector,
    Matrix,
}

impl Listing {
    /// The declarations of numbers, each with its line end. Name and sources stand in a comment.
    pub(super) fn declarations(&self, printed: &PrintedTableau) -> String {
        self.some_declarations(printed, |name| !["name", "citations"].contains(&name))
    }

    /// The declarations of the fields that are wanted.
    pub(super) fn some_declarations(
        &self,
        printed: &PrintedTableau,
        is_wanted: impl Fn(&str) -> bool,
    ) -> String {
        let writer = FieldWriter {
            text: quoted,
            texts: |texts| texts.concat(),
            number: self.number,
            vector: self.vector,
            matrix: self.matrix,
        };
        let stages = printed.nodes.len();
        let fields = writer.fields(printed, &[]).into_iter();
        let lines = fields
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, value)| {
                let kind = match name.as_str() {
                    "A" => Kind::Matrix,
                    "rounded" => Kind::Number,
                    name if name.contains("order") => Kind::Integer,
                    _ => Kind::Vector,
                };
                (self.declare)(kind, &name, &value, stages) + "\n"
            });
        lines.collect()
    }
}

/// Rows of aligned entries with commas between them, each between `open` and `close`.
pub(super) fn rows(rows: &[Vec<String>], open: &str, close: &str) -> Vec<String> {
    let lines = aligned(rows, ",", " ").into_iter();
    lines.map(|line| format!("{open}{line}{close}")).collect()
}
