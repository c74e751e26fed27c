//! The readings of the arrays of one scheme, or of a pair, or why there are none.

use super::array::Array;
use super::pair::pair;
use super::problem::{foreign, misshapen, missing};
use super::reading::Reading;
use super::search::search;
use crate::language::diagnostic::Diagnostic;
use crate::number::budget::Budget;

/// The readings of some arrays; true if they are the two schemes of a pair, of which none excludes the other.
pub(super) fn readings(
    arrays: &[&Array],
    budget: &mut Budget,
) -> Result<(Vec<Reading>, bool), Diagnostic> {
    if arrays.is_empty() {
        return Err(missing(arrays));
    }
    let (mut found, unexplained) = search(arrays, true, budget);
    let Some(first) = found.first() else {
        if let Some(problem) = foreign(arrays) {
            return Err(problem);
        }
        if let Some(pair) = pair(arrays, budget) {
            return Ok((pair, true));
        }
        let found = exchanged(arrays, None, budget);
        if !found.is_empty() {
            return Ok((found, false));
        }
        let shape = arrays.iter().find_map(|array| misshapen(array));
        return Err(shape.or(unexplained).unwrap_or_else(|| missing(arrays)));
    };
    if first.contradictions > 0 {
        let exchanged = exchanged(arrays, Some(&found), budget);
        found.extend(exchanged);
    }
    Ok((found, false))
}

/// Names that the numbers contradict may be exchanged, or belong to other parts: readings of higher order in which other roles
/// fit all. Where names allow no reading, the order is 2 at least.
fn exchanged(arrays: &[&Array], named: Option<&[Reading]>, budget: &mut Budget) -> Vec<Reading> {
    let (mut found, _) = search(arrays, false, budget);
    let mut order = |reading: &Reading| reading.orders(budget).first().copied();
    // A scheme whose nodes are no row sums has a higher order under its names.
    let orders = named.unwrap_or_default().iter().filter_map(&mut order);
    let least = orders.max().unwrap_or(usize::from(named.is_none()));
    let has_nodes = named.map(|named| named[0].nodes.is_some());
    found.retain(|reading| {
        let is_alike = has_nodes.is_none_or(|has_nodes| reading.nodes.is_some() == has_nodes);
        let fits = reading.contradictions == 0 && is_alike;
        fits && order(reading).is_some_and(|order| order > least)
    });
    for reading in &mut found {
        reading.remark("against the names");
    }
    found
}
