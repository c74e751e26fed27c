//! Stochastic gradient descent with Nesterov momentum, built from candle's tensor ops: candle's own has no momentum.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};

/// The rule of `horesnet_train::Sgd`: matrices and kernels decay, scales, shifts and biases do not.
#[derive(Debug)]
pub(crate) struct StockSgd {
    vars: Vec<(Var, Option<Tensor>)>,
    momentum: f64,
    decay: f64,
}

impl StockSgd {
    pub(crate) fn new(vars: impl IntoIterator<Item = Var>, momentum: f64, decay: f64) -> Self {
        Self {
            vars: vars.into_iter().map(|var| (var, None)).collect(),
            momentum,
            decay,
        }
    }

    pub(crate) fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<()> {
        for (var, velocity) in &mut self.vars {
            let Some(gradient) = gradients.get(var.as_tensor()) else {
                continue;
            };
            let mut gradient = gradient.detach();
            let weights = var.as_detached_tensor();
            if var.rank() > 1 {
                gradient = (gradient + (&weights * self.decay)?)?;
            }
            let moved = match velocity {
                Some(velocity) => ((&*velocity * self.momentum)? + &gradient)?,
                None => gradient.clone(),
            };
            let direction = (gradient + (&moved * self.momentum)?)?;
            var.set(&(weights - (direction * rate)?)?)?;
            *velocity = Some(moved);
        }
        Ok(())
    }
}
