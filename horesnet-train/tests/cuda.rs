//! Training on a GPU goes as on the CPU, up to rounding. Where there is no GPU, it is skipped with a message.

#![cfg(feature = "cuda")]

mod kinds;
mod until;

use candle_core::Device;
use horesnet_train::{
    EpochMetrics, ExperimentConfig, Precision, RunFolder, TrainingConfig, gpu, resume, run, score,
};

use kinds::{KINDS, apart, expect_near, found};
use until::Until;

/// The first GPU.
fn first_gpu() -> Option<Device> {
    match gpu::open(0) {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            println!("skipped: no GPU ({why})");
            None
        }
    }
}

fn history(device: &Device, config: &ExperimentConfig) -> Vec<EpochMetrics> {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(place.path().join("run"), config).unwrap();
    let folder = folder.on(device.clone());
    run(&folder, &mut ()).unwrap();
    // The weights that were kept are those that were tested, and a run that has ended is taken up without a change.
    assert_eq!(score(&folder).unwrap().reproduced(), Some(true));
    let history = folder.history().unwrap();
    resume(&folder, &mut ()).unwrap();
    assert_eq!(folder.history().unwrap(), history);
    history
}

#[test]
fn digits_are_learned_as_on_the_cpu() {
    let Some(gpu) = first_gpu() else { return };
    let mut config = ExperimentConfig::default();
    config.training.epochs = 3;
    config.training.ema = 0.9;
    config.training.clip_norm = 1.0;
    let (found, expected) = (history(&gpu, &config), history(&Device::Cpu, &config));
    for (found, expected) in std::iter::zip(&found, &expected) {
        let apart = (found.train_loss - expected.train_loss).abs();
        assert!(
            apart < 0.05 * expected.train_loss,
            "{found:?}, {expected:?}"
        );
    }
    let last = found.last().unwrap();
    assert!(last.held_out().accuracy > 0.9, "{last:?}");
}

#[test]
fn digits_are_learned_with_16_bits() {
    let Some(gpu) = first_gpu() else { return };
    let mut config = ExperimentConfig::default();
    config.training.epochs = 3;
    config.training.precision = Precision::Bf16;
    if let Err(why) = config.training.expect_device(&gpu) {
        println!("skipped: {why}");
        return;
    }
    let last = history(&gpu, &config).pop().unwrap();
    assert!(last.held_out().accuracy > 0.9, "{last:?}");
}

#[test]
fn every_kind_of_layer_computes_as_on_the_cpu() {
    let Some(gpu) = first_gpu() else { return };
    let others: [&[&str]; 5] = [
        &["network.scheme='rk4(midpoint)'"],
        &["network.coefficients='learned(all)'"],
        &[
            "network.coefficients='decaying(0.9)'",
            "network.functions='shared'",
        ],
        &["network.functions='interpolated(3)'"],
        &["network.drop_path=0.3", "network.dropout=0.3"],
    ];
    let bf16 = TrainingConfig {
        precision: Precision::Bf16,
        ..TrainingConfig::default()
    };
    let expect_bf16 = bf16.expect_device(&gpu).is_ok();
    for settings in KINDS.into_iter().chain(others) {
        let expected = found(settings, &Device::Cpu, Precision::Full);
        let full = found(settings, &gpu, Precision::Full);
        // Gradients: where rounding decides on which side of a ReLU a number is.
        for (found, expected, most) in [
            (&full.logits, &expected.logits, 1e-4),
            (&full.gradients, &expected.gradients, 1e-2),
            (&full.tested, &expected.tested, 1e-4),
        ] {
            let apart = apart(found, expected);
            assert!(apart < most, "{settings:?}: {apart}");
        }
        if expect_bf16 && KINDS.contains(&settings) {
            expect_near(settings, &found(settings, &gpu, Precision::Bf16), &full);
        }
    }
}

#[test]
fn a_run_goes_on_where_it_was_stopped_and_on_either_device() {
    let Some(gpu) = first_gpu() else { return };
    let mut config = ExperimentConfig::default();
    config.training.epochs = 3;
    for (before, after) in [
        (gpu.clone(), gpu.clone()),
        (gpu.clone(), Device::Cpu),
        (Device::Cpu, gpu.clone()),
    ] {
        let place = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(place.path().join("run"), &config).unwrap();
        let folder = folder.on(before);
        run(&folder, &mut Until(60)).unwrap_err();
        let folder = folder.on(after);
        let summary = resume(&folder, &mut ()).unwrap();
        assert!(summary.test_accuracy > Some(0.9), "{summary:?}");
    }
}
