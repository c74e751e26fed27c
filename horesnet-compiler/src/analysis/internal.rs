//! Internal stability: the stability functions `R_i` of the stages, with which a step multiplies on its way
//! (Verwer, Hundsdorfer, Sommeijer, Numer. Math. 57 (1990) 157–178).

use super::figure::{Figure, Unknown};
use super::interval;
use super::stability::Stability;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::support::reached;

/// Relative error up to which a limit counts as known.
const DIGITS: f64 = 1e-8;

/// The stability of the stages that the propagated weights reach.
#[derive(Clone, Debug, PartialEq)]
pub struct InternalStability {
    /// The largest `r` with `|R_i| ≤ 1` on `[−r, 0]` for all stages.
    pub real_interval: Figure<f64>,
    /// `max |R_i(∞)|`, what the stages make of infinitely stiff components; for implicit schemes.
    pub limit: Figure<f64>,
}

impl InternalStability {
    /// Analyses the stages of a tableau.
    pub(super) fn of(tableau: &Tableau, budget: &mut Budget) -> Self {
        let stages = reached(
            &tableau.matrix,
            tableau.weights.first().map(|row| &row.values),
        );
        let explicit = tableau.is_explicit();
        let functions: Figure<Vec<_>> = if explicit {
            let matrix = tableau.matrix.select_rows(&stages).select_columns(&stages);
            Stability::of_stages(&matrix, tableau.rounded.as_ref(), budget)
        } else {
            let functions = stages.into_iter().map(|i| {
                let row = tableau.matrix.row(i).transpose();
                Stability::of_row(tableau, &row, 0, budget)
            });
            functions.collect()
        };
        let largest = |figure: &mut dyn FnMut(&Stability) -> Figure<f64>,
                       first: f64,
                       pick: fn(f64, f64) -> f64| {
            let functions = functions.as_ref().map_err(|&why| why)?;
            { functions.iter() }
                .try_fold(first, |found, function| Ok(pick(found, figure(function)?)))
        };
        Self {
            real_interval: largest(
                &mut |function| interval::real_within(function, budget),
                f64::INFINITY,
                f64::min,
            ),
            limit: if explicit {
                Err(Unknown::Explicit)
            } else {
                largest(&mut |function| limit(function, budget), 0.0, f64::max)
            },
        }
    }
}

/// `|R(∞)|`.
fn limit(function: &Stability, budget: &mut Budget) -> Figure<f64> {
    let [p, q] = function.parts(budget)?;
    let top = q.centre.len().saturating_sub(1);
    if p.centre.len().max(p.radius.len()) <= top {
        return Ok(0.0);
    }
    if p.centre.len() > top + 1 {
        return Ok(f64::INFINITY);
    }
    let value = |p: &[Number]| p.get(top).map_or(0.0, |c| c.to_f64().abs());
    let [p, dp] = [value(&p.centre), value(&p.radius)];
    let [q, dq] = [value(&q.centre), value(&q.radius)];
    let [low, high] = [(p - dp) / (q + dq), (p + dp) / (q - dq)];
    if q > dq && high - low <= DIGITS * high {
        return Ok(p / q);
    }
    Err(Unknown::Boundary)
}
