//! [`Tableau`] to [`Verdict`]: the order of every row of weights, proven.
//!
//! For all rooted trees in order of size, `Σ b_i Φ_i(t) = 1/γ(t)`. Exact coefficients are proven modulo primes
//! (see [`crate::modular`]); rounded ones are weighed against what their errors can do (see [`crate::fixed`]).

use nalgebra::DVector;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed};

use crate::elementary::{self, Elementary, Ring};
use crate::fixed::{self, Fixed, Magnitudes};
use crate::modular::{self, Residues};
use crate::number::Number;
use crate::tableau::Tableau;
use crate::tree::Forest;

/// What the proof found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether every node equals the sum of its row.
    pub row_sums: bool,
    /// One for each row of weights.
    pub weights: Vec<RowVerdict>,
}

/// What the proof found about one row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct RowVerdict {
    /// The order claimed.
    pub claimed: Option<usize>,
    /// The order found, or the bound of the search if no condition failed.
    pub order: usize,
    /// The first condition that fails; `None` if none did up to the bound.
    pub first_failure: Option<Failure>,
}

impl RowVerdict {
    /// Whether no condition failed although the search went beyond the claim.
    pub(crate) fn is_underclaimed(&self) -> bool {
        self.first_failure.is_none() && self.claimed.is_some_and(|claimed| claimed < self.order)
    }

    /// Whether the claim, if there is one, is exactly true.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.claimed
            .is_none_or(|claimed| claimed == self.order && self.first_failure.is_some())
    }
}

/// A condition that is not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Nodes of the tree.
    pub order: usize,
    /// The tree in bracket notation.
    pub tree: String,
    /// The condition's left side in the field's notation.
    pub condition: String,
    /// `1/γ(t)`.
    pub expected: String,
    /// `Σ b_i Φ_i(t)`, exactly where that has a reasonable length.
    pub found: String,
    /// Found less expected.
    pub residual: f64,
    /// Whether the nodes of the file, not the row sums, break the condition.
    pub by_nodes: bool,
}

/// The search was refused: the coefficients are too large for a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Most steps of modular arithmetic, or their equal: some seconds.
const EFFORT: f64 = 4e9;

/// Orders searched: one beyond the largest claim, or ten without a claim.
#[must_use]
pub fn default_bound(tableau: &Tableau) -> usize {
    tableau
        .weights
        .iter()
        .filter_map(|row| row.claim)
        .max()
        .map_or(10, |claim| claim + 1)
}

/// Proves the order of every row of weights, up to `bound`.
///
/// # Errors
/// [`TooLarge`] if the numbers of the tableau would make the proof run for more than seconds.
pub fn verify(tableau: &Tableau, bound: usize) -> Result<Verdict, TooLarge> {
    let sums = tableau.row_sums();
    let row_sums = sums == tableau.nodes;
    let mut forest = Forest::default();
    let found = search(tableau, &sums, bound, &mut forest)?;
    let mut found: Vec<_> = found.into_iter().map(|tree| (tree, false)).collect();
    if !row_sums {
        // The order is the smaller of those with the row sums and with the nodes at the leaves.
        let with_nodes = search(tableau, &tableau.nodes, bound, &mut forest)?;
        for (row, tree) in found.iter_mut().zip(with_nodes) {
            if earlier(tree, row.0) {
                *row = (tree, true);
            }
        }
    }
    let weights = tableau.weights.iter().enumerate().zip(found);
    let weights = weights.map(|((row, weights), (failing, by_nodes))| RowVerdict {
        claimed: weights.claim,
        order: failing.map_or(bound, |tree| forest.get(tree).order - 1),
        first_failure: failing.map(|tree| {
            failure(
                tableau,
                &forest,
                row,
                tree,
                if by_nodes { &tableau.nodes } else { &sums },
                by_nodes,
            )
        }),
    });
    Ok(Verdict {
        row_sums,
        weights: weights.collect(),
    })
}

/// The first failing tree of each row of weights.
type Failing = Vec<Option<usize>>;

fn earlier(a: Option<usize>, b: Option<usize>) -> bool {
    a.is_some_and(|a| b.is_none_or(|b| a < b))
}

