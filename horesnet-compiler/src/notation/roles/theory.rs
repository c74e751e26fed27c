//! Methods of other theories, which are named and refused.

use super::array::Array;
use super::layout::nested;
use super::row::{close, sums};
use crate::language::diagnostic::Diagnostic;

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
