//! Changes as what to write where in a file.

use super::digits;
use super::nearest::{Nearest, decimal_digits};
use super::search::Found;
use super::unknown::{Place, text_of};
use crate::language::diagnostic::Span;
use crate::language::document::Document;
use crate::language::tableau::Tableau;
use crate::number::Number;

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
    /// Decimals stand for numbers that they round.
    Decimals,
    /// A claim is too low.
    Claim,
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

impl Kind {
    /// In one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Sign => "sign",
            Self::Swap => "swap",
            Self::Exchange => "exchange",
            Self::Decimals => "decimals",
            Self::Claim => "claim",
        }
    }
}

impl Change {
    /// The text of the file with the change made, and otherwise as it was.
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

/// A file, in which changes are written down.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
    pub(super) tableau: &'a Tableau,
}

impl Page<'_> {
    /// Entries and weights that have a neighbour to the right.
    pub(super) fn neighbours(&self) -> Vec<Place> {
        let document = self.document;
        let entries = document.stages.iter().enumerate().flat_map(|(i, stage)| {
            (1..stage.entries.len()).map(move |entry| Place::Entry { row: i + 1, entry })
        });
        let weights = document.weights.iter().enumerate().flat_map(|(i, row)| {
            (1..row.entries.len()).map(move |entry| Place::Weight { row: i + 1, entry })
        });
        entries.chain(weights).collect()
    }

    /// With the numbers of the file as it writes them.
    pub(super) fn quoted(&self, mut nearest: Nearest) -> Nearest {
        for difference in nearest.differences.iter_mut().chain(&mut nearest.roundings) {
            if let Some(written) = difference.place.written(self.document) {
                difference.own = text_of(self.text, written.span);
            }
        }
        nearest
    }

    /// Exact numbers for all decimals; the node `*` follows by itself.
    pub(super) fn decimals(&self, values: &[(Place, Number)]) -> Option<Change> {
        let follows = |place: Place| {
            matches!(place, Place::Node { .. }) && place.written(self.document).is_none()
        };
        let edits: Option<Vec<_>> = values
            .iter()
            .filter(|(place, _)| !follows(*place))
            .map(|(place, value)| self.edit(*place, value))
            .collect();
        Some(Change {
            kind: Kind::Decimals,
            edits: edits?,
        })
    }

    /// Other claims for rows of weights, counted from 1.
    pub(super) fn claims(&self, orders: &[(usize, usize)]) -> Option<Change> {
        let edits: Option<Vec<_>> = orders
            .iter()
            .map(|&(row, order)| {
                let claim = self.document.weights.get(row - 1)?.claim.as_ref()?;
                Some(Edit {
                    place: Place::Claim { row },
                    span: claim.span,
                    from: format!("order {}", claim.value),
                    to: format!("order {order}"),
                })
            })
            .collect();
        Some(Change {
            kind: Kind::Claim,
            edits: edits?,
        })
    }

    pub(super) fn change(&self, found: &Found, changed: &Tableau) -> Option<Change> {
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
                let second = first.neighbour()?;
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
            to: self.number(value),
        })
    }

    /// Decimals in a file of rounded decimals, fractions in others.
    fn number(&self, value: &Number) -> String {
        let decimal = self.tableau.rounded.as_ref().and_then(|_| {
            let digits = decimal_digits(value)?;
            digits::written(value, digits)
        });
        decimal.unwrap_or_else(|| value.to_string())
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
