//! The numbers of a tableau that may be the wrong one, and tableaux with another number in their place.

use std::fmt;

use crate::language::diagnostic::Span;
use crate::language::document::{Document, Expression};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// A place in a tableau, everything counted from 1. Its `Display` is how messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An entry of the matrix.
    Entry {
        /// The stage row.
        row: usize,
        /// The entry in the row.
        entry: usize,
    },
    /// A node.
    Node {
        /// The stage row.
        row: usize,
    },
    /// An entry of a row of weights.
    Weight {
        /// The row of weights.
        row: usize,
        /// The entry in the row.
        entry: usize,
    },
    /// The claim of a row of weights.
    Claim {
        /// The row of weights.
        row: usize,
    },
}

impl Place {
    /// Where, counted from 1: the row, and the entry of the row, which a node and a claim are not.
    #[must_use]
    pub fn coordinates(self) -> (usize, Option<usize>) {
        match self {
            Self::Entry { row, entry } | Self::Weight { row, entry } => (row, Some(entry)),
            Self::Node { row } | Self::Claim { row } => (row, None),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { row, entry } => write!(f, "row {row}, entry {entry}"),
            Self::Node { row } => write!(f, "node {row}"),
            Self::Weight { row, entry } => write!(f, "weights row {row}, entry {entry}"),
            Self::Claim { row } => write!(f, "weights row {row}"),
        }
    }
}

impl Place {
    /// The next number of the row.
    pub(super) fn neighbour(self) -> Option<Self> {
        match self {
            Self::Entry { row, entry } => Some(Self::Entry {
                row,
                entry: entry + 1,
            }),
            Self::Weight { row, entry } => Some(Self::Weight {
                row,
                entry: entry + 1,
            }),
            Self::Node { .. } | Self::Claim { .. } => None,
        }
    }

    /// Every number of a tableau.
    pub(super) fn all(tableau: &Tableau) -> impl Iterator<Item = Self> {
        let (stages, rows) = (tableau.stages(), tableau.weights.len());
        let entries = (1..=stages)
            .flat_map(move |row| (1..=stages).map(move |entry| Self::Entry { row, entry }));
        let nodes = (1..=stages).map(|row| Self::Node { row });
        let weights = (1..=rows)
            .flat_map(move |row| (1..=stages).map(move |entry| Self::Weight { row, entry }));
        entries.chain(nodes).chain(weights)
    }

    /// The number that the file has there; none for the node `*`.
    pub(super) fn written(self, document: &Document) -> Option<&Expression> {
        match self {
            Self::Entry { row, entry } => document.stages.get(row - 1)?.entries.get(entry - 1),
            Self::Node { row } => document.stages.get(row - 1)?.node.as_ref(),
            Self::Weight { row, entry } => document.weights.get(row - 1)?.entries.get(entry - 1),
            Self::Claim { .. } => None,
        }
    }

    /// The number there.
    pub(super) fn value(self, tableau: &Tableau) -> Option<&Number> {
        match self {
            Self::Entry { row, entry } => tableau.matrix.get((row - 1, entry - 1)),
            Self::Node { row } => tableau.nodes.get(row - 1),
            Self::Weight { row, entry } => tableau.weights.get(row - 1)?.values.get(entry - 1),
            Self::Claim { .. } => None,
        }
    }

    /// Writes another number there; `None` if there is no such place, or the number has a root too many.
    pub(super) fn set(self, tableau: &mut Tableau, value: Number) -> Option<()> {
        for &(radicand, _) in value.terms() {
            if !tableau.field.insert(radicand) {
                return None;
            }
        }
        *match self {
            Self::Entry { row, entry } => tableau.matrix.get_mut((row - 1, entry - 1)),
            Self::Node { row } => tableau.nodes.get_mut(row - 1),
            Self::Weight { row, entry } => {
                let row = tableau.weights.get_mut(row - 1)?;
                row.values.get_mut(entry - 1)
            }
            Self::Claim { .. } => None,
        }? = value;
        Some(())
    }
}

/// A number that is taken for unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) place: Place,
    /// Whether the node is the sum of the row whatever the unknown is: as `*`, or written again with it.
    pub(super) node_follows: bool,
}

impl Unknown {
    /// Every number of the file; an entry whose row sums to its node also together with the node.
    pub(super) fn all(document: &Document, tableau: &Tableau) -> Vec<Self> {
        let mut unknowns = Vec::new();
        let sums = tableau.row_sums();
        for (i, stage) in document.stages.iter().enumerate() {
            let row = i + 1;
            let pair = sums.get(i).zip(tableau.nodes.get(i));
            let consistent = pair.is_some_and(|(sum, node)| {
                // Rounded numbers sum to their node but for their errors.
                sum == node || tableau.rounded.is_some() && (sum - node).to_f64().abs() < 1e-6
            });
            for j in 0..stage.entries.len() {
                let place = Place::Entry { row, entry: j + 1 };
                if stage.node.is_some() {
                    unknowns.push(Self::fixed(place));
                }
                if consistent {
                    unknowns.push(Self {
                        place,
                        node_follows: true,
                    });
                }
            }
            if stage.node.is_some() {
                unknowns.push(Self::fixed(Place::Node { row }));
            }
        }
        for (i, row) in document.weights.iter().enumerate() {
            let entries = 1..=row.entries.len();
            unknowns.extend(entries.map(|entry| Self::fixed(Place::Weight { row: i + 1, entry })));
        }
        unknowns
    }

    /// With the node left as it is.
    pub(super) fn fixed(place: Place) -> Self {
        Self {
            place,
            node_follows: false,
        }
    }

    /// The tableau with `value` for the unknown, and the node if that changes with it.
    pub(super) fn replaced(self, tableau: &Tableau, value: &Number) -> Option<Tableau> {
        let mut changed = tableau.clone();
        self.place.set(&mut changed, value.clone())?;
        if let (true, Place::Entry { row, .. }) = (self.node_follows, self.place) {
            let sum = changed.row_sum(row - 1);
            Place::Node { row }.set(&mut changed, sum)?;
        }
        Some(changed)
    }
}

/// Text of a file for messages, and for use in another place of the file.
pub(super) fn text_of(text: &str, span: Span) -> String {
    let written = text.get(span.start..span.end).unwrap_or_default();
    let words: Vec<_> = written
        .split(|c: char| c.is_whitespace() || c == '\\')
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [one] => (*one).to_owned(),
        words => format!("({})", words.join(" ")),
    }
}
