//! Run folders: what is in them, that runs repeat to the bit, and what is said when something is wrong with them.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device};
use horesnet_train::complexity::Complexity;
use horesnet_train::{
    Augmentation, Describe, EpochMetrics, Error, ExperimentConfig, HoResNetConfig, Progress,
    RunFolder, TrainingConfig, Variables, data, run, score, test, train,
};

fn tiny(seed: u64) -> ExperimentConfig {
    ExperimentConfig {
        network: HoResNetConfig {
            scheme: "midpoint".to_owned(),
            widths: vec![2],
            blocks: vec![1],
            stem_stride: 4,
            ..HoResNetConfig::default()
        }
        .into(),
        training: TrainingConfig {
            epochs: 2,
            batch_size: 131,
            augmentation: Augmentation {
                crop: 1,
                ..Augmentation::default()
            },
            seed,
            ..TrainingConfig::default()
        },
        ..ExperimentConfig::default()
    }
}

/// The lines of metrics without their times, and the weights.
fn results(folder: &RunFolder) -> (Vec<String>, Vec<u8>) {
    let metrics = fs::read_to_string(folder.path().join("metrics.jsonl")).unwrap();
    let metrics = metrics
        .lines()
        .map(|line| line.split(",\"seconds\"").next().unwrap().to_owned())
        .collect();
    let weights = fs::read(folder.path().join("model.safetensors")).unwrap();
    (metrics, weights)
}

fn trained(path: &Path, seed: u64) -> RunFolder {
    let folder = RunFolder::create(path, &tiny(seed)).unwrap();
    run(&folder, &mut ()).unwrap();
    folder
}

#[test]
fn a_run_leaves_its_files_and_nothing_else() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path(), 0);
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "accuracy.svg",
            "checkpoint.safetensors",
            "config.json",
            "events.out.tfevents.000001",
            "loss.svg",
            "metrics.jsonl",
            "model.safetensors",
            "report.html",
            "test.json"
        ]
    );
    let expected = ExperimentConfig {
        model: Some(folder.info().unwrap()),
        ..tiny(0)
    };
    assert_eq!(folder.config().unwrap(), expected);
    assert_eq!(results(&folder).0.len(), 2);
    for chart in ["loss.svg", "accuracy.svg"] {
        let svg = fs::read_to_string(folder.path().join(chart)).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("epoch") && svg.contains("test"));
    }
}

#[test]
fn the_same_seed_gives_the_same_metrics_and_weights_and_another_does_not() {
    let temporary = tempfile::tempdir().unwrap();
    let first = results(&trained(&temporary.path().join("a"), 1));
    let second = results(&trained(&temporary.path().join("b"), 1));
    let other = results(&trained(&temporary.path().join("c"), 2));
    assert_eq!(first, second);
    assert_ne!(first.0, other.0);
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = tiny(1);
    config.network = HoResNetConfig {
        scheme: "midpoint".to_owned(),
        widths: vec![16, 32],
        blocks: vec![1, 1],
        ..HoResNetConfig::default()
    }
    .into();
    config.training.epochs = 1;
    let with = |threads: usize| {
        let folder = temporary.path().join(threads.to_string());
        let folder = RunFolder::create(&folder, &config).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let trained = pool.unwrap().install(|| run(&folder, &mut ()));
        trained.unwrap();
        results(&folder)
    };
    let one = with(1);
    assert!(with(2) == one, "two threads");
    assert!(with(3) == one, "three threads");
}

#[test]
fn the_saved_weights_score_what_the_last_line_says() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path(), 3);
    let noted = folder.history().unwrap().pop().unwrap();
    let found = score(&RunFolder::open(temporary.path()).unwrap()).unwrap();
    assert_eq!(
        (Some(found.score), found.recorded),
        (noted.test(), noted.test())
    );
    assert_eq!(found.reproduced(), Some(true));
    assert_eq!(found.epoch, Some(2));
}

#[test]
fn a_loss_that_is_not_a_number_ends_training() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = tiny(0);
    config.training.learning_rate = 1e30;
    let folder = RunFolder::create(temporary.path(), &config).unwrap();
    let error = run(&folder, &mut ()).unwrap_err();
    assert!(matches!(error, Error::Diverged { epoch: 1, .. }), "{error}");
    assert!(error.to_string().contains("lower the learning rate"));
}

