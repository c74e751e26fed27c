//! Stages that could be left out: unused ones, equivalent ones, and nodes that occur more than once.

use nalgebra::{DMatrix, DVector};
use num_traits::Zero;

use super::effort::{Effort, Figure};
use super::scaled::{Scaled, sum};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// Stages that the given rows of weights reach, ascending, from 0.
pub(crate) fn reached<'a>(
    matrix: &DMatrix<Number>,
    weights: impl IntoIterator<Item = &'a DVector<Number>>,
) -> Vec<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut reached = vec![false; matrix.nrows()];
    for row in weights {
        open.extend((0..row.len()).filter(|&i| !row[i].is_zero()));
    }
    while let Some(i) = open.pop() {
        if !std::mem::replace(&mut reached[i], true) {
            open.extend((0..matrix.ncols()).filter(|&j| !matrix[(i, j)].is_zero()));
        }
    }
    (0..reached.len()).filter(|&i| reached[i]).collect()
}

/// Stages, from 1, that no row of weights reaches: the scheme is DJ-reducible if there are any
/// (Hairer, Wanner 1996, Def. IV.12.15; Dahlquist, Jeltsch 1979).
#[must_use]
pub fn unused_stages(tableau: &Tableau) -> Vec<usize> {
    let weights = tableau.weights.iter().map(|row| &row.values);
    let reached = reached(&tableau.matrix, weights);
    (1..=tableau.stages())
        .filter(|number| !reached.contains(&(number - 1)))
        .collect()
}

/// Classes of stages, from 1, that are the same whatever the problem: the scheme is HS-reducible if there are any
/// (Hairer, Wanner 1996, Def. IV.12.17; Hundsdorfer, Spijker 1981).
///
/// The coarsest partition in which equivalent stages give every class the same sum of coefficients; rounded
/// coefficients are taken as they are written.
pub fn equivalent_stages(tableau: &Tableau) -> Figure<Vec<Vec<usize>>> {
    let mut classes = classes(&tableau.matrix)?;
    classes.retain(|class| class.len() > 1);
    let numbered = classes.into_iter();
    Ok(numbered
        .map(|class| class.into_iter().map(|stage| stage + 1).collect())
        .collect())
}

/// All classes of equivalent stages, from 0, those of one stage included.
pub(crate) fn classes(matrix: &DMatrix<Number>) -> Figure<Vec<Vec<usize>>> {
    let stages = matrix.nrows();
    let effort = &mut Effort::new();
    let scaled = Scaled::of(matrix, effort)?;
    let one = Number::from(1);
    let mut class_of = vec![0_usize; stages];
    let mut classes = 1;
    loop {
        effort.spend((stages * stages) as f64 * 50.0)?;
        // What tells two stages apart: their class, and the sums over the classes.
        let mut kinds: Vec<(usize, Vec<Number>)> = Vec::new();
        let mut refined = Vec::new();
        for (i, row) in scaled.matrix.row_iter().enumerate() {
            let total = |class: usize| {
                let members = row.iter().zip(&class_of).filter(|(_, of)| **of == class);
                sum(members.map(|(a, _)| (a, &one)))
            };
            let kind = (class_of[i], (0..classes).map(total).collect::<Vec<_>>());
            let at = kinds.iter().position(|other| *other == kind);
            refined.push(at.unwrap_or(kinds.len()));
            if at.is_none() {
                kinds.push(kind);
            }
        }
        let stable = kinds.len() == classes;
        (class_of, classes) = (refined, kinds.len());
        if stable {
            break;
        }
    }
    let members = |class| {
        let stages = 0..stages;
        stages
            .filter(|&stage| class_of[stage] == class)
            .collect::<Vec<_>>()
    };
    Ok((0..classes).map(members).collect())
}

/// Groups of stages, from 1, that share a node.
#[must_use]
pub fn confluent_nodes(tableau: &Tableau) -> Vec<Vec<usize>> {
    let mut groups: Vec<(&Number, Vec<usize>)> = Vec::new();
    for (i, node) in tableau.nodes.iter().enumerate() {
        match groups.iter_mut().find(|(shared, _)| *shared == node) {
            Some((_, stages)) => stages.push(i + 1),
            None => groups.push((node, vec![i + 1])),
        }
    }
    let groups = groups.into_iter().map(|(_, stages)| stages);
    groups.filter(|stages| stages.len() > 1).collect()
}
