//! The score of a network on perturbed test images.

use horesnet::no_grad;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::data::{Batches, Normalisation, Split, prefetch};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::robustness::{Attack, PixelRange};
use crate::training::{Progress, Score, Tally};

/// Images perturbed at a time, which bounds the memory of gradients.
const BATCH: usize = 128;

/// Scores `network` on the first `images` test images of `split` (all if there are fewer), perturbed by `attack`.
///
/// The loss has no label smoothing; `seed` determines all random numbers. Fails with [`Error::AttackInterrupted`] if
/// `progress` stops it after a batch.
pub fn robustness(
    network: &dyn Network,
    split: &Split,
    attack: Attack,
    images: usize,
    seed: u64,
    progress: &mut dyn Progress,
) -> Result<Score> {
    let normalisation = Normalisation::of(&split.train);
    let range = PixelRange::new(&normalisation, split.train.white(), network.device())?;
    let test = split.test.first(images)?;
    let batches = Batches::new(&test, &normalisation, BATCH, network.device());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tally = Tally::default();
    prefetch(network.device(), batches.in_order_on_cpu(), |batch| {
        let perturbed = attack.perturb(network, &batch, &range, &mut rng)?;
        let logits = no_grad(|| network.forward_t(&perturbed, false))?;
        tally.add_test(&logits, &batch.labels, 0.0)?;
        if progress.stops() {
            let attack = attack.to_string();
            return Err(Error::AttackInterrupted { attack });
        }
        Ok(())
    })?;
    Ok(tally.score())
}
