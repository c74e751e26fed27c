//! The stability functions `P/Q` of all schemes that the coefficients of a rounded file may stand for.
//!
//! Such a scheme has the zeros of the file, equal entries where the file has equal ones, all others within the relative
//! error, and the order that was proven. The order gives `P = Q·exp(z) + O(z^(p+1))`; at `p = deg P + deg Q` both are
//! those of Padé's approximant, whatever the digits.

use nalgebra::{DMatrix, DVector};
use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::figure::Figure;
use super::stability::{characteristic, unscaled};
use crate::number::Number;
use crate::number::arithmetic::{Arithmetic, Field};
use crate::number::budget::{Budget, TooLarge, WORD, operation_on, words};
use crate::number::enclosure::Enclosure;
use crate::number::modular::Residues;
use crate::number::radical::Group;
use crate::number::scaled::Scaled;

/// Encloses `P` and `Q` of the scheme of that order. All stages reach the weights.
pub(super) fn enclosed(
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    eps: &Number,
    order: usize,
    budget: &mut Budget,
) -> Figure<[Enclosure; 2]> {
    let stages = matrix.nrows();
    let explicit = (0..stages).all(|i| (i..stages).all(|j| matrix[(i, j)].is_zero()));
    let [above, below] = if explicit {
        [stages, 0]
    } else {
        degrees(matrix, weights, budget)?
    };
    if below > 0 && order >= above + below {
        return Ok(pade(above, below));
    }
    // Powers of A over bᵀ times e end in bᵀA^(k−1)e.
    let mut whole = matrix
        .clone()
        .resize(stages + 1, stages + 1, Number::zero());
    for (j, b) in weights.iter().enumerate() {
        whole[(stages, j)] = b.clone();
    }
    let chains = Chains::of(&whole, eps, stages, budget)?;
    let series = chains.series(stages, if explicit { usize::MAX } else { order });
    if explicit {
        return Ok([series, Enclosure::new(vec![Number::one()], Vec::new())]);
    }
    let scaled = Scaled::of(matrix, budget)?;
    let centre = unscaled(
        &characteristic(&scaled, budget)?,
        &scaled,
        &Number::one(),
        budget,
    )?;
    let radius = cycles(matrix, below, budget)?;
    let radius = radius
        .iter()
        .zip(&chains.growth)
        .map(|(c, g)| c * g)
        .collect();
    let q = Enclosure::new(centre, radius).truncated(0, below + 1);
    let p = series.times(&q, budget)?;
    Ok([p.truncated(0, above + 1), q])
}

/// Encloses the stability functions of the stages of an explicit scheme.
pub(super) fn stages(
    matrix: &DMatrix<Number>,
    eps: &Number,
    budget: &mut Budget,
) -> Figure<Vec<Enclosure>> {
    let chains = Chains::of(matrix, eps, matrix.nrows(), budget)?;
    Ok((0..matrix.nrows())
        .map(|row| chains.series(row, 0))
        .collect())
}

/// `A^k·e` with bounds `|A|^k·e`, and the relative errors `(1 + EPS)^k − 1`, for `k` from 0 on.
struct Chains {
    values: Vec<DVector<Number>>,
    sizes: Vec<DVector<Number>>,
    growth: Vec<Number>,
}

