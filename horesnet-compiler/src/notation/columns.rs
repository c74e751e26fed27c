//! Rows of cells in columns, for every notation that prints tables.

/// Lines longer than this are not helped by columns.
const WIDTH: usize = 480;

/// The lines of a table: cells padded to their columns, unless that makes lines of more than 480 characters.
///
/// Between two cells of a row stand `close`, which belongs to the first, the padding, and `gap`.
pub(super) fn aligned(rows: &[Vec<String>], close: &str, gap: &str) -> Vec<String> {
    let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or(0)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let total = widths
        .iter()
        .map(|width| width + close.len() + gap.len())
        .sum::<usize>();
    if total > WIDTH {
        widths.fill(0);
    }
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (j, (cell, width)) in row.iter().zip(&widths).enumerate() {
            line += cell;
            if j + 1 < row.len() {
                line += close;
                line += &" ".repeat(width.saturating_sub(cell.chars().count()));
                line += gap;
            }
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect()
}
