//! Places in a tableau, and variables: numbers that may be wrong.

use std::fmt;

use crate::language::diagnostic::Span;
use crate::language::document::{Document, Expression};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// A place in a tableau, counted from 1. Messages name it by its `Display`.
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
    /// The line `rounded`.
    Rounded,
    /// The value of a constant.
    Constant {
        /// The line `let`.
        number: usize,
    },
    /// A line `param`.
    Parameter,
}

impl Place {
    /// Returns the row and the entry, counted from 1; nodes and claims have a row only, the line `rounded` neither.
    #[must_use]
    pub fn coordinates(self) -> (Option<usize>, Option<usize>) {
        match self {
            Self::Entry { row, entry } | Self::Weight { row, entry } => (Some(row), Some(entry)),
            Self::Node { row } | Self::Claim { row } => (Some(row), None),
            Self::Rounded | Self::Constant { .. } | Self::Parameter => (None, None),
        }
    }

    /// The next number of the row.
    pub(super) fn neighbour(mut self) -> Option<Self> {
        match &mut self {
            Self::Entry { entry, .. } | Self::Weight { entry, .. } => *entry += 1,
            Self::Node { .. }
            | Self::Claim { .. }
            | Self::Rounded
            | Self::Constant { .. }
            | Self::Parameter => return None,
        }
        Some(self)
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

    /// The number that the file has there; `None` for the node `*`.
    pub(super) fn written(self, document: &Document) -> Option<&Expression> {
        match self {
            Self::Entry { row, entry } => document.stages.get(row - 1)?.entries.get(entry - 1),
            Self::Node { row } => document.stages.get(row - 1)?.node.as_ref(),
            Self::Weight { row, entry } => document.weights.get(row - 1)?.entries.get(entry - 1),
            Self::Constant { number } => Some(&document.bindings.get(number - 1)?.1),
            Self::Claim { .. } | Self::Rounded | Self::Parameter => None,
        }
    }

    /// The same, to change it.
    pub(super) fn written_mut(self, document: &mut Document) -> Option<&mut Expression> {
        let stages = &mut document.stages;
        match self {
            Self::Entry { row, entry } => stages.get_mut(row - 1)?.entries.get_mut(entry - 1),
            Self::Node { row } => stages.get_mut(row - 1)?.node.as_mut(),
            Self::Weight { row, entry } => {
                let row = document.weights.get_mut(row - 1)?;
                row.entries.get_mut(entry - 1)
            }
            Self::Constant { number } => Some(&mut document.bindings.get_mut(number - 1)?.1),
            Self::Claim { .. } | Self::Rounded | Self::Parameter => None,
        }
    }

    /// The number there.
    pub(super) fn value(self, tableau: &Tableau) -> Option<&Number> {
        match self {
            Self::Entry { row, entry } => tableau.matrix.get((row - 1, entry - 1)),
            Self::Node { row } => tableau.nodes.get(row - 1),
            Self::Weight { row, entry } => tableau.weights.get(row - 1)?.values.get(entry - 1),
            Self::Claim { .. } | Self::Rounded | Self::Constant { .. } | Self::Parameter => None,
        }
    }

    /// Writes another number there; `None` for claims, and for numbers with more roots than a tableau may have.
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
            Self::Claim { .. } | Self::Rounded | Self::Constant { .. } | Self::Parameter => None,
        }? = value;
        Some(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { row, entry } => write!(f, "row {row}, entry {entry}"),
            Self::Node { row } => write!(f, "node {row}"),
            Self::Weight { row, entry } => write!(f, "weights row {row}, entry {entry}"),
            Self::Claim { row } => write!(f, "weights row {row}"),
            Self::Rounded => f.write_str("the line `rounded`"),
            Self::Constant { number } => write!(f, "constant {number}"),
            Self::Parameter => f.write_str("a line `param`"),
        }
    }
}

/// A number of the file that may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) place: Place,
    /// True if the node is the sum of the row whatever the variable is: as `*`, or written again with it.
    pub(super) node_follows: bool,
}

impl Variable {
    /// Every number of the file; an entry whose row sums to its node also together with the node.
    pub(super) fn all(document: &Document, tableau: &Tableau) -> Vec<Self> {
        let is_written = |place: &Place| place.written(document).is_some();
        let sums = tableau.row_sums();
        let is_consistent = |row: usize| {
            let (sum, node) = (&sums[row - 1], &tableau.nodes[row - 1]);
            // Rounded numbers sum to their node but for their errors.
            sum == node || tableau.rounded.is_some() && (sum - node).to_f64().abs() < 1e-6
        };
        let mut places: Vec<_> = Place::all(tableau).filter(is_written).collect();
        // Row by row, each with its node.
        places.sort_by_key(|place| match place {
            Place::Entry { row, .. } | Place::Node { row } => *row,
            Place::Weight { .. }
            | Place::Claim { .. }
            | Place::Rounded
            | Place::Constant { .. }
            | Place::Parameter => usize::MAX,
        });
        let mut variables = Vec::new();
        for place in places {
            let (mut alone, mut with_node) = (true, false);
            if let Place::Entry { row, .. } = place {
                alone = is_written(&Place::Node { row });
                with_node = is_consistent(row);
            }
            for node_follows in [alone.then_some(false), with_node.then_some(true)] {
                variables.extend(node_follows.map(|node_follows| Self {
                    place,
                    node_follows,
                }));
            }
        }
        variables
    }

    /// The row whose node changes with the variable.
    pub(super) fn following_node(self) -> Option<usize> {
        self.place.coordinates().0.filter(|_| self.node_follows)
    }

    /// The tableau with `value` for the variable, and the node if that changes with it.
    pub(super) fn replaced(self, tableau: &Tableau, value: &Number) -> Option<Tableau> {
        let mut changed = tableau.clone();
        self.place.set(&mut changed, value.clone())?;
        if let Some(row) = self.following_node() {
            let sum = changed.row_sum(row - 1);
            Place::Node { row }.set(&mut changed, sum)?;
        }
        Some(changed)
    }
}

/// Text of a file for messages, and for use in another place of the file.
pub(super) fn text_of(text: &str, span: Span) -> String {
    let written = text.get(span.range()).unwrap_or_default();
    let words = written.split(|c: char| c.is_whitespace() || c == '\\');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [one] => (*one).to_owned(),
        words => format!("({})", words.join(" ")),
    }
}
