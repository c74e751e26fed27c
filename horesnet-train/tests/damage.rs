//! Run folders of stopped runs, and with files that are endless, huge or another network's.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use horesnet_train::{
    Describe, Error, ExperimentConfig, HoResNetConfig, RunFolder, TrainingConfig, resume, run,
    score,
};

/// A run of two short epochs.
fn trained(path: &Path) -> RunFolder {
    let folder = created(path);
    run(&folder, &mut ()).unwrap();
    folder
}

/// The folder of such a run before it is trained.
fn created(path: &Path) -> RunFolder {
    let config = ExperimentConfig {
        network: HoResNetConfig {
            scheme: "euler".to_owned(),
            widths: vec![2],
            blocks: vec![1],
            stem_stride: 4,
            ..HoResNetConfig::default()
        }
        .into(),
        training: TrainingConfig {
            epochs: 2,
            batch_size: 721,
            ..TrainingConfig::default()
        },
        ..ExperimentConfig::default()
    };
    RunFolder::create(path, &config).unwrap()
}

fn files(folder: &RunFolder) -> [PathBuf; 3] {
    ["config.json", "metrics.jsonl", "model.safetensors"].map(|name| folder.path().join(name))
}

/// Returns the error of testing the run, or of reading its metrics, with a file that must not be read.
fn refused(folder: &RunFolder) -> String {
    let error = score(folder).map(|_| ()).and(folder.history().map(|_| ()));
    let error = error.unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    error.to_string()
}

#[test]
fn a_run_stopped_between_metrics_and_weights_is_compared_with_the_weights_epoch() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let [_, metrics, _] = files(&folder);
    // A run that was stopped has no test.
    fs::remove_file(folder.path().join("test.json")).unwrap();
    let kept = score(&folder).unwrap();
    assert_eq!(kept.reproduced(), Some(true));
    // The next epoch's line is there, its weights are not.
    let mut next = folder.history().unwrap().pop().unwrap();
    next.epoch = 3;
    next.test_loss = Some(0.5);
    let text = fs::read_to_string(&metrics).unwrap();
    let line = serde_json::to_string(&next).unwrap();
    fs::write(&metrics, format!("{text}{line}\n")).unwrap();
    let found = score(&folder).unwrap();
    assert_eq!((found.epoch, found.score), (Some(2), kept.score));
    assert_eq!(found.recorded, kept.recorded);
}

#[test]
fn a_line_that_was_not_written_to_the_end_is_left_out() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let [_, metrics, _] = files(&folder);
    let whole = fs::read(&metrics).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for length in [first, first + 1, whole.len() - 1] {
        fs::write(&metrics, &whole[..length]).unwrap();
        assert_eq!(folder.history().unwrap().len(), 1);
    }
    // What a power cut may leave is not even text.
    fs::write(&metrics, [&whole[..], &[0, 0xff, 0]].concat()).unwrap();
    assert_eq!(folder.history().unwrap().len(), 2);
}

#[test]
fn weights_without_their_line_are_scored_and_not_compared() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let [_, metrics, _] = files(&folder);
    fs::remove_file(folder.path().join("test.json")).unwrap();
    let scored = score(&folder).unwrap();
    for remove in [
        |path: &Path| fs::write(path, ""),
        |path: &Path| fs::remove_file(path),
    ] {
        remove(&metrics).unwrap();
        let found = score(&folder).unwrap();
        assert_eq!((found.epoch, found.score), (Some(2), scored.score));
        assert_eq!((found.reproduced(), found.recorded), (None, None));
    }
}

#[test]
fn files_longer_than_such_a_run_can_have_are_not_read() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    for path in files(&folder)
        .into_iter()
        .chain([temporary.path().join("test.json")])
    {
        let whole = fs::read(&path).unwrap();
        // A hole: a terabyte that takes no place on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let message = refused(&folder);
        assert!(
            message.contains("is 1099511627776 bytes long; expected at most"),
            "{message}"
        );
        fs::write(&path, whole).unwrap();
    }
    score(&folder).unwrap();
}

#[cfg(unix)]
#[test]
fn endless_files_are_not_read() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    for path in files(&folder)
        .into_iter()
        .chain([temporary.path().join("test.json")])
    {
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(refused(&folder).ends_with("is not a regular file"));
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert!(refused(&folder).ends_with("is not a regular file"));
        fs::remove_file(&path).unwrap();
        fs::write(&path, whole).unwrap();
    }
    score(&folder).unwrap();
}

/// The bytes of a safetensors file of these tensors, with the epoch or without.
fn model(tensors: &HashMap<String, Tensor>, epoch: Option<&str>) -> Vec<u8> {
    let metadata = epoch.map(|epoch| HashMap::from([("epoch".to_owned(), epoch.to_owned())]));
    safetensors::serialize(tensors, metadata).unwrap()
}

