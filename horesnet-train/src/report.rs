//! `report.html`: a run on one page that needs nothing else, on screen and on paper.

use std::fmt::{self, Display, Write};

use serde_json::Value;

use crate::charts;
use crate::experiment::Summary;
use crate::training::EpochMetrics;

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1rem 0; background: #fff; border-radius: 6px; break-inside: avoid; }
svg { display: block; max-width: 100%; height: auto; margin: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print { :root { color-scheme: light; } body { margin: 0; max-width: none; } }
";

/// The page of a run: its figures so far, its charts, its epochs, its configuration.
pub(crate) fn html(
    title: &str,
    summary: &Summary,
    configuration: &Value,
    history: &[EpochMetrics],
) -> Result<String, String> {
    let mut charts = vec![
        charts::loss(history, "Loss")?,
        charts::accuracy(history, "Accuracy")?,
        charts::learning_rate(history, "Learning rate")?,
    ];
    charts.extend(charts::coefficients(history, "Learned coefficients")?);
    let mut page = String::new();
    let write = |page: &mut String| -> fmt::Result {
        let title = Escaped(title);
        writeln!(
            page,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
        )?;
        writeln!(
            page,
            "<meta name=\"viewport\" content=\"width=device-width\">"
        )?;
        writeln!(
            page,
            "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>"
        )?;
        writeln!(page, "<body>\n<h1>{title}</h1>")?;
        table(page, &figures(summary, configuration, history))?;
        for chart in &charts {
            writeln!(page, "<figure>\n{chart}\n</figure>")?;
        }
        epochs(page, history)?;
        writeln!(page, "<h2>Configuration</h2>")?;
        let mut settings = Vec::new();
        flatten("", configuration, &mut settings);
        table(page, &settings)?;
        writeln!(page, "</body>\n</html>")
    };
    write(&mut page).map_err(|error| error.to_string())?;
    Ok(page)
}

/// What the run has come to.
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
    let mut figures: Vec<_> = figures
        .into_iter()
        .map(|(name, figure)| (name.to_owned(), figure))
        .collect();
    for (block, coefficients) in history.last().iter().flat_map(|last| &last.coefficients) {
        for (name, value) in coefficients {
            figures.push((format!("{block}.{name}"), format!("{value:.6}")));
        }
    }
    figures
}

fn epochs(page: &mut String, history: &[EpochMetrics]) -> fmt::Result {
    writeln!(page, "<h2>Epochs</h2>\n<table>\n<tr>")?;
    for head in [
        "epoch",
        "learning rate",
        "training loss",
        "training accuracy (%)",
        "test loss",
        "test accuracy (%)",
        "seconds",
    ] {
        writeln!(page, "<th>{head}</th>")?;
    }
    writeln!(page, "</tr>")?;
    for metrics in history {
        write!(page, "<tr><td class=\"number\">{}</td>", metrics.epoch)?;
        for (value, digits) in [
            (metrics.lr, 5),
            (metrics.train_loss, 4),
            (100.0 * metrics.train_accuracy, 2),
            (metrics.test_loss, 4),
            (100.0 * metrics.test_accuracy, 2),
            (metrics.seconds, 1),
        ] {
            write!(page, "<td class=\"number\">{value:.digits$}</td>")?;
        }
        writeln!(page, "</tr>")?;
    }
    writeln!(page, "</table>")
}

fn table(page: &mut String, rows: &[(String, String)]) -> fmt::Result {
    writeln!(page, "<table>")?;
    for (name, value) in rows {
        let (name, value) = (Escaped(name), Escaped(value));
        writeln!(page, "<tr><th>{name}</th><td>{value}</td></tr>")?;
    }
    writeln!(page, "</table>")
}

/// Every setting with the way to it.
fn flatten(path: &str, value: &Value, settings: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(&format!("{path}{dot}{key}"), value, settings);
            }
        }
        Value::String(text) => settings.push((path.to_owned(), text.clone())),
        value => settings.push((path.to_owned(), value.to_string())),
    }
}

/// Text that is no markup.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

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
            run: "runs/a".to_owned(),
        };
        let configuration = serde_json::json!({"data": data, "training": {"epochs": 4}});
        html(data, &summary, &configuration, &history).unwrap()
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
