//! Figures over the epochs as SVG.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;

use crate::training::EpochMetrics;

pub(crate) const SIZE: (u32, u32) = (720, 450);
/// The palette of Okabe and Ito, which people with any colour vision tell apart. Training is blue and the test vermilion;
/// the line of the test is also thicker, for print in grey.
pub(crate) const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];
pub(crate) const GRID: RGBColor = RGBColor(225, 225, 225);
pub(crate) const FONT: &str = "Helvetica, Arial, sans-serif";
/// A legend of more lines would cover the chart.
const MAX_LEGEND: usize = 12;

/// The losses of training and test.
pub(crate) fn loss(history: &[EpochMetrics], title: &str) -> Result<String, String> {
    chart(&Chart {
        title,
        unit: "loss (nats)",
        curves: vec![
            curve("training", history, |metrics| metrics.train_loss),
            curve("test", history, |metrics| metrics.test_loss),
        ],
        floor: Some(0.0),
        ceiling: None,
    })
}

/// The accuracies of training and test.
pub(crate) fn accuracy(history: &[EpochMetrics], title: &str) -> Result<String, String> {
    chart(&Chart {
        title,
        unit: "accuracy (%)",
        curves: vec![
            curve("training", history, |m| 100.0 * m.train_accuracy),
            curve("test", history, |m| 100.0 * m.test_accuracy),
        ],
        floor: None,
        ceiling: Some(100.0),
    })
}

/// The learning rate at the end of each epoch.
pub(crate) fn learning_rate(history: &[EpochMetrics], title: &str) -> Result<String, String> {
    chart(&Chart {
        title,
        unit: "learning rate",
        curves: vec![curve("learning rate", history, |metrics| metrics.lr)],
        floor: Some(0.0),
        ceiling: None,
    })
}

/// The learned coefficients; nothing if there are none.
pub(crate) fn coefficients(
    history: &[EpochMetrics],
    title: &str,
) -> Result<Option<String>, String> {
    let Some(last) = history.last().filter(|last| !last.coefficients.is_empty()) else {
        return Ok(None);
    };
    let mut curves = Vec::new();
    for (block, names) in &last.coefficients {
        for name in names.keys() {
            let value =
                |metrics: &EpochMetrics| metrics.coefficients.get(block)?.get(name).copied();
            curves.push(Curve {
                name: format!("{block}.{name}"),
                points: history
                    .iter()
                    .filter_map(|metrics| Some((metrics.epoch as f64, value(metrics)?)))
                    .collect(),
            });
        }
    }
    let chart = Chart {
        title,
        unit: "coefficient",
        curves,
        floor: None,
        ceiling: None,
    };
    self::chart(&chart).map(Some)
}

struct Chart<'a> {
    title: &'a str,
    unit: &'a str,
    curves: Vec<Curve>,
    floor: Option<f64>,
    ceiling: Option<f64>,
}

struct Curve {
    name: String,
    /// Epoch and value.
    points: Vec<(f64, f64)>,
}

fn curve(name: &str, history: &[EpochMetrics], value: impl Fn(&EpochMetrics) -> f64) -> Curve {
    Curve {
        name: name.to_owned(),
        points: history
            .iter()
            .map(|metrics| (metrics.epoch as f64, value(metrics)))
            .collect(),
    }
}

fn chart(chart: &Chart<'_>) -> Result<String, String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    draw(&area, chart).map_err(|error| error.to_string())?;
    area.present().map_err(|error| error.to_string())?;
    drop(area);
    Ok(svg)
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw<'a>(
    area: &Canvas<'a>,
    content: &Chart<'_>,
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
    area.fill(&WHITE)?;
    let ends = content
        .curves
        .iter()
        .filter_map(|curve| Some(curve.points.last()?.0));
    let last = ends.fold(1.0, f64::max);
    // A single epoch still needs an axis with a length.
    let epochs = 1.0..last.max(2.0);
    let mut chart = ChartBuilder::on(area)
        .caption(content.title, (FONT, 18))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(epochs, content.range())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(BLACK)
        .label_style((FONT, 13))
        .axis_desc_style((FONT, 14))
        .x_desc("epoch")
        .y_desc(content.unit)
        .x_labels((last as usize).clamp(2, 11))
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .y_labels(8)
        .draw()?;
    for (index, (curve, colour)) in content
        .curves
        .iter()
        .zip(PALETTE.iter().cycle())
        .enumerate()
    {
        let width = if index % 2 == 0 { 2 } else { 4 };
        let style = ShapeStyle::from(*colour).stroke_width(width);
        chart
            .draw_series(LineSeries::new(curve.points.iter().copied(), style))?
            .label(curve.name.as_str())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], style));
    }
    if content.curves.len() > MAX_LEGEND {
        return Ok(());
    }
    let corner = if content.floor.is_some() {
        SeriesLabelPosition::UpperRight
    } else {
        SeriesLabelPosition::LowerRight
    };
    chart
        .configure_series_labels()
        .position(corner)
        .margin(14)
        .legend_area_size(30)
        .label_font((FONT, 14).into_font().transform(FontTransform::None))
        .background_style(WHITE)
        .border_style(GRID)
        .draw()
}

impl Chart<'_> {
    /// The values from the lowest to the highest with a little air, never beyond what is possible.
    fn range(&self) -> std::ops::Range<f64> {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let low = points().fold(f64::INFINITY, |low, point| low.min(point.1));
        let high = points().fold(f64::NEG_INFINITY, |high, point| high.max(point.1));
        if !low.is_finite() || !high.is_finite() {
            return 0.0..1.0;
        }
        let air = ((high - low) * 0.05).max(1e-3);
        let low = self.floor.unwrap_or(low - air);
        let high = self.ceiling.unwrap_or(high + air);
        low..high
    }
}
