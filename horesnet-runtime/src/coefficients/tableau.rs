//! The numbers of a scheme, as generated code passes them to [`Coefficients`](crate::Coefficients).

use candle_core::{Result, bail};

/// The matrix and the weights of a block, and those of its error estimate.
///
/// They cover only the stages that the weights depend on. Stages are numbered from 1; entries outside the tableau are 0.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::Tableau;
///
/// const HEUN: Tableau = Tableau::new("Heun", 2, &[[0.0, 0.0], [1.0, 0.0]], &[0.5, 0.5]);
/// assert_eq!((HEUN.stages(), HEUN.a(2, 1), HEUN.b(2)), (2, 1.0, 0.5));
/// assert_eq!(HEUN.embedded_order(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tableau {
    name: &'static str,
    order: usize,
    /// Row by row, one column per weight.
    a: &'static [f64],
    b: &'static [f64],
    estimate: Option<Estimate>,
    low_storage: Option<LowStorage>,
}

/// Williamson's form in two registers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct LowStorage {
    a: &'static [f64],
    b: &'static [f64],
}

/// The embedded weights.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    order: usize,
    /// The rows of the extra stages, one column per weight.
    a: &'static [f64],
    /// Propagated minus embedded weights.
    b: &'static [f64],
}

impl Tableau {
    /// Creates the tableau of a scheme of order `order`, without embedded weights.
    #[must_use]
    pub const fn new<const N: usize>(
        name: &'static str,
        order: usize,
        a: &'static [[f64; N]; N],
        b: &'static [f64; N],
    ) -> Self {
        Self {
            name,
            order,
            a: a.as_flattened(),
            b,
            estimate: None,
            low_storage: None,
        }
    }

    /// Creates the tableau of a scheme whose number of stages is known only at run time: `a` holds the rows of the matrix one
    /// after another.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::Tableau;
    ///
    /// # fn main() -> horesnet::Result<()> {
    /// let heun = Tableau::from_rows("Heun", 2, &[0.0, 0.0, 1.0, 0.0], &[0.5, 0.5])?;
    /// assert_eq!((heun.stages(), heun.a(2, 1)), (2, 1.0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A matrix that is not square, of the size of `b`, or not zero from the diagonal on: an implicit scheme.
    pub fn from_rows(
        name: &'static str,
        order: usize,
        a: &'static [f64],
        b: &'static [f64],
    ) -> Result<Self> {
        let (entries, stages) = (a.len(), b.len());
        if entries != stages * stages {
            bail!(
                "expected {0}·{0} entries of the matrix of {name}, found {entries}",
                stages
            )
        }
        let mut all = a.iter().enumerate();
        if all.any(|(at, entry)| at % stages >= at / stages && *entry != 0.0) {
            bail!("{name} is implicit: a stage uses itself or a later one")
        }
        Ok(Self {
            name,
            order,
            a,
            b,
            estimate: None,
            low_storage: None,
        })
    }

    /// Adds embedded weights of order `order`, as [`with_estimate`](Self::with_estimate) does: `a` holds the rows of the stages
    /// that only they need one after another.
    ///
    /// # Errors
    /// Rows that are not as long as `b`.
    pub fn with_estimate_rows(
        self,
        order: usize,
        a: &'static [f64],
        b: &'static [f64],
    ) -> Result<Self> {
        let (entries, extra) = (a.len(), b.len().saturating_sub(self.stages()));
        if b.len() < self.stages() || entries != extra * b.len() {
            let (name, all) = (self.name, b.len());
            bail!("expected {extra}·{all} entries of the estimate of {name}, found {entries}")
        }
        Ok(Self {
            estimate: Some(Estimate { order, a, b }),
            ..self
        })
    }

