//! Differentiable combinations: the op, its operands, and gradients from op to op in one pass over memory.
//! Layers and blocks reach it through the names exported here.
//! It must not know of blocks, layers, or kinds of coefficients.
//!
//! # Method
//!
//! Candle's custom ops take at most three inputs, and its gradient store adds each gradient to a tensor of zeros. With `s`
//! stages that is `s` passes over memory or more for every tensor. So ops of this crate read tensors themselves, and
//! candle's graph connects one-element *grad nodes* instead:
//!
//! - Forward: an op takes the [`GradNode`]s of its inputs as arguments, [merged](merge_nodes) if there are more than three.
//!   It yields a grad node of its own and leaves the value in a [`DeferredOutput`], which [`materialize`] turns into a
//!   tensor.
//! - Backward: candle visits grad nodes in topological order. An op takes the gradient of its output from its own
//!   accumulator and pushes a [`PartialGrad`](accumulate_grad), coefficient and gradient, to the accumulator of each input.
//!   When candle reaches that input, all its partial gradients are summed in one pass.
//! - Leaves: [`backward`] [captures](capture_grad) the gradients of variables, and puts their sums into candle's store.
//!
//! Candle's own store holds only the number of partial gradients, one scalar per grad node.

mod accumulate_grad;
mod backward;
mod combination;
mod grad_node;
mod materialize;
mod merge_nodes;
mod no_grad;
mod node_op;
mod operand;
mod pass;
mod scalar_grad;
mod tape;

pub(crate) use accumulate_grad::{PartialGrad, sum_partial_grads};
pub use backward::backward;
pub(crate) use backward::{capture_grad, keep_replayed, take_replayed};
pub(crate) use combination::{check_terms, combine_learned, weighted_sum_learned};
pub use combination::{combine, weighted_sum};
pub(crate) use grad_node::{GradNode, node_storage};
pub(crate) use materialize::{DeferredOutput, is_materialized, materialize, materialize_as};
pub(crate) use merge_nodes::merge_nodes;
pub use no_grad::no_grad;
pub(crate) use no_grad::{argument, is_off as is_grad_off};
pub(crate) use node_op::{NodeOp, apply};
pub use operand::Operand;
pub(crate) use pass::is_ours;
pub use scalar_grad::Coefficient;
pub(crate) use scalar_grad::keeps_graph;
pub(crate) use tape::{Tape, is_replayed, once, record, replay};
