//! The limits of all networks.

use super::Describe;
use super::sequential::{count, traced};
use crate::error::Result;
use crate::limits::ensure;
use crate::state::TrainState;

/// Widest group of blocks, in channels.
pub(super) const MAX_WIDTH: usize = 4096;
/// Most blocks in a group.
pub(super) const MAX_BLOCKS: usize = 1000;
/// Most residual functions in a network: deeper graphs overflow the stack of a thread.
const MAX_STAGES: usize = 2048;
/// Most groups: each one after the first halves the resolution.
const MAX_GROUPS: usize = 16;
/// 4 GB of weights, before gradients and momentum.
const MAX_PARAMETERS: usize = 1_000_000_000;

/// Fails unless images can have `in_channels`, and there can be so many `classes`.
pub(super) fn ends(in_channels: usize, classes: usize) -> Result<()> {
    within("in_channels", in_channels, 1, MAX_WIDTH)?;
    within("classes", classes, 2, 65_536)
}

/// Fails unless there can be groups of `widths`, with so many `blocks` each.
pub(super) fn groups(widths: &[usize], blocks: &[usize]) -> Result<()> {
    let groups = widths.len();
    ensure("widths", (1..=MAX_GROUPS).contains(&groups), || {
        format!("{groups} groups of blocks; there must be 1 to {MAX_GROUPS}")
    })?;
    for &width in widths {
        within("widths", width, 1, MAX_WIDTH)?;
    }
    let numbers = blocks.len();
    ensure("blocks", numbers == groups, || {
        format!(
            "{numbers} numbers for {groups} groups; give one number of blocks for each of the widths"
        )
    })?;
    for &blocks in blocks {
        within("blocks", blocks, 1, MAX_BLOCKS)?;
    }
    Ok(())
}

/// Fails unless a network can have so many residual functions.
pub(super) fn stages(stages: usize) -> Result<()> {
    ensure("blocks", stages <= MAX_STAGES, || {
        format!("{stages} residual functions in all; at most {MAX_STAGES} can be trained")
    })
}

/// Fails unless a network of otherwise valid settings has few enough parameters; `setting` makes the most of them.
pub(super) fn parameters(setting: &'static str, config: &impl Describe) -> Result<()> {
    let parameters = count(&traced(config, &TrainState::default())?.1, "");
    ensure(setting, parameters <= MAX_PARAMETERS, || {
        format!("{parameters} parameters; at most {MAX_PARAMETERS} can be trained")
    })
}

/// Fails unless `low ≤ value ≤ high`.
pub(super) fn within(setting: &'static str, value: usize, low: usize, high: usize) -> Result<()> {
    let problem = || format!("{value} is outside {low} to {high}");
    ensure(setting, (low..=high).contains(&value), problem)
}
