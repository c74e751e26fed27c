//! Chooses between the readings of one part of a program, or lists them.

use super::array::Array;
use super::butcher::Butcher;
use super::reading::{Reading, place};
use super::shape::{self, Matrix};
use super::{single, theories};
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

/// What a tableau has.
const SHAPE: &str = "a tableau has a matrix `A` and weights `b`; `c`, `order`, `bhat` and `embedded_order` are optional";

/// The readings of a part: one, or the two of an additive pair.
pub(super) fn readings(part: &Part, text: &str, number: Option<usize>, budget: &mut Budget) -> Result<Vec<Reading>, Diagnostic> {
    let arrays: Vec<&Array> = part.arrays.iter().collect();
    // What a value would have been is unknown, unless it was the nodes as sums of rows.
    let lost = part.unread.iter().find(|(item, _)| !(item.sums && crate::notation::field::role(&item.name) == Some(Role::Nodes)));
    if let Some((_, problem)) = lost {
        return Err(problem.clone());
    }
    for array in &arrays {
        if let Some(Role::Embedded(row @ 2..)) = array.hint()
            && !arrays.iter().any(|other| other.hint() == Some(Role::Embedded(row - 1)))
        {
            let ((name, _), (needed, _)) = (weights_names(row), weights_names(row - 1));
            return Err(Diagnostic::at(array.span, format!("`{name}` is given without `{needed}`")));
        }
    }
    if let Some(problem) = theories::by_names(&arrays) {
        return Err(problem);
    }
    let mut found = Found { text, readings: Vec::new(), unexplained: None, foreign: None, pair: None };
    found.other_forms(&arrays);
    let shu_osher = found.readings.iter().any(|_| theories::are_alpha_and_beta(&arrays));
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
    let least = found.readings.first().map_or(0, |reading| reading.contradictions);
    for reading in found.readings {
        let same = consistent.iter().any(|other| other.equals(&reading));
        if reading.contradictions == least && !same {
            consistent.push(reading);
        }
    }
    // Names that the numbers contradict may be exchanged, if other roles fit all.
    let has_nodes = consistent.first().is_some_and(|reading| reading.nodes.is_some());
    if least > 0 && arrays.iter().any(|array| array.hint().is_some()) {
        let mut anew = Found { text, readings: Vec::new(), unexplained: None, foreign: None, pair: None };
        anew.by_mathematics(&arrays, budget);
        // A scheme whose nodes are no row sums has a higher order under its names.
        let named = consistent.iter().filter_map(|reading| reading.orders(budget)?.first().copied()).max().unwrap_or(0);
        let fitting = anew.readings.into_iter().filter(|reading| reading.contradictions == 0 && reading.nodes.is_some() == has_nodes);
        for mut reading in fitting.collect::<Vec<_>>() {
            if reading.orders(budget).is_none_or(|orders| orders.first().is_none_or(|order| *order <= named)) {
                continue;
            }
            reading.notes.push("against the names".to_owned());
            consistent.push(reading);
        }
    }
    if let Some(number) = number
        && consistent.len() > 1
    {
        let count = consistent.len();
        let at = number.checked_sub(1).filter(|at| *at < count);
        let at = at.ok_or_else(|| Diagnostic::whole_file(format!("there is no reading {number}: the text has {count}")))?;
        return Ok(vec![consistent.swap_remove(at)]);
    }
    match consistent.len() {
        1 => Ok(consistent),
        0 => {
            let shape = arrays.iter().find_map(|array| misshapen(array));
            Err(shape.or(found.unexplained).unwrap_or_else(|| missing(&arrays)))
        }
        _ => Err(ambiguous(&consistent)),
    }
}

/// What was found so far.
struct Found<'a> {
    text: &'a str,
    readings: Vec<Reading>,
    unexplained: Option<Diagnostic>,
    foreign: Option<Diagnostic>,
    /// The two schemes of an additive pair.
    pair: Option<Vec<Reading>>,
}

