//! Finds the part of the complex plane that shows a region.

use super::contour::{self, Viewport};

/// Points on a side of the grids that are searched.
const GRID: usize = 480;
/// Half the widths of the least and the widest square searched, for functions whose coefficients are of size 1; the longest
/// real interval that 64 stages have is 2·64².
const NEAREST: f64 = 1e-6;
const FARTHEST: f64 = 16_384.0;
/// The least part of the largest piece's area for which a picture makes room.
const ISLAND: f64 = 5e-5;

/// The least part of the left half-plane beside an unstable set in the right one.
const BESIDE: f64 = 0.5;

/// The part of the plane that shows a set.
pub(crate) struct View {
    pub(crate) window: Viewport,
    /// Pieces too small to enlarge the picture for.
    pub(crate) islands: Vec<Viewport>,
}

/// The least rectangle around the set where `f ≤ 0` and around the origin, symmetric about the real axis.
///
/// A set without bound is shown by what it leaves out, and by [`BESIDE`] as much of the left half-plane as of the right one;
/// if what it leaves out has no bound either, by `usual`, half the side of a square.
pub(crate) fn view(f: impl Fn(f64, f64) -> f64, usual: f64) -> View {
    let found = bounded(&f).map(|found| (found, 0.0));
    let found = found.or_else(|| Some((bounded(|x, y| -f(x, y))?, BESIDE)));
    let ((extent, islands), beside) = found.unwrap_or(((square(usual), Vec::new()), 0.0));
    let high = extent.im.1.max(-extent.im.0);
    let right = extent.re.1.max(0.0);
    let window = Viewport {
        re: (extent.re.0.min(-beside * right), right),
        im: (-high, high),
    };
    View { window, islands }
}

/// The square around the origin with sides twice as long.
pub(crate) fn square(half: f64) -> Viewport {
    let side = (-half, half);
    Viewport { re: side, im: side }
}

/// The rectangle around a bounded set, and those around the islands it leaves out: a square grows until neither its border
/// nor the next one's meets the set.
///
/// `R(0) = 1` puts the origin on the boundary, so a small square meets the set.
fn bounded(f: impl Fn(f64, f64) -> f64) -> Option<(Viewport, Vec<Viewport>)> {
    let border = |half: f64| {
        let steps = (0..=GRID).map(move |i| half * (2.0 * i as f64 / GRID as f64 - 1.0));
        steps
            .flat_map(move |t| [(t, half), (t, -half), (half, t), (-half, t)])
            .any(|(x, y)| f(x, y) <= 0.0)
    };
    let mut half = NEAREST;
    // Islands may lie beyond a first free border.
    while border(half) || border(1.5 * half) {
        half *= 1.5;
        if half > FARTHEST {
            return None;
        }
    }
    let polygons = contour::polygons(&f, &square(1.5 * half), (GRID, GRID));
    let area = |polygon: &Vec<_>| contour::area(polygon).abs();
    let largest = polygons.iter().map(area).fold(0.0, f64::max);
    let (shown, islands): (Vec<_>, Vec<_>) = polygons
        .iter()
        .partition(|polygon| area(polygon) >= ISLAND * largest);
    let window = shown.into_iter().filter_map(|polygon| around(polygon));
    let window = window.reduce(|a, b| union(&a, &b))?;
    let islands = islands.into_iter().filter_map(|polygon| around(polygon));
    Some((window, islands.collect()))
}

/// The rectangle around a polygon.
fn around(polygon: &[(f64, f64)]) -> Option<Viewport> {
    let points = polygon.iter().map(|&(x, y)| ((x, x), (y, y)));
    let points = points.map(|(re, im)| Viewport { re, im });
    points.reduce(|a, b| union(&a, &b))
}

/// The rectangle around two.
pub(crate) fn union(a: &Viewport, b: &Viewport) -> Viewport {
    Viewport {
        re: (a.re.0.min(b.re.0), a.re.1.max(b.re.1)),
        im: (a.im.0.min(b.im.0), a.im.1.max(b.im.1)),
    }
}

/// The window with air on all sides, and neither side more than `most` times the other.
pub(crate) fn framed(set: &Viewport, most: f64) -> Viewport {
    let air = 0.07 * set.width().max(set.height());
    let (width, height) = (set.width() + 2.0 * air, set.height() + 2.0 * air);
    let wider = ((height / most - width) / 2.0).max(0.0) + air;
    let higher = ((width / most - height) / 2.0).max(0.0) + air;
    set.widened((wider, higher))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euler(x: f64, y: f64) -> f64 {
        (1.0 + x).hypot(y) - 1.0
    }

    fn close(window: &Viewport, re: (f64, f64), im: (f64, f64), tolerance: f64) -> bool {
        let near = |a: (f64, f64), b: (f64, f64)| {
            (a.0 - b.0).abs() <= tolerance && (a.1 - b.1).abs() <= tolerance
        };
        near(window.re, re) && near(window.im, im)
    }

    #[test]
    fn a_bounded_region_fills_its_window_whatever_its_size() {
        for size in [1e-4, 1.0, 4000.0] {
            let seen = view(|x, y| euler(x / size, y / size), 4.0).window;
            let (re, im) = ((-2.0 * size, 0.0), (-size, size));
            assert!(close(&seen, re, im, 0.01 * size), "{seen:?}");
        }
    }

    #[test]
    fn an_unbounded_region_is_seen_around_what_it_leaves_out() {
        // Backward Euler is unstable in the unit circle around 1.
        let seen = view(|x, y| 1.0 - (1.0 - x).hypot(y), 4.0).window;
        assert!(close(&seen, (-1.0, 2.0), (-1.0, 1.0), 0.01), "{seen:?}");
    }

    #[test]
    fn a_half_plane_is_seen_around_the_origin() {
        let seen = view(|x, _| x, 4.0).window;
        assert!(close(&seen, (-4.0, 4.0), (-4.0, 4.0), 0.0), "{seen:?}");
    }

    #[test]
    fn frames_are_never_thin() {
        let thin = Viewport {
            re: (-200.0, 0.0),
            im: (-1.0, 1.0),
        };
        let framed = framed(&thin, 1.6);
        assert!((framed.width() / framed.height() - 1.6).abs() < 1e-9);
        assert!(framed.re.0 < -200.0 && framed.re.1 > 0.0);
    }
}
