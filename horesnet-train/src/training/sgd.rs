//! Stochastic gradient descent with momentum, weight decay and clipping.
//!
//! Norm scales, norm shifts and biases (rank 1 or 0) have no weight decay: pulling them to 0 regularises nothing. Learned
//! coefficients have a decay of their own.

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, DType, Result, Storage, Tensor, Var, bail};
use candle_nn::Optimizer;

use crate::training::inplace::{self, Real, Update};

/// Last parts of the names of coefficients that blocks learn.
const COEFFICIENTS: [&str; 2] = ["h", "coefficients"];

/// The settings of [`Sgd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdConfig {
    /// The learning rate, until [`Optimizer::set_learning_rate`] changes it.
    pub learning_rate: f64,
    /// Momentum, from 0 to below 1.
    pub momentum: f64,
    /// Uses Nesterov's momentum.
    pub nesterov: bool,
    /// Weight decay of matrices and kernels.
    pub weight_decay: f64,
    /// Weight decay of coefficients: of variables whose name ends in `h` or `coefficients` after the last dot.
    pub coefficient_decay: f64,
    /// Largest norm of the gradient of all variables together, to which it is scaled down; 0 does not clip.
    pub clip_norm: f64,
}

impl Default for SgdConfig {
    /// A learning rate of 0.1, Nesterov's momentum of 0.9 and nothing else.
    fn default() -> Self {
        Self {
            learning_rate: 0.1,
            momentum: 0.9,
            nesterov: true,
            weight_decay: 0.0,
            coefficient_decay: 0.0,
            clip_norm: 0.0,
        }
    }
}

/// Stochastic gradient descent: `g ← g + decay·w`, `v ← momentum·v + g`, `w ← w − rate·(g + momentum·v)` with Nesterov's
/// momentum, or `w ← w − rate·v` without. Velocities `v` start at 0.
///
/// ```
/// use candle_core::{DType, Device};
/// use candle_nn::Optimizer;
/// use horesnet_train::{Sgd, SgdConfig, Variables};
///
/// let variables = Variables::seeded(0);
/// let layer = candle_nn::linear(3, 2, variables.builder(DType::F32, &Device::Cpu))?;
/// let mut sgd = Sgd::named(variables.trained(), SgdConfig { weight_decay: 5e-4, ..SgdConfig::default() })?;
/// let loss = layer.weight().sqr()?.sum_all()?;
/// sgd.backward_step(&loss)?;
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Sgd {
    parameters: Vec<Parameter>,
    config: SgdConfig,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    var: Var,
    decay: f64,
    velocity: Velocity,
}

#[derive(Debug)]
enum Velocity {
    /// Numbers of the fused update.
    Fused(CpuStorage),
    /// On a GPU, or of another dtype.
    Tensor(Tensor),
}

impl Optimizer for Sgd {
    type Config = SgdConfig;

    /// Creates an optimiser of variables without names, none of which counts as a coefficient.
    fn new(vars: Vec<Var>, config: SgdConfig) -> Result<Self> {
        Self::named(vars.into_iter().map(|var| (String::new(), var)), config)
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        let scale = self.clip_scale(gradients)?;
        for parameter in &mut self.parameters {
            if let Some(gradient) = gradients.get(&parameter.var) {
                // Detached, or each velocity would hold the graphs of all steps before it.
                parameter.step(scale, self.config, &gradient.detach())?;
            }
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.config.learning_rate = rate;
    }

    /// Takes a step along the gradients of `loss`, computed by [`horesnet::backward`].
    fn backward_step(&mut self, loss: &Tensor) -> Result<()> {
        self.step(&horesnet::backward(loss)?)
    }
}

impl Sgd {
    /// Creates an optimiser of the floating-point variables among `vars`, by name.
    pub fn named(vars: impl IntoIterator<Item = (String, Var)>, config: SgdConfig) -> Result<Self> {
        let vars = vars.into_iter().filter(|(_, var)| var.dtype().is_float());
        let parameter = |(name, var): (String, Var)| {
            let decay = if is_coefficient(&name) {
                config.coefficient_decay
            } else if var.rank() > 1 {
                config.weight_decay
            } else {
                0.0
            };
            Ok(Parameter {
                velocity: Velocity::of(&var, &var.zeros_like()?)?,
                name,
                var,
                decay,
            })
        };
        Ok(Self {
            parameters: vars.map(parameter).collect::<Result<_>>()?,
            config,
        })
    }

    /// Returns the velocities by name.
    pub(crate) fn velocities(&self) -> Result<Vec<(&str, Tensor)>> {
        let velocity = |Parameter { var, velocity, .. }: &Parameter| match velocity {
            Velocity::Fused(CpuStorage::F32(v)) => Tensor::from_slice(v, var.shape(), var.device()),
            Velocity::Fused(CpuStorage::F64(v)) => Tensor::from_slice(v, var.shape(), var.device()),
            Velocity::Fused(_) => bail!("expected a velocity of f32 or f64"),
            Velocity::Tensor(v) => Ok(v.clone()),
        };
        let parameters = self.parameters.iter();
        parameters
            .map(|parameter| Ok((parameter.name.as_str(), velocity(parameter)?)))
            .collect()
    }

