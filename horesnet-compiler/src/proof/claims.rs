//! Words false claims: the first failing condition, by how much it fails, and likely causes.

use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Document, Spanned};
use crate::language::tableau::Tableau;
use crate::proof::barriers;
use crate::proof::order::{Failure, Leaves, RowVerdict, Verdict, is_row_sum};
use crate::proof::support::reached;

/// Advice to exchange the rows of weights.
pub(crate) const EXCHANGE: &str = "the two rows of weights should be exchanged";

/// The result of a repair, in words.
pub(crate) struct Advice {
    pub(crate) lines: Vec<String>,
    /// True if no change makes the claims true.
    pub(crate) is_empty: bool,
}

/// Returns a diagnostic for each claim that is not exactly true. The advice goes with the first.
pub(crate) fn refuted(
    document: &Document,
    tableau: &Tableau,
    verdict: &Verdict,
    advice: Option<Advice>,
) -> Vec<Diagnostic> {
    let rows = document.weights.iter().zip(&verdict.weights);
    let refused = rows.filter(|(_, found)| !found.holds());
    let mut crossed = swapped(verdict);
    // The remark on swapped rows says it already.
    let said = crossed.is_some();
    let unmended = advice.as_ref().is_some_and(|advice| advice.is_empty);
    let mending = advice.into_iter().flat_map(|advice| advice.lines);
    let mut mending = mending.filter(|line| !(said && line == EXCHANGE));
    let problems = refused.filter_map(|(row, found)| {
        let claim = row.claim.as_ref()?;
        let problem = refuse(claim, found);
        let barrier = || barriers::impossible(tableau, claim.value);
        let remark = (found.order < claim.value)
            .then(barrier)
            .flatten()
            .or_else(|| crossed.take())
            .or_else(|| mismatched_nodes(tableau, found));
        let lower = unmended && (1..claim.value).contains(&found.order);
        let lower = lower.then(|| {
            let order = found.order;
            format!("if the coefficients are as they should be, write `order {order}`")
        });
        let remarks = remark.into_iter().chain(mending.by_ref()).chain(lower);
        Some(remarks.fold(problem, Diagnostic::help))
    });
    problems.collect()
}

fn refuse(claim: &Spanned<usize>, found: &RowVerdict) -> Diagnostic {
    let claimed = claim.value;
    let reason = match found.order {
        order if found.first_failure.is_none() => format!("the order is at least {order}"),
        0 => "the weights do not sum to 1".to_owned(),
        order => format!("these weights have order {order}"),
    };
    let problem = Diagnostic::at(claim.span, format!("`order {claimed}` is false: {reason}"));
    let Some(failure) = &found.first_failure else {
        let help = "a claim is exactly true or refused; claim the order that the scheme has";
        return problem.help(help);
    };
    let problem = problem.note(describe(failure));
    if found.order > claimed {
        return problem.help(format!("write `order {}`", found.order));
    }
    problem
}

fn describe(failure: &Failure) -> String {
    let Failure {
        order,
        tree,
        condition,
        expected,
        found,
        ..
    } = failure;
    let nodes = match failure.leaves {
        Leaves::Sums => "",
        Leaves::Nodes => ", with the nodes of the file for c",
        Leaves::Both => ", where c are the nodes of the file and Ae the sums of its rows",
    };
    format!(
        "the first condition that fails is that of the tree {tree}, order {order}:\n{condition} = {found}, expected {expected}{nodes}"
    )
}

/// Returns the remark on two rows that have the orders claimed for each other.
fn swapped(verdict: &Verdict) -> Option<String> {
    let [first, second] = verdict.weights.as_slice() else {
        return None;
    };
    let crossed = first.claimed? == second.order
        && second.claimed? == first.order
        && first.order != second.order;
    let is_higher = second.order > first.order;
    let compared = if is_higher { "higher" } else { "lower" };
    crossed.then(|| {
        format!(
            "the embedded row has the {compared} order, {}: exchange the two rows, or their claims",
            second.order
        )
    })
}

/// Most nodes named in an error.
const NAMED: usize = 6;

/// Names the nodes that are not their row sums. Order 0 is no matter of nodes: there the weights do not sum to 1.
fn mismatched_nodes(tableau: &Tableau, found: &RowVerdict) -> Option<String> {
    if found.order == 0 {
        return None;
    }
    let sums = tableau.row_sums();
    let apart = sums.iter().enumerate();
    let stages = reached(
        &tableau.matrix,
        tableau.weights.iter().map(|row| &row.values),
    );
    let apart = apart.filter(|(row, sum)| stages.contains(row) && !is_row_sum(tableau, *row, sum));
    let lines = apart.map(|(row, sum)| {
        let (number, node) = (row + 1, tableau.nodes[row].brief());
        format!(
            "node {number} is {node}, but its row sums to {}",
            sum.brief()
        )
    });
    let mut lines: Vec<_> = lines.collect();
    if lines.len() > NAMED {
        let more = lines.split_off(NAMED).len();
        lines.push(format!("and {more} more nodes"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
