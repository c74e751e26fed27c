//! `report.html`: a self-contained page about a run, for screen and paper.

use serde_json::Value;

use super::summary::Summary;
use crate::experiment::flatten;
use crate::run::{charts, page};
use crate::training::EpochMetrics;

/// Returns the page of a run: its figures so far, its charts, its epochs, its configuration.
pub(crate) fn html(
    title: &str,
    summary: &Summary,
    configuration: &Value,
    history: &[EpochMetrics],
) -> String {
    let mut charts = vec![
        charts::loss(history, "Loss"),
        charts::accuracy(history, "Accuracy"),
        charts::learning_rate(history, "Learning rate"),
    ];
    charts.extend(charts::coefficients(history, "Learned coefficients"));
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let settings = flatten(configuration).into_iter();
    let settings: Vec<_> = settings.map(|(name, value)| (name, text(value))).collect();
    let mut body = vec![page::table(&figures(summary, configuration, history))];
    body.extend(charts.iter().map(|svg| page::figure(svg)));
    body.extend([
        page::heading("Epochs"),
        epochs(history),
        page::heading("Configuration"),
        page::table(&settings),
    ]);
    page::html(title, &body)
}

/// Returns the figures of the run so far.
fn figures(
    summary: &Summary,
    configuration: &Value,
    history: &[EpochMetrics],
) -> Vec<(String, String)> {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let planned = configuration.pointer("/training/epochs");
    let mut figures = vec![
        ("scheme", summary.scheme.clone()),
        ("coefficients", summary.coefficients.clone()),
        ("depth", summary.depth.to_string()),
        ("parameters", summary.parameters.to_string()),
        (
            "epochs",
            format!("{} of {}", summary.epochs, planned.unwrap_or(&Value::Null)),
        ),
        ("time", format!("{:.1} s", summary.seconds)),
        ("training loss", format!("{:.4}", summary.train_loss)),
        ("test accuracy", percent(summary.test_accuracy)),
    ];
    let best = history
        .iter()
        .rev()
        .max_by(|a, b| a.test_accuracy.total_cmp(&b.test_accuracy));
    if let Some(best) = best {
        let text = format!("{} in epoch {}", percent(best.test_accuracy), best.epoch);
        figures.push(("best test accuracy", text));
    }
    let owned = |(name, figure): (&str, String)| (name.to_owned(), figure);
    let mut figures: Vec<_> = figures.into_iter().map(owned).collect();
    for (block, coefficients) in history.last().iter().flat_map(|last| &last.coefficients) {
        for (name, value) in coefficients {
            figures.push((format!("{block}.{name}"), format!("{value:.6}")));
        }
    }
    figures
}

fn epochs(history: &[EpochMetrics]) -> String {
    let head = [
        "epoch",
        "learning rate",
        "training loss",
        "training accuracy (%)",
        "test loss",
        "test accuracy (%)",
        "seconds",
    ];
    let row = |metrics: &EpochMetrics| {
        vec![
            metrics.epoch.to_string(),
            format!("{:.5}", metrics.lr),
            format!("{:.4}", metrics.train_loss),
            format!("{:.2}", 100.0 * metrics.train_accuracy),
            format!("{:.4}", metrics.test_loss),
            format!("{:.2}", 100.0 * metrics.test_accuracy),
            format!("{:.1}", metrics.seconds),
        ]
    };
    let rows: Vec<_> = history.iter().map(row).collect();
    page::grid(&head.map(str::to_owned), &rows)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::precision::Precision;

    fn page(data: &str) -> String {
        let learned =
            BTreeMap::from([("group1.block1".to_owned(), [("h".to_owned(), 0.97)].into())]);
        let history: Vec<_> = (1..=3)
            .map(|epoch| EpochMetrics {
                epoch,
                lr: 0.1,
                train_loss: 1.0 / epoch as f64,
                train_accuracy: 0.5,
                test_loss: 1.5 / epoch as f64,
                test_accuracy: if epoch == 2 { 0.75 } else { 0.7 },
                coefficients: learned.clone(),
                seconds: 2.0,
            })
            .collect();
        let summary = Summary {
            scheme: "rk4".to_owned(),
            coefficients: "fixed(1)".to_owned(),
            depth: 26,
            parameters: 366_842,
            epochs: 3,
            seconds: 6.0,
            train_loss: 1.0 / 3.0,
            test_accuracy: 0.7,
            device: "cpu".to_owned(),
            precision: Precision::Full,
            run: "runs/a".to_owned(),
        };
        let configuration = serde_json::json!({"data": data, "training": {"epochs": 4}});
        html(data, &summary, &configuration, &history)
    }

    #[test]
    fn the_page_has_figures_charts_and_configuration() {
        let page = page("digits");
        for expected in [
            "<th>epochs</th><td>3 of 4</td>",
            "<th>test accuracy</th><td>70.00 %</td>",
            "<th>best test accuracy</th><td>75.00 % in epoch 2</td>",
            "<th>group1.block1.h</th><td>0.970000</td>",
            "<th>training.epochs</th><td>4</td>",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
        assert_eq!(page.matches("<svg").count(), 4);
    }

    #[test]
    fn the_page_needs_nothing_else() {
        let page = page("digits");
        for outside in ["src=", "href=", "@import", "url(", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn text_is_no_markup() {
        let page = page("<b>&\"");
        assert!(!page.contains("<b>"));
        assert!(page.contains("<title>&lt;b&gt;&amp;&quot;</title>"));
    }
}
