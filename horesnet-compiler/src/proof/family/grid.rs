//! Evaluates the conditions of a family on a grid of points modulo primes.
//!
//! A polynomial of degree `D` in each of its variables that vanishes at all points of a grid of `D + 1` values a variable
//! is zero, in any field. One that is zero modulo primes whose product exceeds the norms of its coefficients is zero.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::bounds::Bounds;
use crate::language::family::Family;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::number::modular::{self, Residues};
use crate::number::modulus::Modulus;
use crate::number::multivariate::{Exponents, Multivariate};
use crate::number::rational_function::RationalFunction;
use crate::number::ring::Ring;
use crate::proof::search::{Failing, earlier};
use crate::proof::support::Support;
use crate::proof::tree::Forest;
use crate::proof::walk::Walk;

/// Steps of a multiplication, of converting a number at a point, and of an inverse.
const MULTIPLICATION: f64 = 1.6;
const CONVERSION: f64 = 250.0;
const INVERSE: f64 = 150.0;

/// Offsets of a grid that are tried until no point is a pole modulo the prime.
const OFFSETS: u64 = 16;

/// A proof that would take too long, with the degrees of the conditions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TooLong {
    pub(crate) order: usize,
    pub(crate) degrees: Vec<usize>,
    pub(crate) points: f64,
    pub(crate) primes: usize,
}

/// Finds the first tree of each row whose condition does not hold identically, up to `bound`.
pub(crate) fn search(
    family: &Family,
    tableau: &Tableau,
    leaf: &[RationalFunction],
    bound: usize,
    forest: &mut Forest,
    budget: &mut Budget,
) -> Result<Failing, TooLong> {
    let mut failing: Failing = vec![None; tableau.weights.len()];
    let field = family.field();
    let degree = field
        .as_ref()
        .map_or(f64::INFINITY, |field| f64::from(1_u32 << field.rank()));
    let bounds = Bounds::of(family, leaf, degree);
    let too_long = |order: usize, primes: usize| {
        let degrees = bounds.degrees(order);
        let points = degrees.iter().map(|degree| *degree as f64 + 1.0).product();
        TooLong {
            order,
            degrees,
            points,
            primes,
        }
    };
    let Some(field) = field else {
        return Err(too_long(bound, 0));
    };
    let structure = structure(family, tableau);
    let support = Support::of(&structure, |i| !leaf[i].is_zero());
    let denominators = bounds.denominators();
    let mut primes = Residues::all(&field, &denominators).map(|ring| Image::of(ring, family, leaf));
    // One point modulo one prime refutes: it finds, for each row, an order that cannot be exceeded.
    let first = primes.next().ok_or_else(|| too_long(bound, 0))?;
    let at = (0..OFFSETS).find_map(|seed| {
        let place: Vec<_> = (0..family.parameters.len())
            .map(|of| first.offset(of, seed))
            .collect();
        first.member(&structure, &place)
    });
    let (member, values) = at.ok_or_else(|| too_long(bound, 1))?;
    let mut passed = 0;
    {
        let mut walk = Walk::new(
            first.ring.clone(),
            &support,
            &member,
            first.leaf(&support, &values),
        );
        for order in 1..=bound {
            forest
                .grow_within(order, budget)
                .map_err(|_| too_long(order, 1))?;
            let steps = MULTIPLICATION * support.steps(forest, order);
            let bytes = forest.bytes() + 8.0 * support.numbers(forest, order);
            budget
                .hold(bytes)
                .and_then(|()| budget.allow(steps))
                .map_err(|_| too_long(order, 1))?;
            refute(&mut walk, forest, order, &mut failing);
            if failing.iter().all(Option::is_some) {
                break;
            }
            passed = order;
        }
    }
    let (degrees, count) = (bounds.degrees(passed), bounds.primes(passed, modular::BITS));
    let points: f64 = degrees.iter().map(|degree| *degree as f64 + 1.0).product();
    let point = MULTIPLICATION * support.steps(forest, passed) + first.steps();
    let prime = modular::search(degree) + CONVERSION * family.terms() as f64 + point * points;
    budget
        .spend(prime * count as f64)
        .map_err(|_| too_long(passed, count))?;
    let mut proven = 0;
    for image in std::iter::once(first).chain(primes) {
        if proven == count {
            break;
        }
        // A prime for which each grid has a pole proves nothing.
        proven += usize::from((0..OFFSETS).any(|seed| {
            image.grid(&degrees, seed).all(|place| {
                let Some((member, values)) = image.member(&structure, &place) else {
                    return false;
                };
                let leaf = image.leaf(&support, &values);
                let mut walk = Walk::new(image.ring.clone(), &support, &member, leaf);
                for order in 1..=passed {
                    refute(&mut walk, forest, order, &mut failing);
                }
                true
            })
        }));
    }
    Ok(failing)
}

/// Lowers `failing` to the first tree of `order` that fails at the point of the walk.
fn refute(walk: &mut Walk<Residues>, forest: &Forest, order: usize, failing: &mut Failing) {
    walk.prepare(forest, order);
    for (row, failing) in failing.iter_mut().enumerate() {
        let mut weight = [0];
        let mut wrong = |&tree: &usize| {
            walk.weight(forest, row, tree, &mut weight);
            !walk.ring.inverts(weight[0], forest.get(tree).density)
        };
        let trees = forest
            .range(order)
            .take_while(|&tree| earlier(Some(tree), *failing));
        if let Some(tree) = { trees }.find(&mut wrong) {
            *failing = Some(tree);
        }
    }
}

