//! What a network costs: parameters, multiply-adds, and memory of activations; and what the same layers cost with Euler's
//! scheme.
//!
//! A network tells its parts and their costs ([`Describe::parts`]); here they are summed, and turned into bytes of a
//! training step. `docs/complexity.md` has the formulas.

mod cost;
mod step;

use serde::Serialize;

pub use cost::{Cost, Memory};

use crate::error::{Error, Result};
use crate::network::{Describe, NetworkConfig};

/// A layer or a block of a network, and what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Under which its weights are kept: `group1.block2`.
    pub name: String,
    /// What it costs for one image.
    pub cost: Cost,
}

impl Part {
    /// A part of that name and cost.
    pub fn new(name: impl Into<String>, cost: Cost) -> Self {
        Self {
            name: name.into(),
            cost,
        }
    }
}

/// All parts, one after the other.
pub(crate) fn total(parts: &[Part]) -> Cost {
    let costs = parts.iter().map(|part| part.cost);
    costs.fold(Cost::NOTHING, Cost::then)
}

/// Bytes of a number: networks are trained in `f32`.
const BYTES: u64 = 4;

/// The costs of a part, or of a network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The part, or `network`.
    pub name: String,
    /// Trained scalars.
    pub parameters: u64,
    /// Multiply-adds on the way forward, for one image. Normalisations, activations and pooling are left out.
    pub multiply_adds: u64,
    /// Bytes of activations kept for the way back of a batch; nothing where that is not known.
    pub saved_bytes: Option<u64>,
    /// Bytes of the stage values that a block holds at most while it runs forward: they are gone when it has ended.
    pub stages_bytes: Option<u64>,
    /// Bytes of activations and their gradients at most in a training step of a batch; of a part, as if it were alone.
    pub peak_bytes: Option<u64>,
}

impl Figures {
    fn new(name: impl Into<String>, cost: Cost, batch: usize) -> Self {
        let bytes = |numbers: u64| numbers.saturating_mul(BYTES).saturating_mul(batch as u64);
        let memory = cost.memory;
        Self {
            name: name.into(),
            parameters: cost.parameters,
            multiply_adds: cost.multiply_adds,
            saved_bytes: memory.map(|memory| bytes(memory.saved)),
            stages_bytes: memory.map(|memory| bytes(memory.stages)),
            peak_bytes: memory.map(|memory| bytes(memory.saved.saturating_add(memory.gradients))),
        }
    }
}

/// What a network costs, part by part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Complexity {
    /// See [`Describe::scheme`].
    pub scheme: String,
    /// See [`Describe::depth`].
    pub depth: usize,
    /// Its layers and blocks in order.
    pub parts: Vec<Figures>,
    /// All of them together.
    pub network: Figures,
}

impl Complexity {
    /// For images `[channels, height, width]`, and training steps of `batch` of them.
    ///
    /// Fails as [`Describe::validate`] does, and with [`Error::Setting`] for images that the network is not made for.
    ///
    /// ```
    /// use horesnet_train::{HoResNetConfig, complexity::Complexity};
    ///
    /// let costs = Complexity::of(&HoResNetConfig::default().into(), [1, 8, 8], 32)?;
    /// assert_eq!(costs.network.parameters, 55_462);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    pub fn of(config: &NetworkConfig, image: [usize; 3], batch: usize) -> Result<Self> {
        config.validate()?;
        Self::of_valid(config, image, batch)
    }

    /// [`Self::of`] a network that need not be one that can be trained: Euler's has more blocks.
    fn of_valid(config: &NetworkConfig, image: [usize; 3], batch: usize) -> Result<Self> {
        if !image.iter().all(|length| (1..=65_536).contains(length)) {
            let problem = format!("{image:?} has a length outside 1 to 65536");
            return Err(Error::setting("image", problem));
        }
        let parts = config.parts(image)?;
        Ok(Self {
            scheme: config.scheme(),
            depth: config.depth()?,
            network: Figures::new("network", total(&parts), batch),
            parts: { parts.into_iter() }
                .map(|part| Figures::new(part.name, part.cost, batch))
                .collect(),
        })
    }
}

/// Bytes of memory that a training step of `batch` images takes at its peak, where that is known: activations and their
/// gradients, and of each of the `parameters` itself, its gradient, its velocity and, with `average`, the mean.
pub(crate) fn step_bytes(
    config: &NetworkConfig,
    image: [usize; 3],
    batch: usize,
    average: bool,
) -> Result<Option<u64>> {
    let network = Complexity::of_valid(config, image, batch)?.network;
    let of_each = BYTES * if average { 4 } else { 3 };
    let weights = network.parameters.saturating_mul(of_each);
    Ok(network.peak_bytes.map(|peak| peak.saturating_add(weights)))
}

/// A network beside the network of Euler's blocks that has the same layers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Images a training step.
    pub batch: usize,
    /// `[channels, height, width]`
    pub image: [usize; 3],
    /// The network.
    pub network: Complexity,
    /// As many stages, each a block of Euler's scheme; nothing where the stages of a block share their layers, as there is
    /// no such network with the same layers.
    pub euler: Option<Complexity>,
}

impl Comparison {
    /// As [`Complexity::of`].
    pub fn of(config: &NetworkConfig, image: [usize; 3], batch: usize) -> Result<Self> {
        let network = Complexity::of(config, image, batch)?;
        Ok(Self {
            batch,
            image,
            network,
            euler: { config.euler()? }
                .map(|euler| Complexity::of_valid(&euler, image, batch))
                .transpose()?,
        })
    }
}
