//! The readings of the arrays of one scheme, or of a pair, or why there are none.

use super::array::Array;
use super::pair::pair;
use super::problem::{misshapen, missing};
use super::reading::Reading;
use super::search::search;
use super::theory::foreign;
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
        let pair = pair(arrays, budget).map(|pair| (pair, true));
        let shape = arrays.iter().find_map(|array| misshapen(array));
        return pair.ok_or_else(|| shape.or(unexplained).unwrap_or_else(|| missing(arrays)));
    };
    if first.contradictions > 0 {
        let exchanged = exchanged(arrays, &found, budget);
        found.extend(exchanged);
    }
    Ok((found, false))
}

/// Names that the numbers contradict may be exchanged: readings of higher order in which other roles fit all.
fn exchanged(arrays: &[&Array], named: &[Reading], budget: &mut Budget) -> Vec<Reading> {
    let (mut found, _) = search(arrays, false, budget);
    let mut order = |reading: &Reading| reading.orders(budget).first().copied();
    // A scheme whose nodes are no row sums has a higher order under its names.
    let least = named.iter().filter_map(&mut order).max().unwrap_or(0);
    found.retain(|reading| {
        let fits =
            reading.contradictions == 0 && reading.nodes.is_some() == named[0].nodes.is_some();
        fits && order(reading).is_some_and(|order| order > least)
    });
    for reading in &mut found {
        reading.remark("against the names");
    }
    found
}
