//! The complex plane on paper: `Re(hλ)` to the right, `Im(hλ)` upwards, one scale for both.

use super::contour::Window;
use super::drawing::{Anchor, Path, Point, Shape, Style, Text};
use super::lettering;

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
        let lines = ticks.re.iter().map(|&x| self.vertical(ticks.at(x)));
        let lines = lines.chain(ticks.im.iter().map(|&y| self.horizontal(ticks.at(y))));
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
            let (x, _) = self.pixel((ticks.at(re), 0.0));
            let tick = Path::through([(x, bottom), (x, bottom + TICK)]);
            shapes.push(Shape::Path(tick, RIM));
            let number = Text::new((x, bottom + 19.0), ticks.number(re), DIGITS);
            shapes.push(Shape::Text(number.anchor(Anchor::Middle)));
        }
        for &im in &ticks.im {
            let (_, y) = self.pixel((0.0, ticks.at(im)));
            let tick = Path::through([(left - TICK, y), (left, y)]);
            shapes.push(Shape::Path(tick, RIM));
            let number = Text::new((left - 9.0, y + 4.5), ticks.number(im), DIGITS);
            shapes.push(Shape::Text(number.anchor(Anchor::End)));
        }
        let name = |part: &str| format!("{part}(hλ){}", ticks.unit());
        let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        let below = Text::new((middle.0, bottom + 42.0), name("Re"), NAMES);
        let beside = Text::new((22.0, middle.1), name("Im"), NAMES).upwards();
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
        let steps = [1.0, 2.0, 5.0].map(|factor| (factor, power as i32));
        let step = steps
            .into_iter()
            .find(|(factor, _)| factor * 10_f64.powf(power) >= rough)
            .unwrap_or((1.0, power as i32 + 1));
        let length = step.0 * 10_f64.powi(step.1);
        let along = |(low, high): (f64, f64)| {
            let (first, last) = ((low / length).ceil() as i64, (high / length).floor() as i64);
            (first..=last).take(MOST).map(|n| n as f64).collect()
        };
        Ticks {
            re: along(self.window.re),
            im: along(self.window.im),
            step,
        }
    }
}

/// More ticks than a side ever has.
const MOST: usize = 40;
/// Numbers of these powers of ten are printed as they are; smaller and larger ones would not fit.
const PLAIN: std::ops::RangeInclusive<i32> = -3..=4;

/// Where the ticks are.
struct Ticks {
    /// In steps.
    re: Vec<f64>,
    im: Vec<f64>,
    /// A digit and a power of ten.
    step: (f64, i32),
}

impl Ticks {
    fn at(&self, steps: f64) -> f64 {
        steps * self.step.0 * 10_f64.powi(self.step.1)
    }

    fn number(&self, steps: f64) -> String {
        let (digit, power) = self.step;
        let number = if PLAIN.contains(&power) {
            let decimals = usize::try_from(-power).unwrap_or(0);
            // Adding zero turns the negative zero into the plain one.
            format!("{:.decimals$}", self.at(steps) + 0.0)
        } else {
            format!("{}", steps * digit + 0.0)
        };
        number.replace('-', "−")
    }

    /// What the numbers are multiples of, where that is not 1.
    fn unit(&self) -> String {
        if PLAIN.contains(&self.step.1) {
            return String::new();
        }
        format!(" in 10{}", lettering::raised(&self.step.1.to_string()))
    }
}
