//! Loss and accuracy over the epochs as SVG.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;

use crate::training::EpochMetrics;

const SIZE: (u32, u32) = (720, 450);
/// Blue and vermilion of Okabe and Ito's palette, which people with any colour vision tell apart; the line of the test
/// is also thicker, for print in grey.
const TRAIN: RGBColor = RGBColor(0, 114, 178);
const TEST: RGBColor = RGBColor(213, 94, 0);
const GRID: RGBColor = RGBColor(225, 225, 225);
const FONT: &str = "Helvetica, Arial, sans-serif";

/// `loss.svg`: the losses of training and test.
pub(crate) fn loss(history: &[EpochMetrics], title: &str) -> Result<String, String> {
    chart(&Curves {
        title,
        unit: "loss (nats)",
        train: points(history, |metrics| metrics.train_loss),
        test: points(history, |metrics| metrics.test_loss),
        floor: Some(0.0),
        ceiling: None,
    })
}

/// `accuracy.svg`: the accuracies of training and test.
pub(crate) fn accuracy(history: &[EpochMetrics], title: &str) -> Result<String, String> {
    chart(&Curves {
        title,
        unit: "accuracy (%)",
        train: points(history, |metrics| 100.0 * metrics.train_accuracy),
        test: points(history, |metrics| 100.0 * metrics.test_accuracy),
        floor: None,
        ceiling: Some(100.0),
    })
}

struct Curves<'a> {
    title: &'a str,
    unit: &'a str,
    train: Vec<(f64, f64)>,
    test: Vec<(f64, f64)>,
    floor: Option<f64>,
    ceiling: Option<f64>,
}

fn points(history: &[EpochMetrics], value: impl Fn(&EpochMetrics) -> f64) -> Vec<(f64, f64)> {
    history
        .iter()
        .map(|metrics| (metrics.epoch as f64, value(metrics)))
        .collect()
}

fn chart(curves: &Curves<'_>) -> Result<String, String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    draw(&area, curves).map_err(|error| error.to_string())?;
    area.present().map_err(|error| error.to_string())?;
    drop(area);
    Ok(svg)
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw<'a>(
    area: &Canvas<'a>,
    curves: &Curves<'_>,
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
    area.fill(&WHITE)?;
    let last = curves.train.last().map_or(1.0, |point| point.0);
    // A single epoch still needs an axis with a length.
    let epochs = 1.0..last.max(2.0);
    let mut chart = ChartBuilder::on(area)
        .caption(curves.title, (FONT, 18))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(epochs, curves.range())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(BLACK)
        .label_style((FONT, 13))
        .axis_desc_style((FONT, 14))
        .x_desc("epoch")
        .y_desc(curves.unit)
        .x_labels((last as usize).clamp(2, 11))
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .y_labels(8)
        .draw()?;
    for (name, points, colour, width) in [
        ("training", &curves.train, TRAIN, 2),
        ("test", &curves.test, TEST, 4),
    ] {
        let style = ShapeStyle::from(colour).stroke_width(width);
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], style));
    }
    let corner = if curves.floor.is_some() {
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

impl Curves<'_> {
    /// The values from the lowest to the highest with a little air, never beyond what is possible.
    fn range(&self) -> std::ops::Range<f64> {
        let values = || self.train.iter().chain(&self.test).map(|point| point.1);
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() {
            return 0.0..1.0;
        }
        let air = ((high - low) * 0.05).max(1e-3);
        let low = self.floor.unwrap_or(low - air);
        let high = self.ceiling.unwrap_or(high + air);
        low..high
    }
}
