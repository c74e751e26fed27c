//! Runs that are stopped and taken up again, and checkpoints that are not what they should be.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use horesnet_train::{
    Augmentation, EpochMetrics, Error, ExperimentConfig, HoResNetConfig, Progress, Result,
    RunFolder, Summary, TrainingConfig, resume, run, score,
};
use safetensors::SafeTensors;

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

#[test]
fn a_run_stopped_anywhere_ends_as_if_it_had_not_been() {
    let config = config();
    let expected = uninterrupted(&config);
    for batches in 1..=9 {
        let temporary = tempfile::tempdir().unwrap();
        let folder = created(temporary.path(), &config);
        let place = stopped(run(&folder, &mut StopAfter(batches)));
        assert_eq!(place, (1 + (batches - 1) / 3, 1 + (batches - 1) % 3));
        let summary = resume(&folder, &mut ()).unwrap();
        assert_eq!(summary.epochs, 3);
        assert!(
            results(&folder) == expected,
            "stopped after {batches} batches"
        );
    }
}

#[test]
fn coefficients_that_are_learned_or_decay_go_on_too() {
    for coefficients in [
        "learned",
        "learned(all, projected)",
        "decaying(0.5, epochs)",
    ] {
        let mut config = config();
        config.network = HoResNetConfig {
            coefficients: coefficients.parse().unwrap(),
            scheme: "midpoint".to_owned(),
            widths: vec![2],
            blocks: vec![1],
            stem_stride: 4,
            ..HoResNetConfig::default()
        }
        .into();
        config.training.coefficient_decay = 0.1;
        let expected = uninterrupted(&config);
        // Before a test, when all batches of the epoch are done, and between two steps.
        for batches in [3, 4] {
            let temporary = tempfile::tempdir().unwrap();
            let folder = created(temporary.path(), &config);
            stopped(run(&folder, &mut StopAfter(batches)));
            resume(&folder, &mut ()).unwrap();
            assert!(results(&folder) == expected, "{coefficients} {batches}");
            assert_eq!(score(&folder).unwrap().reproduced(), Some(true));
        }
    }
}

#[test]
fn what_is_learned_is_in_the_metrics() {
    let names = |coefficients: &str| -> Vec<String> {
        let mut config = config();
        config.training.epochs = 1;
        config.network = HoResNetConfig {
            coefficients: coefficients.parse().unwrap(),
            scheme: "midpoint".to_owned(),
            widths: vec![2],
            blocks: vec![2],
            stem_stride: 4,
            ..HoResNetConfig::default()
        }
        .into();
        let temporary = tempfile::tempdir().unwrap();
        let folder = created(temporary.path(), &config);
        run(&folder, &mut ()).unwrap();
        let metrics = folder.history().unwrap().pop().unwrap();
        let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
        let mut names = Vec::new();
        for (block, values) in &metrics.coefficients {
            for (name, value) in values {
                assert!(value.is_finite());
                assert!(
                    page.contains(&format!("<th>{block}.{name}</th>")),
                    "{block}.{name}"
                );
                names.push(format!("{block}.{name}"));
            }
        }
        names
    };
    assert_eq!(names("fixed(1)"), [""; 0]);
    assert_eq!(names("learned"), ["group1.block1.h", "group1.block2.h"]);
    let all = ["a21", "b2"].map(|name| format!("group1.block1.{name}"));
    assert_eq!(names("learned(all)")[..2], all);
}

#[test]
fn a_run_stopped_after_every_step_does_too() {
    let config = config();
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), &config);
    stopped(run(&folder, &mut StopAfter(1)));
    for _ in 1..9 {
        stopped(resume(&folder, &mut StopAfter(1)));
    }
    resume(&folder, &mut StopAfter(1)).unwrap();
    assert!(results(&folder) == uninterrupted(&config));
}

/// Copies the folder after each epoch: what is there when the program is killed.
struct Copies<'a> {
    from: &'a Path,
    to: &'a Path,
}

