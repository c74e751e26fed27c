//! Two matrices: an additive pair, or a method of another theory, which is named and refused.

use num_traits::Zero;

use super::array::{Array, close};
use super::shape::Matrix;
use crate::language::diagnostic::Diagnostic;
use crate::notation::field;
use crate::number::Number;

/// Says to which other theory the arrays of a program belong.
pub(super) fn foreign(
    matrix: &Matrix,
    first: &Array,
    second: &Array,
    other: &Matrix,
) -> Option<Diagnostic> {
    let refused = |what: &str, why: &str| {
        Diagnostic::at(
            second.span,
            format!("{} and {} are {what}", first.shown(), second.shown()),
        )
        .note(why)
        .help("HoresNet reads Runge-Kutta methods for x′ = f(x)")
    };
    let names = [first, second].map(|array| short(array).to_lowercase());
    let half_square = |sums: &[Number], nodes: &[Number]| {
        let half = Number::ratio(1, 2).unwrap_or_else(Number::zero);
        let equal = |(sum, node): (&Number, &Number)| close(sum, &(&(node * node) * &half));
        sums.iter().any(|sum| !sum.is_zero()) && sums.iter().zip(nodes).all(equal) && sums != nodes
    };
    let (sums, others) = (matrix.row_sums(), other.row_sums());
    if half_square(&others, &sums) || half_square(&sums, &others) {
        return Some(refused(
            "a Nyström table, for x″ = f(x, x′)",
            "the rows of one matrix sum to c, those of the other to c²/2; the order conditions are others",
        ));
    }
    let gamma = |name: &String| {
        name.contains("gamma") || name.contains('γ') || name.contains('Γ') || name == "g"
    };
    let has_diagonal = |matrix: &Matrix| {
        matrix
            .rows
            .iter()
            .enumerate()
            .all(|(i, row)| row.numbers().nth(i).is_some_and(|entry| !entry.is_zero()))
    };
    if names.iter().any(gamma) && (has_diagonal(matrix) || has_diagonal(other)) {
        return Some(refused(
            "a Rosenbrock method",
            "its stages use the Jacobian, and its order conditions are others",
        ));
    }
    None
}

/// Refuses a general linear method, by the names of its four matrices, and a multistep method.
pub(super) fn by_names(arrays: &[&Array]) -> Option<Diagnostic> {
    let named = |name: &str| {
        arrays
            .iter()
            .find(|array| short(array) == name && !array.is_vector)
    };
    if let (Some(u), Some(_)) = (named("U"), named("V")) {
        return Some(
            Diagnostic::at(
                u.span,
                "the matrices `A`, `U`, `B`, `V` are a general linear method",
            )
            .help("HoresNet reads Runge-Kutta methods for x′ = f(x)"),
        );
    }
    let folded = |names: [&str; 2]| {
        arrays
            .iter()
            .find(|array| array.is_vector && names.contains(&short(array).to_lowercase().as_str()))
    };
    let matrices = arrays.iter().any(|array| !array.is_vector);
    if let (Some(alpha), Some(_), false) = (folded(["alpha", "α"]), folded(["beta", "β"]), matrices)
    {
        return Some(
            Diagnostic::at(
                alpha.span,
                "the lists `alpha` and `beta` are a linear multistep method",
            )
            .help("HoresNet reads Runge-Kutta methods for x′ = f(x)"),
        );
    }
    None
}

/// Returns true for two matrices with the names of Shu-Osher coefficients.
pub(super) fn are_alpha_and_beta(arrays: &[&Array]) -> bool {
    let named = |names: [&str; 2]| {
        arrays.iter().any(|array| {
            names
                .iter()
                .any(|name| short(array).to_lowercase().contains(name))
        })
    };
    named(["alpha", "α"]) && named(["beta", "β"])
}

/// The last part of a name.
pub(super) fn short(array: &Array) -> &str {
    field::short(&array.name)
}

/// Returns the part of a name beside the letter of its role: `hat` in `A_hat` and `b_hat`.
pub(super) fn decoration(name: &str) -> String {
    let name = field::short(name).to_lowercase().replace('_', "");
    let letters = ["a", "b", "c"];
    let stripped = letters.iter().find_map(|letter| name.strip_prefix(letter));
    let last = letters.iter().find_map(|letter| name.strip_suffix(letter));
    stripped.or(last).unwrap_or(&name).to_owned()
}
