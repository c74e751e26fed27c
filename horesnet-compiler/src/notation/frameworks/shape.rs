//! Requirements of frameworks: explicit stages, nodes that are row sums, orders, embedded weights.

use num_traits::Zero;

use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;
use crate::number::Number;

/// The embedded weights as an estimate of the error.
pub(super) struct Estimate {
    /// The order of the embedded weights.
    pub(super) order: usize,
    /// The order of the local error that the estimate measures.
    pub(super) error_order: usize,
}

/// The order of the propagated weights.
pub(super) fn order(printed: &PrintedTableau) -> Result<usize, Diagnostic> {
    match claim(printed, 0)? {
        0 => Err(Diagnostic::whole_file(
            "the weights do not sum to 1: the scheme has no order",
        )),
        order => Ok(order),
    }
}

/// The second row of weights, if there is one. A row of order 0 estimates nothing.
pub(super) fn estimate(printed: &PrintedTableau) -> Result<Option<Estimate>, Diagnostic> {
    if printed.weights.len() < 2 {
        return Ok(None);
    }
    let (propagated, order) = (order(printed)?, claim(printed, 1)?);
    let error_order = propagated.min(order) + 1;
    Ok((order > 0).then_some(Estimate { order, error_order }))
}

fn claim(printed: &PrintedTableau, row: usize) -> Result<usize, Diagnostic> {
    let weights = printed.tableau().weights.get(row);
    weights.and_then(|row| row.claim).ok_or_else(|| {
        let name = ["weights", "embedded weights"][row.min(1)];
        let headline = format!("the order of the {name} is unknown");
        Diagnostic::whole_file(headline).help("claim it: `order 4 | 1/6 …`")
    })
}

/// Refuses schemes with a stage that uses itself or a later one.
pub(super) fn explicit(printed: &PrintedTableau, what: &str) -> Result<(), Diagnostic> {
    if printed.tableau().is_explicit() {
        return Ok(());
    }
    let headline = format!("the scheme is implicit: {what} would have to solve for its stages");
    let help = "expected an explicit scheme, where each stage uses earlier ones only";
    Err(Diagnostic::whole_file(headline).help(help))
}

/// Refuses schemes with a stage that uses a later one.
pub(super) fn diagonal(printed: &PrintedTableau, who: &str) -> Result<(), Diagnostic> {
    let matrix = &printed.tableau().matrix;
    let stages = matrix.nrows();
    if (0..stages).all(|i| (i + 1..stages).all(|j| matrix[(i, j)].is_zero())) {
        return Ok(());
    }
    let headline =
        format!("the scheme is fully implicit: {who} solves for one stage after another");
    let help = "expected an explicit or diagonally implicit scheme, where each stage uses earlier ones and itself";
    Err(Diagnostic::whole_file(headline).help(help))
}

/// Refuses nodes that are not the row sums of the matrix, except for rounding.
pub(super) fn row_sums(printed: &PrintedTableau, who: &str) -> Result<(), Diagnostic> {
    const TOLERANCE: f64 = 1e-8;
    let tableau = printed.tableau();
    let differs = |(node, sum): (&Number, &Number)| {
        (node - sum).to_f64().abs() > TOLERANCE * sum.to_f64().abs().max(1.0)
    };
    let sums = tableau.row_sums();
    let Some(at) = tableau.nodes.iter().zip(&sums).position(differs) else {
        return Ok(());
    };
    let (node, sum) = (tableau.nodes[at].brief(), sums[at].brief());
    let headline = format!("{who} expects nodes that are row sums");
    let note = format!(
        "stage {}: the node is {node}, and the row sums to {sum}",
        at + 1
    );
    Err(Diagnostic::whole_file(headline).note(note))
}

/// Returns true if the last stage of a step is the first of the next one.
pub(super) fn is_fsal(printed: &PrintedTableau) -> bool {
    let tableau = printed.tableau();
    let first = tableau.matrix.row(0).iter().all(Zero::is_zero);
    tableau.stages() > 1 && first && tableau.is_stiffly_accurate()
}