impl Progress for Copies<'_> {
    fn epoch(&mut self, metrics: &EpochMetrics) {
        copy(self.from, &self.to.join(metrics.epoch.to_string()));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn what_came_after_the_last_checkpoint_is_made_again() {
    let mut config = config();
    config.training.epochs = 5;
    config.training.checkpoint_every = 2;
    let temporary = tempfile::tempdir().unwrap();
    let (from, to) = (
        temporary.path().join("run"),
        temporary.path().join("copies"),
    );
    fs::create_dir(&to).unwrap();
    let folder = created(&from, &config);
    run(
        &folder,
        &mut Copies {
            from: &from,
            to: &to,
        },
    )
    .unwrap();
    let expected = results(&folder);
    for epoch in 1..=5 {
        let folder = RunFolder::open(to.join(epoch.to_string())).unwrap();
        // After the first epoch there is no checkpoint yet, after the third that of the second.
        assert_eq!(folder.path().join(CHECKPOINT).exists(), epoch > 1);
        assert_eq!(folder.history().unwrap().len(), epoch);
        resume(&folder, &mut ()).unwrap();
        assert!(results(&folder) == expected, "killed after epoch {epoch}");
    }
}

#[test]
fn a_run_that_has_ended_is_left_as_it_is() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), &config());
    let first = run(&folder, &mut ()).unwrap();
    let expected = results(&folder);
    fs::remove_file(folder.path().join("loss.svg")).unwrap();
    let second = resume(&folder, &mut ()).unwrap();
    assert!(results(&folder) == expected);
    assert_eq!(first, second);
    assert!(folder.path().join("loss.svg").exists());
    // Without the checkpoint there is nothing to go on with, and something to lose.
    fs::remove_file(folder.path().join(CHECKPOINT)).unwrap();
    let message = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(
        message.ends_with("the run has ended: there is nothing to go on with"),
        "{message}"
    );
}

#[test]
fn a_model_that_is_lost_is_made_from_the_checkpoint() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), &config());
    run(&folder, &mut ()).unwrap();
    let expected = results(&folder);
    fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    resume(&folder, &mut ()).unwrap();
    assert!(results(&folder) == expected);
}

#[test]
fn what_is_tested_and_kept_is_the_average() {
    let mut plain = config();
    plain.training.ema = 0.0;
    let weights = |bytes: &[u8], prefix: &str| -> BTreeMap<String, Vec<u8>> {
        let file = SafeTensors::deserialize(bytes).unwrap();
        let tensors = file.iter();
        tensors
            .filter_map(|(name, view)| {
                Some((name.strip_prefix(prefix)?.to_owned(), view.data().to_vec()))
            })
            .collect()
    };
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), &config());
    run(&folder, &mut ()).unwrap();
    assert_eq!(score(&folder).unwrap().reproduced(), Some(true));
    let (averaged, model, checkpoint) = results(&folder);
    assert!(weights(&model, "") == weights(&checkpoint, "ema."));
    // The weights themselves go the way they go without an average.
    let (unaveraged, model, _) = uninterrupted(&plain);
    assert_ne!(averaged, unaveraged);
    let kept = weights(&checkpoint, "");
    for (name, weights) in weights(&model, "") {
        assert!(kept[&name] == weights, "{name}");
    }
}

#[test]
fn remains_of_a_checkpoint_that_was_being_written_are_ignored() {
    let config = config();
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), &config);
    stopped(run(&folder, &mut StopAfter(4)));
    let aside = folder.path().join(format!("{CHECKPOINT}.new"));
    fs::write(&aside, "the beginning of a checkpoint").unwrap();
    resume(&folder, &mut ()).unwrap();
    assert!(results(&folder) == uninterrupted(&config));
    assert!(!aside.exists());
}

/// A run of which one epoch is over, and one batch.
fn halfway(path: &Path) -> RunFolder {
    let folder = created(path, &config());
    stopped(run(&folder, &mut StopAfter(4)));
    folder
}

fn refused(folder: &RunFolder) -> String {
    let error = resume(folder, &mut ()).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(CHECKPOINT), "{message}");
    message
}

#[test]
fn a_checkpoint_of_other_settings_is_refused_by_the_setting() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = halfway(temporary.path());
    let config = folder.path().join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    for (before, after, expected) in [
        (
            "\"midpoint\"",
            "\"euler\"",
            "`network.scheme` is \"midpoint\" in it and \"euler\" in config.json",
        ),
        (
            "\"blocks\": [\n      1\n",
            "\"blocks\": [\n      2\n",
            "`network.blocks` is [1] in it and [2] in",
        ),
        (
            "\"seed\": 4",
            "\"seed\": 5",
            "`training.seed` is 4 in it and 5 in config.json",
        ),
        (
            "\"epochs\": 3",
            "\"epochs\": 4",
            "`training.epochs` is 3 in it and 4 in config.json",
        ),
        (
            "\"ema\": 0.9",
            "\"ema\": 0.0",
            "`training.ema` is 0.9 in it and 0.0 in config.json",
        ),
    ] {
        let changed = text.replacen(before, after, 1);
        assert_ne!(changed, text, "{before}");
        fs::write(&config, changed).unwrap();
        let message = refused(&folder);
        assert!(message.contains("is of another training: "), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn no_cut_and_no_changed_byte_is_loaded() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = halfway(temporary.path());
    let path = folder.path().join(CHECKPOINT);
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(199) {
        fs::write(&path, &whole[..length]).unwrap();
        let message = refused(&folder);
        assert!(
            message.contains("is not a safetensors file or is damaged"),
            "{message}"
        );
    }
    for at in (0..whole.len()).step_by(101) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        refused(&folder);
    }
    fs::write(&path, [&whole[..], &[0]].concat()).unwrap();
    refused(&folder);
    fs::write(&path, whole).unwrap();
    resume(&folder, &mut ()).unwrap();
}