impl Found<'_> {
    /// Readings as Butcher arrays, with each array that may be the matrix.
    fn butcher(&mut self, arrays: &[&Array], budget: &mut Budget) {
        let candidates = candidates(arrays);
        let named: Vec<_> = { candidates.iter() }.filter(|(at, _)| arrays[*at].hint() == Some(Role::Matrix)).cloned().collect();
        let candidates = if named.is_empty() { candidates } else { named };
        for (at, matrix) in &candidates {
            self.with_matrix(arrays, *at, matrix, true, budget);
        }
    }

    /// Readings in which names do not count.
    fn by_mathematics(&mut self, arrays: &[&Array], budget: &mut Budget) {
        for (at, matrix) in &candidates(arrays) {
            self.with_matrix(arrays, *at, matrix, false, budget);
        }
    }

    fn with_matrix(&mut self, arrays: &[&Array], at: usize, matrix: &Matrix, use_names: bool, budget: &mut Budget) {
        let others: Vec<&Array> = { arrays.iter().enumerate() }.filter(|(other, _)| *other != at).map(|(_, array)| *array).collect();
        let attempt = Butcher { matrix, matrix_array: arrays[at], others: &others, text: self.text, use_names };
        match attempt.readings(budget) {
            Ok(found) => self.readings.extend(found),
            Err(other) => {
                let second = others[other];
                let same_size = shape::matrices(second).into_iter().find(|other| other.stages() == matrix.stages() && !second.is_vector);
                if let Some(second_matrix) = same_size {
                    self.two_matrices((arrays[at], matrix), (second, &second_matrix), &others, budget);
                }
                let problem = unexplained(second, arrays[at], matrix.stages());
                self.unexplained.get_or_insert(problem);
            }
        }
    }

    /// A second matrix: another theory, or an additive pair.
    fn two_matrices(&mut self, first: (&Array, &Matrix), second: (&Array, &Matrix), others: &[&Array], budget: &mut Budget) {
        if let Some(problem) = theories::foreign(first.1, first.0, second.0, second.1) {
            self.foreign.get_or_insert(problem);
            return;
        }
        if self.pair.is_some() {
            return;
        }
        let decorations = [first.0, second.0].map(|array| theories::decoration(&array.name));
        let schemes = [(first, 0), (second, 1)].map(|((array, matrix), own)| {
            let rest = others.iter().filter(|other| other.span != first.0.span && other.span != second.0.span);
            // Weights and nodes with the other matrix's mark are that matrix's.
            let theirs = |other: &&Array| {
                let decoration = theories::decoration(&other.name);
                decoration == decorations[1 - own] && decorations[0] != decorations[1]
            };
            let ours = |other: &Array| theories::decoration(&other.name) == decorations[own];
            let is_weights = |array: &Array| matches!(array.hint(), Some(Role::Weights | Role::Embedded(_) | Role::Second));
            let rest: Vec<&Array> = rest.copied().collect();
            let has_own = rest.iter().any(|other| ours(other) && is_weights(other));
            // Weights without a mark are shared.
            let rest: Vec<&Array> = rest.into_iter().filter(|other| !theirs(&other) || (!has_own && is_weights(other))).collect();
            let plain: Vec<Array> = { rest.iter() }
                .filter(|other| !has_own || ours(other) || !is_weights(other))
                .map(|other| {
                    let mut plain = (*other).clone();
                    // `b_hat` is the weights of `A_hat`.
                    let letter = plain.name.rsplit('.').next().unwrap_or_default().chars().find(|c| "bcBCwW".contains(*c));
                    if ours(other) && let Some(letter) = letter {
                        plain.name = letter.to_string();
                    }
                    plain
                })
                .collect();
            let plain: Vec<&Array> = plain.iter().collect();
            let attempt = Butcher { matrix, matrix_array: array, others: &plain, text: self.text, use_names: true };
            let mut found = attempt.readings(budget).unwrap_or_default();
            found.sort_by_key(|reading| reading.contradictions);
            found.into_iter().next().map(|mut reading| {
                let kind = if matrix.is_explicit() { "explicit" } else { "implicit" };
                reading.label = Some(format!("{kind} part: {}", theories::short(array)));
                let whole = format!("one of the two schemes of {} and {}; coupling conditions are not checked", place(first.0, self.text), place(second.0, self.text));
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
    fn other_forms(&mut self, arrays: &[&Array]) {
        let matrices: Vec<_> = arrays.iter().filter(|array| !array.is_vector).collect();
        match (matrices.as_slice(), arrays.len()) {
            ([one], 1) => self.readings.extend(single::one_array(one, self.text)),
            ([alpha, beta], 2) => {
                let both = [(alpha, beta), (beta, alpha)];
                self.readings.extend(both.iter().filter_map(|(alpha, beta)| single::shu_osher(alpha, beta, self.text)));
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

/// The problem of an array without a part.
fn unexplained(array: &Array, matrix: &Array, stages: usize) -> Diagnostic {
    let length = array.as_vector().map(|row| row.len());
    let short = theories::short(array);
    let headline = match (array.hint(), length) {
        (Some(Role::Nodes), Some(length)) => format!("expected as many nodes {} as rows of {}: {stages}, found {length}", array.shown(), matrix.shown()),
        (Some(Role::Weights | Role::Embedded(_)), Some(length)) => {
            format!("expected as many weights {} as rows of {}: {stages}, found {length}", array.shown(), matrix.shown())
        }
        _ => format!("no part of a tableau explains {}", array.shown()),
    };
    let problem = Diagnostic::at(array.span, headline);
    let help = match short {
        "" => "remove it, or give it a name".to_owned(),
        short => format!("rename it, or leave it out: `--ignore {short}`"),
    };
    problem.note(format!("with {} as the matrix of {stages} stages", matrix.shown())).help(help)
}

/// The problem of a matrix whose rows have lengths of no layout.
fn misshapen(array: &Array) -> Option<Diagnostic> {
    let stages = array.rows.len();
    let is_misshapen = !array.is_vector && array.hint() == Some(Role::Matrix) && shape::matrices(array).is_empty();
    let square = array.rows.first().is_some_and(|row| row.len() > 1);
    let expected = |i: usize| if square { stages } else { i };
    let mut rows = array.rows.iter().enumerate();
    let (i, row) = rows.find(|(i, row)| row.len() != expected(*i)).filter(|_| is_misshapen)?;
    let s = |count: usize| if count == 1 { "y" } else { "ies" };
    let headline = format!("stage row {} has {} entr{}, expected {}", i + 1, row.len(), s(row.len()), expected(i));
    Some(Diagnostic::at(row.span, headline).help("a matrix is square, or has the entries below its diagonal only"))
}

/// The arrays that may be the matrix, with their layouts; flat lists if there is no other.
fn candidates(arrays: &[&Array]) -> Vec<(usize, Matrix)> {
    let matrices = arrays.iter().enumerate().flat_map(|(at, array)| shape::matrices(array).into_iter().map(move |matrix| (at, matrix)));
    let not_weights = |(at, _): &(usize, Matrix)| !matches!(arrays[*at].hint(), Some(Role::Weights | Role::Embedded(_) | Role::Second | Role::Nodes));
    let found: Vec<_> = matrices.filter(not_weights).collect();
    if !found.is_empty() {
        return found;
    }
    let lengths: std::collections::BTreeSet<usize> = arrays.iter().filter(|array| array.is_vector).filter_map(|array| Some(array.rows.first()?.len())).collect();
    let flat = |(at, array)| {
        let sizes = lengths.iter().flat_map(move |stages| shape::flat(array, *stages));
        sizes.map(move |matrix| (at, matrix))
    };
    arrays.iter().copied().enumerate().flat_map(flat).collect()
}

fn missing(arrays: &[&Array]) -> Diagnostic {
    let mut empty = arrays.iter().filter(|array| array.hint() == Some(Role::Matrix) && array.rows.iter().all(|row| row.len() == 0));
    if let Some(empty) = empty.next() {
        return Diagnostic::at(empty.span, "expected stages, found none").help(SHAPE);
    }
    let has = |wanted: fn(Role) -> bool| arrays.iter().any(|array| array.hint().is_some_and(wanted));
    let what = match (has(|role| role == Role::Matrix), has(|role| role == Role::Weights)) {
        (false, _) => "A",
        (true, false) => "b",
        (true, true) => {
            let shown: Vec<_> = arrays.iter().map(|array| array.shown()).collect();
            let headline = format!("no tableau has the shape of {}", shown.join(", "));
            let span = arrays.first().map(|array| array.span).unwrap_or_default();
            return Diagnostic::at(span, headline).help(SHAPE);
        }
    };
    Diagnostic::whole_file(format!("missing `{what}`")).help(SHAPE)
}

fn ambiguous(readings: &[Reading]) -> Diagnostic {
    const SHOWN: usize = 6;
    let headline = format!("this text has {} readings", readings.len());
    let mut problem = Diagnostic::whole_file(headline);
    for (at, reading) in readings.iter().take(SHOWN).enumerate() {
        problem = problem.note(format!("{}: {}", at + 1, reading.line()));
    }
    problem.help("choose one: `--as 1`, or rename the arrays to `A`, `b`, `c`, `bhat`")
}
