//! Trainings that begin with given weights.

mod until;

use std::fs;

use horesnet_train::{ExperimentConfig, HoResNetConfig, RunFolder, resume, run};

use until::Until;

fn tiny(scheme: &str) -> ExperimentConfig {
    let network = HoResNetConfig {
        scheme: scheme.to_owned(),
        widths: vec![2],
        blocks: vec![1],
        stem_stride: 4,
        ..HoResNetConfig::default()
    };
    let mut config = ExperimentConfig {
        network: network.into(),
        ..ExperimentConfig::default()
    };
    config.training.epochs = 2;
    config.training.batch_size = 131;
    config
}

#[test]
fn a_run_can_begin_with_the_weights_of_another() {
    let temporary = tempfile::tempdir().unwrap();
    let first = RunFolder::create(temporary.path().join("first"), &tiny("midpoint")).unwrap();
    run(&first, &mut ()).unwrap();
    let file = temporary.path().join("weights.safetensors");
    fs::copy(first.path().join("model.safetensors"), &file).unwrap();
    let mut config = tiny("midpoint");
    config.training.seed = 1;
    config.weights = Some(file.clone());
    config.training.learning_rate = 1e-30;
    config.training.epochs = 3;
    let folder = RunFolder::create(temporary.path().join("second"), &config).unwrap();
    run(&folder, &mut Until(15)).unwrap_err();
    // What training was stopped with is in the checkpoint.
    fs::remove_file(&file).unwrap();
    resume(&folder, &mut ()).unwrap();
    // Steps were too small to move a weight; statistics of batches moved.
    let all = |folder: &RunFolder| folder.load().unwrap().variables.trained();
    for ((name, before), (_, after)) in std::iter::zip(all(&first), all(&folder)) {
        let apart = (before.as_tensor() - after.as_tensor()).unwrap().abs();
        let apart = apart.unwrap().max_all().unwrap().to_scalar::<f32>();
        assert_eq!(apart.unwrap(), 0.0, "{name}");
    }
    let missing = config.clone().fitted().unwrap_err().to_string();
    assert!(missing.contains("weights.safetensors"), "{missing}");
    config.weights = Some(first.path().join("model.safetensors"));
    assert!(config.clone().fitted().is_ok());
    config.network = tiny("rk4").network;
    let misfit = config.fitted().unwrap_err().to_string();
    assert!(misfit.contains("stage4"), "{misfit}");
}
