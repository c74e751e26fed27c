//! A failing tableau to the changes that mend it.
//!
//! Coefficients are copied by hand, and one of them is wrong. The order conditions are polynomials in each number of
//! the tableau, so the number that was meant is found by solving for it (`search.rs`), and proven by the checker.

mod field;
mod polynomial;
mod search;
mod system;
mod unknown;
mod wording;

pub use unknown::Place;
pub(crate) use wording::help;

use crate::diagnostic::{Diagnostics, Span};
use crate::document::Document;
use crate::number::Number;
use crate::order::Verdict;
use crate::tableau::Tableau;
use search::Found;
use unknown::{Unknown, text_of};

/// What would make the claims of a tableau true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repair {
    /// The single changes that do, the most plausible first.
    pub changes: Vec<Change>,
    /// Whether every number of the file was tried; the effort is bounded.
    pub complete: bool,
    /// How far a single change gets, if none makes all claims true.
    pub progress: Option<Progress>,
}

/// One change, proven to make every claim true.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What kind of mistake it mends.
    pub kind: Kind,
    /// What to write where.
    pub edits: Vec<Edit>,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A wrong number.
    Value,
    /// A wrong sign.
    Sign,
    /// Two neighbours of a row are exchanged.
    Swap,
    /// The two rows of weights are exchanged.
    Exchange,
}

/// A number and what should stand for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which number.
    pub place: Place,
    /// Where it stands in the text.
    pub span: Span,
    /// As the file has it.
    pub from: String,
    /// As an expression of the tableau language.
    pub to: String,
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

/// Looks for single changes that make every claim of a tableau true; none if the claims are true, or too low.
///
/// # Errors
/// Those of [`check`](crate::check).
///
/// # Example
/// ```
/// let text = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | 1/6 1/3 1/3 1/5\n";
/// let repair = horesnet_compiler::repair::repair(text).unwrap();
/// let edit = &repair.changes[0].edits[0];
/// assert_eq!(format!("{}: {} should be {}", edit.place, edit.from, edit.to),
///     "weights row 1, entry 4: 1/5 should be 1/6");
/// ```
pub fn repair(text: &str) -> Result<Repair, Diagnostics> {
    let document = crate::parse(text).map_err(|problem| vec![problem])?;
    let tableau = Tableau::new(&document)?;
    let verdict = crate::verdict(&tableau, None)?;
    Ok(mend(text, &document, &tableau, &verdict))
}

/// The same for a tableau that has been read and checked.
pub(crate) fn mend(
    text: &str,
    document: &Document,
    tableau: &Tableau,
    verdict: &Verdict,
) -> Repair {
    let before = search::common_order(verdict);
    let none = Repair {
        complete: true,
        ..Repair::default()
    };
    if before == usize::MAX || tableau.rounded.is_some() {
        return none;
    }
    let unknowns = Unknown::all(document, tableau);
    let swaps = neighbours(document);
    let Some(findings) = search::search(tableau, &unknowns, &swaps, before) else {
        return none;
    };
    let page = Page {
        text,
        document,
        tableau,
    };
    let mut ranked: Vec<_> = findings
        .found
        .iter()
        .filter_map(|(found, changed)| {
            let change = page.change(found, changed)?;
            Some((wording::implausibility(&change, tableau, changed), change))
        })
        .collect();
    ranked.sort_by_key(|(implausibility, _)| *implausibility);
    let progress = findings.furthest.and_then(|(unknown, value, after)| {
        let changed = unknown.replaced(tableau, &value)?;
        let change = page.change(&Found::Value(unknown, value), &changed)?;
        Some(Progress {
            change,
            before,
            after,
        })
    });
    Repair {
        changes: ranked.into_iter().map(|(_, change)| change).collect(),
        complete: findings.complete,
        progress,
    }
}

/// Entries and weights that have a neighbour to the right.
fn neighbours(document: &Document) -> Vec<Place> {
    let entries = document.stages.iter().enumerate().flat_map(|(i, stage)| {
        (1..stage.entries.len()).map(move |entry| Place::Entry { row: i + 1, entry })
    });
    let weights = document.weights.iter().enumerate().flat_map(|(i, row)| {
        (1..row.entries.len()).map(move |entry| Place::Weight { row: i + 1, entry })
    });
    entries.chain(weights).collect()
}

/// A file, in which changes are written down.
struct Page<'a> {
    text: &'a str,
    document: &'a Document,
    tableau: &'a Tableau,
}

impl Page<'_> {
    fn change(&self, found: &Found, changed: &Tableau) -> Option<Change> {
        match found {
            Found::Value(unknown, value) => {
                let from = unknown.place.value(self.tableau)?;
                let kind = if *value == -from.clone() {
                    Kind::Sign
                } else {
                    Kind::Value
                };
                let mut edits = vec![self.edit(unknown.place, value)?];
                if let (true, Place::Entry { row, .. }) = (unknown.node_follows, unknown.place) {
                    let node = Place::Node { row };
                    edits.extend(self.edit(node, node.value(changed)?));
                }
                Some(Change { kind, edits })
            }
            Found::Swap(first) => {
                let second = match *first {
                    Place::Entry { row, entry } => Place::Entry {
                        row,
                        entry: entry + 1,
                    },
                    Place::Weight { row, entry } => Place::Weight {
                        row,
                        entry: entry + 1,
                    },
                    Place::Node { .. } => return None,
                };
                let edits = self.exchange(*first, second)?;
                Some(Change {
                    kind: Kind::Swap,
                    edits: edits.into(),
                })
            }
            Found::Exchange => {
                let pairs = (1..=self.tableau.stages()).map(|entry| {
                    self.exchange(
                        Place::Weight { row: 1, entry },
                        Place::Weight { row: 2, entry },
                    )
                });
                let edits: Option<Vec<_>> = pairs.collect();
                Some(Change {
                    kind: Kind::Exchange,
                    edits: edits?.into_iter().flatten().collect(),
                })
            }
        }
    }

    fn edit(&self, place: Place, value: &Number) -> Option<Edit> {
        let span = place.written(self.document)?.span;
        Some(Edit {
            place,
            span,
            from: text_of(self.text, span),
            to: value.to_string(),
        })
    }

    fn exchange(&self, first: Place, second: Place) -> Option<[Edit; 2]> {
        let (a, b) = (
            first.written(self.document)?.span,
            second.written(self.document)?.span,
        );
        let (from, to) = (text_of(self.text, a), text_of(self.text, b));
        Some([
            Edit {
                place: first,
                span: a,
                from: from.clone(),
                to: to.clone(),
            },
            Edit {
                place: second,
                span: b,
                from: to,
                to: from,
            },
        ])
    }
}
