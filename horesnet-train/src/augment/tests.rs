//! Steps on images small enough to work out by hand.

use std::f32::consts::FRAC_PI_2;

use super::canvas::Canvas;
use super::colour::{brightness, contrast, saturation};
use super::warp::{AffineMap, warp};

/// Applies `step` to an image `[channels, height, width]`.
fn after(shape: [usize; 3], pixels: &[f32], step: impl Fn(&mut Canvas<'_>)) -> Vec<f32> {
    let mut pixels = pixels.to_vec();
    step(&mut Canvas::new(&mut pixels, shape, &[]));
    pixels
}

/// `1 2 3` over `4 5 6`.
fn warped(map: AffineMap) -> Vec<f32> {
    after([1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], |canvas| {
        warp(canvas, map);
    })
}

#[test]
fn translations_move_and_leave_zeros() {
    assert_eq!(
        warped(AffineMap::translation(1.0, 0.0)),
        [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]
    );
    assert_eq!(
        warped(AffineMap::translation(0.0, -1.0)),
        [2.0, 3.0, 0.0, 5.0, 6.0, 0.0]
    );
    assert_eq!(
        warped(AffineMap::translation(0.0, 0.5)),
        [0.5, 1.5, 2.5, 2.0, 4.5, 5.5]
    );
    for far in [-1e30, 1e9, f32::MAX] {
        assert_eq!(warped(AffineMap::translation(far, far)), [0.0; 6]);
    }
}

#[test]
fn shears_move_rows_and_columns_by_their_distance_from_the_centre() {
    // The rows are half a pixel above and below the centre, the columns a whole pixel left and right of it.
    assert_eq!(
        warped(AffineMap::horizontal_shear(2.0)),
        [2.0, 3.0, 0.0, 0.0, 4.0, 5.0]
    );
    assert_eq!(
        warped(AffineMap::vertical_shear(1.0)),
        [4.0, 2.0, 0.0, 0.0, 5.0, 3.0]
    );
}

#[test]
fn a_quarter_turn_is_clockwise() {
    let turned = after([1, 2, 2], &[1.0, 2.0, 3.0, 4.0], |canvas| {
        warp(canvas, AffineMap::rotation(FRAC_PI_2));
    });
    for (found, expected) in turned.iter().zip([3.0, 1.0, 4.0, 2.0]) {
        assert!((found - expected).abs() < 1e-5, "{turned:?}");
    }
}

#[test]
fn every_channel_is_warped_alike() {
    let two = after([2, 1, 2], &[1.0, 2.0, 3.0, 4.0], |canvas| {
        warp(canvas, AffineMap::translation(0.0, 1.0));
    });
    assert_eq!(two, [0.0, 1.0, 0.0, 3.0]);
}

#[test]
fn colours_blend_with_black_with_the_mean_and_with_grey() {
    let grey = |step: fn(&mut Canvas<'_>)| after([1, 1, 2], &[50.0, 150.0], step);
    assert_eq!(grey(|canvas| brightness(canvas, 0.5)), [25.0, 75.0]);
    assert_eq!(grey(|canvas| brightness(canvas, 2.0)), [100.0, 255.0]);
    assert_eq!(grey(|canvas| contrast(canvas, 0.5)), [75.0, 125.0]);
    assert_eq!(grey(|canvas| contrast(canvas, 4.0)), [0.0, 255.0]);
    assert_eq!(grey(|canvas| saturation(canvas, 0.0)), [50.0, 150.0]);

    let red = |step: fn(&mut Canvas<'_>)| after([3, 1, 1], &[100.0, 0.0, 0.0], step);
    assert_eq!(red(|canvas| saturation(canvas, 0.0)), [29.9; 3]);
    assert_eq!(red(|canvas| saturation(canvas, 1.0)), [100.0, 0.0, 0.0]);
    assert_eq!(red(|canvas| contrast(canvas, 0.0)), [29.9; 3]);
}
