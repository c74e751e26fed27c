//! How well a network classifies disturbed test images.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::attack::{Attack, PixelRange};
use crate::batches::{Batches, ahead};
use crate::data::Split;
use crate::error::{Error, Result};
use crate::loss::{self, Score, Tally};
use crate::network::Network;
use crate::normalisation::Normalisation;
use crate::training::Progress;

/// Images disturbed at a time: gradients are held for as many.
const BATCH: usize = 128;

/// The score of `network` on the first `images` test images of `split`, all if there are fewer, as `attack` leaves them.
///
/// The loss is without label smoothing. What is random comes from `seed`. `progress` is asked after each batch whether to stop,
/// with [`Error::AttackInterrupted`].
pub fn robustness(
    network: &dyn Network,
    split: &Split,
    attack: Attack,
    images: usize,
    seed: u64,
    progress: &mut dyn Progress,
) -> Result<Score> {
    let normalisation = Normalisation::of(&split.train);
    let range = PixelRange::new(&normalisation, split.train.brightest(), network.device())?;
    let test = split.test.first(images)?;
    let batches = Batches::new(&test, &normalisation, BATCH, network.device());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tally = Tally::default();
    ahead(network.device(), batches.drawn_in_order(), |batch| {
        let disturbed = attack.disturb(network, &batch, &range, &mut rng)?;
        let logits = network.forward_t(&disturbed, false)?;
        let value = loss::value(&loss::cross_entropy(&logits, &batch.labels, 0.0)?)?;
        let correct = loss::correct(&logits, &batch.labels)?;
        tally.add(batch.labels.elem_count(), value, correct);
        if progress.stops() {
            return Err(Error::AttackInterrupted { attack });
        }
        Ok(())
    })?;
    Ok(tally.score())
}
