//! Validation images: how they are drawn, the best epoch, early stopping, and the test at the end.

mod until;

use std::fs;
use std::path::{Path, PathBuf};

use horesnet_train::data::{Dataset, Split, digits};
use horesnet_train::{
    EpochMetrics, Error, ExperimentConfig, HoResNetConfig, OptimiserKind, Progress, RunFolder,
    TrainingConfig, resume, run, score,
};

use until::Until;

/// A run of six short epochs, whose rate is high enough for epochs to be worse than those before.
fn config() -> ExperimentConfig {
    ExperimentConfig {
        network: HoResNetConfig {
            scheme: "euler".to_owned(),
            widths: vec![4],
            blocks: vec![1],
            stem_stride: 2,
            ..HoResNetConfig::default()
        }
        .into(),
        training: TrainingConfig {
            epochs: 6,
            batch_size: 256,
            learning_rate: 1.0,
            validation: 0.2,
            ..TrainingConfig::default()
        },
        ..ExperimentConfig::default()
    }
}

fn trained(path: &Path, config: &ExperimentConfig) -> RunFolder {
    let folder = RunFolder::create(path, config).unwrap();
    run(&folder, &mut ()).unwrap();
    folder
}

/// The epoch with the lowest validation loss, as the history says.
fn best(folder: &RunFolder) -> usize {
    let history = folder.history().unwrap();
    let mut best = &history[0];
    for metrics in &history[1..] {
        if metrics.val_loss < best.val_loss {
            best = metrics;
        }
    }
    best.epoch
}

#[test]
fn every_class_gives_the_same_share() {
    let split = digits::split().unwrap();
    let all = split.train.class_counts();
    let [held, same, other] = [3, 3, 4].map(|seed| split.clone().hold_out(0.1, seed).unwrap());
    let validation = held.validation.as_ref().unwrap();
    for ((all, kept), held) in all
        .iter()
        .zip(held.train.class_counts())
        .zip(validation.class_counts())
    {
        assert_eq!(kept + held, *all);
        assert_eq!(held, (0.1 * *all as f64).round() as usize);
    }
    let images = |split: &Split| -> Vec<Vec<u8>> {
        let images = split.validation.as_ref().unwrap().images();
        images.map(<[u8]>::to_vec).collect()
    };
    assert_eq!(images(&held), images(&same));
    assert_ne!(images(&held), images(&other));
    // No image is in both, and the test is untouched.
    let is_held = |image: &&[u8]| images(&held).iter().any(|held| held == image);
    let doubles = split
        .train
        .images()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    assert_eq!(doubles, split.train.len(), "images are distinct");
    assert_eq!(held.train.images().filter(is_held).count(), 0);
    assert_eq!(held.test.labels(), split.test.labels());
}

#[test]
fn small_classes_give_an_image_if_they_have_two() {
    let set = |labels: Vec<u8>| {
        let pixels = (0..labels.len() as u8).collect();
        Dataset::new("made", [1, 1, 1], 3, pixels, labels).unwrap()
    };
    let held = |labels: Vec<u8>, share: f64| {
        let split = Split::new(set(labels), set(vec![0])).unwrap();
        split.hold_out(share, 0)
    };
    let split = held(vec![0, 1, 1, 2, 2, 2], 0.1).unwrap();
    assert_eq!(split.validation.unwrap().class_counts(), [0, 1, 1]);
    assert_eq!(split.train.class_counts(), [1, 1, 2]);
    // However large the share is, one image is left to train on.
    let split = held(vec![0, 1, 1, 2, 2, 2], 0.99).unwrap();
    assert_eq!(split.train.class_counts(), [1, 1, 1]);
    let error = held(vec![0, 1, 2], 0.5).unwrap_err();
    assert!(
        error.to_string().contains("no class has two images"),
        "{error}"
    );
    assert!(held(vec![0, 1, 2], 0.0).unwrap().validation.is_none());
}

