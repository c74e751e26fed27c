//! What a training step computes again instead of keeping it.

use crate::choice::choice;

choice! {
    /// What a training step computes again in the backward pass, to keep less memory until then. Results are the same to the bit.
    ///
    /// ```
    /// use horesnet_train::Recompute;
    ///
    /// assert_eq!("budget(512)".parse::<Recompute>()?, Recompute::Budget(512));
    /// assert_eq!("block+stage".parse::<Recompute>()?, Recompute::BlockAndStage);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    Recompute, "what to recompute" {
        /// Nothing.
        #[default]
        None = "none",
        /// Each residual function, from its input.
        Stage = "stage",
        /// Each block, from its input.
        Block = "block",
        /// Each block from its input, and in that each residual function from its own.
        BlockAndStage = "block+stage",
        /// As few blocks as possible with activations and gradients of a step within so many MiB: nothing, or the first blocks, or
        /// blocks several times by the binomial schedule (Griewank and Walther, ACM TOMS 26 (2000) 19).
        Budget(usize) = "budget(N)",
    }
}

impl Recompute {
    /// Returns true if residual functions are computed again.
    #[must_use]
    pub const fn has_stages(self) -> bool {
        matches!(self, Self::Stage | Self::BlockAndStage)
    }

    /// Returns true if each block is computed again once.
    #[must_use]
    pub const fn has_blocks(self) -> bool {
        matches!(self, Self::Block | Self::BlockAndStage)
    }
}
