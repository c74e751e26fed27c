//! Proves the claims of a tableau, or of a family, within a budget.

use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::document::Document;
use crate::language::family::Family;
use crate::language::limits;
use crate::language::tableau::Tableau;
use crate::number::budget::{Budget, TooLarge};
use crate::proof::family::{self, poles};
use crate::proof::order::{self, RowVerdict, Verdict};
use crate::proof::search::PROOF_STEPS;

/// The orders of a tableau, or of all members of a family.
pub(super) struct Proof {
    pub(super) verdict: Verdict,
    pub(super) family: Option<Family>,
    /// For each row with a false claim, where it holds in the family nevertheless.
    pub(super) exceptions: Vec<Option<String>>,
    pub(super) warnings: Diagnostics,
}

impl Proof {
    pub(super) fn of(
        document: &Document,
        tableau: &Tableau,
        bound: Option<usize>,
        budget: &mut Budget,
    ) -> Result<Self, Diagnostics> {
        if document.parameters.is_empty() {
            return Ok(Self {
                verdict: verdict(tableau, bound, budget)?,
                family: None,
                exceptions: Vec::new(),
                warnings: Vec::new(),
            });
        }
        let family = Family::new(document, budget)?;
        let warnings = poles::check(&family, budget)?;
        let claims = tableau.weights.iter().filter_map(|row| row.claim);
        let least = claims.max().map_or(1, |claim| claim + 1);
        let bound = bound.map_or_else(|| order::default_bound(tableau), |bound| bound.max(least));
        let proven = family::verify(&family, tableau, bound, budget);
        let proven = proven.map_err(|problem| vec![problem])?;
        Ok(Self {
            verdict: proven.verdict,
            exceptions: proven.exceptions,
            family: Some(family),
            warnings,
        })
    }
}

fn verdict(
    tableau: &Tableau,
    bound: Option<usize>,
    budget: &mut Budget,
) -> Result<Verdict, Diagnostics> {
    let mut verify =
        |bound, most| budget.attempt(most, |budget| order::verify_within(tableau, bound, budget));
    // The claims are decided in any case.
    let claims = tableau.weights.iter().filter_map(|row| row.claim);
    let least = claims.max().map_or(1, |claim| claim + 1);
    if let Some(bound) = bound.filter(|bound| *bound > least) {
        return verify(bound, PROOF_STEPS).map_err(|TooLarge| {
            let headline = format!("the search for orders up to {bound} would take too long");
            let help = "search to a smaller order with `--max-order`";
            let help = format!("{help}; {least} would decide the claims");
            vec![Diagnostic::whole_file(headline).help(help)]
        });
    }
    let first = bound.map_or_else(|| order::default_bound(tableau), |_| least);
    // Some is left for a proof of the claims alone.
    let most = if first > least {
        PROOF_STEPS / 2.0
    } else {
        PROOF_STEPS
    };
    if let Ok(verdict) = verify(first, most) {
        // A claim that is too low is answered with the true order, if that can be found.
        let last = bound.map_or(limits::ORDER + 1, |_| first);
        let bounds = first + 1..=last;
        return Ok(raise(
            tableau,
            verdict,
            bounds,
            RowVerdict::is_underclaimed,
            budget,
        ));
    }
    let nearer = (first > least).then(|| verify(least, PROOF_STEPS).ok());
    let verdict = nearer.flatten().ok_or_else(|| vec![too_large(tableau)])?;
    // Rows without a claim are searched as far as the budget goes.
    let is_open = |row: &RowVerdict| row.first_failure.is_none();
    Ok(raise(tableau, verdict, least + 1..=first, is_open, budget))
}

/// Repeats the proof with higher bounds while some row is open.
fn raise(
    tableau: &Tableau,
    mut verdict: Verdict,
    bounds: impl Iterator<Item = usize>,
    is_open: impl Fn(&RowVerdict) -> bool,
    budget: &mut Budget,
) -> Verdict {
    // One budget for all: each proof repeats the ones before.
    budget.attempt(PROOF_STEPS / 2.0, |budget| {
        for bound in bounds {
            if !verdict.weights.iter().any(&is_open) {
                break;
            }
            match order::verify_within(tableau, bound, budget) {
                Ok(found) => verdict = found,
                Err(TooLarge) => break,
            }
        }
    });
    verdict
}

fn too_large(tableau: &Tableau) -> Diagnostic {
    let headline = "the coefficients are too large for a proof of the order in reasonable time";
    let help = match tableau.rounded {
        None => "shorten the numbers, or mark them as rounded: `rounded 5e-16`",
        Some(_) => "shorten the numbers, or drop stages, or claim a lower order",
    };
    Diagnostic::whole_file(headline).help(help)
}
