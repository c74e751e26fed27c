//! The arrays of a program: lists of numbers with their exact values, as vectors or rows.

use num_traits::Zero;

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::evaluate::Evaluator;
use crate::language::{limits, syntax};
use crate::notation::field::{Role, field, role};
use crate::notation::program::Item;
use crate::notation::value::{Value, integer};
use crate::number::Number;

/// A list of numbers, or a list of such lists.
#[derive(Clone, Debug)]
pub(super) struct Array {
    /// The name in the program; empty if it has none.
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) scope: usize,
    pub(super) rows: Vec<Row>,
    /// One row that is written without brackets of its own.
    pub(super) is_vector: bool,
    pub(super) is_used: bool,
    pub(super) again: bool,
}

/// The entries of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    pub(super) span: Span,
}

/// An entry, as written and as a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) expression: Expression,
    pub(super) number: Number,
    /// Left empty: `""`, `None`.
    pub(super) is_blank: bool,
}

impl Cell {
    pub(super) fn zero(span: Span) -> Self {
        Self {
            expression: integer("0", span),
            number: Number::zero(),
            is_blank: false,
        }
    }

    /// A computed number.
    pub(super) fn of(number: Number, span: Span) -> Self {
        let text = number.to_string();
        let zero = || integer("0", span);
        let expression = syntax::expression_in(&text, Span::new(span.start, span.start))
            .unwrap_or_else(|_| zero());
        let expression = Spanned::new(expression.value, span);
        Self {
            expression,
            number,
            is_blank: false,
        }
    }

    fn read(value: Value, evaluator: &mut Evaluator) -> Result<Self, Diagnostic> {
        let span = value.span();
        let blank = match &value {
            Value::Null(_) => true,
            Value::Text(text) => text.value.trim().is_empty(),
            _ => false,
        };
        if blank {
            return Ok(Self {
                is_blank: true,
                ..Self::zero(span)
            });
        }
        let expression = value.into_number()?;
        let number = evaluator.value(&expression)?;
        Ok(Self {
            expression,
            number,
            is_blank: false,
        })
    }
}

impl Row {
    pub(super) fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.cells.iter().map(|cell| &cell.number)
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn sum(&self) -> Number {
        sum(self.numbers())
    }

    /// The row with zeros behind it.
    pub(super) fn padded(&self, length: usize) -> Self {
        let mut row = self.clone();
        while row.cells.len() < length {
            row.cells.push(Cell::zero(self.span));
        }
        row
    }

    /// The same numbers.
    pub(super) fn equals(&self, other: &Self) -> bool {
        self.numbers().eq(other.numbers())
    }
}

pub(super) fn sum<'a>(numbers: impl Iterator<Item = &'a Number>) -> Number {
    let numbers = numbers.filter(|number| !number.is_zero());
    numbers.fold(Number::zero(), |sum, number| &sum + number)
}

/// Returns true for numbers that are equal but for rounding.
pub(super) fn close(a: &Number, b: &Number) -> bool {
    const ROUNDING: f64 = 1e-3;
    if a == b {
        return true;
    }
    let (a, b) = (a.to_f64(), b.to_f64());
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1.0)
}

impl Array {
    /// The arrays of an item: itself, or those in it. Lists of words are none.
    pub(super) fn of(item: &Item, evaluator: &mut Evaluator) -> Result<Vec<Self>, Diagnostic> {
        let Ok(value @ Value::List(..)) = item.value.clone() else {
            return Ok(Vec::new());
        };
        let mut arrays = Vec::new();
        collect(item.name.clone(), value, item, evaluator, &mut arrays)?;
        Ok(arrays)
    }

    pub(super) fn hint(&self) -> Option<Role> {
        role(&self.name)
    }

    /// The name in messages.
    pub(super) fn shown(&self) -> String {
        if self.name.is_empty() {
            "the array".to_owned()
        } else {
            format!("`{}`", crate::notation::value::brief(&self.name))
        }
    }

