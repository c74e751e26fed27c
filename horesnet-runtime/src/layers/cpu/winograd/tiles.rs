//! Tiles of images, and the groups of tiles that are transformed together.
//!
//! A transformed group of images is a *plane* for each position in a transformed tile, each `[tiles, channels]`.

use std::ops::Range;

use crate::layers::cpu::gemm::LANES;
use crate::layers::cpu::window::{Extent, Padded};

/// Approximate number of positions of all tiles in a group of small images: enough for the products, few enough for the
/// cache.
const GROUP: usize = 576;

/// Most positions of the tiles of a large image that are transformed at a time.
const SPAN: usize = 2048;

/// One of Winograd's algorithms, by the outputs on a side of its tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    F2,
    F4,
}

impl Algorithm {
    /// Outputs on a side of a tile; a tile reads two inputs more.
    #[inline(always)]
    pub(crate) fn side(self) -> usize {
        match self {
            Self::F2 => 2,
            Self::F4 => 4,
        }
    }

    /// Positions in a transformed tile.
    pub(crate) fn planes(self) -> usize {
        (self.side() + 2).pow(2)
    }
}

/// The tiles of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiles {
    pub(crate) algorithm: Algorithm,
    height: usize,
    pub(crate) width: usize,
    down: usize,
    across: usize,
}

impl Tiles {
    pub(crate) fn new(algorithm: Algorithm, image: Extent) -> Self {
        let side = algorithm.side();
        Self {
            algorithm,
            height: image.height,
            width: image.width,
            down: image.height.div_ceil(side),
            across: image.width.div_ceil(side),
        }
    }

    pub(crate) fn count(self) -> usize {
        self.down * self.across
    }

    /// The padded image that a convolution with padding 1 reads, made of whole tiles.
    pub(crate) fn padded(self, channels: usize) -> Padded {
        let side = self.algorithm.side();
        Padded {
            image: Extent {
                height: self.height,
                width: self.width,
                channels,
            },
            margin: 1,
            height: side * self.down + 2,
            width: side * self.across + 2,
        }
    }

    /// First row and column of a tile's outputs.
    #[inline(always)]
    pub(crate) fn corner(self, tile: usize) -> (usize, usize) {
        let side = self.algorithm.side();
        (side * (tile / self.across), side * (tile % self.across))
    }

    /// First row and column of a tile's outputs, and how many rows and columns of them the image has.
    #[inline(always)]
    pub(crate) fn outputs(self, tile: usize) -> (usize, usize, usize, usize) {
        let side = self.algorithm.side();
        let (y, x) = self.corner(tile);
        (y, x, side.min(self.height - y), side.min(self.width - x))
    }
}

/// Images that are transformed together if they are small, or one by one in spans of tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TileGroup {
    pub(crate) tiles: Tiles,
    /// Images in a full group.
    images: usize,
    pub(crate) pixels: usize,
}

impl TileGroup {
    pub(crate) fn new(algorithm: Algorithm, image: Extent) -> Self {
        let tiles = Tiles::new(algorithm, image);
        let positions = tiles.count() * algorithm.planes();
        Self {
            tiles,
            images: (GROUP / positions.max(1)).max(1),
            pixels: image.pixels(),
        }
    }

    pub(crate) fn planes(self) -> usize {
        self.tiles.algorithm.planes()
    }

    /// Length of a full group of images.
    pub(crate) fn images_len(self, channels: usize) -> usize {
        self.images * self.pixels * channels
    }

    /// The tiles of each image that are transformed at a time: all, if the images are small.
    pub(crate) fn spans(self) -> impl Iterator<Item = Range<usize>> {
        let (count, span) = (self.tiles.count(), self.span());
        (0..count)
            .step_by(span)
            .map(move |first| first..count.min(first + span))
    }

    fn span(self) -> usize {
        SPAN / self.planes()
    }

    /// Length of all planes.
    pub(crate) fn planes_len(self, channels: usize) -> usize {
        self.planes() * self.stride(channels)
    }

    /// Distance between two planes: a cache line more than a plane holds, because planes a large power of 2 apart would
    /// compete for the same few cache lines.
    pub(crate) fn stride(self, channels: usize) -> usize {
        self.images * self.tiles.count().min(self.span()) * channels + LANES
    }
}
