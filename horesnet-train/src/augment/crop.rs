//! Crop and flip: which part of an image is copied, mirrored or not.

use rand::{Rng, RngExt};

use super::canvas::Canvas;

/// A window of the size of the image, moved over the image and its border.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Crop {
    /// Offset of the window in pixels: positive below and right of the image.
    down: i64,
    right: i64,
    mirrored: bool,
}

impl Crop {
    /// Draws a window on an image with a border of `border` pixels.
    pub(super) fn draw(border: usize, flip: bool, rng: &mut impl Rng) -> Self {
        let border = i64::try_from(border).unwrap_or(i64::MAX);
        let mut offset = || match border {
            0 => 0,
            _ => rng.random_range(-border..=border),
        };
        Self {
            down: offset(),
            right: offset(),
            mirrored: flip && rng.random(),
        }
    }

    /// Copies the window on `image` into `cropped`; the border is the mean of each channel, which normalises to 0.
    pub(super) fn copy(self, image: &[u8], cropped: &mut Canvas<'_>) {
        let (height, width) = (cropped.height, cropped.width);
        let (from_row, to_row, rows) = overlap(self.down, height);
        let (from, to, columns) = overlap(self.right, width);
        let planes = image
            .chunks_exact(height * width)
            .zip(cropped.planes_and_means());
        for (image, (cropped, mean)) in planes {
            cropped.fill(mean);
            let sources = image.chunks_exact(width).skip(from_row).take(rows);
            let targets = cropped.chunks_exact_mut(width).skip(to_row);
            for (source, target) in sources.zip(targets) {
                let source = source.iter().skip(from).take(columns);
                for (to, from) in target.iter_mut().skip(to).zip(source) {
                    *to = f32::from(*from);
                }
                if self.mirrored {
                    target.reverse();
                }
            }
        }
    }
}

/// Returns where the overlap of an axis of `size` pixels with a window moved by `offset` starts in the image, where it
/// starts in the window, and how long it is.
fn overlap(offset: i64, size: usize) -> (usize, usize, usize) {
    let away = usize::try_from(offset.unsigned_abs()).map_or(size, |away| away.min(size));
    let (image, window) = if offset > 0 { (away, 0) } else { (0, away) };
    (image, window, size - away)
}
