//! `horesnet train`: trains a network, or describes one, and keeps the run in a folder.
//! The options that are settings of an experiment are shared with `compare`.
//! Knows no formats of a run's files: horesnet-train reads and writes them.

mod describe;
mod options;
mod schemes;
mod trace;

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use horesnet_train::cluster::{self, Communicator};
use horesnet_train::data::Split;
use horesnet_train::{
    Device, Error, ExperimentConfig, Precision, Processor, Progress, RunFolder, Settings, Summary,
    expect_together, run_together,
};

pub(crate) use options::{Options, PartsNote};
pub(crate) use schemes::SchemeArgument;

use self::trace::Traced;
use crate::cluster::{Silent, agree};
use crate::interrupt::{INTERRUPTED, Interrupt};
use crate::progress::Reporter;
use crate::{CommandResult, device, report};

/// Train a network of higher-order residual blocks
///
/// Without options, a network of two RK4 blocks learns the bundled handwritten digits. Results go to a folder under runs/,
/// which `horesnet eval` reads.
///
/// Settings are layered: defaults, --preset, each --config file, options, each --set. Later ones win; --print-config
/// prints the result as a file for --config.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet train
  horesnet train --preset cifar --print-config > mine.toml
  horesnet train --config mine.toml --seed 1 --set network.widths=[16,32]
  horesnet train --scheme midpoint --blocks 2,2
  horesnet train --coefficients 'decaying(0.9)' --epochs 5 --run runs/decay
  horesnet train --scheme 'rk4(midpoint)' --describe
  horesnet train --scheme mine.tab
  horesnet train --data folder --data-dir pictures --image-size 64
  horesnet train --resume runs/decay

A folder of pictures holds train/CLASS/ and test/CLASS/ (or val/CLASS/), or just CLASS/, where every fifth is for the test.
Pictures of mixed sizes need --image-size: shorter sides are resized so that the centre takes --crop-pct of them.

A tableau of your own must be explicit, and claim no order that it does not have; `horesnet check` says why one is refused. The run
keeps it, so the file may change or go.

At equal --widths, networks with the same number of stages have the same number of parameters: euler with --blocks 4,4,
midpoint with --blocks 2,2, rk4 with --blocks 1,1.

The run folder holds:
  config.json                 data set, network, training and seed; names of classes, and mean and deviation of pixels
  NAME.tab                    a copy of the tableau, if it is your own
  learned.BLOCK.tab           with learned(params): the member of the family that a block has learned, after the last epoch
  metrics.jsonl               one line per epoch: losses, accuracies, learning rate, learned coefficients, seconds
  model.safetensors           weights after the last epoch, for any safetensors library
  best.safetensors            weights after the epoch with the lowest validation loss, which eval, predict and export take
  checkpoint.safetensors      the state that --resume needs
  test.json                   the test at the end: loss, accuracy, and the prediction for each image
  report.html                 metrics, charts and configuration on one page, updated with each checkpoint; at the end also
                              the confusion matrix, scores of classes, calibration and the images that are most wrong
  events.out.tfevents.000001  the same metrics for TensorBoard; a resumed run starts another file
  loss.svg                    training and validation loss over the epochs, drawn at the end
  accuracy.svg                training and validation accuracy over the epochs, drawn at the end
  trace.json                  with --trace, a timeline of the first steps

Without validation images (--validation 0), each epoch is scored on the test images.

A run that diverges exits with 1 and keeps its last good epoch. Ctrl-C and SIGTERM stop a run after the current step,
save a checkpoint and exit with 130; a crash loses at most the work since the last checkpoint. On the same
CPU, --resume continues bit-for-bit, so the result matches an uninterrupted run.")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct Train {
    #[command(flatten)]
    options: Options,

    /// Print all settings as TOML and exit
    #[arg(long, help_heading = "Experiment", conflicts_with = "resume")]
    print_config: bool,

    /// Write results to this folder, which must be new or empty [default: runs/SCHEME-DATA-seedN, with -2, -3, … if taken]
    #[arg(
        long,
        alias = "out",
        value_name = "DIR",
        help_heading = "Run",
        conflicts_with = "resume"
    )]
    run: Option<PathBuf>,

    /// Resume a stopped run; only --data-dir and --device may change
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    resume: Option<PathBuf>,

    /// Train on cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one; a run may resume on another device
    #[arg(long, value_name = "NAME", default_value_t, help_heading = "Run")]
    device: Processor,

    /// Print the cost of the network, next to that of Euler blocks with the same layers, and exit
    #[arg(long, help_heading = "Run", conflicts_with = "resume")]
    describe: bool,

    /// Write trace.json to the run folder: when all threads and processes computed and communicated in the first 10 steps, for
    /// Perfetto (ui.perfetto.dev)
    #[arg(long, help_heading = "Run")]
    trace: bool,

    /// Print the result as one line of JSON
    #[arg(long, help_heading = "Run")]
    json: bool,
}

