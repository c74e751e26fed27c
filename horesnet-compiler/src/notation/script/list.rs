//! Lists and matrices of Julia and Python.

use super::lexer::{Language, TokenKind};
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Expression;
use crate::notation::value::{ListKind, Value};

impl Parser<'_> {
    /// The kind of a list or tuple that is written entry by entry.
    pub(super) fn literal_kind(&self) -> ListKind {
        match self.language {
            Language::Julia => ListKind::Array,
            Language::Python => ListKind::Sequence,
        }
    }

    /// Parses a list in brackets: the rows of Julia's, or the entries of Python's.
    pub(super) fn list(&mut self) -> Result<Value, Diagnostic> {
        let julia = self.language == Language::Julia;
        let start = self.token().span;
        self.advance();
        let outer = std::mem::replace(&mut self.in_row, julia);
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        let (mut commas, mut separated) = (false, true);
        while !self.is("]") {
            match self.kind() {
                TokenKind::Newline | TokenKind::Symbol(";") if julia => {
                    if !row.is_empty() {
                        rows.push(std::mem::take(&mut row));
                    }
                    separated = true;
                    self.advance();
                }
                TokenKind::Symbol(",") if !separated => {
                    (commas, separated) = (true, true);
                    self.advance();
                    while self.kind() == &TokenKind::Newline {
                        self.advance();
                    }
                }
                _ if separated || (julia && self.token().spaced) => {
                    row.push(self.value()?);
                    separated = false;
                }
                _ => return Err(self.expected("`,` or `]`")),
            }
        }
        if !row.is_empty() {
            rows.push(row);
        }
        let span = start.to(self.token().span);
        self.advance();
        self.in_row = outer;
        if julia && !commas {
            return matrix(rows, span);
        }
        if rows.len() > 1 {
            return Err(Diagnostic::at(span, "this list mixes commas and rows"));
        }
        let entries = rows.pop().unwrap_or_default();
        Ok(Value::List(entries, span, self.literal_kind()))
    }
}

/// Makes a matrix of rows without commas, or a vector if there is only one entry.
fn matrix(mut rows: Vec<Vec<Value>>, span: Span) -> Result<Value, Diagnostic> {
    if let Some(list) = rows.iter().flatten().find(|value| value.is_list()) {
        let headline = "a matrix made of lists is not supported";
        return Err(Diagnostic::at(list.span(), headline).help("write the rows out"));
    }
    if let [row] = rows.as_mut_slice()
        && row.len() == 1
    {
        return Ok(Value::array(std::mem::take(row), span));
    }
    let rows = rows.into_iter().map(|row| Value::array(row, span));
    Ok(Value::array(rows.collect(), span))
}

/// Repeats one value: `zeros`, `ones`, `fill`.
pub(super) fn filled(value: &Expression, sizes: &[usize], span: Span) -> Value {
    match sizes {
        [] => Value::Number(value.clone()),
        [size, rest @ ..] => Value::array(vec![filled(value, rest, span); *size], span),
    }
}
