//! Which layers of a network are computed again in the backward pass, and the memory and work that this takes.
//! `plan` divides the layers into runs and counts them, `budget` finds the plan for a memory.
//! Must not know kinds of networks or data.

mod budget;
mod plan;

pub(super) use plan::{Plan, PlannedLayer};
