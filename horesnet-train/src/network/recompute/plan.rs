//! Runs of layers, each with its graph or computed again, and their peak of memory.

use std::ops::Range;

use horesnet::{Move, Schedule};

use super::budget;
use crate::error::Result;
use crate::network::parts::cost::{Cost, LayerCost, Memory};
use crate::recompute::Recompute;

/// A layer to plan for.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) struct PlannedLayer {
    /// It is a block of residual functions.
    pub(in crate::network) is_block: bool,
    pub(in crate::network) cost: Cost,
}

impl PlannedLayer {
    pub(in crate::network) fn of(layer: &LayerCost) -> Self {
        Self {
            is_block: layer.is_block,
            cost: layer.cost,
        }
    }
}

/// Consecutive layers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::network) struct Run {
    pub(in crate::network) layers: Range<usize>,
    /// Values kept between the layers if they are computed again from the input of the first; `None` if they keep their graph.
    pub(in crate::network) snapshots: Option<usize>,
}

/// All layers of a network, in runs.
#[derive(Clone, Debug, Default)]
pub(in crate::network) struct Plan(pub(super) Vec<Run>);

impl Plan {
    /// The plan of a setting for steps of so many images of four-byte numbers.
    ///
    /// Fails with [`Error::Setting`](crate::Error::Setting) if a budget is too small, or the memory of a layer is unknown.
    pub(in crate::network) fn new(
        recompute: Recompute,
        layers: &[PlannedLayer],
        images: usize,
    ) -> Result<Self> {
        if let Recompute::Budget(mib) = recompute {
            return budget::plan(mib, layers, images);
        }
        let mut runs: Vec<Run> = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let snapshots = (layer.is_block && recompute.has_blocks()).then_some(0);
            match runs.last_mut() {
                Some(run) if run.snapshots.is_none() && snapshots.is_none() => {
                    run.layers.end = index + 1;
                }
                _ => runs.push(Run {
                    layers: index..index + 1,
                    snapshots,
                }),
            }
        }
        Ok(Self(runs))
    }

    pub(in crate::network) fn runs(&self) -> &[Run] {
        &self.0
    }

    /// Numbers of an image that are kept between forward and backward pass.
    pub(in crate::network) fn saved(&self, layers: &[PlannedLayer]) -> Option<u64> {
        let memories = memories(layers)?;
        let saved = self.0.iter().map(|run| kept(run, &memories));
        Some(saved.fold(0, u64::saturating_add))
    }

    /// Most numbers of an image at once in a training step; `None` if unknown.
    pub(in crate::network) fn peak(&self, layers: &[PlannedLayer]) -> Option<u64> {
        let memories = memories(layers)?;
        let all: u64 = { self.0.iter() }
            .map(|run| kept(run, &memories))
            .fold(0, u64::saturating_add);
        let transient = self.0.iter().map(|run| match run.snapshots {
            None => gradients(&memories[run.layers.clone()]),
            Some(snapshots) => replays(&memories[run.layers.clone()], snapshots),
        });
        Some(all.saturating_add(transient.max().unwrap_or(0)))
    }

    /// The work of a training step in forward passes: a backward pass is as much as two.
    pub(in crate::network) fn passes(&self, recompute: Recompute, layers: &[PlannedLayer]) -> f64 {
        let mut work = 0.0;
        for run in &self.0 {
            let evaluations = match run.snapshots {
                None => vec![1; run.layers.len()],
                Some(snapshots) => evaluations(Schedule::new(run.layers.len(), snapshots)),
            };
            for (layer, evaluations) in layers[run.layers.clone()].iter().zip(evaluations) {
                let again = u64::from(layer.is_block && recompute.has_stages());
                work += (evaluations + again + 2) as f64 * layer.cost.multiply_adds as f64;
            }
        }
        let once: u64 = layers.iter().map(|layer| layer.cost.multiply_adds).sum();
        work / (once as f64).max(1.0)
    }
}

/// The memory of each layer, if that of all of them is known.
pub(super) fn memories(layers: &[PlannedLayer]) -> Option<Vec<Memory>> {
    layers.iter().map(|layer| layer.cost.memory).collect()
}

/// What a run keeps between forward and backward pass.
fn kept(run: &Run, memories: &[Memory]) -> u64 {
    let layers = &memories[run.layers.clone()];
    let numbers: Vec<u64> = match run.snapshots {
        None => layers.iter().map(|layer| layer.saved).collect(),
        Some(snapshots) => {
            let kept = Schedule::new(layers.len(), snapshots).kept();
            let kept = std::iter::once(0).chain(kept);
            kept.filter_map(|at| Some(layers.get(at)?.input)).collect()
        }
    };
    numbers.into_iter().fold(0, u64::saturating_add)
}

