//! Options that are settings of an experiment, shared by `train` and `compare`.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};
use horesnet_train::{
    BlockCoefficients, ImageSize, OptimiserKind, Precision, Recompute, Settings, path,
};
use serde::Serialize;
use toml::Table;

use super::schemes::SchemeArgument;

/// The settings of an experiment.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    layers: Layers,

    #[command(flatten)]
    experiment: Experiment,

    #[command(flatten)]
    network: Network,

    #[command(flatten)]
    training: Training,

    #[command(flatten)]
    augmentation: Augmentation,
}

#[derive(Args)]
#[command(next_help_heading = "Experiment")]
struct Layers {
    /// Start from a preset: cifar, digits, fashion or vit-digits
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// Read settings from a TOML file; repeatable, later files win
    #[arg(long, value_name = "FILE.toml")]
    config: Vec<PathBuf>,

    /// Set any setting by its full name to a TOML value; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

// Below, a field is a setting: its name, or the one that serde has for it, is the key.

#[derive(Args, Serialize)]
#[command(next_help_heading = "Experiment")]
struct Experiment {
    /// Train on this data set: digits (bundled, 1,797 images of 8×8 pixels), mnist, fashion, cifar10, cifar100, or folder
    /// (your PNG and JPEG images, one folder per class; transparent pixels are composited on white) [default: digits]
    #[arg(long, value_name = "NAME")]
    data: Option<String>,

    /// Read the data set from this folder [default for fashion: where Debian's dataset-fashion-mnist installs it]
    #[arg(long, value_name = "DIR")]
    #[serde(serialize_with = "path::serialize")]
    data_dir: Option<PathBuf>,

    /// Resize the pictures of a folder to squares of N pixels, or to a height and a width, and crop their centres
    #[arg(long, value_name = "N|HxW")]
    image_size: Option<ImageSize>,

    /// Keep this share, 0.5 to 1, of the shorter side of resized pictures [default: 0.875]
    #[arg(long, allow_negative_numbers = true, value_name = "SHARE")]
    crop_pct: Option<f64>,

    /// Start from these weights: best.safetensors or model.safetensors of a run of the same network, or a PyTorch file (see
    /// docs/weights.md)
    /// [default: random]
    #[arg(long, value_name = "FILE")]
    #[serde(serialize_with = "path::serialize")]
    weights: Option<PathBuf>,

    /// Seed all randomness: the same seed gives the same network [default: 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    #[serde(rename = "training.seed")]
    seed: Option<i64>,
}

#[derive(Args, Serialize)]
#[command(next_help_heading = "Network")]
struct Network {
    /// Choose the network: horesnet (groups of blocks with transitions between them), cfresnet (as in the published
    /// HO-ResNet code) or vit (a Transformer of nested blocks) [default: horesnet]
    #[arg(long = "network", value_name = "KIND")]
    kind: Option<String>,

    /// Build blocks from this scheme: euler, midpoint, rk4, …, rk4(midpoint) for nested blocks, or a tableau of your own,
    /// mine.tab [default: rk4]
    #[arg(long, value_name = "NAME|FILE")]
    #[serde(skip)]
    scheme: Option<String>,

    /// Set how coefficients behave: fixed(H), decaying(RATE), learned, …; `horesnet expand --help` lists all
    /// [default: fixed(1)]
    #[arg(long, value_name = "KIND")]
    coefficients: Option<BlockCoefficients>,

    /// Set the channels of each group; the resolution halves between groups
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, value_name = "N,…")]
    widths: Option<Vec<u32>>,

    /// Set the number of blocks in each group
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, value_name = "N,…")]
    blocks: Option<Vec<u32>>,

    /// Choose the number of blocks so that the network has N layers
    #[arg(long, value_name = "N", conflicts_with = "blocks")]
    depth: Option<u32>,

    /// Set the stride of the first convolution: 2 halves the resolution before the first group
    #[arg(long, value_name = "N")]
    stem_stride: Option<u32>,

    /// Set the probability of skipping the last block in training (stochastic depth); it grows linearly with depth
    #[arg(long, allow_negative_numbers = true, value_name = "P")]
    drop_path: Option<f64>,

    /// Set the dropout probability before the classifier
    #[arg(long, allow_negative_numbers = true, value_name = "P")]
    dropout: Option<f64>,
}

#[derive(Args, Serialize)]
#[command(next_help_heading = "Training")]
struct Training {
    /// Train for N epochs
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,

    /// Use N images per step
    #[arg(long, value_name = "N")]
    batch_size: Option<u32>,

    /// Divide each batch into N parts, a power of two, which threads and processes share; results depend on N, but not on the
    /// number of threads or processes, which may be N at most
    #[arg(long, value_name = "N")]
    parts: Option<u32>,

    /// Compute each batch in K micro-batches, one after the other, to save memory: a power of two, at most the number of parts
    #[arg(long, value_name = "K")]
    accumulate: Option<u32>,

    /// Compute again in the backward pass what a step then need not keep, to save memory: none, stage, block, block+stage, or
    /// budget(MIB) for activations and gradients within so many MiB; results are the same to the bit
    #[arg(long, value_name = "MODE")]
    recompute: Option<Recompute>,

