//! The tableau language: read by the compiler's own parser, written through the formatter.

use super::program::commented;
use super::{Coefficient, Notation, Sheet, format, script};
use crate::language::diagnostic::Diagnostic;
use crate::language::syntax;

pub(super) const NOTATION: Notation = Notation {
    name: "tab",
    extension: "tab",
    resembles,
    read: syntax::parse,
    write,
};

/// Rows with bars, and the line under them or nothing that another language would assign.
fn resembles(text: &str) -> bool {
    let lines = || {
        text.lines()
            .map(|line| line.split('#').next().unwrap_or("").trim())
    };
    let rule = |line: &str| line.len() > 2 && line.bytes().all(|b| b"-=+".contains(&b));
    lines().any(|line| line.contains('|')) && (lines().any(rule) || !script::assigns(text))
}

fn write(sheet: &Sheet) -> Result<String, Diagnostic> {
    let tableau = sheet.tableau();
    let mut lines = commented("# ", &tableau.documentation);
    let name = tableau.name.as_deref().map(quotable);
    lines.extend(name.map(|name| format!("name \"{name}\"")));
    let citations = tableau.citations.iter().map(|text| quotable(text));
    lines.extend(citations.map(|citation| format!("cite \"{citation}\"")));
    if let Some(eps) = &sheet.rounded {
        lines.push(format!("rounded {}", eps.expression()));
    }
    let explicit = tableau.is_explicit();
    for (i, (node, row)) in sheet.nodes.iter().zip(&sheet.matrix).enumerate() {
        let shown = if explicit { i } else { row.len() };
        lines.push(format!("{} |{}", node.expression(), entries(&row[..shown])));
    }
    lines.push("---".to_owned());
    for (row, weights) in sheet.weights.iter().zip(&tableau.weights) {
        let claim = weights.claim.map(|order| format!("order {order} "));
        lines.push(format!("{}|{}", claim.unwrap_or_default(), entries(row)));
    }
    format(&lines.join("\n"))
}

fn entries(row: &[Coefficient]) -> String {
    let cells: Vec<_> = row.iter().map(Coefficient::expression).collect();
    format!(" {}", cells.join(" "))
}

/// The language has no escapes: what ends a text is replaced by what looks most like it.
fn quotable(text: &str) -> String {
    let like = |c: char| match c {
        '"' => '\'',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(like).collect()
}
