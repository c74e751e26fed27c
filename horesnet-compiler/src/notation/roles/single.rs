//! Forms other than Butcher arrays: one array with nodes and weights in it, Shu–Osher arrays, Williamson's registers.

use num_traits::{One, Zero};

use super::array::{Array, Cell, Row, close};
use super::reading::{Reading, place};
use super::shape::Matrix;
use crate::language::diagnostic::Span;
use crate::number::Number;

/// One array: the nodes in its first column, the weights in its last rows.
pub(super) fn one_array(array: &Array, text: &str) -> Vec<Reading> {
    let most = array.rows.len().min(crate::language::limits::STAGES + 3);
    let mut found = Vec::new();
    for stages in most.saturating_sub(3).max(1)..most {
        let (stage_rows, weights) = array.rows.split_at(stages);
        let split = |row: &Row| {
            let (first, rest) = row.cells.split_first()?;
            Some((
                first.clone(),
                Row {
                    cells: rest.to_vec(),
                    span: row.span,
                },
            ))
        };
        let rows: Option<Vec<_>> = stage_rows.iter().map(split).collect();
        let Some((nodes, rows)) = rows.map(|rows| rows.into_iter().unzip::<_, _, Vec<_>, Vec<_>>())
        else {
            continue;
        };
        let fits = rows
            .iter()
            .all(|row| row.len() <= stages && row.numbers().skip(stages).all(Zero::is_zero));
        let is_sum = |(node, row): (&Cell, &Row)| close(&node.number, &row.sum());
        // Weights have a label before them, or are shorter by one.
        let labelled = |row: &Row| {
            row.cells
                .first()
                .is_some_and(|cell| row.len() == stages + 1 || cell.is_blank)
        };
        let unlabelled = weights
            .iter()
            .all(|row| row.len() == stages && !row.cells.first().is_some_and(|cell| cell.is_blank));
        let weights: Vec<Row> = match weights.iter().all(labelled) {
            true => weights
                .iter()
                .filter_map(split)
                .map(|(_, row)| row)
                .collect(),
            false if unlabelled => weights.to_vec(),
            false => continue,
        };
        let right = weights
            .iter()
            .all(|row| row.len() <= stages && close(&row.sum(), &Number::one()));
        let trivial = nodes.iter().all(|node| node.number.is_zero()) && stages > 1;
        if !fits || !right || trivial || !nodes.iter().zip(&rows).all(is_sum) {
            continue;
        }
        let shown = place(array, text);
        let what = if weights.len() > 1 {
            "last rows: weights"
        } else {
            "last row: weights"
        };
        found.push(Reading {
            nodes: Some(Row {
                cells: nodes,
                span: array.span,
            }),
            matrix: Matrix {
                rows: rows.iter().map(|row| row.padded(stages)).collect(),
                layout: None,
                is_headless: false,
            },
            weights: weights.iter().map(|row| row.padded(stages)).collect(),
            notes: vec![
                format!("{shown}: one array; first column: nodes"),
                what.to_owned(),
            ],
            contradictions: 0,
            label: None,
        });
    }
    found
}

/// Shu–Osher arrays: `u_i = Σ α_ij u_j + h·β_ij·f(u_j)`, the last row of which is the result.
pub(super) fn shu_osher(alpha: &Array, beta: &Array, text: &str) -> Option<Reading> {
    let rows = |array: &Array| -> Vec<Row> {
        // A first row of zeros stands for the first stage.
        let head = usize::from(
            array
                .rows
                .first()
                .is_some_and(|row| row.numbers().all(Zero::is_zero)),
        );
        array.rows.iter().skip(head).cloned().collect()
    };
    let (alphas, betas) = (rows(alpha), rows(beta));
    let stages = alphas.len();
    let lower = |rows: &[Row]| {
        rows.iter()
            .enumerate()
            .all(|(i, row)| row.numbers().skip(i + 1).all(Zero::is_zero))
    };
    let sums = alphas.iter().all(|row| close(&row.sum(), &Number::one()));
    if stages == 0
        || stages > crate::language::limits::STAGES
        || betas.len() != stages
        || !sums
        || !lower(&alphas)
        || !lower(&betas)
    {
        return None;
    }
    let mut results: Vec<Vec<Number>> = vec![vec![Number::zero(); stages]];
    for (alphas, betas) in alphas.iter().zip(&betas) {
        let mut result = vec![Number::zero(); stages];
        for (alpha, earlier) in alphas.numbers().zip(&results) {
            if !alpha.is_zero() {
                result
                    .iter_mut()
                    .zip(earlier)
                    .for_each(|(sum, number)| *sum = &*sum + &(alpha * number));
            }
        }
        result
            .iter_mut()
            .zip(betas.numbers())
            .for_each(|(sum, beta)| *sum = &*sum + beta);
        results.push(result);
    }
    let notes = vec![
        format!(
            "{}: Shu-Osher coefficients of the stages",
            place(alpha, text)
        ),
        format!(
            "{}: Shu-Osher coefficients of the derivatives",
            place(beta, text)
        ),
    ];
    Some(computed(results, alpha.span, notes))
}

/// Williamson's registers: `q = A_i q + h f(u)`, `u = u + B_i q`.
pub(super) fn low_storage(
    a: &Array,
    b: &Array,
    nodes: Option<&Array>,
    text: &str,
) -> Option<Reading> {
    let (mut first, second) = (a.as_vector()?, b.as_vector()?);
    if first.len() + 1 == second.len() {
        first.cells.insert(0, Cell::zero(a.span));
    }
    let stages = second.len();
    let begins = first
        .cells
        .first()
        .is_some_and(|cell| cell.number.is_zero());
    if first.len() != stages || !begins || !(2..=crate::language::limits::STAGES).contains(&stages)
    {
        return None;
    }
    let mut register = vec![Number::zero(); stages];
    let mut results = vec![vec![Number::zero(); stages]];
    for (i, (a, b)) in first.numbers().zip(second.numbers()).enumerate() {
        register = register.iter().map(|number| a * number).collect();
        register[i] = &register[i] + &Number::one();
        let last = results.last()?;
        let result = last.iter().zip(&register).map(|(u, q)| u + &(b * q));
        results.push(result.collect());
    }
    let notes = vec![
        format!(
            "{}: A of a low-storage scheme with two registers (Williamson 1980)",
            place(a, text)
        ),
        format!("{}: B of a low-storage scheme", place(b, text)),
    ];
    let mut reading = computed(results, a.span, notes);
    if !close(&reading.weights.first()?.sum(), &Number::one()) {
        return None;
    }
    if let Some(array) = nodes {
        let row = array.as_vector().filter(|row| row.len() == stages)?;
        let sums = reading.matrix.row_sums();
        reading.contradictions +=
            usize::from(!row.numbers().zip(&sums).all(|(node, sum)| close(node, sum)));
        reading.nodes = Some(row);
        reading.notes.push(format!("{}: nodes", place(array, text)));
    }
    Some(reading)
}

/// A scheme of computed numbers: the stages, and the result after them.
fn computed(mut results: Vec<Vec<Number>>, span: Span, notes: Vec<String>) -> Reading {
    let row = |numbers: Vec<Number>| Row {
        cells: numbers
            .into_iter()
            .map(|number| Cell::of(number, span))
            .collect(),
        span,
    };
    let weights = results.pop().map(row);
    Reading {
        nodes: None,
        matrix: Matrix {
            rows: results.into_iter().map(row).collect(),
            layout: None,
            is_headless: false,
        },
        weights: weights.into_iter().collect(),
        notes,
        contradictions: 0,
        label: None,
    }
}
