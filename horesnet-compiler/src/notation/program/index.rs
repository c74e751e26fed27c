//! Entries and rows of lists, transposes, and the layouts of flat lists.

use super::brief;
use super::item::{Entry, Index};
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;
use crate::notation::value::Value;

/// The largest index.
const MOST: usize = limits::STAGES * limits::STAGES;

impl Parser<'_> {
    /// Parses the brackets of indices that are next, one after the other.
    pub(super) fn indices(&mut self) -> Result<Vec<Index>, Diagnostic> {
        let mut indices = Vec::new();
        while self.is("[") || self.is("(") {
            let close = self.close();
            self.advance();
            while self.at < close {
                indices.push(self.index()?);
                if !self.eat(",") {
                    break;
                }
            }
            if self.at != close {
                return Err(self.expected("an integer as index"));
            }
            self.at += 1;
        }
        Ok(indices)
    }

    fn index(&mut self) -> Result<Index, Diagnostic> {
        let first = self.range_end()?;
        if !self.eat(":") {
            return match first {
                Some(Index::At(at)) => Ok(Index::At(at)),
                Some(Index::Last) => Ok(Index::Last),
                _ => Err(self.expected("an integer as index")),
            };
        }
        let last = self.range_end()?;
        match (first, last) {
            (Some(Index::Last), _) | (_, Some(Index::Range(..))) => {
                Err(self.expected("an integer as index"))
            }
            (first, last) => {
                let at = |index| match index {
                    Some(Index::At(at)) => Some(at),
                    _ => None,
                };
                Ok(Index::Range(at(first), at(last)))
            }
        }
    }

    /// An end of a range, or an index.
    fn range_end(&mut self) -> Result<Option<Index>, Diagnostic> {
        match self.kind() {
            TokenKind::Number(digits) => {
                let at = digits.parse().ok().filter(|at| *at <= MOST);
                let at = at.ok_or_else(|| self.expected(&format!("an index up to {MOST}")))?;
                self.advance();
                Ok(Some(Index::At(at)))
            }
            TokenKind::Name("end") => {
                self.advance();
                Ok(Some(Index::Last))
            }
            TokenKind::Symbol("-") if self.kind_at(1) == &TokenKind::Number("1") => {
                self.at += 2;
                Ok(Some(Index::Last))
            }
            _ => Ok(None),
        }
    }

    /// Parses indices behind a list, and returns the row or entry.
    pub(super) fn entry_of(&mut self, value: Value) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let parentheses = self.is("(");
        let indices = self.indices()?;
        let span = start.to(self.last_span());
        let from_one = parentheses || self.dialect.is_column_major();
        let depth = if value.is_matrix() { 2 } else { 1 };
        // In Julia and MATLAB `A[2]` is an entry of the matrix, counted by columns.
        if from_one && depth == 2 && indices.len() == 1 {
            let headline = "expected 2 indices: the matrix has two dimensions";
            return Err(Diagnostic::at(span, headline).help("write `A[i, :]` for a row"));
        }
        let mut value = value;
        for index in indices {
            let Value::List(mut values, ..) = value else {
                return Err(Diagnostic::at(span, "too many indices"));
            };
            let length = values.len();
            let at = match index {
                Index::At(at) => at.checked_sub(usize::from(from_one)),
                Index::Last => length.checked_sub(1),
                // A row: all its columns.
                Index::Range(None, None) => {
                    value = Value::array(values, span);
                    if !value.is_matrix() {
                        continue;
                    }
                    return Err(
                        Diagnostic::at(span, "columns of a matrix are not supported")
                            .help("write the values out"),
                    );
                }
                Index::Range(..) => {
                    return Err(Diagnostic::at(span, "parts of a list are not supported")
                        .help("write the values out"));
                }
            };
            let at = at
                .filter(|at| *at < length)
                .ok_or_else(|| out_of_bounds(span, length))?;
            value = values.swap_remove(at);
        }
        Ok(value)
    }

    /// Parses `.NAME` or `.NAME(…)` behind a value.
    pub(super) fn method(&mut self, value: Value) -> Result<Value, Diagnostic> {
        let span = self.token().span;
        let TokenKind::Name(name) = self.kind_at(1) else {
            return Err(self.expected("a name"));
        };
        self.at += 2;
        let called = self.is("(");
        let close = self.close();
        match *name {
            "T" if !called => Self::transposed(value),
            "transpose" | "t" if called => {
                self.skip_brackets();
                Self::transposed(value)
            }
            "reshape" | "view" if called => {
                self.advance();
                let mut sizes = Vec::new();
                let tuple = self.eat("(");
                while let TokenKind::Number(size) = self.kind() {
                    sizes.extend(size.parse::<usize>().ok());
                    self.advance();
                    self.eat(",");
                }
                if self.at + usize::from(tuple) != close {
                    return Err(self.expected("the sizes of a matrix"));
                }
                self.at = close + 1;
                self.reshaped(value, &sizes, span)
            }
            "astype" | "tolist" | "to" | "double" | "float" | "copy" | "clone" | "to_vec"
            | "into" | "to_owned" | "contiguous" | "requires_grad_" | "numpy"
                if called =>
            {
                let whole = self
                    .names_between(self.at, close)
                    .any(|name| name.starts_with("int"));
                if whole {
                    return Err(Diagnostic::at(span, "unsupported conversion to integers"));
                }
                self.skip_brackets();
                Ok(value)
            }
            "sqrt" if called && close == self.at + 1 => {
                self.skip_brackets();
                let number = value.into_number()?;
                let place = number.span.to(self.last_span());
                Ok(Value::term(
                    crate::language::document::Term::Sqrt(Box::new(number)),
                    place,
                ))
            }
            _ => {
                let headline = format!("unsupported method `{}`", brief(name));
                Err(Diagnostic::at(span, headline).help("write the values out"))
            }
        }
    }

    /// Exchanges rows and columns. A vector stays as it is.
    pub(super) fn transposed(value: Value) -> Result<Value, Diagnostic> {
        if !value.is_matrix() {
            return Ok(value);
        }
        let Value::List(rows, span, kind) = value else {
            return Ok(value);
        };
        let rows: Option<Vec<Vec<Value>>> = { rows.into_iter() }
            .map(|row| match row {
                Value::List(entries, ..) => Some(entries),
                _ => None,
            })
            .collect();
        let columns = rows
            .as_ref()
            .and_then(|rows| rows.first())
            .map_or(0, Vec::len);
        let rows = rows.filter(|rows| rows.iter().all(|row| row.len() == columns));
        let rows = rows.ok_or_else(|| Diagnostic::at(span, "only a matrix can be transposed"))?;
        let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
        let transposed = (0..columns).map(|_| {
            let column: Vec<_> = rows.iter_mut().filter_map(Iterator::next).collect();
            Value::List(column, span, kind)
        });
        Ok(Value::List(transposed.collect(), span, kind))
    }

    /// Gives a flat list rows and columns, in the order in which the language stores matrices.
    pub(super) fn reshaped(
        &mut self,
        value: Value,
        sizes: &[usize],
        span: Span,
    ) -> Result<Value, Diagnostic> {
        let Value::List(values, place, kind) = value else {
            return Err(Diagnostic::at(span, "expected a list to reshape"));
        };
        let unequal = || {
            Diagnostic::at(
                span,
                format!(
                    "a list of {} entries does not fit these sizes",
                    values.len()
                ),
            )
        };
        let (rows, columns) = match sizes {
            [size] if *size == values.len() => return Ok(Value::List(values, place, kind)),
            [rows, columns] if rows * columns == values.len() && *rows > 0 => (*rows, *columns),
            [rows] if *rows > 0 && values.len().is_multiple_of(*rows) => {
                (*rows, values.len() / rows)
            }
            _ => return Err(unequal()),
        };
        if values.iter().any(Value::is_list) {
            return Err(unequal());
        }
        let stored = if self.dialect.is_column_major() {
            (columns, rows)
        } else {
            (rows, columns)
        };
        let mut values = values.into_iter();
        let lists = (0..stored.0)
            .map(|_| Value::List(values.by_ref().take(stored.1).collect(), place, kind));
        let matrix = Value::List(lists.collect(), place, kind);
        if self.dialect.is_column_major() {
            return Self::transposed(matrix);
        }
        Ok(matrix)
    }
}

