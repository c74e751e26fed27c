//! A network built from its description, and the description counted without building.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

use candle_core::{DType, Device, Result as CandleResult, Shape, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::{Recomputable, Schedule, checkpoint_sequence};

use super::{Describe, Network};
use crate::error::Result;
use crate::limits::ensure;
use crate::network::nested_block::NestedBlock;
use crate::network::parts::block_layer::BlockOptions;
use crate::network::parts::cost::{Cost, LayerCost, Size};
use crate::network::parts::spec::ModuleSpec;
use crate::network::recompute::{Plan, PlannedLayer};
use crate::network::shapes::Shapes;
use crate::network::variables::is_trained;
use crate::recompute::Recompute;
use crate::state::TrainState;

/// A layer of a network: a module that knows its cost, and describes itself.
pub trait Layer: ModuleT + Send + Sync {
    /// Its cost for images of `size`, which becomes that of the output.
    ///
    /// # Errors
    /// A scheme that has no plan.
    fn cost(&self, size: &mut Size) -> Result<Cost>;

    /// Describes the layer at inference as data.
    ///
    /// # Errors
    /// Coefficients that are no constants.
    fn spec(&self) -> Result<ModuleSpec>;

    /// The options of the block, if it is one.
    fn block(&self) -> Option<&BlockOptions> {
        None
    }
}

/// A block, its options, and its cost for images of a size.
pub(super) struct CostedBlock<F> {
    pub(super) block: NestedBlock,
    pub(super) options: BlockOptions,
    pub(super) cost: F,
}

impl<F> ModuleT for CostedBlock<F> {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        self.options.step(self.block.block(), xs, train)
    }
}

impl<F: Fn(Size) -> Result<Cost> + Send + Sync> Layer for CostedBlock<F> {
    fn cost(&self, size: &mut Size) -> Result<Cost> {
        (self.cost)(*size)
    }

    fn spec(&self) -> Result<ModuleSpec> {
        let block = self.block.spec(self.options.coefficients())?;
        Ok(self.options.spec(block))
    }

    fn block(&self) -> Option<&BlockOptions> {
        Some(&self.options)
    }
}

/// Layers in order, by the prefix of their weights.
pub type Layers = Vec<(String, Box<dyn Layer>)>;

/// An image classifier, built from a configuration.
///
/// As a module it takes images `[batch, channels, height, width]`, of any dtype, to logits `[batch, classes]` of its own.
pub struct SequentialNetwork<C> {
    layers: Vec<(String, Arc<dyn Layer>)>,
    plan: RwLock<Plan>,
    dtype: DType,
    device: Device,
    state: TrainState,
    config: PhantomData<C>,
}

impl<C: Describe> SequentialNetwork<C> {
    /// Builds the network, or fails as [`Describe::validate`] does.
    #[expect(clippy::needless_pass_by_value, reason = "as everywhere in candle")]
    pub fn new(config: &C, vb: VarBuilder) -> Result<Self> {
        config.validate()?;
        let state = TrainState::default();
        Ok(Self {
            plan: RwLock::default(),
            layers: config
                .layers(&vb, &state)?
                .into_iter()
                .map(|(name, layer)| (name, layer.into()))
                .collect(),
            dtype: vb.dtype(),
            device: vb.device().clone(),
            state,
            config: PhantomData,
        })
    }
}

