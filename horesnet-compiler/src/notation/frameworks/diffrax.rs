//! diffrax: a solver class for explicit and diagonally implicit schemes.
//!
//! Explicit schemes get the weights as one more stage unless they end with it: it is the first stage of the next step, so it
//! costs nothing, and its slope is that of cubic dense output.

use num_traits::Zero;

use super::heading::camel_case;
use super::shape::{self, Estimate};
use super::{Output, python};
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;

pub(super) const OUTPUT: Output = Output {
    name: "diffrax",
    extension: "py",
    inferred_from: &[],
    states_orders: true,
    write,
};

const DOCSTRING: &str = "A solver for diffrax: `diffrax.diffeqsolve(terms, SOLVER(), ...)`.";

fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::diagonal(printed, "diffrax")?;
    shape::row_sums(printed, "diffrax")?;
    let (order, estimate) = (shape::order(printed)?, shape::estimate(printed)?);
    let is_explicit = printed.tableau().is_explicit();
    if !is_explicit && printed.nodes.len() == 1 {
        let headline = "the scheme has one stage, and implicit schemes of diffrax have two or more";
        return Err(Diagnostic::whole_file(headline).help("diffrax has `diffrax.ImplicitEuler`"));
    }
    let name = camel_case(printed) + "Solver";
    let imports = if is_explicit {
        "from typing import ClassVar\n\nimport diffrax\nimport numpy as np\n"
    } else {
        "from typing import ClassVar\n\nimport diffrax\nimport numpy as np\nimport optimistix\n"
    };
    let code = [
        "def array(values):\n    return np.array(values, dtype=np.float64)\n\n\n".to_owned(),
        format!("class {name}(diffrax.{}):\n", base(printed)),
        format!("    \"\"\"{}\"\"\"\n\n", summary(order, estimate.as_ref())),
        tableau(printed, estimate.is_some()),
        interpolation(printed),
        methods(order, estimate.as_ref()),
    ];
    let docstring = DOCSTRING.replace("SOLVER", &name);
    Ok(python::file(printed, &docstring, imports, &code.concat()))
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

fn summary(order: usize, estimate: Option<&Estimate>) -> String {
    estimate.map_or_else(
        || format!("Order {order}, without an error estimate: steps have a constant size."),
        |found| {
            format!(
                "Order {order}, with an error estimate by weights of order {}.",
                found.order
            )
        },
    )
}

fn tableau(printed: &PrintedTableau, has_estimate: bool) -> String {
    let ends_with_weights = shape::is_fsal(printed);
    let is_explicit = printed.tableau().is_explicit();
    let (rows, weights, embedded, nodes) = if ends_with_weights || !is_explicit {
        ("A", "b", "bhat", "c[1:]")
    } else {
        ("[*A, b]", "[*b, 0]", "[*bhat, 0]", "[*c[1:], 1]")
    };
    let difference = if has_estimate {
        format!("array({weights}) - array({embedded})")
    } else {
        format!("0*array({weights})")
    };
    let mut text = format!(
        "    tableau: ClassVar[diffrax.ButcherTableau] = diffrax.ButcherTableau(\n        \
         c=array({nodes}),\n        b_sol=array({weights}),\n        b_error={difference},\n        \
         a_lower=tuple(array(row[:i]) for i, row in enumerate({rows}) if i > 0),\n"
    );
    if !is_explicit {
        // The predictor of a stage is the stage before.
        text += "        a_diagonal=array([row[i] for i, row in enumerate(A)]),\n        \
                 a_predictor=tuple(array([0]*i + [1]) for i in range(len(A) - 1)),\n        c1=float(c[0]),\n";
    }
    text + "    )\n"
}

/// Dense output, and the root finder of implicit schemes.
///
/// The cubic needs the slopes at both ends, which the first and the last stage are where the last is the first of the next step.
fn interpolation(printed: &PrintedTableau) -> String {
    let is_explicit = printed.tableau().is_explicit();
    let cubic = if is_explicit || shape::is_fsal(printed) {
        "    interpolation_cls: ClassVar = diffrax.ThirdOrderHermitePolynomialInterpolation.from_k\n"
    } else {
        "    interpolation_cls: ClassVar = diffrax.LocalLinearInterpolation\n"
    };
    let solver = if is_explicit {
        ""
    } else {
        "    root_finder: optimistix.AbstractRootFinder = diffrax.with_stepsize_controller_tols(diffrax.VeryChord)()\n    \
         root_find_max_steps: int = 10\n"
    };
    format!("{cubic}{solver}")
}

fn methods(order: usize, estimate: Option<&Estimate>) -> String {
    let mut text = format!("\n    def order(self, terms):\n        return {order}\n");
    match estimate {
        // diffrax takes the embedded order to be one less.
        Some(Estimate { error_order, .. }) if *error_order != order => {
            text += "\n    def error_order(self, terms):\n        \
                     \"\"\"The order of the local error, by which steps are sized.\"\"\"\n";
            text = text + "        return " + &error_order.to_string() + "\n";
        }
        Some(_) => {}
        None => {
            text += "\n    def step(self, *args, **kwargs):\n        \
                     y1, _, *rest = super().step(*args, **kwargs)\n        return y1, None, *rest\n";
        }
    }
    text
}
