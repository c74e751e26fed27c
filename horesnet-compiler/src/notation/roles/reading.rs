//! One way to read a program: a scheme, and what was read as what.

use std::cmp::Reverse;

use num_traits::{One, Zero};

use super::array::Array;
use super::row::{Cell, Row, equal, sums};
use crate::language::document::{Document, StageRow, WeightsRow};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::order;

/// The highest order that decides between rows of weights.
const HIGHEST: usize = 10;

/// Steps for all the proofs that decide a reading.
pub(super) const STEPS: f64 = 3e8;

/// The note on nodes that are not given.
pub(super) const ROW_SUMS: &str = "nodes: the row sums";

/// A scheme; as a form, a matrix to which weights may still be added.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) nodes: Option<Row>,
    /// The matrix, square.
    pub(super) rows: Vec<Row>,
    pub(super) weights: Vec<Row>,
    /// No row of the matrix was left out.
    pub(super) has_all_rows: bool,
    /// The role of each array, for comments and lists of readings.
    pub(super) notes: Vec<String>,
    /// Roles by name that the numbers contradict.
    pub(super) contradictions: usize,
    /// A name of the scheme, if the text holds several.
    pub(super) label: Option<String>,
}

impl Reading {
    pub(super) fn of(rows: Vec<Row>, weights: Vec<Row>) -> Self {
        Self {
            rows,
            weights,
            ..Self::default()
        }
    }

    /// Says what an array was read as.
    pub(super) fn note(&mut self, array: &Array, what: &str) {
        let counts = if array.counts_from_one {
            ", from the index 1 on"
        } else {
            ""
        };
        self.remark(&format!("{}: {what}{counts}", array.place()));
    }

    pub(super) fn remark(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    pub(super) fn stages(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn sums(&self) -> Vec<f64> {
        sums(&self.rows)
    }

    /// Returns true if the last row, as written, is this one, but for zeros behind it.
    pub(super) fn ends_with(&self, row: &Row) -> bool {
        let last = self.rows.last().filter(|_| self.has_all_rows);
        last.is_some_and(|last| equal(&[row.padded(last.len())], std::slice::from_ref(last)))
    }

    /// The same scheme.
    pub(super) fn equals(&self, other: &Self) -> bool {
        equal(self.nodes.as_slice(), other.nodes.as_slice())
            && equal(&self.rows, &other.rows)
            && equal(&self.weights, &other.weights)
    }

    /// Adds nodes; the first and the last may be left out. `None` if there are some.
    pub(super) fn add_nodes(&mut self, array: &Array) -> Option<()> {
        let mut row = array.as_vector().filter(|_| self.nodes.is_none())?;
        let mut what = "nodes";
        if row.len() < self.stages() {
            row.cells.insert(0, Cell::zero(row.span));
        }
        if row.len() < self.stages() {
            what = "nodes; the last are 1";
            let ones = vec![Number::one(); self.stages() - row.len()];
            row.cells.extend(Row::computed(ones, row.span)?.cells);
        }
        self.nodes = Some(row);
        self.note(array, what);
        Some(())
    }

    /// Adds the stage at the end of the step, whose row is the weights.
    pub(super) fn add_last_stage(&mut self) -> Option<()> {
        let stages = self.stages() + 1;
        let weights = self.weights.first().filter(|row| row.len() < stages)?;
        self.rows.push(weights.clone());
        if let Some(nodes) = self.nodes.as_mut().filter(|nodes| nodes.len() < stages) {
            let sum = weights.numbers().fold(Number::zero(), |sum, b| &sum + b);
            nodes
                .cells
                .extend(Row::computed(vec![sum], weights.span)?.cells);
        }
        for row in &mut self.rows {
            *row = row.padded(stages);
        }
        self.remark("last stage: the first of the next step, its row is the weights");
        Some(())
    }

    /// Adds the embedded weights of a row of differences: of either sign those of higher order, then of fewer negatives.
    pub(super) fn add_difference(&mut self, array: &Array, budget: &mut Budget) -> Option<()> {
        let weights = self.weights.first()?;
        let difference = array.as_vector()?.padded(weights.len());
        let pairs = || weights.numbers().zip(difference.numbers());
        let sum: Vec<_> = pairs().map(|(b, d)| b + d).collect();
        let remainder = pairs().map(|(b, d)| b - d).collect();
        let mut found = Vec::new();
        for (sign, numbers) in [("+", sum), ("-", remainder)] {
            let negative = numbers
                .iter()
                .filter(|number| number.sign().is_lt())
                .count();
            let mut with = self.clone();
            with.weights.push(Row::computed(numbers, difference.span)?);
            let order = with.orders(budget).last().copied().unwrap_or(0);
            found.push((Reverse(order), negative, sign, with));
        }
        found.sort_by_key(|(order, negative, ..)| (*order, *negative));
        let [(Reverse(order), _, sign, with), (Reverse(other), ..)] = found.try_into().ok()?;
        let tie = if order == other {
            format!("; the other sign has order {order} as well")
        } else {
            String::new()
        };
        *self = with;
        let note = format!("difference, embedded weights are weights {sign} difference{tie}");
        self.note(array, &note);
        Some(())
    }

    /// The orders of the rows of weights; none if they cannot be found.
    pub(super) fn orders(&self, budget: &mut Budget) -> Vec<usize> {
        let found = budget.attempt(STEPS / 4.0, |budget| {
            order::orders(&self.tableau(budget)?, HIGHEST, budget)
        });
        let found = found.unwrap_or_default();
        found.iter().map(|found| found.order).collect()
    }

    fn tableau(&self, budget: &mut Budget) -> Result<Tableau, order::TooLarge> {
        let numbers = |row: &Row| row.numbers().cloned().collect::<Vec<_>>();
        let rows: Vec<_> = self.rows.iter().map(numbers).collect();
        let mut sums = Vec::new();
        for row in &rows {
            sums.push(order::sum_within(row, budget)?);
        }
        let nodes = self.nodes.as_ref().map_or(sums, numbers);
        let weights = self.weights.iter().map(numbers).collect();
        Ok(Tableau::of_numbers(nodes, &rows, weights))
    }

    /// The document of the scheme.
    pub(super) fn document(&self) -> Document {
        let entries = |row: &Row| -> Vec<_> {
            let cells = row.cells.iter();
            cells.map(|cell| cell.expression.clone()).collect()
        };
        let mut nodes = self.nodes.iter().flat_map(entries);
        let stages = self.rows.iter().map(|row| StageRow {
            node: nodes.next(),
            entries: entries(row),
            span: row.span,
        });
        let weights = self.weights.iter().map(|row| WeightsRow {
            claim: None,
            entries: entries(row),
            span: row.span,
        });
        Document {
            stages: stages.collect(),
            separator: self.weights[0].span,
            weights: weights.collect(),
            ..Document::default()
        }
    }
}
