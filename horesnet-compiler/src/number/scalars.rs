//! Numbers of one machine word or two: floating point, magnitudes and double-double.

use std::ops::{Add, Mul, Sub};

use super::Number;
use super::arithmetic::Arithmetic;
use super::double_double::DoubleDouble;
use super::magnitude::Magnitude;
use super::ring::Ring;

/// Arithmetic of a type of numbers.
#[derive(Clone)]
pub(crate) struct Scalars<T> {
    convert: fn(&Number) -> T,
    steps: f64,
}

/// Approximate numbers, to find what is worth solving exactly.
pub(crate) const FLOATS: Scalars<f64> = Scalars {
    convert: Number::to_f64,
    steps: 1.0,
};

/// Absolute values: a bound needs few digits.
pub(crate) const MAGNITUDES: Scalars<Magnitude> = Scalars {
    convert: Magnitude::of,
    steps: 1.0,
};

/// Numbers of some 32 digits.
pub(crate) const DOUBLE_DOUBLES: Scalars<DoubleDouble> = Scalars {
    convert: DoubleDouble::of,
    steps: 20.0,
};

impl<T> Arithmetic for Scalars<T>
where
    T: Copy + Default + PartialEq + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    type Element = T;

    fn zero(&self) -> T {
        T::default()
    }

    fn convert(&self, number: &Number) -> T {
        (self.convert)(number)
    }

    fn subtract(&self, a: &T, b: &T) -> T {
        *a - *b
    }

    fn multiply(&self, a: &T, b: &T) -> T {
        *a * *b
    }

    fn accumulate(&self, sum: &mut T, a: &T, b: &T) {
        *sum = *sum + *a * *b;
    }

    fn steps(&self, _: &T, _: &T) -> f64 {
        self.steps
    }
}

impl<T: Copy + Default + Add<Output = T> + Mul<Output = T>> Ring for Scalars<T> {
    type Word = T;

    fn width(&self) -> usize {
        1
    }

    fn convert<'a>(&self, numbers: impl Iterator<Item = &'a Number> + Clone) -> Vec<T> {
        numbers.map(self.convert).collect()
    }

    fn multiply(&mut self, a: &[T], b: &[T], out: &mut [T]) {
        for (out, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
            *out = a * b;
        }
    }

    fn dot(&mut self, columns: &[usize], a: &[T], v: &[T], out: &mut [T]) {
        let products = columns.iter().zip(a).map(|(&j, &a)| a * v[j]);
        out[0] = products.fold(T::default(), Add::add);
    }
}
