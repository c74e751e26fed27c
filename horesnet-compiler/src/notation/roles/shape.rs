//! The layouts of a matrix: square, without zeros above the diagonal, without its first row or last column, flat.

use num_traits::Zero;

use super::array::{Array, Row};
use crate::language::limits;
use crate::number::Number;

/// A square matrix.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    pub(super) rows: Vec<Row>,
    /// How it was written, if not square.
    pub(super) layout: Option<&'static str>,
    /// The first row was left out.
    pub(super) is_headless: bool,
}

impl Matrix {
    pub(super) fn stages(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn row_sums(&self) -> Vec<Number> {
        self.rows.iter().map(Row::sum).collect()
    }

    pub(super) fn is_explicit(&self) -> bool {
        let mut rows = self.rows.iter().enumerate();
        rows.all(|(i, row)| row.numbers().skip(i).all(Zero::is_zero))
    }

    fn square(
        rows: &[Row],
        stages: usize,
        layout: Option<&'static str>,
        is_headless: bool,
    ) -> Self {
        let head = is_headless.then(Row::default);
        let rows = head.iter().chain(rows).map(|row| row.padded(stages));
        Self {
            rows: rows.collect(),
            layout,
            is_headless,
        }
    }
}

/// The square matrices that an array may stand for.
pub(super) fn matrices(array: &Array) -> Vec<Matrix> {
    let lengths: Vec<_> = array.rows.iter().map(Row::len).collect();
    let count = lengths.len();
    let most = lengths.iter().copied().max().unwrap_or(0);
    let rows = &array.rows;
    let is = |expected: &dyn Fn(usize) -> usize| {
        lengths
            .iter()
            .enumerate()
            .all(|(i, length)| *length == expected(i))
    };
    let zero_above =
        || { rows.iter().enumerate() }.all(|(i, row)| row.numbers().skip(i).all(Zero::is_zero));
    let mut found = Vec::new();
    // What is left empty before the diagonal is a label, or a number that is none.
    let is_blank =
        |(i, row): (usize, &Row)| row.cells.iter().take(i.max(1)).any(|cell| cell.is_blank);
    if rows.iter().enumerate().any(is_blank) {
        return found;
    }
    if !array.is_vector && lengths == [0] {
        // The empty first row of Euler's method.
        return vec![Matrix::square(rows, 1, None, false)];
    }
    if array.is_vector || count > limits::STAGES {
        if array.is_vector && rows.iter().all(|row| row.len() == 1) {
            found.push(Matrix::square(rows, 1, None, false));
        }
        return found;
    }
    if is(&|_| count) {
        found.push(Matrix::square(rows, count, None, false));
    } else if is(&|_| count.saturating_sub(1)) && zero_above() && count > 1 {
        found.push(Matrix::square(
            rows,
            count,
            Some("its last column, of zeros, is left out"),
            false,
        ));
    } else if is(&|_| count + 1) && lower(rows, 1) {
        // Strictly lower, without its first row.
        found.push(Matrix::square(
            rows,
            count + 1,
            Some("its first row, of zeros, is left out"),
            true,
        ));
    }
    let triangle = Some("a lower triangle");
    if is(&|i| i) && count > 1 {
        found.push(Matrix::square(rows, count, triangle, false));
    }
    if is(&|i| i + 1) && count > 1 {
        found.push(Matrix::square(
            rows,
            count + 1,
            Some("a triangle without its first row"),
            true,
        ));
        found.push(Matrix::square(
            rows,
            count,
            Some("a triangle with its diagonal"),
            false,
        ));
    } else if count > 1
        && most == count
        && lengths
            .iter()
            .enumerate()
            .all(|(i, length)| *length <= count && *length >= i)
        && !is(&|_| count)
        && !is(&|i| i)
    {
        // Rows that end at different places, none before its diagonal.
        found.push(Matrix::square(
            rows,
            count,
            Some("rows without their last zeros"),
            false,
        ));
    }
    if count == 1 && lengths == [1] {
        found.push(Matrix::square(
            rows,
            2,
            Some("a triangle without its first row"),
            true,
        ));
    }
    found
}

/// Returns true if entries are zero from the diagonal on, `offset` places to the right of it.
fn lower(rows: &[Row], offset: usize) -> bool {
    { rows.iter().enumerate() }.all(|(i, row)| row.numbers().skip(i + offset).all(Zero::is_zero))
}

/// The square matrices of `stages` rows that a flat list may stand for.
pub(super) fn flat(array: &Array, stages: usize) -> Vec<Matrix> {
    let Some(row) = array
        .rows
        .first()
        .filter(|_| array.is_vector && stages > 1 && stages <= limits::STAGES)
    else {
        return Vec::new();
    };
    let cut = |length: &dyn Fn(usize) -> usize| {
        let mut cells = row.cells.iter().cloned();
        let rows = (0..stages).map(|i| {
            let cells: Vec<_> = cells.by_ref().take(length(i)).collect();
            let span = match (cells.first(), cells.last()) {
                (Some(first), Some(last)) => first.expression.span.to(last.expression.span),
                _ => row.span,
            };
            Row { cells, span }
        });
        rows.collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    if row.len() == stages * stages {
        found.push(Matrix::square(
            &cut(&|_| stages),
            stages,
            Some("a flat list, row after row"),
            false,
        ));
        let columns = cut(&|_| stages);
        let transposed = (0..stages).map(|j| {
            let cells = columns.iter().filter_map(|row| row.cells.get(j).cloned());
            Row {
                cells: cells.collect(),
                span: row.span,
            }
        });
        let transposed: Vec<_> = transposed.collect();
        found.push(Matrix::square(
            &transposed,
            stages,
            Some("a flat list, column after column"),
            false,
        ));
    }
    if row.len() == stages * (stages - 1) / 2 {
        found.push(Matrix::square(
            &cut(&|i| i),
            stages,
            Some("a flat lower triangle"),
            false,
        ));
    }
    if row.len() == stages * (stages + 1) / 2 {
        found.push(Matrix::square(
            &cut(&|i| i + 1),
            stages,
            Some("a flat lower triangle with its diagonal"),
            false,
        ));
    }
    found
}
