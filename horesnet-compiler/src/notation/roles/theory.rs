//! Methods of other theories, which are named and refused.

use super::array::Array;
use super::layout::nested;
use super::row::{close, sums};
use crate::language::diagnostic::Diagnostic;

/// Two names of matrices or, if true, of vectors, the theory that has them, and why it is another one.
const THEORIES: [(&str, &str, bool, &str); 3] = [
    (
        "u",
        "v",
        false,
        "a general linear method, with matrices `A`, `U`, `B`, `V`",
    ),
    ("alpha α", "beta β", true, "a linear multistep method"),
    (
        "gamma γ g",
        "",
        false,
        "a Rosenbrock method, whose stages use the Jacobian",
    ),
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
    let matrices = arrays.iter().filter(|array| !array.is_vector);
    let sums = matrices.flat_map(|array| {
        nested(array)
            .into_iter()
            .map(move |matrix| (array, sums(&matrix.rows)))
    });
    let all: Vec<_> = sums.collect();
    for (first, nodes) in &all {
        for (second, sums) in &all {
            let mut pairs = sums.iter().zip(nodes);
            let are_half_squares = pairs.all(|(sum, node)| close(*sum, node * node / 2.0));
            let is_trivial = sums == nodes || sums.iter().all(|sum| close(*sum, 0.0));
            if are_half_squares && !is_trivial && sums.len() == nodes.len() {
                return refused(
                    first,
                    second,
                    "a Nyström table, for x″ = f(x, x′): rows sum to c and to c²/2",
                );
            }
        }
    }
    None
}
