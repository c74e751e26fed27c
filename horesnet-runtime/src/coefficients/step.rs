//! The coefficients of one evaluation of a block: the factors of each stage in its combinations.

use super::scalars::Scalars;
use super::{Adaptive, Tableau};
use crate::autograd::Coefficient;

/// The coefficients `h·a_ij` and `h·b_i` of one evaluation of a block.
///
/// Stages are numbered from 1.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::{Coefficients, Tableau};
///
/// const HEUN: Tableau = Tableau::new("Heun", 2, &[[0.0, 0.0], [1.0, 0.0]], &[0.5, 0.5]);
/// # fn main() -> horesnet::Result<()> {
/// let h = 0.5.of(HEUN)?;
/// assert_eq!((h.a(2, 1).value(), h.b(2).value()), (0.5, 0.25));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Step<'a> {
    tableau: Tableau,
    h: f64,
    scalars: Option<Scalars<'a>>,
    control: Option<&'a Adaptive>,
}

impl<'a> Step<'a> {
    /// The entries of `tableau`, times `h`.
    #[must_use]
    pub const fn of_size(h: f64, tableau: Tableau) -> Self {
        Self {
            tableau,
            h,
            scalars: None,
            control: None,
        }
    }

    /// Coefficients that depend on variables.
    pub(super) fn learned(scalars: Scalars<'a>, tableau: Tableau) -> Self {
        Self {
            scalars: Some(scalars),
            ..Self::of_size(1.0, tableau)
        }
    }

    /// The entries of `tableau`, with control of the step's error.
    pub(super) fn controlled(control: &'a Adaptive, tableau: Tableau) -> Self {
        Self {
            control: Some(control),
            ..Self::of_size(1.0, tableau)
        }
    }

    /// The step of the opposite size.
    pub(super) fn reversed(self) -> Self {
        Self {
            h: -self.h,
            scalars: self.scalars.map(Scalars::reversed),
            ..self
        }
    }

    /// `h·a_ij`; rows from `i = stages + 1` on are those of the extra stages of the error estimate.
    #[must_use]
    pub fn a(&self, i: usize, j: usize) -> Coefficient<'_> {
        let entry = self.tableau.a(i, j);
        match &self.scalars {
            Some(scalars) if i <= self.tableau.stages() => scalars.coefficient((i, j), entry),
            _ => (self.h * entry).into(),
        }
    }

    /// `h·b_i`.
    #[must_use]
    pub fn b(&self, i: usize) -> Coefficient<'_> {
        let entry = self.tableau.b(i);
        match &self.scalars {
            Some(scalars) => scalars.coefficient((self.tableau.stages() + 1, i), entry),
            None => (self.h * entry).into(),
        }
    }

    /// `h·(b_i − b̂_i)`, the weight of stage `i` in the error estimate.
    #[must_use]
    pub fn error(&self, i: usize) -> Coefficient<'static> {
        (self.h * self.tableau.error(i)).into()
    }

    /// Returns true if the step is scaled by its error estimate, which depends on the input of the block.
    #[must_use]
    pub fn is_adaptive(&self) -> bool {
        self.control.is_some()
    }

    /// The step size, if the coefficients are those of the tableau times it.
    pub(crate) fn fixed_size(&self) -> Option<f64> {
        let is_fixed = self.scalars.is_none() && self.control.is_none();
        is_fixed.then_some(self.h)
    }

    /// The error control, if there is one.
    pub(crate) fn control(&self) -> Option<&'a Adaptive> {
        self.control
    }

    pub(crate) fn tableau(&self) -> Tableau {
        self.tableau
    }
}
