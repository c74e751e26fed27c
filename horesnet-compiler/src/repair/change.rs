//! Changes of a file: what to write where.

use super::nearest::Nearest;
use super::place::{Place, text_of};
use super::search::Fix;
use super::slip;
use crate::language::diagnostic::Span;
use crate::language::document::Document;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::number::decimal;
use crate::number::magnitude::Magnitude;

/// Steps to find how a file would write a number.
const WRITING: f64 = 1e7;

/// One change, proven to make every claim true.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The kind of mistake that it repairs.
    pub kind: Kind,
    /// The replacements.
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
    /// Several nodes are not the sums of their rows.
    Nodes,
    /// Each node is that of the row before or after.
    Shift,
    /// Decimals stand for numbers that they round.
    Decimals,
    /// The numbers are rounded, by more than the file says.
    Rounded,
    /// The second row of weights is the difference of two rows.
    Difference,
    /// Unknown entries are known, or parameters.
    Unknown,
    /// The claims are wrong, and the coefficients right.
    Claim,
}

/// A number and its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The number.
    pub place: Place,
    /// Its offsets in the text.
    pub span: Span,
    /// The text in the file.
    pub from: String,
    /// The replacement, an expression of the tableau language.
    pub to: String,
}

impl Kind {
    /// Returns the kind in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Sign => "sign",
            Self::Swap => "swap",
            Self::Exchange => "exchange",
            Self::Nodes => "nodes",
            Self::Shift => "shift",
            Self::Decimals => "decimals",
            Self::Rounded => "rounded",
            Self::Difference => "difference",
            Self::Unknown => "unknown",
            Self::Claim => "claim",
        }
    }
}

impl Change {
    /// Makes the change in the text of the file and leaves all else as it is.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut edits: Vec<_> = self.edits.iter().collect();
        edits.sort_by_key(|edit| edit.span.start);
        let (mut changed, mut copied) = (String::with_capacity(text.len()), 0);
        for edit in edits {
            changed.push_str(text.get(copied..edit.span.start).unwrap_or_default());
            changed.push_str(&edit.to);
            copied = edit.span.end;
        }
        changed.push_str(text.get(copied..).unwrap_or_default());
        changed
    }
}

/// A file in which changes are written down.
#[derive(Clone, Copy)]
pub(super) struct TabFile<'a> {
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
    pub(super) tableau: &'a Tableau,
}

