//! Repairs: coefficients are copied by hand and one is wrong; solving the order conditions gives the number that was meant.
//! `exact.rs` and `rounded.rs` solve, `search.rs` tries all numbers, and the checker proves each fix.
//! Must not know figures, plans or generated code.

mod change;
mod conditions;
mod decimals;
mod entries;
mod exact;
mod expressions;
mod linear;
mod nearest;
mod nodes;
mod place;
mod rank;
mod rounded;
mod row_sum;
mod search;
mod slip;
mod unknown;
mod wording;

pub use change::{Change, Edit, Kind};
pub(crate) use entries::fill;
pub use nearest::{Difference, Nearest};
pub use place::Place;
pub(crate) use wording::{filled, help};

use crate::language::document::Document;
use crate::language::tableau::Tableau;
use crate::number::budget::Budget;
use crate::proof::barriers;
use crate::proof::order::{self, Verdict};
use crate::proof::search::PROOF_STEPS;
use crate::proof::theories;
use change::TabFile;
use exact::ExactSolver;
use place::Variable;
use rounded::RoundedSolver;
use search::{Fix, Fixes};

/// The changes that would make the claims of a tableau true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repair {
    /// The single changes that do, the most plausible first; the claims may be one.
    pub changes: Vec<Change>,
    /// True if no search was cut short; the effort is bounded.
    pub complete: bool,
    /// The single change that gets furthest, if none makes all claims true.
    pub progress: Option<Progress>,
    /// The bundled scheme that the tableau is most like.
    pub nearest: Option<Nearest>,
    /// The order barrier, if the number of stages forbids a claim.
    pub barrier: Option<String>,
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

/// Searches for changes that make every claim true: readings of decimals, fixes of one number, one swap or the nodes, claims.
///
/// Returns `None` if every claim is true, or if nothing is known but that one is too low.
pub(crate) fn mend(
    text: &str,
    document: &Document,
    tableau: &Tableau,
    verdict: &Verdict,
    budget: &mut Budget,
) -> Option<Repair> {
    // Searches copy the tableau many times, and its words may be long.
    let tableau = &Tableau {
        name: None,
        documentation: Vec::new(),
        aliases: Vec::new(),
        citations: Vec::new(),
        ..tableau.clone()
    };
    let file = TabFile {
        text,
        document,
        tableau,
    };
    let wrong = wrong_claims(verdict).filter(|wrong| !wrong.is_empty());
    let claim = wrong.and_then(|wrong| file.claims(&wrong));
    let mut repair = Repair {
        complete: true,
        ..Repair::default()
    };
    let Some(before) = search::failing_order(verdict) else {
        repair.changes = vec![claim?];
        return Some(repair);
    };
    if theories::nystrom(tableau).is_some() {
        return Some(repair);
    }
    repair.nearest = nearest::nearest(tableau).map(|nearest| file.quoted(nearest));
    repair.barrier = barriers::of(tableau, verdict);
    if repair.barrier.is_some() {
        repair.changes.extend(claim);
        return Some(repair);
    }
    let nearest = repair.nearest.as_ref();
    let mut changes = budget.attempt(decimals::EFFORT, |budget| {
        read_otherwise(&file, nearest, budget)
    });
    if changes.is_empty() {
        changes = outliers(&file, budget);
    }
    if changes.is_empty() {
        let mut fixes = fixes(&file, verdict, before, budget);
        let underclaimed = underclaimed(verdict).unwrap_or_default();
        let mut claims = None;
        if !underclaimed.is_empty() && fixes.all.is_empty() {
            claims = file.claims(&underclaimed);
            let raised = file.with_claims(&underclaimed);
            let file = TabFile {
                tableau: &raised,
                ..file
            };
            fixes = self::fixes(&file, verdict, before, budget);
        }
        changes = written(&file, fixes.all);
        for (change, _) in &mut changes {
            let claims = claims.iter().flat_map(|claims| claims.edits.clone());
            change.edits.extend(claims);
        }
        repair.complete = !fixes.cut_short;
        let furthest = rank::ranked(tableau, written(&file, fixes.furthest), None);
        repair.progress = furthest.into_iter().next().map(|change| Progress {
            change,
            before,
            after: fixes.after,
        });
        if changes.is_empty() {
            budget.attempt(decimals::EFFORT, |budget| {
                changes.extend(larger_error(&file, budget));
                repair.complete &= !budget.is_spent();
            });
        }
        repair.progress = repair.progress.filter(|_| changes.is_empty());
    }
    repair.changes = rank::ranked(tableau, changes, claim);
    Some(repair)
}

/// Searches for changes of one expression that make every claim of a family true, for all its members.
pub(crate) fn mend_family(
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
    let wrong = wrong_claims(verdict).filter(|wrong| !wrong.is_empty());
    if verdict.weights.iter().all(order::RowVerdict::holds) {
        return None;
    }
    let claim = wrong.and_then(|wrong| file.claims(&wrong));
    let mut repair = Repair {
        complete: true,
        barrier: barriers::of(tableau, verdict),
        ..Repair::default()
    };
    if search::failing_order(verdict).is_some() && repair.barrier.is_none() {
        (repair.changes, repair.complete) = expressions::family_changes(&file, budget);
    }
    repair.changes.extend(claim);
    Some(repair)
}