    /// Optimise with sgd (momentum, for convolutional networks) or adamw (for Transformers); a change of optimiser sets
    /// --lr and --weight-decay to its defaults, 0.1 and 5e-4 or 0.001 and 0.05
    #[arg(long, alias = "optimizer", value_name = "NAME")]
    optimiser: Option<OptimiserKind>,

    /// Set the peak learning rate, reached after warm-up; cosine decay then takes it to 0
    #[arg(long, allow_negative_numbers = true, value_name = "RATE")]
    #[serde(rename = "learning_rate")]
    lr: Option<f64>,

    /// Warm up the learning rate for N epochs
    #[arg(long, value_name = "N")]
    warmup_epochs: Option<u32>,

    /// Set the Nesterov momentum of sgd, at least 0 and below 1
    #[arg(long, allow_negative_numbers = true, value_name = "M")]
    momentum: Option<f64>,

    /// Set the weight decay; norms, biases and coefficients are exempt
    #[arg(long, allow_negative_numbers = true, value_name = "W")]
    weight_decay: Option<f64>,

    /// Set the weight decay of learned coefficients
    #[arg(long, allow_negative_numbers = true, value_name = "W")]
    coefficient_decay: Option<f64>,

    /// Clip the global gradient norm to NORM; 0 disables clipping
    #[arg(long, allow_negative_numbers = true, value_name = "NORM")]
    clip_norm: Option<f64>,

    /// Set the label smoothing, at least 0 and below 1
    #[arg(long, allow_negative_numbers = true, value_name = "E")]
    label_smoothing: Option<f64>,

    /// Average the weights exponentially with this decay, such as 0.999, and test and save the average; 0 disables it
    #[arg(long, allow_negative_numbers = true, value_name = "DECAY")]
    ema: Option<f64>,

    /// Hold out this share of the training images, drawn from the seed, for validation: the best epoch is chosen on them,
    /// and the test images are used once, at the end; 0 holds out none [default: 0.1]
    #[arg(long, allow_negative_numbers = true, value_name = "SHARE")]
    validation: Option<f64>,

    /// Stop early after N epochs without a lower validation loss; 0 never stops [default: 0]
    #[arg(long, value_name = "N")]
    patience: Option<u32>,

    /// Keep activations in this type: f32, or bf16, which takes half the memory and is faster on GPUs; weights and evaluation stay in f32
    #[arg(long, value_name = "TYPE")]
    precision: Option<Precision>,

    /// Save a checkpoint every N epochs
    #[arg(long, value_name = "N")]
    checkpoint_every: Option<u32>,
}

#[derive(Args, Serialize)]
#[command(next_help_heading = "Augmentation (by default only --crop 1)")]
struct Augmentation {
    /// Crop randomly after padding by N pixels of the mean colour, which shifts images by up to N pixels along both axes
    #[arg(long, value_name = "N")]
    crop: Option<u32>,

    /// Flip images horizontally with probability 1/2
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    flip: bool,

    /// Apply N random operations per image (RandAugment): translate, shear, rotate, brightness, contrast, saturation, cutout
    #[arg(long, value_name = "N")]
    #[serde(rename = "random.operations")]
    random_operations: Option<u32>,

    /// Set the strength of the random operations, from 0 to 10 [default: 5]
    #[arg(long, allow_negative_numbers = true, value_name = "M")]
    #[serde(rename = "random.magnitude")]
    random_magnitude: Option<f64>,

    /// Jitter brightness, contrast and saturation by factors from 1 - S to 1 + S, with S from 0 to 1
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    colour: Option<f64>,

    /// Hide a random square of N×N pixels
    #[arg(long, value_name = "N")]
    cutout: Option<u32>,

    /// Mix pairs of images and labels, with weights from Beta(ALPHA, ALPHA)
    #[arg(long, allow_negative_numbers = true, value_name = "ALPHA")]
    mixup: Option<f64>,
}

impl Options {
    /// The folder of the data, if given.
    pub(super) fn data_dir(&self) -> Option<&Path> {
        self.experiment.data_dir.as_deref()
    }

    /// Lays the options over `settings`.
    pub(crate) fn settings(&self, mut settings: Settings) -> Result<Settings, Box<dyn Error>> {
        if let Some(name) = &self.layers.preset {
            settings.preset(name)?;
        }
        for path in &self.layers.config {
            settings.file(path)?;
        }
        for (prefix, group) in [
            ("", Table::try_from(&self.experiment)?),
            ("network.", Table::try_from(&self.network)?),
            ("training.", Table::try_from(&self.training)?),
            (
                "training.augmentation.",
                Table::try_from(&self.augmentation)?,
            ),
        ] {
            for (key, value) in group {
                settings.set(option(&key), &format!("{prefix}{key}"), value);
            }
        }
        if let Some(argument) = &self.network.scheme {
            SchemeArgument::read(argument)?.set(&mut settings, "--scheme");
        }
        for assignment in &self.layers.set {
            settings.assign(assignment)?;
        }
        Ok(settings)
    }
}

/// The option of a setting.
fn option(key: &str) -> String {
    let name = match key {
        "training.seed" => "seed",
        "kind" => "network",
        "learning_rate" => "lr",
        _ => key,
    };
    format!("--{}", name.replace(['_', '.'], "-"))
}
