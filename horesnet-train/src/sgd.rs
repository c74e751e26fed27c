//! Stochastic gradient descent with momentum, weight decay and clipping.
//!
//! Norm scales, norm shifts and biases (everything of rank 1 or 0) do not decay: pulling them to 0 regularises nothing.
//! Learned coefficients have a decay of their own.

use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{
    CpuStorage, DType, Device, InplaceOp2, Layout, Result, Storage, Tensor, Var, WithDType, bail,
};

/// What the name of a coefficient that blocks learn ends in.
const COEFFICIENTS: [&str; 2] = ["h", "coefficients"];

/// The settings of [`Sgd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdConfig {
    /// Momentum, from 0 to below 1.
    pub momentum: f64,
    /// Whether the momentum is Nesterov's.
    pub nesterov: bool,
    /// Weight decay of matrices and kernels.
    pub weight_decay: f64,
    /// Weight decay of coefficients: of variables the last part of whose name is `h` or `coefficients`.
    pub coefficient_decay: f64,
    /// Gradients whose norm, taken over all variables together, is larger are scaled down to it; 0 leaves all as they are.
    pub clip_norm: f64,
}

impl Default for SgdConfig {
    /// Nesterov's momentum of 0.9 and nothing else.
    fn default() -> Self {
        Self {
            momentum: 0.9,
            nesterov: true,
            weight_decay: 0.0,
            coefficient_decay: 0.0,
            clip_norm: 0.0,
        }
    }
}

/// The optimiser: `g ← g + decay·w`, `v ← momentum·v + g`, `w ← w − rate·(g + momentum·v)` with Nesterov's momentum, or
/// `w ← w − rate·v` without. Velocities start at 0.
///
/// ```
/// use candle_core::{DType, Device};
/// use horesnet_train::{Sgd, SgdConfig, Variables};
///
/// let variables = Variables::seeded(0);
/// let layer = candle_nn::linear(3, 2, variables.builder(DType::F32, &Device::Cpu))?;
/// let mut sgd = Sgd::new(variables.trained(), SgdConfig { weight_decay: 5e-4, ..SgdConfig::default() });
/// let loss = layer.weight().sqr()?.sum_all()?;
/// sgd.step(&loss.backward()?, 0.1)?;
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

/// The sum of past gradients.
#[derive(Debug)]
enum Velocity {
    /// No gradient came yet.
    None,
    /// Of numbers that the fused update handles.
    Fused(CpuStorage),
    /// Of any others.
    Tensor(Tensor),
}

impl Sgd {
    /// An optimiser of `vars`, by name.
    #[must_use]
    pub fn new(vars: impl IntoIterator<Item = (String, Var)>, config: SgdConfig) -> Self {
        let parameters = vars
            .into_iter()
            .map(|(name, var)| Parameter {
                decay: if is_coefficient(&name) {
                    config.coefficient_decay
                } else if var.rank() > 1 {
                    config.weight_decay
                } else {
                    0.0
                },
                name,
                var,
                velocity: Velocity::None,
            })
            .collect();
        Self { parameters, config }
    }

    /// Moves every variable that has a gradient; `rate` is the learning rate of this step.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<()> {
        let scale = self.scale(gradients)?;
        for parameter in &mut self.parameters {
            if let Some(gradient) = gradients.get(parameter.var.as_tensor()) {
                // Detached, or each velocity would hold the graphs of all steps before it.
                let gradient = gradient.detach();
                let rule = Rule {
                    scale,
                    decay: parameter.decay,
                    momentum: self.config.momentum,
                    nesterov: self.config.nesterov,
                    rate,
                };
                parameter.step(rule, &gradient)?;
            }
        }
        Ok(())
    }

    /// The velocities by name; zeros where no gradient came yet.
    pub(crate) fn velocities(&self) -> Result<Vec<(&str, Tensor)>> {
        let velocity = |parameter: &Parameter| {
            let shape = parameter.var.shape();
            match &parameter.velocity {
                Velocity::None => Tensor::zeros(shape, parameter.var.dtype(), &Device::Cpu),
                Velocity::Fused(CpuStorage::F32(v)) => Tensor::from_slice(v, shape, &Device::Cpu),
                Velocity::Fused(CpuStorage::F64(v)) => Tensor::from_slice(v, shape, &Device::Cpu),
                Velocity::Fused(_) => bail!("`{}` is of another dtype", parameter.name),
                Velocity::Tensor(v) => Ok(v.clone()),
            }
        };
        self.parameters
            .iter()
            .map(|parameter| Ok((parameter.name.as_str(), velocity(parameter)?)))
            .collect()
    }

    /// Goes on from the velocity of `name` that was kept.
    pub(crate) fn restore(&mut self, name: &str, velocity: &Tensor) -> Result<()> {
        let mut parameters = self.parameters.iter_mut();
        let Some(parameter) = parameters.find(|parameter| parameter.name == name) else {
            bail!("no variable `{name}` is trained")
        };
        let flat = || velocity.flatten_all();
        let device = parameter.var.device();
        parameter.velocity = match velocity.dtype() {
            _ if !device.is_cpu() => Velocity::Tensor(velocity.to_device(device)?),
            DType::F32 => Velocity::Fused(CpuStorage::F32(flat()?.to_vec1()?)),
            DType::F64 => Velocity::Fused(CpuStorage::F64(flat()?.to_vec1()?)),
            _ => Velocity::Tensor(velocity.clone()),
        };
        Ok(())
    }

    /// What gradients are multiplied by, so that together they are no longer than is wanted.
    fn scale(&self, gradients: &GradStore) -> Result<f64> {
        let most = self.config.clip_norm;
        if most == 0.0 {
            return Ok(1.0);
        }
        let mut squares = 0.0;
        for parameter in &self.parameters {
            if let Some(gradient) = gradients.get(parameter.var.as_tensor()) {
                squares += sum_of_squares(gradient)?;
            }
        }
        let norm = squares.sqrt();
        Ok(if norm > most { most / norm } else { 1.0 })
    }
}

