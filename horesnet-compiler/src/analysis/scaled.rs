//! A matrix and weights over common denominators: `A = N/M` and `b = β/L` with integers `N`, `β` of `Z[√d₁, …]`.
//!
//! Integers need no reduction, which is what makes powers of long coefficients affordable.

use nalgebra::{DMatrix, DVector};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::effort::{Effort, Figure, Unknown, reduction, words};
use crate::number::Number;

/// Most bits of a common denominator; published tableaux need some hundred.
const BITS: u64 = 1 << 12;

/// Numbers as integers over one denominator.
pub(crate) struct Integers {
    pub(crate) values: Vec<Number>,
    pub(crate) denominator: Number,
}

impl Integers {
    pub(crate) fn of<'a>(
        numbers: impl Iterator<Item = &'a Number> + Clone,
        effort: &mut Effort,
    ) -> Figure<Self> {
        let mut common = BigInt::one();
        for number in numbers.clone() {
            common = common.lcm(number.denominator());
            if common.bits() > BITS || number.bits() > 4 * BITS {
                return Err(Unknown::TooLarge);
            }
        }
        let denominator = Number::from(common);
        // Reducing each product takes a greatest common divisor, a bit at a time.
        let length = words(numbers.clone()) + words([&denominator]);
        effort.spend(numbers.clone().count() as f64 * reduction(length))?;
        let values = numbers.map(|number| number * &denominator).collect();
        Ok(Self {
            values,
            denominator,
        })
    }
}

/// A matrix as an integer matrix over one denominator.
pub(crate) struct Scaled {
    pub(crate) matrix: DMatrix<Number>,
    pub(crate) denominator: Number,
    /// Words of the longest entry.
    length: f64,
}

impl Scaled {
    pub(crate) fn of(matrix: &DMatrix<Number>, effort: &mut Effort) -> Figure<Self> {
        let integers = Integers::of(matrix.iter(), effort)?;
        Ok(Self {
            length: words(&integers.values),
            matrix: DMatrix::from_vec(matrix.nrows(), matrix.ncols(), integers.values),
            denominator: integers.denominator,
        })
    }

    /// `N·v`.
    pub(crate) fn times(
        &self,
        v: &DVector<Number>,
        effort: &mut Effort,
    ) -> Figure<DVector<Number>> {
        let rows = self.matrix.row_iter();
        let pairs = rows.flat_map(|row| row.into_iter().zip(v.iter()));
        let terms = pairs.filter(|(a, b)| !a.is_zero() && !b.is_zero()).count();
        let length = self.length * words(v.iter());
        effort.spend(self.matrix.len() as f64 + terms as f64 * (20.0 + length))?;
        let rows = self.matrix.row_iter().map(|row| {
            let products = row.iter().zip(v.iter());
            sum(products)
        });
        Ok(DVector::from_iterator(v.len(), rows))
    }

    /// `N·X`, a column at a time.
    pub(crate) fn product(
        &self,
        x: &DMatrix<Number>,
        effort: &mut Effort,
    ) -> Figure<DMatrix<Number>> {
        let columns = x.column_iter().map(|v| self.times(&v.into_owned(), effort));
        let columns = columns.collect::<Figure<Vec<_>>>()?;
        Ok(DMatrix::from_columns(&columns))
    }
}

/// `Σ a·b` without the zeros.
pub(crate) fn sum<'a>(pairs: impl Iterator<Item = (&'a Number, &'a Number)>) -> Number {
    pairs
        .filter(|(a, b)| !a.is_zero() && !b.is_zero())
        .fold(Zero::zero(), |sum: Number, (a, b)| &sum + &(a * b))
}
