//! Lists and matrices of Julia and Python.

use super::parts::{Holds, Value};
use super::reader::Reader;
use super::script::Language;
use super::tokens::Kind;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;

impl Reader<'_> {
    /// What lists and tuples hold that are made of their entries.
    pub(super) fn items(&self) -> Holds {
        match self.language {
            Language::Julia => Holds::Numbers,
            Language::Python => Holds::Items,
        }
    }

    /// A list in brackets: rows of Julia's, or the entries of Python's.
    pub(super) fn list(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        let outer = std::mem::replace(&mut self.row, self.language == Language::Julia);
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        let (mut commas, mut separated) = (false, true);
        while !self.is("]") {
            match self.kind() {
                Kind::Newline | Kind::Symbol(";") if self.language == Language::Julia => {
                    if !row.is_empty() {
                        rows.push(std::mem::take(&mut row));
                    }
                    separated = true;
                    self.advance();
                }
                Kind::Symbol(",") if !separated => {
                    (commas, separated) = (true, true);
                    self.advance();
                    while self.kind() == &Kind::Newline {
                        self.advance();
                    }
                }
                _ if separated || (self.language == Language::Julia && self.token().spaced) => {
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
        self.row = outer;
        if commas || self.language == Language::Python {
            let holds = self.items();
            return match rows.len() {
                0 => Ok(Value::List(Vec::new(), span, holds)),
                1 => Ok(Value::List(rows.swap_remove(0), span, holds)),
                _ => Err(Diagnostic::at(
                    span,
                    "commas and rows are mixed in this list",
                )),
            };
        }
        matrix(rows, span)
    }
}

/// Rows without commas: a matrix, or a vector if there is but one entry.
fn matrix(rows: Vec<Vec<Value>>, span: Span) -> Result<Value, Diagnostic> {
    if let Some(list) = rows
        .iter()
        .flatten()
        .find(|value| matches!(value, Value::List(..)))
    {
        return Err(
            Diagnostic::at(list.span(), "a matrix made of lists is not read")
                .help("write the rows out"),
        );
    }
    Ok(match <[Vec<Value>; 1]>::try_from(rows) {
        Ok([row]) if row.len() == 1 => Value::List(row, span, Holds::Numbers),
        Ok([row]) => Value::List(
            vec![Value::List(row, span, Holds::Numbers)],
            span,
            Holds::Numbers,
        ),
        Err(rows) => Value::List(
            rows.into_iter()
                .map(|row| Value::List(row, span, Holds::Numbers))
                .collect(),
            span,
            Holds::Numbers,
        ),
    })
}

/// A list of one value, over and over: `zeros`, `ones`, `fill`.
pub(super) fn filled(value: &Expression, sizes: &[usize], span: Span) -> Value {
    match sizes {
        [] => Value::Number(value.clone()),
        [size, rest @ ..] => {
            Value::List(vec![filled(value, rest, span); *size], span, Holds::Numbers)
        }
    }
}

/// A small integer that is written as one.
pub(super) fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Number(Spanned {
            value:
                Term::Decimal {
                    digits,
                    exponent: 0,
                },
            ..
        }) => digits.parse().ok().filter(|size| *size <= limits::STAGES),
        _ => None,
    }
}
