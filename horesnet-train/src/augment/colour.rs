//! Brightness, contrast and saturation: each blends the image with one that has none; a factor of 1 changes nothing.

use rand::{Rng, RngExt};

use super::canvas::Canvas;

/// Weights of red, green and blue in luma (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Applies all three, in this order, each with a factor drawn from `1 − strength` to `1 + strength`.
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

/// Blends with the grey of the image's mean.
pub(super) fn contrast(canvas: &mut Canvas<'_>, factor: f32) {
    let mean = match canvas.colours() {
        Some(colours) => {
            let means = colours.map(|plane| mean(plane)).into_iter().zip(LUMA);
            means.map(|(mean, weight)| mean * weight).sum()
        }
        None => mean(canvas.pixels),
    };
    for pixel in &mut *canvas.pixels {
        *pixel = clamped(mean + factor * (*pixel - mean));
    }
}

/// Blends with the grey image; grey images stay unchanged.
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

fn clamped(pixel: f32) -> f32 {
    pixel.clamp(0.0, 255.0)
}
