//! Arithmetic on vectors of numbers: residues, fixed-point numbers, magnitudes.
//!
//! Elements are slices of words, so that a hot loop runs over memory without a value for each number.

use super::Number;

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
