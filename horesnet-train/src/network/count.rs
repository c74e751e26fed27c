//! The number of trained scalars of a network, without building it.

use super::HoResNetConfig;
use crate::error::Result;
use crate::residual::{Residual, ResidualConfig, squeezed};

impl HoResNetConfig {
    /// The number of trained scalars.
    ///
    /// With 3×3 convolutions, and two scalars a channel in each normalisation: `9·in·w₁ + 2w₁` for a plain stem,
    /// `2(9w² + 2w)` for each basic residual function, `2w + 9ww′` for each plain transition, `2w + (w + 1)·classes` for
    /// the head.
    pub fn parameters(&self) -> Result<usize> {
        let config = self.settled()?;
        let stages = config.nesting()?.stages();
        let last = config.widths.last().copied().unwrap_or(0);
        let channels = config.stem_channels();
        let stem = config.stem.parameters(config.in_channels, channels);
        let widening = match config.widths.first() {
            Some(&first) if first != channels => 2 * channels + channels * first,
            _ => 0,
        };
        let residual = config.residual();
        let groups: usize = std::iter::zip(&config.widths, &config.blocks)
            .map(|(&width, &blocks)| {
                config.functions.count(stages, blocks) * function(&residual, width)
            })
            .sum();
        let transitions: usize = std::iter::zip(&config.widths, config.widths.iter().skip(1))
            .map(|(&from, &to)| config.transition.parameters(from, to))
            .sum();
        let head = 2 * last + (last + 1) * config.classes;
        Ok(stem + widening + groups + transitions + head)
    }
}

/// The trained scalars of a residual function.
fn function(config: &ResidualConfig, width: usize) -> usize {
    let convolutions = match config.kind {
        Residual::Basic => 2 * (2 * width + 9 * width * width),
        Residual::Bottleneck => {
            let inner = width / config.kind.expansion();
            2 * width + 4 * inner + 2 * width * inner + 9 * inner * inner
        }
    };
    let excitation = config.se.map_or(0, |reduction| {
        let inner = squeezed(width, reduction);
        2 * width * inner + inner + width
    });
    convolutions + excitation
}