impl TabFile<'_> {
    /// Entries and weights that have a neighbour to the right.
    pub(super) fn neighbours(&self) -> Vec<Place> {
        let is_written = |place: Place| place.written(self.document).is_some();
        Place::all(self.tableau)
            .filter(|place| place.neighbour().is_some_and(is_written))
            .collect()
    }

    /// Quotes the numbers of the file as it writes them.
    pub(super) fn quoted(&self, mut nearest: Nearest) -> Nearest {
        for difference in nearest.differences.iter_mut().chain(&mut nearest.roundings) {
            if let Some(written) = self.text_at(difference.place) {
                difference.own = written;
            }
        }
        nearest
    }

    /// Replaces all decimals by exact numbers; the node `*` follows by itself.
    pub(super) fn decimals(&self, values: &[(Place, Number)]) -> Option<Change> {
        let follows = |place: Place| {
            matches!(place, Place::Node { .. }) && place.written(self.document).is_none()
        };
        let values = values.iter().filter(|(place, _)| !follows(*place));
        let edits = values.map(|(place, value)| self.edit(*place, value));
        Some(Change {
            kind: Kind::Decimals,
            edits: edits.collect::<Option<_>>()?,
        })
    }

    /// Replaces a row of weights, counted from 0.
    pub(super) fn without_difference(&self, undone: &Tableau, row: usize) -> Option<Change> {
        let entries = (1..=self.tableau.stages()).map(|entry| Place::Weight {
            row: row + 1,
            entry,
        });
        let edits = entries.map(|place| self.edit(place, place.value(undone)?));
        Some(Change {
            kind: Kind::Difference,
            edits: edits.collect::<Option<_>>()?,
        })
    }

    /// States the error of the numbers, `text`.
    pub(super) fn rounded(&self, text: &str) -> Option<Change> {
        let (span, from, to) = if let Some(eps) = &self.document.rounded {
            (eps.span, text_of(self.text, eps.span), text.to_owned())
        } else {
            let start = self.document.stages.first()?.span.start;
            let span = Span { start, end: start };
            (span, String::new(), format!("rounded {text}\n"))
        };
        let place = Place::Rounded;
        Some(Change {
            kind: Kind::Rounded,
            edits: vec![Edit {
                place,
                span,
                from,
                to,
            }],
        })
    }

    /// The tableau with other claims for rows of weights, counted from 1.
    pub(super) fn with_claims(&self, orders: &[(usize, usize)]) -> Tableau {
        let mut changed = self.tableau.clone();
        for &(row, order) in orders {
            if let Some(row) = changed.weights.get_mut(row - 1) {
                row.claim = Some(order);
            }
        }
        changed
    }

    /// Replaces the claims of rows of weights, counted from 1.
    pub(super) fn claims(&self, orders: &[(usize, usize)]) -> Option<Change> {
        let edit = |&(row, order): &(usize, usize)| {
            let claim = self.document.weights.get(row - 1)?.claim.as_ref()?;
            Some(Edit {
                place: Place::Claim { row },
                span: claim.span,
                from: format!("order {}", claim.value),
                to: format!("order {order}"),
            })
        };
        Some(Change {
            kind: Kind::Claim,
            edits: orders.iter().map(edit).collect::<Option<_>>()?,
        })
    }

    pub(super) fn change(&self, fix: &Fix, changed: &Tableau) -> Option<Change> {
        let (kind, edits) = match fix {
            Fix::Value(variable, value) => {
                let mut edits = vec![self.edit(variable.place, value)?];
                if let Some(row) = variable.following_node() {
                    let node = Place::Node { row };
                    edits.extend(self.edit(node, node.value(changed)?));
                }
                let opposite = -variable.place.value(self.tableau)?.clone();
                let sign = *value == opposite;
                (if sign { Kind::Sign } else { Kind::Value }, edits)
            }
            Fix::Swap(first, second) => (Kind::Swap, self.swap(*first, *second)?),
            Fix::Nodes(rows, shifted) => {
                let places = rows.iter().map(|&row| Place::Node { row });
                let edits = places.map(|place| self.edit_text(place, "*".to_owned()));
                let kind = if *shifted { Kind::Shift } else { Kind::Nodes };
                (kind, edits.collect::<Option<_>>()?)
            }
            Fix::Exchange => {
                let weight = |row, entry| Place::Weight { row, entry };
                let entries = 1..=self.tableau.stages();
                let pairs = entries.map(|entry| self.swap(weight(1, entry), weight(2, entry)));
                let edits: Option<Vec<_>> = pairs.collect();
                (Kind::Exchange, edits?.concat())
            }
        };
        Some(Change { kind, edits })
    }

    fn edit(&self, place: Place, value: &Number) -> Option<Edit> {
        // As the file writes its numbers: one digit changed, decimals in a file of rounded decimals, fractions in others.
        let slip = self.text_at(place).filter(|text| !text.contains('.'));
        let exact = Magnitude::default();
        let slip =
            slip.and_then(|text| slip::nearest(&text, value, exact, &mut Budget::new(WRITING)));
        let rounded = self.tableau.rounded.as_ref();
        let decimal = || rounded.and_then(|_| decimal::written(value));
        let text = slip.map(|(text, _)| text).or_else(decimal);
        self.edit_text(place, text.unwrap_or_else(|| value.to_string()))
    }

    /// The number at a place as the file writes it.
    pub(super) fn text_at(&self, place: Place) -> Option<String> {
        Some(text_of(self.text, place.written(self.document)?.span))
    }

    fn swap(&self, first: Place, second: Place) -> Option<Vec<Edit>> {
        let (one, other) = (self.text_at(first)?, self.text_at(second)?);
        Some(vec![
            self.edit_text(first, other)?,
            self.edit_text(second, one)?,
        ])
    }

    fn edit_text(&self, place: Place, to: String) -> Option<Edit> {
        let span = place.written(self.document)?.span;
        Some(Edit {
            place,
            span,
            from: text_of(self.text, span),
            to,
        })
    }
}
