//! A benchmark as text.

use horesnet_train::benchmark::{Part, Work};

use super::machine::Machine;
use super::{Network, Report, Speed};
use crate::report::{count, grouped};

pub(super) const CONVOLUTION: Part = Part::Work(Work::Convolution);
pub(super) const COMBINATIONS: Part = Part::Work(Work::Combination);

/// Returns the name of a part of a step.
pub(super) const fn name(part: Part) -> &'static str {
    match part {
        Part::Work(Work::Convolution) => "convolution",
        Part::Work(Work::Normalisation) => "normalisation",
        Part::Work(Work::Combination) => "combinations",
        Part::Work(Work::Optimiser) => "optimiser",
        Part::Work(Work::Other) => "other",
        Part::Data => "waiting for images",
    }
}

pub(super) fn text(report: &Report) -> String {
    let (step, floor) = (&report.step, &report.floor);
    let mut lines = vec![
        format!("machine      {}", machine(&report.machine)),
        format!("network      {}", network(&report.network)),
        format!("training     {}", speed(&report.training, "a step")),
        format!("evaluation   {}", speed(&report.evaluation, "at once")),
        String::new(),
        format!("{:<22}{:>12}{:>10}", "training step", "ms", "share"),
    ];
    for part in &step.parts {
        lines.push(row(part.name, part.seconds, part.share));
    }
    let steps = count(step.measured, "step");
    lines.push(row("total", step.seconds, 1.0) + &format!("   mean of {steps}"));
    lines.push(String::new());
    lines.push(format!(
        "{:<22}{:>12}{:>12}{:>9}",
        "floor", "ms", "measured", "ratio"
    ));
    for (name, bound, [unit, rate]) in [
        (
            "direct convolution",
            &floor.arithmetic,
            [" multiply-adds", "/s"],
        ),
        ("combinations", &floor.combinations, ["B", "B/s"]),
    ] {
        if let Some(ratio) = bound.ratio {
            let [work, speed] = [bound.work, bound.per_second].map(scaled);
            lines.push(format!(
                "{}   {work}{unit} at {speed}{rate}",
                bounded(name, bound.seconds, ratio)
            ));
        }
    }
    lines.push(bounded("whole step", floor.seconds, floor.ratio));
    lines.push(String::new());
    lines.push(format!(
        "A step takes {:.1} times as long as its arithmetic and combinations need at this machine's speed.",
        floor.ratio
    ));
    lines.join("\n") + "\n"
}

fn machine(machine: &Machine) -> String {
    let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
    let cores = machine.cores.map(|cores| count(cores, "core"));
    let limit = machine.max_cpu_isa.as_ref();
    let limit = limit.map(|isa| format!("HORESNET_MAX_CPU_ISA={isa}"));
    let parts = [
        Some(cpu.to_owned()),
        cores,
        Some(count(machine.threads, "thread")),
        Some(machine.instruction_set.to_owned()),
        limit,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn network(network: &Network) -> String {
    let [channels, height, width] = network.image;
    format!(
        "{}, depth {}, {} parameters, images of {channels}×{height}×{width}",
        network.scheme,
        network.depth,
        grouped(network.parameters)
    )
}

fn speed(speed: &Speed, batch: &str) -> String {
    let [rate, min, max] = [speed.images_per_second, speed.min, speed.max].map(rate);
    let size = speed.batch_size;
    format!("{rate:>9} images/s ({min} to {max}), {size} images {batch}")
}

/// Rates of at least 100 as whole numbers.
fn rate(rate: f64) -> String {
    if rate < 100.0 {
        return format!("{rate:.1}");
    }
    grouped(rate.round() as u64)
}

fn row(name: &str, seconds: f64, share: f64) -> String {
    format!("{name:<22}{:>12.3}{:>8.1} %", 1e3 * seconds, 100.0 * share)
}

/// A least time, the measured one, and their ratio.
fn bounded(name: &str, seconds: f64, ratio: f64) -> String {
    let [least, measured] = [seconds, seconds * ratio].map(|seconds| 1e3 * seconds);
    format!("{name:<22}{least:>12.3}{measured:>12.3}{ratio:>9.2}")
}

/// A number with three digits and the prefix of its unit.
fn scaled(number: f64) -> String {
    let prefixes = ["", "k", "M", "G", "T", "P"];
    let (mut number, mut at) = (number, 0);
    while number >= 999.5 && at + 1 < prefixes.len() {
        number /= 1000.0;
        at += 1;
    }
    let digits = match number {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{number:.digits$} {}", prefixes[at])
}

#[cfg(test)]
mod tests {
    use super::{rate, scaled};

    #[test]
    fn numbers_have_three_digits_and_a_prefix() {
        assert_eq!(scaled(1_234_567.0), "1.23 M");
        assert_eq!(scaled(999.7e9), "1.00 T");
        assert_eq!(scaled(95.4e9), "95.4 G");
        assert_eq!(scaled(12.0), "12.0 ");
        assert_eq!([rate(12.34), rate(12_345.6)], ["12.3", "12,346"]);
    }
}