#[test]
fn files_of_another_format_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = halfway(temporary.path());
    let path = folder.path().join(CHECKPOINT);
    let whole = fs::read(&path).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&whole).unwrap();
    let note = metadata.metadata().as_ref().unwrap()["checkpoint"].clone();
    let tensors = candle_core::safetensors::load_buffer(&whole, &Device::Cpu).unwrap();
    let write = |tensors: &HashMap<String, Tensor>, note: Option<&str>| {
        let note = note.map(|note| HashMap::from([("checkpoint".to_owned(), note.to_owned())]));
        fs::write(&path, safetensors::serialize(tensors, note).unwrap()).unwrap();
    };
    write(&tensors, Some(&note));
    assert_eq!(fs::read(&path).unwrap(), whole);
    write(&tensors, None);
    assert!(refused(&folder).ends_with("is no checkpoint of a training"));
    write(&tensors, Some(&note.replacen('1', "2", 1)));
    assert!(refused(&folder).ends_with("has version 2 of the format; this program reads 1"));
    write(&tensors, Some("1 00000000 {}"));
    assert!(refused(&folder).contains("is damaged"));
    let mut fewer = tensors.clone();
    fewer.remove("momentum.stem.conv.weight").unwrap();
    write(&fewer, Some(&note));
    assert!(refused(&folder).ends_with("it lacks `momentum.stem.conv.weight`"));
}

#[test]
fn metrics_that_the_checkpoint_follows_must_be_there() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = halfway(temporary.path());
    fs::write(folder.path().join("metrics.jsonl"), "").unwrap();
    let message = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(
        message.contains("metrics.jsonl` lacks epochs before the checkpoint"),
        "{message}"
    );
}

#[test]
fn divergence_keeps_the_last_good_checkpoint() {
    let mut config = config();
    // One step an epoch, at rates that grow from step to step.
    config.training.epochs = 5;
    config.training.warmup_epochs = 5;
    config.training.batch_size = 1442;
    config.training.clip_norm = 0.0;
    // A rate that ruins the weights, but not in the first epoch.
    let found = (4..40).find_map(|half_decades| {
        config.training.learning_rate = 10f64.powf(f64::from(half_decades) / 2.0);
        let temporary = tempfile::tempdir().unwrap();
        let folder = created(temporary.path(), &config);
        match run(&folder, &mut ()) {
            Err(Error::Diverged { epoch, found }) if epoch > 1 => {
                Some((temporary, folder, epoch, found))
            }
            _ => None,
        }
    });
    let (_temporary, folder, epoch, found) = found.unwrap();
    assert_eq!(folder.history().unwrap().len(), epoch - 1);
    assert_eq!(score(&folder).unwrap().reproduced(), Some(true));
    // What was kept is loaded, and goes the same way.
    let again = resume(&folder, &mut ()).unwrap_err();
    assert!(
        matches!(&again, Error::Diverged { epoch: e, found: f } if (*e, f) == (epoch, &found)),
        "{again} {epoch} {found}"
    );
}

#[test]
fn every_session_has_an_event_file_of_its_own() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = halfway(temporary.path());
    resume(&folder, &mut ()).unwrap();
    let sizes = ["000001", "000002"].map(|number| {
        let path = folder.path().join(format!("events.out.tfevents.{number}"));
        fs::metadata(path).unwrap().len()
    });
    // Two epochs and where they begin are longer than one.
    assert!(sizes[0] > 0 && sizes[1] > sizes[0], "{sizes:?}");
}

#[test]
fn a_batch_of_more_images_than_there_are_is_refused() {
    let mut config = config();
    config.training.batch_size = 1443;
    let message = config.clone().fitted().unwrap_err().to_string();
    assert_eq!(
        message,
        "batch_size: 1443 is more than the 1442 images there are to train on"
    );
    config.training.batch_size = 1442;
    config.fitted().unwrap();
}

#[test]
fn a_run_goes_on_only_as_it_began() {
    let config = config();
    config.expect(&config).unwrap();
    let mut other = config.clone();
    other.training.epochs = 4;
    assert_eq!(
        config.expect(&other).unwrap_err().to_string(),
        "training.epochs is 3 in this run and 4 was asked for; a run is resumed as it began, because the learning rate \
         of every step depends on the number of epochs; start a new run for another"
    );
}
