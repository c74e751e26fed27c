//! The weights `Σ b_i Φ_i(t)` of all trees, one order after the other, in any arithmetic.
//!
//! A derivative weight comes from smaller ones, `Φ([u]) = AΦ(u)` and `Φ(t′∘u) = Φ(t′) ⊙ Φ([u])` (Butcher 2016,
//! §312). A condition needs no `Φ` of its own tree: `bᵀΦ([u]) = (Aᵀb)ᵀΦ(u)` and `bᵀΦ(t′∘u) = (b ⊙ Φ([u]))ᵀΦ(t′)`.

use num_traits::One;

use crate::number::Number;
use crate::support::Support;
use crate::tableau::Tableau;
use crate::tree::Forest;

/// Arithmetic on vectors of numbers.
pub(crate) trait Ring {
    type Word: Copy + Default;

    /// Words of a number; those of zero are the default.
    fn width(&self) -> usize;

    fn convert<'a>(&self, numbers: impl Iterator<Item = &'a Number> + Clone) -> Vec<Self::Word>;

    /// `out_i = a_i·b_i`.
    fn multiply(&mut self, a: &[Self::Word], b: &[Self::Word], out: &mut [Self::Word]);

    /// One number, `Σ a_k·v[columns_k]`.
    fn dot(
        &mut self,
        columns: &[usize],
        a: &[Self::Word],
        v: &[Self::Word],
        out: &mut [Self::Word],
    );
}

/// The derivative weights of all trees so far, and what makes conditions of them.
pub(crate) struct Walk<'a, R: Ring> {
    pub(crate) ring: R,
    support: &'a Support,
    /// The non-zero entries of each row of `A`.
    matrix: Vec<Vec<R::Word>>,
    weights: Vec<Weights<R::Word>>,
    leaf: Vec<R::Word>,
    /// `Φ` of every tree but the single node, one after the other.
    phi: Vec<R::Word>,
}

/// A row of weights as each kind of tree needs it.
struct Weights<T> {
    /// `Σ b_i`, for the single node.
    sum: Vec<T>,
    /// The non-zero `b`, for `[τ]`.
    values: Vec<T>,
    /// `Aᵀb`, for `[u]`.
    planted: Vec<T>,
    /// The non-zero `b ⊙ Φ([u])` for one `u` after the other, for `t′∘u`.
    grafted: Vec<T>,
}

impl<'a, R: Ring> Walk<'a, R> {
    /// `leaf` stands for `Φ([τ])`: the row sums of `A`, or the nodes of the file, at the stages of the support.
    pub(crate) fn new(
        mut ring: R,
        support: &'a Support,
        tableau: &Tableau,
        leaf: Vec<R::Word>,
    ) -> Self {
        let width = ring.width();
        let mut entries = ring.convert(support.entries(tableau)).into_iter();
        let matrix: Vec<Vec<_>> = { support.rows.iter() }
            .map(|row| entries.by_ref().take(row.len() * width).collect())
            .collect();
        let one = ring.convert(std::iter::once(&Number::one()));
        let weights = tableau.weights.iter().enumerate().map(|(at, row)| {
            let all = ring.convert(row.values.iter());
            let mut sum = vec![R::Word::default(); width];
            let every = vec![0; row.values.len()];
            ring.dot(&every, &all, &one, &mut sum);
            let dense = { support.stages.iter() }
                .flat_map(|&i| &all[i * width..(i + 1) * width])
                .copied();
            let dense: Vec<_> = dense.collect();
            Weights {
                sum,
                values: gather(&support.weights[at], &dense, width),
                planted: transposed(&mut ring, support, &matrix, at, &dense),
                grafted: Vec::new(),
            }
        });
        let weights = weights.collect();
        Self {
            ring,
            support,
            matrix,
            weights,
            leaf,
            phi: Vec::new(),
        }
    }

