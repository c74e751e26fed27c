//! Parts of documents that several readers make: claims, comments at the head, zeros above the diagonal.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, StageRow, Term};
use crate::language::limits;

/// Reads the order of a claim.
pub(super) fn claim(digits: &str, span: Span) -> Result<Spanned<usize>, Diagnostic> {
    let order = limits::order(digits).ok_or_else(|| {
        let headline = format!("expected an order: an integer from 1 to {}", limits::ORDER);
        Diagnostic::at(span, headline)
    });
    Ok(Spanned::new(order?, span))
}

/// Returns true if the entries on and above the diagonal are zero.
pub(super) fn is_explicit(rows: &[StageRow]) -> bool {
    let is_zero = |entry: &Expression| matches!(&entry.value, Term::Decimal { digits, .. } if digits.bytes().all(|b| b == b'0'));
    let rows = rows.iter().enumerate();
    rows.flat_map(|(i, row)| row.entries.iter().skip(i))
        .all(is_zero)
}

/// The comment lines at the head of a text, without their mark.
pub(super) fn comment_head(text: &str, mark: char) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines();
    lines.map_while(move |line| line.strip_prefix(mark))
}