    /// The row of a vector, and of a matrix of one row or one column.
    pub(super) fn as_vector(&self) -> Option<Row> {
        match self.rows.as_slice() {
            [row] => Some(row.clone()),
            rows if rows.iter().all(|row| row.len() == 1) => {
                let cells = rows.iter().flat_map(|row| row.cells.iter().cloned());
                Some(Row {
                    cells: cells.collect(),
                    span: self.span,
                })
            }
            _ => None,
        }
    }

    /// The row of a vector, or the rows of a matrix.
    pub(super) fn as_rows(&self) -> Vec<Row> {
        self.as_vector()
            .map_or_else(|| self.rows.clone(), |row| vec![row])
    }

    /// The same numbers in the same shape.
    pub(super) fn equals(&self, other: &Self) -> bool {
        self.rows.len() == other.rows.len()
            && self.rows.iter().zip(&other.rows).all(|(a, b)| a.equals(b))
    }
}

/// Finds the arrays in a value: a list of numbers, a list of rows, or a list of arrays.
fn collect(
    name: String,
    value: Value,
    item: &Item,
    evaluator: &mut Evaluator,
    arrays: &mut Vec<Array>,
) -> Result<(), Diagnostic> {
    let Value::List(values, span, _) = unwrapped(value) else {
        return Ok(());
    };
    let array = |rows, is_vector, name| Array {
        name,
        span,
        scope: item.scope,
        rows,
        is_vector,
        is_used: item.is_used,
        again: item.again,
    };
    let (lists, others): (usize, usize) = (
        values.iter().filter(|value| value.is_list()).count(),
        values.len(),
    );
    // A list of words holds no weights.
    let word = |value: &Value| match value {
        Value::Text(text) if !text.value.trim().is_empty() => {
            let number = syntax::parse_expression(&text.value);
            number.map_or(true, |number| matches!(number.value, Term::Name(_)))
        }
        _ => false,
    };
    let hinted = role(&name).is_some();
    if field(&name).is_some() || (!hinted && (values.is_empty() || values.iter().any(word))) {
        return Ok(());
    }
    if lists == 0 {
        let row = row(values, span, evaluator)?;
        arrays.push(array(vec![row], true, name));
        return Ok(());
    }
    let deep = values.iter().any(Value::is_matrix);
    if lists == others && !deep {
        let mut rows = Vec::new();
        for value in values {
            let span = value.span();
            if let Value::List(values, ..) = value {
                rows.push(row(values, span, evaluator)?);
            }
        }
        let most = if role(&name) == Some(Role::Matrix) {
            limits::STAGES
        } else {
            limits::STAGES + 3
        };
        if rows.len() > most {
            let (most, found) = (limits::STAGES, rows.len());
            return Err(Diagnostic::at(
                span,
                format!("expected at most {most} stages, found {found}"),
            ));
        }
        arrays.push(array(rows, false, name));
        return Ok(());
    }
    for (at, value) in values.into_iter().enumerate() {
        let name = if lists == 1 {
            name.clone()
        } else {
            format!("{name}[{at}]")
        };
        collect(name, value, item, evaluator, arrays)?;
    }
    Ok(())
}

/// A list without the second braces of C++: `{{ {{0, 0}}, {{1, 0}} }}`.
fn unwrapped(value: Value) -> Value {
    let Value::List(mut values, span, kind) = value else {
        return value;
    };
    let only = |value: &Value| matches!(value, Value::List(inner, ..) if matches!(inner.as_slice(), [one] if one.is_list()));
    match values.as_slice() {
        [one] if one.is_matrix() => unwrapped(values.remove(0)),
        rows if rows.len() > 1 && rows.iter().all(only) => {
            let inner = values.into_iter().flat_map(|value| match value {
                Value::List(inner, ..) => inner,
                other => vec![other],
            });
            Value::List(inner.collect(), span, kind)
        }
        _ => Value::List(values, span, kind),
    }
}

fn row(values: Vec<Value>, span: Span, evaluator: &mut Evaluator) -> Result<Row, Diagnostic> {
    let cells = values.into_iter().map(|value| Cell::read(value, evaluator));
    Ok(Row {
        cells: cells.collect::<Result<_, _>>()?,
        span,
    })
}
