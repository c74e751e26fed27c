//! Brightness, contrast and saturation: each blends the image with one that has none, by a factor of 1 for no change.

use rand::{Rng, RngExt};

use super::canvas::Canvas;

/// The share of red, green and blue in what the eye sees as grey (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// All three, in this order, each with a factor from `1 − strength` to `1 + strength`.
pub(super) fn jitter(canvas: &mut Canvas<'_>, strength: f32, rng: &mut impl Rng) {
    let mut factor = || 1.0 + strength * (2.0 * rng.random::<f32>() - 1.0);
    brightness(canvas, factor());
    contrast(canvas, factor());
    saturation(canvas, factor());
}

/// Blends with black.
pub(super) fn brightness(canvas: &mut Canvas<'_>, factor: f32) {
    for pixel in &mut *canvas.pixels {
        *pixel = clamped(*pixel * factor);
    }
}

/// Blends with the even grey of the image's mean.
pub(super) fn contrast(canvas: &mut Canvas<'_>, factor: f32) {
    let mean = match canvas.colours() {
        Some(colours) => {
            let means = colours.map(|plane| mean(plane));
            means
                .iter()
                .zip(LUMA)
                .map(|(mean, share)| mean * share)
                .sum()
        }
        None => mean(canvas.pixels),
    };
    for pixel in &mut *canvas.pixels {
        *pixel = clamped(mean + factor * (*pixel - mean));
    }
}

/// Blends with the grey image; images that are grey stay as they are.
pub(super) fn saturation(canvas: &mut Canvas<'_>, factor: f32) {
    let Some([red, green, blue]) = canvas.colours() else {
        return;
    };
    for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
        let grey = LUMA[0] * *red + LUMA[1] * *green + LUMA[2] * *blue;
        for colour in [red, green, blue] {
            *colour = clamped(grey + factor * (*colour - grey));
        }
    }
}

fn mean(pixels: &[f32]) -> f32 {
    pixels.iter().sum::<f32>() / pixels.len().max(1) as f32
}

/// What a byte can hold.
fn clamped(pixel: f32) -> f32 {
    pixel.clamp(0.0, 255.0)
}
