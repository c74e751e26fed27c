//! torchdiffeq: a solver of adaptive step size if there are embedded weights, otherwise one of a fixed grid.
//!
//! torchdiffeq takes the last stage of a step as the first of the next one, whether or not it is. So the weights are one more
//! stage unless the scheme ends with it.

use num_traits::Zero;

use super::heading::camel_case;
use super::{python, shape};
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;

const DOCSTRING: &str =
    "A solver for torchdiffeq. Once this file is imported: `odeint(f, y0, t, method=\"SOLVER\")`.

Solvers are a private interface of torchdiffeq: this is that of version 0.2.5.";

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

pub(super) fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::explicit(printed, "torchdiffeq")?;
    if { printed.nodes.first() }.is_some_and(|node| !node.value.is_zero()) {
        let headline =
            "torchdiffeq expects a first stage at the start of the step, with the node 0";
        return Err(Diagnostic::whole_file(headline));
    }
    let (mut order, estimate) = (shape::order(printed)?, shape::estimate(printed)?);
    let method = camel_case(printed);
    let (mut imports, mut template) = (FIXED_IMPORTS, include_str!("torchdiffeq_fixed.py"));
    if let Some(found) = estimate {
        (imports, template) = (ADAPTIVE_IMPORTS, include_str!("torchdiffeq_adaptive.py"));
        order = found.error_order;
    }
    let last_stage = if shape::is_fsal(printed) {
        ["c[1:]", "A[1:]", "b", "bhat"]
    } else {
        ["[*c[1:], 1]", "[*A[1:], b]", "[*b, 0]", "[*bhat, 0]"]
    };
    let mut class = template.replace("ORDER", &order.to_string());
    for (word, text) in ["NODES", "ROWS", "WEIGHTS", "EMBEDDED"]
        .iter()
        .zip(last_stage)
    {
        class = class.replace(word, text);
    }
    let (name, docstring) = (
        format!("{method}Solver"),
        DOCSTRING.replace("SOLVER", &method),
    );
    let class = class.replace("NAME", &name);
    let code = format!("{class}\n\nSOLVERS[\"{method}\"] = {name}\n");
    Ok(python::file(printed, &docstring, imports, &code))
}
