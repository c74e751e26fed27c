//! Cutout: hides a square of the image behind the mean of the data set.
//!
//! Its centre is drawn from all pixels, so squares at the border hide less (`DeVries` and Taylor, arXiv 1708.04552).

use rand::{Rng, RngExt};

use super::canvas::Canvas;

/// Hides the part of a square of `side` pixels that lies inside the image.
pub(super) fn hide(canvas: &mut Canvas<'_>, side: usize, rng: &mut impl Rng) {
    let mut span = |size: usize| {
        let centre = rng.random_range(0..size);
        let start = (centre + side.div_ceil(2)).saturating_sub(side);
        let end = (centre + side.div_ceil(2)).min(size);
        (start, end - start)
    };
    let (height, width) = (canvas.height, canvas.width);
    let (top, rows) = span(height);
    let (left, columns) = span(width);
    for (plane, mean) in canvas.planes_and_means() {
        for row in plane.chunks_exact_mut(width).skip(top).take(rows) {
            for pixel in row.iter_mut().skip(left).take(columns) {
                *pixel = mean;
            }
        }
    }
}
