//! torchdiffeq: a solver of adaptive step size if there are embedded weights, otherwise one of a fixed grid.
//!
//! torchdiffeq takes the last stage of a step as the first of the next one, whether or not it is. So the weights are one more
//! stage unless the scheme ends with it.

use num_traits::Zero;

use super::heading::camel_case;
use super::{Output, python, shape};
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;

pub(super) const OUTPUT: Output = Output {
    name: "torchdiffeq",
    extension: "py",
    inferred_from: &[],
    states_orders: true,
    write,
};

const DOCSTRING: &str =
    "A solver for torchdiffeq. Once this file is imported: `odeint(f, y0, t, method=\"SOLVER\")`.

Solvers are a private interface of torchdiffeq: this is that of version 0.2.5.";

fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::explicit(printed, "torchdiffeq")?;
    if printed
        .nodes
        .first()
        .is_some_and(|node| !node.value.is_zero())
    {
        let headline =
            "torchdiffeq expects a first stage at the start of the step, with the node 0";
        return Err(Diagnostic::whole_file(headline));
    }
    let (order, estimate) = (shape::order(printed)?, shape::estimate(printed)?);
    let (name, method) = (camel_case(printed) + "Solver", camel_case(printed));
    let (imports, class) = match estimate {
        Some(found) => (
            ADAPTIVE_IMPORTS,
            adaptive(printed, &name, found.error_order),
        ),
        None => (
            FIXED_IMPORTS,
            FIXED
                .replace("NAME", &name)
                .replace("ORDER", &order.to_string()),
        ),
    };
    let code = format!("{class}\n\nSOLVERS[\"{method}\"] = {name}\n");
    Ok(python::file(
        printed,
        &DOCSTRING.replace("SOLVER", &method),
        imports,
        &code,
    ))
}

const ADAPTIVE_IMPORTS: &str = "\
import torch
from torchdiffeq._impl.odeint import SOLVERS
from torchdiffeq._impl.rk_common import RKAdaptiveStepsizeODESolver, _ButcherTableau
";

const FIXED_IMPORTS: &str = "\
from torchdiffeq._impl.misc import Perturb
from torchdiffeq._impl.odeint import SOLVERS
from torchdiffeq._impl.solvers import FixedGridODESolver
";

fn adaptive(printed: &PrintedTableau, name: &str, error_order: usize) -> String {
    let (nodes, rows, weights, embedded) = if shape::is_fsal(printed) {
        ("c[1:]", "A[1:]", "b", "bhat")
    } else {
        ("[*c[1:], 1]", "[*A[1:], b]", "[*b, 0]", "[*bhat, 0]")
    };
    format!(
        "def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


class {name}(RKAdaptiveStepsizeODESolver):
    # That of the local error, by which steps are sized.
    order = {error_order}
    tableau = _ButcherTableau(
        alpha=tensor({nodes}),
        beta=[tensor(row[:i]) for i, row in enumerate({rows}, 1)],
        c_sol=tensor({weights}),
        c_error=tensor({weights}) - tensor({embedded}),
    )
    # The middle of the step, by the cubic through both ends with their slopes.
    mid = tableau.c_sol / 2
    mid[0] += 1 / 8
    mid[-1] -= 1 / 8
"
    )
}

const FIXED: &str = "\
class NAME(FixedGridODESolver):
    order = ORDER

    def _step_func(self, func, t0, dt, t1, y0):
        k = []
        for i, (node, row) in enumerate(zip(c, A)):
            y = y0 + dt * sum(a * k[j] for j, a in enumerate(row[:i]) if a)
            # Stages at the ends see the side of a discontinuity that is in the step.
            side = Perturb.NEXT if i == 0 else Perturb.PREV if node == 1 else Perturb.NONE
            t = (1 - node) * t0 + node * t1
            k.append(func(t, y, perturb=side if self.perturb else Perturb.NONE))
        return dt * sum(weight * slope for weight, slope in zip(b, k) if weight), k[0]
";
