//! The numbers of a scheme, as generated code passes them to [`Coefficients`](crate::Coefficients).

use candle_core::{Result, bail};

use super::family::{Entry, Parameter};

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
    family: Option<Family>,
}

/// The entries that depend on parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Family {
    parameters: &'static [Parameter],
    /// Of the matrix and, in the row after its last, of the weights; ascending.
    entries: &'static [Entry],
    /// Of the rows of the extra stages and, in the row after these, of the estimate's weights; rows count from 1.
    estimate: &'static [Entry],
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
            family: None,
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
            family: None,
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

    /// Makes the tableau the member of a family at the defaults of the parameters.
    ///
    /// `entries` are those of the matrix and the weights that depend on parameters, row by row; `estimate` those of the error
    /// estimate, with rows counted from that of the first extra stage.
    #[must_use]
    pub const fn with_family(
        self,
        parameters: &'static [Parameter],
        entries: &'static [Entry],
        estimate: &'static [Entry],
    ) -> Self {
        let family = Family {
            parameters,
            entries,
            estimate,
        };
        Self {
            family: Some(family),
            ..self
        }
    }

    /// Returns the member of the family at these values of the parameters, in the order of the file.
    ///
    /// Its numbers are kept until the process ends, so make a member once, not in each step.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::ho_block;
    ///
    /// ho_block!(two_stage2);
    ///
    /// # fn main() -> horesnet::Result<()> {
    /// let family = TwoStage2::<()>::TABLEAU;
    /// let midpoint = family.at(&[0.5])?;
    /// assert_eq!([midpoint.a(2, 1), midpoint.b(1), midpoint.b(2)], [0.5, 0.0, 1.0]);
    /// assert!(family.at(&[-1.0]).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// No parameters; too few or too many values; a value outside its interval; entries beyond `f64`.
    pub fn at(&self, values: &[f64]) -> Result<Self> {
        let name = self.name;
        let Some(family) = self.family else {
            bail!("{name} has no parameters")
        };
        let (expected, found) = (family.parameters.len(), values.len());
        if expected != found {
            let names: Vec<_> = family.parameters.iter().map(Parameter::name).collect();
            bail!(
                "expected {expected} values for {} of {name}, found {found}",
                names.join(", ")
            )
        }
        for (parameter, value) in family.parameters.iter().zip(values) {
            if !parameter.contains(*value) {
                let (parameter, interval) = (parameter.name(), parameter.interval());
                bail!("expected {parameter} of {name} in {interval}, found {value}")
            }
        }
        let stages = self.stages();
        let [a, b] = replaced(self.a, self.b, family.entries, stages, values);
        let estimate = self.estimate.map(|estimate| {
            let columns = estimate.b.len();
            let [a, b] = replaced(
                estimate.a,
                estimate.b,
                family.estimate,
                columns - stages,
                values,
            );
            Estimate { a, b, ..estimate }
        });
        let estimates = estimate
            .iter()
            .flat_map(|estimate| estimate.a.iter().chain(estimate.b));
        if !a
            .iter()
            .chain(b)
            .chain(estimates)
            .all(|entry| entry.is_finite())
        {
            bail!("an entry of {name} is beyond f64 at {values:?}")
        }
        Ok(Self {
            a,
            b,
            estimate,
            family: None,
            ..*self
        })
    }

    /// The parameters of a family; empty for other tableaux.
    #[must_use]
    pub fn parameters(&self) -> &'static [Parameter] {
        self.family.map_or(&[], |family| family.parameters)
    }

    /// The entries that depend on parameters: of the matrix, and of the weights in the row after its last.
    pub(crate) fn functions(&self) -> &'static [Entry] {
        self.family.map_or(&[], |family| family.entries)
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

    /// Returns true if stage `i` uses stage `j`, in some member of a family; the row after the last stage is that of the weights.
    #[must_use]
    pub fn is_used(&self, i: usize, j: usize) -> bool {
        let stages = self.stages();
        let value = if i == stages + 1 {
            self.b(j)
        } else {
            self.a(i, j)
        };
        let is_function = |entry: &Entry| entry.at() == (i, j);
        value != 0.0 || self.functions().iter().any(is_function)
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

/// The matrix and the weights with the values of these functions, where the weights are in row `rows + 1`.
fn replaced(
    a: &[f64],
    b: &[f64],
    functions: &[Entry],
    rows: usize,
    point: &[f64],
) -> [&'static [f64]; 2] {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    for function in functions {
        let (row, column) = function.at();
        let entry = if row > rows {
            b.get_mut(column - 1)
        } else {
            a.get_mut((row - 1) * b.len() + column - 1)
        };
        if let Some(entry) = entry {
            *entry = function.value(point);
        }
    }
    [a.leak(), b.leak()]
}

/// The entry in row `i` and column `j`, both counted from 1.
fn entry(rows: &[f64], columns: usize, i: usize, j: usize) -> f64 {
    if i == 0 || j == 0 || j > columns {
        return 0.0;
    }
    let at = (i - 1).saturating_mul(columns).saturating_add(j - 1);
    rows.get(at).copied().unwrap_or(0.0)
}
