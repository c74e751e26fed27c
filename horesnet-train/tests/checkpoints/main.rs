//! Runs that are stopped and taken up again, and checkpoints that are not what they should be.

mod refusals;
mod resuming;

use std::fs;
use std::path::Path;

use horesnet_train::{
    Augmentation, Error, ExperimentConfig, HoResNetConfig, Progress, Result, RunFolder, Summary,
    TrainingConfig, run,
};

const CHECKPOINT: &str = "checkpoint.safetensors";

/// Three epochs of three batches with everything on that a step hands to the next.
fn config() -> ExperimentConfig {
    ExperimentConfig {
        network: HoResNetConfig {
            scheme: "midpoint".to_owned(),
            widths: vec![2],
            blocks: vec![1],
            stem_stride: 4,
            drop_path: 0.3,
            dropout: 0.2,
            ..HoResNetConfig::default()
        }
        .into(),
        training: TrainingConfig {
            epochs: 3,
            batch_size: 500,
            ema: 0.9,
            clip_norm: 1.0,
            augmentation: Augmentation {
                crop: 1,
                ..Augmentation::default()
            },
            seed: 4,
            ..TrainingConfig::default()
        },
        ..ExperimentConfig::default()
    }
}

fn created(path: &Path, config: &ExperimentConfig) -> RunFolder {
    RunFolder::create(path, config).unwrap()
}

/// The lines of metrics without their times, and the files of weights.
fn results(folder: &RunFolder) -> (Vec<String>, Vec<u8>, Vec<u8>) {
    let metrics = fs::read_to_string(folder.path().join("metrics.jsonl")).unwrap();
    let lines = metrics.lines();
    let metrics = lines.map(|line| line.split(",\"seconds\"").next().unwrap().to_owned());
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    (
        metrics.collect(),
        read("model.safetensors"),
        read(CHECKPOINT),
    )
}

/// A run nobody stopped.
fn uninterrupted(config: &ExperimentConfig) -> (Vec<String>, Vec<u8>, Vec<u8>) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), config);
    run(&folder, &mut ()).unwrap();
    results(&folder)
}

/// Stops after so many batches.
struct StopAfter(usize);

impl Progress for StopAfter {
    fn batch(&mut self, _: usize, _: usize, _: f64) {
        self.0 -= 1;
    }
    fn stops(&mut self) -> bool {
        self.0 == 0
    }
}

fn stopped(outcome: Result<Summary>) -> (usize, usize) {
    match outcome.unwrap_err() {
        Error::Interrupted { epoch, batch } => (epoch, batch),
        error => panic!("{error}"),
    }
}

/// A run of which one epoch is over, and one batch.
fn halfway(path: &Path) -> RunFolder {
    let folder = created(path, &config());
    stopped(run(&folder, &mut StopAfter(4)));
    folder
}