/// Readings of the numbers with which every claim is true: rows of weights less their differences, exact numbers that decimals
/// round, the error of the file's own digits.
fn read_otherwise(
    file: &TabFile,
    nearest: Option<&Nearest>,
    budget: &mut Budget,
) -> Vec<(Change, Tableau)> {
    let tableau = file.tableau;
    let mut changes = Vec::new();
    for row in (1..tableau.weights.len()).filter(|row| theories::is_difference(tableau, *row)) {
        let undone = theories::undone(tableau, row).into_iter();
        let undone = undone.filter(|undone| search::holds(undone, budget));
        changes.extend(undone.filter_map(|undone| file.without_difference(&undone, row)));
    }
    if tableau.rounded.is_none() {
        let recognised = decimals::recognised(tableau, nearest, budget);
        changes.extend(recognised.and_then(|values| file.decimals(&values)));
        let digits = decimals::own_error(file, budget);
        changes.extend(digits.and_then(|digits| file.rounded(&format!("5e-{digits}"))));
    }
    let unchanged = changes.into_iter();
    unchanged.map(|change| (change, tableau.clone())).collect()
}

/// A larger error with which every claim is true: that of the file's own digits, or one larger still.
fn larger_error(file: &TabFile, budget: &mut Budget) -> Option<(Change, Tableau)> {
    let own = decimals::own_error(file, budget).map(|digits| (5, digits));
    let (digit, power) = own.or_else(|| decimals::larger_error(file, budget))?;
    let change = file.rounded(&format!("{digit}e-{power}"))?;
    Some((change, file.tableau.clone()))
}

/// Changes of the one number of a file of decimals that is further off than its own digits.
fn outliers(file: &TabFile, budget: &mut Budget) -> Vec<(Change, Tableau)> {
    let digits = decimals::own_digits(file).filter(|_| file.tableau.rounded.is_none());
    let Some([_, digits]) = digits else {
        return Vec::new();
    };
    let Some(rounded) = decimals::with_error(file.tableau, 5, digits) else {
        return Vec::new();
    };
    let highest = rounded.weights.iter().filter_map(|row| row.claim).max();
    let verdict = budget.attempt(PROOF_STEPS, |budget| {
        order::verify_within(&rounded, highest.unwrap_or(0) + 1, budget)
    });
    let Some((verdict, before)) = verdict.ok().and_then(|verdict| {
        let before = search::failing_order(&verdict)?;
        Some((verdict, before))
    }) else {
        return Vec::new();
    };
    let file = TabFile {
        tableau: &rounded,
        ..*file
    };
    let fixes = fixes(&file, &verdict, before, budget);
    let mut changes = written(&file, fixes.all);
    for (change, _) in &mut changes {
        let stated = file.rounded(&format!("5e-{digits}"));
        change
            .edits
            .extend(stated.into_iter().flat_map(|stated| stated.edits));
    }
    changes
}

/// The single changes with the claims of a file's tableau.
fn fixes(file: &TabFile, verdict: &Verdict, before: usize, budget: &mut Budget) -> Fixes {
    let tableau = file.tableau;
    // What sums tell needs no search through all numbers; nodes need a proof or two, so they come first.
    let (nodes, mut cut_short) = budget.attempt(PROOF_STEPS, |budget| {
        let nodes = nodes::fix(file.document, tableau, budget);
        (nodes, budget.is_spent())
    });
    let mut all = budget.attempt(PROOF_STEPS, |budget| {
        let all = linear::fixes(file, budget);
        cut_short |= budget.is_spent();
        all
    });
    all.extend(nodes);
    if !all.is_empty() {
        return Fixes {
            all,
            cut_short,
            ..Fixes::default()
        };
    }
    let (variables, swaps) = (Variable::all(file.document, tableau), file.neighbours());
    let (found, cut_short) = budget.attempt(search::EFFORT, |budget| {
        let found = if tableau.rounded.is_some() {
            let solver = RoundedSolver::new(tableau, verdict, before, budget);
            solver.map(|solver| search::search(solver, tableau, &variables, &swaps, before))
        } else {
            let solver = ExactSolver::new(tableau, before, budget);
            solver.map(|solver| search::search(solver, tableau, &variables, &swaps, before))
        };
        (found, budget.is_spent())
    });
    found.unwrap_or_else(|| Fixes {
        cut_short,
        ..Fixes::default()
    })
}

/// The fixes as changes of the file, with the tableaux that they make.
fn written(file: &TabFile, fixes: Vec<(Fix, Tableau)>) -> Vec<(Change, Tableau)> {
    let changes = fixes.into_iter();
    changes
        .filter_map(|(fix, changed)| Some((file.change(&fix, &changed)?, changed)))
        .collect()
}

/// The rows whose claims are false, counted from 1, and their orders; `None` if one has no order that could be claimed.
fn wrong_claims(verdict: &Verdict) -> Option<Vec<(usize, usize)>> {
    let rows = verdict.weights.iter().zip(1..);
    let wrong = rows.filter(|(row, _)| !row.holds());
    wrong
        .map(|(row, at)| row.is_known().then_some((at, row.order)))
        .collect()
}

/// The rows that claim too little, counted from 1, and their orders; `None` if one of those is not known.
fn underclaimed(verdict: &Verdict) -> Option<Vec<(usize, usize)>> {
    let rows = verdict.weights.iter().zip(1..);
    let low = rows.filter(|(row, _)| row.claimed.is_some_and(|claim| claim < row.order));
    low.map(|(row, at)| row.first_failure.as_ref().map(|_| (at, row.order)))
        .collect()
}
