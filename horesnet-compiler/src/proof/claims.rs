//! Words false claims: the first failing condition, by how much it fails, and likely causes.

use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Document, Spanned};
use crate::language::family::Family;
use crate::language::tableau::Tableau;
use crate::number::budget::Budget;
use crate::proof::barriers;
use crate::proof::order::{Failure, Leaves, RowVerdict, Verdict, is_row_sum};
use crate::proof::support::reached;
use crate::proof::theories;

/// Advice to exchange the rows of weights.
pub(crate) const EXCHANGE: &str = "the two rows of weights should be exchanged";

/// A tableau with claims, or a family with where its false claims hold.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) document: &'a Document,
    pub(crate) tableau: &'a Tableau,
    pub(crate) family: Option<(&'a Family, &'a [Option<String>])>,
}

/// Returns a diagnostic for each claim that is not exactly true. The advice, of a repair if there was one, goes with the first.
pub(crate) fn refuted(
    subject: Subject,
    verdict: &Verdict,
    advice: Option<Vec<String>>,
    budget: &mut Budget,
) -> Vec<Diagnostic> {
    let Subject {
        document,
        tableau,
        family,
    } = subject;
    let rows = document.weights.iter().zip(&verdict.weights).enumerate();
    let refused = rows.filter(|(_, (_, found))| !found.holds());
    let mut crossed = swapped(verdict);
    // The remark on swapped rows says it already.
    let said = crossed.is_some();
    let is_repaired = advice.is_some();
    let mut mending = advice.into_iter().flatten();
    let mut mending = { mending.by_ref() }.filter(|line| !(said && line == EXCHANGE));
    let problems = refused.filter_map(|(at, (row, found))| {
        let claim = row.claim.as_ref()?;
        let problem = refuse(claim, found, family.is_some());
        let barrier = || barriers::impossible(tableau, claim.value);
        // What members share by chance says nothing of a family.
        let foreign = match family {
            None => theories::nystrom(tableau)
                .map(str::to_owned)
                .or_else(|| theories::difference_remark(tableau, at, budget)),
            Some(_) => None,
        };
        let remark = foreign
            .or_else(|| (found.order < claim.value).then(barrier).flatten())
            .or_else(|| crossed.take())
            .or_else(|| match family {
                None => mismatched_nodes(tableau, found),
                Some((family, _)) => mismatched_functions(family, found, budget),
            });
        let exception = family.and_then(|(_, exceptions)| exceptions.get(at)?.clone());
        let right = !is_repaired && found.is_known();
        let right = right.then(|| format!("write `order {}`", found.order));
        let remarks = remark.into_iter().chain(mending.by_ref()).chain(right);
        let problem = exception.into_iter().fold(problem, Diagnostic::note);
        Some(remarks.fold(problem, Diagnostic::help))
    });
    problems.collect()
}

fn refuse(claim: &Spanned<usize>, found: &RowVerdict, is_family: bool) -> Diagnostic {
    let (claimed, order) = (claim.value, found.order);
    let failure = found.first_failure.as_ref();
    let refuting = failure.filter(|failure| failure.order <= claimed);
    let reason = match refuting {
        Some(failure) if failure.order == 1 => "false: the weights do not sum to 1".to_owned(),
        Some(failure) if found.undecided => {
            format!(
                "false: these weights have order {} at most",
                failure.order - 1
            )
        }
        _ if found.undecided && order < claimed => format!("not proven, only order {order}"),
        _ if found.undecided || failure.is_none() => {
            format!("false: the order is at least {order}")
        }
        _ if is_family && order < claimed => {
            format!("false: not all members of the family have more than order {order}")
        }
        _ => format!("false: these weights have order {order}"),
    };
    let problem = Diagnostic::at(claim.span, format!("`order {claimed}` is {reason}"));
    match failure {
        _ if found.undecided && refuting.is_none() => problem.note(
            "nodes differ from their row sums, and the conditions with either at each leaf are too many",
        ),
        Some(failure) => problem.note(describe(failure)),
        None => problem.help("a claim is exactly true or refused; claim the order that the scheme has"),
    }
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

/// Names the nodes of a family that are not their row sums identically.
fn mismatched_functions(
    family: &Family,
    found: &RowVerdict,
    budget: &mut Budget,
) -> Option<String> {
    if found.order == 0 {
        return None;
    }
    let names = family.names();
    let rows = family.nodes.iter().enumerate();
    let lines = rows.filter_map(|(row, node)| {
        let sum = family.row_sum(row, budget).ok().filter(|sum| sum != node)?;
        let (node, sum) = (node.written(&names), sum.written(&names));
        Some(format!(
            "node {} is {node}, but its row sums to {sum}",
            row + 1
        ))
    });
    let lines: Vec<_> = lines.take(NAMED).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
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