#[test]
fn the_best_epoch_is_kept_and_tested_once() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(temporary.path(), &config()).unwrap();
    let summary = run(&folder, &mut ()).unwrap();
    let history = folder.history().unwrap();
    assert!(history.iter().all(|metrics| metrics.test().is_none()));
    let best = best(&folder);
    assert_eq!(summary.best_epoch, Some(best));
    assert_eq!(summary.val_accuracy, history[best - 1].val_accuracy);
    let test = folder.test_result().unwrap().unwrap();
    assert_eq!(
        (test.epoch, Some(test.accuracy)),
        (best, summary.test_accuracy)
    );
    assert_eq!(test.predictions.len(), 355);
    assert!((test.predictions.accuracy() - test.accuracy).abs() < 1e-12);
    assert_eq!(folder.load().unwrap().epoch, best);
    let found = score(&folder).unwrap();
    assert_eq!((found.epoch, found.score), (Some(best), test.score()));
    assert_eq!(found.of_training, Some(true));
    assert_eq!(
        (found.reproduced(), found.predictions),
        (Some(true), test.predictions)
    );
}

#[test]
fn a_training_that_no_longer_improves_stops() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.epochs = 40;
    config.training.patience = 2;
    let folder = trained(temporary.path(), &config);
    let epochs = folder.history().unwrap().len();
    assert!(epochs < 40, "{epochs}");
    assert_eq!(epochs, best(&folder) + 2);
    // It has ended: nothing is trained again.
    let before = fs::read(temporary.path().join("metrics.jsonl")).unwrap();
    resume(&folder, &mut ()).unwrap();
    assert_eq!(
        fs::read(temporary.path().join("metrics.jsonl")).unwrap(),
        before
    );
}

#[test]
fn patience_needs_validation_images() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.patience = 1;
    config.training.validation = 0.0;
    let folder = RunFolder::create(temporary.path(), &config).unwrap();
    let error = run(&folder, &mut ()).unwrap_err();
    assert!(matches!(error, Error::Setting { .. }), "{error}");
    assert!(error.to_string().contains("set `validation`"), "{error}");
}

#[test]
fn a_stopped_run_ends_with_the_same_bits() {
    let files = ["model.safetensors", "best.safetensors", "test.json"];
    let read = |path: &Path| files.map(|name| fs::read(path.join(name)).unwrap());
    for (optimiser, every) in [(OptimiserKind::AdamW, 1), (OptimiserKind::Sgd, 4)] {
        let temporary = tempfile::tempdir().unwrap();
        let mut config = config();
        config.training.optimiser = optimiser;
        config.training.checkpoint_every = every;
        if optimiser == OptimiserKind::AdamW {
            config.training.learning_rate = 0.03;
        }
        let whole = temporary.path().join("whole");
        trained(&whole, &config);
        let expected = read(&whole);
        // Five steps an epoch: in the first, between epochs, and in later ones.
        for steps in [1, 5, 8, 21, 29] {
            let path = temporary.path().join(steps.to_string());
            let folder = RunFolder::create(&path, &config).unwrap();
            let stopped = run(&folder, &mut Until(steps)).unwrap_err();
            assert!(matches!(stopped, Error::Interrupted { .. }), "{stopped}");
            resume(&folder, &mut ()).unwrap();
            assert!(
                read(&path) == expected,
                "{optimiser} stopped after step {steps}"
            );
        }
    }
}

/// Copies the folder of a run after each epoch.
struct Copies {
    from: PathBuf,
    to: PathBuf,
}

impl Progress for Copies {
    fn epoch(&mut self, metrics: &EpochMetrics) {
        copy(&self.from, &self.to.join(metrics.epoch.to_string()));
    }
}

