//! Charts of named series: curves with bands over the epochs, and dots with bars in columns.

use super::lettering::{Face, width};
use super::{Axes, Drawing, INK, PALETTE, Path, Point, Scale, Style, TITLE, Text, WHITE};

const SIZE: Point = (720.0, 450.0);
const FRAME: (Point, Point) = ((66.0, 44.0), (696.0, 392.0));
const DOT: f64 = 5.0;
/// The legend: letters, from line to line, its distance from the frame, the samples.
const LETTERS: f64 = 13.0;
const LINE: f64 = 20.0;
const MARGIN: f64 = 12.0;
const SAMPLE: f64 = 24.0;
/// A legend of more lines would cover the chart.
const MAX_LEGEND: usize = 12;

/// Values of one name.
pub(crate) struct Series {
    pub(crate) name: String,
    /// Epoch or column, value, and its standard deviation.
    pub(crate) points: Vec<[f64; 3]>,
}

/// A chart and what is common to all of its series.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    /// The lowest and highest possible value: bands and axes end there.
    pub(crate) limits: [f64; 2],
    /// A value that the axis reaches.
    pub(crate) reaches: Option<f64>,
    pub(crate) series: Vec<Series>,
}

/// The size of a title that fits the picture, centred above the frame.
fn title_size(title: &str) -> f64 {
    let room = 2.0 * (SIZE.0 - f64::midpoint(FRAME.0.0, FRAME.1.0) - MARGIN);
    // A sum of nothing is −0.
    TITLE * (room / width(title, Face::Bold, TITLE).max(1.0)).min(1.0)
}

