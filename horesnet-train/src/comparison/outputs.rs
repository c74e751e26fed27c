//! Tables and pictures of a comparison.

use std::fmt::Write;
use std::iter;
use std::path::Path;

use crate::comparison::statistics::Statistic;
use crate::comparison::{ComparisonConfig, ComparisonRow, PairedDifference, differences};
use crate::drawing::{Chart, Series, page};
use crate::error::Result;
use crate::files::{csv, storage};
use crate::run::charts;
use crate::training::{EpochMetrics, Score};

/// Writes all outputs, in place of earlier ones.
pub(crate) fn write(path: &Path, config: &ComparisonConfig, rows: &[ComparisonRow]) -> Result<()> {
    let put = |name: &str, text: &str| storage::replace(&path.join(name), text.as_bytes());
    put("table.csv", &table_csv(rows))?;
    let found = differences(rows);
    put("table.md", &tables(rows, &found))?;
    put("differences.csv", &differences_csv(&found))?;
    put("curves.csv", &curves_csv(rows))?;
    let pictures = pictures(config, rows);
    for (name, svg) in &pictures {
        put(name, svg)?;
    }
    let (head, cells) = cells(rows);
    let mut body = vec![page::grid(&head, &cells)];
    let (head, cells) = difference_cells(&found);
    if !cells.is_empty() {
        body.extend([page::heading(DIFFERENCES), page::grid(&head, &cells)]);
    }
    body.extend(pictures.iter().map(|(_, svg)| page::figure(svg)));
    put("index.html", &page::html(&heading(config, rows), &body))
}

/// The heading of the differences.
const DIFFERENCES: &str = "Differences of test accuracy";

/// Names networks, data set, epochs and seeds.
fn heading(config: &ComparisonConfig, rows: &[ComparisonRow]) -> String {
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    let first = config.experiments.first().map(|(_, first)| first);
    let (data, epochs) = first.map_or(("", 0), |first| (&first.data, first.training.epochs));
    let plural =
        |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let (epochs, seeds) = (plural(epochs, "epoch"), plural(config.seeds.len(), "seed"));
    format!("{} on {data}, {epochs}, {seeds}", names.join(", "))
}

/// Returns tables in Markdown: a line for each experiment, and one for each pair.
#[must_use]
pub fn table(rows: &[ComparisonRow]) -> String {
    tables(rows, &differences(rows))
}

fn tables(rows: &[ComparisonRow], found: &[PairedDifference]) -> String {
    let (head, cells) = cells(rows);
    let mut text = markdown(head, &cells);
    let (head, cells) = difference_cells(found);
    if !cells.is_empty() {
        text.extend(["\n", DIFFERENCES, ":\n\n", &markdown(head, &cells)]);
    }
    text
}

fn markdown(head: Vec<String>, cells: &[Vec<String>]) -> String {
    let line = |cells: &Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = vec!["---".to_owned(); head.len()];
    [head, rule].iter().chain(cells).map(line).collect()
}

/// Returns the head and the cells of the table of differences.
fn difference_cells(found: &[PairedDifference]) -> (Vec<String>, Vec<Vec<String>>) {
    let head = [
        "networks",
        "difference (points)",
        "95 % interval",
        "McNemar p of each seed",
        "result",
    ];
    let signed = |share: f64| format!("{:+.2}", 100.0 * share + 0.0).replace('-', "−");
    let row = |found: &PairedDifference| {
        let [one, other] = &found.networks;
        let [low, high] = found.interval.map(signed);
        let text = |p: f64| {
            if p < 0.001 {
                format!("{p:.0e}")
            } else {
                format!("{p:.3}")
            }
        };
        let p = found.p_values.iter().map(|(_, p)| text(*p));
        let better = if found.difference > 0.0 { other } else { one };
        let result = match (found.is_significant(), found.p_values.len()) {
            (false, _) => "cannot be told apart".to_owned(),
            (true, 1) => format!("{better} is better with this seed"),
            (true, _) => format!("{better} is better"),
        };
        vec![
            format!("{other} − {one}"),
            signed(found.difference),
            format!("{low} to {high}"),
            p.collect::<Vec<_>>().join(", "),
            result,
        ]
    };
    let cells = found.iter().map(row).collect();
    (head.map(str::to_owned).into(), cells)
}

/// Returns a line for each pair of experiments.
fn differences_csv(found: &[PairedDifference]) -> String {
    let mut text = "network,other,difference,low,high,seed,p\n".to_owned();
    for found in found {
        let [one, other] = found.networks.each_ref().map(|name| csv::field(name));
        let ([low, high], difference) = (found.interval, found.difference);
        for (seed, p) in &found.p_values {
            let _ = writeln!(text, "{one},{other},{difference},{low},{high},{seed},{p}");
        }
    }
    text
}

/// Returns the head and the cells of the table.
fn cells(rows: &[ComparisonRow]) -> (Vec<String>, Vec<Vec<String>>) {
    let attacks = rows.first().map_or(&[][..], |row| &row.robustness);
    let head = [
        "network",
        "depth",
        "parameters",
        "test accuracy (%)",
        "test loss",
    ];
    let attacks = attacks.iter().map(|(attack, _)| format!("{attack} (%)"));
    let head = head.map(str::to_owned).into_iter().chain(attacks);
    let text = |found: Option<Statistic>, decimals| {
        found.map_or_else(String::new, |found| found.text(decimals))
    };
    let per_cent = |found: Option<Statistic>| text(found.map(Statistic::per_cent), 2);
    let row = |row: &ComparisonRow| {
        let name = match row.diverged {
            0 => row.name.clone(),
            some => {
                let all = some + row.histories.len();
                format!("{} ({some} of {all} diverged)", row.name)
            }
        };
        let mut cells = vec![
            name,
            row.depth.to_string(),
            row.parameters.to_string(),
            per_cent(row.tested(|score| score.accuracy)),
            text(row.tested(|score| score.loss), 4),
        ];
        cells.extend(row.robust_accuracies().map(per_cent));
        cells
    };
    (head.collect(), rows.iter().map(row).collect())
}

