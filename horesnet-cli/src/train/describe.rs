//! `horesnet train --describe`: the cost of a network beside a network of Euler blocks with the same layers.

use std::io::{self, Write, stdout};
use std::process::ExitCode;

use horesnet_train::complexity::{Comparison, Complexity, Figures};
use horesnet_train::{ExperimentConfig, data};

use crate::{CommandResult, report};

/// Prints the table, or one line of JSON.
pub(super) fn print(config: &ExperimentConfig, json: bool) -> CommandResult {
    let image = data::load(&config.data, config.data_dir.as_deref())?
        .train
        .image_shape();
    let costs = Comparison::of(&config.network, image, config.training.batch_size)?;
    if json {
        report::json(&costs)?;
    } else {
        report::sent(write(&costs))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(costs: &Comparison) -> io::Result<()> {
    let Comparison {
        network,
        euler,
        batch,
        image: [channels, height, width],
    } = costs;
    let mut rows = vec![heading()];
    rows.extend(repeated(&network.parts));
    rows.push(row(
        format!("network, {}", network.scheme),
        &network.network,
    ));
    if let Some(euler) = euler {
        rows.push(row(
            format!("same layers, {}", euler.scheme),
            &euler.network,
        ));
        rows.push(ratios(network, euler));
    }
    let mut out = stdout().lock();
    writeln!(
        out,
        "depth {}, images of {channels}×{height}×{width}, training steps of {batch} images\n",
        network.depth
    )?;
    let widths = [0, 1, 2, 3, 4, 5].map(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    for [name, figures @ ..] in &rows {
        write!(out, "{name:<0$}", widths[0])?;
        for (figure, width) in figures.iter().zip(&widths[1..]) {
            write!(out, "  {figure:>width$}")?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "\nmultiply-adds: forward pass, per image. saved: activations kept for the backward pass. stages: values a block holds\n\
         while it runs. peak: most activations and gradients at once in a step. Sizes are for training in f32 on a CPU."
    )?;
    if euler.is_none() {
        writeln!(
            out,
            "The stages of a block share their layers, so no network of Euler blocks has the same layers."
        )?;
    }
    Ok(())
}

type Row = [String; 6];

fn heading() -> Row {
    [
        "part",
        "parameters",
        "multiply-adds",
        "saved",
        "stages",
        "peak",
    ]
    .map(str::to_owned)
}

/// Merges consecutive blocks of equal cost into one row.
fn repeated(parts: &[Figures]) -> Vec<Row> {
    let costs = |a: &Figures| {
        let counts = (a.parameters, a.multiply_adds);
        (counts, a.saved_bytes, a.stages_bytes, a.peak_bytes)
    };
    let runs = parts.chunk_by(|a, b| costs(a) == costs(b));
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
    [
        name,
        grouped(figures.parameters),
        grouped(figures.multiply_adds),
        bytes(figures.saved_bytes),
        bytes(figures.stages_bytes),
        bytes(figures.peak_bytes),
    ]
}

/// The figures of the network divided by those of Euler blocks.
fn ratios(network: &Complexity, euler: &Complexity) -> Row {
    let (a, b) = (&network.network, &euler.network);
    let ratio = |a: u64, b: u64| format!("×{:.3}", a as f64 / b as f64);
    let known = |a: Option<u64>, b: Option<u64>| {
        a.zip(b)
            .map_or_else(|| "–".to_owned(), |(a, b)| ratio(a, b))
    };
    [
        "ratio".to_owned(),
        ratio(a.parameters, b.parameters),
        ratio(a.multiply_adds, b.multiply_adds),
        known(a.saved_bytes, b.saved_bytes),
        known(a.stages_bytes, b.stages_bytes),
        known(a.peak_bytes, b.peak_bytes),
    ]
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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
