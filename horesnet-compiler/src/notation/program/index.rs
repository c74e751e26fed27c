//! Indices: entries and rows that are read, and those that are assigned.

use std::ops::Range;

use super::lexer::TokenKind;
use super::parser::Parser;
use super::{Parsed, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;
use crate::notation::value::{ListKind, Value, integer};

/// An index, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    At(usize),
    /// `-1`, `end`
    Last,
    /// `:`, `1:3`: from the first to before the second.
    Range(usize, Option<usize>),
}

impl Index {
    /// The places in a list of some length.
    fn places(self, length: usize, span: Span) -> Parsed<Range<usize>> {
        let places = match self {
            Self::At(at) => at..at + 1,
            Self::Last => length.saturating_sub(1)..length.max(1),
            Self::Range(start, end) => start..end.unwrap_or(length),
        };
        if places.start > places.end || places.end > length {
            return Err(out_of_bounds(span, length));
        }
        Ok(places)
    }

    /// The length of the shortest list that has these places.
    fn extent(self, value: &Value) -> usize {
        match self {
            Self::At(at) => at + 1,
            Self::Last => 0,
            Self::Range(_, end) => end.or(value.len()).unwrap_or(0),
        }
    }
}

impl Parser<'_> {
    /// Parses the indices in the brackets that are next.
    fn indices(&mut self) -> Parsed<Vec<Index>> {
        let (close, mut indices) = (self.close(), Vec::new());
        // In parentheses, only C++ counts from 0.
        let in_parentheses = self.is("(") && !self.dialect.is_like_c();
        let base = usize::from(in_parentheses || self.dialect.is_column_major());
        self.at += 1;
        while self.at < close {
            let index = self.index(base);
            indices.extend(index);
            if index.is_none() || (self.at < close && !self.eat(",")) {
                return Err(self.expected("an integer as index"));
            }
        }
        self.at = close + 1;
        Ok(indices)
    }

    /// Parses the brackets that are next, one after the other: `A[1][0]`.
    pub(super) fn all_indices(&mut self) -> Parsed<Vec<Index>> {
        let mut indices = Vec::new();
        while self.is("[") || self.is("(") {
            if matches!(indices.last(), Some(Index::Range(..))) {
                return Err(unsupported(self.token().span, "index behind a range"));
            }
            indices.extend(self.indices()?);
        }
        Ok(indices)
    }

    fn index(&mut self, base: usize) -> Option<Index> {
        let first = self.number_of_index();
        let start = first.map_or(Some(0), |first| first.checked_sub(base));
        let ends = self.word(self.at) == "end";
        let negative = self.dialect.repeats_lists() && self.is("-") && self.is_one(self.at + 1);
        if self.eat(":") {
            let end = self.number_of_index();
            self.at += usize::from(end.is_none() && self.word(self.at) == "end");
            return Some(Index::Range(start?, end));
        }
        if first.is_some() {
            return start.map(Index::At);
        }
        self.at += usize::from(ends) + 2 * usize::from(negative);
        (ends || negative).then_some(Index::Last)
    }

    fn is_one(&self, at: usize) -> bool {
        self.token_at(at).kind == TokenKind::Number("1", "")
    }

    fn number_of_index(&mut self) -> Option<usize> {
        let TokenKind::Number(digits, _) = self.kind() else {
            return None;
        };
        let most = limits::STAGES * limits::STAGES;
        let number = digits.parse().ok().filter(|number| *number <= most)?;
        self.at += 1;
        Some(number)
    }

    /// Parses indices behind a list, and returns the row or entry.
    pub(super) fn entry_of(&mut self, value: Value) -> Parsed {
        let start = self.token().span;
        let indices = self.indices()?;
        let span = start.to(self.last_span());
        // In Julia and MATLAB `A[2]` is an entry of the matrix, counted by columns.
        if self.dialect.is_column_major() && value.is_matrix() && indices.len() == 1 {
            let headline = "expected 2 indices: the matrix has two dimensions";
            return Err(Diagnostic::at(span, headline).help("write `A[i, :]` for a row"));
        }
        entry(value, &indices, span)
    }

    /// Assigns to an entry of an item, or to a part of a row.
    pub(super) fn place(
        &mut self,
        item: usize,
        indices: &[Index],
        value: Value,
        span: Span,
    ) -> Parsed<()> {
        let missing = Ok(Value::Null(span));
        let mut list = std::mem::replace(&mut self.items[item].value, missing)?;
        if matches!(list, Value::Null(_)) {
            self.items[item].grows = true;
            list = Value::array(Vec::new(), span);
        }
        if self.items[item].grows {
            let extents = indices.iter().map(|index| index.extent(&value));
            let size = extents.max().unwrap_or(0);
            let before = list.len().unwrap_or(0);
            if size > limits::STAGES + 1 {
                return Err(out_of_bounds(span, limits::STAGES));
            }
            if size > before {
                self.count_copies(size * size - before * before, span)?;
                grow(&mut list, size, indices.len() > 1, span);
            }
        }
        place_in(&mut list, indices, value, span)?;
        self.items[item].value = Ok(list);
        Ok(())
    }
}

