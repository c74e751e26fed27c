//! `horesnet bench`: the speed of a network on this machine, and where the time of a training step goes.
//! Measured by `horesnet_train::benchmark`; printed here.

mod machine;
mod table;

use std::process::ExitCode;

use clap::Args;
use horesnet_train::benchmark::{Benchmark, Floor, Part, Rates, benchmark};
use horesnet_train::{Error, complexity::Complexity};
use serde::Serialize;

use crate::interrupt::{INTERRUPTED, Interrupt};
use crate::train::Options;
use crate::{CommandResult, report};
use machine::Machine;

/// Measure the speed of a network on this machine
///
/// Takes the options of `horesnet train`, and trains that network on its data for a few seconds, without a run folder. Prints
/// images per second of training and evaluation, where the time of a training step goes, and the least time that this
/// machine's arithmetic and memory allow.
#[derive(Args)]
#[command(next_help_heading = "Benchmark")]
// They change nothing that is measured.
#[command(mut_arg("epochs", |option| option.hide(true)))]
#[command(mut_arg("patience", |option| option.hide(true)))]
#[command(mut_arg("checkpoint_every", |option| option.hide(true)))]
#[command(after_help = "\
Examples:
  horesnet bench
  horesnet bench --scheme verner8 --widths 16,32,64 --blocks 1,1,1 --batch-size 128
  horesnet bench --preset cifar --data-dir cifar-10-batches-bin --seconds 60
  horesnet bench --scheme mine.tab --json
  RAYON_NUM_THREADS=1 HORESNET_MAX_CPU_ISA=AVX2 horesnet bench

Rates are medians over rounds of training and evaluation in turn, with the least and the largest. The floor counts the \
multiply-adds of direct convolution. Convolutions of 3×3 use Winograd's method where it is faster; it needs fewer, so their \
time can be below the floor. Combinations, the weighted sums of stages and of gradients, are compared with a copy of as \
many bytes.")]
pub(crate) struct Bench {
    /// Measure for about N seconds in all
    #[arg(long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,

    /// Print the result as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    options: Options,
}

impl Bench {
    pub(crate) fn run(self) -> CommandResult {
        let (config, _) = self.options.experiment(1, |_| ())?;
        report::skipped(config.skipped()?);
        let split = config.load()?;
        let config = config.fitted_to(&split)?;
        let image = split.train.image_shape();
        let costs = Complexity::of(&config.network, image, config.training.batch_size)?;
        let interrupt = Interrupt::listen()?;
        let seconds = f64::from(self.seconds);
        let measured = match benchmark(&config, split, seconds, || interrupt.is_pressed()) {
            Err(Error::Interrupted { .. }) => return Ok(ExitCode::from(INTERRUPTED)),
            measured => measured?,
        };
        let result = Report::new(&measured, costs, image);
        if self.json {
            report::json(&result)?;
        } else {
            report::print(table::text(&result))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The result, as JSON has it.
#[derive(Serialize)]
struct Report {
    machine: Machine,
    network: Network,
    training: Speed,
    evaluation: Speed,
    step: Step,
    floor: Least,
}

#[derive(Serialize)]
struct Network {
    scheme: String,
    depth: usize,
    parameters: u64,
    /// `[channels, height, width]`
    image: [usize; 3],
}

/// Images per second: the median over rounds, the least and the largest.
#[derive(Serialize)]
struct Speed {
    batch_size: usize,
    images_per_second: f64,
    min: f64,
    max: f64,
}

impl Speed {
    fn new(rates: &Rates, batch_size: usize) -> Self {
        let [min, max] = rates.range();
        Self {
            batch_size,
            images_per_second: rates.median(),
            min,
            max,
        }
    }
}

/// A training step: the mean time, and its parts.
#[derive(Serialize)]
struct Step {
    measured: usize,
    seconds: f64,
    parts: Vec<PartTime>,
}

#[derive(Serialize)]
struct PartTime {
    name: &'static str,
    seconds: f64,
    /// Of the step, from 0 to 1.
    share: f64,
}

/// The least time of a training step.
#[derive(Serialize)]
struct Least {
    arithmetic: Bound,
    combinations: Bound,
    /// Of both.
    seconds: f64,
    /// The time of a step divided by it.
    ratio: f64,
}

/// A bound of a part: its work at the speed of the machine.
#[derive(Serialize)]
struct Bound {
    /// Multiply-adds, or bytes read and written, of a step.
    work: f64,
    /// As many per second as the machine can.
    per_second: f64,
    seconds: f64,
    /// The time of the part divided by the bound; none if there is no such work.
    ratio: Option<f64>,
}

impl Bound {
    fn new(work: f64, per_second: f64, measured: f64) -> Self {
        let seconds = work / per_second;
        Self {
            work,
            per_second,
            seconds,
            ratio: (work > 0.0).then_some(measured / seconds),
        }
    }
}

impl Report {
    fn new(measured: &Benchmark, costs: Complexity, image: [usize; 3]) -> Self {
        let seconds = measured.step();
        let share = |&(part, of_part): &(Part, f64)| PartTime {
            name: table::name(part),
            seconds: of_part,
            share: of_part / seconds,
        };
        let Floor {
            multiply_adds,
            multiply_add_rate,
            bytes,
            copy_rate,
        } = measured.floor;
        let least = measured.floor.arithmetic() + measured.floor.combinations();
        Self {
            machine: Machine::new(),
            network: Network {
                scheme: costs.scheme,
                depth: costs.depth,
                parameters: costs.network.parameters,
                image,
            },
            training: Speed::new(&measured.training, measured.batch_size),
            evaluation: Speed::new(&measured.evaluation, measured.evaluation_batch),
            step: Step {
                measured: measured.steps,
                seconds,
                parts: measured.parts.iter().map(share).collect(),
            },
            floor: Least {
                arithmetic: Bound::new(
                    multiply_adds,
                    multiply_add_rate,
                    measured.seconds(table::CONVOLUTION),
                ),
                combinations: Bound::new(bytes, copy_rate, measured.seconds(table::COMBINATIONS)),
                seconds: least,
                ratio: seconds / least,
            },
        }
    }
}