fn gradients(layers: &[Memory]) -> u64 {
    layers
        .iter()
        .map(|layer| layer.gradients)
        .max()
        .unwrap_or(0)
}

/// Most numbers at once in the backward pass of layers that are computed again, besides those that the forward pass has kept;
/// these are freed one by one.
fn replays(layers: &[Memory], snapshots: usize) -> u64 {
    let input = |at: usize| i128::from(layers.get(at).map_or(0, |layer| layer.input));
    // A value that is kept, or its end, since the forward pass.
    let (mut more, mut most, mut at_hand) = (0_i128, 0_i128, 0_i128);
    for next in Schedule::new(layers.len(), snapshots).moves() {
        match next {
            Move::Advance { from, to, keeps } => {
                // The gradient waits, and the value is copied.
                let around = (from..to).map(|at| {
                    let stages = layers.get(at).map_or(0, |layer| layer.stages);
                    i128::from(stages) + 3 * input(at).max(input(at + 1))
                });
                most = most.max(more + around.max().unwrap_or(0));
                if keeps {
                    more += input(to);
                } else {
                    at_hand = input(to);
                }
            }
            Move::Reverse { at, drops } => {
                let transient = layers.get(at).map_or(0, |layer| layer.transient());
                most = most.max(more + at_hand + i128::from(transient));
                at_hand = 0;
                if drops {
                    more -= input(at);
                }
            }
        }
    }
    u64::try_from(most).unwrap_or(0)
}

/// How often each function of a schedule is computed.
fn evaluations(schedule: Schedule) -> Vec<u64> {
    let mut counts = vec![1; schedule.steps()];
    for next in schedule.moves() {
        let again = match next {
            Move::Advance { from, to, .. } => from..to,
            Move::Reverse { at, .. } => at..at + 1,
        };
        for count in counts.iter_mut().take(again.end).skip(again.start) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Plan, PlannedLayer};
    use crate::network::parts::cost::{Cost, Memory};
    use crate::recompute::Recompute;

    /// Blocks of four stages of two tensors of 2¹⁸ numbers each, a MiB, between two layers.
    fn layers(blocks: usize) -> Vec<PlannedLayer> {
        const MIB: u64 = 1 << 18;
        let layer = |is_block, saved, gradients| PlannedLayer {
            is_block,
            cost: Cost {
                multiply_adds: if is_block { 100 } else { 1 },
                memory: Some(Memory {
                    input: MIB,
                    copies_input: false,
                    saved: saved * MIB,
                    gradients: gradients * MIB,
                    stages: if is_block { 4 * MIB } else { 0 },
                }),
            },
        };
        let mut layers = vec![layer(false, 1, 2)];
        layers.extend((0..blocks).map(|_| layer(true, 8, 6)));
        layers.push(layer(false, 1, 2));
        layers
    }

    /// Peak in MiB, and forward passes.
    fn planned(recompute: Recompute, blocks: usize) -> (f64, f64) {
        let layers = layers(blocks);
        let plan = Plan::new(recompute, &layers, 1).unwrap();
        let peak = plan.peak(&layers).unwrap() as f64 / f64::from(1 << 18);
        (peak, plan.passes(recompute, &layers))
    }

    #[test]
    fn a_block_is_kept_whole_or_as_its_input() {
        let (peak, passes) = planned(Recompute::None, 10);
        assert!((peak, passes) == (2.0 + 80.0 + 6.0, 3.0));
        let (peak, passes) = planned(Recompute::Block, 10);
        assert!(peak == 2.0 + 10.0 + 7.0 + 6.0 && (passes - 4.0).abs() < 0.01);
    }

    #[test]
    fn budgets_are_kept_with_the_least_work() {
        let (most, least) = (planned(Recompute::None, 30).0, 2.0 + 1.0 + 1.0 + 13.0);
        let mut before = f64::INFINITY;
        for mib in (least as usize)..=(most as usize) {
            let (peak, passes) = planned(Recompute::Budget(mib), 30);
            assert!(peak <= mib as f64, "{mib}: {peak}");
            assert!(passes <= before + 1e-9, "{mib}: {passes} after {before}");
            before = passes;
        }
        assert!(before == 3.0, "{before}");
        // One value kept: the first block is computed 31 times.
        let (_, slowest) = planned(Recompute::Budget(least as usize), 30);
        assert!(slowest > 15.0, "{slowest}");
        let layers = layers(30);
        let problem = Plan::new(Recompute::Budget(16), &layers, 1)
            .unwrap_err()
            .to_string();
        assert!(problem.contains("budget(17)"), "{problem}");
    }
}