    /// Makes the trees of `order` ready for [`Walk::weight`].
    pub(crate) fn prepare(&mut self, forest: &Forest, order: usize) {
        let stride = self.stride();
        for index in 1 + self.phi.len() / stride.max(1)..forest.range(order).start {
            let tree = forest.get(index);
            let begin = self.phi.len();
            self.phi.resize(begin + stride, R::Word::default());
            let (smaller, phi) = self.phi.split_at_mut(begin);
            let smaller = |index: usize| &smaller[(index - 1) * stride..index * stride];
            if index == 1 {
                phi.copy_from_slice(&self.leaf);
            } else if tree.stem == 0 {
                let rows = self.support.rows.iter().zip(&self.matrix);
                let out = phi.chunks_exact_mut(self.ring.width());
                for ((columns, row), out) in rows.zip(out) {
                    self.ring.dot(columns, row, smaller(tree.graft), out);
                }
            } else {
                let planted = forest.planted(tree.graft);
                self.ring
                    .multiply(smaller(tree.stem), smaller(planted), phi);
            }
        }
        // The last child of a root is its smallest, so only small trees are grafted onto others than the single node.
        let width = self.ring.width();
        for (columns, weights) in self.support.weights.iter().zip(&mut self.weights) {
            let length = columns.len() * width;
            let done = weights.grafted.len().checked_div(length);
            for graft in done.unwrap_or(usize::MAX)..forest.range((order - 1) / 2).end {
                let begin = (forest.planted(graft) - 1) * stride;
                let phi = gather(columns, &self.phi[begin..begin + stride], width);
                let begin = weights.grafted.len();
                weights.grafted.resize(begin + length, R::Word::default());
                let out = &mut weights.grafted[begin..];
                self.ring.multiply(&weights.values, &phi, out);
            }
        }
    }

    /// `Σ b_i Φ_i(t)` for weights row `row` and a tree whose order is prepared.
    pub(crate) fn weight(
        &mut self,
        forest: &Forest,
        row: usize,
        index: usize,
        out: &mut [R::Word],
    ) {
        let tree = forest.get(index);
        let (weights, columns) = (&self.weights[row], &self.support.weights[row]);
        if index == 0 {
            out.copy_from_slice(&weights.sum);
        } else if index == 1 {
            self.ring.dot(columns, &weights.values, &self.leaf, out);
        } else {
            let stride = self.support.stages.len() * self.ring.width();
            let phi = |index: usize| &self.phi[(index - 1) * stride..index * stride];
            if tree.stem == 0 {
                let columns = &self.support.planted[row];
                self.ring
                    .dot(columns, &weights.planted, phi(tree.graft), out);
            } else {
                let length = weights.values.len();
                let grafted = &weights.grafted[tree.graft * length..(tree.graft + 1) * length];
                self.ring.dot(columns, grafted, phi(tree.stem), out);
            }
        }
    }

    fn stride(&self) -> usize {
        self.support.stages.len() * self.ring.width()
    }
}

/// The numbers at `columns`.
fn gather<T: Copy>(columns: &[usize], numbers: &[T], width: usize) -> Vec<T> {
    { columns.iter() }
        .flat_map(|&j| &numbers[j * width..(j + 1) * width])
        .copied()
        .collect()
}

/// `Aᵀb` where it may not be zero.
fn transposed<R: Ring>(
    ring: &mut R,
    support: &Support,
    matrix: &[Vec<R::Word>],
    row: usize,
    b: &[R::Word],
) -> Vec<R::Word> {
    let width = ring.width();
    let mut out = vec![R::Word::default(); support.planted[row].len() * width];
    for (j, out) in { support.planted[row].iter() }.zip(out.chunks_exact_mut(width)) {
        let (mut rows, mut column) = (Vec::new(), Vec::new());
        for (i, (columns, row)) in support.rows.iter().zip(matrix).enumerate() {
            if let Ok(at) = columns.binary_search(j) {
                rows.push(i);
                column.extend_from_slice(&row[at * width..(at + 1) * width]);
            }
        }
        ring.dot(&rows, &column, b, out);
    }
    out
}
