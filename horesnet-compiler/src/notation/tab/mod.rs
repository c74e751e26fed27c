//! The tableau language: read by the compiler's own parser, written through the formatter.
//! The formatter works on lines, since the parser drops comments and layout.
//! Must not know other notations.

mod format;
mod lines;

pub use format::format;

use super::write::{commented, headers};
use super::{Notation, PrintedNumber, PrintedTableau, Scheme};
use crate::language::diagnostic::Diagnostic;
use crate::language::syntax;

pub(super) const NOTATION: Notation = Notation {
    name: "tab",
    extension: "tab",
    form: "a tableau file",
    resembles,
    read: |text, _| Ok(vec![Scheme::of(syntax::parse(text)?)]),
    write,
};

/// Rows with bars, and a rule below the stages or no assignment of another language.
fn resembles(text: &str) -> bool {
    let lines = || {
        text.lines()
            .map(|line| line.split('#').next().unwrap_or("").trim())
    };
    let rule = |line: &str| line.len() > 2 && line.bytes().all(|b| b"-=+".contains(&b));
    lines().any(|line| line.contains('|')) && (lines().any(rule) || !assigns(text))
}

/// Returns true if a line assigns to a name.
fn assigns(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("const ");
        let rest = line.trim_start_matches(|c: char| c.is_alphanumeric() || "_.[], ".contains(c));
        let value = rest.strip_prefix('=');
        rest.len() < line.len() && value.is_some_and(|value| !value.starts_with('='))
    })
}

fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    let tableau = printed.tableau();
    let mut lines = commented("# ", &tableau.documentation);
    let mut headers = headers(printed, "", quoted);
    if !tableau.aliases.is_empty() {
        let aliases: Vec<_> = tableau.aliases.iter().map(|alias| quoted(alias)).collect();
        let after_name = usize::from(tableau.name.is_some());
        headers.insert(after_name, format!("alias {}", aliases.join(" ")));
    }
    lines.extend(headers);
    let explicit = tableau.is_explicit();
    for (i, (node, row)) in printed.nodes.iter().zip(&printed.matrix).enumerate() {
        let shown = if explicit { i } else { row.len() };
        lines.push(format!("{} |{}", node.expression(), entries(&row[..shown])));
    }
    lines.push("---".to_owned());
    for (row, weights) in printed.weights.iter().zip(&tableau.weights) {
        let claim = weights.claim.map(|order| format!("order {order} "));
        lines.push(format!("{}|{}", claim.unwrap_or_default(), entries(row)));
    }
    format(&lines.join("\n"))
}

fn entries(row: &[PrintedNumber]) -> String {
    let cells: Vec<_> = row.iter().map(PrintedNumber::expression).collect();
    format!(" {}", cells.join(" "))
}

/// Quotes a string. The language has no escapes, so quotation marks become apostrophes.
fn quoted(text: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        c if c.is_control() => ' ',
        c => c,
    };
    format!("\"{}\"", text.chars().map(plain).collect::<String>())
}
