//! `horesnet train`: a network of higher-order blocks on a data set, kept in a run folder.

mod arguments;
pub(crate) mod given;
mod interrupt;

use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use horesnet_train::{
    Device, Error, ExperimentConfig, Precision, RunFolder, Settings, Summary, resume, run,
};

pub(crate) use arguments::{Options, Train};
pub(crate) use interrupt::Interrupt;

use crate::progress::Reporter;
use crate::{Outcome, describe, device, report};

/// What a program ends with that Ctrl-C has ended: 128, and the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

impl Train {
    pub(crate) fn run(self) -> Outcome {
        if self.print_config {
            let text = self
                .options
                .settings(Settings::default())?
                .experiment()?
                .to_toml()?;
            report::sent(stdout().lock().write_all(text.as_bytes()))?;
            return Ok(ExitCode::SUCCESS);
        }
        if self.describe {
            return describe::print(&self.configured()?, self.json);
        }
        let device = device::open(self.device)?;
        let (folder, train): (_, Act) = match &self.resume {
            Some(path) => (self.begun(path)?, resume),
            None => (self.new_folder(&device)?, run),
        };
        let folder = folder.on(device);
        let path = folder.path().display();
        let mut reporter = Reporter::new(Interrupt::listen()?);
        let summary = match train(&folder, &mut reporter) {
            Err(error @ Error::Diverged { .. }) => {
                report::note(format_args!(
                    "error: {error}\nnote: the run folder is {path}"
                ));
                return Ok(ExitCode::FAILURE);
            }
            Err(stopped @ Error::Interrupted { .. }) => {
                report::note(format_args!(
                    "{stopped}; go on with: {}",
                    self.again(folder.path())
                ));
                return Ok(ExitCode::from(INTERRUPTED));
            }
            Err(error @ Error::Unsaved { .. }) => {
                report::note(format_args!(
                    "note: once it can be written to, go on with: {}",
                    self.again(folder.path())
                ));
                return Err(error.into());
            }
            ended => ended?,
        };
        if self.json {
            report::sent(writeln!(stdout(), "{}", serde_json::to_string(&summary)?))?;
        } else {
            report::sent(print(&summary))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The run to go on with, if what else is asked for is what it began with.
    fn begun(&self, path: &Path) -> horesnet_train::Result<RunFolder> {
        let mut folder = RunFolder::open(path)?;
        if let Some(dir) = self.options.data_dir() {
            folder = folder.with_data_in(dir)?;
        }
        let config = folder.config()?;
        let asked = self
            .options
            .settings(Settings::over(config.clone()))?
            .experiment()?
            .fitted()?;
        config.expect(&asked)?;
        Ok(folder)
    }

    /// The command that goes on with the run in `folder`.
    fn again(&self, folder: &Path) -> String {
        let command = format!("horesnet train --resume {}", quoted(folder));
        match self.options.data_dir() {
            // The configuration of the run has another place.
            Some(dir) if self.resume.is_some() => format!("{command} --data-dir {}", quoted(dir)),
            _ => command,
        }
    }

    fn configured(&self) -> horesnet_train::Result<ExperimentConfig> {
        self.options
            .settings(Settings::default())?
            .experiment()?
            .fitted()
    }

    fn new_folder(&self, device: &Device) -> horesnet_train::Result<RunFolder> {
        let config = self.configured()?;
        config.training.expect_device(device)?;
        if device.is_cpu() && config.training.precision == Precision::Bf16 {
            report::note("note: bf16 is no faster on a CPU");
        }
        match &self.run {
            Some(path) => RunFolder::create(path, &config),
            None => RunFolder::create_next(Path::new("runs").join(config.folder_name()), &config),
        }
    }
}

type Act = fn(&RunFolder, &mut dyn horesnet_train::Progress) -> horesnet_train::Result<Summary>;

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:,=@".contains(c);
    if text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn print(summary: &Summary) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "scheme         {}", summary.scheme)?;
    writeln!(out, "coefficients   {}", summary.coefficients)?;
    writeln!(out, "depth          {}", summary.depth)?;
    writeln!(out, "parameters     {}", summary.parameters)?;
    writeln!(out, "epochs         {}", summary.epochs)?;
    writeln!(
        out,
        "device         {}, {}",
        summary.device, summary.precision
    )?;
    writeln!(out, "time           {:.1} s", summary.seconds)?;
    writeln!(out, "training loss  {:.4}", summary.train_loss)?;
    writeln!(out, "test accuracy  {:.2} %", 100.0 * summary.test_accuracy)?;
    writeln!(out, "run            {}", summary.run)
}
