//! The coefficients of one evaluation of a block: what multiplies each stage in each of its combinations.

use candle_core::{Result, Tensor, bail};

use crate::coefficients::Adaptive;
use crate::combine::increment;
use crate::operand::Operand;
use crate::part::Part;
use crate::scalars::{Scalars, Share};
use crate::stages::Stages;
use crate::tableau::Tableau;

/// `h·a_ij` and `h·b_i` while a block is evaluated once. Stages count from 0.
///
/// ```
/// use horesnet_runtime::{Coefficients, Tableau};
///
/// const HEUN: Tableau = Tableau::new("Heun", 2, &[[0.0, 0.0], [1.0, 0.0]], &[0.5, 0.5]);
/// # fn main() -> horesnet_runtime::Result<()> {
/// let h = 0.5.of(HEUN)?;
/// assert_eq!((h.a(1, 0).value(), h.b(1).value()), (0.5, 0.25));
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
    pub(crate) fn learned(scalars: Scalars<'a>, tableau: Tableau) -> Self {
        Self {
            scalars: Some(scalars),
            ..Self::of_size(1.0, tableau)
        }
    }

    /// The tableau as it is, and a control of the error of the step.
    pub(crate) fn controlled(control: &'a Adaptive, tableau: Tableau) -> Self {
        Self {
            control: Some(control),
            ..Self::of_size(1.0, tableau)
        }
    }

    /// `h·a_ij`; from `i = stages` on, that of the further stages of the estimate.
    #[must_use]
    pub fn a(&self, i: usize, j: usize) -> Coefficient<'_> {
        let entry = self.tableau.a(i, j);
        match &self.scalars {
            Some(scalars) if i < self.tableau.stages() => scalars.coefficient((i, j), entry),
            _ => (self.h * entry).into(),
        }
    }

    /// `h·b_i`.
    #[must_use]
    pub fn b(&self, i: usize) -> Coefficient<'_> {
        let entry = self.tableau.b(i);
        match &self.scalars {
            Some(scalars) => scalars.coefficient((self.tableau.stages(), i), entry),
            None => (self.h * entry).into(),
        }
    }

    /// `h·(b_i − b̂_i)`, of which the estimate of the error is made.
    #[must_use]
    pub fn error(&self, i: usize) -> Coefficient<'static> {
        (self.h * self.tableau.error(i)).into()
    }

    /// Whether the estimate of the error adjusts the step.
    ///
    /// # Errors
    /// If it does and the residual functions are separate: the weights' difference over unrelated functions estimates
    /// nothing.
    pub fn adapts<F, const N: usize>(&self, stages: &Stages<F, N>) -> Result<bool> {
        match (self.control, stages) {
            (None, _) => Ok(false),
            (Some(_), Stages::Shared(_)) => Ok(true),
            (Some(_), Stages::Separate(_)) => bail!(
                "adaptive coefficients are for blocks with one residual function for all stages, made with `shared`: \
                 over separate functions the two rows of weights of {} estimate no error",
                self.tableau.name()
            ),
        }
    }

    /// This part of the step and the estimate of its error, from the stages times `h·b_i` and `h·(b_i − b̂_i)`.
    ///
    /// # Errors
    /// Terms of another shape, dtype or device than `x`.
    pub fn estimated(
        &self,
        part: Part,
        x: &Operand,
        weights: &[(Coefficient, &Operand)],
        errors: &[(Coefficient, &Operand)],
    ) -> Result<(Tensor, Tensor)> {
        let error = increment(errors)?;
        let formed = match self.control {
            None => part.of(x, weights)?,
            Some(control) => control.part(part, x, weights, &error, self.tableau)?,
        };
        Ok((formed, error))
    }
}

/// What multiplies a stage in a combination: a number, which may depend on a variable.
#[derive(Clone, Copy, Debug)]
pub struct Coefficient<'a> {
    pub(crate) value: f64,
    pub(crate) share: Option<Share<'a>>,
}

impl Coefficient<'_> {
    /// The number it is now.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }
}

impl From<f64> for Coefficient<'_> {
    fn from(value: f64) -> Self {
        Self { value, share: None }
    }
}