#[test]
fn a_last_step_that_ruins_the_weights_is_not_recorded() {
    let temporary = tempfile::tempdir().unwrap();
    let mut config = tiny(0);
    // One step an epoch: the loss before it is finite, and nothing but the test comes after it.
    config.training.batch_size = 1442;
    config.training.learning_rate = 1e30;
    let folder = RunFolder::create(temporary.path(), &config).unwrap();
    let error = run(&folder, &mut ()).unwrap_err();
    assert!(matches!(error, Error::Diverged { epoch: 1, .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("nothing is saved, because it is the first"),
        "{error}"
    );
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["config.json"]);
}

#[test]
fn divergence_leaves_the_last_good_epoch() {
    /// Ruins a weight when the first epoch is over; `ReLU` makes 0 of what is not a number, so no loss shows it.
    struct Ruin(Variables);
    impl Progress for Ruin {
        fn epoch(&mut self, _: &EpochMetrics) {
            let (_, var) = self.0.trained().pop().unwrap();
            let ruined = (var.as_tensor() * f64::NAN).unwrap();
            var.set(&ruined).unwrap();
        }
    }
    let temporary = tempfile::tempdir().unwrap();
    let config = tiny(0);
    let folder = RunFolder::create(temporary.path(), &config).unwrap();
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let network = config.network.build(vb).unwrap();
    let split = data::load("digits", None).unwrap();
    let error = train(
        network.as_ref(),
        &variables,
        &split,
        &config.training,
        &mut Ruin(variables.clone()),
        |metrics| folder.record(metrics, &variables),
    )
    .unwrap_err();
    let message = error.to_string();
    let expected = "training diverged in epoch 2: `stem.conv.weight` is no longer finite; \
                    the state after epoch 1 is saved; ";
    assert!(message.starts_with(expected), "{message}");
    let kept = score(&folder).unwrap();
    assert_eq!((kept.epoch, kept.reproduced()), (Some(1), Some(true)));
}

#[test]
fn a_folder_is_trained_in_once() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path(), 0);
    let before = results(&folder);
    let error = run(&folder, &mut ()).unwrap_err();
    assert!(matches!(error, Error::FolderTaken { .. }), "{error}");
    assert_eq!(results(&folder), before);
}

#[test]
fn networks_of_f64_train_too() {
    let variables = Variables::seeded(0);
    let config = tiny(0);
    let vb = variables.builder(DType::F64, &Device::Cpu);
    let network = config.network.build(vb).unwrap();
    let split = data::load("digits", None).unwrap();
    let history = train(
        network.as_ref(),
        &variables,
        &split,
        &config.training,
        &mut (),
        |_| Ok(()),
    )
    .unwrap();
    let found = test(network.as_ref(), &split, config.training.label_smoothing).unwrap();
    assert_eq!(Some(found.loss), history[1].test_loss);
    // The same run in f32 goes the same way, but not to the last bit.
    let temporary = tempfile::tempdir().unwrap();
    let single = trained(temporary.path(), 0).history().unwrap();
    let (double, single) = (history[0].train_loss, single[0].train_loss);
    assert!(
        double != single && (double - single).abs() < 1e-3,
        "{double} {single}"
    );
}

