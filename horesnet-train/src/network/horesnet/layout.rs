//! The number of blocks of each group, from a depth or from the shape of a known network.

use std::fmt::Write;

use crate::choice::choice;
use crate::error::{Error, Result};
use crate::network::nesting::Nesting;
use crate::network::parts::residual::Residual;
use crate::network::schemes;

choice! {
    /// The groups of a residual network for `ImageNet` (He et al., arXiv 1512.03385, table 1).
    Shape, "shape" {
        /// 2, 2, 2 and 2 basic residual functions at 64, 128, 256 and 512 channels.
        #[default]
        ResNet18 = "resnet18",
        /// 3, 4, 6 and 3 of them.
        ResNet34 = "resnet34",
        /// 3, 4, 6 and 3 bottlenecks, at 256, 512, 1024 and 2048 channels.
        ResNet50 = "resnet50",
    }
}

impl Shape {
    /// Residual functions of each group.
    #[must_use]
    pub const fn functions(self) -> [usize; 4] {
        match self {
            Self::ResNet18 => [2, 2, 2, 2],
            Self::ResNet34 | Self::ResNet50 => [3, 4, 6, 3],
        }
    }

    /// The kind of its residual functions.
    #[must_use]
    pub const fn residual(self) -> Residual {
        match self {
            Self::ResNet18 | Self::ResNet34 => Residual::Basic,
            Self::ResNet50 => Residual::Bottleneck,
        }
    }

    /// Channels of each group.
    #[must_use]
    pub fn widths(self) -> [usize; 4] {
        [64, 128, 256, 512].map(|width| width * self.residual().expansion())
    }

    /// Blocks of `scheme` with as many residual functions. Fails if there are none, and says what is near.
    pub(super) fn blocks(self, scheme: &Nesting) -> Result<Vec<usize>> {
        let stages = scheme.stages();
        let functions = self.functions();
        let fits = |stages| functions.iter().all(|n| n.is_multiple_of(stages));
        if fits(stages) {
            return Ok(functions.iter().map(|n| n / stages).collect());
        }
        let fitting = schemes::all().filter(|scheme| fits(scheme.stages));
        let fitting: Vec<&str> = fitting.map(|scheme| scheme.name).collect();
        let mut problem = format!(
            "{self} has {} residual functions in its groups, and a block of {scheme} takes {stages}; schemes that fit are {}",
            list(&functions),
            fitting.join(", ")
        );
        let rounded = [usize::div_euclid, usize::div_ceil];
        let mut near = rounded
            .map(|by| functions.map(|n| by(n, stages).max(1)))
            .to_vec();
        near.dedup();
        for blocks in near {
            let depth = 2 + self.residual().layers() * stages * blocks.iter().sum::<usize>();
            // Writing to a string cannot fail.
            let _ = write!(
                problem,
                "; near is depth {depth} with widths {} and blocks {}",
                list(&self.widths()),
                list(&blocks)
            );
        }
        Err(Error::setting("shape", problem))
    }
}

/// Blocks of each of `groups` in a network of `depth`, with `layers` convolutions a residual function. Fails if there is no such
/// network, and says which depths are near.
pub(super) fn of_depth(
    depth: usize,
    scheme: &Nesting,
    groups: usize,
    layers: usize,
) -> Result<Vec<usize>> {
    let unit = layers * scheme.stages() * groups.max(1);
    let rest = depth.saturating_sub(2);
    if depth > 2 && rest.is_multiple_of(unit) {
        return Ok(vec![rest / unit; groups]);
    }
    let below = 2 + rest / unit * unit;
    let above = below.saturating_add(unit);
    let near = match below {
        2 => above.to_string(),
        _ => format!("{below} and {above}"),
    };
    let problem = format!(
        "{depth} is none for {groups} groups of equally many {scheme} blocks: each block more a group is {unit} layers more, \
         after 2; the nearest is {near}"
    );
    Err(Error::setting("depth", problem))
}

fn list(numbers: &[usize]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(",")
}
