//! The arrays of a program: vectors, and lists of rows.

use super::row::{Row, equal};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Term;
use crate::language::evaluate::Evaluator;
use crate::language::{limits, syntax};
use crate::notation::field::{Role, field, role, short};
use crate::notation::program::Item;
use crate::notation::value::{Value, brief};

/// A list of numbers, or a list of such lists.
#[derive(Clone, Debug)]
pub(super) struct Array {
    /// The name in the program; empty if it has none.
    pub(super) name: String,
    /// The role that the name tells.
    pub(super) hint: Option<Role>,
    pub(super) span: Span,
    /// The line in the text, counted from 1.
    line: usize,
    pub(super) scope: usize,
    pub(super) rows: Vec<Row>,
    /// One row that is written without brackets of its own.
    pub(super) is_vector: bool,
    /// Another value is made of it.
    pub(super) is_used: bool,
    /// An entry with the index 0 was left out.
    pub(super) counts_from_one: bool,
}

impl Array {
    /// The arrays of an item: itself, or those in it. Lists of words are none.
    pub(super) fn of(
        item: &Item,
        text: &str,
        evaluator: &mut Evaluator,
    ) -> Result<Vec<Self>, Diagnostic> {
        let Ok(value) = &item.value else {
            return Ok(Vec::new());
        };
        let mut lists = Vec::new();
        collect(item.name.clone(), value.clone(), &mut lists);
        let array = |(name, values, span): (String, Vec<Value>, Span)| {
            let is_vector = !values.iter().any(Value::is_list);
            let hint = role(&name);
            Ok(Self {
                rows: rows(values, span, hint, evaluator)?,
                name,
                hint,
                span,
                line: Diagnostic::at(span, "").position(text).0,
                scope: item.scope,
                is_vector,
                is_used: item.is_used,
                counts_from_one: false,
            })
        };
        lists.into_iter().map(array).collect()
    }

    /// The name in messages.
    pub(super) fn shown(&self) -> String {
        match self.name.as_str() {
            "" => "the array".to_owned(),
            name => format!("`{}`", brief(name)),
        }
    }

    /// The name and the line, for comments: `A (line 3)`.
    pub(super) fn place(&self) -> String {
        match self.name.as_str() {
            "" => format!("line {}", self.line),
            name => format!("{} (line {})", brief(name), self.line),
        }
    }

    /// The last part of the name.
    pub(super) fn short(&self) -> &str {
        short(&self.name)
    }

    /// Returns true if its name allows that it is the matrix.
    pub(super) fn may_be_matrix(&self) -> bool {
        matches!(self.hint, None | Some(Role::Matrix))
    }

    /// The row of a vector, and of a matrix of one row or one column.
    pub(super) fn as_vector(&self) -> Option<Row> {
        if let [row] = self.rows.as_slice() {
            return Some(row.clone());
        }
        let is_column = self.rows.iter().all(|row| row.len() == 1);
        let cells = self.rows.iter().flat_map(|row| row.cells.clone());
        is_column.then(|| Row::new(cells.collect(), self.span))
    }

    /// Returns true if both hold equal numbers in equal shapes.
    pub(super) fn equals(&self, other: &Self) -> bool {
        equal(&self.rows, &other.rows)
    }
}

/// Finds lists of numbers and lists of rows in a value, with their names.
fn collect(name: String, value: Value, found: &mut Vec<(String, Vec<Value>, Span)>) {
    let Value::List(mut values, span, _) = value else {
        return;
    };
    // The second braces of C++: `{{ {{0, 0}}, {{1, 0}} }}`.
    let inner = |value: &Value| match value {
        Value::List(inner, ..) if inner.len() == 1 && inner[0].is_list() => Some(inner[0].clone()),
        _ => None,
    };
    if let Some(rows) = values.iter().map(inner).collect() {
        values = rows;
    }
    let is_named = role(&name).is_some();
    if field(&name).is_some() || (!is_named && (values.is_empty() || values.iter().any(is_word))) {
        return;
    }
    let lists = values.iter().filter(|value| value.is_list()).count();
    let are_rows = lists == values.len() && !values.iter().any(Value::is_matrix);
    if lists == 0 || are_rows {
        found.push((name, values, span));
        return;
    }
    for (at, value) in values.into_iter().enumerate() {
        let name = match lists {
            1 => name.clone(),
            _ => format!("{name}[{at}]"),
        };
        collect(name, value, found);
    }
}

/// The rows of a list of rows, or the one row of a list of numbers.
fn rows(
    values: Vec<Value>,
    span: Span,
    hint: Option<Role>,
    evaluator: &mut Evaluator,
) -> Result<Vec<Row>, Diagnostic> {
    if !values.iter().any(Value::is_list) {
        return Ok(vec![Row::read(values, span, evaluator)?]);
    }
    // One array may hold rows of weights too.
    let (most, weights) = (limits::STAGES, if hint.is_none() { 3 } else { 0 });
    if values.len() > most + weights {
        let headline = format!("expected at most {most} stages, found {}", values.len());
        return Err(Diagnostic::at(span, headline));
    }
    let mut rows = Vec::new();
    for value in values {
        if let Value::List(mut values, span, _) = value {
            // A blank label, as before the weights in one array.
            if hint.is_none() && values.first().is_some_and(is_blank) {
                values.remove(0);
            }
            rows.push(Row::read(values, span, evaluator)?);
        }
    }
    Ok(rows)
}

/// Returns true for an entry that is left empty: `""`, `None`.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.value.trim().is_empty(),
        value => matches!(value, Value::Null(_)),
    }
}

/// Returns true for words: a list of them holds no weights.
fn is_word(value: &Value) -> bool {
    let Value::Text(text) = value else {
        return false;
    };
    let number = syntax::parse_expression(&text.value);
    !is_blank(value) && number.map_or(true, |number| matches!(number.value, Term::Name(_)))
}
