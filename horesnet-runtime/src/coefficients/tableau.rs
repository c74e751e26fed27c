//! The numbers of a scheme, as generated code tells them to [`Coefficients`](crate::Coefficients).

/// The matrix and the weights of a block over the stages that matter, and those of its estimate of the error.
///
/// Stages count from 1, and an entry that a tableau does not have is 0.
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
    /// Row by row, as many columns as there are weights.
    a: &'static [f64],
    b: &'static [f64],
    estimate: Option<Estimate>,
}

/// The embedded weights.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    order: usize,
    /// The rows of further stages, as many columns as there are weights.
    a: &'static [f64],
    /// Propagated less embedded.
    b: &'static [f64],
}

impl Tableau {
    /// The tableau of a scheme of `order`, without embedded weights.
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
        }
    }

    /// With embedded weights of `order`: the rows `a` of the stages that only they need, and the propagated weights less
    /// the embedded over all stages.
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

    /// How many stages the propagated weights need.
    #[must_use]
    pub const fn stages(&self) -> usize {
        self.b.len()
    }

    /// How many stages the propagated and the embedded weights need.
    pub(crate) fn all_stages(&self) -> usize {
        self.estimate
            .map_or(self.stages(), |estimate| estimate.b.len())
    }

    /// `a_ij`; from `i = stages() + 1` on, that of the further stages of the estimate.
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

    /// `b_i − b̂_i`, of which the estimate of the error is made.
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

/// The entry in row `i` and column `j`, from 1.
fn entry(rows: &[f64], columns: usize, i: usize, j: usize) -> f64 {
    if i == 0 || j == 0 || j > columns {
        return 0.0;
    }
    let at = (i - 1).saturating_mul(columns).saturating_add(j - 1);
    rows.get(at).copied().unwrap_or(0.0)
}