#[test]
fn weights_of_another_network_are_refused_by_name() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let [_, _, path] = files(&folder);
    let whole = fs::read(&path).unwrap();
    let tensors = candle_core::safetensors::load_buffer(&whole, &Device::Cpu).unwrap();
    // As before there was a version in the metadata.
    fs::write(&path, model(&tensors, Some("2"))).unwrap();
    score(&folder).unwrap();
    let refused_with = |change: &dyn Fn(&mut HashMap<String, Tensor>), epoch| {
        let mut tensors = tensors.clone();
        change(&mut tensors);
        fs::write(&path, model(&tensors, epoch)).unwrap();
        refused(&folder)
    };
    let weight = "stem.conv.weight";
    let replace = |tensors: &mut HashMap<String, Tensor>, shape, dtype| {
        let tensor = Tensor::zeros::<&[usize]>(shape, dtype, &Device::Cpu).unwrap();
        tensors.insert(weight.to_owned(), tensor);
    };
    for (message, expected) in [
        (
            refused_with(&|t| drop(t.remove(weight)), Some("2")),
            "does not match config.json: it lacks `stem.conv.weight`",
        ),
        (
            refused_with(&|t| replace(t, &[2, 1, 9], DType::F32), Some("2")),
            "expected `stem.conv.weight` of F32 [2, 1, 3, 3], found F32 [2, 1, 9]",
        ),
        (
            refused_with(&|t| replace(t, &[2, 1, 3, 3], DType::F64), Some("2")),
            "expected `stem.conv.weight` of F32 [2, 1, 3, 3], found F64 [2, 1, 3, 3]",
        ),
        (
            refused_with(
                &|t| drop(t.insert("more".to_owned(), t[weight].clone())),
                Some("2"),
            ),
            "the network has no `more`",
        ),
        (
            refused_with(&|_| {}, None),
            "lacks the epoch of its weights in its metadata",
        ),
        (
            refused_with(&|_| {}, Some("last")),
            "lacks the epoch of its weights in its metadata",
        ),
    ] {
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn no_cut_and_no_flipped_header_byte_does_harm() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let [_, _, path] = files(&folder);
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(97) {
        fs::write(&path, &whole[..length]).unwrap();
        let message = refused(&folder);
        assert!(
            message.contains("is not a safetensors file or is damaged"),
            "{message}"
        );
    }
    for at in 0..40 {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, bytes).unwrap();
        refused(&folder);
    }
}

#[test]
fn wrong_weights_are_refused_before_the_configured_network_is_drawn() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let [config, ..] = files(&folder);
    // 0.9 billion weights, 3.6 GB.
    let text = fs::read_to_string(&config).unwrap();
    let wide = text.replacen("\"widths\": [\n      2\n", "\"widths\": [\n      2500\n", 1);
    let wide = wide.replacen("\"blocks\": [\n      1\n", "\"blocks\": [\n      8\n", 1);
    assert_ne!(wide, text);
    fs::write(&config, wide).unwrap();
    let parameters = folder.config().unwrap().network.parameters().unwrap();
    assert!(parameters > 800_000_000, "{parameters}");
    let message = refused(&folder);
    assert!(message.contains("does not match config.json"), "{message}");
}

/// Does something to the folder of a run after the given epoch.
struct After<F>(usize, F);

impl<F: FnMut()> horesnet_train::Progress for After<F> {
    fn epoch(&mut self, metrics: &horesnet_train::EpochMetrics) {
        if metrics.epoch == self.0 {
            (self.1)();
        }
    }
}

#[test]
fn a_folder_removed_during_training_ends_it() {
    type Act = fn(&Path);
    let acts: [(Act, &str); 5] = [
        (
            |path| fs::remove_dir_all(path).unwrap(),
            "` was removed while its training was running",
        ),
        (
            |path| {
                fs::remove_dir_all(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            "removed",
        ),
        (
            // Another run in its place has a configuration too.
            |path| {
                let config = fs::read(path.join("config.json")).unwrap();
                fs::remove_dir_all(path).unwrap();
                fs::create_dir(path).unwrap();
                fs::write(path.join("config.json"), config).unwrap();
            },
            if cfg!(unix) {
                "` was removed and made again while"
            } else {
                "was removed"
            },
        ),
        (
            |path| fs::remove_file(path.join("config.json")).unwrap(),
            "config.json` was removed while",
        ),
        (
            |path| fs::remove_file(path.join("metrics.jsonl")).unwrap(),
            "metrics.jsonl` was removed while",
        ),
    ];
    for (act, expected) in acts {
        for epoch in [1, 2] {
            let temporary = tempfile::tempdir().unwrap();
            let path = temporary.path().join("run");
            let folder = created(&path);
            let error = run(&folder, &mut After(epoch, || act(&path))).unwrap_err();
            assert!(matches!(error, Error::Removed { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{epoch}: {error}");
            // Nothing more is written.
            let empty = fs::read_dir(&path).map_or(true, |mut entries| {
                entries.all(|entry| entry.unwrap().file_name() == "config.json")
            });
            assert!(empty || !expected.starts_with('`'), "{expected}");
            assert!(!path.join("loss.svg").exists());
        }
    }
}

#[test]
fn unfinished_files_are_removed_when_a_training_resumes() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path());
    let names = || {
        let entries = fs::read_dir(temporary.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    for name in [
        "checkpoint.safetensors.new",
        "model.safetensors.new",
        "metrics.jsonl.new",
        "report.html.new",
    ] {
        fs::write(temporary.path().join(name), "half").unwrap();
    }
    let mine = temporary.path().join("notes.new");
    fs::write(&mine, "the user's").unwrap();
    resume(&folder, &mut ()).unwrap();
    fs::remove_file(mine).unwrap();
    let events = |name: &std::ffi::OsString| !name.to_str().unwrap().contains("tfevents");
    let kept = |names: Vec<_>| names.into_iter().filter(events).collect::<Vec<_>>();
    assert_eq!(kept(names()), kept(before));
}