/// A tableau that has ones where the family's functions are not zero.
fn structure(family: &Family, tableau: &Tableau) -> Tableau {
    let mark = |f: &RationalFunction| {
        if f.is_zero() {
            Number::zero()
        } else {
            Number::one()
        }
    };
    let mut marked = tableau.clone();
    marked.name = None;
    marked.documentation.clear();
    for (i, row) in family.matrix.iter().enumerate() {
        for (j, entry) in row.iter().enumerate() {
            marked.matrix[(i, j)] = mark(entry);
        }
        marked.nodes[i] = mark(&family.nodes[i]);
    }
    for (row, weights) in marked.weights.iter_mut().zip(&family.weights) {
        row.values
            .iter_mut()
            .zip(weights)
            .for_each(|(value, f)| *value = mark(f));
    }
    marked
}

/// Terms of a polynomial modulo a prime.
type Terms = Vec<(Exponents, u64)>;

/// The functions of a family modulo a prime.
struct Image {
    ring: Residues,
    modulus: Modulus,
    parameters: usize,
    /// Different factors of denominators.
    factors: Vec<Terms>,
    /// Numerators, with the factors below them and their multiplicities: matrix, weights, leaves.
    functions: Vec<(Terms, Vec<(usize, u32)>)>,
    stages: usize,
}

impl Image {
    fn of(ring: Residues, family: &Family, leaf: &[RationalFunction]) -> Self {
        let terms = |p: &Multivariate| -> Terms {
            let coefficients = ring.convert(p.terms().map(|(_, c)| c));
            p.terms()
                .map(|(exponents, _)| *exponents)
                .zip(coefficients)
                .collect()
        };
        let mut known: Vec<Multivariate> = Vec::new();
        let matrix = family.matrix.iter().flatten();
        let all = matrix.chain(family.weights.iter().flatten()).chain(leaf);
        let functions = all.map(|f| {
            let below = f.factors.iter().map(|(factor, times)| {
                let at = known.iter().position(|other| other == factor);
                let at = at.unwrap_or_else(|| {
                    known.push(factor.clone());
                    known.len() - 1
                });
                (at, *times)
            });
            let below = below.collect();
            (terms(&f.numerator), below)
        });
        let functions: Vec<_> = functions.collect();
        Self {
            factors: known.iter().map(terms).collect(),
            functions,
            modulus: ring.modulus(),
            ring,
            parameters: family.parameters.len(),
            stages: family.nodes.len(),
        }
    }

    /// Steps to evaluate all functions at a point.
    fn steps(&self) -> f64 {
        let numerators = self.functions.iter().map(|(terms, _)| terms);
        let terms: usize = numerators.chain(&self.factors).map(Vec::len).sum();
        let per_term = MULTIPLICATION * (1 + self.parameters) as f64;
        terms as f64 * per_term
            + self.functions.len() as f64 * CONVERSION
            + self.factors.len() as f64 * INVERSE
    }

    /// A residue that looks random: the first value of a parameter on a grid (Steele, Lea, Flood 2014).
    fn offset(&self, parameter: usize, seed: u64) -> u64 {
        let mut x = (parameter as u64 + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(seed << 32);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % self.modulus.prime
    }

    /// All points of a grid of one value more than the degree in each parameter.
    fn grid<'a>(&'a self, degrees: &'a [usize], seed: u64) -> impl Iterator<Item = Vec<u64>> + 'a {
        let points: usize = degrees.iter().map(|degree| degree + 1).product();
        (0..points).map(move |mut number| {
            let values = degrees.iter().enumerate().map(|(parameter, degree)| {
                let steps = number % (degree + 1);
                number /= degree + 1;
                let steps = self.modulus.convert(&BigInt::from(steps));
                self.modulus.add(self.offset(parameter, seed), steps)
            });
            values.collect()
        })
    }

    /// The member at a point, as integers, and all its values; `None` at a pole.
    fn member(&self, structure: &Tableau, point: &[u64]) -> Option<(Tableau, Vec<u64>)> {
        let factors = self.factors.iter().map(|factor| {
            let value = self.value(factor, point);
            (value != 0).then(|| self.modulus.invert(value))
        });
        let inverses: Vec<_> = factors.collect::<Option<_>>()?;
        let values = self.functions.iter().map(|(numerator, below)| {
            let numerator = self.value(numerator, point);
            below.iter().fold(numerator, |value, (factor, times)| {
                let inverse = self.modulus.power(inverses[*factor], (*times).into());
                self.modulus.multiply(value, inverse)
            })
        });
        let values: Vec<_> = values.collect();
        // From Montgomery's form to the integer.
        let number =
            |value: &u64| Number::from(BigInt::from(self.modulus.reduce(u128::from(*value))));
        let mut member = structure.clone();
        let mut numbers = values.iter();
        for i in 0..self.stages {
            for j in 0..self.stages {
                let value = numbers.next()?;
                if !structure.matrix[(i, j)].is_zero() {
                    member.matrix[(i, j)] = number(value);
                }
            }
        }
        for row in &mut member.weights {
            for slot in row.values.iter_mut() {
                *slot = number(numbers.next()?);
            }
        }
        Some((member, values))
    }

    /// The values at the leaves of the stages that matter.
    fn leaf(&self, support: &Support, values: &[u64]) -> Vec<u64> {
        let leaves = &values[values.len() - self.stages..];
        support.stages.iter().map(|&stage| leaves[stage]).collect()
    }

    fn value(&self, terms: &Terms, point: &[u64]) -> u64 {
        terms.iter().fold(0, |sum, (exponents, c)| {
            let powers = point.iter().zip(exponents).filter(|(_, power)| **power > 0);
            let term = powers.fold(*c, |term, (x, power)| {
                self.modulus
                    .multiply(term, self.modulus.power(*x, (*power).into()))
            });
            self.modulus.add(sum, term)
        })
    }
}
