//! Stochastic gradient descent with momentum and weight decay.
//!
//! Norm scales, norm shifts and biases (everything of rank 1) do not decay: pulling them to 0 regularises nothing.

use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var, WithDType, bail};

/// The optimiser: `g ← g + decay·w`, `v ← momentum·v + g`, `w ← w − rate·(g + momentum·v)` with Nesterov's momentum, or
/// `w ← w − rate·v` without. Velocities start at 0.
#[derive(Debug)]
pub struct Sgd {
    parameters: Vec<Parameter>,
    momentum: f64,
    nesterov: bool,
}

#[derive(Debug)]
struct Parameter {
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
    /// An optimiser of `vars`; those of rank 1 do not decay.
    #[must_use]
    pub fn new(
        vars: impl IntoIterator<Item = Var>,
        momentum: f64,
        nesterov: bool,
        weight_decay: f64,
    ) -> Self {
        let parameters = vars
            .into_iter()
            .map(|var| Parameter {
                decay: if var.rank() > 1 { weight_decay } else { 0.0 },
                var,
                velocity: Velocity::None,
            })
            .collect();
        Self {
            parameters,
            momentum,
            nesterov,
        }
    }

    /// Moves every variable that has a gradient; `rate` is the learning rate of this step.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<()> {
        for parameter in &mut self.parameters {
            if let Some(gradient) = gradients.get(parameter.var.as_tensor()) {
                // Detached, or each velocity would hold the graphs of all steps before it.
                let gradient = gradient.detach();
                let rule = Rule {
                    decay: parameter.decay,
                    momentum: self.momentum,
                    nesterov: self.nesterov,
                    rate,
                };
                parameter.step(rule, &gradient)?;
            }
        }
        Ok(())
    }
}

/// What a step does to a weight.
#[derive(Clone, Copy, Debug)]
struct Rule {
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
            (Velocity::None, candle_core::DType::F32) if fused => {
                Velocity::Fused(CpuStorage::F32(vec![0.0; weights.elem_count()]))
            }
            (Velocity::None, candle_core::DType::F64) if fused => {
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
        if self.decay > 0.0 {
            gradient + (weights * self.decay)?
        } else {
            Ok(gradient.clone())
        }
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
        let (decay, momentum, rate) =
            (number(self.decay), number(self.momentum), number(self.rate));
        let all = weights.iter_mut().zip(velocities).zip(gradients);
        for ((weight, velocity), &gradient) in all {
            let gradient = gradient + decay * *weight;
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
