//! The tableau language: read by the compiler's own parser, written through the formatter.

use std::fmt::Write;

use super::{Notation, Sheet, format, script};
use crate::syntax;

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

fn write(sheet: &Sheet) -> String {
    let tableau = sheet.tableau();
    let mut text = String::new();
    for line in &tableau.documentation {
        text += &format!("# {line}\n");
    }
    if let Some(name) = &tableau.name {
        text += &format!("name \"{}\"\n", quotable(name));
    }
    for citation in &tableau.citations {
        text += &format!("cite \"{}\"\n", quotable(citation));
    }
    if let Some(eps) = &sheet.rounded {
        text += &format!("rounded {}\n", eps.expression());
    }
    let explicit = tableau.is_explicit();
    for (i, (node, row)) in sheet.nodes.iter().zip(&sheet.matrix).enumerate() {
        text += &format!("{} |", node.expression());
        for entry in row.iter().take(if explicit { i } else { row.len() }) {
            text += &format!(" {}", entry.expression());
        }
        text.push('\n');
    }
    text += "---\n";
    for (row, weights) in sheet.weights.iter().zip(&tableau.weights) {
        if let Some(claim) = weights.claim {
            // Writing to a string cannot fail.
            let _ = write!(text, "order {claim} ");
        }
        text.push('|');
        for entry in row {
            text += &format!(" {}", entry.expression());
        }
        text.push('\n');
    }
    // Too long for the formatter, it is too long to be returned.
    format(&text).unwrap_or(text)
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
