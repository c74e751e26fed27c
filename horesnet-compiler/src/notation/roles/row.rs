//! Rows of numbers: as written, and their exact values.

use num_traits::Zero;

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned};
use crate::language::evaluate::Evaluator;
use crate::language::syntax;
use crate::notation::value::{Value, integer};
use crate::number::Number;

/// An entry, as written and as a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) expression: Expression,
    pub(super) number: Number,
}

/// A row of a matrix, or a vector.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    pub(super) span: Span,
}

impl Cell {
    pub(super) fn zero(span: Span) -> Self {
        Self {
            expression: integer("0", span),
            number: Number::zero(),
        }
    }

    /// A computed number; `None` if it is too long to be written.
    fn computed(number: Number, span: Span) -> Option<Self> {
        let written = syntax::parse_expression(&number.to_string()).ok()?;
        Some(Self {
            expression: Spanned::new(written.value, span),
            number,
        })
    }
}

impl Row {
    pub(super) fn new(cells: Vec<Cell>, span: Span) -> Self {
        Self { cells, span }
    }

    pub(super) fn read(
        values: Vec<Value>,
        span: Span,
        evaluator: &mut Evaluator,
    ) -> Result<Self, Diagnostic> {
        let mut cells = Vec::new();
        for value in values {
            let expression = value.into_number()?;
            let number = evaluator.value(&expression)?;
            cells.push(Cell { expression, number });
        }
        Ok(Self::new(cells, span))
    }

    /// A row of computed numbers; `None` if one is too long to be written.
    pub(super) fn computed(numbers: Vec<Number>, span: Span) -> Option<Self> {
        let numbers = numbers.into_iter();
        let cells = numbers.map(|number| Cell::computed(number, span));
        Some(Self::new(cells.collect::<Option<_>>()?, span))
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.cells.iter().map(|cell| &cell.number)
    }

    /// The sum in floating point, which tells roles apart.
    pub(super) fn sum(&self) -> f64 {
        self.numbers().map(Number::to_f64).sum()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.numbers().all(Zero::is_zero)
    }

    /// The row with zeros behind it.
    pub(super) fn padded(&self, length: usize) -> Self {
        let mut row = self.clone();
        let length = length.max(row.len());
        row.cells.resize(length, Cell::zero(self.span));
        row
    }
}

/// Returns true for numbers that are equal but for rounding.
pub(super) fn close(a: f64, b: f64) -> bool {
    const ROUNDING: f64 = 1e-3;
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1.0)
}

pub(super) fn sums(rows: &[Row]) -> Vec<f64> {
    rows.iter().map(Row::sum).collect()
}

/// Returns true if both hold equal numbers in equal shapes.
pub(super) fn equal(a: &[Row], b: &[Row]) -> bool {
    a.len() == b.len() && { a.iter().zip(b) }.all(|(a, b)| a.numbers().eq(b.numbers()))
}

/// Returns true if all entries are zero from `offset` places right of the diagonal on.
pub(super) fn is_lower(rows: &[Row], offset: usize) -> bool {
    { rows.iter().enumerate() }.all(|(i, row)| row.numbers().skip(i + offset).all(Zero::is_zero))
}
