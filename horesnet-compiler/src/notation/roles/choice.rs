//! Chooses between the readings of one part of a program, or lists them.

use super::array::Array;
use super::found::Found;
use super::problems::{ambiguous, misshapen, missing};
use super::reading::Reading;
use super::theories;
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::{Role, weights_names};
use crate::notation::program::Item;
use crate::number::budget::Budget;

/// Arrays that belong together.
#[derive(Debug)]
pub(super) struct Part {
    /// The structure, class or function.
    pub(super) label: String,
    pub(super) arrays: Vec<Array>,
    /// Values that could not be read, with the name of a part.
    pub(super) unread: Vec<(Item, Diagnostic)>,
}

/// The readings of a part: one, or the two of an additive pair.
pub(super) fn readings(
    part: &Part,
    text: &str,
    number: Option<usize>,
    budget: &mut Budget,
) -> Result<Vec<Reading>, Diagnostic> {
    let arrays: Vec<&Array> = part.arrays.iter().collect();
    // What a value would have been is unknown, unless it was the nodes as sums of rows.
    let lost = part.unread.iter().find(|(item, _)| {
        !(item.sums && crate::notation::field::role(&item.name) == Some(Role::Nodes))
    });
    if let Some((_, problem)) = lost {
        return Err(problem.clone());
    }
    expect_rows_before(&arrays)?;
    if let Some(problem) = theories::by_names(&arrays) {
        return Err(problem);
    }
    let mut found = Found::new(text);
    found.other_forms(&arrays);
    let shu_osher = found
        .readings
        .iter()
        .any(|_| theories::are_alpha_and_beta(&arrays));
    if !shu_osher {
        found.butcher(&arrays, budget);
    }
    if let Some(problem) = found.foreign {
        return Err(problem);
    }
    if let Some(pair) = found.pair.filter(|_| found.readings.is_empty()) {
        return Ok(pair);
    }
    found.readings.sort_by_key(|reading| reading.contradictions);
    let mut consistent: Vec<Reading> = Vec::new();
    let least = found
        .readings
        .first()
        .map_or(0, |reading| reading.contradictions);
    for reading in found.readings {
        let same = consistent.iter().any(|other| other.equals(&reading));
        if reading.contradictions == least && !same {
            consistent.push(reading);
        }
    }
    if least > 0 && arrays.iter().any(|array| array.hint().is_some()) {
        let exchanged = exchanged(&arrays, &consistent, text, budget);
        consistent.extend(exchanged);
    }
    if let Some(number) = number
        && consistent.len() > 1
    {
        let count = consistent.len();
        let at = number.checked_sub(1).filter(|at| *at < count);
        let at = at.ok_or_else(|| {
            Diagnostic::whole_file(format!(
                "there is no reading {number}: the text has {count}"
            ))
        })?;
        return Ok(vec![consistent.swap_remove(at)]);
    }
    match consistent.len() {
        1 => Ok(consistent),
        0 => {
            let shape = arrays.iter().find_map(|array| misshapen(array));
            Err(shape
                .or(found.unexplained)
                .unwrap_or_else(|| missing(&arrays)))
        }
        _ => Err(ambiguous(&consistent)),
    }
}

/// Names that the numbers contradict may be exchanged, if other roles fit all.
fn exchanged(
    arrays: &[&Array],
    named: &[Reading],
    text: &str,
    budget: &mut Budget,
) -> Vec<Reading> {
    let has_nodes = named.first().is_some_and(|reading| reading.nodes.is_some());
    let mut anew = Found::new(text);
    anew.by_mathematics(arrays, budget);
    let mut order = |reading: &Reading| reading.orders(budget)?.first().copied();
    // A scheme whose nodes are no row sums has a higher order under its names.
    let least = named.iter().filter_map(&mut order).max().unwrap_or(0);
    let mut found = anew.readings;
    found.retain(|reading| {
        let fits = reading.contradictions == 0 && reading.nodes.is_some() == has_nodes;
        fits && order(reading).is_some_and(|order| order > least)
    });
    for reading in &mut found {
        reading.notes.push("against the names".to_owned());
    }
    found
}

/// Refuses `bhat3` without `bhat2`.
fn expect_rows_before(arrays: &[&Array]) -> Result<(), Diagnostic> {
    for array in arrays {
        let Some(Role::Embedded(row @ 2..)) = array.hint() else {
            continue;
        };
        let before = Some(Role::Embedded(row - 1));
        if !arrays.iter().any(|other| other.hint() == before) {
            let ((name, _), (needed, _)) = (weights_names(row), weights_names(row - 1));
            let headline = format!("`{name}` is given without `{needed}`");
            return Err(Diagnostic::at(array.span, headline));
        }
    }
    Ok(())
}
