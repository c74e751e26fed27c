//! `report.html`: a self-contained page about a run, for screen and paper.

use serde_json::Value;

use super::summary::Summary;
use crate::drawing::page;
use crate::experiment::flatten;
use crate::run::charts;
use crate::training::EpochMetrics;

/// Returns the page of a run: its figures so far, its charts, its test if it has ended, its epochs, its configuration.
pub(crate) fn html(
    title: &str,
    summary: &Summary,
    configuration: &Value,
    history: &[EpochMetrics],
    test: &[String],
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
    body.extend_from_slice(test);
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
    ];
    if let Some((epoch, accuracy)) = summary.best_epoch.zip(summary.val_accuracy) {
        let text = format!("{} after epoch {epoch}", percent(accuracy));
        figures.push(("validation accuracy", text));
    }
    if let Some(accuracy) = summary.test_accuracy {
        figures.push(("test accuracy", percent(accuracy)));
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
    let held_out = charts::held_out(history);
    let head = [
        "epoch",
        "learning rate",
        "training loss",
        "training accuracy (%)",
        &format!("{held_out} loss"),
        &format!("{held_out} accuracy (%)"),
        "seconds",
    ];
    let row = |metrics: &EpochMetrics| {
        vec![
            metrics.epoch.to_string(),
            format!("{:.5}", metrics.lr),
            format!("{:.4}", metrics.train_loss),
            format!("{:.2}", 100.0 * metrics.train_accuracy),
            format!("{:.4}", metrics.held_out().loss),
            format!("{:.2}", 100.0 * metrics.held_out().accuracy),
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
                val_loss: Some(1.5 / epoch as f64),
                val_accuracy: Some(if epoch == 2 { 0.75 } else { 0.7 }),
                test_loss: None,
                test_accuracy: None,
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
            best_epoch: Some(2),
            val_accuracy: Some(0.75),
            test_accuracy: Some(0.7),
            device: "cpu".to_owned(),
            precision: Precision::Full,
            run: "runs/a".to_owned(),
        };
        let configuration = serde_json::json!({"data": data, "training": {"epochs": 4}});
        html(data, &summary, &configuration, &history, &[])
    }

    #[test]
    fn the_page_has_figures_charts_and_configuration() {
        let page = page("digits");
        for expected in [
            "<th>epochs</th><td>3 of 4</td>",
            "<th>test accuracy</th><td>70.00 %</td>",
            "<th>validation accuracy</th><td>75.00 % after epoch 2</td>",
            "<th>validation accuracy (%)</th>",
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