impl<C: Describe> Network for SequentialNetwork<C> {
    fn state(&self) -> &TrainState {
        &self.state
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn blocks(&self) -> Vec<&BlockOptions> {
        let layers = self.layers.iter();
        layers.filter_map(|(_, layer)| layer.block()).collect()
    }

    fn spec(&self) -> Result<ModuleSpec> {
        let layers = self.layers.iter();
        let layers = layers.map(|(name, layer)| Ok((name.clone(), layer.spec()?)));
        Ok(ModuleSpec::Sequence(layers.collect::<Result<_>>()?))
    }

    fn set_recompute(&self, recompute: Recompute, image: [usize; 3], images: usize) -> Result<()> {
        self.state.set_recompute(recompute);
        let [_, height, width] = image;
        let mut size = Size { height, width };
        let layers = self.layers.iter().map(|(_, layer)| {
            Ok(PlannedLayer {
                is_block: layer.block().is_some(),
                cost: layer.cost(&mut size)?,
            })
        });
        let plan = Plan::new(recompute, &layers.collect::<Result<Vec<_>>>()?, images)?;
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = plan;
        Ok(())
    }
}

impl<C: Send + Sync> ModuleT for SequentialNetwork<C> {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let plan = self.plan.read().unwrap_or_else(PoisonError::into_inner);
        let (mut ys, mut done) = (xs.to_dtype(self.state.dtype(self.dtype, train))?, 0);
        for run in plan.runs() {
            let layers = self.layers.get(run.layers.clone()).unwrap_or_default();
            done = run.layers.end;
            ys = match run.snapshots {
                None => forward(layers, ys, train)?,
                Some(snapshots) => {
                    let functions: Vec<_> = { layers.iter() }
                        .map(|(name, layer)| {
                            let layer = layer.clone();
                            Recomputable::new(&**name, move |xs| layer.forward_t(xs, train))
                        })
                        .collect();
                    let schedule = Schedule::new(functions.len(), snapshots);
                    checkpoint_sequence(&functions, schedule, &ys)?
                }
            };
        }
        forward(self.layers.get(done..).unwrap_or_default(), ys, train)
    }
}

/// Layers one after the other.
fn forward(layers: &[(String, Arc<dyn Layer>)], xs: Tensor, train: bool) -> CandleResult<Tensor> {
    let mut layers = layers.iter();
    layers.try_fold(xs, |xs, (_, layer)| layer.forward_t(&xs, train))
}

/// The shapes of all tensors of a network, running statistics included.
///
/// Fails as [`Describe::validate`] does.
pub(crate) fn shapes(config: &impl Describe) -> Result<BTreeMap<String, Shape>> {
    config.validate()?;
    Ok(traced(config, &TrainState::default())?.1)
}

/// The layers of a network, and the shapes of their tensors.
pub(super) fn traced(
    config: &impl Describe,
    state: &TrainState,
) -> Result<(Layers, BTreeMap<String, Shape>)> {
    let shapes = Shapes::default();
    let layers = config.layers(&shapes.builder(), state)?;
    Ok((layers, shapes.take()))
}

/// The trained scalars among the tensors under `prefix`.
pub(super) fn count(shapes: &BTreeMap<String, Shape>, prefix: &str) -> usize {
    let within = |name: &str| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| prefix.is_empty() || rest.starts_with('.'))
    };
    let trained = { shapes.iter() }.filter(|(name, _)| is_trained(name) && within(name));
    trained.map(|(_, shape)| shape.elem_count()).sum()
}

/// The layers and blocks of a network in order, and their costs for an image `[channels, height, width]` with residual functions
/// that are computed again if `recompute` says so.
pub(crate) fn layer_costs(
    config: &impl Describe,
    image: [usize; 3],
    recompute: Recompute,
) -> Result<Vec<LayerCost>> {
    let [channels, height, width] = image;
    let input = config.input();
    ensure("image", input.accepts(image), || {
        format!("expected {input}, found {channels}×{height}×{width}")
    })?;
    let state = TrainState::default();
    state.set_recompute(recompute);
    let (layers, shapes) = traced(config, &state)?;
    let mut size = Size { height, width };
    let parts = layers.into_iter().map(|(name, layer)| {
        Ok(LayerCost {
            parameters: count(&shapes, &name) as u64,
            is_block: layer.block().is_some(),
            cost: layer.cost(&mut size)?,
            name,
        })
    });
    parts.collect()
}
