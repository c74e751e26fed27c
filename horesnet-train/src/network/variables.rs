//! The named variables of a network, initialised from a seed.
//!
//! candle's own generator cannot be seeded on the CPU. Every variable draws from a stream chosen by the seed and its name,
//! so a network does not depend on the order in which it is built.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Device, Result, Shape, Tensor, Var};
use candle_nn::init::NormalOrUniform;
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use rand_distr::{Distribution, Normal, Uniform};

use crate::random;

/// A store of variables in the order of their names.
///
/// ```
/// use candle_core::{DType, Device};
/// use horesnet_train::Variables;
///
/// let variables = Variables::seeded(7);
/// let vb = variables.builder(DType::F32, &Device::Cpu);
/// candle_nn::linear(3, 2, vb.pp("head"))?;
/// assert_eq!(variables.trained().len(), 2);
/// assert_eq!(variables.parameters(), 3 * 2 + 2);
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Variables {
    seed: u64,
    vars: Arc<Mutex<BTreeMap<String, Var>>>,
}

impl Variables {
    /// Creates an empty store; a network adds its variables as it asks for them.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed,
            vars: Arc::default(),
        }
    }

    /// Returns a builder that creates variables in this store.
    #[must_use]
    pub fn builder(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), dtype, device.clone())
    }

    /// Returns all variables by name, running statistics included.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Var)> {
        self.lock().clone().into_iter().collect()
    }

    /// Returns the values of all variables by name.
    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        let all = self.all().into_iter();
        all.map(|(name, var)| (name, var.into_inner())).collect()
    }

    /// Returns the variables that gradients change, by name.
    #[must_use]
    pub fn trained(&self) -> Vec<(String, Var)> {
        let mut vars = self.all();
        vars.retain(|(name, _)| is_trained(name));
        vars
    }

    /// Returns the number of trained scalars.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.trained().iter().map(|(_, var)| var.elem_count()).sum()
    }

    /// Adds or replaces a variable before a network asks for it.
    pub(crate) fn insert(&self, name: String, value: &Tensor) -> Result<()> {
        let var = Var::from_tensor(value)?;
        self.lock().insert(name, var);
        Ok(())
    }

    /// Returns the name of a variable with an infinite value or NaN, if there is one.
    pub(crate) fn not_finite(&self) -> Result<Option<String>> {
        for (name, var) in self.all() {
            // 0·x is 0 for finite x and NaN otherwise; the sum cannot overflow.
            let zero = (var.as_detached_tensor() * 0.0)?.sum_all()?;
            if zero.to_dtype(DType::F64)?.to_scalar::<f64>()? != 0.0 {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Var>> {
        // No statement leaves the map inconsistent, so a panic elsewhere does no harm.
        self.vars.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimpleBackend for Variables {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        init: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let mut vars = self.lock();
        if let Some(var) = vars.get_mut(name) {
            if (var.shape(), var.dtype()) != (&shape, dtype) {
                candle_core::bail!(
                    "{name} is {:?} {:?}, not {dtype:?} {shape:?}",
                    var.dtype(),
                    var.shape()
                );
            }
            // A variable from a file is on the CPU.
            if !var.device().same_device(device) {
                *var = Var::from_tensor(&var.as_detached_tensor().to_device(device)?)?;
            }
            return Ok(var.as_tensor().clone());
        }
        let values = draw(self.seed, name, &shape, init)?;
        let tensor = Tensor::from_vec(values, shape, device)?.to_dtype(dtype)?;
        let var = Var::from_tensor(&tensor)?;
        let tensor = var.as_tensor().clone();
        vars.insert(name.to_owned(), var);
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        match self.lock().get(name) {
            Some(var) => var.as_tensor().to_device(device)?.to_dtype(dtype),
            None => candle_core::bail!("{name} is new: ask for it with a shape"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }
}

/// Returns true if a variable of this name is trained, and not a running statistic.
pub(crate) fn is_trained(name: &str) -> bool {
    !horesnet::is_statistic(name)
}

/// Draws the initial values of a variable.
fn draw(seed: u64, name: &str, shape: &Shape, init: Init) -> Result<Vec<f64>> {
    let count = shape.elem_count();
    let rng = random::generator(seed, name, 0);
    let normal = |mean, stdev| Normal::new(mean, stdev).map_err(candle_core::Error::wrap);
    let uniform = |lo, up| Uniform::new_inclusive(lo, up).map_err(candle_core::Error::wrap);
    Ok(match init {
        Init::Const(value) => vec![value; count],
        Init::Randn { mean, stdev } => normal(mean, stdev)?.sample_iter(rng).take(count).collect(),
        Init::Uniform { lo, up } => uniform(lo, up)?.sample_iter(rng).take(count).collect(),
        Init::Kaiming {
            dist,
            fan,
            non_linearity,
        } => {
            let stdev = non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt();
            let bound = 3f64.sqrt() * stdev;
            let init = match dist {
                NormalOrUniform::Normal => Init::Randn { mean: 0.0, stdev },
                NormalOrUniform::Uniform => Init::Uniform {
                    lo: -bound,
                    up: bound,
                },
            };
            draw(seed, name, shape, init)?
        }
    })
}
