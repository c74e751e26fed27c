//! The layouts of a matrix: square, a triangle, without its first row or last column of zeros, flat.

use std::collections::BTreeSet;

use super::array::Array;
use super::row::{Row, close, is_lower};
use crate::language::limits;

/// A square matrix, and how it was written if not square.
pub(super) struct Matrix {
    pub(super) rows: Vec<Row>,
    /// No row was left out.
    pub(super) has_all_rows: bool,
    pub(super) layout: String,
}

/// A way to leave out zeros: its name, the number of rows left out at the top, the length of a row, counted from 0, of so
/// many, and true if what is left out is zero only in explicit schemes.
struct Layout(&'static str, usize, fn(usize, usize) -> usize, bool);

const LAYOUTS: [Layout; 7] = [
    Layout("", 0, |_, s| s, false),
    Layout("a lower triangle", 0, |i, _| i, false),
    Layout("a lower triangle below one zero", 0, |i, _| i.max(1), true),
    Layout("a triangle without its first row", 1, |i, _| i, false),
    Layout("a triangle with its diagonal", 0, |i, _| i + 1, false),
    Layout("without its last column of zeros", 0, |_, s| s - 1, true),
    Layout("without its first row of zeros", 1, |_, s| s, true),
];

impl Layout {
    fn lengths(&self, stages: usize) -> impl Iterator<Item = usize> {
        let Self(_, head, length, _) = *self;
        (head..stages).map(move |i| length(i, stages))
    }

    /// The square matrix of rows in this layout.
    fn square(&self, rows: &[Row]) -> Option<Vec<Row>> {
        let Self(_, head, _, must_be_explicit) = *self;
        let stages = rows.len() + head;
        if stages > limits::STAGES || !self.lengths(stages).eq(rows.iter().map(Row::len)) {
            return None;
        }
        let rows = std::iter::repeat_n(Row::default(), head).chain(rows.iter().cloned());
        let rows: Vec<_> = rows.map(|row| row.padded(stages)).collect();
        (!must_be_explicit || is_lower(&rows, 0)).then_some(rows)
    }
}

/// The square matrices that rows may stand for.
pub(super) fn nested(array: &Array) -> Vec<Matrix> {
    let mut found = Vec::new();
    if array.is_vector && array.rows[0].len() != 1 {
        return found;
    }
    for layout in &LAYOUTS {
        let rows = layout.square(&array.rows);
        found.extend(rows.map(|rows| Matrix {
            rows,
            has_all_rows: layout.1 == 0,
            layout: layout.0.to_owned(),
        }));
    }
    found
}

/// The square matrix of rows from the third stage on. The entry of the second is its node, which is given where the sums of
/// the other rows are.
pub(super) fn without_second(array: &Array, others: &[&Array]) -> Option<Matrix> {
    const LAYOUT: Layout = Layout("from its third row on", 2, |i, _| i, false);
    let mut rows = LAYOUT.square(&array.rows).filter(|_| !array.is_vector)?;
    let second = others.iter().find_map(|other| {
        let nodes = other.as_vector()?.cells;
        let first = { 1..=2 }.find(|skipped| {
            let given = nodes.iter().skip(*skipped).map(|cell| cell.number.to_f64());
            nodes.len() == array.rows.len() + skipped
                && given
                    .zip(&array.rows)
                    .all(|(node, row)| close(node, row.sum()))
        })?;
        nodes.into_iter().nth(first - 1)
    })?;
    rows[1].cells[0] = second;
    let layout = format!("{}; its second row is the node", LAYOUT.0);
    let has_all_rows = false;
    Some(Matrix {
        rows,
        has_all_rows,
        layout,
    })
}

/// The square matrices that a flat list may stand for, of one of these numbers of stages.
pub(super) fn flat(array: &Array, sizes: &BTreeSet<usize>) -> Vec<Matrix> {
    let mut found = Vec::new();
    let Some(row) = array.as_vector() else {
        return found;
    };
    // A list of as many entries as stages is nodes or weights, unless its name says otherwise.
    let is_vector = |stages: &usize| *stages == row.len() && array.hint.is_none();
    let sizes = sizes.range(2..=limits::STAGES).copied();
    for stages in sizes.filter(|stages| !is_vector(stages)) {
        let is_whole = |layout: &&Layout| layout.1 == 0 && !layout.3;
        for layout in LAYOUTS.iter().filter(is_whole) {
            if layout.lengths(stages).sum::<usize>() != row.len() {
                continue;
            }
            let mut cells = row.cells.iter().cloned();
            let rows = layout.lengths(stages).map(|length| {
                let cells: Vec<_> = cells.by_ref().take(length).collect();
                let span = cells.first().map_or(row.span, |cell| cell.expression.span);
                Row::new(cells, span)
            });
            let square = layout.square(&rows.collect::<Vec<_>>());
            found.extend(square.map(|rows| Matrix {
                rows,
                has_all_rows: true,
                layout: match layout.0 {
                    "" => "a flat list, row after row".to_owned(),
                    name => format!("a flat list; {name}"),
                },
            }));
        }
        if row.len() == stages * stages {
            let column = |j| row.cells.iter().skip(j).step_by(stages).cloned().collect();
            found.push(Matrix {
                rows: (0..stages).map(|j| Row::new(column(j), row.span)).collect(),
                has_all_rows: true,
                layout: "a flat list, column after column".to_owned(),
            });
        }
    }
    found
}
