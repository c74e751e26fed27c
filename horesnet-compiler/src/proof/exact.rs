//! Decides the order conditions of exact coefficients modulo primes.
//!
//! One prime refutes a condition. Enough primes prove it: their number follows from the size of the coefficients.

use nalgebra::DVector;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::modular;
use crate::number::modular::Residues;
use crate::number::ring::Ring;
use crate::proof::search::{Failing, Search, Target, earlier};
use crate::proof::support::Support;
use crate::proof::tree::Forest;
use crate::proof::walk::Walk;

/// Primes that check the first failing order, to find its first failing tree.
const SECOND_OPINIONS: usize = 2;

/// Steps of a multiplication, with what it reads from memory.
const MULTIPLICATION: f64 = 1.6;

/// Steps to convert a word of a number, of which products and an inverse are made.
const WORD: f64 = 6.0;

/// Finds the first failing tree of each row up to `bound`.
pub(crate) fn search(
    tableau: &Tableau,
    leaf: &DVector<Number>,
    Search { target, bound }: Search,
    forest: &mut Forest,
    budget: &mut Budget,
) -> Result<Failing, TooLarge> {
    let size = Size::of(tableau, leaf)?;
    let support = Support::of(tableau, |i| !leaf[i].is_zero());
    let mut primes = Residues::all(&tableau.field, &size.denominators).map(|ring| {
        let leaf = ring.convert(support.select(leaf));
        Walk::new(ring, &support, tableau, leaf)
    });
    let mut failing: Failing = vec![None; tableau.weights.len()];
    // One prime refutes: it finds, for each row, an order that cannot be exceeded.
    let mut walk = primes.next().ok_or(TooLarge)?;
    let mut passed = 0;
    for order in 1..=bound {
        forest.grow_within(order, budget)?;
        let bytes = forest.bytes() + 8.0 * support.numbers(forest, order);
        let refuting = MULTIPLICATION * support.steps(forest, order);
        let steps = size.steps(&support, forest, passed) + refuting;
        budget.hold(bytes)?;
        budget.allow(steps)?;
        refute(&mut walk, target, forest, order, &mut failing);
        if failing.iter().all(Option::is_some) {
            break;
        }
        passed = order;
    }
    drop(walk);
    let refuting = MULTIPLICATION * support.steps(forest, forest.order().min(passed + 1));
    budget.spend(size.steps(&support, forest, passed) + refuting)?;
    // Enough primes prove: all conditions of the orders that passed.
    for (at, mut walk) in primes.take(size.primes(passed)).enumerate() {
        let beyond = usize::from(at < SECOND_OPINIONS && passed < forest.order());
        for order in 1..=passed + beyond {
            refute(&mut walk, target, forest, order, &mut failing);
        }
    }
    Ok(failing)
}

/// Lowers `failing` to the first tree of `order` that fails modulo the prime of the walk.
fn refute(
    walk: &mut Walk<Residues>,
    target: Target,
    forest: &Forest,
    order: usize,
    failing: &mut Failing,
) {
    walk.prepare(forest, order);
    for (row, failing) in failing.iter_mut().enumerate() {
        let mut weight = [0];
        let mut wrong = |&tree: &usize| {
            walk.weight(forest, row, tree, &mut weight);
            match target {
                Target::Flow => !walk.ring.inverts(weight[0], forest.get(tree).density),
                Target::Identity => weight[0] != 0,
            }
        };
        let trees = forest
            .range(order)
            .take_while(|&tree| earlier(Some(tree), *failing));
        if let Some(tree) = { trees }.find(&mut wrong) {
            *failing = Some(tree);
        }
    }
}

/// Words per tree node of exact elementary weights, over all square roots.
pub(crate) fn words(tableau: &Tableau) -> Result<f64, TooLarge> {
    let size = Size::of(tableau, &tableau.nodes)?;
    let bits = size.matrix_denominator.max(size.weights_denominator) + size.row_norm;
    Ok(size.degree * (1.0 + bits / 64.0))
}

/// Sizes of a tableau's numbers, which bound the residuals that the primes must exceed.
struct Size {
    denominators: Vec<BigInt>,
    /// Bits of a common denominator of the matrix and the leaves, and of each row of weights.
    matrix_denominator: f64,
    weights_denominator: f64,
    /// Bits of the largest row sum over absolute values of conjugates.
    row_norm: f64,
    weights_norm: f64,
    degree: f64,
    /// Words of all numerators and denominators.
    words: f64,
}

impl Size {
    fn of(tableau: &Tableau, leaf: &DVector<Number>) -> Result<Self, TooLarge> {
        let matrix = common_denominator(tableau.matrix.iter().chain(leaf.iter()))?;
        let rows = tableau.weights.iter();
        let weights = rows
            .clone()
            .map(|row| common_denominator(row.values.iter()));
        let weights: Vec<_> = weights.collect::<Result<_, _>>()?;
        let largest = |sums: &mut dyn Iterator<Item = f64>| sums.fold(0.0, f64::max);
        let stages = tableau.matrix.row_iter().map(|row| sum_bits(row.iter()));
        let leaves = leaf.iter().map(|c| sum_bits(std::iter::once(c)));
        let numbers = tableau
            .matrix
            .iter()
            .chain(rows.clone().flat_map(|row| row.values.iter()));
        Ok(Self {
            matrix_denominator: matrix.bits() as f64,
            weights_denominator: weights.iter().map(BigInt::bits).max().unwrap_or(1) as f64,
            row_norm: largest(&mut stages.chain(leaves)),
            weights_norm: largest(&mut rows.map(|row| sum_bits(row.values.iter()))),
            degree: f64::from(1_u32 << tableau.field.rank()),
            words: numbers
                .map(|n| n.bits() as f64 / 64.0 * (n.terms().len() + 1) as f64)
                .sum(),
            denominators: std::iter::once(matrix).chain(weights).collect(),
        })
    }

    /// Steps to prove all conditions up to `order`.
    fn steps(&self, support: &Support, forest: &Forest, order: usize) -> f64 {
        let walk = MULTIPLICATION * support.steps(forest, order) + WORD * self.words;
        self.primes(order) as f64 * (modular::search(self.degree) + walk)
    }

    /// The number of primes that prove all conditions up to `order`.
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

/// The least common denominator, unless it is too large for a proof.
fn common_denominator<'a>(
    mut numbers: impl Iterator<Item = &'a Number>,
) -> Result<BigInt, TooLarge> {
    const BITS: u64 = 1 << 14;
    numbers.try_fold(BigInt::one(), |common, number| {
        let denominator = number.denominator();
        let divisor = (&common % denominator).gcd(denominator);
        let common = common * (denominator / divisor);
        if common.bits() <= BITS {
            Ok(common)
        } else {
            Err(TooLarge)
        }
    })
}

/// An upper bound of `log₂ Σ|x|` over all conjugates, at least 0.
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
