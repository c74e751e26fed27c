//! Entries of lists: `A[2, 1] = 1//2`, and `b = A[-1]`.

use super::lexer::{Language, TokenKind};
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::notation::value::{ListKind, Value};

/// An index between brackets.
enum Index {
    /// Counted from 0.
    At(usize),
    /// Counted from the last entry, which is 1.
    FromEnd(usize),
    /// `:`
    All,
}

impl<'a> Parser<'a> {
    /// Interprets `A[i, j] = VALUE` or `c[i] = VALUE`, from the name on.
    pub(super) fn assign_entry(&mut self, name: &'a str) -> Result<(), Diagnostic> {
        let start = self.token().span;
        self.advance();
        let mut path = Vec::new();
        while self.is("[") {
            path.extend(self.indices(Self::literal_index)?.0);
        }
        let place = start.to(self.token().span);
        self.expect("=")?;
        let value = self.value()?;
        let mut entry = self.environment.value_mut(name, start)?;
        for index in path {
            let Value::List(values, _, kind) = entry else {
                return Err(too_many_indices(place));
            };
            if *kind == ListKind::IntegerArray && !value.is_integer() {
                let headline = "an array of integers cannot hold fractions";
                return Err(Diagnostic::at(place, headline).help("make it with `dtype=object`"));
            }
            let length = values.len();
            let found = values.get_mut(index);
            entry = found.ok_or_else(|| out_of_bounds(place, length))?;
        }
        if entry.is_list() || value.is_list() {
            let headline = "expected one number assigned to one entry, found a list";
            return Err(Diagnostic::at(place, headline));
        }
        *entry = value;
        Ok(())
    }

    /// Parses the indices in a pair of brackets, and returns them with the span of the brackets.
    fn indices<T>(
        &mut self,
        index: fn(&mut Self) -> Result<T, Diagnostic>,
    ) -> Result<(Vec<T>, Span), Diagnostic> {
        let start = self.token().span;
        self.advance();
        let mut indices = vec![index(self)?];
        while self.eat(",") {
            indices.push(index(self)?);
        }
        let span = start.to(self.token().span);
        self.expect("]")?;
        Ok((indices, span))
    }

    fn literal_index(&mut self) -> Result<usize, Diagnostic> {
        let first = usize::from(self.language == Language::Julia);
        let index = match self.kind() {
            TokenKind::Number(digits) => digits.parse::<usize>().ok(),
            _ => None,
        };
        let index = index.and_then(|index| index.checked_sub(first));
        let index = index.ok_or_else(|| self.expected("an index"))?;
        self.advance();
        Ok(index)
    }

    /// Takes an entry or row of a list, from the bracket on.
    pub(super) fn entry_of(&mut self, list: Value) -> Result<Value, Diagnostic> {
        let (path, place) = self.indices(Self::index)?;
        let is_matrix =
            matches!(&list, Value::List(rows, ..) if rows.first().is_some_and(Value::is_list));
        // In Julia one index of a matrix counts all its entries.
        let depth = if is_matrix { 2 } else { 1 };
        if self.language == Language::Julia && path.len() != depth {
            return Err(Diagnostic::at(place, format!("expected {depth} indices")));
        }
        let (mut value, mut whole) = (list, false);
        for index in path {
            let Value::List(values, ..) = &mut value else {
                return Err(too_many_indices(place));
            };
            let at = match index {
                Index::At(at) => Some(at),
                Index::FromEnd(back) => values.len().checked_sub(back),
                Index::All => {
                    whole = true;
                    continue;
                }
            };
            if whole {
                return Err(Diagnostic::at(place, "columns of lists are not supported"));
            }
            let length = values.len();
            let at = at.filter(|at| *at < length);
            value = values.swap_remove(at.ok_or_else(|| out_of_bounds(place, length))?);
        }
        Ok(value)
    }

    fn index(&mut self) -> Result<Index, Diagnostic> {
        if self.eat(":") {
            return Ok(Index::All);
        }
        let python = self.language == Language::Python;
        if python && self.eat("-") {
            return self.literal_index().map(Index::FromEnd);
        }
        if !python && self.kind() == &TokenKind::Name("end") {
            self.advance();
            return Ok(Index::FromEnd(1));
        }
        self.literal_index().map(Index::At)
    }
}

fn too_many_indices(place: Span) -> Diagnostic {
    Diagnostic::at(place, "too many indices for this list")
}

fn out_of_bounds(place: Span, length: usize) -> Diagnostic {
    let headline = format!("index out of bounds: the list has {length} entries");
    Diagnostic::at(place, headline)
}
