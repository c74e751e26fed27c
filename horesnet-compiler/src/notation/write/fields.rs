//! The fields of a tableau in the order in which JSON, Julia and Python list them.

use crate::notation::field::weights_names;
use crate::notation::{PrintedNumber, PrintedTableau};

/// How a language writes the values of fields.
pub(crate) struct FieldWriter {
    /// A quoted string.
    pub(crate) text: fn(&str) -> String,
    /// A list of quoted strings.
    pub(crate) texts: fn(&[String]) -> String,
    pub(crate) number: fn(&PrintedNumber) -> String,
    /// A list of numbers.
    pub(crate) vector: fn(&[String]) -> String,
    /// A square matrix, on lines of its own.
    pub(crate) matrix: fn(&[Vec<String>]) -> String,
}

impl FieldWriter {
    /// The fields with their values; `documentation` only where it has lines.
    pub(crate) fn fields(
        &self,
        printed: &PrintedTableau,
        documentation: &[String],
    ) -> Vec<(String, String)> {
        let tableau = printed.tableau();
        let mut fields = Vec::new();
        let mut field = |name: &str, value: String| fields.push((name.to_owned(), value));
        if let Some(name) = &tableau.name {
            field("name", (self.text)(name));
        }
        for (name, lines) in [
            ("documentation", documentation),
            ("citations", &tableau.citations),
        ] {
            if !lines.is_empty() {
                let lines: Vec<_> = lines.iter().map(|line| (self.text)(line)).collect();
                field(name, (self.texts)(&lines));
            }
        }
        if let Some(eps) = &printed.rounded {
            field("rounded", (self.number)(eps));
        }
        let cells = |row: &Vec<PrintedNumber>| row.iter().map(self.number).collect::<Vec<_>>();
        field("c", (self.vector)(&cells(&printed.nodes)));
        let rows: Vec<_> = printed.matrix.iter().map(cells).collect();
        field("A", (self.matrix)(&rows));
        for (i, (row, weights)) in printed.weights.iter().zip(&tableau.weights).enumerate() {
            let (name, claim) = weights_names(i);
            field(&name, (self.vector)(&cells(row)));
            if let Some(order) = weights.claim {
                field(&claim, order.to_string());
            }
        }
        fields
    }

    /// A program: the comment, `heading`, and an assignment for each field.
    pub(crate) fn program(&self, printed: &PrintedTableau, heading: &[&str]) -> String {
        let mut lines = commented("# ", &printed.tableau().documentation);
        lines.extend(heading.iter().map(|line| (*line).to_owned()));
        let fields = self.fields(printed, &[]);
        let assignment = |(name, value): &(String, String)| format!("{name} = {value}");
        lines.extend(fields.iter().map(assignment));
        lines.join("\n") + "\n"
    }
}

/// The lines of a comment. A [`PrintedTableau`] has no line ends in them.
pub(crate) fn commented(mark: &str, lines: &[String]) -> Vec<String> {
    let line = |line: &String| format!("{mark}{line}").trim_end().to_owned();
    lines.iter().map(line).collect()
}

/// The headers `name`, `cite` and `rounded` of the tableau language, each after `mark`.
pub(crate) fn headers(
    printed: &PrintedTableau,
    mark: &str,
    quoted: fn(&str) -> String,
) -> Vec<String> {
    let tableau = printed.tableau();
    let name = tableau.name.iter().map(|name| ("name", quoted(name)));
    let citations = tableau.citations.iter();
    let headers = name.chain(citations.map(|text| ("cite", quoted(text))));
    let rounded = printed.rounded.iter();
    let headers = headers.chain(rounded.map(|eps| ("rounded", eps.expression())));
    headers
        .map(|(word, value)| format!("{mark}{word} {value}"))
        .collect()
}
