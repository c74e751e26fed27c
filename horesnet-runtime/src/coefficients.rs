//! How the step size `h` behaves in a network.

/// `h_l = h₀·rate^l` at depth `l`, counted in blocks from the input of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decaying {
    initial: f64,
    rate: f64,
    depth: usize,
}

impl Decaying {
    /// `h₀ = 1` at depth 0.
    #[must_use]
    pub const fn new(rate: f64) -> Self {
        Self {
            initial: 1.0,
            rate,
            depth: 0,
        }
    }

    /// The same decay with another `h₀`.
    #[must_use]
    pub const fn with_initial(self, initial: f64) -> Self {
        Self { initial, ..self }
    }

    /// The same decay for the block at depth `depth`.
    #[must_use]
    pub const fn at_depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// `h₀·rate^depth`.
    #[must_use]
    pub fn h(&self) -> f64 {
        // `powi` takes an `i32`; past its range the power is 0, 1 or infinite all the same.
        self.initial
            * self
                .rate
                .powi(i32::try_from(self.depth).unwrap_or(i32::MAX))
    }
}
