//! Residual functions whose weights depend on time: given on a grid, linearly interpolated in between.
//!
//! A tableau's nodes are the times at which its stages are evaluated. Weights that depend on time give these nodes a meaning
//! in a network. The weights then belong to no particular scheme, so the scheme can be changed after training (Queiruga,
//! Erichson, Taylor, Mahoney, "Continuous-in-Depth Neural Networks", arXiv 2008.02389).

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Result, Shape, Tensor, bail};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, ModuleT, VarBuilder};

use super::nesting::{residual, wants_increment};
use crate::autograd::{Operand, weighted_sum};

type Tensors = BTreeMap<String, Tensor>;
type Make<F> = dyn Fn(VarBuilder) -> Result<F> + Send + Sync;

/// The weights of a residual function at equally spaced times from 0 to 1.
///
/// The residual function can be anything built from a [`VarBuilder`]. It is rebuilt at each call, with weights interpolated
/// between the two grid points around its time. Gradients reach both points.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{DType, Device, Result, Tensor};
/// use horesnet::candle_nn::{VarBuilder, VarMap, linear};
/// use horesnet::{Grid, ModuleT, ho_block};
///
/// ho_block!(rk4);
///
/// # fn main() -> Result<()> {
/// let variables = VarMap::new();
/// let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
/// let grid = Grid::new(2, vb.pp("grid"), |vb| linear(3, 3, vb))?;
/// let block = Rk4::build(|stage| grid.at(Rk4::<()>::C[stage], vb.pp(stage)))?;
/// let ys = block.forward_t(&Tensor::ones((1, 3), DType::F32, &Device::Cpu)?, true)?;
/// assert_eq!(ys.dims(), [1, 3]);
/// assert_eq!(variables.all_vars().len(), 2 * 2); // weight and bias at times 0 and 1
/// # Ok(())
/// # }
/// ```
pub struct Grid<F> {
    points: Arc<[Tensors]>,
    make: Arc<Make<F>>,
    dtype: DType,
    device: Device,
}

impl<F> Grid<F> {
    /// Creates `points` sets of weights under `vb`, named `1`, `2`, … in order of time.
    ///
    /// # Errors
    /// Fewer than two points; errors of `make`.
    pub fn new(
        points: usize,
        vb: VarBuilder,
        make: impl Fn(VarBuilder) -> Result<F> + Send + Sync + 'static,
    ) -> Result<Self> {
        if points < 2 {
            bail!("expected a grid of 2 points or more, found {points}")
        }
        let make: Arc<Make<F>> = Arc::new(make);
        let points = (1..=points).map(|point| asked(&*make, vb.pp(point), false));
        Ok(Self {
            points: points.collect::<Result<_>>()?,
            make,
            dtype: vb.dtype(),
            device: vb.device().clone(),
        })
    }

    /// Returns the residual function at `time`, clamped to the range from 0 to 1.
    ///
    /// Running statistics of normalisations, `running_mean` and `running_var`, belong to this evaluation and come from `vb`,
    /// not from the grid.
    ///
    /// # Errors
    /// A `time` that is NaN; errors of `vb`.
    pub fn at(&self, time: f64, vb: VarBuilder) -> Result<Interpolated<F>> {
        if time.is_nan() {
            bail!("expected a number as the time of an interpolated residual function, found NaN")
        }
        Ok(Interpolated {
            weights: TimeWeights {
                points: self.points.clone(),
                own: asked(&*self.make, vb, true)?.into(),
                time: time.clamp(0.0, 1.0),
            },
            make: self.make.clone(),
            dtype: self.dtype,
            device: self.device.clone(),
        })
    }
}

/// A residual function at one time of a [`Grid`].
///
/// As a stage of a block, it contributes what its function would: the increment if that is a block, the output otherwise.
pub struct Interpolated<F> {
    weights: TimeWeights,
    make: Arc<Make<F>>,
    dtype: DType,
    device: Device,
}

impl<F> Interpolated<F> {
    /// The time of its weights, from 0 to 1.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.weights.time
    }

    /// Builds the residual function from the grid's current weights.
    ///
    /// # Errors
    /// Errors of its constructor and of combinations.
    pub fn function(&self) -> Result<F> {
        let weights = Box::new(self.weights.clone());
        let vb = VarBuilder::from_backend(weights, self.dtype, self.device.clone());
        (self.make)(vb)
    }
}

impl<F: ModuleT> ModuleT for Interpolated<F> {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let increment = wants_increment(self);
        let function = self.function()?;
        if increment {
            residual(&function, xs, train)
        } else {
            function.forward_t(xs, train)
        }
    }
}

/// Returns true if a tensor of this name is a running statistic of a normalisation: saved, but not trained.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// assert!(horesnet::is_statistic("stem.norm.running_var"));
/// assert!(!horesnet::is_statistic("stem.norm.weight"));
/// ```
#[must_use]
pub fn is_statistic(name: &str) -> bool {
    name.ends_with("running_mean") || name.ends_with("running_var")
}

/// The tensors that `make` asks for: the running statistics, or all others.
fn asked<F>(make: &Make<F>, vb: VarBuilder, statistics: bool) -> Result<Tensors> {
    let seen = Arc::<Mutex<Tensors>>::default();
    let (dtype, device) = (vb.dtype(), vb.device().clone());
    let question = Question {
        vb,
        statistics,
        seen: seen.clone(),
    };
    make(VarBuilder::from_backend(Box::new(question), dtype, device))?;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *seen))
}

/// A backend that serves tensors of one kind from `vb`, and a broadcast zero in place of every other tensor.
struct Question<'a> {
    vb: VarBuilder<'a>,
    statistics: bool,
    seen: Arc<Mutex<Tensors>>,
}

impl SimpleBackend for Question<'_> {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        init: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        if is_statistic(name) != self.statistics {
            return Tensor::zeros((), dtype, device)?.broadcast_as(shape);
        }
        let tensor = self.vb.get_with_hints_dtype(shape, name, init, dtype)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(name.to_owned(), tensor.clone());
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        bail!(
            "expected a request for {name} with a shape: it is interpolated between several tensors"
        )
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.vb.contains_tensor(name)
    }
}

/// The weights at one time, and the running statistics of one evaluation.
#[derive(Clone)]
struct TimeWeights {
    points: Arc<[Tensors]>,
    own: Arc<Tensors>,
    time: f64,
}

impl TimeWeights {
    /// `(1 − w)·left + w·right`.
    fn weight(&self, name: &str) -> Result<Tensor> {
        let position = self.time * self.points.len().saturating_sub(1) as f64;
        let left = position.floor();
        let w = position - left;
        let at = |index: usize| match self.points.get(index).and_then(|point| point.get(name)) {
            Some(tensor) => Ok(tensor.clone()),
            None => bail!("{name} is not in the grid: it was not requested when the grid was made"),
        };
        let index = left as usize;
        if w == 0.0 {
            return at(index);
        }
        let (left, right) = (Operand::new(at(index)?)?, Operand::new(at(index + 1)?)?);
        weighted_sum(&[(1.0 - w, &left), (w, &right)])
    }
}

impl SimpleBackend for TimeWeights {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let tensor = self.get_unchecked(name, dtype, device)?;
        if tensor.shape() != &shape {
            bail!(
                "expected {name} of shape {shape:?}, found {:?}",
                tensor.shape()
            )
        }
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, _: &Device) -> Result<Tensor> {
        match self.own.get(name) {
            Some(statistic) => statistic.to_dtype(dtype),
            None => self.weight(name)?.to_dtype(dtype),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.own.contains_key(name) || self.points.iter().all(|point| point.contains_key(name))
    }
}
