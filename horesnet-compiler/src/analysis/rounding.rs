//! The stability functions `P/Q` of all schemes that the coefficients of a rounded file may stand for.
//!
//! Such a scheme has the zeros of the file, equal entries where the file has equal ones, all others within the relative
//! error, and the order that was proven. The order gives `P = Q·exp(z) + O(z^(p+1))`; at `p = deg P + deg Q` both are
//! those of Padé's approximant, whatever the digits.

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use super::figure::Figure;
use super::stability;
use crate::number::Number;
use crate::number::arithmetic::{Arithmetic, Field};
use crate::number::budget::{Budget, TooLarge, WORD};
use crate::number::enclosure::Enclosure;
use crate::number::modular::Residues;
use crate::number::radical::Group;

/// Encloses `P` and `Q` of the scheme of that order, from their coefficients as written. All stages reach the weights.
pub(super) fn enclosed(
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    eps: &Number,
    order: usize,
    budget: &mut Budget,
) -> Figure<[Enclosure; 2]> {
    let [above, below] = degrees(matrix, weights, budget)?;
    if below > 0 && order >= above + below {
        return Ok(pade(above, below));
    }
    let [series, denominator] = stability::written(matrix, weights, budget)?;
    let mut growth = vec![Number::zero()];
    let mut power = Number::one();
    for _ in 0..matrix.nrows() {
        power = (&power * &(&Number::one() + eps)).above();
        // Of a product of k coefficients: (1 + EPS)^k − 1.
        growth.push(&power - &Number::one());
    }
    let radius = cycles(matrix, below, budget)?;
    let radius = radius.iter().zip(&growth).map(|(c, g)| c * g).collect();
    let q = Enclosure::new(denominator, radius).truncated(0, below + 1);
    let sizes = chains(matrix, weights, budget)?;
    let (mut centre, mut radius, mut exponential) = (Vec::new(), Vec::new(), Number::one());
    for (k, (c, size)) in series.into_iter().zip(&sizes).enumerate() {
        if k > 0 {
            exponential = &exponential * &reciprocal(k);
        }
        let error = &growth[k.min(growth.len() - 1)] * size;
        let differs = || (&(&c - &exponential).abs() - &error).sign().is_gt();
        // The coefficients of an explicit scheme are read so past its order as well.
        let is_known = k <= order || below == 0 && !differs();
        centre.push(if is_known { exponential.clone() } else { c });
        radius.push(if is_known { Number::zero() } else { error });
    }
    let p = Enclosure::new(centre, radius).times(&q, budget)?;
    Ok([p.truncated(0, above + 1), q])
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

/// Padé's approximant of `exp` (Hairer, Wanner 1996, Thm. IV.3.11):
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

/// Bounds of `|b|ᵀ|A|^(k−1)e`, from `k = 0` on.
fn chains(
    matrix: &DMatrix<Number>,
    weights: &DVector<Number>,
    budget: &mut Budget,
) -> Result<Vec<Number>, TooLarge> {
    let stages = matrix.nrows();
    budget.spend(WORD * (stages as f64).powi(3) * 40.0)?;
    let matrix = matrix.map(|a| a.abs().above());
    let weights = weights.map(|b| b.abs().above());
    let mut v = DVector::from_element(stages, Number::one());
    let mut sizes = vec![Number::zero()];
    for _ in 0..stages {
        sizes.push(weights.dot(&v).above());
        v = (&matrix * &v).map(|size| size.above());
    }
    Ok(sizes)
}

fn reciprocal(k: usize) -> Number {
    Number::ratio(1, k as i64).unwrap_or_else(Number::one)
}
