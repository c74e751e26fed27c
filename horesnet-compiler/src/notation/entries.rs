//! Entries of lists: `A[2, 1] = 1//2`, and `b = A[-1]`.

use super::parts::{Holds, Value, brief};
use super::reader::Reader;
use super::script::Language;
use super::tokens::Kind;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::Term;

/// What stands between the brackets behind a list.
enum Index {
    /// An entry, counted from 0.
    At(usize),
    /// An entry, counted from the last, which is 1.
    FromEnd(usize),
    /// `:`
    All,
}

impl<'a> Reader<'a> {
    /// `A[i, j] = VALUE` or `c[i] = VALUE`, from the name on.
    pub(super) fn assign_entry(&mut self, name: &'a str) -> Result<(), Diagnostic> {
        let start = self.token().span;
        self.advance();
        let mut path = Vec::new();
        while self.eat("[") {
            loop {
                path.push(self.position_in_list()?);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect("]")?;
        }
        let place = start.to(self.token().span);
        self.expect("=")?;
        let value = self.value()?;
        let mut entry = match self.scope.value_mut(name) {
            Some(Ok(value)) => value,
            Some(Err(problem)) => return Err(problem.clone()),
            None => {
                return Err(Diagnostic::at(
                    start,
                    format!("`{}` has no value here", brief(name)),
                ));
            }
        };
        for index in path {
            let Value::List(values, _, holds) = entry else {
                return Err(Diagnostic::at(
                    place,
                    "this is more indices than the list has",
                ));
            };
            if *holds == Holds::Integers && !is_integer(&value) {
                return Err(
                    Diagnostic::at(place, "an array of integers holds no fractions")
                        .help("make it of `dtype=object`"),
                );
            }
            let length = values.len();
            entry = values.get_mut(index).ok_or_else(|| {
                Diagnostic::at(
                    place,
                    format!("this is outside the list, which has {length} entries"),
                )
            })?;
        }
        if matches!(entry, Value::List(..)) || matches!(value, Value::List(..)) {
            return Err(Diagnostic::at(place, "an entry is assigned one number"));
        }
        *entry = value;
        Ok(())
    }

    fn position_in_list(&mut self) -> Result<usize, Diagnostic> {
        let first = usize::from(self.language == Language::Julia);
        let index = match self.kind() {
            Kind::Number(digits) => digits.parse::<usize>().ok(),
            _ => None,
        };
        let index = index.and_then(|index| index.checked_sub(first));
        let index = index.ok_or_else(|| self.expected("an index"))?;
        self.advance();
        Ok(index)
    }

    /// The entry or row of a list, from the bracket behind the list on.
    pub(super) fn entry_of(&mut self, list: Value) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        let mut path = Vec::new();
        loop {
            path.push(self.index()?);
            if !self.eat(",") {
                break;
            }
        }
        let place = start.to(self.token().span);
        self.expect("]")?;
        // One index of a matrix of Julia's counts all its entries.
        let depth = if matches!(&list, Value::List(rows, ..) if matches!(rows.first(), Some(Value::List(..))))
        {
            2
        } else {
            1
        };
        if self.language == Language::Julia && path.len() != depth {
            return Err(Diagnostic::at(place, format!("expected {depth} indices")));
        }
        let (mut value, mut whole) = (list, false);
        for index in path {
            let Value::List(values, span, holds) = value else {
                return Err(Diagnostic::at(
                    place,
                    "this is more indices than the list has",
                ));
            };
            let at = match index {
                Index::At(at) => Some(at),
                Index::FromEnd(back) => values.len().checked_sub(back),
                Index::All => {
                    whole = true;
                    value = Value::List(values, span, holds);
                    continue;
                }
            };
            if whole {
                return Err(Diagnostic::at(place, "columns of lists are not read"));
            }
            let length = values.len();
            let entry = at.and_then(|at| values.into_iter().nth(at));
            value = entry.ok_or_else(|| {
                Diagnostic::at(
                    place,
                    format!("this is outside the list, which has {length} entries"),
                )
            })?;
        }
        Ok(value)
    }

    fn index(&mut self) -> Result<Index, Diagnostic> {
        if self.eat(":") {
            return Ok(Index::All);
        }
        let python = self.language == Language::Python;
        match self.kind() {
            Kind::Name("end") if !python => {
                self.advance();
                Ok(Index::FromEnd(1))
            }
            Kind::Symbol("-") if python => {
                self.advance();
                let back = self.position_in_list()?;
                Ok(Index::FromEnd(back))
            }
            _ => self.position_in_list().map(Index::At),
        }
    }
}

/// Whether a value is written as an integer.
pub(super) fn is_integer(value: &Value) -> bool {
    let integer = |term: &Term| matches!(term, Term::Decimal { exponent: 0, .. });
    match value {
        Value::Number(number) => match &number.value {
            Term::Sum(terms) => {
                matches!(terms.as_slice(), [(true, one)] if integer(&one.value))
            }
            term => integer(term),
        },
        Value::Text(text) => {
            let digits = text.value.trim_start_matches('-');
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        }
        Value::List(values, ..) => values.iter().all(is_integer),
        Value::Nothing(_) => false,
    }
}

/// A list and those in it, to hold something else.
pub(super) fn holding(value: Value, holds: Holds) -> Value {
    match value {
        Value::List(values, span, _) => {
            let values = values.into_iter().map(|value| holding(value, holds));
            Value::List(values.collect(), span, holds)
        }
        other => other,
    }
}
