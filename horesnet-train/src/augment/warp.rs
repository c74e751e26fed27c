//! Affine maps of the plane: translations, shears and rotations about the centre.
//!
//! Each pixel is the bilinear mean of the four pixels around its origin; outside is 0.

use super::canvas::Canvas;

/// The origin of a pixel as `matrix · position + offset`: rows before columns, in pixels, from the centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AffineMap {
    matrix: [[f32; 2]; 2],
    offset: [f32; 2],
}

impl AffineMap {
    /// Moves the image down and right, in pixels.
    pub(super) fn translation(down: f32, right: f32) -> Self {
        let offset = [-down, -right];
        Self {
            offset,
            ..Self::linear([[1.0, 0.0], [0.0, 1.0]])
        }
    }

    /// Moves each row right by `slope` times its distance below the centre.
    pub(super) fn horizontal_shear(slope: f32) -> Self {
        Self::linear([[1.0, 0.0], [-slope, 1.0]])
    }

    /// Moves each column down by `slope` times its distance right of the centre.
    pub(super) fn vertical_shear(slope: f32) -> Self {
        Self::linear([[1.0, -slope], [0.0, 1.0]])
    }

    /// Turns the image clockwise.
    pub(super) fn rotation(radians: f32) -> Self {
        let (sin, cos) = radians.sin_cos();
        Self::linear([[cos, -sin], [sin, cos]])
    }

    fn linear(matrix: [[f32; 2]; 2]) -> Self {
        let offset = [0.0; 2];
        Self { matrix, offset }
    }

    /// Returns the origin of the pixel at this position.
    fn origin(self, [row, column]: [f32; 2]) -> [f32; 2] {
        let [down, right] = self.matrix;
        [
            down[0] * row + down[1] * column + self.offset[0],
            right[0] * row + right[1] * column + self.offset[1],
        ]
    }
}

/// Maps the image.
pub(super) fn warp(canvas: &mut Canvas<'_>, map: AffineMap) {
    let (height, width) = (canvas.height, canvas.width);
    let centre = [(height - 1) as f32 / 2.0, (width - 1) as f32 / 2.0];
    let before = canvas.pixels.to_vec();
    let size = height * width;
    for row in 0..height {
        for column in 0..width {
            let origin = map.origin([row as f32 - centre[0], column as f32 - centre[1]]);
            let taps = taps(origin[0] + centre[0], origin[1] + centre[1], height, width);
            let planes = before.chunks_exact(size).zip(canvas.planes());
            for (before, after) in planes {
                if let Some(pixel) = after.get_mut(row * width + column) {
                    let weighted = |(at, weight): &(usize, f32)| Some(weight * before.get(*at)?);
                    *pixel = taps.iter().filter_map(weighted).sum();
                }
            }
        }
    }
}

/// Returns the four pixels around a position and their weights, 0 for those outside.
fn taps(row: f32, column: f32, height: usize, width: usize) -> [(usize, f32); 4] {
    let (top, left) = (row.floor(), column.floor());
    let (down, right) = (row - top, column - left);
    let tap = |row: f32, column: f32, weight: f32| {
        let inside = (0.0..height as f32).contains(&row) && (0.0..width as f32).contains(&column);
        if inside {
            (row as usize * width + column as usize, weight)
        } else {
            (0, 0.0)
        }
    };
    [
        tap(top, left, (1.0 - down) * (1.0 - right)),
        tap(top, left + 1.0, (1.0 - down) * right),
        tap(top + 1.0, left, down * (1.0 - right)),
        tap(top + 1.0, left + 1.0, down * right),
    ]
}
