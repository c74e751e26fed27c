//! One way to read a program: a scheme, and what was read as what.

use super::array::{Array, Row};
use super::shape::Matrix;
use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{Document, Expression, Spanned, StageRow, WeightsRow};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::order;

/// The highest order that decides between rows of weights.
const HIGHEST: usize = 10;

/// Steps for all the proofs that decide a reading.
pub(super) const STEPS: f64 = 3e8;

/// A scheme.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) nodes: Option<Row>,
    pub(super) matrix: Matrix,
    pub(super) weights: Vec<Row>,
    /// The role of each array, for comments and lists of readings.
    pub(super) notes: Vec<String>,
    /// Roles by name that the numbers contradict.
    pub(super) contradictions: usize,
    /// A name of the scheme, if the text holds several.
    pub(super) label: Option<String>,
}

impl Reading {
    /// The same scheme.
    pub(super) fn equals(&self, other: &Self) -> bool {
        let rows =
            |a: &[Row], b: &[Row]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b));
        self.node_numbers() == other.node_numbers()
            && rows(&self.matrix.rows, &other.matrix.rows)
            && rows(&self.weights, &other.weights)
    }

    fn node_numbers(&self) -> Vec<Number> {
        match &self.nodes {
            Some(nodes) => nodes.numbers().cloned().collect(),
            None => self.matrix.row_sums(),
        }
    }

    /// The document, with this head and these constants.
    pub(super) fn document(
        &self,
        head: &[String],
        bindings: &[(Spanned<String>, Expression)],
    ) -> Document {
        let expressions = |row: &Row| {
            row.cells
                .iter()
                .map(|cell| cell.expression.clone())
                .collect::<Vec<_>>()
        };
        let nodes = self.nodes.as_ref().map(expressions).unwrap_or_default();
        let mut nodes = nodes.into_iter();
        let stages = self.matrix.rows.iter().map(|row| StageRow {
            node: nodes.next(),
            entries: expressions(row),
            span: row.span,
        });
        let weights = self.weights.iter().map(|row| WeightsRow {
            claim: None,
            entries: expressions(row),
            span: row.span,
        });
        Document {
            head: head.to_vec(),
            bindings: bindings.to_vec(),
            stages: stages.collect(),
            separator: self
                .weights
                .first()
                .map_or_else(Span::default, |row| row.span),
            weights: weights.collect(),
            ..Document::default()
        }
    }

    /// The orders of the rows of weights, if they can be found.
    pub(super) fn orders(&self, budget: &mut Budget) -> Option<Vec<usize>> {
        let document = self.document(&[], &[]);
        let tableau = self.tableau(&document).ok()?;
        let orders = budget
            .attempt(STEPS / 4.0, |budget| {
                order::orders(&tableau, HIGHEST, budget)
            })
            .ok()?;
        Some(orders.iter().map(|found| found.order).collect())
    }

    /// The tableau of the numbers: constants have no names here.
    fn tableau(&self, document: &Document) -> Result<Tableau, Diagnostics> {
        let mut plain = document.clone();
        let cells = |row: &Row| {
            row.cells
                .iter()
                .map(|cell| super::array::Cell::of(cell.number.clone(), row.span).expression)
                .collect::<Vec<_>>()
        };
        for (stage, row) in plain.stages.iter_mut().zip(&self.matrix.rows) {
            (stage.entries, stage.node) = (cells(row), None);
        }
        if let Some(nodes) = &self.nodes {
            for (stage, node) in plain.stages.iter_mut().zip(cells(nodes)) {
                stage.node = Some(node);
            }
        }
        for (weights, row) in plain.weights.iter_mut().zip(&self.weights) {
            weights.entries = cells(row);
        }
        Tableau::new(&plain)
    }

    /// One line on the whole reading.
    pub(super) fn line(&self) -> String {
        self.notes.join("; ")
    }
}

/// Where an array is, for comments: `A (line 3)`.
pub(super) fn place(array: &Array, text: &str) -> String {
    let (line, _) = Diagnostic::at(array.span, "").position(text);
    match array.name.as_str() {
        "" => format!("line {line}"),
        name => format!("{} (line {line})", crate::notation::value::brief(name)),
    }
}
