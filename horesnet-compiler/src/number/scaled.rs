//! A matrix and weights over common denominators: `A = N/M` and `b = β/L` with integers `N`, `β` of `Z[√d₁, …]`.
//!
//! Integers need no reduction, which makes powers of long coefficients affordable.

use nalgebra::{DMatrix, DVector};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::Number;
use super::budget::{Budget, TooLarge, WORD, operation_on, words};

/// Most bits of the common denominator of a tableau; published ones need some hundred.
pub(crate) const BITS: u64 = 1 << 12;

/// Numbers as integers over one denominator.
pub(crate) struct Integers {
    pub(crate) values: Vec<Number>,
    pub(crate) denominator: Number,
}

impl Integers {
    /// Refuses denominators of more than `most` bits.
    pub(crate) fn of<'a>(
        numbers: impl Iterator<Item = &'a Number> + Clone,
        most: u64,
        budget: &mut Budget,
    ) -> Result<Self, TooLarge> {
        let mut common = BigInt::one();
        for number in numbers.clone() {
            if common.is_multiple_of(number.denominator()) {
                continue;
            }
            budget.spend(operation_on(words([number]) + common.bits() as f64 / 64.0))?;
            common = common.lcm(number.denominator());
            if common.bits() > most {
                return Err(TooLarge);
            }
        }
        if common.is_one() {
            return Ok(Self {
                values: numbers.cloned().collect(),
                denominator: Number::one(),
            });
        }
        let denominator = Number::from(common);
        let length = words(numbers.clone()) + words([&denominator]);
        budget.spend(numbers.clone().count() as f64 * operation_on(length))?;
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
    pub(crate) fn of(matrix: &DMatrix<Number>, budget: &mut Budget) -> Result<Self, TooLarge> {
        if matrix.iter().any(|number| number.bits() > 4 * BITS) {
            return Err(TooLarge);
        }
        let integers = Integers::of(matrix.iter(), BITS, budget)?;
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
        budget: &mut Budget,
    ) -> Result<DVector<Number>, TooLarge> {
        let rows = self.matrix.row_iter();
        let pairs = rows.clone().flat_map(|row| row.into_iter().zip(v.iter()));
        let terms = pairs.filter(|(a, b)| !a.is_zero() && !b.is_zero()).count();
        let length = self.length * words(v.iter());
        budget.spend(WORD * (self.matrix.len() as f64 + terms as f64 * (20.0 + length)))?;
        let products = rows.map(|row| dot(row.iter().zip(v.iter())));
        Ok(DVector::from_iterator(v.len(), products))
    }

    /// `N·X`, a column at a time.
    pub(crate) fn product(
        &self,
        x: &DMatrix<Number>,
        budget: &mut Budget,
    ) -> Result<DMatrix<Number>, TooLarge> {
        let columns = x.column_iter().map(|v| self.times(&v.into_owned(), budget));
        let columns: Vec<_> = columns.collect::<Result<_, _>>()?;
        Ok(DMatrix::from_columns(&columns))
    }
}

/// `Σ a·b`; skips zeros, of which tableaux are full.
pub(crate) fn dot<'a>(pairs: impl Iterator<Item = (&'a Number, &'a Number)>) -> Number {
    { pairs.filter(|(a, b)| !a.is_zero() && !b.is_zero()) }
        .fold(Number::zero(), |sum, (a, b)| &sum + &(a * b))
}
