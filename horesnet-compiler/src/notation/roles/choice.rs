//! Chooses between the readings of the arrays of one scheme, or lists them.

use super::array::Array;
use super::pair::pair;
use super::problem::{ambiguous, misshapen, missing, no_number};
use super::reading::Reading;
use super::search::search;
use super::theory::foreign;
use crate::language::diagnostic::Diagnostic;
use crate::number::budget::Budget;

/// The readings of some arrays: one, or the two of an additive pair.
pub(super) fn readings(
    arrays: &[&Array],
    number: Option<usize>,
    budget: &mut Budget,
) -> Result<Vec<Reading>, Diagnostic> {
    if arrays.is_empty() {
        return Err(missing(arrays));
    }
    let (mut found, unexplained) = search(arrays, true, budget);
    let Some(first) = found.first() else {
        let problem = foreign(arrays).or_else(|| arrays.iter().find_map(|array| misshapen(array)));
        let problem = problem.or(unexplained).unwrap_or_else(|| missing(arrays));
        return pair(arrays, budget)
            .filter(|_| foreign(arrays).is_none())
            .ok_or(problem);
    };
    if first.contradictions > 0 {
        let exchanged = exchanged(arrays, &found, budget);
        found.extend(exchanged);
    }
    let count = found.len();
    match number {
        _ if count == 1 => Ok(found),
        None => Err(ambiguous(&found)),
        Some(number) if (1..=count).contains(&number) => Ok(vec![found.swap_remove(number - 1)]),
        Some(number) => Err(no_number("reading", number, count)),
    }
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
        reading.notes.push("against the names".to_owned());
    }
    found
}
