//! The cost of layers, and of one layer after another.

use super::step::Wiring;
use crate::error::Result;
use crate::nesting::Nesting;

/// What a layer, or several, cost for one image. Sums that are beyond 64 bits stay at the largest number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Trained scalars.
    pub parameters: u64,
    /// Of convolutions, linear layers, products of attention, and combinations of stages, on the way forward.
    pub multiply_adds: u64,
    /// In numbers; nothing where a layer does not say.
    pub memory: Option<Memory>,
}

/// Activations that a layer, or several, hold in a training step: numbers an image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Kept from the way forward for the way back: what the layers read, their first input included.
    pub saved: u64,
    /// The most gradients at once on the way back, those of output and input included.
    pub gradients: u64,
    /// The most stage values at once on the way forward.
    pub stages: u64,
}

impl Cost {
    /// Of no layer.
    pub const NOTHING: Self = Self {
        parameters: 0,
        multiply_adds: 0,
        memory: Some(Memory {
            saved: 0,
            gradients: 0,
            stages: 0,
        }),
    };

    /// Of parameters that other layers are made of.
    #[must_use]
    pub fn weights(parameters: usize) -> Self {
        Self {
            parameters: parameters as u64,
            ..Self::NOTHING
        }
    }

    /// A layer that keeps its input for the way back and nothing else, as those of [`horesnet::layers`] do.
    #[must_use]
    pub fn layer(parameters: u64, multiply_adds: u64, input: usize, output: usize) -> Self {
        let memory = Memory {
            saved: input as u64,
            gradients: (input as u64).saturating_add(output as u64),
            stages: 0,
        };
        Self {
            parameters,
            multiply_adds,
            memory: Some(memory),
        }
    }

    /// A layer that does not say what it keeps.
    #[must_use]
    pub fn unknown(parameters: u64, multiply_adds: u64) -> Self {
        Self {
            parameters,
            multiply_adds,
            memory: None,
        }
    }

    /// A convolution without bias, from so many channels and pixels to others: `K²·in·out` parameters, each of them used at
    /// every pixel of the output.
    #[must_use]
    pub fn conv(kernel: usize, [inputs, outputs]: [usize; 2], pixels: [usize; 2]) -> Self {
        let parameters = product([kernel, kernel, inputs, outputs]);
        let multiply_adds = parameters.saturating_mul(pixels[1] as u64);
        Self::layer(
            parameters,
            multiply_adds,
            inputs * pixels[0],
            outputs * pixels[1],
        )
    }

    /// Normalisation with weight and bias, and an activation, in one op.
    #[must_use]
    pub fn norm(channels: usize, pixels: usize) -> Self {
        let numbers = channels * pixels;
        Self::layer(2 * channels as u64, 0, numbers, numbers)
    }

    /// [`Self::norm`] and [`Self::conv`] in one op, which keeps nothing between them.
    #[must_use]
    pub fn norm_conv(kernel: usize, channels: [usize; 2], pixels: [usize; 2]) -> Self {
        let conv = Self::conv(kernel, channels, pixels);
        let parameters = conv.parameters.saturating_add(2 * channels[0] as u64);
        Self { parameters, ..conv }
    }

    /// A mean over all pixels.
    #[must_use]
    pub fn pool(channels: usize, pixels: usize) -> Self {
        Self::layer(0, 0, channels * pixels, channels)
    }

    /// A linear layer with bias, of so many rows: `(in + 1)·out` parameters. Before the bias is added, the product is kept.
    #[must_use]
    pub fn linear(inputs: usize, outputs: usize, rows: usize) -> Self {
        let weights = product([inputs, outputs]);
        let bias = Self::layer(outputs as u64, 0, rows * outputs, rows * outputs);
        let multiply_adds = weights.saturating_mul(rows as u64);
        Self::layer(weights, multiply_adds, rows * inputs, rows * outputs).then(bias)
    }

    /// A step of a scheme with a residual function of that cost for each stage; `state` is how many numbers it works on.
    pub fn block(scheme: &Nesting, state: usize, function: Self) -> Result<Self> {
        Self::nested(scheme, state, function, true)
    }

    /// [`Self::block`] where the outermost scheme's estimate of its error is formed too, as for adaptive coefficients.
    pub fn adaptive(scheme: &Nesting, state: usize, function: Self) -> Result<Self> {
        let inside = match scheme.inside() {
            Some(inside) => Self::increment(&inside, state, function)?,
            None => function,
        };
        match scheme.schemes().next() {
            Some(outermost) => Ok(Wiring::of(outermost)?.adaptive(state as u64, inside)),
            None => Ok(inside),
        }
    }

    /// [`Self::block`] where only its increment is formed.
    pub fn increment(scheme: &Nesting, state: usize, function: Self) -> Result<Self> {
        Self::nested(scheme, state, function, false)
    }

    /// A block of that cost with so many scalars of coefficients that are learned: for their gradients, the values of all
    /// stages of its outermost scheme are kept. Without any, it is the block.
    #[must_use]
    pub fn learning(self, scheme: &Nesting, state: usize, scalars: usize) -> Self {
        if scalars == 0 {
            return self;
        }
        let stages = product([scheme.tableau().stages(), state]);
        Self {
            parameters: self.parameters.saturating_add(scalars as u64),
            memory: self.memory.map(|memory| Memory {
                saved: memory.saved.saturating_add(stages),
                ..memory
            }),
            ..self
        }
    }

    fn nested(scheme: &Nesting, state: usize, function: Self, step: bool) -> Result<Self> {
        let mut cost = function;
        let schemes: Vec<_> = scheme.schemes().collect();
        for (level, scheme) in schemes.into_iter().enumerate().rev() {
            cost = Wiring::of(scheme)?.cost(state as u64, cost, step && level == 0);
        }
        Ok(cost)
    }

    /// This, and then `next`. What comes between them is the input of `next`.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let both = |a: Memory, b: Memory| Memory {
            saved: a.saved.saturating_add(b.saved),
            gradients: a.gradients.max(b.gradients),
            stages: a.stages.max(b.stages),
        };
        Self {
            parameters: self.parameters.saturating_add(next.parameters),
            multiply_adds: self.multiply_adds.saturating_add(next.multiply_adds),
            memory: { self.memory.zip(next.memory) }.map(|(a, b)| both(a, b)),
        }
    }
}

fn product<const N: usize>(factors: [usize; N]) -> u64 {
    { factors.iter() }.fold(1, |product: u64, &factor| {
        product.saturating_mul(factor as u64)
    })
}
