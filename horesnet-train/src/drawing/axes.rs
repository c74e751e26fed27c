//! A frame with two linear axes: grid, ticks, numbers, names.

use super::{Drawing, INK, Path, Point, Style, Text, lettering};

const GRID: Style = Style::line("#e3e3e3", 1.0);
const RIM: Style = Style::line(INK, 1.2);
const TICK: f64 = 5.0;
const DIGITS: f64 = 12.5;
const NAMES: f64 = 14.0;
/// More ticks than an axis ever has.
const MOST: usize = 40;
/// Numbers of these powers of ten are printed as they are; smaller and larger ones would not fit.
const PLAIN: std::ops::RangeInclusive<i32> = -3..=4;

/// The range of an axis and where its ticks are.
pub struct Scale {
    /// Least and largest value.
    pub range: (f64, f64),
    /// From tick to tick: a digit and a power of ten.
    step: (f64, i32),
}

impl Scale {
    /// Ticks at multiples of 1, 2 or 5 times a power of ten that are at least `gap` apart.
    #[must_use]
    pub fn new(range: (f64, f64), gap: f64) -> Self {
        let power = gap.log10().floor();
        let step = [1.0, 2.0, 5.0]
            .into_iter()
            .find(|digit| digit * 10_f64.powf(power) >= gap)
            .map_or((1.0, power as i32 + 1), |digit| (digit, power as i32));
        Self { range, step }
    }

    fn length(&self) -> f64 {
        self.range.1 - self.range.0
    }

    /// The ticks: values and labels.
    fn ticks(&self) -> Vec<(f64, String)> {
        let (digit, power) = self.step;
        let step = digit * 10_f64.powi(power);
        let (first, last) = (self.range.0 / step, self.range.1 / step);
        let ticks = (first.ceil() as i64..=last.floor() as i64).take(MOST);
        let label = |n: f64| {
            // Adding zero turns the negative zero into the plain one.
            let label = if PLAIN.contains(&power) {
                let decimals = usize::try_from(-power).unwrap_or(0);
                format!("{:.decimals$}", n * digit * 10_f64.powi(power) + 0.0)
            } else {
                format!("{}", n * digit + 0.0)
            };
            label.replace('-', "−")
        };
        ticks
            .map(|n| (n as f64 * digit * 10_f64.powi(power), label(n as f64)))
            .collect()
    }

    /// The name with the unit of the labels, where that is not 1.
    fn named(&self, name: &str) -> String {
        if PLAIN.contains(&self.step.1) {
            return name.to_owned();
        }
        format!("{name} in 10{}", lettering::raised(self.step.1))
    }
}

/// A frame on paper with a scale on each side.
pub struct Axes {
    /// The corners with the least and the largest coordinates.
    pub frame: (Point, Point),
    /// From left to right.
    pub x: Scale,
    /// From bottom to top.
    pub y: Scale,
}

impl Axes {
    /// The pixel of a point of the plane.
    #[must_use]
    pub fn pixel(&self, (x, y): Point) -> Point {
        let ((left, top), (right, bottom)) = self.frame;
        (
            left + (x - self.x.range.0) * ((right - left) / self.x.length()),
            top + (self.y.range.1 - y) * ((bottom - top) / self.y.length()),
        )
    }

    /// Draws light lines at the ticks of y and, if `columns`, at those of x.
    pub fn grid(&self, drawing: &mut Drawing, columns: bool) {
        if columns {
            for (x, _) in self.x.ticks() {
                self.vertical(drawing, x, GRID);
            }
        }
        for (y, _) in self.y.ticks() {
            self.horizontal(drawing, y, GRID);
        }
    }

    /// Draws a line from left to right.
    pub fn horizontal(&self, drawing: &mut Drawing, y: f64, style: Style) {
        let ends = [self.x.range.0, self.x.range.1];
        drawing.path(&Path::through(ends.map(|x| self.pixel((x, y)))), style);
    }

    /// Draws a line from bottom to top.
    pub fn vertical(&self, drawing: &mut Drawing, x: f64, style: Style) {
        let ends = [self.y.range.0, self.y.range.1];
        drawing.path(&Path::through(ends.map(|y| self.pixel((x, y)))), style);
    }

    /// Draws frame, ticks, numbers and names; `columns` are labels at 0, 1, … in place of the numbers of x.
    pub fn rim(
        &self,
        drawing: &mut Drawing,
        [below, beside]: [&str; 2],
        columns: Option<&[String]>,
    ) {
        let ((left, top), (right, bottom)) = self.frame;
        drawing.rect((left, top), (right - left, bottom - top), 0.0, RIM);
        let labels = columns.map_or_else(
            || self.x.ticks(),
            |names| (0..).map(f64::from).zip(names.iter().cloned()).collect(),
        );
        for (value, label) in labels {
            let (x, _) = self.pixel((value, 0.0));
            drawing.path(&Path::through([(x, bottom), (x, bottom + TICK)]), RIM);
            drawing.text(Text::new((x, bottom + 19.0), label, DIGITS).centred());
        }
        for (value, label) in self.y.ticks() {
            let (_, y) = self.pixel((0.0, value));
            drawing.path(&Path::through([(left - TICK, y), (left, y)]), RIM);
            drawing.text(Text::new((left - 9.0, y + 4.5), label, DIGITS).ending());
        }
        let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        let below = Text::new((middle.0, bottom + 42.0), self.x.named(below), NAMES);
        drawing.text(below.centred());
        let beside = Text::new((22.0, middle.1), self.y.named(beside), NAMES);
        drawing.text(beside.centred().upwards());
    }
}
