//! Why arrays are no tableau, and what to do: parts are missing, misshapen or unexplained, or of another theory.

use super::array::Array;
use super::layout::nested;
use super::reading::Reading;
use super::row::{close, sums};
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::Role;

/// The parts of a tableau, for help.
const SHAPE: &str = "a tableau has a matrix `A` and weights `b`; `c`, `order`, `bhat` and `embedded_order` are optional";

/// The problem of an array without a part.
pub(super) fn unexplained(array: &Array, matrix: &Array, stages: usize) -> Diagnostic {
    let (name, matrix) = (array.shown(), matrix.shown());
    let what = match array.hint {
        Some(Role::Nodes) => Some("nodes"),
        Some(Role::Weights | Role::Embedded(_)) => Some("weights"),
        _ => None,
    };
    let found = array.as_vector().map(|row| row.len());
    let headline = match (what, found.filter(|found| *found != stages)) {
        (Some(what), Some(found)) => {
            format!("expected as many {what} {name} as rows of {matrix}: {stages}, found {found}")
        }
        _ => format!("no part of a tableau explains {name}"),
    };
    let note = format!("with {matrix} as the matrix of {stages} stages");
    Diagnostic::at(array.span, headline)
        .note(note)
        .help(without(array))
}

/// The problem of an array that belongs to none of several schemes.
pub(super) fn outside(array: &Array) -> Diagnostic {
    let headline = format!("no scheme of this text explains {}", array.shown());
    Diagnostic::at(array.span, headline).help(without(array))
}

/// How to do without an array.
fn without(array: &Array) -> String {
    match array.short() {
        "" => "remove it, or give it a name".to_owned(),
        short => format!("rename it, or leave it out: `--ignore {short}`"),
    }
}

/// The problem of a matrix whose rows have lengths of no layout.
pub(super) fn misshapen(array: &Array) -> Option<Diagnostic> {
    if array.is_vector || array.hint != Some(Role::Matrix) || !nested(array).is_empty() {
        return None;
    }
    let is_square = array.rows[0].len() > 1;
    let expected = |i: usize| if is_square { array.rows.len() } else { i };
    let mut rows = array.rows.iter().enumerate();
    let (i, row) = rows.find(|(i, row)| row.len() != expected(*i))?;
    let (found, expected) = (row.len(), expected(i));
    let entries = if found == 1 { "entry" } else { "entries" };
    let headline = format!(
        "stage row {} has {found} {entries}, expected {expected}",
        i + 1
    );
    let help = "a matrix is square, or has the entries below its diagonal only";
    Some(Diagnostic::at(row.span, headline).help(help))
}

/// The problem of arrays of which no form is made.
pub(super) fn missing(arrays: &[&Array]) -> Diagnostic {
    let named = |role: Role| arrays.iter().find(move |array| array.hint == Some(role));
    let problem = match (named(Role::Matrix), named(Role::Weights)) {
        (Some(empty), _) if empty.is_vector && empty.rows[0].len() == 0 => {
            Diagnostic::at(empty.span, "expected stages, found none")
        }
        (None, _) => Diagnostic::whole_file("missing `A`"),
        (Some(_), None) => Diagnostic::whole_file("missing `b`"),
        (Some(matrix), Some(_)) => {
            let shown: Vec<_> = arrays.iter().map(|array| array.shown()).collect();
            let headline = format!("no tableau has the shape of {}", shown.join(", "));
            Diagnostic::at(matrix.span, headline)
        }
    };
    problem.help(SHAPE)
}

/// The list of consistent readings.
pub(super) fn ambiguous(readings: &[Reading]) -> Diagnostic {
    const SHOWN: usize = 6;
    let headline = format!("this text has {} readings", readings.len());
    let mut problem = Diagnostic::whole_file(headline);
    for (at, reading) in readings.iter().take(SHOWN).enumerate() {
        problem = problem.note(format!("{}: {}", at + 1, reading.notes.join("; ")));
    }
    problem.help("choose one: `--as 1`, or rename the arrays to `A`, `b`, `c`, `bhat`")
}

/// Names of two matrices or, if true, of two vectors, and the theory that has them.
const THEORIES: [(&str, &str, bool, &str); 3] = [
    ("u", "v", false, "matrices of a general linear method"),
    ("alpha α", "beta β", true, "a linear multistep method"),
    ("gamma γ g", "", false, "matrices of a Rosenbrock method"),
];

/// Refuses arrays that are no scheme of this theory.
pub(super) fn foreign(arrays: &[&Array]) -> Option<Diagnostic> {
    let refused = |first: &Array, second: &Array, what: &str| {
        let headline = format!("{} and {} are {what}", first.shown(), second.shown());
        let why =
            "HoresNet reads Runge-Kutta methods for x′ = f(x); the order conditions are others";
        Some(Diagnostic::at(first.span, headline).help(why))
    };
    for (first, second, vectors, what) in THEORIES {
        let is_alike =
            |array: &&&Array| array.is_vector == vectors && (vectors || array.may_be_matrix());
        let mut alike = arrays.iter().filter(is_alike);
        let is_called = |array: &&Array, names: &str| {
            let name = array.short().to_lowercase();
            names.is_empty() || names.split(' ').any(|known| known == name)
        };
        let Some(one) = alike.clone().find(|array| is_called(array, first)) else {
            continue;
        };
        let is_other = |array: &&&Array| array.span != one.span && is_called(array, second);
        if let Some(other) = alike.find(is_other) {
            return refused(one, other, what);
        }
    }
    let mut sums_of = Vec::new();
    for array in arrays.iter().filter(|array| !array.is_vector) {
        let matrices = nested(array).into_iter();
        sums_of.extend(matrices.map(|matrix| (array, sums(&matrix.rows))));
    }
    for (first, nodes) in &sums_of {
        for (second, sums) in &sums_of {
            let mut pairs = sums.iter().zip(nodes);
            let are_half_squares = pairs.all(|(sum, node)| close(*sum, node * node / 2.0));
            let is_trivial = sums == nodes || sums.iter().all(|sum| close(*sum, 0.0));
            if are_half_squares && !is_trivial && sums.len() == nodes.len() {
                return refused(first, second, "a Nyström table, with row sums c and c²/2");
            }
        }
    }
    None
}