    /// Sets the velocity of the variable `name`.
    pub(crate) fn restore(&mut self, name: &str, velocity: &Tensor) -> Result<()> {
        let mut parameters = self.parameters.iter_mut();
        let Some(parameter) = parameters.find(|parameter| parameter.name == name) else {
            bail!("no variable `{name}` is trained")
        };
        parameter.velocity = Velocity::of(&parameter.var, velocity)?;
        Ok(())
    }

    /// Returns the factor that clips the gradients.
    fn clip_scale(&self, gradients: &GradStore) -> Result<f64> {
        let limit = self.config.clip_norm;
        if limit == 0.0 {
            return Ok(1.0);
        }
        let mut squares = 0.0;
        for parameter in &self.parameters {
            if let Some(gradient) = gradients.get(&parameter.var) {
                squares += sum_of_squares(gradient)?;
            }
        }
        let norm = squares.sqrt();
        Ok(if norm > limit { limit / norm } else { 1.0 })
    }
}

/// Returns true if a variable of this name is a coefficient that a block learns.
pub(crate) fn is_coefficient(name: &str) -> bool {
    let last = name.rsplit('.').next();
    last.is_some_and(|last| COEFFICIENTS.contains(&last))
}

/// Sums in one order and in double precision, so that the sum is the same in every run.
fn sum_of_squares(gradient: &Tensor) -> Result<f64> {
    let gradient = gradient.contiguous()?;
    let (storage, layout) = gradient.storage_and_layout();
    let (start, end) = layout.contiguous_offsets().unwrap_or_default();
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => {
            let values = values[start..end].iter();
            Ok(values.map(|g| f64::from(*g) * f64::from(*g)).sum())
        }
        Storage::Cpu(CpuStorage::F64(values)) => Ok(values[start..end].iter().map(|g| g * g).sum()),
        _ => gradient.to_dtype(DType::F64)?.sqr()?.sum_all()?.to_scalar(),
    }
}

impl Velocity {
    fn of(var: &Var, velocity: &Tensor) -> Result<Self> {
        let flat = || velocity.flatten_all();
        Ok(match var.dtype() {
            _ if !inplace::is_fused(var) => Self::Tensor(velocity.to_device(var.device())?),
            DType::F32 => Self::Fused(CpuStorage::F32(flat()?.to_vec1()?)),
            _ => Self::Fused(CpuStorage::F64(flat()?.to_vec1()?)),
        })
    }
}

impl Parameter {
    /// Takes a step along `scale` times the gradient.
    fn step(&mut self, scale: f64, config: SgdConfig, gradient: &Tensor) -> Result<()> {
        let (weights, decay) = (self.var.as_detached_tensor(), self.decay);
        match &mut self.velocity {
            Velocity::Fused(velocity) => {
                let update = FusedStep {
                    scale,
                    decay,
                    config,
                    velocity: RefCell::new(velocity),
                };
                inplace::update(&weights, &gradient.contiguous()?, update)
            }
            Velocity::Tensor(velocity) => {
                let momentum = config.momentum;
                let gradient = ((gradient * scale)? + (&weights * decay)?)?;
                *velocity = ((&*velocity * momentum)? + &gradient)?;
                let direction = if config.nesterov {
                    (gradient + (&*velocity * momentum)?)?
                } else {
                    velocity.clone()
                };
                self.var
                    .set(&(weights - (direction * config.learning_rate)?)?)
            }
        }
    }
}

/// The step of one variable in one pass: reads and writes weights and velocities once, reads gradients once.
struct FusedStep<'a> {
    scale: f64,
    decay: f64,
    config: SgdConfig,
    velocity: RefCell<&'a mut CpuStorage>,
}

impl Update for FusedStep<'_> {
    fn update<T: Real>(&self, weights: &mut [T], gradients: &[T]) -> Result<()> {
        let config = self.config;
        let mut velocity = self.velocity.borrow_mut();
        let Some(velocities) = T::slice(&mut velocity) else {
            bail!("the dtype of a variable has changed since the last step")
        };
        let (scale, decay) = (T::from_f64(self.scale), T::from_f64(self.decay));
        let momentum = T::from_f64(config.momentum);
        let rate = T::from_f64(config.learning_rate);
        let all = weights.iter_mut().zip(velocities).zip(gradients);
        for ((weight, velocity), &gradient) in all {
            let gradient = scale * gradient + decay * *weight;
            *velocity = momentum * *velocity + gradient;
            let direction = if config.nesterov {
                gradient + momentum * *velocity
            } else {
                *velocity
            };
            *weight -= rate * direction;
        }
        Ok(())
    }
}
