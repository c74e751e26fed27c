//! A tableau in the form of textbooks, as wide as its entries need or the terminal allows.

use std::fmt::Write;

use horesnet_compiler::number::Number;
use horesnet_compiler::report::exact_to;
use horesnet_compiler::tableau::Tableau;

/// Characters up to which an exact expression is shown; longer ones as decimals.
const EXACT: usize = 14;

/// The tableau, drawn; columns in the middle are left out where `width` is too small. Long numbers stay exact on request.
pub(crate) fn draw(tableau: &Tableau, width: Option<usize>, exact: bool) -> String {
    let entry = |number: &Number| exact_to(if exact { usize::MAX } else { EXACT }, number);
    let stages = tableau.stages();
    let explicit = tableau.is_explicit();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let nodes = tableau.nodes.iter().zip(tableau.matrix.row_iter());
    for (i, (node, row)) in nodes.enumerate() {
        let shown = if explicit { i } else { stages };
        let entries = row.iter().take(shown);
        rows.push([node].into_iter().chain(entries).map(entry).collect());
    }
    for row in &tableau.weights {
        let claim = row.claim.map(|claim| format!("order {claim}"));
        let values = row.values.iter().map(entry);
        rows.push(
            [claim.unwrap_or_default()]
                .into_iter()
                .chain(values)
                .collect(),
        );
    }
    let length = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..=stages).map(length).collect();
    let hidden = omitted(&widths, width);
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        if i == stages {
            text.push_str(&rule(&widths, &hidden));
        }
        text.push_str(&line(row, &widths, &hidden));
    }
    if !hidden.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  ⋯ columns {} to {} of {stages} do not fit the terminal; `| less -S` shows all",
            hidden.start,
            hidden.end - 1
        );
    }
    text.push('\n');
    text
}

fn line(row: &[String], widths: &[usize], hidden: &std::ops::Range<usize>) -> String {
    let node = row.first().map_or("", String::as_str);
    let mut line = format!("  {node:>0$} │", widths[0]);
    for (column, cell) in row.iter().enumerate().skip(1) {
        if hidden.contains(&column) {
            if column == hidden.start {
                line.push_str(" ⋯ ");
            }
            continue;
        }
        let _ = write!(line, " {cell:0$} ", widths[column]);
    }
    format!("{}\n", line.trim_end())
}

fn rule(widths: &[usize], hidden: &std::ops::Range<usize>) -> String {
    let kept = widths.iter().enumerate().skip(1);
    let kept = kept.filter(|(column, _)| !hidden.contains(column));
    let dots = if hidden.is_empty() { 0 } else { 3 };
    let length = kept.map(|(_, width)| width + 2).sum::<usize>() + dots;
    format!("  {}┼{}\n", "─".repeat(widths[0] + 1), "─".repeat(length))
}

/// The columns left out: of those in the middle as many as it takes.
fn omitted(widths: &[usize], width: Option<usize>) -> std::ops::Range<usize> {
    let columns = widths.len();
    let Some(width) = width else {
        return columns..columns;
    };
    let needed: usize = widths.iter().map(|column| column + 2).sum::<usize>() + 3;
    if needed <= width {
        return columns..columns;
    }
    let mut room = width.saturating_sub(widths[0] + 8);
    let (mut first, mut last) = (1, columns);
    // From both ends, by turns.
    while first < last {
        let column = if first <= columns - last + 1 {
            first
        } else {
            last - 1
        };
        let Some(rest) = room.checked_sub(widths[column] + 2) else {
            break;
        };
        room = rest;
        if column == first {
            first += 1;
        } else {
            last -= 1;
        }
    }
    first..last
}