/// Puts a list together from its value and the entries that were assigned, which count from `base`.
pub(super) fn assembled(
    value: Option<Value>,
    entries: Vec<Entry>,
    base: usize,
) -> Result<Value, Diagnostic> {
    let Some(first) = entries.first() else {
        return Ok(value.unwrap_or(Value::Null(Span::default())));
    };
    let place = first.span;
    let mut value = value.filter(Value::is_list).unwrap_or_else(|| {
        let at = |entry: &Entry, axis: usize| match entry.indices.get(axis) {
            Some(Index::At(at)) => (at + 1).saturating_sub(base),
            Some(Index::Range(_, Some(last))) => (last + 1).saturating_sub(base),
            _ => 0,
        };
        let most = |axis| {
            entries
                .iter()
                .map(|entry| at(entry, axis))
                .max()
                .unwrap_or(0)
                .min(limits::STAGES + 1)
        };
        let zero = |span| Value::Number(crate::notation::value::integer("0", span));
        let (rows, columns) = (most(0), most(1));
        let row = |span| vec![zero(span); rows.max(columns)];
        if entries.iter().any(|entry| entry.indices.len() > 1) {
            Value::array(
                vec![Value::array(row(place), place); rows.max(columns)],
                place,
            )
        } else {
            Value::array(row(place), place)
        }
    });
    for entry in entries {
        place_in(&mut value, &entry.indices, entry.value, base, entry.span)?;
    }
    Ok(value)
}

