//! Computes the elementary weights `Σ b_i Φ_i(t)` of all trees, order by order, in any arithmetic.
//!
//! A derivative weight comes from smaller ones, `Φ([u]) = AΦ(u)` and `Φ(t′∘u) = Φ(t′) ⊙ Φ([u])` (Butcher 2016,
//! §312). A condition needs no `Φ` of its own tree: `bᵀΦ([u]) = (Aᵀb)ᵀΦ(u)` and `bᵀΦ(t′∘u) = (b ⊙ Φ([u]))ᵀΦ(t′)`.

use num_traits::One;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::ring::Ring;
use crate::proof::support::Support;
use crate::proof::tree::Forest;

// Sums of 64 products modulo a prime below 2⁶¹ fit into 128 bits.
const _: () = assert!(crate::language::limits::STAGES <= 64);

/// A walk through the trees: the derivative weights `Φ` computed so far.
pub(crate) struct Walk<'a, R: Ring> {
    pub(crate) ring: R,
    support: &'a Support,
    matrix: Matrix<R::Word>,
    weights: Vec<Weights<R::Word>>,
    leaf: Vec<R::Word>,
    /// The known `Φ`, concatenated.
    phi: Vec<R::Word>,
    /// The offset of each tree's `Φ`.
    places: Vec<Option<usize>>,
}

/// A row of weights as functionals, one per kind of tree, that map `Φ` of a smaller tree to the weight.
struct Weights<T> {
    /// `Σ b_i`, for the single node.
    sum: Vec<T>,
    /// `b`, for `[τ]`.
    plain: Vec<T>,
    /// `Aᵀb`, for `[u]`.
    once: Vec<T>,
    /// `AᵀAᵀb`, for `[[u]]`.
    twice: Vec<T>,
    /// `b ⊙ Φ([u])` for each `u`, for `t′∘u`.
    grafted: Vec<Vec<T>>,
    /// `Aᵀ(b ⊙ Φ([u]))` for each `u`, for `[v]∘u`.
    beneath: Vec<Vec<T>>,
}

