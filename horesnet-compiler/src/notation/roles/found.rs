//! All readings of the arrays of one part: as Butcher arrays with each candidate for the matrix, and in other forms.

use super::array::Array;
use super::butcher::Butcher;
use super::problems::unexplained;
use super::reading::{Reading, place};
use super::shape::{self, Matrix};
use super::{single, theories};
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::Role;
use crate::number::budget::Budget;

/// The readings found so far.
pub(super) struct Found<'a> {
    pub(super) text: &'a str,
    pub(super) readings: Vec<Reading>,
    pub(super) unexplained: Option<Diagnostic>,
    pub(super) foreign: Option<Diagnostic>,
    /// The two schemes of an additive pair.
    pub(super) pair: Option<Vec<Reading>>,
}

impl<'a> Found<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            readings: Vec::new(),
            unexplained: None,
            foreign: None,
            pair: None,
        }
    }

    /// Readings as Butcher arrays, with each array that may be the matrix.
    pub(super) fn butcher(&mut self, arrays: &[&Array], budget: &mut Budget) {
        let candidates = candidates(arrays);
        let named: Vec<_> = { candidates.iter() }
            .filter(|(at, _)| arrays[*at].hint() == Some(Role::Matrix))
            .cloned()
            .collect();
        let candidates = if named.is_empty() { candidates } else { named };
        for (at, matrix) in &candidates {
            self.with_matrix(arrays, *at, matrix, true, budget);
        }
    }

    /// Readings in which names do not count.
    pub(super) fn by_mathematics(&mut self, arrays: &[&Array], budget: &mut Budget) {
        for (at, matrix) in &candidates(arrays) {
            self.with_matrix(arrays, *at, matrix, false, budget);
        }
    }

    fn with_matrix(
        &mut self,
        arrays: &[&Array],
        at: usize,
        matrix: &Matrix,
        use_names: bool,
        budget: &mut Budget,
    ) {
        let others: Vec<&Array> = { arrays.iter().enumerate() }
            .filter(|(other, _)| *other != at)
            .map(|(_, array)| *array)
            .collect();
        let attempt = Butcher {
            matrix,
            matrix_array: arrays[at],
            others: &others,
            text: self.text,
            use_names,
        };
        match attempt.readings(budget) {
            Ok(found) => self.readings.extend(found),
            Err(other) => {
                let second = others[other];
                let same_size = shape::matrices(second)
                    .into_iter()
                    .find(|other| other.stages() == matrix.stages() && !second.is_vector);
                if let Some(second_matrix) = same_size {
                    self.two_matrices(
                        (arrays[at], matrix),
                        (second, &second_matrix),
                        &others,
                        budget,
                    );
                }
                let problem = unexplained(second, arrays[at], matrix.stages());
                self.unexplained.get_or_insert(problem);
            }
        }
    }

    /// A second matrix: another theory, or an additive pair.
    fn two_matrices(
        &mut self,
        first: (&Array, &Matrix),
        second: (&Array, &Matrix),
        others: &[&Array],
        budget: &mut Budget,
    ) {
        if let Some(problem) = theories::foreign(first.1, first.0, second.0, second.1) {
            self.foreign.get_or_insert(problem);
            return;
        }
        if self.pair.is_some() {
            return;
        }
        let decorations = [first.0, second.0].map(|array| theories::decoration(&array.name));
        let schemes = [(first, 0), (second, 1)].map(|((array, matrix), own)| {
            let rest = others
                .iter()
                .filter(|other| other.span != first.0.span && other.span != second.0.span);
            // Weights and nodes with the other matrix's mark are that matrix's.
            let theirs = |other: &&Array| {
                let decoration = theories::decoration(&other.name);
                decoration == decorations[1 - own] && decorations[0] != decorations[1]
            };
            let ours = |other: &Array| theories::decoration(&other.name) == decorations[own];
            let is_weights = |array: &Array| {
                matches!(
                    array.hint(),
                    Some(Role::Weights | Role::Embedded(_) | Role::Second)
                )
            };
            let rest: Vec<&Array> = rest.copied().collect();
            let has_own = rest.iter().any(|other| ours(other) && is_weights(other));
            // Weights without a mark are shared.
            let rest: Vec<&Array> = rest
                .into_iter()
                .filter(|other| !theirs(other) || (!has_own && is_weights(other)))
                .collect();
            let plain: Vec<Array> = { rest.iter() }
                .filter(|other| !has_own || ours(other) || !is_weights(other))
                .map(|other| {
                    let mut plain = (*other).clone();
                    // `b_hat` is the weights of `A_hat`.
                    let mut letters = theories::short(other).chars();
                    let letter = letters.find(|c| "bcBCwW".contains(*c));
                    if ours(other)
                        && let Some(letter) = letter
                    {
                        plain.name = letter.to_string();
                    }
                    plain
                })
                .collect();
            let plain: Vec<&Array> = plain.iter().collect();
            let attempt = Butcher {
                matrix,
                matrix_array: array,
                others: &plain,
                text: self.text,
                use_names: true,
            };
            let mut found = attempt.readings(budget).unwrap_or_default();
            found.sort_by_key(|reading| reading.contradictions);
            found.into_iter().next().map(|mut reading| {
                let kind = if matrix.is_explicit() {
                    "explicit"
                } else {
                    "implicit"
                };
                reading.label = Some(format!("{kind} part: {}", theories::short(array)));
                let whole = format!(
                    "one of the two schemes of {} and {}; coupling conditions are not checked",
                    place(first.0, self.text),
                    place(second.0, self.text)
                );
                reading.notes.push(whole);
                reading
            })
        });
        let [Some(first), Some(second)] = schemes else {
            return;
        };
        self.pair = Some(vec![first, second]);
    }

    /// One array, Shu-Osher arrays, low-storage schemes.
    pub(super) fn other_forms(&mut self, arrays: &[&Array]) {
        let matrices: Vec<_> = arrays.iter().filter(|array| !array.is_vector).collect();
        match (matrices.as_slice(), arrays.len()) {
            ([one], 1) => self.readings.extend(single::one_array(one, self.text)),
            ([alpha, beta], 2) => {
                let both = [(alpha, beta), (beta, alpha)];
                self.readings.extend(
                    both.iter()
                        .filter_map(|(alpha, beta)| single::shu_osher(alpha, beta, self.text)),
                );
            }
            ([], 2 | 3) => self.low_storage(arrays),
            _ => {}
        }
    }

    fn low_storage(&mut self, arrays: &[&Array]) {
        let nodes = |array: &Array| array.hint() == Some(Role::Nodes);
        let registers: Vec<_> = arrays.iter().filter(|array| !nodes(array)).collect();
        let c = arrays.iter().find(|array| nodes(array)).copied();
        if let ([a, b], true) = (registers.as_slice(), arrays.len() == 2 || c.is_some()) {
            for (a, b) in [(a, b), (b, a)] {
                let mut reading = single::low_storage(a, b, c, self.text);
                if let Some(reading) = &mut reading {
                    let against = a.hint() == Some(Role::Weights) || b.hint() == Some(Role::Matrix);
                    reading.contradictions += usize::from(against);
                }
                self.readings.extend(reading);
            }
        }
    }
}

/// The arrays that may be the matrix, with their layouts; flat lists if there is no other.
fn candidates(arrays: &[&Array]) -> Vec<(usize, Matrix)> {
    let matrices = arrays.iter().enumerate().flat_map(|(at, array)| {
        shape::matrices(array)
            .into_iter()
            .map(move |matrix| (at, matrix))
    });
    let not_weights = |(at, _): &(usize, Matrix)| {
        !matches!(
            arrays[*at].hint(),
            Some(Role::Weights | Role::Embedded(_) | Role::Second | Role::Nodes)
        )
    };
    let found: Vec<_> = matrices.filter(not_weights).collect();
    if !found.is_empty() {
        return found;
    }
    let lengths: std::collections::BTreeSet<usize> = arrays
        .iter()
        .filter(|array| array.is_vector)
        .filter_map(|array| Some(array.rows.first()?.len()))
        .collect();
    let flat = |(at, array)| {
        let sizes = lengths
            .iter()
            .flat_map(move |stages| shape::flat(array, *stages));
        sizes.map(move |matrix| (at, matrix))
    };
    arrays.iter().copied().enumerate().flat_map(flat).collect()
}
