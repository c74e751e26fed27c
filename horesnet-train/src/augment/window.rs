//! Crop and flip: which part of an image is seen, and from which side.

use rand::{Rng, RngExt};

/// A window of the size of the image on the image with a border, and whether what it shows is mirrored.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Window {
    /// How far the window lies below and right of the image, in pixels; negative if above or left.
    down: i64,
    right: i64,
    mirrored: bool,
}

impl Window {
    /// A window on an image with a border of `crop` pixels.
    pub(super) fn draw(crop: usize, flip: bool, rng: &mut impl Rng) -> Self {
        let crop = i64::try_from(crop).unwrap_or(i64::MAX);
        let mut place = || match crop {
            0 => 0,
            _ => rng.random_range(-crop..=crop),
        };
        Self {
            down: place(),
            right: place(),
            mirrored: flip && rng.random(),
        }
    }

    /// Writes what the window shows of `image` into `seen`; the border is left as it is.
    pub(super) fn copy(self, image: &[u8], [_, height, width]: [usize; 3], seen: &mut [f32]) {
        let plane = height * width;
        if plane == 0 {
            return;
        }
        let (from_row, to_row, rows) = overlap(self.down, height);
        let (from, to, columns) = overlap(self.right, width);
        for (image, seen) in image.chunks_exact(plane).zip(seen.chunks_exact_mut(plane)) {
            let sources = image.chunks_exact(width).skip(from_row).take(rows);
            let targets = seen.chunks_exact_mut(width).skip(to_row);
            for (source, target) in sources.zip(targets) {
                let source = source.iter().skip(from).take(columns);
                if self.mirrored {
                    let target = target.iter_mut().rev().skip(to);
                    target
                        .zip(source)
                        .for_each(|(to, from)| *to = f32::from(*from));
                } else {
                    let target = target.iter_mut().skip(to);
                    target
                        .zip(source)
                        .for_each(|(to, from)| *to = f32::from(*from));
                }
            }
        }
    }
}

/// Along an axis of `size` pixels, what a window moved by `offset` shows: where it starts in the image, where in the
/// window, and how many pixels there are.
fn overlap(offset: i64, size: usize) -> (usize, usize, usize) {
    let away = usize::try_from(offset.unsigned_abs()).map_or(size, |away| away.min(size));
    if offset > 0 {
        (away, 0, size - away)
    } else {
        (0, away, size - away)
    }
}
