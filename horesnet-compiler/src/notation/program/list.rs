//! Lists in any bracket: entries between commas or white space, rows by brackets, semicolons or line ends, members by name.

use super::item::Item;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;
use crate::notation::value::{ListKind, Value};

impl Parser<'_> {
    /// The kind of a list that is written entry by entry.
    pub(super) fn literal_kind(&self) -> ListKind {
        if self.dialect.repeats_lists() {
            ListKind::Sequence
        } else {
            ListKind::Array
        }
    }

    /// Parses a list in the brackets that are next; members with names become items of their own.
    pub(super) fn list(&mut self) -> Result<Value, Diagnostic> {
        let (start, close) = (self.token().span, self.close());
        let square = self.is("[");
        self.advance();
        let outer = std::mem::replace(&mut self.in_row, false);
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        let (mut commas, mut separated) = (false, true);
        let mut after_comma = false;
        let mut named = false;
        let mut begins = true;
        while self.at < close {
            match self.kind() {
                TokenKind::Newline if after_comma || !square => self.advance(),
                TokenKind::Newline | TokenKind::Symbol(";") => {
                    // A line end before a sign with space behind it continues the sum.
                    if !row.is_empty() {
                        rows.push(std::mem::take(&mut row));
                    }
                    (separated, begins) = (true, true);
                    self.advance();
                }
                TokenKind::Symbol(",") if !separated || named => {
                    (commas, separated, after_comma) = (true, true, true);
                    self.advance();
                    continue;
                }
                _ if separated || (square && self.token().spaced) => {
                    if begins {
                        self.in_row = square && !self.row_has_commas(close);
                        begins = false;
                    }
                    named |= !square && self.is_member();
                    if square || !self.member() {
                        row.push(self.value()?);
                    }
                    separated = false;
                }
                _ => return Err(self.expected("`,` or the end of the list")),
            }
            after_comma = false;
        }
        if !row.is_empty() {
            rows.push(row);
        }
        let span = start.to(self.token().span);
        self.at = close + 1;
        self.in_row = outer;
        let most = limits::STAGES * limits::STAGES + 2 * limits::STAGES;
        if rows.len().max(rows.iter().map(Vec::len).max().unwrap_or(0)) > most {
            let headline = format!("a list has more than {most} entries");
            return Err(Diagnostic::at(span, headline));
        }
        if rows.len() > 1 || (square && !commas && rows.iter().flatten().count() > 1) {
            return matrix(rows, span);
        }
        let entries = rows.pop().unwrap_or_default();
        let kind = if square && !commas && !self.dialect.repeats_lists() {
            ListKind::Array
        } else {
            self.literal_kind()
        };
        Ok(Value::List(entries, span, kind))
    }

    /// Returns true if a comma separates entries before the row ends.
    fn row_has_commas(&self, close: usize) -> bool {
        let mut at = self.at;
        while at < close {
            let token = self.token_at(at);
            match token.kind {
                TokenKind::Symbol(",") => return true,
                TokenKind::Symbol(";") | TokenKind::Newline => return false,
                _ => at = token.close.max(at) + 1,
            }
        }
        false
    }

    /// Returns true if `name = value`, `name: value`, `"name": value` or `.name = value` is next.
    fn is_member(&self) -> bool {
        let dot = usize::from(self.is("."));
        let name = matches!(self.kind_at(dot), TokenKind::Name(_) | TokenKind::Text(_));
        name && ["=", ":", "=>"]
            .iter()
            .any(|mark| self.is_at(dot + 1, mark))
    }

    /// Parses a member, if one is next.
    pub(super) fn member(&mut self) -> bool {
        if !self.is_member() {
            return false;
        }
        self.eat(".");
        let span = self.token().span;
        let name = match self.kind() {
            TokenKind::Name(name) => (*name).to_owned(),
            TokenKind::Text(text) => text.clone(),
            _ => return false,
        };
        self.at += 2;
        self.skip_lines();
        let start = self.at;
        let outer = std::mem::replace(&mut self.in_row, false);
        self.path.push(name.clone());
        let value = self.value();
        self.path.pop();
        self.in_row = outer;
        if value.is_err() {
            // An option, such as `dtype=float`, is no part of the tableau.
            self.at = start;
            while !matches!(
                self.kind(),
                TokenKind::Symbol("," | ";" | ")" | "]" | "}") | TokenKind::End
            ) {
                self.skip_brackets();
            }
        }
        let alias = matches!(self.token_at(start).kind, TokenKind::Name(_)) && self.at == start + 1;
        let known = alias
            .then(|| self.names_between(start, self.at).next())
            .flatten();
        match known.and_then(|known| self.item_of(known)) {
            // `A=M` says that `M` is the matrix.
            Some(item) if alias => {
                if let Some(item) = self.items.get_mut(item) {
                    item.name = name;
                }
            }
            _ if value.is_err() && alias => {}
            _ => {
                let path: Vec<_> = self
                    .path
                    .iter()
                    .chain([&name])
                    .map(String::as_str)
                    .collect();
                let mut item = Item::new(path.join("."), span, value);
                item.scope = self.scope;
                self.assign(item);
            }
        }
        true
    }

    /// Parses parentheses around a value, a cast, or a tuple.
    pub(super) fn parenthesized(&mut self) -> Result<Value, Diagnostic> {
        let (start, close) = (self.token().span, self.close());
        // `(double) 1`, `(realtype)0.5`
        if let (TokenKind::Name(name), true) = (self.kind_at(1), self.at + 2 == close)
            && self.item_of(name).is_none()
            && matches!(
                self.token_at(close + 1).kind,
                TokenKind::Number(_) | TokenKind::Symbol("(")
            )
        {
            self.at = close + 1;
            return Ok(self.postfix()?.into_fraction());
        }
        self.advance();
        let outer = std::mem::replace(&mut self.in_row, false);
        let (mut values, mut tuple) = (Vec::new(), self.is(")"));
        self.skip_lines();
        while self.at < close {
            if self.member() {
                tuple = true;
            } else {
                values.push(self.value()?);
            }
            self.skip_lines();
            if !self.eat(",") {
                break;
            }
            self.skip_lines();
            tuple = true;
        }
        let span = start.to(self.token().span);
        self.expect(")")?;
        self.in_row = outer;
        match values.len() {
            1 if !tuple => Ok(values.swap_remove(0)),
            _ => Ok(Value::List(values, span, self.literal_kind())),
        }
    }
}