type Figure = fn(&EpochMetrics) -> f64;

/// The figures of the last epoch.
const FIGURES: [(&str, Figure); 2] = [
    ("train_accuracy", |m| m.train_accuracy),
    ("train_loss", |m| m.train_loss),
];

/// Returns a line for each experiment and figure: mean, standard deviation, number of seeds.
fn table_csv(rows: &[ComparisonRow]) -> String {
    let mut text = "network,depth,parameters,figure,mean,deviation,seeds\n".to_owned();
    for row in rows {
        let mut line = |figure: &str, values: &[f64]| {
            let Some(found) = Statistic::of(values.iter().copied()) else {
                return;
            };
            let deviation = found.deviation.map_or_else(String::new, |d| d.to_string());
            let _ = writeln!(
                text,
                "{},{},{},{},{},{deviation},{}",
                csv::field(&row.name),
                row.depth,
                row.parameters,
                csv::field(figure),
                found.mean,
                values.len()
            );
        };
        let tests = |value: fn(&Score) -> f64| row.tests.iter().map(value).collect::<Vec<_>>();
        line("test_accuracy", &tests(|score| score.accuracy));
        line("test_loss", &tests(|score| score.loss));
        for (name, of) in FIGURES {
            let last = row.histories.iter().filter_map(|run| run.last().map(of));
            line(name, &last.collect::<Vec<_>>());
        }
        for (attack, accuracies) in &row.robustness {
            line(&attack.to_string(), accuracies);
        }
        if row.diverged > 0 {
            line("diverged", &[row.diverged as f64]);
        }
    }
    text
}

/// Returns a line for each epoch of each run.
fn curves_csv(rows: &[ComparisonRow]) -> String {
    let head = "network,run,epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy,test_loss,test_accuracy,seconds\n";
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut text = head.to_owned();
    for row in rows {
        for (run, history) in row.histories.iter().enumerate() {
            for m in history {
                let _ = writeln!(
                    text,
                    "{},{run},{},{},{},{},{},{},{},{},{}",
                    csv::field(&row.name),
                    m.epoch,
                    m.lr,
                    m.train_loss,
                    m.train_accuracy,
                    number(m.val_loss),
                    number(m.val_accuracy),
                    number(m.test_loss),
                    number(m.test_accuracy),
                    m.seconds
                );
            }
        }
    }
    text
}

fn pictures(config: &ComparisonConfig, rows: &[ComparisonRow]) -> Vec<(&'static str, String)> {
    let seeds = rows.iter().map(|row| row.histories.len());
    let seeds = seeds.max().unwrap_or(0);
    let first = config.experiments.first();
    let data = first.map_or("", |(_, experiment)| &experiment.data);
    let title = |what: &str, spread: &str| match seeds {
        0 | 1 => format!("{data}: {what}, one seed"),
        _ => format!("{data}: {what}, mean of {seeds} seeds, {spread} of one standard deviation"),
    };
    let curves = |what: &str, unit: &str, highest: f64, value: Figure| {
        let curve = |row| series(row, 1, row.curve(value).into_iter().map(Some));
        let chart = Chart {
            title: &title(what, "band"),
            unit,
            limits: [0.0, highest],
            reaches: None,
            series: rows.iter().map(curve).collect(),
        };
        chart.curves()
    };
    let mut histories = rows.iter().flat_map(|row| &row.histories);
    let held_out = histories
        .next()
        .map_or("test", |history| charts::held_out(history));
    let what = format!("{held_out} accuracy");
    let accuracy: Figure = |m| 100.0 * m.held_out().accuracy;
    let accuracy = curves(&what, &format!("{what} (%)"), 100.0, accuracy);
    let (unit, highest) = ("training loss (nats)", f64::INFINITY);
    let loss = curves("training loss", unit, highest, |m| m.train_loss);
    let mut pictures = vec![("accuracy.svg", accuracy), ("loss.svg", loss)];
    if !config.attacks.is_empty() {
        let mut columns = vec!["unperturbed".to_owned()];
        columns.extend(config.attacks.iter().map(ToString::to_string));
        let dots = |row: &ComparisonRow| {
            let unperturbed = iter::once(row.tested(|score| score.accuracy));
            let all = unperturbed.chain(row.robust_accuracies());
            series(row, 0, all.map(|found| found.map(Statistic::per_cent)))
        };
        let chart = Chart {
            title: &title("accuracy on perturbed test images", "bar"),
            unit: "accuracy (%)",
            limits: [0.0, 100.0],
            reaches: None,
            series: rows.iter().map(dots).collect(),
        };
        pictures.push(("robustness.svg", chart.dots(&columns)));
    }
    pictures
}

/// The statistics of an experiment, numbered from `first`.
fn series(row: &ComparisonRow, first: u32, all: impl Iterator<Item = Option<Statistic>>) -> Series {
    let points = (first..).map(f64::from).zip(all);
    let points = points.filter_map(|(at, found)| {
        let Statistic { mean, deviation } = found?;
        Some([at, mean, deviation.unwrap_or(0.0)])
    });
    Series {
        name: row.name.clone(),
        points: points.collect(),
    }
}
