//! Coefficients that are trained with the layers of a network.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use std::sync::Arc;

use candle_core::{DType, Result, Tensor, bail};
use candle_nn::{Init, VarBuilder};

use super::family::{Entry, Parameter};
use super::scalars::Scalars;
use super::{Coefficients, Step, Tableau, step_size};
use crate::layers::early_grad;

/// Learned coefficients: one step size for a block, the parameters of its family, or every coefficient individually.
///
/// They form one variable, trained like any other. The gradient of a coefficient that multiplies the stage `k` in a
/// combination is `⟨k, g⟩`, where `g` is the gradient of that combination. It is computed in `f64` and rounded once to the
/// dtype of the variable. For this, combinations keep their stages until the backward pass.
///
/// Second derivatives (`CANDLE_GRAD_DO_NOT_DETACH=1`) are an error.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{DType, Device, Result, Tensor};
/// use horesnet::candle_nn::{VarBuilder, VarMap};
/// use horesnet::{Coefficients, backward, ho_block};
///
/// ho_block!(midpoint, coefficients = learned(0.5));
///
/// # fn main() -> Result<()> {
/// let variables = VarMap::new();
/// let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
/// let block = Midpoint::shared(|x: &Tensor| x.neg(), vb)?;
/// // y = x·(1 − h + h²/2), so dy/dh = x·(h − 1).
/// let y = block.increment(&Tensor::new(&[1.0, 3.0], &Device::Cpu)?)?;
/// let gradients = backward(&y.sum_all()?)?;
/// let h = &variables.all_vars()[0];
/// assert_eq!(gradients.get(h).unwrap().to_vec1::<f64>()?, [-2.0]);
/// assert_eq!(block.coefficients().values()?, [("h".to_owned(), 0.5)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Learned {
    variable: Tensor,
    every: Option<Every>,
}

/// Coefficients with a scalar for each entry.
#[derive(Clone, Debug)]
struct Every {
    tableau: Tableau,
    /// Row and column of each scalar; the weights are the row after the last.
    entries: Arc<[(usize, usize)]>,
    scalars: ScalarKind,
}

/// How the scalars of entries follow from the variable.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ScalarKind {
    /// They are the variable.
    Free,
    /// They are the variable, but those of the weights sum to 0.
    Projected,
    /// They are functions of the parameters of a family, which are functions of the variable.
    OfParameters,
}

impl Learned {
    /// Learns one step size, initially `initial`: the variable `h` of `vb`, of shape `[1]`.
    ///
    /// # Errors
    /// Errors of `vb`.
    pub fn new(initial: f64, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            variable: vb.get_with_hints(1, "h", Init::Const(initial))?,
            every: None,
        })
    }

    /// Learns every non-zero coefficient individually, starting exactly at `tableau`.
    ///
    /// The variable `coefficients` of `vb`, of shape `[n]` and initially zero, is added to the tableau: to the non-zero
    /// entries of its matrix, row by row from the second row, then to the non-zero weights. So in every dtype the
    /// coefficients start at the tableau to all digits, and weight decay pulls them towards the tableau.
    ///
    /// # Errors
    /// Errors of `vb`.
    pub fn all(tableau: Tableau, vb: VarBuilder) -> Result<Self> {
        let entries: Arc<[_]> = tableau.entries().collect();
        Ok(Self {
            variable: vb.get_with_hints(entries.len(), "coefficients", Init::Const(0.0))?,
            every: Some(Every {
                tableau,
                entries,
                scalars: ScalarKind::Free,
            }),
        })
    }

    /// Learns the parameters of a family inside their intervals, starting at their defaults, so that the block is at every step of
    /// training a method of the order that is proven for the family.
    ///
    /// The variable `parameters` of `vb`, of shape `[parameters]` and initially zero, holds a real number `t` for each parameter.
    /// With a default `d` in an interval from `l` to `h`, the parameter is `l + (h − l)·s/(s + (1 − s)·e^(−t))` where
    /// `s = (d − l)/(h − l)`: the logistic function, moved so that 0 gives the default. It is `l + (d − l)·e^t` if `h` is infinite,
    /// `h − (h − d)·e^(−t)` if `l` is, and `d + t` if both are. So weight decay pulls parameters towards their defaults.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::candle_core::{DType, Device, Result, Tensor};
    /// use horesnet::candle_nn::{VarBuilder, VarMap};
    /// use horesnet::{Coefficients, ho_block};
    ///
    /// ho_block!(two_stage2, coefficients = learned(params));
    ///
    /// # fn main() -> Result<()> {
    /// let variables = VarMap::new();
    /// let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    /// let block = TwoStage2::shared(|x: &Tensor| x.sqr(), vb)?;
    /// assert_eq!(block.coefficients().values()?, [("alpha".to_owned(), 2.0 / 3.0)]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A tableau without parameters, or with a default at an end of its interval, which no `t` gives; errors of `vb`.
    pub fn params(tableau: Tableau, vb: VarBuilder) -> Result<Self> {
        let name = tableau.name();
        let parameters = tableau.parameters();
        if tableau.functions().is_empty() {
            bail!("no entry of {name} depends on a parameter that could be learned")
        }
        if let Some(end) = { parameters.iter() }.find(|p| !p.has_interior_default()) {
            let (parameter, default, interval) = (end.name(), end.default(), end.interval());
            bail!(
                "the default {default} of {parameter} is an end of its interval {interval}, where learning cannot start; choose one \
                 inside"
            )
        }
        let entries = tableau.functions().iter().map(Entry::at);
        Ok(Self {
            variable: vb.get_with_hints(parameters.len(), "parameters", Init::Const(0.0))?,
            every: Some(Every {
                tableau,
                entries: entries.collect(),
                scalars: ScalarKind::OfParameters,
            }),
        })
    }

    /// Keeps the sum of the weights at 1: replaces the `s` non-zero weights `b` with `b + (1 − Σb)/s`.
    ///
    /// `Σ b_i = 1` is the only condition of order 1, that of its one tree (Butcher 2016, §315). So with one smooth residual
    /// function for all stages, the block has at least order 1 throughout training: it stays a consistent method for the
    /// differential equation. The projection is part of the graph, and gradients are those of the coefficients before it.
    ///
    /// It has no effect on a single learned step size, which scales matrix and weights alike, nor on the parameters of a family,
    /// which keep its order.
    #[must_use]
    pub fn projected(mut self) -> Self {
        if let Some(every) = &mut self.every
            && every.scalars == ScalarKind::Free
        {
            every.scalars = ScalarKind::Projected;
        }
        self
    }

    /// The scalars in `f64`, in candle's graph.
    fn scalars(&self) -> Result<Tensor> {
        let scalars = early_grad(&self.variable)?.to_dtype(DType::F64)?;
        let Some(every) = &self.every else {
            return Ok(scalars);
        };
        match every.scalars {
            ScalarKind::Free => Ok(scalars),
            ScalarKind::Projected => every.project(&scalars),
            ScalarKind::OfParameters => every.of_parameters(&scalars),
        }
    }
}