/// Makes a matrix of rows without commas, or a vector if each has one entry. A row of lists is a list.
fn matrix(rows: Vec<Vec<Value>>, span: Span) -> Result<Value, Diagnostic> {
    if let Some(list) = rows.iter().flatten().find(|value| value.is_list()) {
        let headline = "a matrix made of lists is not supported";
        return Err(Diagnostic::at(list.span(), headline).help("write the rows out"));
    }
    if rows.iter().all(|row| row.len() == 1) {
        return Ok(Value::array(rows.into_iter().flatten().collect(), span));
    }
    if let Some(short) = rows.iter().find(|row| row.len() != rows[0].len()) {
        let place = short.first().map_or(span, Value::span);
        let headline = format!(
            "this row has {} entries, the first has {}",
            short.len(),
            rows[0].len()
        );
        return Err(Diagnostic::at(place, headline));
    }
    let rows = rows.into_iter().map(|row| {
        let place = row.first().map_or(span, |first| {
            first.span().to(row.last().map_or(span, Value::span))
        });
        Value::array(row, place)
    });
    Ok(Value::array(rows.collect(), span))
}

/// Repeats one value: `zeros`, `ones`, `fill`.
pub(super) fn filled(value: &Value, sizes: &[usize], span: Span) -> Value {
    match sizes {
        [] => value.clone(),
        [size, rest @ ..] => Value::array(vec![filled(value, rest, span); *size], span),
    }
}
