//! What the programs of Julia and Python that hold a tableau have in common: a comment, and an assignment for each part.

use super::{Coefficient, Sheet, names};

/// How a language writes the parts.
pub(super) struct Program {
    /// The lines between the comment and the assignments.
    pub(super) heading: &'static [&'static str],
    /// A text in quotes.
    pub(super) quoted: fn(&str) -> String,
    /// A number.
    pub(super) number: fn(&Coefficient) -> String,
    /// A list of numbers.
    pub(super) vector: fn(&[String]) -> String,
    /// A square matrix, on lines of its own.
    pub(super) matrix: fn(&[Vec<String>]) -> String,
}

impl Program {
    /// The program.
    pub(super) fn write(&self, sheet: &Sheet) -> String {
        let tableau = sheet.tableau();
        let mut lines = commented("# ", &tableau.documentation);
        lines.extend(self.heading.iter().map(|line| (*line).to_owned()));
        if let Some(name) = &tableau.name {
            lines.push(format!("name = {}", (self.quoted)(name)));
        }
        if !tableau.citations.is_empty() {
            let citations = tableau.citations.iter().map(|text| (self.quoted)(text));
            let citations: Vec<_> = citations.collect();
            lines.push(format!("citations = [{}]", citations.join(", ")));
        }
        if let Some(eps) = &sheet.rounded {
            lines.push(format!("rounded = {}", (self.number)(eps)));
        }
        lines.push(format!("c = {}", (self.vector)(&self.cells(&sheet.nodes))));
        let rows: Vec<_> = sheet.matrix.iter().map(|row| self.cells(row)).collect();
        lines.push(format!("A = {}", (self.matrix)(&rows)));
        for (i, (row, weights)) in sheet.weights.iter().zip(&tableau.weights).enumerate() {
            let (name, claim) = names::names(i);
            lines.push(format!("{name} = {}", (self.vector)(&self.cells(row))));
            if let Some(order) = weights.claim {
                lines.push(format!("{claim} = {order}"));
            }
        }
        lines.join("\n") + "\n"
    }

    fn cells(&self, row: &[Coefficient]) -> Vec<String> {
        row.iter().map(self.number).collect()
    }
}

/// The lines of a comment; a [`Sheet`] has no line ends in them.
pub(super) fn commented(mark: &str, lines: &[String]) -> Vec<String> {
    let line = |line: &String| format!("{mark}{line}").trim_end().to_owned();
    lines.iter().map(line).collect()
}