/// Whether a variable is a coefficient that a block learns.
pub(crate) fn is_coefficient(name: &str) -> bool {
    name.rsplit('.')
        .next()
        .is_some_and(|last| COEFFICIENTS.contains(&last))
}

/// Summed in one order and in double precision, so that it is the same in every run.
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

/// What a step does to a weight.
#[derive(Clone, Copy, Debug)]
struct Rule {
    scale: f64,
    decay: f64,
    momentum: f64,
    nesterov: bool,
    rate: f64,
}

impl Parameter {
    fn step(&mut self, rule: Rule, gradient: &Tensor) -> Result<()> {
        let weights = self.var.as_detached_tensor();
        let fused = gradient.device().is_cpu() && gradient.dtype() == weights.dtype();
        self.velocity = match (
            std::mem::replace(&mut self.velocity, Velocity::None),
            weights.dtype(),
        ) {
            (Velocity::None, DType::F32) if fused => {
                Velocity::Fused(CpuStorage::F32(vec![0.0; weights.elem_count()]))
            }
            (Velocity::None, DType::F64) if fused => {
                Velocity::Fused(CpuStorage::F64(vec![0.0; weights.elem_count()]))
            }
            (velocity, _) => velocity,
        };
        match &mut self.velocity {
            Velocity::Fused(velocity) => {
                let velocity = Mutex::new(velocity);
                weights.inplace_op2(&gradient.contiguous()?, &Update { rule, velocity })
            }
            Velocity::None => {
                let velocity = rule.decayed(gradient, &weights)?;
                self.apply(rule, &velocity.clone(), velocity)
            }
            Velocity::Tensor(velocity) => {
                let gradient = rule.decayed(gradient, &weights)?;
                let velocity = ((&*velocity * rule.momentum)? + &gradient)?;
                self.apply(rule, &gradient, velocity)
            }
        }
    }

    fn apply(&mut self, rule: Rule, gradient: &Tensor, velocity: Tensor) -> Result<()> {
        let direction = if rule.nesterov {
            (gradient + (&velocity * rule.momentum)?)?
        } else {
            velocity.clone()
        };
        let weights = self.var.as_detached_tensor();
        self.var.set(&(weights - (direction * rule.rate)?)?)?;
        self.velocity = Velocity::Tensor(velocity);
        Ok(())
    }
}

impl Rule {
    fn decayed(self, gradient: &Tensor, weights: &Tensor) -> Result<Tensor> {
        (gradient * self.scale)? + (weights * self.decay)?
    }
}

/// The whole step of one variable in one pass: weights and velocities are read and written once, gradients read once.
struct Update<'a> {
    rule: Rule,
    velocity: Mutex<&'a mut CpuStorage>,
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "horesnet-sgd"
    }

    fn cpu_fwd(
        &self,
        weights: &mut CpuStorage,
        layout: &Layout,
        gradients: &CpuStorage,
        gradients_layout: &Layout,
    ) -> Result<()> {
        let (Some((start, end)), Some((from, to))) = (
            layout.contiguous_offsets(),
            gradients_layout.contiguous_offsets(),
        ) else {
            bail!("the optimiser needs contiguous variables")
        };
        let mut velocity = self.velocity.lock().unwrap_or_else(PoisonError::into_inner);
        match (weights, &mut **velocity, gradients) {
            (CpuStorage::F32(w), CpuStorage::F32(v), CpuStorage::F32(g)) => {
                self.rule
                    .run(&mut w[start..end], v, &g[from..to], |x| x as f32);
            }
            (CpuStorage::F64(w), CpuStorage::F64(v), CpuStorage::F64(g)) => {
                self.rule.run(&mut w[start..end], v, &g[from..to], |x| x);
            }
            _ => bail!("a variable's dtype has changed since the last step"),
        }
        Ok(())
    }
}

impl Rule {
    fn run<T: WithDType>(
        self,
        weights: &mut [T],
        velocities: &mut [T],
        gradients: &[T],
        number: fn(f64) -> T,
    ) {
        let (scale, decay) = (number(self.scale), number(self.decay));
        let (momentum, rate) = (number(self.momentum), number(self.rate));
        let all = weights.iter_mut().zip(velocities).zip(gradients);
        for ((weight, velocity), &gradient) in all {
            let gradient = scale * gradient + decay * *weight;
            *velocity = momentum * *velocity + gradient;
            let direction = if self.nesterov {
                gradient + momentum * *velocity
            } else {
                *velocity
            };
            *weight -= rate * direction;
        }
    }
}
