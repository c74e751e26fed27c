//! The forms of a scheme: a matrix with arrays beside it, one array with everything, Shu-Osher arrays, Williamson's registers.

use std::collections::BTreeSet;

use num_traits::{One, Zero};

use super::array::Array;
use super::layout;
use super::reading::Reading;
use super::row::{Cell, Row, close, is_lower, sums};
use crate::language::diagnostic::Span;
use crate::language::limits;
use crate::notation::field::Role;
use crate::number::Number;
use crate::number::budget::{self, Budget};

/// A matrix, perhaps with nodes and weights, and the indices of the arrays that it explains.
pub(super) type Form = (Reading, Vec<usize>);

/// The forms that a list of arrays may have.
pub(super) fn forms(arrays: &[&Array], budget: &mut Budget) -> Vec<Form> {
    let is_nodes = |at: &usize| arrays[*at].hint == Some(Role::Nodes);
    let others: Vec<usize> = (0..arrays.len()).filter(|at| !is_nodes(at)).collect();
    let mut forms: Vec<Form> = Vec::new();
    let mut add = |reading: Option<Reading>| {
        forms.extend(reading.map(|reading| (reading, others.clone())));
    };
    if let [one] = arrays {
        (1..=3).for_each(|weights| add(one_array(one, weights)));
    }
    let mut is_named = false;
    if let [a, b] = *others {
        for (a, b) in [(arrays[a], arrays[b]), (arrays[b], arrays[a])] {
            add(shu_osher(a, b, budget));
            add(low_storage(a, b, budget));
            is_named |= is_called(a, ALPHA) && is_called(b, BETA);
        }
    }
    if forms.is_empty() || !is_named {
        forms.extend(matrices(arrays));
    }
    forms
}

/// The matrices in each layout: those that are called so, else those that are written in rows, else flat lists.
fn matrices(arrays: &[&Array]) -> Vec<Form> {
    let vectors = arrays.iter().filter_map(|array| array.as_vector());
    let sizes: BTreeSet<usize> = vectors.map(|row| row.len()).collect();
    let candidates = arrays.iter().enumerate();
    let mut found = Vec::new();
    for (at, array) in candidates.filter(|(_, array)| array.may_be_matrix()) {
        let mut nested = layout::nested(array);
        if nested.is_empty() {
            nested.extend(layout::without_second(array, arrays));
        }
        let (rank, matrices) = if nested.is_empty() {
            (2, layout::flat(array, &sizes))
        } else {
            (1, nested)
        };
        for matrix in matrices {
            let mut reading = Reading::of(matrix.rows, Vec::new());
            reading.has_all_rows = matrix.has_all_rows;
            let layout = Some(matrix.layout).filter(|layout| !layout.is_empty());
            let layout = layout.map_or_else(String::new, |layout| format!(" ({layout})"));
            reading.note(array, &format!("matrix{layout}"));
            found.push((array.hint.map_or(rank, |_| 0), (reading, vec![at])));
        }
    }
    let best = found.iter().map(|(rank, _)| *rank).min();
    found.retain(|(rank, _)| Some(*rank) == best);
    found.into_iter().map(|(_, form)| form).collect()
}

/// One array: the nodes in its first column, the weights in so many last rows.
fn one_array(array: &Array, weights: usize) -> Option<Reading> {
    let stages = array.rows.len().checked_sub(weights)?;
    let (upper, lower) = array.rows.split_at(stages);
    let length = |row: &Row| (1..=stages + 1).contains(&row.len());
    // Of a matrix of two rows, too much fits by chance.
    let may_be = stages > 1 || (stages == 1 && array.hint.is_none());
    if !may_be || !array.rows.iter().all(length) {
        return None;
    }
    let nodes = upper.iter().map(|row| row.cells[0].clone());
    let nodes = Row::new(nodes.collect(), array.span);
    let after = |row: &Row, start: usize| {
        let cells = row.cells[start..].to_vec();
        Row::new(cells, row.span).padded(stages)
    };
    let rows: Vec<_> = upper.iter().map(|row| after(row, 1)).collect();
    // Weights have a label before them, or are shorter by one.
    let label = lower[0].len().checked_sub(stages)?;
    let weights: Vec<_> = lower.iter().map(|row| after(row, label)).collect();
    let are_weights = |row: &Row| row.len() == lower[0].len();
    let are_weights =
        lower.iter().all(are_weights) && weights.iter().all(|row| close(row.sum(), 1.0));
    let is_sum = |(node, sum): (&Number, f64)| close(node.to_f64(), sum);
    let are_nodes = nodes.numbers().zip(sums(&rows)).all(is_sum);
    if !are_weights || !are_nodes || (nodes.is_zero() && stages > 1) {
        return None;
    }
    let mut reading = Reading::of(rows, weights);
    reading.nodes = Some(nodes);
    reading.note(array, "one array; first column: nodes");
    let rows = if lower.len() > 1 { "rows" } else { "row" };
    reading.remark(&format!("last {rows}: weights"));
    Some(reading)
}

