//! PyTorch: a residual block with fixed, decaying or learned coefficients.
//!
//! Its base class is that of exported networks, and its parameters have the names that they have in the weights of a run.

use num_traits::Zero;

use super::heading::camel_case;
use super::{python, shape};
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;

/// The class of blocks, which exported networks share.
pub const BLOCK: &str = include_str!("block.py");

/// The block of one scheme, `SchemeBlock`.
const SCHEME: &str = include_str!("scheme.py");

const DOCSTRING: &str = "A residual block for PyTorch: one step of a Runge-Kutta scheme.";

const IMPORTS: &str = "from collections.abc import Sequence

import torch
from torch import Tensor, nn
";

pub(super) fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::explicit(printed, "a block")?;
    let stages: Vec<_> = used(printed).iter().map(usize::to_string).collect();
    // No list, so that this file is read as the arrays of one tableau.
    let stages = match stages.len() {
        all if all == printed.nodes.len() => format!("range({all})"),
        _ => format!("sorted({{{}}})", stages.join(", ")),
    };
    let name = camel_case(printed) + "Block";
    let code = format!(
        "# The stages that the weights use, counted from 0. A block has a function for each.\nSTAGES = {stages}\n{STEP}\n\n{BLOCK}"
    );
    let code = code + "\n\n" + &SCHEME.replace("SchemeBlock", &name);
    Ok(python::file(printed, DOCSTRING, IMPORTS, &code))
}

const STEP: &str = "
# For each stage {j: a_ij}, then {i: b_i}, counted among these.
STEP = (
    [{j: A[i][k] for j, k in enumerate(STAGES) if A[i][k]} for i in STAGES],
    {j: b[k] for j, k in enumerate(STAGES) if b[k]},
)
";

/// The stages that the propagated weights use, directly or through later stages of an explicit scheme.
fn used(printed: &PrintedTableau) -> Vec<usize> {
    let mut used: Vec<usize> = Vec::new();
    for i in (0..printed.nodes.len()).rev() {
        let is_used = |row: &[_]| !row.get(i).is_none_or(is_zero);
        let weights = printed.weights.first().is_some_and(|row| is_used(row));
        if weights || used.iter().any(|&later| is_used(&printed.matrix[later])) {
            used.push(i);
        }
    }
    used.reverse();
    used
}

fn is_zero(number: &crate::notation::PrintedNumber) -> bool {
    number.value.is_zero()
}
