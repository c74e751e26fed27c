//! How many blocks each group has: written out, or found from a depth or from the shape of a known network.

use std::fmt::Write;

use crate::choice::choice;
use crate::error::{Error, Result};
use crate::nesting::Nesting;
use crate::residual::Residual;
use crate::schemes;

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
    /// How many residual functions each group has.
    #[must_use]
    pub const fn functions(self) -> [usize; 4] {
        match self {
            Self::ResNet18 => [2, 2, 2, 2],
            Self::ResNet34 | Self::ResNet50 => [3, 4, 6, 3],
        }
    }

    /// What the residual functions are.
    #[must_use]
    pub const fn residual(self) -> Residual {
        match self {
            Self::ResNet18 | Self::ResNet34 => Residual::Basic,
            Self::ResNet50 => Residual::Bottleneck,
        }
    }

    /// The channels of the groups.
    #[must_use]
    pub fn widths(self) -> [usize; 4] {
        [64, 128, 256, 512].map(|width| width * self.residual().expansion())
    }

    /// How many blocks of `scheme` are as many residual functions; if they are none, what is near.
    pub(crate) fn blocks(self, scheme: &Nesting) -> Result<Vec<usize>> {
        let stages = scheme.stages();
        let functions = self.functions();
        if functions.iter().all(|n| n.is_multiple_of(stages)) {
            return Ok(functions.iter().map(|n| n / stages).collect());
        }
        let fitting = schemes::all().filter(|scheme| {
            let mut groups = functions.iter();
            groups.all(|n| n.is_multiple_of(scheme.stages))
        });
        let fitting: Vec<&str> = fitting.map(|scheme| scheme.name).collect();
        let layers = self.residual().layers();
        let mut problem = format!(
            "{self} has {} residual functions in its groups, and a block of {} takes {}; schemes that fit are {}",
            list(&functions),
            scheme,
            stages,
            fitting.join(", ")
        );
        let mut near = [false, true]
            .map(|up| {
                functions.map(|n| {
                    let (less, rest) = (n / stages, n % stages);
                    (less + usize::from(up && rest > 0)).max(1)
                })
            })
            .to_vec();
        near.dedup();
        for blocks in near {
            let depth = 2 + layers * stages * blocks.iter().sum::<usize>();
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

/// How many blocks each of `groups` has in a network of `depth`, with so many convolutions a residual function; if there is
/// no such network, which depths are near.
pub(crate) fn of_depth(
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
    let below = rest / unit;
    let near = if below == 0 {
        (2 + unit).to_string()
    } else {
        let nearest = 2 + below * unit;
        format!("{nearest} and {}", nearest.saturating_add(unit))
    };
    Err(Error::setting(
        "depth",
        format!(
            "{depth} is none for {groups} groups of equally many {scheme} blocks: each block more a group is {unit} layers more, \
             after 2; the nearest is {near}"
        ),
    ))
}

fn list(numbers: &[usize]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// The blocks of Euler's scheme that have the stages of these.
pub(super) fn of_euler(blocks: &[usize], stages: usize) -> Vec<usize> {
    blocks.iter().map(|blocks| blocks * stages).collect()
}
