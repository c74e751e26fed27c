//! `horesnet train --describe`: the cost of a network beside a network of Euler blocks with the same layers.

use std::process::ExitCode;

use horesnet_train::ExperimentConfig;
use horesnet_train::complexity::{Comparison, Figures};

use crate::CommandResult;
use crate::report::{self, grouped};

/// Prints the table, or one line of JSON, of an experiment that is [fitted](ExperimentConfig::fitted) to its data set.
pub(super) fn print(config: &ExperimentConfig, json: bool) -> CommandResult {
    let info = config.model.as_ref().ok_or("the images are not measured")?;
    let batch = config.training.batch_size;
    let (image, recompute) = (info.input_size, config.training.recompute);
    let costs = Comparison::recomputing(&config.network, image, batch, recompute)?;
    if json {
        report::json(&costs)?;
    } else {
        report::print(text(&costs))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(costs: &Comparison) -> String {
    let Comparison {
        network,
        euler,
        batch,
        image: [channels, height, width],
        recompute,
        modes,
    } = costs;
    let mut rows = vec![HEADING.map(str::to_owned)];
    rows.extend(repeated(&network.parts));
    let name = format!("network, {}", network.scheme);
    rows.push(row(name, &network.network));
    if let Some(euler) = euler {
        let name = format!("same layers, {}", euler.scheme);
        rows.push(row(name, &euler.network));
        rows.push(ratios(&network.network, &euler.network));
    }
    let mut lines = vec![format!(
        "depth {}, images of {channels}×{height}×{width}, training steps of {batch} images\n",
        network.depth
    )];
    lines.extend(aligned(&rows));
    lines.push("\nmultiply-adds: forward pass, per image. saved: activations kept for the backward pass. stages: values a block holds\n\
         while it runs. peak: most activations and gradients at once in a step. Sizes are for training in f32 on a CPU.".to_owned());
    let mut rows = vec![["recompute", "kept", "peak", "forward passes"].map(str::to_owned)];
    rows.extend(modes.iter().map(|mode| {
        let chosen = if mode.recompute == *recompute {
            " *"
        } else {
            ""
        };
        [
            format!("{}{chosen}", mode.recompute),
            bytes(mode.saved_bytes),
            bytes(mode.peak_bytes),
            format!("{:.2}", mode.passes),
        ]
    }));
    lines.push(String::new());
    lines.extend(aligned(&rows));
    lines.push("\nkept: between forward and backward pass. forward passes: the work of a step, of which a backward pass is two.\n\
         *: as above; the network of Euler blocks recomputes nothing. Weights are the same to the bit with each.".to_owned());
    if euler.is_none() {
        lines.push("The stages of a block share their layers, so no network of Euler blocks has the same layers.".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Rows of columns as wide as they must be, the first to the left.
fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    rows.iter().map(line).collect()
}

type Row = [String; 6];

const HEADING: [&str; 6] = [
    "part",
    "parameters",
    "multiply-adds",
    "saved",
    "stages",
    "peak",
];

/// The figures in the order of the columns.
fn numbers(of: &Figures) -> [Option<u64>; 5] {
    let counts = [of.parameters, of.multiply_adds].map(Some);
    [
        counts[0],
        counts[1],
        of.saved_bytes,
        of.stages_bytes,
        of.peak_bytes,
    ]
}

/// Merges consecutive blocks of equal cost into one row.
fn repeated(parts: &[Figures]) -> Vec<Row> {
    let runs = parts.chunk_by(|a, b| numbers(a) == numbers(b));
    let rows = runs.filter_map(|run| match run {
        [] => None,
        [one] => Some(row(one.name.clone(), one)),
        [first, .., last] => {
            let name = format!("{} to {}, each", first.name, last.name);
            Some(row(name, first))
        }
    });
    rows.collect()
}

fn row(name: String, figures: &Figures) -> Row {
    let [.., saved, stages, peak] = numbers(figures).map(bytes);
    let [parameters, multiply_adds] = [figures.parameters, figures.multiply_adds].map(grouped);
    [name, parameters, multiply_adds, saved, stages, peak]
}

/// The figures of the network divided by those of Euler blocks.
fn ratios(network: &Figures, euler: &Figures) -> Row {
    let (network, euler) = (numbers(network), numbers(euler));
    std::array::from_fn(|column| match column.checked_sub(1) {
        None => "ratio".to_owned(),
        Some(at) => match network[at].zip(euler[at]) {
            None => "–".to_owned(),
            Some((a, b)) => format!("×{:.3}", a as f64 / b as f64),
        },
    })
}

fn bytes(number: Option<u64>) -> String {
    match number {
        None => "–".to_owned(),
        Some(0) => "0".to_owned(),
        Some(bytes) if bytes < 1 << 20 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        Some(bytes) if bytes < 1 << 30 => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        Some(bytes) => format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30)),
    }
}
