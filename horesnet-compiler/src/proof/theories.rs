//! Recognises what belongs to another theory, or to another place: rows of differences, and Nyström tables.

use num_traits::Zero;

use crate::language::diagnostic::Diagnostic;
use crate::language::document::Document;
use crate::language::tableau::{Tableau, Weights};
use crate::number::Number;
use crate::number::budget::Budget;
use crate::number::fixed;
use crate::number::magnitude::Magnitude;
use crate::proof::order::{self, Verdict};

/// The highest order that is looked for in rows of weights made of a row of differences.
const HIGHEST: usize = 10;

/// Says that a table is of Nyström's kind: the entries of a row sum to `c²/2` (Hairer, Nørsett, Wanner 1993, §II.14).
pub(crate) fn nystrom(tableau: &Tableau) -> Option<&'static str> {
    let half = Number::ratio(1, 2)?;
    let (sums, nodes) = (tableau.row_sums(), tableau.nodes.iter());
    let mut differs = false;
    for (sum, node) in sums.iter().zip(nodes) {
        let square = &(node * node) * &half;
        if !is_within(tableau, &(sum - &square), [sum, &square]) {
            return None;
        }
        differs |= !is_within(tableau, &(sum - node), [sum, node]);
    }
    differs.then_some(
        "the rows sum to c²/2: this is a Nyström table, for x″ = f(x), whose order conditions are others",
    )
}

/// Returns true if a difference of these terms is zero, within the errors of a rounded file.
fn is_within<'a>(
    tableau: &Tableau,
    difference: &Number,
    terms: impl IntoIterator<Item = &'a Number>,
) -> bool {
    match &tableau.rounded {
        None => difference.is_zero(),
        Some(eps) => {
            let magnitude = Magnitude::sum(terms.into_iter());
            fixed::within(Magnitude::of(difference), 2, Magnitude::of(eps), magnitude)
        }
    }
}

/// Returns true if a row after the first sums to 0, and is not empty: the difference of two rows of weights.
pub(crate) fn is_difference(tableau: &Tableau, row: usize) -> bool {
    let Some(Weights { values, .. }) = tableau.weights.get(row).filter(|_| row > 0) else {
        return false;
    };
    let sum = values.iter().fold(Number::zero(), |sum, b| &sum + b);
    values.iter().any(|b| !b.is_zero()) && is_within(tableau, &sum, values.iter())
}

/// The tableau with `b − row` and with `b + row` in place of a row of differences.
pub(crate) fn undone(tableau: &Tableau, row: usize) -> [Tableau; 2] {
    [true, false].map(|minus| {
        let mut changed = tableau.clone();
        if let [first, rest @ ..] = changed.weights.as_mut_slice()
            && let Some(difference) = rest.get_mut(row - 1)
        {
            let pairs = first.values.iter().zip(difference.values.iter_mut());
            pairs.for_each(|(b, d)| *d = if minus { b - d } else { b + d });
        }
        changed
    })
}

/// Names a row of differences, and the embedded weights that it stands for, the row of higher order first.
pub(crate) fn difference_remark(
    tableau: &Tableau,
    row: usize,
    budget: &mut Budget,
) -> Option<String> {
    if !is_difference(tableau, row) {
        return None;
    }
    let mut rows: Vec<_> = { undone(tableau, row).into_iter().zip(["b - row", "b + row"]) }
        .filter_map(|(changed, name)| {
            let weights = changed.weights.get(row)?.clone();
            let alone = Tableau {
                weights: vec![Weights {
                    claim: None,
                    ..weights.clone()
                }],
                ..changed
            };
            let order = order::orders(&alone, HIGHEST, budget).ok()?.first()?.order;
            let entries: Vec<_> = weights.values.iter().map(Number::to_string).collect();
            Some((
                order,
                format!("{name}: `order {order} | {}`", entries.join(" ")),
            ))
        })
        .collect();
    rows.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
    let rows = rows.into_iter().map(|(_, row)| row);
    let opening =
        "this row sums to 0: it is the difference of two rows of weights; the embedded row is";
    Some(
        std::iter::once(opening.to_owned())
            .chain(rows)
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// Remarks on what is no false claim, but surely not meant.
pub(crate) fn warnings(
    document: &Document,
    tableau: &Tableau,
    verdict: &Verdict,
    budget: &mut Budget,
) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let is_claimed = tableau.weights.iter().any(|row| row.claim.is_some());
    if let Some(nystrom) = nystrom(tableau).filter(|_| !is_claimed) {
        warnings.push(Diagnostic::whole_file(nystrom).warning());
    }
    let rows = document.weights.iter().zip(&verdict.weights).enumerate();
    for (row, (written, found)) in rows.skip(1) {
        if found.order > 0 || found.first_failure.is_none() || written.claim.is_some() {
            continue;
        }
        let headline = format!(
            "weights row {} has order 0: it cannot estimate an error",
            row + 1
        );
        let warning = Diagnostic::at(written.span, headline).warning();
        let help = difference_remark(tableau, row, budget);
        warnings.push(warning.help(help.unwrap_or_else(|| "weights sum to 1".to_owned())));
    }
    warnings
}
