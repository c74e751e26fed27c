//! Work that is counted before it is done, so that what would take long is cut short, everywhere at the same place.
//!
//! A step is about a nanosecond: one multiplication modulo a prime.

use crate::analysis::effort::{reduction, words};
use crate::number::Number;
use crate::proof::order::TooLarge;

/// Steps of a word operation of long arithmetic.
const WORD: f64 = 5.0;

/// Steps that are left.
#[derive(Debug)]
pub(crate) struct Budget(f64);

impl Budget {
    /// So many.
    pub(crate) fn new(steps: f64) -> Self {
        Self(steps)
    }

    /// Takes steps; where too few are left, all are gone.
    pub(crate) fn spend(&mut self, steps: f64) -> Result<(), TooLarge> {
        self.allow(steps)?;
        self.0 -= steps;
        Ok(())
    }

    /// Takes nothing, but refuses what more steps would be needed for, and all that comes after it.
    pub(crate) fn allow(&mut self, steps: f64) -> Result<(), TooLarge> {
        // Not-a-number is refused as well.
        if steps <= self.0 {
            return Ok(());
        }
        self.0 = f64::NEG_INFINITY;
        Err(TooLarge)
    }

    /// A part, taken whole.
    pub(crate) fn part(&mut self, steps: f64) -> Result<Self, TooLarge> {
        self.spend(steps)?;
        Ok(Self(steps))
    }

    /// Whether something was refused.
    pub(crate) fn is_spent(&self) -> bool {
        self.0 == f64::NEG_INFINITY
    }
}

/// Steps of an operation on these numbers.
pub(crate) fn operation<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> f64 {
    WORD * reduction(words(numbers))
}

/// Steps of an operation on numbers of so many words.
pub(crate) fn operation_on(words: f64) -> f64 {
    WORD * reduction(words)
}
