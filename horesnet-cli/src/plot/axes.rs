//! The complex plane on paper: `Re(hλ)` to the right, `Im(hλ)` upwards, one scale for both.

use super::contour::Window;
use super::drawing::{Anchor, Path, Point, Shape, Style, Text};

const GRID: Style = Style::line("#e3e3e3", 1.0);
const ORIGIN: Style = Style::line("#8a8a8a", 1.2);
const RIM: Style = Style::line("#222222", 1.2);
const TICK: f64 = 5.0;
const DIGITS: f64 = 12.5;
const NAMES: f64 = 14.0;

/// A frame on paper and the part of the plane seen through it.
pub(crate) struct Axes {
    corner: Point,
    window: Window,
    /// Pixels of a unit.
    scale: f64,
}

impl Axes {
    /// Axes whose longer side has so many pixels, their upper left corner at `corner`.
    pub(crate) fn new(corner: Point, side: f64, window: Window) -> Self {
        let scale = side / window.width().max(window.height());
        Self {
            corner,
            window,
            scale,
        }
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (f64, f64) {
        (
            self.window.width() * self.scale,
            self.window.height() * self.scale,
        )
    }

    /// The corners with the least and the largest coordinates.
    pub(crate) fn frame(&self) -> (Point, Point) {
        let (width, height) = self.size();
        (self.corner, (self.corner.0 + width, self.corner.1 + height))
    }

    /// Where a complex number is on paper.
    pub(crate) fn pixel(&self, (re, im): (f64, f64)) -> Point {
        (
            self.corner.0 + (re - self.window.re.0) * self.scale,
            self.corner.1 + (self.window.im.1 - im) * self.scale,
        )
    }

    /// The window and so many pixels more on all sides.
    pub(crate) fn beyond(&self, pixels: f64) -> Window {
        let more = pixels / self.scale;
        Window {
            re: (self.window.re.0 - more, self.window.re.1 + more),
            im: (self.window.im.0 - more, self.window.im.1 + more),
        }
    }

    /// Light lines at the ticks.
    pub(crate) fn grid(&self) -> Vec<Shape> {
        let ticks = self.ticks();
        let lines = ticks.re.iter().map(|&x| self.vertical(x));
        let lines = lines.chain(ticks.im.iter().map(|&y| self.horizontal(y)));
        lines.map(|line| Shape::Path(line, GRID)).collect()
    }

    /// The real and the imaginary axis.
    pub(crate) fn origin(&self) -> Vec<Shape> {
        let lines = [self.horizontal(0.0), self.vertical(0.0)];
        lines.map(|line| Shape::Path(line, ORIGIN)).into()
    }

    /// Frame, ticks, their numbers, the names of the axes.
    pub(crate) fn rim(&self) -> Vec<Shape> {
        let (ticks, ((left, top), (right, bottom))) = (self.ticks(), self.frame());
        let size = (right - left, bottom - top);
        let mut shapes = vec![Shape::Box((left, top), size, 0.0, RIM)];
        for &re in &ticks.re {
            let (x, _) = self.pixel((re, 0.0));
            let tick = Path::through([(x, bottom), (x, bottom + TICK)]);
            shapes.push(Shape::Path(tick, RIM));
            let number = Text::new((x, bottom + 19.0), ticks.number(re), DIGITS);
            shapes.push(Shape::Text(number.anchor(Anchor::Middle)));
        }
        for &im in &ticks.im {
            let (_, y) = self.pixel((0.0, im));
            let tick = Path::through([(left - TICK, y), (left, y)]);
            shapes.push(Shape::Path(tick, RIM));
            let number = Text::new((left - 9.0, y + 4.5), ticks.number(im), DIGITS);
            shapes.push(Shape::Text(number.anchor(Anchor::End)));
        }
        let below = Text::new((f64::midpoint(left, right), bottom + 42.0), "Re(hλ)", NAMES);
        let beside = Text::new((22.0, f64::midpoint(top, bottom)), "Im(hλ)", NAMES).upwards();
        for name in [below, beside] {
            shapes.push(Shape::Text(name.anchor(Anchor::Middle)));
        }
        shapes
    }

    fn horizontal(&self, im: f64) -> Path {
        let ends = [self.window.re.0, self.window.re.1];
        Path::through(ends.map(|re| self.pixel((re, im))))
    }

    fn vertical(&self, re: f64) -> Path {
        let ends = [self.window.im.0, self.window.im.1];
        Path::through(ends.map(|im| self.pixel((re, im))))
    }

    /// Four to ten ticks along the longer side, at multiples of 1, 2 or 5 times a power of ten.
    fn ticks(&self) -> Ticks {
        let rough = self.window.width().max(self.window.height()) / 10.0;
        let power = rough.log10().floor();
        let unit = 10_f64.powf(power);
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * unit);
        let step = step.into_iter().find(|step| *step >= rough).unwrap_or(unit);
        let along = |(low, high): (f64, f64)| {
            let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
            (first..=last).map(|n| n as f64 * step).collect()
        };
        Ticks {
            re: along(self.window.re),
            im: along(self.window.im),
            decimals: (-step.log10().floor()).max(0.0) as usize,
        }
    }
}

/// Where the ticks are.
struct Ticks {
    re: Vec<f64>,
    im: Vec<f64>,
    decimals: usize,
}

impl Ticks {
    fn number(&self, value: f64) -> String {
        // Adding zero turns the negative zero into the plain one.
        format!("{:.*}", self.decimals, value + 0.0).replace('-', "−")
    }
}
