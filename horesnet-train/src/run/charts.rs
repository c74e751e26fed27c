//! Charts of a run over its epochs, as SVG.

use crate::drawing::{Chart, Series};
use crate::training::EpochMetrics;

/// The limits of numbers that are not negative.
const LIMITS: [f64; 2] = [0.0, f64::INFINITY];

/// Returns the images by which epochs are scored.
pub(crate) fn held_out(history: &[EpochMetrics]) -> &'static str {
    let is_validated = history.iter().any(EpochMetrics::is_validated);
    if is_validated { "validation" } else { "test" }
}

/// Draws the losses of training and of held-out images.
pub(crate) fn loss(history: &[EpochMetrics], title: &str) -> String {
    let series = vec![
        series("training", history, |m| Some(m.train_loss)),
        series(held_out(history), history, |m| Some(m.held_out().loss)),
    ];
    chart(title, "loss (nats)", LIMITS, Some(0.0), series)
}

/// Draws the accuracies of training and of held-out images.
pub(crate) fn accuracy(history: &[EpochMetrics], title: &str) -> String {
    let series = vec![
        series("training", history, |m| Some(100.0 * m.train_accuracy)),
        series(held_out(history), history, |m| {
            Some(100.0 * m.held_out().accuracy)
        }),
    ];
    chart(title, "accuracy (%)", [0.0, 100.0], Some(100.0), series)
}

/// Draws the learning rate at the end of each epoch.
pub(crate) fn learning_rate(history: &[EpochMetrics], title: &str) -> String {
    let series = vec![series("learning rate", history, |m| Some(m.lr))];
    chart(title, "learning rate", LIMITS, Some(0.0), series)
}

/// Draws the learned coefficients, if there are any.
pub(crate) fn coefficients(history: &[EpochMetrics], title: &str) -> Option<String> {
    let names = history.last()?.coefficients.iter();
    let names = names.flat_map(|(block, names)| names.keys().map(move |name| (block, name)));
    let series = names.map(|(block, name)| {
        series(&format!("{block}.{name}"), history, |metrics| {
            metrics.coefficients.get(block)?.get(name).copied()
        })
    });
    let series: Vec<_> = series.collect();
    let limits = [f64::NEG_INFINITY, f64::INFINITY];
    (!series.is_empty()).then(|| chart(title, "coefficient", limits, None, series))
}

fn series(
    name: &str,
    history: &[EpochMetrics],
    value: impl Fn(&EpochMetrics) -> Option<f64>,
) -> Series {
    let points = history.iter();
    let points = points.filter_map(|m| Some([m.epoch as f64, value(m)?, 0.0]));
    Series {
        name: name.to_owned(),
        points: points.collect(),
    }
}

fn chart(
    title: &str,
    unit: &str,
    limits: [f64; 2],
    reaches: Option<f64>,
    series: Vec<Series>,
) -> String {
    let chart = Chart {
        title,
        unit,
        limits,
        reaches,
        series,
    };
    chart.curves()
}
