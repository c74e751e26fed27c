//! Indices: entries and rows that are read, and those that are assigned.

use std::ops::Range;

use super::lexer::TokenKind;
use super::parser::Parser;
use super::unsupported;
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
    fn places(self, length: usize) -> Option<Range<usize>> {
        let places = match self {
            Self::At(at) => at..at + 1,
            Self::Last => length.checked_sub(1)?..length,
            Self::Range(start, end) => start..end.unwrap_or(length),
        };
        (places.start <= places.end && places.end <= length).then_some(places)
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
    pub(super) fn indices(&mut self) -> Result<Vec<Index>, Diagnostic> {
        let close = self.close();
        // In parentheses, only C++ counts from 0.
        let from_one =
            self.dialect.is_column_major() || (self.is("(") && !self.dialect.is_like_c());
        let base = usize::from(from_one);
        self.at += 1;
        let mut indices = Vec::new();
        while self.at < close {
            indices.push(self.index(base)?);
            if !self.eat(",") {
                break;
            }
        }
        if self.at != close {
            return Err(self.expected("an integer as index"));
        }
        self.at += 1;
        Ok(indices)
    }

    /// Parses the brackets that are next, one after the other: `A[1][0]`.
    pub(super) fn all_indices(&mut self) -> Result<Vec<Index>, Diagnostic> {
        let mut indices = Vec::new();
        while self.is("[") || self.is("(") {
            if matches!(indices.last(), Some(Index::Range(..))) {
                return Err(unsupported(self.token().span, "index behind a range"));
            }
            indices.extend(self.indices()?);
        }
        Ok(indices)
    }

    fn index(&mut self, base: usize) -> Result<Index, Diagnostic> {
        let first = self.number_of_index()?;
        let at = |parser: &Self, number: usize| {
            number
                .checked_sub(base)
                .ok_or_else(|| parser.expected("an index that counts from 1"))
        };
        if self.eat(":") {
            let start = first.map_or(Ok(0), |first| at(self, first))?;
            let end = self.number_of_index()?;
            // What follows `end` or a sign is refused with the brackets.
            self.at += usize::from(end.is_none() && self.word(self.at) == "end");
            return Ok(Index::Range(start, end));
        }
        if let Some(first) = first {
            return Ok(Index::At(at(self, first)?));
        }
        let negative =
            self.is("-") && self.token_at(self.at + 1).kind == TokenKind::Number("1", "");
        if (negative && self.dialect.repeats_lists()) || self.word(self.at) == "end" {
            self.at += 1 + usize::from(negative);
            return Ok(Index::Last);
        }
        Err(self.expected("an integer as index"))
    }

    fn number_of_index(&mut self) -> Result<Option<usize>, Diagnostic> {
        let TokenKind::Number(digits, _) = self.kind() else {
            return Ok(None);
        };
        let most = limits::STAGES * limits::STAGES;
        let number = digits.parse().ok().filter(|number| *number <= most);
        let number = number.ok_or_else(|| self.expected("an integer as index"))?;
        self.at += 1;
        Ok(Some(number))
    }

    /// Parses indices behind a list, and returns the row or entry.
    pub(super) fn entry_of(&mut self, value: Value) -> Result<Value, Diagnostic> {
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
    ) -> Result<(), Diagnostic> {
        let missing = Ok(Value::Null(span));
        let mut list = std::mem::replace(&mut self.items[item].value, missing)?;
        if matches!(list, Value::Null(_)) {
            self.items[item].grows = true;
            list = Value::array(Vec::new(), span);
        }
        if self.items[item].grows {
            let size = indices
                .iter()
                .map(|index| index.extent(&value))
                .max()
                .unwrap_or(0);
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
fn entry(value: Value, indices: &[Index], span: Span) -> Result<Value, Diagnostic> {
    let Some((index, rest)) = indices.split_first() else {
        return Ok(value);
    };
    let Value::List(mut values, place, kind) = value else {
        return Err(Diagnostic::at(span, "too many indices"));
    };
    let places = index
        .places(values.len())
        .ok_or_else(|| out_of_bounds(span, values.len()))?;
    if !matches!(index, Index::Range(..)) {
        return entry(values.swap_remove(places.start), rest, span);
    }
    let values = values.drain(places).map(|value| entry(value, rest, span));
    Ok(Value::List(values.collect::<Result<_, _>>()?, place, kind))
}

/// Assigns to entries of a list.
fn place_in(
    list: &mut Value,
    indices: &[Index],
    value: Value,
    span: Span,
) -> Result<(), Diagnostic> {
    if list.is_integer_array() && !value.is_integer() {
        let problem = Diagnostic::at(span, "this array of integers cannot hold fractions");
        return Err(problem.help("make it of floating-point numbers, or of `dtype=object`"));
    }
    let Some((index, rest)) = indices.split_first() else {
        let resizes = matches!(list, Value::List(.., ListKind::Sequence)) && value.is_list();
        if list.len() != value.len() && !resizes {
            return Err(Diagnostic::at(
                span,
                "expected a value of the shape that is assigned to",
            ));
        }
        *list = value;
        return Ok(());
    };
    let Value::List(values, ..) = list else {
        return Err(Diagnostic::at(span, "too many indices"));
    };
    let places = index
        .places(values.len())
        .ok_or_else(|| out_of_bounds(span, values.len()))?;
    match (index, value) {
        (Index::Range(..), Value::List(new, ..))
            if rest.is_empty() && new.len() == places.len() =>
        {
            let mut pairs = values[places].iter_mut().zip(new);
            pairs.try_for_each(|(old, new)| place_in(old, &[], new, span))
        }
        (Index::Range(..), _) => Err(Diagnostic::at(
            span,
            "expected a list of the length that is assigned to",
        )),
        (_, value) => place_in(&mut values[places.start], rest, value, span),
    }
}

/// Makes a vector or a square matrix longer, with zeros.
fn grow(list: &mut Value, size: usize, is_matrix: bool, span: Span) {
    let Value::List(values, ..) = list else {
        return;
    };
    let zero = Value::Number(integer("0", span));
    let empty = if is_matrix {
        Value::array(Vec::new(), span)
    } else {
        zero
    };
    values.resize(size, empty);
    for row in values.iter_mut().filter(|row| row.is_list()) {
        grow(row, size, false, span);
    }
}

fn out_of_bounds(span: Span, length: usize) -> Diagnostic {
    let headline = format!("index out of bounds: the list has {length} entries");
    Diagnostic::at(span, headline)
}
