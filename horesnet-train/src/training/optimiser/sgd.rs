//! Stochastic gradient descent with momentum.

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Result, Tensor, Var, bail};
use candle_nn::Optimizer;
use horesnet::profile::{Work, span};

use super::inplace::{self, Real, Update};
use super::parameters::{Moments, Parameter, Parameters};

/// The prefix of the names of velocities.
pub(super) const MOMENTS: [&str; 1] = ["momentum."];

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
    pub(super) parameters: Parameters<1>,
    config: SgdConfig,
}

impl Optimizer for Sgd {
    type Config = SgdConfig;

    /// Creates an optimiser of variables without names, none of which counts as a coefficient.
    fn new(vars: Vec<Var>, config: SgdConfig) -> Result<Self> {
        Self::named(vars.into_iter().map(|var| (String::new(), var)), config)
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        let _span = span(Work::Optimiser);
        let config = self.config;
        let scale = self.parameters.clip_scale(gradients, config.clip_norm)?;
        self.parameters.each(gradients, |parameter, gradient| {
            step(parameter, scale, config, gradient)
        })
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
        Ok(Self {
            parameters: Parameters::new(vars, config.weight_decay, config.coefficient_decay)?,
            config,
        })
    }
}

/// Takes a step along `scale` times the gradient.
fn step(
    parameter: &mut Parameter<1>,
    scale: f64,
    config: SgdConfig,
    gradient: &Tensor,
) -> Result<()> {
    let (weights, decay) = (parameter.var.as_detached_tensor(), parameter.decay);
    match &mut parameter.moments {
        Moments::Fused([velocity]) => {
            let update = FusedStep {
                scale,
                decay,
                config,
                velocity: RefCell::new(velocity),
            };
            inplace::update(&weights, &gradient.contiguous()?, update)
        }
        Moments::Tensors([velocity]) => {
            let momentum = config.momentum;
            let gradient = ((gradient * scale)? + (&weights * decay)?)?;
            *velocity = ((&*velocity * momentum)? + &gradient)?;
            let direction = if config.nesterov {
                (gradient + (&*velocity * momentum)?)?
            } else {
                velocity.clone()
            };
            let weights = (weights - (direction * config.learning_rate)?)?;
            parameter.var.set(&weights)
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
