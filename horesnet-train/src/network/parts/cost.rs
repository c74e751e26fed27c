//! The cost of layers, and of one layer after another.

/// Height and width of the images between two layers.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels a row.
    pub width: usize,
}

impl Size {
    /// Pixels of an image.
    #[must_use]
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Returns the size after a layer with this stride, padded to keep the size at stride 1.
    #[must_use]
    pub fn strided(self, stride: usize) -> Self {
        Self {
            height: self.height.div_ceil(stride),
            width: self.width.div_ceil(stride),
        }
    }
}

/// The cost of one or more layers for one image. Sums saturate at 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Multiply-adds of convolutions, linear layers, attention and combinations of stages in a forward pass.
    pub multiply_adds: u64,
    /// Activations in memory; `None` if a layer does not say what it keeps.
    pub memory: Option<Memory>,
}

/// Activations that layers hold in a training step, in numbers per image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// The input of the first layer.
    pub input: u64,
    /// The first layer saves a copy of its input, as those that are computed again do.
    pub copies_input: bool,
    /// Saved in the forward pass for the backward pass: the inputs of the layers.
    pub saved: u64,
    /// Most gradients alive at once in the backward pass, those of output and input included, and with them what is computed
    /// again.
    pub gradients: u64,
    /// Most stage values alive at once in the forward pass.
    pub stages: u64,
}

/// A layer or block of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerCost {
    /// The prefix of its weights: `group1.block2`.
    pub name: String,
    /// Trained scalars.
    pub parameters: u64,
    /// It is a block of residual functions.
    pub is_block: bool,
    /// Its cost for one image.
    pub cost: Cost,
}

impl Memory {
    /// Most numbers at once while the layers are computed again from their input and differentiated, besides that input.
    #[must_use]
    pub fn transient(self) -> u64 {
        let input = if self.copies_input { 0 } else { self.input };
        let saved = self.saved.saturating_sub(input);
        saved.saturating_add(self.gradients)
    }
}

impl Cost {
    /// The cost of no layer.
    pub const NOTHING: Self = Self::layer(0, 0, 0);

    /// A layer that saves its input for the backward pass and nothing else, as those of [`horesnet::layers`] do.
    #[must_use]
    pub const fn layer(multiply_adds: u64, input: usize, output: usize) -> Self {
        let memory = Memory {
            input: input as u64,
            copies_input: false,
            saved: input as u64,
            gradients: (input as u64).saturating_add(output as u64),
            stages: 0,
        };
        Self {
            multiply_adds,
            memory: Some(memory),
        }
    }

    /// A layer that does not say what it saves.
    #[must_use]
    pub fn unknown(multiply_adds: u64) -> Self {
        Self {
            multiply_adds,
            memory: None,
        }
    }

    /// A convolution: `K²·in·out` multiply-adds for every pixel of the output. A normalisation fused with it adds nothing.
    #[must_use]
    pub fn conv(kernel: usize, [inputs, outputs]: [usize; 2], pixels: [usize; 2]) -> Self {
        let multiply_adds = product(&[kernel, kernel, inputs, outputs, pixels[1]]);
        Self::layer(multiply_adds, inputs * pixels[0], outputs * pixels[1])
    }

    /// A linear layer with bias on `rows` rows. The product is saved before the bias is added.
    #[must_use]
    pub fn linear(inputs: usize, outputs: usize, rows: usize) -> Self {
        let multiply_adds = product(&[inputs, outputs, rows]);
        let bias = Self::layer(0, rows * outputs, rows * outputs);
        Self::layer(multiply_adds, rows * inputs, rows * outputs).then(bias)
    }

    /// This, computed again in the backward pass from its input, the only thing that is kept.
    #[must_use]
    pub fn recomputed(self) -> Self {
        let memory = self.memory.map(|memory| Memory {
            copies_input: true,
            saved: memory.input,
            gradients: memory.transient(),
            ..memory
        });
        Self { memory, ..self }
    }

    /// This, and then `next`, whose input is the output of this.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let both = |(a, b): (Memory, Memory)| Memory {
            // Nothing before the first layer has an input.
            input: if a.input == 0 { b.input } else { a.input },
            copies_input: if a.input == 0 {
                b.copies_input
            } else {
                a.copies_input
            },
            saved: a.saved.saturating_add(b.saved),
            gradients: a.gradients.max(b.gradients),
            stages: a.stages.max(b.stages),
        };
        Self {
            multiply_adds: self.multiply_adds.saturating_add(next.multiply_adds),
            memory: self.memory.zip(next.memory).map(both),
        }
    }
}

pub(crate) fn product(factors: &[usize]) -> u64 {
    { factors.iter() }.fold(1, |product: u64, &factor| {
        product.saturating_mul(factor as u64)
    })
}
