//! Layers that networks are built from: stems, heads, transitions, norms, activations, residual functions, blocks.
//! Images are `[batch, height, width, channels]` inside networks.
//! Must not know of whole networks or their configurations.

pub(crate) mod block_layer;
pub(crate) mod cost;
pub(crate) mod dropout;
pub(crate) mod head;
pub(crate) mod layers;
pub(crate) mod residual;
pub mod spec;
pub(crate) mod stage;
pub(crate) mod stem;
pub(crate) mod transition;