const ALPHA: [&str; 2] = ["alpha", "α"];
const BETA: [&str; 2] = ["beta", "β"];

/// Returns true if the name holds one of these words.
fn is_called(array: &Array, words: [&str; 2]) -> bool {
    let name = array.short().to_lowercase();
    words.iter().any(|word| name.contains(word))
}

/// Shu–Osher arrays: `u_i = Σ α_ij u_j + h·β_ij·f(u_j)`, the last row of which is the result.
fn shu_osher(alpha: &Array, beta: &Array, budget: &mut Budget) -> Option<Reading> {
    // A first row of zeros stands for the first stage.
    let [alphas, betas] =
        [alpha, beta].map(|array| &array.rows[usize::from(array.rows[0].is_zero())..]);
    let are_rows = !alpha.is_vector && !beta.is_vector && alphas.len() == betas.len();
    let are_shares = alphas.iter().all(|row| close(row.sum(), 1.0));
    if !are_rows || !are_shares || !is_lower(alphas, 1) || !is_lower(betas, 1) {
        return None;
    }
    let stages = alphas.len();
    let mut results = vec![vec![Number::zero(); stages]];
    for (alphas, betas) in alphas.iter().zip(betas) {
        let mut next = betas.padded(stages).numbers().cloned().collect();
        for (alpha, earlier) in alphas.numbers().zip(&results) {
            next = add_scaled(next, alpha, earlier, budget)?;
        }
        results.push(next);
    }
    let mut reading = computed(results, alpha.span)?;
    reading.note(alpha, "Shu-Osher coefficients of the stages");
    reading.note(beta, "Shu-Osher coefficients of the derivatives");
    // Names may claim what the numbers do not confirm.
    let is_named = is_called(alpha, ALPHA) && is_called(beta, BETA);
    let against = is_called(alpha, BETA) || is_called(beta, ALPHA);
    reading.contradictions = usize::from(against);
    (is_named || close(reading.weights[0].sum(), 1.0)).then_some(reading)
}

/// Williamson's registers: `q = A_i q + h f(u)`, `u = u + B_i q`.
fn low_storage(a: &Array, b: &Array, budget: &mut Budget) -> Option<Reading> {
    let (mut first, second) = (a.as_vector()?, b.as_vector()?);
    let stages = second.len();
    if first.len() + 1 == stages {
        first.cells.insert(0, Cell::zero(a.span));
    }
    let are_vectors = a.is_vector && b.is_vector && first.len() == stages && stages > 1;
    if !are_vectors || !first.cells[0].number.is_zero() {
        return None;
    }
    let zeros = vec![Number::zero(); stages];
    let (mut register, mut results) = (zeros.clone(), vec![zeros.clone()]);
    for (i, (a, b)) in first.numbers().zip(second.numbers()).enumerate() {
        register = add_scaled(zeros.clone(), a, &register, budget)?;
        register[i] = Number::one();
        results.push(add_scaled(results[i].clone(), b, &register, budget)?);
    }
    let mut reading = computed(results, a.span)?;
    let note = "A of a low-storage scheme with two registers (Williamson 1980)";
    reading.note(a, note);
    reading.note(b, "B of a low-storage scheme");
    let against = a.hint == Some(Role::Weights) || b.hint == Some(Role::Matrix);
    reading.contradictions = usize::from(against);
    close(reading.weights[0].sum(), 1.0).then_some(reading)
}

/// `numbers + factor·others`, if the budget affords it.
fn add_scaled(
    mut numbers: Vec<Number>,
    factor: &Number,
    others: &[Number],
    budget: &mut Budget,
) -> Option<Vec<Number>> {
    for (number, other) in numbers.iter_mut().zip(others) {
        if !factor.is_zero() && !other.is_zero() {
            let steps = budget::operation([&*number, factor, other]);
            budget.spend(steps).ok()?;
            *number = &*number + &(factor * other);
        }
    }
    Some(numbers)
}

/// A scheme of computed rows: the stages, and the result after them.
fn computed(results: Vec<Vec<Number>>, span: Span) -> Option<Reading> {
    let rows = results.into_iter().map(|row| Row::computed(row, span));
    let mut rows: Vec<_> = rows.collect::<Option<_>>()?;
    let weights = vec![rows.pop()?];
    let fits = (1..=limits::STAGES).contains(&rows.len());
    fits.then(|| Reading::of(rows, weights))
}