#[test]
fn progress_hears_of_every_batch_and_epoch() {
    #[derive(Default)]
    struct Heard(Vec<String>);
    impl Progress for Heard {
        fn memory(&mut self, bytes: u64) {
            self.0.push(format!("memory {bytes}"));
        }
        fn start(&mut self, epochs: usize, batches: usize) {
            self.0.push(format!("start {epochs} {batches}"));
        }
        fn batch(&mut self, epoch: usize, batch: usize, _loss: f64) {
            self.0.push(format!("batch {epoch} {batch}"));
        }
        fn epoch(&mut self, metrics: &horesnet_train::EpochMetrics) {
            self.0.push(format!("epoch {}", metrics.epoch));
        }
        fn end(&mut self) {
            self.0.push("end".to_owned());
        }
    }
    let temporary = tempfile::tempdir().unwrap();
    let mut config = tiny(0);
    config.training.batch_size = 721;
    config.training.ema = 0.5;
    let mut heard = Heard::default();
    run(
        &RunFolder::create(temporary.path(), &config).unwrap(),
        &mut heard,
    )
    .unwrap();
    let costs = Complexity::of(&config.network, [1, 8, 8], 721).unwrap();
    // Activations, and of every weight: itself, its gradient, velocity and average.
    let memory = costs.network.peak_bytes.unwrap() + 4 * 4 * costs.network.parameters;
    assert_eq!(
        heard.0,
        [
            &format!("memory {memory}"),
            "start 2 2",
            "batch 1 1",
            "batch 1 2",
            "epoch 1",
            "batch 2 1",
            "batch 2 2",
            "epoch 2",
            "end"
        ]
    );
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let refused = |change: fn(&mut TrainingConfig)| {
        let mut config = TrainingConfig::default();
        change(&mut config);
        config.validate().unwrap_err().to_string()
    };
    assert_eq!(
        refused(|c| c.epochs = 0),
        "epochs: 0 is not from 1 to 100000"
    );
    assert!(refused(|c| c.batch_size = 1).starts_with("batch_size: 1 is not from 2"));
    assert!(refused(|c| c.learning_rate = f64::NAN).starts_with("learning_rate: NaN"));
    assert!(refused(|c| c.learning_rate = -0.1).starts_with("learning_rate: -0.1"));
    assert!(refused(|c| c.momentum = 1.0).starts_with("momentum: 1"));
    assert!(refused(|c| c.weight_decay = f64::INFINITY).starts_with("weight_decay: inf"));
    assert!(refused(|c| c.label_smoothing = 1.0).starts_with("label_smoothing: 1"));
    assert_eq!(
        refused(|c| c.warmup_epochs = usize::MAX),
        "warmup_epochs: 18446744073709551615 is not from 0 to the number of epochs, 10"
    );
    assert_eq!(
        refused(|c| c.warmup_epochs = 11),
        "warmup_epochs: 11 is not from 0 to the number of epochs, 10"
    );
}

#[test]
fn folders_are_never_shared() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("runs").join("rk4");
    let names: Vec<_> = (0..3)
        .map(|_| {
            let folder = RunFolder::create_next(&path, &tiny(0)).unwrap();
            folder.path().file_name().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names, ["rk4", "rk4-2", "rk4-3"]);
    let error = RunFolder::create(&path, &tiny(0)).unwrap_err();
    assert!(matches!(error, Error::FolderTaken { .. }), "{error}");
}

#[test]
fn damaged_runs_are_refused_by_file() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = trained(temporary.path(), 0);
    let model = folder.path().join("model.safetensors");
    let weights = fs::read(&model).unwrap();
    let refused = || score(&folder).unwrap_err().to_string();

    fs::write(&model, &weights[..weights.len() / 2]).unwrap();
    assert!(refused().contains("model.safetensors` is not a safetensors file or is damaged"));
    fs::remove_file(&model).unwrap();
    let missing = refused();
    assert!(
        missing.contains("model.safetensors` does not exist: no epoch of this run has ended"),
        "{missing}"
    );
    fs::write(&model, &weights).unwrap();

    let config = folder.path().join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"midpoint\"", "\"euler\"")).unwrap();
    assert!(
        refused().contains("model.safetensors` does not match config.json"),
        "{}",
        refused()
    );
    fs::write(&config, text.replace("\"epochs\": 2", "\"epochs\": 0")).unwrap();
    assert!(
        refused().contains("config.json` cannot be used: epochs: 0"),
        "{}",
        refused()
    );
    fs::write(&config, "{").unwrap();
    assert!(
        refused().contains("config.json` is damaged"),
        "{}",
        refused()
    );

    fs::write(folder.path().join("metrics.jsonl"), "\n{}\n").unwrap();
    let error = folder.history().unwrap_err().to_string();
    assert!(error.contains("metrics.jsonl` is damaged"), "{error}");
    assert!(error.contains("line 1"), "{error}");
    let error = RunFolder::open(temporary.path().join("none")).unwrap_err();
    assert!(error.to_string().contains("does not exist"), "{error}");
}
