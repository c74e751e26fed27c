//! The part of the plane that a picture shows, and the axes around it.

use std::cmp::Ordering;

use horesnet_train::drawing::{Axes, Scale};

use super::contour::Viewport;
use super::view::{self, View};
use crate::report;

/// The frame's longer side in pixels, and the least shorter one.
const SIDE: f64 = 500.0;
const SHORT: f64 = SIDE / 3.0;
/// The frame's left edge.
pub(super) const LEFT: f64 = 66.0;
/// Most ticks on the longer side, and of numbers with many digits on the horizontal one.
const TICKS: f64 = 10.0;
const LONG_TICKS: f64 = 6.0;
/// Limits that a picture can have: their size, and their size over their distance.
const LARGEST: f64 = 1e100;
const NARROWEST: f64 = 1000.0;

/// Limits of the axes; those not given are found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) x: Option<(f64, f64)>,
    pub(crate) y: Option<(f64, f64)>,
}

/// Checks the two numbers of an axis option.
pub(crate) fn limits(option: &str, numbers: &[f64]) -> Result<Option<(f64, f64)>, String> {
    let &[low, high] = numbers else {
        return Ok(None);
    };
    let problem = if low.partial_cmp(&high) != Some(Ordering::Less) {
        "expected a smaller number before a larger one".to_owned()
    } else if low.abs().max(high.abs()) > LARGEST || high - low < 1.0 / LARGEST {
        format!(
            "expected numbers from -{LARGEST:e} to {LARGEST:e}, and at least {:e} apart",
            1.0 / LARGEST
        )
    } else if low.abs().max(high.abs()) > NARROWEST * (high - low) {
        format!("expected numbers further apart: at least their size divided by {NARROWEST}")
    } else {
        return Ok(Some((low, high)));
    };
    Err(format!("{option} {low} {high}: {problem}"))
}

/// The part of the plane in which every region is seen, within the limits, and notes on what is outside of it.
pub(super) fn window(views: &[(&str, View)], limits: Limits) -> (Viewport, Vec<String>) {
    let all = views.iter().map(|(_, view)| view.window);
    let all = all.reduce(|a, b| view::union(&a, &b));
    let all = all.filter(|all| all.width().max(all.height()) > 0.0);
    let found = view::framed(&all.unwrap_or(view::square(1.0)), 1.6);
    let Limits { x: None, y: None } = limits else {
        return (limited(found, limits), Vec::new());
    };
    let notes = views.iter().filter_map(|(name, view)| {
        outside(view, &found).map(|what| format!("{name} has {what} outside of the picture"))
    });
    (found, notes.collect())
}

fn outside(view: &View, window: &Viewport) -> Option<String> {
    let islands = view.islands.iter();
    let count = islands.filter(|island| !window.contains(island)).count();
    (count > 0).then(|| report::count(count, "small island"))
}

/// The window between the limits; a side without limits is widened about its centre if the window would be thin.
fn limited(found: Viewport, limits: Limits) -> Viewport {
    let mut window = Viewport {
        re: limits.x.unwrap_or(found.re),
        im: limits.y.unwrap_or(found.im),
    };
    let widest = window.width().max(window.height());
    let air = |length: f64| ((widest / 1.6 - length) / 2.0).max(0.0);
    let (x, y) = (air(window.width()), air(window.height()));
    window = window.widened((
        if limits.x.is_none() { x } else { 0.0 },
        if limits.y.is_none() { y } else { 0.0 },
    ));
    window
}

/// Axes of one scale, whose longer side has [`SIDE`] pixels; of two scales if the other one had too few.
pub(super) fn axes(window: Viewport, top: f64) -> Axes {
    let longer = window.width().max(window.height());
    let [width, height] =
        [window.width(), window.height()].map(|side| (side * SIDE / longer).max(SHORT));
    let gap = |length: f64, pixels: f64, ticks: f64| length * SIDE / pixels / ticks;
    let (low, high) = window.re;
    let is_long = low.abs().max(high.abs()) > 20.0 * window.width();
    let across = if is_long { LONG_TICKS } else { TICKS };
    Axes {
        frame: ((LEFT, top), (LEFT + width, top + height)),
        x: Scale::new(window.re, gap(window.width(), width, across)),
        y: Scale::new(window.im, gap(window.height(), height, TICKS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_cannot_be_drawn_are_refused() {
        for (numbers, expected) in [
            ([1.0, 1.0], "a smaller number before"),
            ([2.0, -1.0], "a smaller number before"),
            ([f64::NAN, 1.0], "a smaller number before"),
            ([0.0, f64::INFINITY], "from -1e100 to 1e100"),
            ([0.0, 1e-101], "at least 1e-100 apart"),
            ([5000.0, 5001.0], "further apart"),
        ] {
            let problem = limits("--xlim", &numbers).unwrap_err();
            assert!(
                problem.starts_with("--xlim ") && problem.contains(expected),
                "{problem}"
            );
        }
        assert_eq!(limits("--xlim", &[-3.0, 1.0]), Ok(Some((-3.0, 1.0))));
        assert_eq!(limits("--xlim", &[]), Ok(None));
    }

    #[test]
    fn a_side_without_limits_is_found_and_never_thin() {
        let found = Viewport {
            re: (-3.0, 1.0),
            im: (-3.0, 3.0),
        };
        let x = |low, high| Limits {
            x: Some((low, high)),
            y: None,
        };
        assert_eq!(limited(found, x(-4.0, 4.0)).im, (-3.0, 3.0));
        assert_eq!(limited(found, x(-16.0, 0.0)).im, (-5.0, 5.0));
        let both = Limits {
            y: Some((0.0, 1.0)),
            ..x(-16.0, 0.0)
        };
        assert_eq!(
            limited(found, both),
            Viewport {
                re: (-16.0, 0.0),
                im: (0.0, 1.0)
            }
        );
    }

    #[test]
    fn a_thin_window_has_two_scales() {
        let ((left, top), (right, bottom)) = axes(
            Viewport {
                re: (-100.0, 0.0),
                im: (-1.0, 1.0),
            },
            58.0,
        )
        .frame;
        assert_eq!((right - left, bottom - top), (SIDE, SHORT));
    }
}
