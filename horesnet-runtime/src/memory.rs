//! Room for results, or an error: an allocation that fails ends the program.

use candle_core::{Error, Result};

/// An error if there is no room for `count` elements of so many bytes.
pub(crate) fn reserve(count: usize, bytes: usize) -> Result<()> {
    let size = count.saturating_mul(bytes);
    Vec::<u8>::new().try_reserve_exact(size).map_err(|error| {
        Error::msg(format!(
            "no memory for a tensor of {count} elements: {error}"
        ))
    })
}
