//! Bounds the numbers and rounding errors of a fixed-point walk in advance, for all trees of an order at once.
//!
//! A tree of `n` nodes is planted, or a smaller tree with a planted one grafted on; its bound is the largest of these.

use std::cell::Cell;

use num_traits::One;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::magnitude::Magnitude;
use crate::proof::support::Support;

/// Largest error of a conversion (a sum of at most 16 roots) or an operation, in units of the last digit.
const ROUNDING: f64 = 32.0;

/// A number of at most `size`, with an error of at most `error` units.
#[derive(Clone, Copy, Default)]
struct Bound {
    size: Magnitude,
    error: Magnitude,
}

impl Bound {
    fn of(number: &Number) -> Self {
        Self::rounded(Magnitude::of(number), Magnitude::default())
    }

    fn rounded(size: Magnitude, error: Magnitude) -> Self {
        Self {
            size,
            error: error + Magnitude::from(ROUNDING),
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            size: self.size.max(other.size),
            error: self.error.max(other.error),
        }
    }
}

/// Bounds on the numbers of a walk.
pub(crate) struct Growth {
    /// The largest number, partial sums included.
    pub(crate) size: Magnitude,
    /// The largest rounding error of `Σ b_i Φ_i(t)`, in units.
    pub(crate) error: Magnitude,
}

impl Growth {
    /// Bounds the conditions of up to `order` nodes, for units of at most `unit`; `leaf` is `Φ([τ])`.
    pub(crate) fn of(
        tableau: &Tableau,
        support: &Support,
        leaf: &[&Number],
        order: usize,
        unit: Magnitude,
    ) -> Self {
        let analysis = Analysis::of(tableau, support, unit);
        // Planted trees, and all trees, of k + 2 nodes at k.
        let leaf: Vec<_> = leaf.iter().map(|c| Bound::of(c)).collect();
        let (mut planted, mut all) = (vec![leaf.clone()], vec![leaf]);
        for k in 1..order.saturating_sub(1) {
            planted.push(analysis.planted(&all[k - 1]));
            let mut largest = planted[k].clone();
            for (stem, graft) in all.iter().zip(planted[..k].iter().rev()) {
                let grafted = analysis.product(stem, graft);
                largest = { largest.into_iter().zip(grafted) }
                    .map(|(a, b)| a.max(b))
                    .collect();
            }
            all.push(largest);
        }
        let mut error = Magnitude::default();
        for row in &tableau.weights {
            let every: Vec<_> = row.values.iter().map(Bound::of).collect();
            let ones = vec![Bound::of(&Number::one()); every.len()];
            error = error.max(analysis.dot(every.iter().zip(&ones)).error);
            let b: Vec<_> = support.stages.iter().map(|&i| every[i]).collect();
            // What takes `Φ` of a tree to the weight of one with so many nodes more (see `walk.rs`).
            let once = analysis.transposed(&b);
            let mut functionals = vec![(2, analysis.transposed(&once)), (1, once)];
            for (k, planted) in planted.iter().enumerate().take(order / 2) {
                let grafted = analysis.product(&b, planted);
                functionals.push((k + 2, analysis.transposed(&grafted)));
                functionals.push((k + 1, grafted));
            }
            functionals.push((0, b));
            for (nodes, functional) in &functionals {
                for (_, phi) in { all.iter().enumerate() }.filter(|(k, _)| nodes + k + 2 <= order) {
                    error = error.max(analysis.dot(functional.iter().zip(phi)).error);
                }
            }
        }
        Self {
            size: analysis.size.get(),
            error,
        }
    }
}

/// The operations of a walk on bounds, with the largest size so far.
struct Analysis<'a> {
    support: &'a Support,
    matrix: Vec<Vec<Bound>>,
    unit: Magnitude,
    size: Cell<Magnitude>,
}

impl<'a> Analysis<'a> {
    fn of(tableau: &Tableau, support: &'a Support, unit: Magnitude) -> Self {
        let rows = (0..support.stages.len()).map(|i| support.row(tableau, i).map(Bound::of));
        let matrix: Vec<Vec<_>> = rows.map(Iterator::collect).collect();
        let sizes = matrix.iter().flatten().map(|a| a.size);
        Self {
            size: Cell::new(sizes.fold(Magnitude::ONE, Magnitude::max)),
            support,
            matrix,
            unit,
        }
    }

    /// `Σ ab`, rounded once.
    fn dot<'b>(&self, pairs: impl Iterator<Item = (&'b Bound, &'b Bound)>) -> Bound {
        let (mut size, mut error) = (Magnitude::default(), Magnitude::default());
        for (a, b) in pairs {
            size = size + a.size * b.size;
            let cross = a.error * b.size + a.size * b.error;
            error = error + cross + a.error * b.error * self.unit;
        }
        self.size.set(self.size.get().max(size));
        Bound::rounded(size, error)
    }

    fn product(&self, a: &[Bound], b: &[Bound]) -> Vec<Bound> {
        let pairs = a.iter().zip(b);
        pairs.map(|pair| self.dot(std::iter::once(pair))).collect()
    }

    /// `Av`.
    fn planted(&self, v: &[Bound]) -> Vec<Bound> {
        let rows = self.support.rows.iter().zip(&self.matrix);
        rows.map(|(columns, row)| self.dot(row.iter().zip(columns.iter().map(|&j| &v[j]))))
            .collect()
    }

    /// `Aᵀv`.
    fn transposed(&self, v: &[Bound]) -> Vec<Bound> {
        let column = |j: usize| {
            let rows = self.support.rows.iter().zip(&self.matrix).zip(v);
            rows.filter_map(move |((columns, row), v)| {
                Some((&row[columns.binary_search(&j).ok()?], v))
            })
        };
        (0..v.len()).map(|j| self.dot(column(j))).collect()
    }
}
