//! A failing tableau to the changes that mend it.
//!
//! Coefficients are copied by hand, and one of them is wrong. The order conditions are polynomials in each number of
//! the tableau, so the number that was meant is found by solving for it (`search.rs`), and proven by the checker.

mod change;
mod decimals;
mod digits;
mod field;
mod following;
mod nearest;
mod polynomial;
mod roots;
mod rounded;
mod search;
mod simple;
mod system;
mod unknown;
mod wording;

pub use change::{Change, Edit, Kind};
pub use nearest::{Difference, Nearest};
pub use unknown::Place;
pub(crate) use wording::help;

use crate::language::document::Document;
use crate::language::tableau::Tableau;
use crate::proof::barriers;
use crate::proof::budget::Budget;
use crate::proof::order::Verdict;
use change::Page;
use search::{Findings, Found};
use unknown::Unknown;

/// What would make the claims of a tableau true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repair {
    /// The single changes that do, the most plausible first.
    pub changes: Vec<Change>,
    /// Whether everything was tried; the effort is bounded.
    pub complete: bool,
    /// How far a single change gets, if none makes all claims true.
    pub progress: Option<Progress>,
    /// The bundled scheme that the tableau is most like.
    pub nearest: Option<Nearest>,
    /// The least relative error, as one would write it, with which all claims of the decimals are true.
    pub rounded: Option<f64>,
    /// Why no change can help, if the number of stages forbids a claim.
    pub barrier: Option<String>,
    /// What to claim instead, if it is not the coefficients that are wrong.
    pub claim: Option<String>,
}

/// A change that is not enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The change.
    pub change: Change,
    /// The order up to which the conditions of all claims hold before it.
    pub before: usize,
    /// The same after it.
    pub after: usize,
}

/// Searches for one-entry fixes that make every claim true. A claim that is too low is raised.
///
/// Returns `None` if every claim is true, or if nothing is known but that one is too low.
pub(crate) fn mend(
    text: &str,
    document: &Document,
    tableau: &Tableau,
    verdict: &Verdict,
) -> Option<Repair> {
    let page = Page {
        text,
        document,
        tableau,
    };
    let Some(before) = search::common_order(verdict) else {
        return modest(&page, verdict);
    };
    let mut repair = Repair {
        complete: true,
        claim: wording::claim(verdict),
        nearest: nearest::nearest(tableau).map(|nearest| page.quoted(nearest)),
        barrier: barriers::of(tableau, verdict),
        ..Repair::default()
    };
    if repair.barrier.is_some() {
        return Some(repair);
    }
    let budget = &mut Budget::new(search::EFFORT);
    let mut findings = changes(&page, tableau, verdict, budget);
    let too_low = too_low(verdict).unwrap_or_default();
    let mut claims = None;
    if !too_low.is_empty() && findings.as_ref().is_none_or(|f| f.found.is_empty()) {
        claims = page.claims(&too_low);
        findings = changes(&page, &claiming(tableau, &too_low), verdict, budget);
    }
    if let Some(findings) = findings {
        repair.changes = ranked(&page, &findings.found);
        for change in &mut repair.changes {
            change
                .edits
                .extend({ claims.iter() }.flat_map(|claims| claims.edits.clone()));
        }
        repair.complete = findings.complete;
        repair.progress = progress(&page, &findings.furthest, before);
    }
    if repair.changes.is_empty() {
        let budget = &mut Budget::new(decimals::EFFORT);
        repair.rounded = decimals::sufficient_error(tableau, budget);
        if tableau.rounded.is_none() {
            let known = repair.nearest.as_ref();
            let recognised = decimals::recognised(tableau, known, budget);
            let recognised = recognised.and_then(|values| page.decimals(&values));
            repair.changes.extend(recognised);
            repair.progress = repair.progress.filter(|_| repair.changes.is_empty());
        }
        repair.complete &= !budget.is_spent();
    }
    Some(repair)
}

/// The single changes of a number or two, whatever is claimed.
fn changes(
    page: &Page,
    tableau: &Tableau,
    verdict: &Verdict,
    budget: &mut Budget,
) -> Option<Findings> {
    let (unknowns, swaps) = (Unknown::all(page.document, tableau), page.neighbours());
    if tableau.rounded.is_some() {
        return rounded::search(tableau, &unknowns, &swaps, verdict, budget);
    }
    let before = search::common_order(verdict)?;
    search::search(tableau, &unknowns, &swaps, before, budget)
}

/// The rows that claim too little, counted from 1, and their orders; `None` if one of those is not known.
fn too_low(verdict: &Verdict) -> Option<Vec<(usize, usize)>> {
    let rows = verdict.weights.iter().zip(1..);
    let low = rows.filter(|(row, _)| row.claimed.is_some_and(|claim| claim < row.order));
    low.map(|(row, at)| row.first_failure.as_ref().map(|_| (at, row.order)))
        .collect()
}

/// The tableau with other claims for some rows.
fn claiming(tableau: &Tableau, orders: &[(usize, usize)]) -> Tableau {
    let mut tableau = tableau.clone();
    for (row, weights) in (1..).zip(&mut tableau.weights) {
        let order = orders.iter().find(|(other, _)| *other == row);
        weights.claim = order.map_or(weights.claim, |(_, order)| Some(*order));
    }
    tableau
}

/// The claims that are too low, as a change; `None` if there are none, or not all orders are known.
fn modest(page: &Page, verdict: &Verdict) -> Option<Repair> {
    let too_low = too_low(verdict).filter(|rows| !rows.is_empty())?;
    Some(Repair {
        changes: vec![page.claims(&too_low)?],
        complete: true,
        ..Repair::default()
    })
}

/// The most plausible first.
fn ranked(page: &Page, found: &[(Found, Tableau)]) -> Vec<Change> {
    let sums = page.tableau.row_sums();
    let nodes = page.tableau.nodes.iter().zip(&sums);
    let consistent: Vec<_> = nodes.map(|(node, sum)| node == sum).collect();
    let changes = found.iter().filter_map(|(found, changed)| {
        let change = page.change(found, changed)?;
        let implausibility = wording::implausibility(&change, page.tableau, changed, &consistent);
        Some((implausibility, change))
    });
    let mut ranked: Vec<_> = changes.collect();
    ranked.sort_by_key(|(implausibility, _)| *implausibility);
    ranked.into_iter().map(|(_, change)| change).collect()
}

/// The most plausible of the changes that go furthest.
fn progress(page: &Page, furthest: &[(Found, Tableau, usize)], before: usize) -> Option<Progress> {
    let after = furthest.first()?.2;
    let found = furthest.iter();
    let found = found.map(|(found, changed, _)| (found.clone(), changed.clone()));
    let change = ranked(page, &found.collect::<Vec<_>>())
        .into_iter()
        .next()?;
    Some(Progress {
        change,
        before,
        after,
    })
}
