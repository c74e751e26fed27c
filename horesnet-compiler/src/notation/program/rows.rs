//! Lines of numbers: plain columns, comma-separated fields, rows of YAML.

use super::lexer::TokenKind;
use super::statement::Statements;
use crate::language::diagnostic::Span;
use crate::notation::field::role;
use crate::notation::value::Value;

impl<'a> Statements<'a, '_> {
    /// Reads lines of numbers, separated by white space or commas.
    pub(super) fn rows(&mut self, name: Option<(&'a str, Span)>) {
        let start = self.parser.at;
        let first = self.parser.token().span;
        let mut rows = Vec::new();
        loop {
            let mut row = Vec::new();
            let place = self.parser.token().span;
            self.parser.in_row = true;
            let dashed = self.begins_dashed();
            self.parser.at += usize::from(dashed);
            while !self.parser.ends_statement() {
                // An empty field.
                let value = if self.parser.is(",") {
                    Ok(Value::Null(place))
                } else {
                    self.parser.value()
                };
                if let Ok(value) = value {
                    row.push(value);
                } else {
                    self.parser.skip_statement(start);
                    return;
                }
                self.parser.eat(",");
            }
            if let ([Value::List(values, ..)], true) = (row.as_mut_slice(), dashed) {
                row = std::mem::take(values);
            }
            self.parser.in_row = false;
            rows.push(Value::array(row, place.to(self.parser.last_span())));
            let next = matches!(
                self.parser.kind_at(1),
                TokenKind::Number(_) | TokenKind::Symbol("-" | "+" | ",")
            );
            if !(matches!(self.parser.kind(), TokenKind::Newline) && next) {
                break;
            }
            self.parser.advance();
        }
        let span = first.to(self.parser.last_span());
        let value = match rows.len() {
            1 => rows.swap_remove(0),
            _ => Value::array(rows, span),
        };
        let (name, place) = name.unwrap_or(("", span));
        self.assign(name.to_owned(), place, Ok(value), start);
    }

    /// A name on a line of its own, or before numbers: the number of tokens up to the rows.
    pub(super) fn begins_rows(&self, name: &str) -> Option<usize> {
        role(name)?;
        let colon = usize::from(matches!(
            self.parser.kind_at(1),
            TokenKind::Symbol(":" | "=")
        ));
        let line = usize::from(self.parser.kind_at(1 + colon) == &TokenKind::Newline);
        let at = 1 + colon + line;
        let digit = |kind: &TokenKind| matches!(kind, TokenKind::Number(_));
        let dashed = self.parser.is_at(at, "-")
            && (digit(self.parser.kind_at(at + 1)) || (line > 0 && self.parser.is_at(at + 1, "[")));
        let begins = digit(self.parser.kind_at(at)) || dashed;
        begins.then_some(at)
    }

    /// `- [0, 0]`: a row of YAML.
    pub(super) fn begins_dashed(&self) -> bool {
        self.parser.is("-") && self.parser.is_at(1, "[") && self.parser.peek(1).spaced
    }
}
