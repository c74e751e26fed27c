//! Pictures of a comparison: curves with bands over the epochs, and accuracies on disturbed images.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;

use super::statistics::Statistic;
use crate::run::charts::{FONT, GRID, PALETTE, SIZE};

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

/// The values there can be of a share in per cent.
pub(super) const PER_CENT: Limits = [0.0, 100.0];

/// The values there can be of a loss.
pub(super) const LOSS: Limits = [0.0, f64::INFINITY];

/// The lowest and highest value there can be: where a mean with its deviation passes it, the picture ends there.
type Limits = [f64; 2];

/// A line of a picture.
pub(super) struct Series {
    pub(super) name: String,
    /// Where, and what there.
    pub(super) points: Vec<(f64, Statistic)>,
}

/// Curves over the epochs, each with a band of one standard deviation to either side.
pub(super) fn curves(
    title: &str,
    unit: &str,
    limits: Limits,
    series: &[Series],
) -> Result<String, String> {
    svg(|area| {
        let last = extreme(series.iter().flat_map(|s| &s.points).map(|p| p.0), f64::max);
        let mut chart = ChartBuilder::on(area)
            .caption(title, (FONT, 18))
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(1.0..last.max(2.0), range(series, limits))?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .label_style((FONT, 13))
            .axis_desc_style((FONT, 14))
            .x_desc("epoch")
            .y_desc(unit)
            .x_labels((last as usize).clamp(2, 11))
            .x_label_formatter(&|epoch| format!("{epoch:.0}"))
            .y_labels(8)
            .draw()?;
        for (line, colour) in series.iter().zip(PALETTE.iter().cycle()) {
            let border = |sign: f64| {
                let points = line.points.iter();
                points.map(move |(x, y)| (*x, edge(y, sign, limits)))
            };
            let band: Vec<_> = border(1.0).chain(border(-1.0).rev()).collect();
            chart.draw_series(std::iter::once(Polygon::new(band, colour.mix(0.15))))?;
        }
        for (line, colour) in series.iter().zip(PALETTE.iter().cycle()) {
            let style = ShapeStyle::from(colour).stroke_width(2);
            let points = line.points.iter().map(|(x, y)| (*x, y.mean));
            chart
                .draw_series(LineSeries::new(points, style))?
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], style));
        }
        let rising = series.iter().any(|line| match line.points.as_slice() {
            [(_, first), .., (_, last)] => last.mean > first.mean,
            _ => false,
        });
        let corner = if rising {
            SeriesLabelPosition::LowerRight
        } else {
            SeriesLabelPosition::UpperRight
        };
        chart
            .configure_series_labels()
            .position(corner)
            .margin(14)
            .legend_area_size(30)
            .label_font((FONT, 14).into_font().transform(FontTransform::None))
            .background_style(WHITE.mix(0.8))
            .border_style(GRID)
            .draw()
    })
}

/// A column for each of `columns`, in it a dot a series with a bar of one standard deviation to either side.
pub(super) fn dots(
    title: &str,
    unit: &str,
    columns: &[String],
    limits: Limits,
    series: &[Series],
) -> Result<String, String> {
    svg(|area| {
        let count = columns.len();
        let mut chart = ChartBuilder::on(area)
            .caption(title, (FONT, 18))
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(
                (0..count.saturating_sub(1)).into_segmented(),
                range(series, limits),
            )?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .label_style((FONT, 13))
            .axis_desc_style((FONT, 14))
            .y_desc(unit)
            .x_labels(count)
            .x_label_formatter(&|at| match at {
                SegmentValue::CenterOf(at) => columns.get(*at).cloned().unwrap_or_default(),
                _ => String::new(),
            })
            .y_labels(8)
            .draw()?;
        // Dots of one column stand side by side, on six tenths of its width.
        let (width, _) = chart.plotting_area().dim_in_pixel();
        let step =
            (f64::from(width) / count.max(1) as f64 * 0.6 / series.len().max(1) as f64) as i32;
        for (index, (line, colour)) in series.iter().zip(PALETTE.iter().cycle()).enumerate() {
            let aside = (2 * index as i32 + 1 - series.len() as i32) * step / 2;
            let style = ShapeStyle::from(colour).stroke_width(2);
            let marks: Vec<_> = line
                .points
                .iter()
                .map(|(x, y)| {
                    let at = SegmentValue::CenterOf(*x as usize);
                    let pixels = |value: f64| chart.backend_coord(&(at.clone(), value));
                    (
                        pixels(y.mean),
                        pixels(edge(y, -1.0, limits)),
                        pixels(edge(y, 1.0, limits)),
                    )
                })
                .collect();
            let root = area.strip_coord_spec();
            for ((x, mean), (_, low), (_, high)) in marks {
                root.draw(&PathElement::new(
                    [(x + aside, low), (x + aside, high)],
                    style,
                ))?;
                root.draw(&Circle::new((x + aside, mean), 5, colour.filled()))?;
            }
            chart
                .draw_series(std::iter::empty::<Circle<(SegmentValue<usize>, f64), i32>>())?
                .label(&line.name)
                .legend(move |(x, y)| Circle::new((x + 11, y), 5, style.filled()));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .margin(14)
            .legend_area_size(30)
            .label_font((FONT, 14).into_font().transform(FontTransform::None))
            .background_style(WHITE.mix(0.8))
            .border_style(GRID)
            .draw()
    })
}

fn svg(draw: impl FnOnce(&Canvas<'_>) -> Drawn<'static>) -> Result<String, String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(|error| error.to_string())?;
        draw(&area).map_err(|error| error.to_string())?;
        area.present().map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// The mean and one standard deviation to the side of `sign`, within `limits`.
fn edge(y: &Statistic, sign: f64, [lowest, highest]: Limits) -> f64 {
    (y.mean + sign * y.deviation.unwrap_or(0.0)).clamp(lowest, highest)
}

/// From the lowest to the highest value with its deviation, and a little air.
fn range(series: &[Series], limits: Limits) -> std::ops::Range<f64> {
    let values = || series.iter().flat_map(|line| &line.points);
    let low = extreme(values().map(|(_, y)| edge(y, -1.0, limits)), f64::min);
    let high = extreme(values().map(|(_, y)| edge(y, 1.0, limits)), f64::max);
    if !low.is_finite() || !high.is_finite() {
        return 0.0..1.0;
    }
    let air = ((high - low) * 0.05).max(1e-3);
    (low - air).max(limits[0])..(high + air).min(limits[1])
}

fn extreme(values: impl Iterator<Item = f64>, of: fn(f64, f64) -> f64) -> f64 {
    values.reduce(of).unwrap_or(f64::NAN)
}
