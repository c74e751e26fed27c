//! Runs that end as if they had not been stopped.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use horesnet_train::{
    EpochMetrics, Error, HoResNetConfig, Progress, RunFolder, resume, run, score,
};
use safetensors::SafeTensors;

use super::{CHECKPOINT, StopAfter, config, created, halfway, results, stopped, uninterrupted};

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
    // Without the checkpoint, a training would start over and lose the weights.
    fs::remove_file(folder.path().join(CHECKPOINT)).unwrap();
    let message = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(
        message.ends_with("the run has ended: there is nothing to resume"),
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

/// Tries to resume the run it watches.
struct Intruder<'a>(&'a RunFolder, Vec<String>);

impl Progress for Intruder<'_> {
    fn epoch(&mut self, _: &EpochMetrics) {
        let error = resume(self.0, &mut ()).unwrap_err();
        self.1.push(error.to_string());
    }
}

#[test]
#[cfg(unix)]
fn a_folder_takes_one_training_at_a_time() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = created(temporary.path(), &config());
    let mut intruder = Intruder(&folder, Vec::new());
    run(&folder, &mut intruder).unwrap();
    assert_eq!(intruder.1.len(), 3);
    assert!(
        intruder
            .1
            .iter()
            .all(|message| message.contains("is in use")),
        "{:?}",
        intruder.1
    );
    resume(&folder, &mut ()).unwrap();
}

#[test]
fn weights_of_epochs_after_the_checkpoint_go_with_their_metrics() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = halfway(temporary.path());
    let checkpoint = folder.path().join(CHECKPOINT);
    let earlier = fs::read(&checkpoint).unwrap();
    // Into the third epoch: there are weights of the second, which the checkpoint of before lies in the middle of.
    stopped(resume(&folder, &mut StopAfter(3)));
    fs::write(&checkpoint, earlier).unwrap();
    stopped(resume(&folder, &mut StopAfter(1)));
    assert_eq!(folder.history().unwrap().len(), 1);
    assert!(!folder.path().join("model.safetensors").exists());
    resume(&folder, &mut ()).unwrap();
    assert!(results(&folder) == uninterrupted(&config()));
}
