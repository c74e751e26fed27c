//! Two matrices: an additive pair is two schemes.

use super::array::Array;
use super::layout::nested;
use super::reading::Reading;
use super::row::is_lower;
use super::search::search;
use crate::notation::field::{Role, mark, marked};
use crate::number::budget::Budget;

/// The schemes of two matrices with names; each has the arrays with its mark: `hat` of `A_hat` and `b_hat`.
pub(super) fn pair(arrays: &[&Array], budget: &mut Budget) -> Option<Vec<Reading>> {
    let is_matrix = |array: &&Array| !array.is_vector && array.may_be_matrix();
    let sizes = |array: &Array| -> Vec<_> {
        let matrices = nested(array).into_iter();
        matrices.map(|matrix| matrix.rows.len()).collect()
    };
    let (matrices, others): (Vec<_>, Vec<_>) = arrays.iter().copied().partition(is_matrix);
    let &[first, second] = matrices.as_slice() else {
        return None;
    };
    let marks = [mark(&first.name)?, mark(&second.name)?];
    let others_sizes = sizes(second);
    let fits = sizes(first).iter().any(|size| others_sizes.contains(size));
    if !fits || marks[0] == marks[1] {
        return None;
    }
    let mut schemes = Vec::new();
    for (at, array) in [first, second].into_iter().enumerate() {
        let mut group = beside(&others, &marks[at], &marks[1 - at]);
        group.push(array.clone());
        let (mut found, _) = search(&group.iter().collect::<Vec<_>>(), true, budget);
        let mut reading = found.pop().filter(|_| found.is_empty())?;
        let kind = if is_lower(&reading.rows, 0) {
            "explicit"
        } else {
            "implicit"
        };
        reading.label = Some(format!("{kind} part: {}", array.short()));
        let (first, second) = (first.place(), second.place());
        let note = format!("one of the two schemes of {first} and {second}");
        reading.remark(&format!("{note}; coupling conditions are not checked"));
        schemes.push(reading);
    }
    Some(schemes)
}

/// The arrays of the matrix with the mark `own`, and those that it shares with the one with the mark `theirs`.
fn beside(arrays: &[&Array], own: &str, theirs: &str) -> Vec<Array> {
    let (mut ours, mut lent) = (Vec::new(), Vec::new());
    for array in arrays {
        let [by_own, by_theirs] = [own, theirs].map(|mark| marked(&array.name, mark));
        // The longer mark says more.
        let is_theirs = by_theirs.is_some() && (by_own.is_none() || theirs.len() > own.len());
        let hint = if is_theirs { by_theirs } else { by_own };
        let group = if is_theirs { &mut lent } else { &mut ours };
        let mut array = (*array).clone();
        array.hint = hint.or(array.hint);
        group.push(array);
    }
    let is_weights = |array: &Array| !matches!(array.hint, None | Some(Role::Nodes | Role::Matrix));
    // Weights without a mark may serve both.
    if theirs.is_empty() && !ours.iter().any(is_weights) {
        ours.extend(lent.into_iter().filter(is_weights));
    }
    ours
}
