//! Reproducible random numbers: a stream for each seed and name.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Returns the generator of the stream `name`, from `position` on, in words.
pub(crate) fn generator(seed: u64, name: &str, position: u128) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(hash(name));
    rng.set_word_pos(position);
    rng
}

/// Returns the 64-bit FNV-1a hash of a name, stable over platforms and releases unlike the standard library's hashers.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