/// A change of a folder.
type Change<'a> = &'a dyn Fn(&Path);

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_run_killed_after_any_epoch_ends_with_the_same_bits() {
    let files = ["model.safetensors", "best.safetensors", "test.json"];
    let read = |path: &Path| files.map(|name| fs::read(path.join(name)).unwrap());
    for every in [1, 4] {
        let temporary = tempfile::tempdir().unwrap();
        let mut config = config();
        config.training.checkpoint_every = every;
        let whole = temporary.path().join("whole");
        let folder = RunFolder::create(&whole, &config).unwrap();
        let mut copies = Copies {
            from: whole.clone(),
            to: temporary.path().to_owned(),
        };
        run(&folder, &mut copies).unwrap();
        let expected = read(&whole);
        for epoch in 1..=6 {
            let at = |epoch: usize| temporary.path().join(epoch.to_string());
            let variants: [(&str, Change<'_>); 3] = [
                ("as it was", &|_| ()),
                ("without the last weights", &|path| {
                    fs::remove_file(path.join("model.safetensors")).unwrap();
                }),
                // Killed between the best weights of the next epoch and its checkpoint.
                ("with the next best weights", &|path| {
                    let next = at((epoch + 1).min(6)).join("best.safetensors");
                    fs::copy(next, path.join("best.safetensors")).unwrap();
                }),
            ];
            for (variant, change) in variants {
                let path = temporary.path().join("copy");
                copy(&at(epoch), &path);
                change(&path);
                resume(&RunFolder::open(&path).unwrap(), &mut ()).unwrap();
                assert!(
                    read(&path) == expected,
                    "every {every}, epoch {epoch}, {variant}"
                );
                fs::remove_dir_all(&path).unwrap();
            }
        }
    }
}

#[test]
fn a_run_that_has_ended_is_not_trained_again() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.epochs = 40;
    config.training.patience = 2;
    let folder = trained(temporary.path(), &config);
    let listed = || {
        let mut files: Vec<_> = fs::read_dir(temporary.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    // Without the best weights, which no other epoch brings again.
    let best = temporary.path().join("best.safetensors");
    let kept = fs::read(&best).unwrap();
    fs::remove_file(&best).unwrap();
    let before = listed();
    let message = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(message.contains("cannot resume without them"), "{message}");
    assert!(listed() == before);
    fs::write(&best, &kept[..kept.len() - 1]).unwrap();
    let message = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(message.contains("best.safetensors"), "{message}");
    fs::write(&best, &kept).unwrap();
    // Without the checkpoint, from which nothing can be resumed.
    fs::remove_file(temporary.path().join("checkpoint.safetensors")).unwrap();
    let before = listed();
    let message = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(message.ends_with("there is nothing to resume"), "{message}");
    assert!(listed() == before);
    // Nor is it a folder for a new training.
    for name in ["metrics.jsonl", "model.safetensors"] {
        fs::remove_file(temporary.path().join(name)).unwrap();
    }
    let taken = run(&folder, &mut ()).unwrap_err();
    assert!(matches!(taken, Error::FolderTaken { .. }), "{taken}");
}

#[test]
fn best_weights_of_the_checkpoint_are_made_from_it() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = config();
    // Low enough for every epoch to be better than the last.
    config.training.learning_rate = 0.01;
    let folder = trained(temporary.path(), &config);
    assert_eq!(best(&folder), 6, "the case is one of interest");
    let path = temporary.path().join("best.safetensors");
    let kept = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    resume(&folder, &mut ()).unwrap();
    assert!(fs::read(&path).unwrap() == kept);
}

#[test]
fn best_weights_after_the_checkpoint_are_found_again() {
    // The program is killed: the checkpoint is of epoch 2, the best weights of a later one.
    let temporary = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.checkpoint_every = 2;
    let whole = temporary.path().join("whole");
    let folder = trained(&whole, &config);
    assert!(best(&folder) > 2, "the case is one of interest");
    let path = temporary.path().join("killed");
    let killed = RunFolder::create(&path, &config).unwrap();
    // Stopped in the third epoch, then given the best weights of the end.
    run(&killed, &mut Until(11)).unwrap_err();
    fs::copy(
        whole.join("best.safetensors"),
        path.join("best.safetensors"),
    )
    .unwrap();
    resume(&killed, &mut ()).unwrap();
    for name in ["best.safetensors", "model.safetensors", "test.json"] {
        let [one, other] = [&whole, &path].map(|folder| fs::read(folder.join(name)).unwrap());
        assert!(one == other, "{name}");
    }
}

#[test]
fn the_time_before_a_stop_counts() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(temporary.path(), &config()).unwrap();
    run(&folder, &mut Until(3)).unwrap_err();
    let bytes = fs::read(temporary.path().join("checkpoint.safetensors")).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let state = &header.metadata().as_ref().unwrap()["checkpoint"];
    let record = &state[state.find('{').unwrap()..];
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    let before = record["seconds"].as_f64().unwrap();
    assert!(before > 0.0);
    resume(&folder, &mut ()).unwrap();
    assert!(folder.history().unwrap()[0].seconds > before);
}
