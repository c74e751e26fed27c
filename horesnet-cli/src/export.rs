//! `horesnet export`: the network of a run for other programs.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use horesnet_train::RunFolder;
use horesnet_train::export::{hub, onnx, pytorch};

use crate::{CommandResult, output};

/// Export the network of a run to ONNX, PyTorch or a model hub
///
/// The ONNX file and the PyTorch module take images [batch, channels, height, width] with pixels from 0 to 1, normalise
/// them, and return logits [batch, classes]. The folder for model hubs is a run itself: `horesnet eval` and `horesnet predict`
/// read it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet export runs/rk4-digits-seed0 --to onnx -o rk4.onnx
  horesnet export runs/rk4-digits-seed0 --to pytorch -o rk4
  horesnet export runs/rk4-digits-seed0 --to hub -o rk4-digits

The folders hold:
  pytorch  model.py, whose load() returns an nn.Module, and model.safetensors
  hub      config.json, model.safetensors, and README.md, to which you add a license

Adaptive coefficients depend on the image, so only --to hub exports them.")]
pub(crate) struct Export {
    /// Run folder, as printed by `horesnet train`
    run: PathBuf,

    /// Write this format
    #[arg(long, value_name = "FORMAT")]
    to: Format,

    /// Write to this file, or for pytorch and hub, to this folder; `-` for standard output with onnx
    #[arg(short, long, value_name = "OUTPUT")]
    output: PathBuf,

    /// Replace a file that exists, or files of the same names in a folder that exists
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// An ONNX file of opset 21
    Onnx,
    /// A folder with a PyTorch module and its weights
    Pytorch,
    /// A folder for a model hub, such as Hugging Face's
    Hub,
}

impl Export {
    pub(crate) fn run(&self) -> CommandResult {
        self.check_output()?;
        let run = RunFolder::open(&self.run)?;
        let info = run.info()?;
        match self.to {
            Format::Onnx => output::write(&self.output, &onnx(&*run.load()?.network, &info)?)?,
            Format::Pytorch => {
                output::write_folder(&self.output, &pytorch(&*run.load()?.network, &info)?)?;
            }
            Format::Hub => output::write_folder(&self.output, &hub(&run, &info)?)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Fails if the output is in the way of another file.
    fn check_output(&self) -> Result<(), Box<dyn Error>> {
        let (path, is_file) = (&self.output, self.to == Format::Onnx);
        if is_file && output::is_stdout(path) || fs::symlink_metadata(path).is_err() {
            return Ok(());
        }
        let shown = path.display();
        if is_file == path.is_dir() {
            let [found, expected] = if is_file {
                ["folder", "file"]
            } else {
                ["file", "folder"]
            };
            return Err(format!("{shown} is a {found}; name a {expected}").into());
        }
        if is_same(path, &self.run) {
            return Err(format!("{shown} is the run itself; name another folder").into());
        }
        output::expect_new(path, self.force || is_empty(path))
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let [one, other] = [one, other].map(fs::canonicalize);
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

/// Returns true for a folder without files.
fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
