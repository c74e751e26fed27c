//! Stochastic gradient descent with momentum and weight decay.
//!
//! Norm scales, norm shifts and biases (everything of rank 1) do not decay: pulling them to 0 regularises nothing.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};

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
    velocity: Option<Tensor>,
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
                velocity: None,
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
            // Detached, or each velocity would hold the graphs of all steps before it.
            let weights = parameter.var.as_detached_tensor();
            let Some(gradient) = gradients.get(parameter.var.as_tensor()) else {
                continue;
            };
            let mut gradient = gradient.detach();
            if parameter.decay > 0.0 {
                gradient = (gradient + (&weights * parameter.decay)?)?;
            }
            let velocity = match &parameter.velocity {
                Some(velocity) => ((velocity * self.momentum)? + &gradient)?,
                None => gradient.clone(),
            };
            let direction = if self.nesterov {
                (gradient + (&velocity * self.momentum)?)?
            } else {
                velocity.clone()
            };
            parameter.var.set(&(weights - (direction * rate)?)?)?;
            parameter.velocity = Some(velocity);
        }
        Ok(())
    }
}
