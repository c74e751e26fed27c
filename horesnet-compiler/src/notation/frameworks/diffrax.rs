//! diffrax: a solver class for explicit and diagonally implicit schemes.
//!
//! Explicit schemes get the weights as one more stage unless they end with it: it is the first stage of the next step, so it
//! costs nothing, and its slope is that of cubic dense output.

use num_traits::Zero;

use super::heading::camel_case;
use super::{python, shape};
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;

const DOCSTRING: &str = "A solver for diffrax: `diffrax.diffeqsolve(terms, SOLVER(), ...)`.";

const IMPORTS: &str = "from typing import ClassVar\n\nimport diffrax\nimport numpy as np\n";

/// Fields of implicit schemes. The predictor of a stage is the stage before.
const IMPLICIT: &str = "        a_diagonal=array([row[i] for i, row in enumerate(A)]),
        a_predictor=tuple(array([0]*i + [1]) for i in range(len(A) - 1)),
        c1=float(c[0]),
";

const SOLVER: &str = "    root_finder: optimistix.AbstractRootFinder = \
    diffrax.with_stepsize_controller_tols(diffrax.VeryChord)()
    root_find_max_steps: int = 10
";

const ERROR_ORDER: &str = "
    def error_order(self, terms):
        \"\"\"The order of the local error, by which steps are sized.\"\"\"
        return ORDER
";

const NO_ERROR: &str = "
    def step(self, *args, **kwargs):
        y1, _, *rest = super().step(*args, **kwargs)
        return y1, None, *rest
";

pub(super) fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::diagonal(printed, "diffrax")?;
    shape::row_sums(printed, "diffrax")?;
    let (order, estimate) = (shape::order(printed)?, shape::estimate(printed)?);
    let (is_explicit, is_fsal) = (printed.tableau().is_explicit(), shape::is_fsal(printed));
    if !is_explicit && printed.nodes.len() == 1 {
        let headline = "the scheme has one stage, and implicit schemes of diffrax have two or more";
        return Err(Diagnostic::whole_file(headline).help("diffrax has `diffrax.ImplicitEuler`"));
    }
    let name = camel_case(printed) + "Solver";
    let [rows, weights, embedded, nodes] = if is_fsal || !is_explicit {
        ["A", "b", "bhat", "c[1:]"]
    } else {
        ["[*A, b]", "[*b, 0]", "[*bhat, 0]", "[*c[1:], 1]"]
    };
    let (summary, difference, error) = match &estimate {
        Some(found) => (
            format!(
                "Order {order}, with an error estimate by weights of order {}.",
                found.order
            ),
            format!("array({weights}) - array({embedded})"),
            // diffrax takes the embedded order to be one less.
            if found.error_order == order {
                ""
            } else {
                ERROR_ORDER
            }
            .replace("ORDER", &found.error_order.to_string()),
        ),
        None => (
            format!("Order {order}, without an error estimate: steps have a constant size."),
            format!("0*array({weights})"),
            NO_ERROR.to_owned(),
        ),
    };
    // The cubic needs the slopes at both ends: those of the first and the last stage, if that is the first of the next step.
    let interpolation = if is_explicit || is_fsal {
        "ThirdOrderHermitePolynomialInterpolation.from_k"
    } else {
        "LocalLinearInterpolation"
    };
    let [optimistix, implicit, solver] = if is_explicit {
        [""; 3]
    } else {
        ["import optimistix\n", IMPLICIT, SOLVER]
    };
    let mut code = include_str!("diffrax.py").to_owned();
    for (word, text) in [
        ("BASE", base(printed)),
        ("SUMMARY", summary.as_str()),
        ("NODES", nodes),
        ("WEIGHTS", weights),
        ("DIFFERENCE", &difference),
        ("ROWS", rows),
        ("IMPLICIT", implicit),
        ("INTERPOLATION", interpolation),
        ("SOLVER\n", solver),
        ("ORDER", &order.to_string()),
        ("ERROR\n", &error),
        ("NAME", &name),
    ] {
        code = code.replacen(word, text, 1);
    }
    let (docstring, imports) = (
        DOCSTRING.replace("SOLVER", &name),
        IMPORTS.to_owned() + optimistix,
    );
    Ok(python::file(printed, &docstring, &imports, &code))
}

/// The class of diffrax that has this structure.
fn base(printed: &PrintedTableau) -> &'static str {
    let diagonal = printed.tableau().matrix.diagonal();
    let first = &diagonal[0];
    let (rest, last) = (diagonal.iter().skip(1), diagonal.iter().next_back());
    let is_constant = rest.clone().all(|entry| Some(entry) == last);
    match (printed.tableau().is_explicit(), first.is_zero()) {
        (true, _) => "AbstractERK",
        (_, true) if is_constant => "AbstractESDIRK",
        (_, false) if is_constant && Some(first) == last => "AbstractSDIRK",
        _ => "AbstractDIRK",
    }
}