/// Assigns to an entry, or to a part of a row.
fn place_in(
    list: &mut Value,
    indices: &[Index],
    value: Value,
    base: usize,
    span: Span,
) -> Result<(), Diagnostic> {
    let Some((index, rest)) = indices.split_first() else {
        if list.is_integer_array() && !value.is_integer() {
            let headline = "this array of integers cannot hold fractions";
            return Err(Diagnostic::at(span, headline)
                .help("make it of floating-point numbers, or of `dtype=object`"));
        }
        if list.is_list() != value.is_list() {
            return Err(Diagnostic::at(
                span,
                "expected a value of the shape that is assigned to",
            ));
        }
        *list = value;
        return Ok(());
    };
    let integers = list.is_integer_array();
    let Value::List(values, ..) = list else {
        return Err(Diagnostic::at(span, "too many indices"));
    };
    let length = values.len();
    match *index {
        Index::At(_) | Index::Last => {
            let at = match *index {
                Index::At(at) => at.checked_sub(base),
                _ => length.checked_sub(1),
            };
            let at = at
                .filter(|at| *at < length)
                .ok_or_else(|| out_of_bounds(span, length))?;
            if integers && rest.is_empty() && !value.is_integer() {
                let headline = "this array of integers cannot hold fractions";
                return Err(Diagnostic::at(span, headline)
                    .help("make it of floating-point numbers, or of `dtype=object`"));
            }
            place_in(&mut values[at], rest, value, base, span)
        }
        Index::Range(first, last) => {
            let start = first.map_or(Some(0), |first| first.checked_sub(base));
            // Python's ranges end before their last index.
            let end = last.map_or(length, |last| last);
            let (Some(start), Value::List(new, ..)) =
                (start.filter(|start| *start <= end && end <= length), value)
            else {
                return Err(Diagnostic::at(
                    span,
                    "expected a list of the length that is assigned to",
                ));
            };
            if !rest.is_empty() || new.len() != end - start {
                return Err(Diagnostic::at(
                    span,
                    "expected a list of the length that is assigned to",
                ));
            }
            if integers && !new.iter().all(Value::is_integer) {
                return Err(Diagnostic::at(
                    span,
                    "this array of integers cannot hold fractions",
                ));
            }
            for (old, new) in values[start..end].iter_mut().zip(new) {
                *old = new;
            }
            Ok(())
        }
    }
}

fn out_of_bounds(span: Span, length: usize) -> Diagnostic {
    Diagnostic::at(
        span,
        format!("index out of bounds: the list has {length} entries"),
    )
}
