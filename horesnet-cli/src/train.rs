//! `horesnet train`: a network of higher-order blocks on a data set, kept in a run folder.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{
    Coefficients, Error, ExperimentConfig, HoResNetConfig, RunFolder, Summary, TrainingConfig, run,
};

use crate::augmentation::AugmentationArgs;
use crate::progress::Reporter;
use crate::{Outcome, describe, report};

/// Train a network of higher-order residual blocks
///
/// Without options: one RK4 block at 12 and one at 24 channels learn the bundled handwritten digits. The results go to a
/// folder under runs/, which `horesnet eval` reads.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet train
  horesnet train --scheme midpoint --blocks 2,2
  horesnet train --coefficients 'decaying(0.9)' --epochs 5 --run runs/decay
  horesnet train --scheme 'rk4(midpoint)' --describe

With equal --widths, networks of as many stages have as many parameters: euler with --blocks 4,4, midpoint with
--blocks 2,2 and rk4 with --blocks 1,1.

The run folder holds:
  config.json         data set, network, training and seed
  metrics.jsonl       a line of JSON an epoch: losses, accuracies, learning rate, seconds
  model.safetensors   the weights after the last epoch, for eval or any safetensors library
  loss.svg            training and test loss over the epochs, drawn at the end
  accuracy.svg        training and test accuracy, likewise
A run that diverges (exit code 1) or is stopped keeps its last good epoch.")]
pub(crate) struct Train {
    /// Scheme of the blocks, such as euler, midpoint or rk4; rk4(midpoint) for blocks inside blocks
    #[arg(long, default_value_t = HoResNetConfig::default().scheme)]
    scheme: String,

    /// Step size of the blocks: fixed(H); decaying(RATE) for RATE^depth; decaying(RATE, H) for H·RATE^depth
    #[arg(long, default_value_t = Coefficients::default(), value_name = "TEXT")]
    coefficients: Coefficients,

    /// Data set: digits, bundled, 1,797 handwritten digits of 8×8 pixels; mnist, fashion, cifar10, cifar100, or folder,
    /// your images in a folder for each class
    #[arg(long, default_value_t = ExperimentConfig::default().data, value_name = "NAME")]
    data: String,

    /// Folder with the files of the data set [default for fashion: where Debian's dataset-fashion-mnist puts them]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// How often every training image is seen
    #[arg(long, default_value_t = TrainingConfig::default().epochs, value_name = "N")]
    epochs: usize,

    /// Images a step
    #[arg(long, default_value_t = TrainingConfig::default().batch_size, value_name = "N")]
    batch_size: usize,

    /// Peak learning rate, after one epoch of warm-up and before a cosine down to 0
    #[arg(long, default_value_t = TrainingConfig::default().learning_rate, allow_negative_numbers = true, value_name = "RATE")]
    lr: f64,

    /// Nesterov momentum, from 0 to below 1
    #[arg(long, default_value_t = TrainingConfig::default().momentum, allow_negative_numbers = true, value_name = "M")]
    momentum: f64,

    /// Weight decay; norms and biases are spared
    #[arg(long, default_value_t = TrainingConfig::default().weight_decay, allow_negative_numbers = true, value_name = "W")]
    weight_decay: f64,

    /// Label smoothing, from 0 to below 1
    #[arg(long, default_value_t = TrainingConfig::default().label_smoothing, allow_negative_numbers = true, value_name = "E")]
    label_smoothing: f64,

    /// Channels of each group of blocks; the resolution halves from group to group [default: 12,24]
    #[arg(long, value_delimiter = ',', hide_default_value = true, default_values_t = HoResNetConfig::default().widths, value_name = "N,…")]
    widths: Vec<usize>,

    /// Blocks in each group [default: 1,1]
    #[arg(long, value_delimiter = ',', hide_default_value = true, default_values_t = HoResNetConfig::default().blocks, value_name = "N,…")]
    blocks: Vec<usize>,

    #[command(flatten)]
    augmentation: AugmentationArgs,

    /// Source of all randomness: the same seed gives the same network
    #[arg(long, default_value_t = TrainingConfig::default().seed, value_name = "N")]
    seed: u64,

    /// Folder for the results, new or empty [default: runs/SCHEME-DATA-seedN, with -2, -3, … if it exists]
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,

    /// Do not train: print what the network costs, beside Euler's blocks with the same layers
    #[arg(long)]
    describe: bool,

    /// Print the result as one line of JSON
    #[arg(long)]
    json: bool,
}

impl Train {
    pub(crate) fn run(self) -> Outcome {
        let json = self.json;
        let describe = self.describe;
        let folder = self.run.clone();
        let config = self.config()?;
        if describe {
            return describe::print(&config, json);
        }
        let folder = match folder {
            Some(path) => RunFolder::create(path, &config)?,
            None => RunFolder::create_next(Path::new("runs").join(config.folder_name()), &config)?,
        };
        let summary = match run(&folder, &mut Reporter::new()) {
            Err(error @ Error::Diverged { .. }) => {
                report::note(format_args!(
                    "error: {error}\nnote: the run folder is {}",
                    folder.path().display()
                ));
                return Ok(ExitCode::FAILURE);
            }
            ended => ended?,
        };
        if json {
            report::sent(writeln!(stdout(), "{}", serde_json::to_string(&summary)?))?;
        } else {
            print(&summary)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn config(self) -> horesnet_train::Result<ExperimentConfig> {
        let config = ExperimentConfig {
            data: self.data,
            data_dir: self.data_dir,
            network: HoResNetConfig {
                scheme: self.scheme,
                coefficients: self.coefficients,
                widths: self.widths,
                blocks: self.blocks,
                ..HoResNetConfig::default()
            }
            .into(),
            training: TrainingConfig {
                epochs: self.epochs,
                batch_size: self.batch_size,
                learning_rate: self.lr,
                momentum: self.momentum,
                weight_decay: self.weight_decay,
                label_smoothing: self.label_smoothing,
                augmentation: self.augmentation.into(),
                seed: self.seed,
                ..TrainingConfig::default()
            },
        };
        config.fitted()
    }
}

fn print(summary: &Summary) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "scheme         {}", summary.scheme)?;
    writeln!(out, "coefficients   {}", summary.coefficients)?;
    writeln!(out, "depth          {}", summary.depth)?;
    writeln!(out, "parameters     {}", summary.parameters)?;
    writeln!(out, "epochs         {}", summary.epochs)?;
    writeln!(out, "time           {:.1} s", summary.seconds)?;
    writeln!(out, "training loss  {:.4}", summary.train_loss)?;
    writeln!(out, "test accuracy  {:.2} %", 100.0 * summary.test_accuracy)?;
    writeln!(out, "run            {}", summary.run)
}
