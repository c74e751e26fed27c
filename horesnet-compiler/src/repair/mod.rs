//! Repairs: coefficients are copied by hand and one is wrong; solving the order conditions gives the number that was meant.
//! `exact.rs` and `rounded.rs` solve, `search.rs` tries all numbers, and the checker proves each fix.
//! Must not know figures, plans or generated code.

mod change;
mod conditions;
mod decimals;
mod exact;
mod nearest;
mod nodes;
mod place;
mod rounded;
mod row_sum;
mod search;
mod wording;

pub use change::{Change, Edit, Kind};
pub use nearest::{Difference, Nearest};
pub use place::Place;
pub(crate) use wording::help;

use crate::language::document::Document;
use crate::language::tableau::Tableau;
use crate::number::budget::Budget;
use crate::proof::barriers;
use crate::proof::order::Verdict;
use change::TabFile;
use exact::ExactSolver;
use place::Variable;
use rounded::RoundedSolver;
use search::{Fix, Fixes};

/// The changes that would make the claims of a tableau true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repair {
    /// The single changes that do, the most plausible first.
    pub changes: Vec<Change>,
    /// True if everything was tried; the effort is bounded.
    pub complete: bool,
    /// The single change that gets furthest, if none makes all claims true.
    pub progress: Option<Progress>,
    /// The bundled scheme that the tableau is most like.
    pub nearest: Option<Nearest>,
    /// The least error for the line `rounded` with which every claim is true.
    pub rounded: Option<f64>,
    /// The order barrier, if the number of stages forbids a claim.
    pub barrier: Option<String>,
    /// The claim to write instead, if the coefficients are right.
    pub claim: Option<String>,
}

/// A change that is not enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The change.
    pub change: Change,
    /// The order up to which the conditions of all claims hold before the change.
    pub before: usize,
    /// The order up to which they hold after it.
    pub after: usize,
}

/// Searches for fixes of one number, one swap or the nodes that make every claim true. A claim that is too low is raised.
///
/// Returns `None` if every claim is true, or if nothing is known but that one is too low.
pub(crate) fn mend(
    text: &str,
    document: &Document,
    tableau: &Tableau,
    verdict: &Verdict,
    budget: &mut Budget,
) -> Option<Repair> {
    let file = TabFile {
        text,
        document,
        tableau,
    };
    let underclaimed = underclaimed(verdict);
    let mut repair = Repair {
        complete: true,
        ..Repair::default()
    };
    let Some(before) = search::failing_order(verdict) else {
        let underclaimed = underclaimed.filter(|rows| !rows.is_empty())?;
        repair.changes = vec![file.claims(&underclaimed)?];
        return Some(repair);
    };
    repair.claim = wording::claim(verdict);
    repair.nearest = nearest::nearest(tableau).map(|nearest| file.quoted(nearest));
    repair.barrier = barriers::of(tableau, verdict);
    if repair.barrier.is_some() {
        return Some(repair);
    }
    let mut fixes = fixes(&file, tableau, verdict, before, budget);
    let underclaimed = underclaimed.unwrap_or_default();
    let mut claims = None;
    if !underclaimed.is_empty() && fixes.all.is_empty() {
        claims = file.claims(&underclaimed);
        let mut raised = tableau.clone();
        for &(row, order) in &underclaimed {
            raised.weights[row - 1].claim = Some(order);
        }
        fixes = self::fixes(&file, &raised, verdict, before, budget);
    }
    repair.changes = ranked(&file, &fixes.all);
    for change in &mut repair.changes {
        let claims = claims.iter().flat_map(|claims| claims.edits.clone());
        change.edits.extend(claims);
    }
    repair.complete = !fixes.cut_short;
    let furthest = ranked(&file, &fixes.furthest).into_iter().next();
    repair.progress = furthest.map(|change| Progress {
        change,
        before,
        after: fixes.after,
    });
    if repair.changes.is_empty() {
        budget.attempt(decimals::EFFORT, |budget| {
            repair.rounded = decimals::sufficient_error(tableau, budget);
            if tableau.rounded.is_none() {
                let known = repair.nearest.as_ref();
                let recognised = decimals::recognised(tableau, known, budget);
                let recognised = recognised.and_then(|values| file.decimals(&values));
                repair.changes.extend(recognised);
                repair.progress = repair.progress.take().filter(|_| repair.changes.is_empty());
            }
            repair.complete &= !budget.is_spent();
        });
    }
    Some(repair)
}

/// The single changes with the claims of `tableau`.
fn fixes(
    file: &TabFile,
    tableau: &Tableau,
    verdict: &Verdict,
    before: usize,
    budget: &mut Budget,
) -> Fixes {
    let (variables, swaps) = (Variable::all(file.document, tableau), file.neighbours());
    let found = budget.attempt(search::EFFORT, |budget| {
        if tableau.rounded.is_some() {
            let solver = RoundedSolver::new(tableau, verdict, before, budget);
            solver.map(|solver| search::search(solver, tableau, &variables, &swaps, before))
        } else {
            let solver = ExactSolver::new(tableau, before, budget);
            solver.map(|solver| search::search(solver, tableau, &variables, &swaps, before))
        }
    });
    let mut fixes = found.unwrap_or_default();
    nodes::add(&mut fixes, file.document, tableau, budget);
    fixes
}

/// The rows that claim too little, counted from 1, and their orders; `None` if one of those is not known.
fn underclaimed(verdict: &Verdict) -> Option<Vec<(usize, usize)>> {
    let rows = verdict.weights.iter().zip(1..);
    let low = rows.filter(|(row, _)| row.claimed.is_some_and(|claim| claim < row.order));
    low.map(|(row, at)| row.first_failure.as_ref().map(|_| (at, row.order)))
        .collect()
}

/// The most plausible first.
fn ranked(file: &TabFile, fixes: &[(Fix, Tableau)]) -> Vec<Change> {
    let sums = file.tableau.row_sums();
    let nodes = file.tableau.nodes.iter().zip(&sums);
    let consistent: Vec<_> = nodes.map(|(node, sum)| node == sum).collect();
    let changes = fixes.iter().filter_map(|(fix, changed)| {
        let change = file.change(fix, changed)?;
        let implausibility = wording::implausibility(&change, file.tableau, changed, &consistent);
        Some((implausibility, change))
    });
    let mut ranked: Vec<_> = changes.collect();
    ranked.sort_by_key(|(implausibility, _)| *implausibility);
    ranked.into_iter().map(|(_, change)| change).collect()
}