fn search(
    tableau: &Tableau,
    leaf: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
) -> Result<Failing, TooLarge> {
    match &tableau.rounded {
        None => search_exact(tableau, leaf, bound, forest),
        Some(eps) => search_rounded(tableau, leaf, bound, forest, eps.to_f64()),
    }
}

fn search_exact(
    tableau: &Tableau,
    leaf: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
) -> Result<Failing, TooLarge> {
    let size = Size::of(tableau, leaf);
    let mut primes = Residues::all(&tableau.field, &size.denominators);
    let mut failing: Failing = vec![None; tableau.weights.len()];
    // One prime refutes: it finds, for each row, an order that cannot be exceeded.
    let Some(first) = primes.next() else {
        return Err(TooLarge);
    };
    let passed = refute(first, tableau, leaf, bound, forest, &mut failing);
    // Enough primes prove: all conditions of the orders that passed.
    let needed = size.primes(passed);
    let steps = forest.range(passed).end as f64 * size.steps_a_tree;
    if needed as f64 * steps > EFFORT {
        return Err(TooLarge);
    }
    for ring in primes.take(needed) {
        refute(ring, tableau, leaf, passed, forest, &mut failing);
    }
    Ok(failing)
}

/// Lowers `failing` to the first tree that fails in this ring; returns the largest order at which a row passed.
fn refute(
    ring: Residues,
    tableau: &Tableau,
    leaf: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
    failing: &mut Failing,
) -> usize {
    let mut walk = Elementary::new(ring, tableau, leaf);
    for order in 1..=bound {
        while forest.order() < order {
            forest.grow();
        }
        walk.extend(forest, order);
        for (row, failing) in failing.iter_mut().enumerate() {
            // Σ bΦ·γ = 1 spares an inversion.
            let wrong = |&tree: &usize| {
                let density = walk.ring.residue(forest.get(tree).density);
                walk.ring.multiply(&walk.weight(row, tree), &density) != 1
            };
            if let Some(tree) = forest
                .range(order)
                .take_while(|&tree| earlier(Some(tree), *failing))
                .find(wrong)
            {
                *failing = Some(tree);
            }
        }
        if failing
            .iter()
            .all(|failing| failing.is_some_and(|tree| tree < forest.range(order).end))
        {
            let last = failing.iter().flatten().max().copied().unwrap_or(0);
            return forest.get(last).order - 1;
        }
    }
    bound
}

fn search_rounded(
    tableau: &Tableau,
    leaf: &DVector<Number>,
    bound: usize,
    forest: &mut Forest,
    eps: f64,
) -> Result<Failing, TooLarge> {
    let rows = tableau
        .matrix
        .row_iter()
        .map(|row| row.iter().map(|a| a.to_f64().abs()).sum::<f64>());
    let norm = rows
        .chain(leaf.iter().map(|c| c.to_f64().abs()))
        .fold(0.0, f64::max);
    if !norm.is_finite() {
        return Err(TooLarge);
    }
    let bits = fixed::guarded_bits(eps, norm, bound, tableau.stages());
    if bits > 8192 {
        return Err(TooLarge);
    }
    let mut exact = Elementary::new(Fixed { bits }, tableau, leaf);
    let mut absolute = Elementary::new(Magnitudes, tableau, leaf);
    let mut failing: Failing = vec![None; tableau.weights.len()];
    for order in 1..=bound {
        while forest.order() < order {
            forest.grow();
        }
        exact.extend(forest, order);
        absolute.extend(forest, order);
        for (row, failing) in failing
            .iter_mut()
            .enumerate()
            .filter(|(_, failing)| failing.is_none())
        {
            for tree in forest.range(order) {
                let magnitude = absolute.weight(row, tree);
                if !magnitude.is_finite() {
                    return Err(TooLarge);
                }
                let residual = fixed::residual(
                    &exact.ring,
                    &exact.weight(row, tree),
                    forest.get(tree).density,
                );
                if !fixed::within(residual, order, eps, magnitude) {
                    *failing = Some(tree);
                    break;
                }
            }
        }
        if failing.iter().all(Option::is_some) {
            break;
        }
    }
    Ok(failing)
}