impl Chart<'_> {
    /// Draws curves over the epochs, with a band of one standard deviation to either side.
    pub(crate) fn curves(&self) -> String {
        let epochs = self.points().map(|point| point[0]).fold(2.0, f64::max);
        let axes = self.axes(Scale::new((1.0, epochs), ((epochs - 1.0) / 10.0).max(1.0)));
        let mut drawing = self.begin(&axes, true);
        let line = |points: &[[f64; 3]], sign: f64| -> Vec<Point> {
            let points = points.iter().filter(|[_, value, _]| value.is_finite());
            let points = points.map(|point| axes.pixel((point[0], self.edge(point, sign))));
            points.collect()
        };
        for (series, colour) in self.coloured() {
            if series.points.iter().any(|&[.., deviation]| deviation > 0.0) {
                let (upper, lower) = (line(&series.points, 1.0), line(&series.points, -1.0));
                let band = Path::around(upper.into_iter().chain(lower.into_iter().rev()));
                drawing.path(&band, Style::filled(colour).opacity(0.15));
            }
        }
        for (at, (series, colour)) in self.coloured().enumerate() {
            let points = line(&series.points, 0.0);
            if let [point] = points[..] {
                drawing.circle(point, DOT, Style::filled(colour));
            }
            drawing.path(&Path::through(points), stroke(at, colour));
        }
        axes.rim(&mut drawing, ["epoch", self.unit], None);
        let rises = |series: &Series| match series.points.as_slice() {
            [[_, first, _], .., [_, last, _]] => last > first,
            _ => false,
        };
        let rising = self.series.iter().any(rises);
        self.legend(&mut drawing, rising, |drawing, at, (x, y), colour| {
            let sample = Path::through([(x, y), (x + SAMPLE, y)]);
            drawing.path(&sample, stroke(at, colour));
        });
        drawing.svg(None)
    }

    /// Draws a column for each of `columns`, in it a dot a series with a bar of one standard deviation to either side.
    pub(crate) fn dots(&self, columns: &[String]) -> String {
        let count = columns.len().max(1) as f64;
        let axes = self.axes(Scale::new((-0.5, count - 0.5), 1.0));
        let mut drawing = self.begin(&axes, false);
        // Dots of one column stand side by side, on six tenths of its width.
        let step = 0.6 / self.series.len().max(1) as f64;
        for (at, (series, colour)) in self.coloured().enumerate() {
            let aside = step * (at as f64 - (self.series.len() as f64 - 1.0) / 2.0);
            let finite = |point: &&[f64; 3]| point[1].is_finite();
            for point in series.points.iter().filter(finite) {
                let pixel = |sign| axes.pixel((point[0] + aside, self.edge(point, sign)));
                let bar = Path::through([pixel(-1.0), pixel(1.0)]);
                drawing.path(&bar, Style::line(colour, 2.0));
                drawing.circle(pixel(0.0), DOT, Style::filled(colour));
            }
        }
        axes.rim(&mut drawing, ["", self.unit], Some(columns));
        self.legend(&mut drawing, false, |drawing, _, (x, y), colour| {
            drawing.circle((x + SAMPLE / 2.0, y), DOT, Style::filled(colour));
        });
        drawing.svg(None)
    }

    fn points(&self) -> impl Iterator<Item = &[f64; 3]> {
        self.series.iter().flat_map(|series| &series.points)
    }

    fn coloured(&self) -> impl Iterator<Item = (&Series, &'static str)> {
        self.series.iter().zip(PALETTE.into_iter().cycle())
    }

    fn begin(&self, axes: &Axes, columns: bool) -> Drawing {
        let mut drawing = Drawing::new(SIZE, self.title);
        let middle = f64::midpoint(FRAME.0.0, FRAME.1.0);
        let title = Text::new((middle, 28.0), self.title, title_size(self.title));
        drawing.text(title.face(Face::Bold).centred());
        axes.grid(&mut drawing, columns);
        drawing
    }

    /// Writes names beside samples, on the right, in the corner that the curves leave free.
    fn legend(
        &self,
        drawing: &mut Drawing,
        at_bottom: bool,
        sample: impl Fn(&mut Drawing, usize, Point, &'static str),
    ) {
        if self.series.len() > MAX_LEGEND {
            return;
        }
        let names = self.series.iter().map(|series| &series.name);
        let widths = names.map(|name| width(name, Face::Regular, LETTERS));
        let size = (
            widths.fold(0.0, f64::max) + SAMPLE + 26.0,
            LINE * self.series.len() as f64 + 8.0,
        );
        let ((_, top), (right, bottom)) = FRAME;
        let highest = if at_bottom {
            bottom - MARGIN - size.1
        } else {
            top + MARGIN
        };
        let corner = (right - MARGIN - size.0, highest);
        let style = Style::line("#e3e3e3", 1.0).over(WHITE).opacity(0.8);
        drawing.rect(corner, size, 3.0, style);
        for (at, (series, colour)) in self.coloured().enumerate() {
            let y = corner.1 + 4.0 + LINE * (at as f64 + 0.5);
            sample(drawing, at, (corner.0 + 8.0, y), colour);
            let name = Text::new((corner.0 + SAMPLE + 16.0, y + 4.5), &*series.name, LETTERS);
            drawing.text(name.colour(INK));
        }
    }

    /// The value, or one standard deviation to the side of `sign`, within the limits.
    fn edge(&self, &[_, value, deviation]: &[f64; 3], sign: f64) -> f64 {
        (value + sign * deviation).clamp(self.limits[0], self.limits[1])
    }

    /// Axes from the lowest to the highest value with its deviation, and a little air.
    fn axes(&self, x: Scale) -> Axes {
        let reached = self.reaches.into_iter();
        let edges = |sign| self.points().map(move |point| self.edge(point, sign));
        let lows = edges(-1.0).chain(reached.clone());
        let low = lows.fold(f64::INFINITY, f64::min);
        let high = edges(1.0).chain(reached).fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low.is_finite() && high.is_finite() {
            let air = ((high - low) * 0.05).max(1e-3);
            (low - air, high + air)
        } else {
            (0.0, 1.0)
        };
        let range = (low.max(self.limits[0]), high.min(self.limits[1]));
        Axes {
            frame: FRAME,
            x,
            y: Scale::new(range, (range.1 - range.0) / 8.0),
        }
    }
}

/// Every other line is thicker, for print in grey.
fn stroke(at: usize, colour: &'static str) -> Style {
    Style::line(colour, if at.is_multiple_of(2) { 2.0 } else { 3.2 })
}

#[cfg(test)]
mod tests {
    use super::{Chart, FRAME, Face, SIZE, Series, TITLE, title_size, width};

    #[test]
    fn a_single_epoch_is_a_point() {
        let curves = |points: &[[f64; 3]]| {
            let series = vec![Series {
                name: "loss".to_owned(),
                points: points.to_vec(),
            }];
            let (title, unit, limits) = ("loss", "nats", [0.0, 1.0]);
            let chart = Chart {
                title,
                unit,
                limits,
                reaches: None,
                series,
            };
            chart.curves().matches("<circle").count()
        };
        assert_eq!(curves(&[[1.0, 0.5, 0.0]]), 1);
        assert_eq!(curves(&[[1.0, 0.5, 0.0], [2.0, 0.4, 0.0]]), 0);
    }

    #[test]
    fn titles_fit_the_picture() {
        assert_eq!(title_size("digits: test loss"), TITLE);
        assert_eq!(title_size(""), TITLE);
        let long =
            "accuracy on perturbed test images, mean of 10 seeds, bar of one standard deviation";
        let half = width(long, Face::Bold, title_size(long)) / 2.0;
        assert!(title_size(long) < TITLE);
        assert!(f64::midpoint(FRAME.0.0, FRAME.1.0) + half < SIZE.0);
    }
}