/// The entries of a list at some indices.
fn entry(value: Value, indices: &[Index], span: Span) -> Parsed {
    let Some((index, rest)) = indices.split_first() else {
        return Ok(value);
    };
    let Value::List(mut values, place, kind) = value else {
        return Err(Diagnostic::at(span, "too many indices"));
    };
    let places = index.places(values.len(), span)?;
    if !matches!(index, Index::Range(..)) {
        return entry(values.swap_remove(places.start), rest, span);
    }
    let values = values.drain(places).map(|value| entry(value, rest, span));
    Ok(Value::List(values.collect::<Result<_, _>>()?, place, kind))
}

/// Assigns to entries of a list.
fn place_in(list: &mut Value, indices: &[Index], value: Value, span: Span) -> Parsed<()> {
    let is_of_integers = matches!(list, Value::List(.., ListKind::IntegerArray));
    if is_of_integers && !value.is_integer() {
        let problem = Diagnostic::at(span, "this array of integers cannot hold fractions");
        return Err(problem.help("make it of floating-point numbers, or of `dtype=object`"));
    }
    let Some((index, rest)) = indices.split_first() else {
        let resizes = matches!(list, Value::List(.., ListKind::Sequence)) && value.is_list();
        if list.len() != value.len() && !resizes {
            return Err(misfit(span));
        }
        *list = value;
        return Ok(());
    };
    let Value::List(values, ..) = list else {
        return Err(Diagnostic::at(span, "too many indices"));
    };
    let places = index.places(values.len(), span)?;
    if !matches!(index, Index::Range(..)) {
        return place_in(&mut values[places.start], rest, value, span);
    }
    match value {
        Value::List(new, ..) if rest.is_empty() && new.len() == places.len() => {
            let mut pairs = values[places].iter_mut().zip(new);
            pairs.try_for_each(|(old, new)| place_in(old, &[], new, span))
        }
        _ => Err(misfit(span)),
    }
}

fn misfit(span: Span) -> Diagnostic {
    Diagnostic::at(span, "expected a value of the shape that is assigned to")
}

/// Makes a vector or a square matrix longer, with zeros.
fn grow(list: &mut Value, size: usize, is_matrix: bool, span: Span) {
    let Value::List(values, ..) = list else {
        return;
    };
    let zero = Value::Number(integer("0", span));
    let row = Value::array(Vec::new(), span);
    values.resize(size, if is_matrix { row } else { zero });
    for row in values.iter_mut().filter(|row| row.is_list()) {
        grow(row, size, false, span);
    }
}

fn out_of_bounds(span: Span, length: usize) -> Diagnostic {
    let headline = format!("index out of bounds: the list has {length} entries");
    Diagnostic::at(span, headline)
}
