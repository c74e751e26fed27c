//! How the step size `h` behaves in a network.

/// `h_l = h₀·rate^l` at depth `l`, counted in blocks from the input of the network.
///
/// ```
/// use horesnet_runtime::Decaying;
///
/// let decay = Decaying::new(0.5).with_initial(4.0);
/// let steps: Vec<f64> = (0..4).map(|depth| decay.at_depth(depth).h()).collect();
/// assert_eq!(steps, [4.0, 2.0, 1.0, 0.5]);
/// ```
///
/// Any number is accepted, and the formula is taken at its word: with a negative rate the sign of `h` alternates, a
/// rate above 1 grows (to infinity, if the network is deep enough), a rate of 0 leaves `h₀` at depth 0 and 0 below it,
/// and `NaN` makes every `h` but that at depth 0 `NaN`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decaying {
    initial: f64,
    rate: f64,
    depth: usize,
}

impl Decaying {
    /// `h₀ = 1` at depth 0.
    ///
    /// ```
    /// assert_eq!(horesnet_runtime::Decaying::new(0.9).h(), 1.0);
    /// ```
    #[must_use]
    pub const fn new(rate: f64) -> Self {
        Self {
            initial: 1.0,
            rate,
            depth: 0,
        }
    }

    /// The same decay with another `h₀`.
    ///
    /// ```
    /// assert_eq!(horesnet_runtime::Decaying::new(0.9).with_initial(0.1).h(), 0.1);
    /// ```
    #[must_use]
    pub const fn with_initial(self, initial: f64) -> Self {
        Self { initial, ..self }
    }

    /// The same decay for the block at depth `depth`, whatever the depth so far.
    ///
    /// ```
    /// let third = horesnet_runtime::Decaying::new(0.5).at_depth(7).at_depth(2);
    /// assert_eq!(third.h(), 0.25);
    /// ```
    #[must_use]
    pub const fn at_depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// `h₀·rate^depth`.
    #[must_use]
    pub fn h(&self) -> f64 {
        // `powi` takes an `i32`. Past its range the power is 0, ±1 or infinite, and only its sign depends on more
        // than that the depth is large: an odd depth stays odd.
        let depth =
            i32::try_from(self.depth).unwrap_or(i32::MAX - i32::from(self.depth.is_multiple_of(2)));
        self.initial * self.rate.powi(depth)
    }
}
