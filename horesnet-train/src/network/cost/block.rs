//! The cost of blocks, from that of their residual functions.

use super::wiring::Wiring;
use crate::error::Result;
use crate::network::nesting::Nesting;
use crate::network::parts::cost::{Cost, Memory, product};

impl Cost {
    /// A step of a scheme whose stages cost `function` each, on a state of `state` numbers.
    pub fn block(scheme: &Nesting, state: usize, function: Self) -> Result<Self> {
        Self::nested(scheme, state, function, Wiring::step)
    }

    /// [`Self::block`] that also forms the error estimate of the outermost scheme, as adaptive coefficients need it.
    pub fn adaptive(scheme: &Nesting, state: usize, function: Self) -> Result<Self> {
        Self::nested(scheme, state, function, Wiring::adaptive)
    }

    /// [`Self::block`] that forms only its increment.
    pub fn increment(scheme: &Nesting, state: usize, function: Self) -> Result<Self> {
        Self::nested(scheme, state, function, Wiring::increment)
    }

    fn nested(
        scheme: &Nesting,
        state: usize,
        function: Self,
        outermost: fn(&Wiring, u64, Self) -> Self,
    ) -> Result<Self> {
        let wirings = scheme.schemes().map(Wiring::of);
        let wirings = wirings.collect::<Result<Vec<_>>>()?;
        let Some((outer, inner)) = wirings.split_first() else {
            return Ok(function);
        };
        let (state, inner) = (state as u64, inner.iter().rev());
        let function = inner.fold(function, |cost, wiring| wiring.increment(state, cost));
        Ok(outermost(outer, state, function))
    }

    /// A block of that cost with learned coefficients: it saves all stages of its outermost scheme for their gradients.
    #[must_use]
    pub fn learning(self, scheme: &Nesting, state: usize) -> Self {
        let stages = product(&[scheme.tableau().stages(), state]);
        Self {
            memory: self.memory.map(|memory| Memory {
                saved: memory.saved.saturating_add(stages),
                ..memory
            }),
            ..self
        }
    }
}
