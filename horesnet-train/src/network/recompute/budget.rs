//! The plan that computes least again within a memory.

use super::plan::{Plan, PlannedLayer, Run, memories};
use crate::error::{Error, Result};

/// Bytes of a number.
const BYTES: u64 = 4;

/// The plan with the least work whose peak is within `mib` MiB, for steps of so many images.
pub(super) fn plan(mib: usize, layers: &[PlannedLayer], images: usize) -> Result<Plan> {
    if memories(layers).is_none() {
        let problem = "the memory of this network is not known, because candle's own ops do not say what they save; set \
                       recompute to `block` or `block+stage`";
        return Err(Error::setting("recompute", problem));
    }
    let bytes = |plan: &Plan| {
        let numbers = plan.peak(layers).unwrap_or(u64::MAX);
        numbers.saturating_mul(BYTES).saturating_mul(images as u64)
    };
    let budget = (mib as u64).saturating_mul(1 << 20);
    let fits = |plan: &Plan| bytes(plan) <= budget;
    let first = layers.iter().position(|layer| layer.is_block).unwrap_or(0);
    let end = { layers.iter() }
        .rposition(|layer| layer.is_block)
        .map_or(first, |last| last + 1);
    // Each of the first blocks is computed again once, the others keep their graph.
    for again in first..=end {
        let plan = divided(layers.len(), first..again, again.saturating_sub(first + 1));
        if fits(&plan) {
            return Ok(plan);
        }
    }
    let with = |snapshots| divided(layers.len(), first..end, snapshots);
    let least = with(0);
    if !fits(&least) {
        let needed = bytes(&least).div_ceil(1 << 20);
        let problem = format!(
            "{mib} MiB are too few for activations and gradients of {images} images a step; the least that works is \
             budget({needed})"
        );
        return Err(Error::setting("recompute", problem));
    }
    // More snapshots take more memory, and save work.
    let (mut low, mut high) = (0, end - first);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if fits(&with(middle)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(with(low))
}

/// Layers of which those in `again` are computed again.
fn divided(layers: usize, again: std::ops::Range<usize>, snapshots: usize) -> Plan {
    let run = |layers: std::ops::Range<usize>, snapshots| Run { layers, snapshots };
    let runs = [
        run(0..again.start, None),
        run(again.clone(), Some(snapshots)),
        run(again.end..layers, None),
    ];
    Plan(
        runs.into_iter()
            .filter(|run| !run.layers.is_empty())
            .collect(),
    )
}