fn failure(
    tableau: &Tableau,
    forest: &Forest,
    row: usize,
    index: usize,
    leaf: &DVector<Number>,
    by_nodes: bool,
) -> Failure {
    let tree = forest.get(index);
    let weight = elementary::weight(
        forest,
        index,
        &tableau.matrix,
        &tableau.weights[row].values,
        leaf,
    );
    let expected = Number::ratio(1, tree.density).unwrap_or_else(Number::one);
    let residual = (&weight - &expected).to_f64();
    let exact = weight.to_string();
    let found = if exact.len() <= 60 {
        exact
    } else {
        format!("{:.17}…", weight.to_f64())
    };
    Failure {
        order: tree.order,
        tree: forest.bracket(index),
        condition: forest.condition(index),
        expected: expected.to_string(),
        found,
        residual,
        by_nodes,
    }
}

/// How large the numbers of a tableau are, for the bound that the product of the primes must exceed.
struct Size {
    denominators: Vec<BigInt>,
    /// Bits of a common denominator of the matrix and the leaves, and of each row of weights.
    matrix_denominator: f64,
    weights_denominator: f64,
    /// Bits that no row sum of conjugates' absolute values exceeds.
    row_norm: f64,
    weights_norm: f64,
    degree: f64,
    steps_a_tree: f64,
}

impl Size {
    fn of(tableau: &Tableau, leaf: &DVector<Number>) -> Self {
        let lcm = |numbers: &mut dyn Iterator<Item = &Number>| {
            numbers.fold(BigInt::one(), |lcm, n| {
                if (&lcm % n.denominator()) == BigInt::ZERO {
                    lcm
                } else {
                    lcm.lcm(n.denominator())
                }
            })
        };
        let matrix = lcm(&mut tableau.matrix.iter().chain(leaf.iter()));
        let weights = tableau
            .weights
            .iter()
            .map(|row| lcm(&mut row.values.iter()))
            .collect::<Vec<_>>();
        let entries = tableau
            .matrix
            .iter()
            .filter(|a| !a.terms().is_empty())
            .count();
        let stages = tableau.stages() as f64;
        let rows = tableau.matrix.row_iter().map(|row| sum_bits(row.iter()));
        Self {
            matrix_denominator: matrix.bits() as f64,
            weights_denominator: weights.iter().map(BigInt::bits).max().unwrap_or(1) as f64,
            row_norm: rows
                .chain(leaf.iter().map(|c| sum_bits([c].into_iter())))
                .fold(0.0, f64::max),
            weights_norm: tableau
                .weights
                .iter()
                .map(|row| sum_bits(row.values.iter()))
                .fold(0.0, f64::max),
            degree: f64::from(1_u32 << tableau.field.rank()),
            steps_a_tree: entries as f64 + stages * (1.0 + tableau.weights.len() as f64),
            denominators: std::iter::once(matrix).chain(weights).collect(),
        }
    }

    /// How many primes prove all conditions up to `order`.
    ///
    /// The residual of a tree of `n` nodes times `M^(n−1)·L·γ` is an algebraic integer (`M`, `L` the common
    /// denominators of `A` and `b`); each of its conjugates is below `(‖b‖·‖A‖^(n−1) + 1)·M^(n−1)·L·γ`, and its
    /// norm is the product of as many of these as the degree of the field.
    fn primes(&self, order: usize) -> usize {
        let edges = order.saturating_sub(1) as f64;
        let magnitude = self.weights_norm + edges * self.row_norm + 1.0;
        let density = (1..=order).map(|n| (n as f64).log2()).sum::<f64>();
        let conjugate =
            magnitude + edges * self.matrix_denominator + self.weights_denominator + density + 1.0;
        (self.degree * conjugate / f64::from(modular::BITS)).ceil() as usize + 1
    }
}

/// An upper bound of `log₂ Σ|x|` that holds for all conjugates, and is not negative.
fn sum_bits<'a>(numbers: impl Iterator<Item = &'a Number>) -> f64 {
    let (mut largest, mut count) = (0.0_f64, 0_usize);
    for number in numbers {
        for (radicand, n) in number.terms() {
            let root = f64::from(128 - radicand.leading_zeros()) / 2.0;
            // |n| < 2^bits(n) and the denominator is at least 2^(bits − 1).
            let bits = n.abs().bits() as f64 - number.denominator().bits() as f64 + 1.0 + root;
            largest = largest.max(bits);
            count += 1;
        }
    }
    largest + (count.max(1) as f64).log2()
}