impl Chains {
    fn of(
        matrix: &DMatrix<Number>,
        eps: &Number,
        most: usize,
        budget: &mut Budget,
    ) -> Result<Self, TooLarge> {
        /// Bits of values below the stated error.
        const GUARD: i64 = 16;
        let scaled = Scaled::of(matrix, budget)?;
        let absolute = matrix.map(|a| above(a.to_f64().abs(), !a.is_zero()));
        if absolute.iter().any(|size| !size.is_finite()) {
            return Err(TooLarge);
        }
        let unit = eps * &Number::dyadic(BigInt::one(), -GUARD);
        let factor = &(&Number::one() + eps) + &unit;
        let ones = DVector::from_element(matrix.nrows(), Number::one());
        let mut chains = Self {
            values: vec![ones.clone()],
            sizes: vec![ones.clone()],
            growth: vec![Number::zero()],
        };
        // The values are integers over a power of two.
        let (mut v, mut bits, mut power) = (ones, 0, Number::one());
        let mut size = DVector::from_element(matrix.nrows(), 1.0);
        for _ in 0..most {
            budget.spend(WORD * matrix.len() as f64)?;
            size = (&absolute * &size).map(|size| above(size, size != 0.0));
            let bounds = size.map(|size| Number::from_f64(size).unwrap_or_else(Number::zero));
            if size.iter().any(|size| !size.is_finite()) {
                return Err(TooLarge);
            }
            let product = scaled.times(&v, budget)?;
            let scale = &scaled.denominator * &Number::dyadic(BigInt::one(), bits);
            let length = words(product.iter()) + words([&scale]);
            budget.spend(2.0 * product.len() as f64 * operation_on(length))?;
            let needed = bounds.iter().filter(|size| !size.is_zero()).map(|size| {
                let least = size * &unit;
                let numerator = least.terms().first().map_or(0, |(_, n)| n.bits());
                least.denominator().bits().saturating_sub(numerator) + 6
            });
            let digits = needed.max().unwrap_or(0);
            v = product.map(|n| {
                let quotient = n.checked_div(&scale).unwrap_or_else(Number::zero);
                Number::from(quotient.fixed(digits).0)
            });
            bits = digits as i64;
            power = (&power * &factor).above();
            chains
                .values
                .push(v.map(|n| &n * &Number::dyadic(BigInt::one(), -bits)));
            chains.sizes.push(bounds);
            chains.growth.push(&power - &Number::one());
        }
        Ok(chains)
    }

    /// The series of a row: `1/k!` up to that order, as far as the errors allow.
    fn series(&self, row: usize, order: usize) -> Enclosure {
        let (mut centre, mut radius, mut exponential) = (Vec::new(), Vec::new(), Number::one());
        let terms = self.values.iter().zip(&self.sizes).zip(&self.growth);
        for (k, ((values, sizes), growth)) in terms.enumerate() {
            if k > 0 {
                exponential = &exponential * &reciprocal(k);
            }
            let (value, error) = (&values[row], growth * &sizes[row]);
            let differs = (&(value - &exponential).abs() - &error).sign().is_gt();
            let is_known = k <= order && (order != usize::MAX || !differs);
            centre.push(if is_known {
                exponential.clone()
            } else {
                value.clone()
            });
            radius.push(if is_known { Number::zero() } else { error });
        }
        Enclosure::new(centre, radius)
    }
}

/// A bound of a size that was rounded; none is too small for products.
fn above(size: f64, is_positive: bool) -> f64 {
    const LEAST: f64 = 1e-100;
    const SLACK: f64 = 1.0 + 1e-12;
    if is_positive {
        (size * SLACK).max(LEAST)
    } else {
        0.0
    }
}

