//! The options of `horesnet train`, each of which is a setting of the experiment.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};
use horesnet_train::{BlockCoefficients, Precision, Processor, Result, Settings};
use toml::Value;

use super::given::{Given, count, counts, number, text};
use crate::augmentation::AugmentationArgs;

/// Train a network of higher-order residual blocks
///
/// Without options: one RK4 block at 12 and one at 24 channels learn the bundled handwritten digits. The results go to a
/// folder under runs/, which `horesnet eval` reads.
///
/// What is trained is put together from the defaults, then --preset, then each --config file, then the options, then each
/// --set; what comes later wins. --print-config shows what comes out, as a file for --config.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet train
  horesnet train --preset cifar --print-config > mine.toml
  horesnet train --config mine.toml --seed 1 --set network.widths=[16,32]
  horesnet train --scheme midpoint --blocks 2,2
  horesnet train --coefficients 'decaying(0.9)' --epochs 5 --run runs/decay
  horesnet train --scheme 'rk4(midpoint)' --describe
  horesnet train --resume runs/decay

With equal --widths, networks of as many stages have as many parameters: euler with --blocks 4,4, midpoint with
--blocks 2,2 and rk4 with --blocks 1,1.

The run folder holds:
  config.json                 data set, network, training and seed
  metrics.jsonl               a line of JSON an epoch: losses, accuracies, learning rate, learned coefficients, seconds
  model.safetensors           the weights after the last epoch, for eval or any safetensors library
  checkpoint.safetensors      all that --resume needs
  report.html                 figures, charts and configuration on one page, made with each checkpoint
  events.out.tfevents.000001  the same figures for TensorBoard; a run that is resumed begins another
  loss.svg                    training and test loss over the epochs, drawn at the end
  accuracy.svg                training and test accuracy, likewise
A run that diverges (exit code 1) keeps its last good epoch. Ctrl-C and SIGTERM end it after the step under way, with a
checkpoint and exit code 130; what else may end it loses at most what came after the last checkpoint. With --resume it ends as if nothing
had happened, bit for bit.")]
pub(crate) struct Train {
    #[command(flatten)]
    pub(super) options: Options,

    /// Print all settings as TOML and end
    #[arg(long, help_heading = "Experiment", conflicts_with = "resume")]
    pub(super) print_config: bool,

    /// Folder for the results, new or empty [default: runs/SCHEME-DATA-seedN, with -2, -3, … if it exists]
    #[arg(
        long,
        alias = "out",
        value_name = "DIR",
        help_heading = "Run",
        conflicts_with = "resume"
    )]
    pub(super) run: Option<PathBuf>,

    /// Go on with a run that was stopped; other settings than it began with are refused, but for --data-dir, where its
    /// data is now
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    pub(super) resume: Option<PathBuf>,

    /// Where to train: cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one. Runs can be taken up on another device
    #[arg(long, value_name = "NAME", default_value_t, help_heading = "Run")]
    pub(super) device: Processor,

    /// Do not train: print what the network costs, beside Euler's blocks with the same layers
    #[arg(long, help_heading = "Run", conflicts_with = "resume")]
    pub(super) describe: bool,

    /// Print the result as one line of JSON
    #[arg(long, help_heading = "Run")]
    pub(super) json: bool,
}

/// Everything that is trained: the options that are settings of an experiment.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    experiment: Experiment,

    #[command(flatten)]
    network: Network,

    #[command(flatten)]
    training: Training,

    #[command(flatten)]
    augmentation: AugmentationArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Experiment")]
struct Experiment {
    /// Start from settings that are known to be good: cifar, digits or fashion
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// Read settings from a TOML file; may be given several times
    #[arg(long, value_name = "FILE.toml")]
    config: Vec<PathBuf>,

    /// Change any setting by its full name; the value is TOML. May be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Data set: digits, bundled, 1,797 handwritten digits of 8×8 pixels; mnist, fashion, cifar10, cifar100, or folder,
    /// your images in a folder for each class
    #[arg(long, value_name = "NAME")]
    data: Option<String>,

    /// Folder with the files of the data set [default for fashion: where Debian's dataset-fashion-mnist puts them]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Begin with these weights in place of random ones: model.safetensors of a run of the same network, or a file of
    /// PyTorch's (docs/weights.md)
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,

    /// Source of all randomness: the same seed gives the same network
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    seed: Option<i64>,
}

#[derive(Args)]
#[command(next_help_heading = "Network")]
struct Network {
    /// Kind of network: horesnet, groups of blocks and transitions between them; cfresnet, as the published HO-ResNet code
    /// has it; vit, a Transformer of blocks in blocks
    #[arg(long = "network", value_name = "KIND")]
    kind: Option<String>,

    /// Scheme of the blocks, such as euler, midpoint or rk4; rk4(midpoint) for blocks inside blocks
    #[arg(long)]
    scheme: Option<String>,

    /// Coefficients of the blocks: fixed(H), decaying(RATE), learned, … all of them with `horesnet expand --help`
    #[arg(long, value_name = "TEXT")]
    coefficients: Option<BlockCoefficients>,

