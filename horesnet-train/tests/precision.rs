//! Training with 16 bits between the layers: every kind of layer takes part, weights and tests stay in `f32`.

mod kinds;

use candle_core::{DType, Device};
use horesnet_train::{ExperimentConfig, Precision, RunFolder, run};

use kinds::{KINDS, expect_near, found};

#[test]
fn every_kind_of_layer_computes_nearly_the_same() {
    for settings in KINDS {
        let on_cpu = |precision| found(settings, &Device::Cpu, precision);
        let (full, half) = (on_cpu(Precision::Full), on_cpu(Precision::Bf16));
        expect_near(settings, &half, &full);
    }
}

#[test]
fn digits_are_learned_with_16_bits() {
    let mut config = ExperimentConfig::default();
    config.training.epochs = 3;
    config.training.precision = Precision::Bf16;
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(place.path().join("run"), &config).unwrap();
    let summary = run(&folder, &mut ()).unwrap();
    assert!(summary.test_accuracy > Some(0.9), "{summary:?}");
    let trained = folder.load().unwrap();
    for (name, var) in trained.variables.all() {
        assert_eq!(var.dtype(), DType::F32, "{name}");
    }
}
