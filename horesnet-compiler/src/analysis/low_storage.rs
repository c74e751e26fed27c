//! The low-storage form of a scheme in two registers (Williamson 1980).

use num_traits::Zero;

use super::LiveTensors;
use super::figure::{self, Figure, Unknown};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, operation_on, words};
use crate::number::scaled::Scaled;
use crate::proof::order::reachable;

/// A form that needs two registers a variable whatever the number of stages (Williamson 1980):
/// `q ← A_i q + h F(x)`, `x ← x + B_i q`, for `i = 1, …, s` with `A_1 = 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct LowStorage {
    /// `A_1, …, A_s`.
    pub a: Vec<Number>,
    /// `B_1, …, B_s`.
    pub b: Vec<Number>,
}

impl LowStorage {
    /// The form of the stages that the propagated weights of an explicit tableau need, if there is one.
    ///
    /// With the weights as the row after the last, `a_(i+1,j) − a_ij = B_i·A_(j+1)⋯A_i`: in every two neighbouring
    /// columns of the differences one is a multiple of the other.
    pub(super) fn of(tableau: &Tableau, budget: &mut Budget) -> Figure<Option<Self>> {
        if !tableau.is_explicit() {
            return Err(Unknown::Implicit);
        }
        let mut propagated = tableau.clone();
        propagated.weights.truncate(1);
        let tableau = &*reachable(&propagated);
        let stages = tableau.stages();
        let mut whole = tableau.matrix.clone().insert_row(stages, Number::zero());
        if let Some(row) = tableau.weights.first() {
            whole.set_row(stages, &row.values.transpose());
        }
        let scaled = Scaled::of(&whole, budget)?;
        let difference = |i: usize, j: usize| &scaled.matrix[(i + 1, j)] - &scaled.matrix[(i, j)];
        let eps = tableau.rounded.as_ref().map_or(0.0, Number::to_f64);
        let size = |number: &Number| number.to_f64().abs();
        let mut a = vec![Number::zero()];
        for column in 1..stages {
            let pair = |i| (i, difference(i, column), difference(i, column - 1));
            let pairs: Vec<_> = (column..stages).map(pair).collect();
            let largest = { pairs.iter() }.max_by(|p, q| size(&p.1).total_cmp(&size(&q.1)));
            let ratio = largest.and_then(|(_, divisor, before)| before.checked_div(divisor));
            // A column of zeros leaves the ratio free if there is nothing to multiply it to.
            let ratio = ratio.unwrap_or_else(Number::zero);
            let length = words([&ratio]) + words(scaled.matrix.iter());
            budget.spend(pairs.len() as f64 * operation_on(length))?;
            let holds = |(i, divisor, before): &(usize, Number, Number)| {
                let residual = before - &(&ratio * divisor);
                if residual.is_zero() || eps == 0.0 {
                    return residual.is_zero();
                }
                let both = |j: usize| size(&whole[(*i, j)]) + size(&whole[(i + 1, j)]);
                let magnitude = both(column - 1) + 3.0 * size(&ratio) * both(column);
                // Back from the integers, which are beyond floating point.
                let residual = residual.checked_div(&scaled.denominator);
                residual.is_some_and(|residual| size(&residual) <= 2.0 * eps * magnitude)
            };
            if !pairs.iter().all(holds) {
                return Ok(None);
            }
            a.push(ratio);
        }
        let b = (0..stages).map(|i| whole[(i + 1, i)].clone()).collect();
        Ok(Some(Self { a, b }))
    }

    /// The form with which a block holds fewer values at once than with the tableau, if there is one.
    pub(crate) fn of_block(tableau: &Tableau) -> Option<Self> {
        let live = LiveTensors::of(tableau).ok()?;
        let saves = live.block > Self::LIVE_TENSORS;
        { saves.then(|| Self::of(tableau, &mut figure::budget())) }?.ok()?
    }

    /// Stage values held at once in this form: the register `q`, and the value that is added to it.
    pub const LIVE_TENSORS: usize = 2;
}
