//! Finds the one expression of a family that is wrong identically: it is made unknown, and the claims are solved for it.

use super::change::{Change, Kind, TabFile};
use super::entries::{edit, holds};
use super::place::Place;
use super::{slip, unknown};
use crate::language::diagnostic::Span;
use crate::language::document::{Document, Expression, Term};
use crate::language::family::Family;
use crate::language::syntax::expression_in;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::family::poles;

/// Steps to solve the claims for one expression, and for all of a file.
const EFFORT: f64 = 1e8;
const ALL: f64 = 8e8;

/// Finds the changes of one expression of a family that make every claim true, the likeliest first.
///
/// Returns them, and true if every expression was tried.
pub(super) fn family_changes(file: &TabFile, budget: &mut Budget) -> (Vec<Change>, bool) {
    let claims: Vec<_> = file.tableau.weights.iter().map(|row| row.claim).collect();
    let mut found = Vec::new();
    let complete = budget.attempt(ALL, |budget| {
        for place in places(file.document) {
            let change = budget.attempt(EFFORT, |budget| changed(file, place, &claims, budget));
            found.extend(change);
            if budget.is_spent() {
                return false;
            }
        }
        true
    });
    found
        .sort_by_key(|(change, distance): &(Change, usize)| (change.kind != Kind::Sign, *distance));
    (
        found.into_iter().map(|(change, _)| change).collect(),
        complete,
    )
}

/// All expressions of a file.
fn places(document: &Document) -> Vec<Place> {
    let constants = (1..=document.bindings.len()).map(|number| Place::Constant { number });
    let rows = document.stages.iter().zip(1..).flat_map(|(stage, row)| {
        let node = stage.node.as_ref().map(|_| Place::Node { row });
        let entries = (1..=stage.entries.len()).map(move |entry| Place::Entry { row, entry });
        node.into_iter().chain(entries)
    });
    let weights = document.weights.iter().zip(1..).flat_map(|(weights, row)| {
        (1..=weights.entries.len()).map(move |entry| Place::Weight { row, entry })
    });
    constants.chain(rows).chain(weights).collect()
}

/// The change of one expression that makes every claim true, with the number of characters that it changes.
fn changed(
    file: &TabFile,
    place: Place,
    claims: &[Option<usize>],
    budget: &mut Budget,
) -> Option<(Change, usize)> {
    let written = place.written(file.document)?;
    let (span, from) = (written.span, file.text_at(place)?);
    let mut document = file.document.clone();
    place.written_mut(&mut document)?.value = Term::Unknown;
    let family = Family::new(&document, budget).ok()?;
    let solutions = unknown::solve(&family, claims, budget);
    let [solution] = solutions.all.as_slice() else {
        return None;
    };
    let (_, value) = solution.values.first()?;
    let value = value.written(&family.names()).replace(' ', "");
    let to = slip(file, place, &from, &value).unwrap_or(value);
    let distance = strsim::osa_distance(&from, &to);
    let is_sign = distance == 1 && from.replace('+', "-") == to.replace('+', "-");
    let kind = if is_sign { Kind::Sign } else { Kind::Value };
    let change = Change {
        kind,
        edits: vec![edit(file.text, place, span, to)],
    };
    let proven = holds(&change.apply(file.text), budget).unwrap_or(false);
    proven.then_some((change, distance))
}

/// The expression with one character changed that is a function with this text: what was meant, in the author's words.
fn slip(file: &TabFile, place: Place, from: &str, value: &str) -> Option<String> {
    let base = Family::new(file.document, &mut Budget::new(EFFORT)).ok()?;
    let samples: Vec<_> = poles::samples(&base).take(2).collect();
    let member = |text: &str, values: &[Number]| {
        let mut document = file.document.clone();
        let slot = place.written_mut(&mut document)?;
        *slot = Expression {
            span: slot.span,
            ..expression_in(text, Span::new(0, text.len())).ok()?
        };
        let member = Tableau::with_values(&document, Some(values)).ok()?;
        Some((member.nodes, member.matrix, member.weights))
    };
    let meant: Vec<_> = samples.iter().map(|values| member(value, values)).collect();
    let names = base.names();
    slip::variants(from, &names).into_iter().find(|text| {
        samples
            .iter()
            .zip(&meant)
            .all(|(values, meant)| meant.is_some() && member(text, values) == *meant)
    })
}
