//! Why arrays are no tableau, and what to do.

use super::array::Array;
use super::reading::Reading;
use super::{shape, theories};
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::Role;

/// The parts of a tableau, for help.
const SHAPE: &str = "a tableau has a matrix `A` and weights `b`; `c`, `order`, `bhat` and `embedded_order` are optional";

/// The problem of an array without a part.
pub(super) fn unexplained(array: &Array, matrix: &Array, stages: usize) -> Diagnostic {
    let length = array.as_vector().map(|row| row.len());
    let short = theories::short(array);
    let headline = match (array.hint(), length) {
        (Some(Role::Nodes), Some(length)) => format!(
            "expected as many nodes {} as rows of {}: {stages}, found {length}",
            array.shown(),
            matrix.shown()
        ),
        (Some(Role::Weights | Role::Embedded(_)), Some(length)) => {
            format!(
                "expected as many weights {} as rows of {}: {stages}, found {length}",
                array.shown(),
                matrix.shown()
            )
        }
        _ => format!("no part of a tableau explains {}", array.shown()),
    };
    let problem = Diagnostic::at(array.span, headline);
    let help = match short {
        "" => "remove it, or give it a name".to_owned(),
        short => format!("rename it, or leave it out: `--ignore {short}`"),
    };
    problem
        .note(format!(
            "with {} as the matrix of {stages} stages",
            matrix.shown()
        ))
        .help(help)
}

/// The problem of a matrix whose rows have lengths of no layout.
pub(super) fn misshapen(array: &Array) -> Option<Diagnostic> {
    let stages = array.rows.len();
    let is_misshapen =
        !array.is_vector && array.hint() == Some(Role::Matrix) && shape::matrices(array).is_empty();
    let square = array.rows.first().is_some_and(|row| row.len() > 1);
    let expected = |i: usize| if square { stages } else { i };
    let mut rows = array.rows.iter().enumerate();
    let (i, row) = rows
        .find(|(i, row)| row.len() != expected(*i))
        .filter(|_| is_misshapen)?;
    let s = |count: usize| if count == 1 { "y" } else { "ies" };
    let headline = format!(
        "stage row {} has {} entr{}, expected {}",
        i + 1,
        row.len(),
        s(row.len()),
        expected(i)
    );
    Some(
        Diagnostic::at(row.span, headline)
            .help("a matrix is square, or has the entries below its diagonal only"),
    )
}

pub(super) fn missing(arrays: &[&Array]) -> Diagnostic {
    let mut empty = arrays.iter().filter(|array| {
        array.hint() == Some(Role::Matrix) && array.rows.iter().all(|row| row.len() == 0)
    });
    if let Some(empty) = empty.next() {
        return Diagnostic::at(empty.span, "expected stages, found none").help(SHAPE);
    }
    let named = arrays.iter().filter(|array| array.hint().is_some());
    let mut cells = named.flat_map(|array| array.rows.iter().flat_map(|row| &row.cells));
    if let Some(blank) = cells.find(|cell| cell.is_blank) {
        let headline = "expected a number, found nothing";
        return Diagnostic::at(blank.expression.span, headline);
    }
    let has =
        |wanted: fn(Role) -> bool| arrays.iter().any(|array| array.hint().is_some_and(wanted));
    let what = match (
        has(|role| role == Role::Matrix),
        has(|role| role == Role::Weights),
    ) {
        (false, _) => "A",
        (true, false) => "b",
        (true, true) => {
            let shown: Vec<_> = arrays.iter().map(|array| array.shown()).collect();
            let headline = format!("no tableau has the shape of {}", shown.join(", "));
            let span = arrays.first().map(|array| array.span).unwrap_or_default();
            return Diagnostic::at(span, headline).help(SHAPE);
        }
    };
    Diagnostic::whole_file(format!("missing `{what}`")).help(SHAPE)
}

pub(super) fn ambiguous(readings: &[Reading]) -> Diagnostic {
    const SHOWN: usize = 6;
    let headline = format!("this text has {} readings", readings.len());
    let mut problem = Diagnostic::whole_file(headline);
    for (at, reading) in readings.iter().take(SHOWN).enumerate() {
        problem = problem.note(format!("{}: {}", at + 1, reading.line()));
    }
    problem.help("choose one: `--as 1`, or rename the arrays to `A`, `b`, `c`, `bhat`")
}