impl Every {
    /// Subtracts from the scalars of the weights their mean. They then sum to 0, which keeps the sum of the weights at the
    /// tableau's 1.
    fn project(&self, scalars: &Tensor) -> Result<Tensor> {
        let is_weight = |at: &&(usize, usize)| at.0 > self.tableau.stages();
        let weights = self.entries.iter().filter(is_weight).count();
        let others = self.entries.len() - weights;
        let (matrix, weights) = (
            scalars.narrow(0, 0, others)?,
            scalars.narrow(0, others, weights)?,
        );
        let weights = weights.broadcast_sub(&weights.mean_keepdim(0)?)?;
        if others == 0 {
            return Ok(weights);
        }
        Tensor::cat(&[matrix, weights], 0)
    }
}

impl Every {
    /// The differences of the entries from those at the defaults, with their derivatives in candle's graph.
    fn of_parameters(&self, variable: &Tensor) -> Result<Tensor> {
        let parameters = self.tableau.parameters();
        let mapped = mapped(parameters, variable)?;
        let point: Vec<_> = mapped.iter().map(|(value, _)| *value).collect();
        let defaults: Vec<_> = parameters.iter().map(Parameter::default).collect();
        let functions = self.tableau.functions();
        let differences: Vec<_> = { functions.iter() }
            .map(|f| f.value(&point) - f.value(&defaults))
            .collect();
        let jacobian = functions.iter().flat_map(|f| {
            let columns = mapped.iter().enumerate();
            columns.map(|(at, (_, slope))| f.derivative(&point, at) * slope)
        });
        let (shape, device) = ((functions.len(), parameters.len()), variable.device());
        let jacobian = Tensor::from_vec(jacobian.collect(), shape, device)?;
        // Zeros, with the gradient of the variable.
        let zeros = (variable - variable.detach())?.unsqueeze(1)?;
        jacobian.matmul(&zeros)?.squeeze(1)? + Tensor::new(differences, device)?
    }
}

/// The values of parameters, and their derivatives with respect to the variable.
fn mapped(parameters: &[Parameter], variable: &Tensor) -> Result<Vec<(f64, f64)>> {
    let numbers = variable.to_vec1::<f64>()?;
    let pairs = parameters.iter().zip(numbers);
    Ok(pairs
        .map(|(parameter, t)| parameter.of_unbounded(t))
        .collect())
}

impl Coefficients for Learned {
    fn of(&self, tableau: Tableau) -> Result<Step<'_>> {
        let entries = match &self.every {
            None => None,
            Some(every) if every.tableau == tableau => Some(&*every.entries),
            Some(every) => bail!(
                "expected learned coefficients of {}, the scheme of the block, found those of {}",
                tableau.name(),
                every.tableau.name()
            ),
        };
        Ok(Step::learned(
            Scalars::new(self.scalars()?, entries)?,
            tableau,
        ))
    }

    fn values(&self) -> Result<Vec<(String, f64)>> {
        let scalars = || self.scalars()?.to_vec1::<f64>();
        let Some(every) = &self.every else {
            return Ok(scalars()?.into_iter().map(step_size).collect());
        };
        let tableau = &every.tableau;
        if every.scalars == ScalarKind::OfParameters {
            let parameters = tableau.parameters();
            let values = mapped(parameters, &self.variable.to_dtype(DType::F64)?)?;
            let names = parameters
                .iter()
                .map(|parameter| parameter.name().to_owned());
            return Ok(names
                .zip(values.into_iter().map(|(value, _)| value))
                .collect());
        }
        let scalars = scalars()?;
        let entries = every.entries.iter().zip(scalars);
        Ok(entries
            .map(|(&(i, j), scalar)| {
                if i > tableau.stages() {
                    (format!("b{j}"), tableau.b(j) + scalar)
                } else {
                    (label(i, j), tableau.a(i, j) + scalar)
                }
            })
            .collect())
    }
}

/// `a21`, or `a12,1` where a number has two digits.
fn label(i: usize, j: usize) -> String {
    let comma = if i > 9 || j > 9 { "," } else { "" };
    format!("a{i}{comma}{j}")
}