    /// Adds embedded weights of order `order`.
    ///
    /// `a` holds the rows of the stages that only they need, `b` the propagated minus the embedded weights over all stages.
    #[must_use]
    pub const fn with_estimate<const N: usize, const M: usize>(
        self,
        order: usize,
        a: &'static [[f64; N]; M],
        b: &'static [f64; N],
    ) -> Self {
        let a = a.as_flattened();
        Self {
            estimate: Some(Estimate { order, a, b }),
            ..self
        }
    }

    /// Adds the form in two registers, with which a block computes its output at inference: `q ← Aᵢq + hF(x)`,
    /// `x ← x + Bᵢq` (Williamson, J. Comput. Phys. 35 (1980)).
    #[must_use]
    pub const fn with_low_storage<const N: usize>(
        self,
        a: &'static [f64; N],
        b: &'static [f64; N],
    ) -> Self {
        Self {
            low_storage: Some(LowStorage { a, b }),
            ..self
        }
    }

    /// Adds the form in two registers, as [`with_low_storage`](Self::with_low_storage) does.
    ///
    /// # Errors
    /// Another number of coefficients than stages.
    pub fn with_low_storage_rows(self, a: &'static [f64], b: &'static [f64]) -> Result<Self> {
        let stages = self.stages();
        if a.len() != stages || b.len() != stages {
            let (name, found) = (self.name, [a.len(), b.len()]);
            bail!(
                "expected twice {stages} coefficients of the low-storage form of {name}, found {found:?}"
            )
        }
        Ok(Self {
            low_storage: Some(LowStorage { a, b }),
            ..self
        })
    }

    /// `(Aᵢ, Bᵢ)` of each stage of the form in two registers, if there is one.
    pub(crate) fn low_storage(&self) -> Option<impl Iterator<Item = (f64, f64)>> {
        let form = self.low_storage?;
        Some(form.a.iter().copied().zip(form.b.iter().copied()))
    }

    /// The scheme's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The order of the propagated weights.
    #[must_use]
    pub const fn order(&self) -> usize {
        self.order
    }

    /// The order of the embedded weights, if there are any.
    #[must_use]
    pub fn embedded_order(&self) -> Option<usize> {
        self.estimate.map(|estimate| estimate.order)
    }

    /// The number of stages that the propagated weights need.
    #[must_use]
    pub const fn stages(&self) -> usize {
        self.b.len()
    }

    /// The number of stages that the propagated and the embedded weights need.
    pub(crate) fn all_stages(&self) -> usize {
        self.estimate
            .map_or(self.stages(), |estimate| estimate.b.len())
    }

    /// `a_ij`; rows from `i = stages() + 1` on are those of the extra stages of the error estimate.
    #[must_use]
    pub fn a(&self, i: usize, j: usize) -> f64 {
        let stages = self.stages();
        match self.estimate {
            Some(estimate) if i > stages => entry(estimate.a, estimate.b.len(), i - stages, j),
            _ => entry(self.a, stages, i, j),
        }
    }

    /// `b_i`.
    #[must_use]
    pub fn b(&self, i: usize) -> f64 {
        entry(self.b, self.stages(), 1, i)
    }

    /// `b_i − b̂_i`, the weight of stage `i` in the error estimate.
    #[must_use]
    pub fn error(&self, i: usize) -> f64 {
        self.estimate
            .map_or(0.0, |estimate| entry(estimate.b, estimate.b.len(), 1, i))
    }

    /// Row and column of the non-zero entries of matrix and weights, in reading order; the weights are the row after the
    /// last.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.stages().max(1);
        let all = self.a.iter().chain(self.b).enumerate();
        all.filter(|(_, entry)| **entry != 0.0)
            .map(move |(at, _)| (at / columns + 1, at % columns + 1))
    }
}

/// The entry in row `i` and column `j`, both counted from 1.
fn entry(rows: &[f64], columns: usize, i: usize, j: usize) -> f64 {
    if i == 0 || j == 0 || j > columns {
        return 0.0;
    }
    let at = (i - 1).saturating_mul(columns).saturating_add(j - 1);
    rows.get(at).copied().unwrap_or(0.0)
}
