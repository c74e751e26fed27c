//! Files of earlier versions, which had no field `version`, and of later ones.

use std::fs;

use candle_core::{DType, Device};
use horesnet_train::{
    Describe, EpochMetrics, ExperimentConfig, HoResNetConfig, RunFolder, Variables,
};

/// A configuration as it was written before there were versions.
const CONFIG: &str = r#"{
  "data": "digits",
  "network": {
    "kind": "horesnet",
    "scheme": "midpoint",
    "widths": [
      2
    ],
    "blocks": [
      1
    ],
    "stem_stride": 4
  },
  "training": {
    "epochs": 2,
    "batch_size": 131,
    "seed": 7
  }
}
"#;

/// A line of metrics as it was written before there were versions.
const METRICS: &str = r#"{"epoch":1,"lr":0.1,"train_loss":1.5,"train_accuracy":0.5,"test_loss":1.25,"test_accuracy":0.625,"seconds":2.0}
"#;

fn folder(config: &str, metrics: &str) -> (tempfile::TempDir, RunFolder) {
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("config.json"), config).unwrap();
    fs::write(temporary.path().join("metrics.jsonl"), metrics).unwrap();
    let folder = RunFolder::open(temporary.path()).unwrap();
    (temporary, folder)
}

#[test]
fn runs_without_versions_are_read() {
    let (temporary, folder) = folder(CONFIG, METRICS);
    let config = folder.config().unwrap();
    assert_eq!((config.training.epochs, config.training.seed), (2, 7));
    assert_eq!(config.network.scheme(), "midpoint");
    assert_eq!(folder.history().unwrap()[0].test_accuracy, Some(0.625));
    // Weights had the epoch as their only metadata.
    let variables = Variables::seeded(7);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    config.network.build(vb).unwrap();
    let weights = variables.all().into_iter();
    let weights = weights.map(|(name, var)| (name, var.into_inner()));
    let metadata = [("epoch".to_owned(), "1".to_owned())].into();
    let bytes = safetensors::serialize(weights, Some(metadata)).unwrap();
    fs::write(temporary.path().join("model.safetensors"), bytes).unwrap();
    assert_eq!(folder.load().unwrap().epoch, 1);
}

#[test]
fn runs_of_later_versions_are_refused_by_version() {
    let later = |text: &str| text.replacen('{', "{\"version\": \"99.1.0\", \"light\": 1, ", 1);
    let (_temporary, folder) = folder(&later(CONFIG), METRICS);
    let refused = folder.config().unwrap_err().to_string();
    assert!(
        refused.contains(
            "config.json` was written by version 99.1.0 of HoresNet, which this version, "
        ),
        "{refused}"
    );
    assert!(
        refused.contains(", cannot read: unknown field `light`"),
        "{refused}"
    );
    let broken = METRICS.replace("\"epoch\":1", "\"epoch\":\"first\"");
    fs::write(folder.path().join("metrics.jsonl"), later(&broken)).unwrap();
    let refused = folder.history().unwrap_err().to_string();
    assert!(
        refused.contains("was written by version 99.1.0 of HoresNet"),
        "{refused}"
    );
    assert!(refused.ends_with("(line 1)"), "{refused}");
}

#[test]
fn every_file_of_a_run_names_the_version_that_wrote_it() {
    let temporary = tempfile::tempdir().unwrap();
    let config = ExperimentConfig {
        network: HoResNetConfig {
            widths: vec![2],
            blocks: vec![1],
            ..HoResNetConfig::default()
        }
        .into(),
        ..ExperimentConfig::default()
    };
    let folder = RunFolder::create(temporary.path(), &config).unwrap();
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    config.network.build(vb).unwrap();
    let metrics: EpochMetrics = serde_json::from_str(METRICS).unwrap();
    folder.record(&metrics, &variables).unwrap();
    assert_eq!(folder.history().unwrap(), [metrics]);
    assert_eq!(folder.load().unwrap().epoch, 1);
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    for name in ["config.json", "metrics.jsonl", "model.safetensors"] {
        let bytes = fs::read(temporary.path().join(name)).unwrap();
        let text = String::from_utf8_lossy(&bytes).replace("\": \"", "\":\"");
        assert!(text.contains(&version), "{name}");
    }
}
