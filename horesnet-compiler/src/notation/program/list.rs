//! Contents of brackets of any kind: entries, rows, arguments, members with names.

use super::block::among;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{Parsed, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;
use crate::notation::value::{ListKind, Value};

/// The most entries of a list.
const ENTRIES: usize = limits::STAGES * limits::STAGES + 2 * limits::STAGES;

/// How entries are separated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Commas or white space between entries; semicolons or line ends between rows.
    Matrix,
    /// Lines of numbers without brackets; a field between commas may be empty.
    Lines,
    /// Commas; entries may have names.
    List,
    /// As in a list; arguments may be types.
    Call,
}

/// The contents of brackets.
#[derive(Default)]
pub(super) struct Contents<'a> {
    pub(super) rows: Vec<Vec<Value>>,
    pub(super) has_commas: bool,
    /// Some entries have names; they became items.
    pub(super) has_members: bool,
    /// Types among the arguments.
    pub(super) types: Vec<&'a str>,
}

impl<'a> Parser<'a> {
    /// The kind of a list that is written entry by entry.
    fn literal_kind(&self) -> ListKind {
        if self.dialect.repeats_lists() {
            ListKind::Sequence
        } else {
            ListKind::Array
        }
    }

    /// Parses entries up to a token.
    pub(super) fn contents(&mut self, close: usize, style: Style) -> Parsed<Contents<'a>> {
        let outer = std::mem::replace(&mut self.in_row, false);
        let has_rows = matches!(style, Style::Matrix | Style::Lines);
        let (mut contents, mut row) = (Contents::default(), Vec::new());
        // An entry may begin here; it is the first of a row.
        let (mut separated, mut begins) = (true, true);
        while self.at < close {
            let symbol = self.symbol(self.at);
            let line_ends = self.kind() == &TokenKind::Newline;
            let continues = !has_rows || (style == Style::Matrix && separated && !begins);
            if line_ends && continues {
                self.at += 1;
            } else if line_ends || (symbol == ";" && has_rows) {
                contents.end_row(&mut row);
                (separated, begins) = (true, true);
                self.at += 1;
            } else if symbol == ";" && (style == Style::Call || row.is_empty()) {
                separated = true;
                self.at += 1;
            } else if symbol == "," && (!separated || style == Style::Lines) {
                row.extend(separated.then(|| Value::Null(self.token().span)));
                (contents.has_commas, separated, begins) = (true, true, false);
                self.at += 1;
            } else if separated || (has_rows && self.token().spaced) {
                if has_rows && begins {
                    self.in_row = !self.row_has_commas(close);
                    // `- [0, 0]` of YAML
                    let dash = style == Style::Lines && self.is("-") && self.is_at(1, "[");
                    self.at += usize::from(dash && self.token_at(self.at + 1).spaced);
                }
                (separated, begins) = (false, false);
                if style == Style::Call
                    && let Some(from) = self.type_argument(close)
                {
                    contents.types.extend(self.last_word(from, self.at));
                } else if !has_rows && self.member() {
                    contents.has_members = true;
                } else {
                    row.push(self.value()?);
                }
            } else {
                return Err(self.expected("`,` or the end of the list"));
            }
        }
        contents.end_row(&mut row);
        self.in_row = outer;
        let most = contents.rows.iter().map(Vec::len).max().unwrap_or(0);
        if contents.rows.len().max(most) > ENTRIES {
            return Err(self.expected(&format!("at most {ENTRIES} entries in a list")));
        }
        Ok(contents)
    }

    /// Returns true if a comma separates entries before the row ends.
    fn row_has_commas(&self, close: usize) -> bool {
        let next = |at: &usize| Some(self.token_at(*at).close + 1);
        let mut row = std::iter::successors(Some(self.at), next).take_while(|at| *at < close);
        let separates = |at: &usize| {
            among(", ;", self.symbol(*at)) || self.token_at(*at).kind == TokenKind::Newline
        };
        row.find(separates).is_some_and(|at| self.symbol(at) == ",")
    }

    /// Parses the brackets that are next as a list or a matrix.
    pub(super) fn list(&mut self) -> Parsed {
        let (start, close, square) = (self.token().span, self.close(), self.is("["));
        self.at += 1;
        let style = if square { Style::Matrix } else { Style::List };
        let mut contents = self.contents(close, style)?;
        let span = start.to(self.token_at(close).span);
        self.at = close + 1;
        let entries = contents.rows.iter().flatten().count();
        if contents.rows.len() > 1 || (square && !contents.has_commas && entries > 1) {
            return self.matrix(contents.rows, span);
        }
        let entries = contents.rows.pop().unwrap_or_default();
        Ok(Value::List(entries, span, self.literal_kind()))
    }

    /// Makes a matrix of rows, or a vector if each has one entry.
    fn matrix(&self, rows: Vec<Vec<Value>>, span: Span) -> Parsed {
        // `[0.0; 4]` repeats in Rust; lists in rows are joined in Julia and MATLAB.
        if self.dialect.is_like_c() || rows.iter().flatten().any(Value::is_list) {
            return Err(unsupported(span, "rows of a matrix"));
        }
        if let Some(short) = rows.iter().find(|row| row.len() != rows[0].len()) {
            let place = short.first().map_or(span, Value::span);
            let (found, expected) = (short.len(), rows[0].len());
            let headline = format!("this row has {found} entries, the first has {expected}");
            return Err(Diagnostic::at(place, headline));
        }
        Ok(array_of(rows, span))
    }

    /// Parses lines of numbers up to a token.
    pub(super) fn lines(&mut self, end: usize) -> Parsed {
        let last = self.token_at(end.saturating_sub(1)).span;
        let span = self.token().span.to(last);
        let mut rows = self.contents(end, Style::Lines)?.rows;
        for row in &mut rows {
            // `- [0, 0]` of YAML
            if let [Value::List(values, ..)] = row.as_mut_slice() {
                *row = std::mem::take(values);
            }
        }
        Ok(match rows.as_mut_slice() {
            [row] => Value::array(std::mem::take(row), span),
            _ => array_of(rows, span),
        })
    }

    /// Parses parentheses around a value, a cast, or a tuple.
    pub(super) fn parenthesized(&mut self) -> Parsed {
        let (start, close) = (self.token().span, self.close());
        // `(double) 1`, `(realtype)0.5`
        let name = self.word(self.at + 1);
        if !name.is_empty()
            && self.at + 2 == close
            && self.item_of(name).is_none()
            && matches!(
                self.token_at(close + 1).kind,
                TokenKind::Number(..) | TokenKind::Symbol("(")
            )
        {
            self.at = close + 1;
            let value = self.postfix()?;
            return Self::cast(value, name);
        }
        self.at += 1;
        let mut contents = self.contents(close, Style::List)?;
        let span = start.to(self.token().span);
        self.at = close + 1;
        let mut values = contents.rows.pop().unwrap_or_default();
        if values.len() == 1 && !contents.has_commas && !contents.has_members {
            return Ok(values.swap_remove(0));
        }
        Ok(Value::List(values, span, self.literal_kind()))
    }

    /// Parses `name = value`, `name: value`, `"name": value` or `.name = value`, if that is next.
    fn member(&mut self) -> bool {
        let dot = usize::from(self.is("."));
        let name = match &self.token_at(self.at + dot).kind {
            TokenKind::Name(name) => (*name).to_owned(),
            TokenKind::Text(text) => text.clone(),
            _ => return false,
        };
        if !among("= : =>", self.symbol(self.at + dot + 1)) {
            return false;
        }
        let span = self.token_at(self.at + dot).span;
        self.at += dot + 2;
        self.skip_lines();
        let start = self.at;
        let outer = std::mem::take(&mut self.recent);
        self.path.push(name);
        let value = self.whole_value(", ) ]");
        let name = self.path.join(".");
        let own = self.path.pop().unwrap_or_default();
        if value.is_err() {
            self.at = start;
            while !self.ends_statement() && !among(", ) ]", self.symbol(self.at)) {
                self.skip_brackets();
            }
        }
        // `A=A` says nothing new; `dtype=float` is no part of the tableau.
        let alias = self.at == start + 1 && !self.word(start).is_empty();
        if !alias || (value.is_ok() && self.word(start) != own) {
            self.assign(name, span, value, start);
        }
        self.recent = outer;
        true
    }
}

impl Contents<'_> {
    pub(super) fn of(value: Value) -> Self {
        let mut contents = Self::default();
        contents.rows.push(vec![value]);
        contents
    }

    fn end_row(&mut self, row: &mut Vec<Value>) {
        if !row.is_empty() {
            self.rows.push(std::mem::take(row));
        }
    }

    /// The entries of all rows.
    pub(super) fn entries(self) -> Vec<Value> {
        self.rows.into_iter().flatten().collect()
    }
}

/// An array of rows, or a vector if each has one entry.
fn array_of(rows: Vec<Vec<Value>>, span: Span) -> Value {
    if rows.iter().all(|row| row.len() == 1) {
        return Value::array(rows.into_iter().flatten().collect(), span);
    }
    let rows = rows.into_iter().map(|row| {
        let ends = row.first().zip(row.last());
        let place = ends.map_or(span, |(first, last)| first.span().to(last.span()));
        Value::array(row, place)
    });
    Value::array(rows.collect(), span)
}
