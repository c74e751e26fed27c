//! All readings of the arrays of one scheme: each form that they may have, with each way to give the other arrays a part.

use super::array::Array;
use super::form::forms;
use super::part::{Part, counted_from_one, parts};
use super::problem::unexplained;
use super::reading::{ROW_SUMS, Reading};
use super::row::{Row, close};
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::Role;
use crate::number::budget::Budget;

/// The most ways to give parts to the arrays beside a matrix.
const MOST: usize = 1000;

/// The part of an array, and whether the numbers confirm it.
type Assigned<'a> = (Part, bool, &'a Array);

/// Finds the readings that contradict the fewest names, or an array that no part explains.
/// Without `use_names` only the mathematics decides between parts.
pub(super) fn search(
    arrays: &[&Array],
    use_names: bool,
    budget: &mut Budget,
) -> (Vec<Reading>, Option<Diagnostic>) {
    let (mut found, mut problem): (Vec<Reading>, _) = (Vec::new(), None);
    for (form, used) in forms(arrays, budget) {
        let others = { 0..arrays.len() }.filter(|at| !used.contains(at));
        let others = others.map(|at| (counted_from_one(arrays[at], &form), arrays[at]));
        let others: Vec<_> = others.collect();
        let others = { others.iter() }.map(|(counted, array)| counted.as_ref().unwrap_or(array));
        let others: Vec<&Array> = others.collect();
        match assignments(&form, &others, use_names) {
            Ok(choices) => {
                for choice in &choices {
                    found.extend(reading(&form, choice, use_names, budget));
                }
            }
            Err(array) => {
                problem.get_or_insert_with(|| unexplained(array, arrays[used[0]], form.stages()));
            }
        }
    }
    let least = found.iter().map(|reading| reading.contradictions).min();
    let mut kept: Vec<Reading> = Vec::new();
    for reading in found {
        let is_again = kept.iter().any(|other| other.equals(&reading));
        if Some(reading.contradictions) == least && !is_again {
            kept.push(reading);
        }
    }
    (kept, problem)
}

/// The ways to give each array a part, in the order of parts; the error is an array that no part explains.
fn assignments<'a>(
    form: &Reading,
    others: &[&'a Array],
    use_names: bool,
) -> Result<Vec<Vec<Assigned<'a>>>, &'a Array> {
    let mut choices: Vec<Vec<Assigned>> = vec![Vec::new()];
    for &array in others {
        let parts = parts(array, form, array.hint.filter(|_| use_names));
        // `bhat3` needs `bhat2`.
        let needed = match array.hint {
            Some(Role::Embedded(row @ 2..)) => Some(Role::Embedded(row - 1)),
            _ => None,
        };
        let lacks = needed.is_some() && !others.iter().any(|other| other.hint == needed);
        if lacks || parts.is_empty() || choices.len() * parts.len() > MOST {
            return Err(array);
        }
        let mut longer = Vec::new();
        for choice in &choices {
            for (part, confirmed) in &parts {
                longer.push([choice.as_slice(), &[(*part, *confirmed, array)]].concat());
            }
        }
        choices = longer;
    }
    for choice in &mut choices {
        choice.sort_by_key(|(part, ..)| *part);
    }
    Ok(choices)
}

/// The scheme of a matrix and arrays with their parts; `None` if it is none.
fn reading(
    form: &Reading,
    choice: &[Assigned],
    use_names: bool,
    budget: &mut Budget,
) -> Option<Reading> {
    let of = |wanted: Part| {
        let assigned = choice.iter();
        assigned.filter_map(move |(part, _, array)| (*part == wanted).then_some(*array))
    };
    let is_told = |array: &Array| use_names && array.hint.is_some();
    let mut reading = form.clone();
    reading.contradictions += choice.iter().filter(|(_, confirmed, _)| !confirmed).count();
    if form.weights.is_empty() && of(Part::Weights).next().is_none() {
        // A row of differences that is called so tells that the last row is the weights, as in FSAL schemes.
        let tells = |(part, _, array): &Assigned| *part == Part::Difference && is_told(array);
        let is_embedded = |(part, ..): &Assigned| matches!(part, Part::Embedded(_));
        let last = form.rows.last().filter(|row| close(row.sum(), 1.0))?;
        if !choice.iter().any(tells) || choice.iter().any(is_embedded) {
            return None;
        }
        reading.weights.push(last.clone());
        reading.remark("weights: the last row of the matrix");
    }
    for (part, _, array) in choice {
        let what = match part {
            Part::Weights if !reading.weights.is_empty() => return None,
            Part::Weights if array.as_vector().is_none() => "rows of weights",
            Part::Weights => "weights",
            Part::Embedded(_) => "embedded weights",
            _ => break,
        };
        reading.note(array, what);
        let row = array.as_vector().map(|row| vec![row]);
        let rows = row.unwrap_or_else(|| array.rows.clone());
        reading.weights.extend(rows);
    }
    for array in of(Part::Nodes) {
        reading.add_nodes(array)?;
    }
    if reading.nodes.is_none() {
        reading.remark(ROW_SUMS);
    }
    let differences: Vec<_> = of(Part::Difference).filter_map(Array::as_vector).collect();
    let is_longer = |row: &Row| row.len() > form.stages();
    if reading.weights.iter().chain(&differences).any(is_longer) {
        reading.add_last_stage()?;
    }
    let stages = reading.stages();
    for row in &mut reading.weights {
        *row = row.padded(stages);
    }
    for array in of(Part::Difference) {
        reading.add_difference(array, budget)?;
    }
    for array in of(Part::Dense) {
        reading.note(array, "dense output, not read");
    }
    // Of rows without names, that of higher order is propagated.
    if form.weights.is_empty() && !of(Part::Weights).any(is_told) {
        let orders = reading.orders(budget);
        let is_lower = orders.iter().any(|order| *order > orders[0]);
        reading.contradictions += usize::from(is_lower);
    }
    Some(reading)
}
