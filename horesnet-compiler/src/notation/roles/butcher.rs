//! Butcher arrays: a matrix, rows of weights, nodes, rows of differences, in arrays of their own.
//!
//! A name decides the role of its array. Where names say nothing, nodes are row sums, weights sum to 1, differences to 0.

use num_traits::{One, Zero};

use super::array::{Array, Cell, Row, close, sum};
use super::reading::{Reading, place};
use super::shape::Matrix;
use crate::notation::field::Role;
use crate::number::Number;
use crate::number::budget::Budget;

/// The most arrays without a role by name.
const UNNAMED: usize = 6;

/// A part of a tableau that an array may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Nodes,
    Weights,
    Embedded(usize),
    /// A row of differences.
    Error,
    /// Coefficients of dense output, of which the weights are the sum.
    Dense,
    /// The matrix or another array once more.
    Again,
}

/// The parts that an array may be, with true for those that the numbers confirm.
type Parts = Vec<(Part, bool)>;

/// A matrix with the arrays beside it.
pub(super) struct Butcher<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) matrix_array: &'a Array,
    pub(super) others: &'a [&'a Array],
    pub(super) text: &'a str,
    /// Names count as hints; without, only the mathematics decides.
    pub(super) use_names: bool,
}

impl Butcher<'_> {
    /// The ways to give each array a part; the error is an array that no part explains.
    pub(super) fn readings(&self, budget: &mut Budget) -> Result<Vec<Reading>, usize> {
        let sums = self.matrix.row_sums();
        let mut parts: Vec<Parts> = Vec::new();
        for (at, array) in self.others.iter().enumerate() {
            let found = self.parts(array, &sums);
            if found.is_empty() {
                return Err(at);
            }
            parts.push(found);
        }
        let named = |parts: &Parts| parts.len() == 1;
        if parts.iter().filter(|parts| !named(parts)).count() > UNNAMED {
            return Ok(Vec::new());
        }
        let mut choices: Vec<Vec<(Part, bool)>> = vec![Vec::new()];
        for parts in &parts {
            choices = { choices.into_iter() }
                .flat_map(|choice| {
                    parts
                        .iter()
                        .map(move |part| choice.iter().copied().chain([*part]).collect::<Vec<_>>())
                })
                .collect();
        }
        let readings = choices
            .iter()
            .filter_map(|choice| self.reading(choice, budget));
        Ok(readings.collect())
    }

    /// The parts that an array may be.
    fn parts(&self, array: &Array, sums: &[Number]) -> Parts {
        let stages = self.matrix.stages();
        let hint = array.hint().filter(|_| self.use_names);
        if array.equals(self.matrix_array) && matches!(hint, None | Some(Role::Matrix)) {
            return vec![(Part::Again, true)];
        }
        let rows = array.as_rows();
        if rows
            .iter()
            .flat_map(|row| &row.cells)
            .any(|cell| cell.is_blank)
        {
            return Vec::new();
        }
        let sums_to = |row: &Row, number: &Number| close(&row.sum(), number);
        let filled = |row: &Row| !row.numbers().all(Zero::is_zero);
        let fits = |row: &Row| row.len() == stages && filled(row);
        // Differences and embedded weights may count the first stage of the next step.
        let fits_longer = |row: &Row| fits(row) || (row.len() == stages + 1 && filled(row));
        if let ([row], Some(Role::Nodes)) = (rows.as_slice(), hint) {
            return named_nodes(row, sums);
        }
        let one = Number::one();
        let weights = rows
            .iter()
            .all(|row| fits_longer(row) && sums_to(row, &one));
        let first = rows
            .first()
            .is_some_and(|row| fits(row) && sums_to(row, &one));
        let sums_to_zero = |row: &Row| sums_to(row, &Number::zero());
        let below = rows
            .iter()
            .skip(1)
            .all(|row| fits(row) && (sums_to(row, &one) || sums_to_zero(row)));
        // The weights of an FSAL scheme may lack their last zero.
        let is_last =
            |row: &Row| {
                self.matrix.layout.is_none()
                    && self.matrix.rows.last().is_some_and(|last| {
                        row.len() + 1 == stages && row.padded(stages).equals(last)
                    })
            };
        let length = |row: &Row| row.len() == stages || is_last(row);
        let longer = |row: &Row| row.len() == stages || row.len() == stages + 1;
        match hint {
            Some(Role::Weights) if rows.iter().all(length) && rows.len() <= 3.min(stages) => {
                return vec![(Part::Weights, first && below)];
            }
            Some(Role::Embedded(row)) if rows.iter().all(longer) && rows.len() <= 2 => {
                return vec![(Part::Embedded(row), weights)];
            }
            Some(Role::Second) if rows.iter().all(longer) && rows.len() <= 2 => {
                let zero = rows.iter().all(sums_to_zero);
                let part = if zero { Part::Error } else { Part::Embedded(1) };
                return if zero || weights {
                    vec![(part, true)]
                } else {
                    Vec::new()
                };
            }
            Some(Role::Weights | Role::Embedded(_) | Role::Second | Role::Nodes) => {
                // The name says otherwise; a table of dense output is often called like the weights.
                return if self.is_dense(array) {
                    vec![(Part::Dense, true)]
                } else {
                    Vec::new()
                };
            }
            _ => {}
        }
        let mut parts = Vec::new();
        if let [row] = rows.as_slice() {
            let all =
                row.len() == stages && row.numbers().zip(sums).all(|(node, sum)| close(node, sum));
            let headless = row.len() + 1 == stages
                && row
                    .numbers()
                    .zip(sums.iter().skip(1))
                    .all(|(node, sum)| close(node, sum));
            if all || headless {
                parts.push((Part::Nodes, true));
            }
            if fits_longer(row) && sums_to_zero(row) {
                parts.push((Part::Error, true));
            }
        }
        if first && below && rows.len() <= 2 {
            parts.push((Part::Weights, true));
        }
        if weights && rows.len() == 1 {
            parts.push((Part::Embedded(1), true));
        }
        if parts.is_empty() && self.is_dense(array) {
            parts.push((Part::Dense, true));
        }
        parts
    }

    /// Rows of polynomial coefficients: their values at 1 are weights.
    fn is_dense(&self, array: &Array) -> bool {
        let stages = self.matrix.stages();
        let ends = |rows: &[Row]| {
            let sums: Vec<_> = rows.iter().map(Row::sum).collect();
            rows.len().abs_diff(stages) <= 1 && close(&sum(sums.iter()), &Number::one())
        };
        let columns = array.rows.first().map_or(0, Row::len);
        let transposed = || {
            let column = |j: usize| Row {
                cells: array
                    .rows
                    .iter()
                    .filter_map(|row| row.cells.get(j).cloned())
                    .collect(),
                span: array.span,
            };
            (0..columns).map(column).collect::<Vec<_>>()
        };
        let is_table = array.rows.len() > 1
            && columns > 1
            && array.rows.iter().all(|row| row.len() == columns);
        is_table && array.rows.len() != columns && (ends(&array.rows) || ends(&transposed()))
    }

    /// The scheme of a choice of parts; `None` if it is none.
    fn reading(&self, choice: &[(Part, bool)], budget: &mut Budget) -> Option<Reading> {
        let arrays = || self.others.iter().zip(choice);
        let of = |wanted: Part| {
            arrays()
                .filter(move |(_, (part, _))| *part == wanted)
                .map(|(array, _)| *array)
        };
        if of(Part::Nodes).count() > 1 || of(Part::Weights).count() > 1 {
            return None;
        }
        let layout = self.matrix.layout.map(|layout| format!(" ({layout})"));
        let matrix = place(self.matrix_array, self.text);
        let mut notes = vec![format!("{matrix}: matrix{}", layout.unwrap_or_default())];
        let mut contradictions = choice.iter().filter(|(_, confirmed)| !confirmed).count();
        let mut rows: Vec<Row> = Vec::new();
        if let Some(array) = of(Part::Weights).next() {
            rows.extend(array.as_rows());
            let what = if rows.len() > 1 {
                "rows of weights"
            } else {
                "weights"
            };
            notes.push(format!("{}: {what}", place(array, self.text)));
        } else {
            // The last row is the weights of stiffly accurate and FSAL schemes.
            let named = |part: Part| of(part).any(|array| array.hint().is_some());
            let alone = !named(Part::Nodes) && !named(Part::Error);
            let last = self.matrix.rows.last().filter(|_| !alone)?;
            if !close(&last.sum(), &Number::one()) || of(Part::Embedded(1)).count() > 1 {
                return None;
            }
            rows.push(last.clone());
            notes.push("weights: the last row of the matrix".to_owned());
        }
        let mut embedded: Vec<(usize, &Array)> = { arrays() }
            .filter_map(|(array, (part, _))| match part {
                Part::Embedded(row) => Some((*row, *array)),
                _ => None,
            })
            .collect();
        embedded.sort_by_key(|(row, _)| *row);
        for (_, array) in &embedded {
            rows.extend(array.as_rows());
            notes.push(format!("{}: embedded weights", place(array, self.text)));
        }
        let mut reading = Reading {
            nodes: None,
            matrix: self.matrix.clone(),
            weights: rows,
            notes,
            contradictions,
            label: None,
        };
        if let Some(array) = of(Part::Nodes).next() {
            let mut row = array.as_vector()?;
            if row.len() + 1 == self.matrix.stages() {
                row.cells.insert(0, Cell::zero(row.span));
            }
            reading.nodes = Some(row);
            reading
                .notes
                .push(format!("{}: nodes", place(array, self.text)));
        } else {
            reading.notes.push("nodes: the row sums".to_owned());
        }
        let errors: Vec<_> = of(Part::Error).collect();
        let longer = |row: &Row| row.len() == self.matrix.stages() + 1;
        let vectors = || errors.iter().filter_map(|array| array.as_vector());
        if vectors().any(|row| longer(&row)) || reading.weights.iter().any(longer) {
            add_fsal_stage(&mut reading)?;
        }
        let stages = reading.matrix.stages();
        for row in &mut reading.weights {
            *row = row.padded(stages);
        }
        for array in errors {
            self.add_difference(&mut reading, array, budget)?;
        }
        for array in of(Part::Dense) {
            reading.notes.push(format!(
                "{}: dense output, not read",
                place(array, self.text)
            ));
        }
        if of(Part::Weights)
            .next()
            .is_none_or(|array| array.hint().is_none() || !self.use_names)
        {
            // Of rows without names, that of higher order is propagated.
            let orders = reading.orders(budget);
            let first = orders
                .as_ref()
                .and_then(|orders| orders.first().copied())
                .unwrap_or(0);
            if orders.is_some_and(|orders| orders.iter().skip(1).any(|order| *order > first)) {
                contradictions += 1;
            }
        }
        reading.contradictions = contradictions;
        Some(reading)
    }

    /// Adds the embedded weights that a row of differences stands for: of either sign, that of higher order.
    fn add_difference(
        &self,
        reading: &mut Reading,
        array: &Array,
        budget: &mut Budget,
    ) -> Option<()> {
        let weights = reading.weights.first()?.clone();
        let difference = array.as_vector()?.padded(weights.len());
        let mut made = Vec::new();
        for (sign, minus) in [("+", false), ("-", true)] {
            let cells = weights.cells.iter().zip(&difference.cells).map(|(b, d)| {
                let number = if minus {
                    &b.number - &d.number
                } else {
                    &b.number + &d.number
                };
                Cell::of(number, d.expression.span)
            });
            let row = Row {
                cells: cells.collect(),
                span: difference.span,
            };
            let mut with = reading.clone();
            with.weights.push(row.clone());
            let order = with
                .orders(budget)
                .and_then(|orders| orders.last().copied())
                .unwrap_or(0);
            let negative = row.numbers().filter(|number| number.sign().is_lt()).count();
            made.push(((std::cmp::Reverse(order), negative), sign, order, row));
        }
        made.sort_by_key(|(key, ..)| *key);
        let [(_, sign, order, row), (_, _, other, _)] = made.try_into().ok()?;
        let tie = if order == other {
            format!("; the other sign has order {other} as well")
        } else {
            String::new()
        };
        reading.notes.push(format!(
            "{}: difference, embedded weights are weights {sign} difference{tie}",
            place(array, self.text)
        ));
        reading.weights.push(row);
        Some(())
    }
}

/// The part of an array that is called nodes, with true if it holds the row sums.
fn named_nodes(row: &Row, sums: &[Number]) -> Parts {
    let headless = row.len() + 1 == sums.len();
    let expected = sums.get(usize::from(headless)..).unwrap_or_default();
    let mut pairs = row.numbers().zip(expected);
    let right = pairs.all(|(node, sum)| close(node, sum));
    if row.len() == expected.len() {
        vec![(Part::Nodes, right)]
    } else {
        Vec::new()
    }
}

/// Adds the stage at the end of the step, whose row is the weights.
fn add_fsal_stage(reading: &mut Reading) -> Option<()> {
    let stages = reading.matrix.stages() + 1;
    let weights = reading.weights.first()?.clone();
    let mut last = weights.clone();
    last.cells.truncate(stages - 1);
    let rows = reading.matrix.rows.iter().map(|row| row.padded(stages));
    reading.matrix.rows = rows.chain([last.padded(stages)]).collect();
    if let Some(nodes) = &mut reading.nodes
        && nodes.len() < stages
    {
        nodes.cells.push(Cell::of(weights.sum(), weights.span));
    }
    reading
        .notes
        .push("last stage: the first of the next step, its row is the weights".to_owned());
    Some(())
}