/// The degrees of `P` and `Q` for almost all values of the entries: zeros stay zero, equal ones equal.
///
/// Random residues in place of the entries show them. A coefficient that is not zero for all values is zero for these
/// with a probability below 10⁻¹⁶ (Schwartz 1980).
fn degrees(
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    budget: &mut Budget,
) -> Result<[usize; 2], TooLarge> {
    let stages = matrix.nrows();
    let group = Group::default();
    let Some(field) = Residues::all(&group, &[]).next() else {
        return Err(TooLarge);
    };
    budget.spend(2.0 * (stages as f64).powi(4) + 100.0 * (stages as f64).powi(3))?;
    let mut sizes: Vec<Number> = Vec::new();
    let mut residue = |number: &Number| {
        let size = number.clone().abs();
        let class = sizes.iter().position(|other| *other == size);
        let class = class.unwrap_or_else(|| {
            sizes.push(size);
            sizes.len() - 1
        });
        let value = mixed(class as u64 + 1) % field.modulus().prime;
        match number.sign() {
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Less => field.subtract(&0, &value),
            std::cmp::Ordering::Greater => value,
        }
    };
    let (a, b) = (matrix.map(|a| residue(&a)), weights.map(|b| residue(&b)));
    let dot = |x: &[u64], y: &[u64]| {
        { x.iter().zip(y) }.fold(0, |mut sum, (x, y)| {
            field.accumulate(&mut sum, x, y);
            sum
        })
    };
    let rows: Vec<Vec<u64>> = a
        .row_iter()
        .map(|row| row.iter().copied().collect())
        .collect();
    let times = |v: &[u64]| -> Vec<u64> { rows.iter().map(|row| dot(row, v)).collect() };
    let mut columns: Vec<Vec<u64>> = { a.column_iter() }
        .map(|column| column.iter().copied().collect())
        .collect();
    let (mut q, mut traces, mut series) = (vec![field.one()], Vec::new(), vec![field.one()]);
    let mut v = vec![field.one(); stages];
    for k in 1..=stages {
        traces.push((0..stages).fold(0, |sum, i| field.modulus().add(sum, columns[i][i])));
        // k·q_k = −Σ q_{k−i}·tr(A^i)
        let sum = q.iter().rev().zip(&traces);
        let sum = sum.fold(0, |mut sum, (q, t)| {
            field.accumulate(&mut sum, q, t);
            sum
        });
        let inverse = field.invert(&field.convert(&Number::from(k as i64)));
        q.push(field.multiply(&field.subtract(&0, &sum), &inverse));
        columns = columns.iter().map(|column| times(column)).collect();
        series.push(dot(b.as_slice(), &v));
        v = times(&v);
    }
    let p = (0..=stages).map(|k| {
        let (series, q) = (&series[..=k], &q[..=k]);
        series
            .iter()
            .zip(q.iter().rev())
            .fold(0, |mut sum, (r, q)| {
                field.accumulate(&mut sum, r, q);
                sum
            })
    });
    let p: Vec<_> = p.collect();
    let degree = |f: &[u64]| f.iter().rposition(|&c| c != 0).unwrap_or(0);
    Ok([degree(&p), degree(&q)])
}

/// A word that looks random (Steele, Lea, Flood 2014).
fn mixed(seed: u64) -> u64 {
    let mut word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Padé's approximant of `exp` (Hairer, Wanner 1996, Theorem IV.3.11):
/// `P = Σ C(m,j)·(m+n−j)!/(m+n)!·z^j`, and `Q` the same with `n` and `−z`.
fn pade(m: usize, n: usize) -> [Enclosure; 2] {
    let of = |degree: usize| {
        let mut terms = vec![Number::one()];
        for j in 0..degree {
            let ratio = Number::ratio((degree - j) as i64, ((j + 1) * (m + n - j)) as i64);
            terms.extend({ terms.last().zip(ratio) }.map(|(last, ratio)| last * &ratio));
        }
        Enclosure::new(terms, Vec::new())
    };
    [of(m), of(n).reflected()]
}

/// Bounds of `Σ|minors|`, the sums of the absolute products of cycles of `k` entries: `Π(1 + z·Σ|a_ij|)` over the rows,
/// with the entries that are in a cycle.
fn cycles(
    matrix: &DMatrix<Number>,
    degree: usize,
    budget: &mut Budget,
) -> Result<Vec<Number>, TooLarge> {
    let stages = matrix.nrows();
    budget.spend(WORD * (stages as f64).powi(2) * (stages as f64 + 100.0))?;
    let mut reaches = matrix.map(|a| !a.is_zero());
    for k in 0..stages {
        for i in 0..stages {
            for j in 0..stages {
                reaches[(i, j)] |= reaches[(i, k)] && reaches[(k, j)];
            }
        }
    }
    let mut product = vec![Number::one()];
    for i in 0..stages {
        let cyclic = (0..stages).filter(|&j| reaches[(j, i)]);
        let sum = cyclic.fold(Number::zero(), |sum, j| {
            &sum + &matrix[(i, j)].clone().abs().above()
        });
        let sum = sum.above();
        product.push(Number::zero());
        for k in (1..product.len()).rev() {
            product[k] = (&product[k] + &(&product[k - 1] * &sum)).above();
        }
        product.truncate(degree + 1);
    }
    Ok(product)
}

fn reciprocal(k: usize) -> Number {
    Number::ratio(1, k as i64).unwrap_or_else(Number::one)
}
