//! Counts work before it is done, so that long proofs and searches stop early.
//!
//! One step is one multiplication modulo a prime, about a nanosecond.

use super::Number;

/// Steps of a word operation of long arithmetic.
pub(crate) const WORD: f64 = 5.0;

/// The coefficients are too large for an answer in reasonable time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// The steps left.
#[derive(Debug)]
pub(crate) struct Budget {
    left: f64,
    /// True once something was refused: everything after it is refused too.
    refused: bool,
    /// Bytes that a walk through trees may hold at once.
    memory: f64,
}

/// Bytes of elementary weights held at once.
const MEMORY: f64 = 2.2e8;

impl Budget {
    pub(crate) fn new(steps: f64) -> Self {
        Self {
            left: steps,
            refused: false,
            memory: MEMORY,
        }
    }

    /// Leaves less memory, because so much is held already.
    pub(crate) fn beside(mut self, bytes: f64) -> Self {
        self.memory -= bytes;
        self
    }

    /// Checks that so many bytes may be held at once.
    pub(crate) fn hold(&mut self, bytes: f64) -> Result<(), TooLarge> {
        self.refused |= bytes > self.memory;
        self.allow(0.0)
    }

    /// Takes steps. If too few are left, this and everything after it fails.
    pub(crate) fn spend(&mut self, steps: f64) -> Result<(), TooLarge> {
        self.allow(steps)?;
        self.left -= steps;
        Ok(())
    }

    /// Checks that the steps are left, without taking them. Once this fails, everything after it fails.
    pub(crate) fn allow(&mut self, steps: f64) -> Result<(), TooLarge> {
        // Refuses NaN too.
        if steps <= self.left && !self.refused {
            return Ok(());
        }
        self.refused = true;
        Err(TooLarge)
    }

    /// Takes steps and returns true, if they are left. There is another way if not, so nothing is refused.
    pub(crate) fn affords(&mut self, steps: f64) -> bool {
        let affords = !self.refused && steps <= self.left;
        if affords {
            self.left -= steps;
        }
        affords
    }

    /// Gives at most so many steps to work that may be refused, and takes what it spends.
    pub(crate) fn attempt<T>(&mut self, most: f64, work: impl FnOnce(&mut Self) -> T) -> T {
        let mut part = Self {
            left: self.left.min(most),
            refused: self.refused,
            memory: self.memory,
        };
        let given = part.left;
        let result = work(&mut part);
        self.left -= given - part.left;
        result
    }

    /// Returns true once something was refused.
    pub(crate) fn is_spent(&self) -> bool {
        self.refused
    }
}

/// Steps to convert numbers some times, as to floating point and to residues.
pub(crate) fn conversion<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> f64 {
    let one = |number: &Number| {
        let words = number.bits() as f64 / 64.0;
        number.terms().len() as f64 * (2000.0 + 50.0 * words * words)
    };
    numbers.into_iter().map(one).sum()
}

/// Steps of one operation on these numbers.
pub(crate) fn operation<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> f64 {
    operation_on(words(numbers))
}

/// Steps of one operation on numbers of this many words.
pub(crate) fn operation_on(words: f64) -> f64 {
    WORD * reduction(words)
}

/// Words of the longest of these numbers, over all its square roots; at least one.
pub(crate) fn words<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> f64 {
    let length = |number: &Number| {
        // Products of short sums cost more for their many terms than for their bits.
        let least = if number.is_rational() { 1.0 } else { 4.0 };
        (least + number.bits() as f64 / 64.0) * number.terms().len() as f64
    };
    numbers.into_iter().map(length).fold(1.0, f64::max)
}

/// Word operations to reduce a fraction of this many words: a binary greatest common divisor.
fn reduction(words: f64) -> f64 {
    20.0 + 8.0 * words * words
}