impl<'a, R: Ring> Walk<'a, R> {
    /// Starts a walk. `leaf` is `Φ([τ])`: the row sums or the nodes, at the stages of the support.
    pub(crate) fn new(
        mut ring: R,
        support: &'a Support,
        tableau: &Tableau,
        leaf: Vec<R::Word>,
    ) -> Self {
        let width = ring.width();
        let matrix = Matrix::new(&ring, support, tableau);
        let one = ring.convert(std::iter::once(&Number::one()));
        let weights = { tableau.weights.iter().zip(&support.weights) }.map(|(row, columns)| {
            let all = ring.convert(row.values.iter());
            let mut sum = vec![R::Word::default(); width];
            let every = vec![0; row.values.len()];
            ring.dot(&every, &all, &one, &mut sum);
            let b = gather(&support.stages, &all, width);
            let once = matrix.transposed(&mut ring, &b);
            let twice = matrix.transposed(&mut ring, &once);
            Weights {
                sum,
                plain: gather(&columns[0], &b, width),
                once: gather(&columns[1], &once, width),
                twice: gather(&columns[2], &twice, width),
                grafted: Vec::new(),
                beneath: Vec::new(),
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
            places: Vec::new(),
        }
    }

    /// Prepares the trees of `order` for [`Walk::weight`].
    pub(crate) fn prepare(&mut self, forest: &Forest, order: usize) {
        self.places.resize(forest.len(), None);
        let width = self.ring.width();
        // The last child of a root is its smallest, so only small trees are grafted onto others than the single node.
        for graft in 0..forest.range((order - 1) / 2).end {
            let begin = self.reach(forest, forest.planted(graft));
            for (columns, weights) in self.support.weights.iter().zip(&mut self.weights) {
                if weights.grafted.len() > graft {
                    continue;
                }
                let phi = &self.phi[begin..begin + self.support.stages.len() * width];
                let phi = gather(&columns[0], phi, width);
                let mut grafted = vec![R::Word::default(); phi.len()];
                self.ring.multiply(&weights.plain, &phi, &mut grafted);
                let mut dense = vec![R::Word::default(); self.support.stages.len() * width];
                for (&i, number) in columns[0].iter().zip(grafted.chunks_exact(width)) {
                    dense[i * width..(i + 1) * width].copy_from_slice(number);
                }
                let beneath = self.matrix.transposed(&mut self.ring, &dense);
                weights.grafted.push(grafted);
                weights.beneath.push(gather(&columns[1], &beneath, width));
            }
        }
    }

    /// Computes `Σ b_i Φ_i(t)` for weights row `row` and a tree of a prepared order.
    pub(crate) fn weight(
        &mut self,
        forest: &Forest,
        row: usize,
        index: usize,
        out: &mut [R::Word],
    ) {
        let tree = forest.get(index);
        if index == 0 {
            out.copy_from_slice(&self.weights[row].sum);
            return;
        }
        // The tree `v` of a planted tree `[v]`, if that is not the single node, whose `Φ` has no place.
        let beneath = |index: usize| {
            let tree = forest.get(index);
            (tree.stem == 0 && tree.graft != 0).then_some(tree.graft)
        };
        let smaller = match (tree.stem, tree.graft) {
            (0, 0) => index,
            (0, graft) => beneath(graft).unwrap_or(graft),
            (stem, _) => beneath(stem).unwrap_or(stem),
        };
        let begin = self.reach(forest, smaller);
        let weights = &self.weights[row];
        let (times, functional) = match (tree.stem, tree.graft) {
            (0, 0) => (0, &weights.plain),
            (0, graft) if smaller == graft => (1, &weights.once),
            (0, _) => (2, &weights.twice),
            (stem, graft) if smaller == stem => (0, &weights.grafted[graft]),
            (_, graft) => (1, &weights.beneath[graft]),
        };
        let columns = &self.support.weights[row][times];
        self.ring.dot(columns, functional, &self.phi[begin..], out);
    }

    /// Returns the offset of a tree's `Φ`, computing it if needed. Not for the single node.
    fn reach(&mut self, forest: &Forest, index: usize) -> usize {
        if let Some(place) = self.places[index] {
            return place;
        }
        let tree = forest.get(index);
        let (width, stride) = (self.ring.width(), self.leaf.len());
        let begin = match (tree.stem, tree.graft) {
            (0, 0) => {
                self.phi.extend_from_slice(&self.leaf);
                self.phi.len() - stride
            }
            (0, graft) => {
                let from = self.reach(forest, graft);
                let (known, phi) = extend(&mut self.phi, stride);
                let rows = self.support.rows.iter().zip(&self.matrix.rows);
                for ((columns, row), out) in rows.zip(phi.chunks_exact_mut(width)) {
                    self.ring.dot(columns, row, &known[from..], out);
                }
                known.len()
            }
            (stem, graft) => {
                let stem = self.reach(forest, stem);
                let planted = self.reach(forest, forest.planted(graft));
                let (known, phi) = extend(&mut self.phi, stride);
                let (a, b) = (&known[stem..][..stride], &known[planted..][..stride]);
                self.ring.multiply(a, b, phi);
                known.len()
            }
        };
        self.places[index] = Some(begin);
        begin
    }
}

/// The non-zero entries of `A`, by rows and by columns.
struct Matrix<T> {
    rows: Vec<Vec<T>>,
    /// Each with its row.
    columns: Vec<(Vec<usize>, Vec<T>)>,
}

impl<T: Copy + Default> Matrix<T> {
    fn new<R: Ring<Word = T>>(ring: &R, support: &Support, tableau: &Tableau) -> Self {
        let width = ring.width();
        let entries = ring.convert(support.entries(tableau));
        let mut entries = entries.chunks_exact(width);
        let mut rows = Vec::new();
        let mut columns = vec![(Vec::new(), Vec::new()); support.stages.len()];
        for (i, places) in support.rows.iter().enumerate() {
            let mut row = Vec::with_capacity(places.len() * width);
            for (&j, entry) in places.iter().zip(&mut entries) {
                row.extend_from_slice(entry);
                columns[j].0.push(i);
                columns[j].1.extend_from_slice(entry);
            }
            rows.push(row);
        }
        Self { rows, columns }
    }

    /// `Aᵀv`.
    fn transposed<R: Ring<Word = T>>(&self, ring: &mut R, v: &[T]) -> Vec<T> {
        let mut out = vec![T::default(); v.len()];
        let width = ring.width();
        for ((rows, column), out) in self.columns.iter().zip(out.chunks_exact_mut(width)) {
            ring.dot(rows, column, v, out);
        }
        out
    }
}

/// Gathers the numbers at `columns`.
fn gather<T: Copy>(columns: &[usize], numbers: &[T], width: usize) -> Vec<T> {
    { columns.iter() }
        .flat_map(|&j| &numbers[j * width..(j + 1) * width])
        .copied()
        .collect()
}

/// Grows a vector, keeping its content.
fn extend<T: Copy + Default>(words: &mut Vec<T>, more: usize) -> (&mut [T], &mut [T]) {
    let begin = words.len();
    words.resize(begin + more, T::default());
    words.split_at_mut(begin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::fixed::Fixed;
    use crate::number::magnitude::Magnitude;
    use crate::number::modular::Residues;
    use crate::number::radical::Group;
    use crate::number::scalars::MAGNITUDES;
    use crate::proof::elementary;
    use crate::proof::growth::Growth;
    use proptest::prelude::*;

    const ORDER: usize = 6;

    fn tableau(numbers: &[(i64, i64)], explicit: bool) -> Tableau {
        let mut numbers = numbers.iter().map(|(n, d)| format!("{n}/{d}")).cycle();
        let mut row = |length: usize| numbers.by_ref().take(length).collect::<Vec<_>>().join(" ");
        let rows = (0..4).map(|i| format!("* | {}", row(if explicit { i } else { 4 })));
        let rows = rows.collect::<Vec<_>>().join("\n");
        let text = format!("{rows}\n---\n| {}\n| {}\n", row(4), row(4));
        Tableau::new(&crate::parse(&text).unwrap()).unwrap()
    }

    fn numbers() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((-9_i64..=9, 1_i64..=7), 24)
    }

    /// `A` and `b` times `h`.
    fn scaled(tableau: &Tableau, h: &Number) -> Tableau {
        let mut scaled = tableau.clone();
        scaled.matrix.iter_mut().for_each(|a| *a *= h.clone());
        scaled
            .weights
            .iter_mut()
            .for_each(|row| row.values.iter_mut().for_each(|b| *b *= h.clone()));
        scaled
    }

    /// All weights up to the order, in the ring.
    fn weights<R: Ring>(ring: R, tableau: &Tableau) -> Vec<Vec<R::Word>> {
        let sums = tableau.row_sums();
        let support = Support::of(tableau, |i| !num_traits::Zero::is_zero(&sums[i]));
        let leaf = ring.convert(support.select(&sums));
        let mut out = vec![R::Word::default(); ring.width()];
        let mut walk = Walk::new(ring, &support, tableau, leaf);
        let forest = Forest::up_to(ORDER);
        let mut all = Vec::new();
        for order in 1..=ORDER {
            walk.prepare(&forest, order);
            for tree in forest.range(order) {
                for row in 0..tableau.weights.len() {
                    walk.weight(&forest, row, tree, &mut out);
                    all.push(out.clone());
                }
            }
        }
        all
    }

    /// All weights in exact numbers, one tree at a time.
    fn exact(tableau: &Tableau) -> Vec<Number> {
        let (forest, sums) = (Forest::up_to(ORDER), tableau.row_sums());
        let trees = 0..forest.len();
        let rows = trees.flat_map(|tree| tableau.weights.iter().map(move |row| (tree, row)));
        rows.map(|(tree, row)| {
            let (matrix, weights) = (&tableau.matrix, &row.values);
            elementary::weight(&forest, tree, matrix, weights, &sums)
        })
        .collect()
    }

    fn residues() -> Residues {
        Residues::all(&Group::default(), &[]).next().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn residues_are_those_of_the_weights(numbers in numbers(), explicit in any::<bool>()) {
            let tableau = tableau(&numbers, explicit);
            let found = weights(residues(), &tableau).concat();
            prop_assert_eq!(found, residues().convert(exact(&tableau).iter()));
        }

        /// Steps of another length: `Σ b_i Φ_i(t)` has one factor for every node.
        #[test]
        fn weights_are_homogeneous(numbers in numbers(), explicit in any::<bool>(), n in 1_i64..9, d in 1_i64..9) {
            let (tableau, h) = (tableau(&numbers, explicit), Number::ratio(n, d).unwrap());
            let forest = Forest::up_to(ORDER);
            let powers = (0..forest.len()).flat_map(|tree| {
                let power = num_traits::pow(h.clone(), forest.get(tree).order);
                [power.clone(), power]
            });
            let expected: Vec<_> = powers.zip(exact(&tableau)).map(|(power, weight)| power * weight).collect();
            let found = weights(residues(), &scaled(&tableau, &h)).concat();
            prop_assert_eq!(found, residues().convert(expected.iter()));
        }

        #[test]
        fn fixed_point_weights_are_off_by_their_bound_at_most(
            numbers in numbers(),
            explicit in any::<bool>(),
            bits in 70_usize..400,
        ) {
            let tableau = tableau(&numbers, explicit);
            let sums = tableau.row_sums();
            let support = Support::of(&tableau, |i| !num_traits::Zero::is_zero(&sums[i]));
            let leaf: Vec<_> = support.select(&sums).collect();
            let growth = Growth::of(&tableau, &support, &leaf, ORDER, Magnitude::exp2(-64));
            let ring = Fixed::new(bits, growth.size.log2().ceil() as usize + 1);
            let found = weights(Fixed::new(bits, growth.size.log2().ceil() as usize + 1), &tableau);
            let magnitudes = weights(MAGNITUDES, &tableau).concat();
            for ((found, weight), magnitude) in found.iter().zip(exact(&tableau)).zip(magnitudes) {
                let error = (&ring.number(found) - &weight).to_f64().abs() / ring.unit();
                prop_assert!(Magnitude::from(error) <= growth.error, "{error} units, bound {:?}", growth.error);
                let more = Magnitude::from(1.000_001);
                prop_assert!(Magnitude::of(&weight) <= magnitude * more);
                prop_assert!(magnitude <= growth.size * more);
            }
        }
    }
}
