//! Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101).

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Result, Tensor, Var, bail};
use candle_nn::Optimizer;
use horesnet::profile::{Work, span};

use super::inplace::{self, Real, Update};
use super::parameters::{Moments, Parameter, Parameters};

/// The prefixes of the names of first and second moments.
pub(super) const MOMENTS: [&str; 2] = ["exp_avg.", "exp_avg_sq."];

/// The settings of [`AdamW`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWConfig {
    /// The learning rate, until [`Optimizer::set_learning_rate`] changes it.
    pub learning_rate: f64,
    /// Decay of the first moment, from 0 to below 1.
    pub beta1: f64,
    /// Decay of the second moment, from 0 to below 1.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Weight decay of matrices and kernels.
    pub weight_decay: f64,
    /// Weight decay of coefficients: of variables whose name ends in `h` or `coefficients` after the last dot.
    pub coefficient_decay: f64,
    /// Largest norm of the gradient of all variables together, to which it is scaled down; 0 does not clip.
    pub clip_norm: f64,
}

impl Default for AdamWConfig {
    /// PyTorch's defaults, except a weight decay of 0.05.
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.05,
            coefficient_decay: 0.0,
            clip_norm: 0.0,
        }
    }
}

/// AdamW: in step `t`, counted from 1, `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²` and
/// `w ← w − rate·(decay·w + (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε))`. Moments start at 0.
///
/// On the CPU, a step is one pass over weights, moments and gradients.
///
/// ```
/// use candle_core::{DType, Device};
/// use candle_nn::Optimizer;
/// use horesnet_train::{AdamW, AdamWConfig, Variables};
///
/// let variables = Variables::seeded(0);
/// let layer = candle_nn::linear(3, 2, variables.builder(DType::F32, &Device::Cpu))?;
/// let mut adamw = AdamW::named(variables.trained(), AdamWConfig::default())?;
/// let loss = layer.weight().sqr()?.sum_all()?;
/// adamw.backward_step(&loss)?;
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug)]
pub struct AdamW {
    pub(super) parameters: Parameters<2>,
    pub(super) steps: usize,
    config: AdamWConfig,
}

impl Optimizer for AdamW {
    type Config = AdamWConfig;

    /// Creates an optimiser of variables without names, none of which counts as a coefficient.
    fn new(vars: Vec<Var>, config: AdamWConfig) -> Result<Self> {
        Self::named(vars.into_iter().map(|var| (String::new(), var)), config)
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        let _span = span(Work::Optimiser);
        self.steps += 1;
        let step = Step::new(
            self.config,
            self.parameters
                .clip_scale(gradients, self.config.clip_norm)?,
            self.steps,
        );
        self.parameters.each(gradients, |parameter, gradient| {
            step.take(parameter, gradient)
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

impl AdamW {
    /// Creates an optimiser of the floating-point variables among `vars`, by name.
    pub fn named(
        vars: impl IntoIterator<Item = (String, Var)>,
        config: AdamWConfig,
    ) -> Result<Self> {
        Ok(Self {
            parameters: Parameters::new(vars, config.weight_decay, config.coefficient_decay)?,
            steps: 0,
            config,
        })
    }
}

/// The numbers of a step that are common to all variables.
#[derive(Clone, Copy)]
struct Step {
    /// The factor of gradients.
    scale: f64,
    config: AdamWConfig,
    /// The learning rate over the correction of the first moment, which starts at 0.
    rate: f64,
    /// The root of the correction of the second moment.
    root: f64,
}

impl Step {
    fn new(config: AdamWConfig, scale: f64, steps: usize) -> Self {
        let correction = |beta: f64| 1.0 - beta.powf(steps as f64);
        Self {
            scale,
            config,
            rate: config.learning_rate / correction(config.beta1),
            root: correction(config.beta2).sqrt(),
        }
    }

    fn take(self, parameter: &mut Parameter<2>, gradient: &Tensor) -> Result<()> {
        let weights = parameter.var.as_detached_tensor();
        let kept = 1.0 - self.config.learning_rate * parameter.decay;
        match &mut parameter.moments {
            Moments::Fused(moments) => {
                let update = FusedStep {
                    step: self,
                    kept,
                    moments: RefCell::new(moments),
                };
                inplace::update(&weights, &gradient.contiguous()?, update)
            }
            Moments::Tensors([first, second]) => {
                let AdamWConfig {
                    beta1,
                    beta2,
                    epsilon,
                    ..
                } = self.config;
                let gradient = (gradient * self.scale)?;
                *first = ((&*first * beta1)? + (&gradient * (1.0 - beta1))?)?;
                *second = ((&*second * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?;
                let root = ((second.sqrt()? / self.root)? + epsilon)?;
                let step = (first.div(&root)? * self.rate)?;
                parameter.var.set(&((weights * kept)? - step)?)
            }
        }
    }
}

/// The step of one variable in one pass: reads and writes weights and moments once, reads gradients once.
struct FusedStep<'a> {
    step: Step,
    /// The share of the weights that decay leaves.
    kept: f64,
    moments: RefCell<&'a mut [CpuStorage; 2]>,
}

impl Update for FusedStep<'_> {
    fn update<T: Real>(&self, weights: &mut [T], gradients: &[T]) -> Result<()> {
        let AdamWConfig {
            beta1,
            beta2,
            epsilon,
            ..
        } = self.step.config;
        let mut moments = self.moments.borrow_mut();
        let [first, second] = &mut **moments;
        let Some((first, second)) = T::slice(first).zip(T::slice(second)) else {
            bail!("the dtype of a variable has changed since the last step")
        };
        let [scale, kept, rate, root, epsilon] = [
            self.step.scale,
            self.kept,
            self.step.rate,
            self.step.root,
            epsilon,
        ]
        .map(T::from_f64);
        let [beta1, rest1] = [beta1, 1.0 - beta1].map(T::from_f64);
        let [beta2, rest2] = [beta2, 1.0 - beta2].map(T::from_f64);
        let moments = first.iter_mut().zip(second);
        for ((weight, (first, second)), &gradient) in weights.iter_mut().zip(moments).zip(gradients)
        {
            let gradient = scale * gradient;
            *first = beta1 * *first + rest1 * gradient;
            *second = beta2 * *second + rest2 * gradient * gradient;
            *weight = kept * *weight - rate * *first / (Real::sqrt(*second) / root + epsilon);
        }
        Ok(())
    }
}
