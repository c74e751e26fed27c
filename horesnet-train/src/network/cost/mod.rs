//! The cost of networks: parameters, multiply-adds and memory, next to those of the same layers in Euler blocks.
//! Sums the costs of layers ([`Layer::cost`](crate::Layer)); `docs/complexity.md` has the formulas.
//! Must not know data or training.

mod block;
mod wiring;

use serde::Serialize;

pub use crate::network::parts::cost::{Cost, LayerCost, Memory, Size};

use crate::error::Result;
use crate::limits::ensure;
use crate::network::recompute::{Plan, PlannedLayer};
use crate::network::{self, Describe, NetworkConfig};
use crate::recompute::Recompute;

/// Bytes of a number: networks are trained in `f32`.
const BYTES: u64 = 4;

/// The costs of a part, or of a network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The part, or `network`.
    pub name: String,
    /// Trained scalars.
    pub parameters: u64,
    /// Multiply-adds of the forward pass of one image, without normalisations, activations and pooling.
    pub multiply_adds: u64,
    /// Bytes of activations kept between forward and backward pass of a batch; `None` if unknown.
    pub saved_bytes: Option<u64>,
    /// Bytes of the stage values that a block holds at most during its forward pass.
    pub stages_bytes: Option<u64>,
    /// Bytes of activations and their gradients at the peak of a training step; of a part, as if it were alone.
    pub peak_bytes: Option<u64>,
}

impl Figures {
    fn new(part: LayerCost, batch: usize) -> Self {
        let bytes = |numbers: u64| numbers.saturating_mul(BYTES).saturating_mul(batch as u64);
        let memory = part.cost.memory;
        Self {
            name: part.name,
            parameters: part.parameters,
            multiply_adds: part.cost.multiply_adds,
            saved_bytes: memory.map(|memory| bytes(memory.saved)),
            stages_bytes: memory.map(|memory| bytes(memory.stages)),
            peak_bytes: memory.map(|memory| bytes(memory.saved.saturating_add(memory.gradients))),
        }
    }
}

/// The cost of a network, part by part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Complexity {
    /// See [`Describe::scheme`].
    pub scheme: String,
    /// See [`Describe::depth`].
    pub depth: usize,
    /// The work of a training step in forward passes, where a backward pass is as much as two.
    pub passes: f64,
    /// Its layers and blocks in order.
    pub parts: Vec<Figures>,
    /// All of them together.
    pub network: Figures,
}

impl Complexity {
    /// Counts for images `[channels, height, width]` and training steps of `batch` of them.
    ///
    /// Fails as [`Describe::validate`] does, and with [`Error::Setting`](crate::Error::Setting) for images that the network does not take.
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
        Self::of_valid(config, image, batch, Recompute::None)
    }

    /// [`Self::of`], with what a step computes again.
    ///
    /// Fails also if the budget is too small.
    pub fn recomputing(
        config: &NetworkConfig,
        image: [usize; 3],
        batch: usize,
        recompute: Recompute,
    ) -> Result<Self> {
        config.validate()?;
        Self::of_valid(config, image, batch, recompute)
    }

    /// [`Self::recomputing`] of a network that may have more blocks than can be trained, as Euler's.
    fn of_valid(
        config: &NetworkConfig,
        image: [usize; 3],
        batch: usize,
        recompute: Recompute,
    ) -> Result<Self> {
        let fits = image.iter().all(|length| (1..=65_536).contains(length));
        let problem = || format!("{image:?} has a length outside 1 to 65536");
        ensure("image", fits, problem)?;
        let mut parts = network::layer_costs(config, image, recompute)?;
        let layers: Vec<_> = parts.iter().map(PlannedLayer::of).collect();
        let plan = Plan::new(recompute, &layers, batch)?;
        for run in plan.runs().iter().filter(|run| run.snapshots.is_some()) {
            for part in parts.get_mut(run.layers.clone()).unwrap_or_default() {
                part.cost = part.cost.recomputed();
            }
        }
        let parts = { parts.into_iter() }.map(|part| Figures::new(part, batch));
        let parts: Vec<_> = parts.collect();
        let cost = layers.iter().map(|layer| layer.cost);
        let cost = cost.fold(Cost::NOTHING, Cost::then);
        let bytes = |numbers: u64| numbers.saturating_mul(BYTES).saturating_mul(batch as u64);
        let network = Figures {
            name: "network".to_owned(),
            parameters: parts.iter().map(|part| part.parameters).sum(),
            multiply_adds: cost.multiply_adds,
            saved_bytes: plan.saved(&layers).map(bytes),
            stages_bytes: cost.memory.map(|memory| bytes(memory.stages)),
            peak_bytes: plan.peak(&layers).map(bytes),
        };
        Ok(Self {
            scheme: config.scheme(),
            depth: config.depth()?,
            passes: plan.passes(recompute, &layers),
            parts,
            network,
        })
    }
}

/// Bytes of memory at the peak of a training step of `batch` images, if known: activations and their gradients, and of each
/// parameter its value, gradient, the `moments` of the optimiser and, with `average`, mean.
pub(crate) fn step_bytes(
    config: &NetworkConfig,
    image: [usize; 3],
    batch: usize,
    moments: usize,
    average: bool,
    recompute: Recompute,
) -> Result<Option<u64>> {
    let network = Complexity::of_valid(config, image, batch, recompute)?.network;
    let of_each = BYTES * (2 + moments as u64 + u64::from(average));
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
    /// What a step computes again.
    pub recompute: Recompute,
    /// The network.
    pub network: Complexity,
    /// A step with each of the other ways to recompute, by name, and with `recompute`.
    pub modes: Vec<ModeFigures>,
    /// As many stages, each a block of Euler's scheme; `None` where stages share their layers, so that no such network exists.
    pub euler: Option<Complexity>,
}

/// A training step of a network with one way to recompute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModeFigures {
    /// What is computed again.
    pub recompute: Recompute,
    /// Bytes kept between forward and backward pass.
    pub saved_bytes: Option<u64>,
    /// Bytes of activations and gradients at the peak.
    pub peak_bytes: Option<u64>,
    /// See [`Complexity::passes`].
    pub passes: f64,
}

impl Comparison {
    /// As [`Complexity::of`].
    pub fn of(config: &NetworkConfig, image: [usize; 3], batch: usize) -> Result<Self> {
        Self::recomputing(config, image, batch, Recompute::None)
    }

    /// As [`Complexity::recomputing`].
    pub fn recomputing(
        config: &NetworkConfig,
        image: [usize; 3],
        batch: usize,
        recompute: Recompute,
    ) -> Result<Self> {
        let network = Complexity::recomputing(config, image, batch, recompute)?;
        let mut modes = vec![
            Recompute::None,
            Recompute::Stage,
            Recompute::Block,
            Recompute::BlockAndStage,
        ];
        if !modes.contains(&recompute) {
            modes.push(recompute);
        }
        let modes = modes.into_iter().map(|recompute| {
            let costs = Complexity::of_valid(config, image, batch, recompute)?;
            Ok(ModeFigures {
                recompute,
                saved_bytes: costs.network.saved_bytes,
                peak_bytes: costs.network.peak_bytes,
                passes: costs.passes,
            })
        });
        Ok(Self {
            batch,
            image,
            recompute,
            network,
            modes: modes.collect::<Result<_>>()?,
            euler: { config.euler()? }
                .map(|euler| Complexity::of_valid(&euler, image, batch, Recompute::None))
                .transpose()?,
        })
    }
}