impl Train {
    pub(crate) fn run(self, cluster: &dyn Communicator) -> CommandResult {
        cluster::expect_program(cluster, env!("HORESNET_VERSION"), &self.command())?;
        if self.print_config || self.describe {
            if cluster.rank() > 0 {
                return Ok(ExitCode::SUCCESS);
            }
            if self.describe {
                return describe::print(&self.configured(cluster.size())?.0, self.json);
            }
            let (config, _) = self.options.experiment(cluster.size(), |_| ())?;
            report::print(config.to_toml()?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let (folder, device, config, split) = self.prepared(cluster)?;
        let interrupt = Interrupt::listen()?;
        let mut progress: Box<dyn Progress> = match &folder {
            Some(_) => Box::new(Reporter::new(interrupt)),
            None => Box::new(Silent(interrupt)),
        };
        let resumes = self.resume.is_some();
        let train = |progress: &mut dyn Progress| {
            let folder = folder.as_ref();
            run_together(folder, &device, config, split, resumes, progress, cluster)
        };
        let trained = if self.trace {
            let path = folder.as_ref().map(|folder| folder.path().to_owned());
            let mut traced = Traced::begin(progress, cluster, path);
            let trained = train(&mut traced);
            // Other errors may not be known to all processes.
            if trained.is_ok() || trained.as_ref().is_err_and(Error::is_interruption) {
                traced.end_early();
            }
            trained
        } else {
            train(progress.as_mut())
        };
        let code = match &trained {
            Ok(_) => ExitCode::SUCCESS,
            Err(error) => match error.own() {
                Error::Diverged { .. } => ExitCode::FAILURE,
                Error::Interrupted { .. } => ExitCode::from(INTERRUPTED),
                _ => ExitCode::from(2),
            },
        };
        let Some(folder) = folder else {
            return trained.map(|_| code).or_else(|error| match error.own() {
                Error::Diverged { .. } | Error::Interrupted { .. } => Ok(code),
                _ => Err(error.into()),
            });
        };
        let path = folder.path().display();
        let summary = match trained {
            Ok(summary) => summary,
            Err(error) => {
                match error.own() {
                    Error::Diverged { .. } => report::note(format_args!(
                        "error: {error}\nnote: the run folder is {path}"
                    )),
                    Error::Interrupted { .. } => {
                        let command = self.again(folder.path());
                        report::note(format_args!("{error}; go on with: {command}"));
                    }
                    Error::Unsaved { .. } => {
                        let command = self.again(folder.path());
                        report::note(format_args!(
                            "note: once the folder is writable, go on with: {command}"
                        ));
                        return Err(error.into());
                    }
                    _ => return Err(error.into()),
                }
                return Ok(code);
            }
        };
        let Some(summary) = summary else {
            return Ok(code);
        };
        if self.json {
            report::json(&summary)?;
        } else {
            print(&summary)?;
        }
        Ok(code)
    }

    /// The form of the command, which all processes share: each option here changes what they tell each other.
    fn command(&self) -> String {
        let options = [
            ("--print-config", self.print_config),
            ("--describe", self.describe),
            ("--resume", self.resume.is_some()),
            ("--trace", self.trace),
        ];
        let given = options.iter().filter(|(_, is_given)| *is_given);
        given.fold("train".to_owned(), |command, (option, _)| {
            format!("{command} {option}")
        })
    }

    /// The configuration and the data set, and on process 0 the folder.
    fn prepared(&self, cluster: &dyn Communicator) -> Result<Prepared, Box<dyn StdError>> {
        let is_first = cluster.rank() == 0;
        let device = device::open_own(self.device, cluster);
        let device = agree(cluster, device.map_err(Into::into))?;
        if let Some(path) = &self.resume {
            let opened = is_first.then(|| self.resumed(path, &device)).transpose();
            let opened = agree(cluster, opened)?;
            let config = opened.as_ref().map(|(_, config, _)| config.clone());
            let config = cluster::broadcast_json(cluster, config)?;
            let Some(mut config) = config else {
                return Err("process 0 has sent no configuration".into());
            };
            let (folder, split) = if let Some((folder, _, split)) = opened {
                (Some(folder), Ok(split))
            } else {
                if let Some(dir) = self.options.data_dir() {
                    config.data_dir = Some(dir.into());
                }
                (None, config.load())
            };
            let split = agree(cluster, split.map_err(Into::into))?;
            expect_together(&config, &split, &device, cluster)?;
            return Ok((folder, device, config, split));
        }
        let (config, split, parts) = agree(cluster, self.configured(cluster.size()))?;
        expect_together(&config, &split, &device, cluster)?;
        if let Some(note) = parts.filter(|_| is_first) {
            report::note(note);
        }
        let folder = is_first.then(|| self.new_folder(&config, &device));
        let folder = agree(cluster, folder.transpose())?;
        let folder = folder.map(|folder| folder.on(device.clone()));
        Ok((folder, device, config, split))
    }

    /// The run to resume, if the settings given are its own.
    fn resumed(
        &self,
        path: &Path,
        device: &Device,
    ) -> Result<(RunFolder, ExperimentConfig, Split), Box<dyn StdError>> {
        let mut folder = RunFolder::open(path)?;
        if let Some(dir) = self.options.data_dir() {
            folder = folder.with_data_in(dir)?;
        }
        let config = folder.config()?;
        let asked = self.options.settings(Settings::over(config.clone()))?;
        let asked = asked.experiment()?;
        let split = asked.load()?;
        config.expect(&asked.fitted_to(&split)?)?;
        report::skipped(folder.skipped()?);
        Ok((folder.on(device.clone()), config, split))
    }

    /// The command that resumes the run in `folder`.
    fn again(&self, folder: &Path) -> String {
        let command = format!("horesnet train --resume {}", quoted(folder));
        match self.options.data_dir() {
            // The configuration of the run names another folder.
            Some(dir) if self.resume.is_some() => format!("{command} --data-dir {}", quoted(dir)),
            _ => command,
        }
    }

    fn configured(&self, processes: usize) -> Result<Configured, Box<dyn StdError>> {
        let (config, parts) = self.options.experiment(processes, |_| ())?;
        let split = config.load()?;
        Ok((config.fitted_to(&split)?, split, parts))
    }

    fn new_folder(
        &self,
        config: &ExperimentConfig,
        device: &Device,
    ) -> Result<RunFolder, Box<dyn StdError>> {
        config.training.expect_device(device)?;
        if device.is_cpu() && config.training.precision == Precision::Bf16 {
            report::note("note: on a CPU, bf16 saves memory, not time: layers compute in f32");
        }
        let folder = match &self.run {
            Some(path) => RunFolder::create(path, config)?,
            None => RunFolder::create_next(Path::new("runs").join(config.folder_name()), config)?,
        };
        report::skipped(folder.skipped()?);
        Ok(folder)
    }
}

/// The folder on process 0, and on all processes the device, the experiment and its data set.
type Prepared = (Option<RunFolder>, Device, ExperimentConfig, Split);

/// The experiment, its data set, and the parts that were chosen for the user.
type Configured = (ExperimentConfig, Split, Option<PartsNote>);

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let Some(text) = path.to_str() else {
        let byte = |&byte: &u8| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        let bytes = path.as_os_str().as_encoded_bytes();
        return format!("$'{}'", bytes.iter().map(byte).collect::<String>());
    };
    let plain = |c: char| c.is_alphanumeric() || "/._-+:,=@".contains(c);
    if text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn print(summary: &Summary) -> std::io::Result<()> {
    for (label, value) in [
        ("scheme", summary.scheme.clone()),
        ("coefficients", summary.coefficients.clone()),
        ("depth", summary.depth.to_string()),
        ("parameters", summary.parameters.to_string()),
        ("epochs", epochs(summary)),
        (
            "device",
            format!("{}, {}", summary.device, summary.precision),
        ),
        ("time", format!("{:.1} s", summary.seconds)),
        ("training loss", format!("{:.4}", summary.train_loss)),
        ("val accuracy", percent(summary.val_accuracy)),
        ("test accuracy", percent(summary.test_accuracy)),
        ("run", summary.run.clone()),
    ] {
        if !value.is_empty() {
            report::print(format_args!("{label:<15}{value}\n"))?;
        }
    }
    Ok(())
}

fn epochs(summary: &Summary) -> String {
    let best = summary.best_epoch;
    let best = best.map_or_else(String::new, |best| format!(", best after {best}"));
    format!("{}{best}", summary.epochs)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:.2} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_a_shell() {
        let quoted = |text: &str| quoted(Path::new(text));
        assert_eq!(quoted("runs/rk4-digits"), "runs/rk4-digits");
        assert_eq!(quoted("my run's"), r"'my run'\''s'");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf_8_are_quoted_byte_by_byte() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"a'\\ \xff");
        assert_eq!(quoted(Path::new(name)), r"$'a\'\\ \xff'");
    }
}
