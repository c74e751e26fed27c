//! Redundant stages: unused ones, equivalent ones, and nodes that occur more than once.

use nalgebra::DMatrix;
use num_traits::Zero;

use super::figure::Figure;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, WORD};
use crate::number::scaled::Scaled;
use crate::proof::support::reached;

/// Returns the stages, from 1, that no row of weights reaches: the scheme is DJ-reducible if there are any
/// (Hairer, Wanner 1996, Def. IV.12.15; Dahlquist, Jeltsch 1979).
#[must_use]
pub fn unused_stages(tableau: &Tableau) -> Vec<usize> {
    let weights = tableau.weights.iter().map(|row| &row.values);
    let reached = reached(&tableau.matrix, weights);
    let numbers = 1..=tableau.stages();
    numbers
        .filter(|number| !reached.contains(&(number - 1)))
        .collect()
}

/// Classes of stages, from 1, that are equal on every problem: the scheme is HS-reducible if there are any
/// (Hairer, Wanner 1996, Def. IV.12.17; Hundsdorfer, Spijker 1981).
///
/// They are the coarsest partition in which equivalent stages give every class the same sum of coefficients. Rounded
/// coefficients count as they are written.
pub(super) fn equivalent_stages(tableau: &Tableau, budget: &mut Budget) -> Figure<Vec<Vec<usize>>> {
    let mut classes = classes(&tableau.matrix, budget)?;
    classes.retain(|class| class.len() > 1);
    classes.iter_mut().flatten().for_each(|stage| *stage += 1);
    Ok(classes)
}

/// All classes of equivalent stages, from 0, those of one stage included.
pub(super) fn classes(matrix: &DMatrix<Number>, budget: &mut Budget) -> Figure<Vec<Vec<usize>>> {
    let stages = matrix.nrows();
    let scaled = Scaled::of(matrix, budget)?;
    let mut classes: Vec<Vec<usize>> = vec![(0..stages).collect()];
    loop {
        budget.spend(WORD * (stages * stages) as f64 * 50.0)?;
        let sums = |i: usize| -> Vec<Number> {
            let entry = |&j: &usize| &scaled.matrix[(i, j)];
            let sum = |class: &Vec<usize>| {
                let entries = class.iter().map(entry).filter(|entry| !entry.is_zero());
                entries.fold(Number::zero(), |sum, entry| &sum + entry)
            };
            classes.iter().map(sum).collect()
        };
        let refined: Vec<_> = { classes.iter() }
            .flat_map(|class| grouped(class.iter().map(|&i| (sums(i), i))))
            .collect();
        if refined.len() == classes.len() {
            classes.sort_unstable();
            return Ok(classes);
        }
        classes = refined;
    }
}

/// Groups of stages, from 1, that share a node.
pub(super) fn confluent_nodes(tableau: &Tableau) -> Vec<Vec<usize>> {
    let mut groups = grouped(tableau.nodes.iter().zip(1..));
    groups.retain(|stages| stages.len() > 1);
    groups
}

/// Groups stages with equal keys.
fn grouped<K: PartialEq>(stages: impl Iterator<Item = (K, usize)>) -> Vec<Vec<usize>> {
    let mut groups: Vec<(K, Vec<usize>)> = Vec::new();
    for (key, stage) in stages {
        match groups.iter_mut().find(|(shared, _)| *shared == key) {
            Some((_, stages)) => stages.push(stage),
            None => groups.push((key, vec![stage])),
        }
    }
    groups.into_iter().map(|(_, stages)| stages).collect()
}
