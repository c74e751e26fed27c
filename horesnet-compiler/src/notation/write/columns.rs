//! Columns of cells, for notations that print tables.

/// Longer lines are not aligned.
const WIDTH: usize = 480;

/// The width of each column.
pub(crate) fn widths<'a>(rows: impl IntoIterator<Item = &'a Vec<String>>) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

/// Pads cells to columns, unless that makes lines of more than 480 characters.
///
/// Between two cells stand `close`, which belongs to the first, the padding, and `gap`.
pub(crate) fn aligned(rows: &[Vec<String>], close: &str, gap: &str) -> Vec<String> {
    let widths = widths(rows);
    let total = widths.iter().map(|width| width + close.len() + gap.len());
    let fits = total.sum::<usize>() <= WIDTH;
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (j, (cell, width)) in row.iter().zip(&widths).enumerate() {
            line += cell;
            if j + 1 < row.len() {
                let padding = width - cell.chars().count();
                line += close;
                line += &" ".repeat(if fits { padding } else { 0 });
                line += gap;
            }
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect()
}