    /// Channels of each group of blocks; the resolution halves from group to group
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, value_name = "N,…")]
    widths: Option<Vec<usize>>,

    /// Blocks in each group
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, value_name = "N,…")]
    blocks: Option<Vec<usize>>,

    /// In place of --blocks: as many as come to so many layers
    #[arg(long, value_name = "N", conflicts_with = "blocks")]
    depth: Option<usize>,

    /// Stride of the first convolution: 2 halves the resolution before the first group
    #[arg(long, value_name = "N")]
    stem_stride: Option<usize>,

    /// How likely training leaves out the last block; the first ones less, in proportion to their place
    #[arg(long, allow_negative_numbers = true, value_name = "P")]
    drop_path: Option<f64>,

    /// How likely training leaves out a feature before the classifier
    #[arg(long, allow_negative_numbers = true, value_name = "P")]
    dropout: Option<f64>,
}

#[derive(Args)]
#[command(next_help_heading = "Training")]
struct Training {
    /// How often every training image is seen
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,

    /// Images a step
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,

    /// Peak learning rate, after the warm-up and before a cosine down to 0
    #[arg(long, allow_negative_numbers = true, value_name = "RATE")]
    lr: Option<f64>,

    /// Epochs of warm-up
    #[arg(long, value_name = "N")]
    warmup_epochs: Option<usize>,

    /// Nesterov momentum, from 0 to below 1
    #[arg(long, allow_negative_numbers = true, value_name = "M")]
    momentum: Option<f64>,

    /// Weight decay; norms, biases and coefficients are spared
    #[arg(long, allow_negative_numbers = true, value_name = "W")]
    weight_decay: Option<f64>,

    /// Weight decay of coefficients that blocks learn
    #[arg(long, allow_negative_numbers = true, value_name = "W")]
    coefficient_decay: Option<f64>,

    /// Scale gradients down to this norm where theirs, over all weights, is larger; 0 leaves them
    #[arg(long, allow_negative_numbers = true, value_name = "NORM")]
    clip_norm: Option<f64>,

    /// Label smoothing, from 0 to below 1
    #[arg(long, allow_negative_numbers = true, value_name = "E")]
    label_smoothing: Option<f64>,

    /// Test and keep the moving average of the weights, of which this much, such as 0.999, stays in each step; 0 for none
    #[arg(long, allow_negative_numbers = true, value_name = "DECAY")]
    ema: Option<f64>,

    /// Type of the numbers between layers in training: f32, or bf16, which is for GPUs; weights and tests stay in f32
    #[arg(long, value_name = "TYPE")]
    precision: Option<Precision>,

    /// Epochs from one checkpoint to the next
    #[arg(long, value_name = "N")]
    checkpoint_every: Option<usize>,
}

impl Experiment {
    fn given(&self) -> [Given; 4] {
        let path = |path: &PathBuf| path.display().to_string();
        [
            ("--data", "data", text(self.data.as_ref())),
            (
                "--data-dir",
                "data_dir",
                text(self.data_dir.as_ref().map(path).as_ref()),
            ),
            (
                "--weights",
                "weights",
                text(self.weights.as_ref().map(path).as_ref()),
            ),
            ("--seed", "training.seed", self.seed.map(Value::from)),
        ]
    }
}

impl Options {
    /// Where the data is, if that is said.
    pub(super) fn data_dir(&self) -> Option<&Path> {
        self.experiment.data_dir.as_deref()
    }

    /// What is asked for, over what `settings` has.
    pub(crate) fn settings(&self, mut settings: Settings) -> Result<Settings> {
        let Self {
            experiment,
            network,
            training,
            augmentation,
        } = self;
        if let Some(name) = &experiment.preset {
            settings.preset(name)?;
        }
        for path in &experiment.config {
            settings.file(path)?;
        }
        let given = [
            ("--network", "network.kind", text(network.kind.as_ref())),
            ("--scheme", "network.scheme", text(network.scheme.as_ref())),
            (
                "--coefficients",
                "network.coefficients",
                text(network.coefficients.as_ref()),
            ),
            (
                "--widths",
                "network.widths",
                counts(network.widths.as_ref()),
            ),
            (
                "--blocks",
                "network.blocks",
                counts(network.blocks.as_ref()),
            ),
            ("--depth", "network.depth", count(network.depth)),
            (
                "--stem-stride",
                "network.stem_stride",
                count(network.stem_stride),
            ),
            (
                "--drop-path",
                "network.drop_path",
                number(network.drop_path),
            ),
            ("--dropout", "network.dropout", number(network.dropout)),
            ("--epochs", "training.epochs", count(training.epochs)),
            (
                "--batch-size",
                "training.batch_size",
                count(training.batch_size),
            ),
            ("--lr", "training.learning_rate", number(training.lr)),
            (
                "--warmup-epochs",
                "training.warmup_epochs",
                count(training.warmup_epochs),
            ),
            ("--momentum", "training.momentum", number(training.momentum)),
            (
                "--weight-decay",
                "training.weight_decay",
                number(training.weight_decay),
            ),
            (
                "--coefficient-decay",
                "training.coefficient_decay",
                number(training.coefficient_decay),
            ),
            (
                "--clip-norm",
                "training.clip_norm",
                number(training.clip_norm),
            ),
            (
                "--label-smoothing",
                "training.label_smoothing",
                number(training.label_smoothing),
            ),
            (
                "--precision",
                "training.precision",
                text(training.precision.as_ref()),
            ),
            ("--ema", "training.ema", number(training.ema)),
            (
                "--checkpoint-every",
                "training.checkpoint_every",
                count(training.checkpoint_every),
            ),
        ];
        let given = experiment.given().into_iter().chain(given);
        for (option, key, value) in given.chain(augmentation.given()) {
            if let Some(value) = value {
                settings.set(option, key, value);
            }
        }
        for assignment in &experiment.set {
            settings.assign(assignment)?;
        }
        Ok(settings)
    }
}
