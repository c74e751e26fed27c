//! Targets of `horesnet-train`: settings in TOML, headers of safetensors, and data sets.

use std::fs;
use std::path::Path;

use horesnet_train::{NetworkConfig, Settings, data, load_weights};

/// Reads a file of settings, and checks what they say.
pub fn settings(data: &[u8]) {
    with_file("settings.toml", data, |path| {
        let mut settings = Settings::default();
        if settings.file(path).is_err() {
            return;
        }
        if let Ok(config) = settings.experiment()
            && config.validate().is_ok()
        {
            let text = config.to_toml().expect("settings that were read");
            let mut again = Settings::default();
            fs::write(path, text).expect("a file");
            again.file(path).expect("written by the program");
            assert!(again.experiment().expect("written by the program") == config);
        }
    });
}

/// Loads weights.
pub fn safetensors(data: &[u8]) {
    with_file("weights.safetensors", data, |path| {
        let _ = load_weights(path, &NetworkConfig::default());
    });
}

/// Reads the images of a data set in IDX, with labels for two of them.
pub fn idx(data: &[u8]) {
    let labels = [0, 0, 8, 1, 0, 0, 0, 2, 3, 7];
    with_file("train-images-idx3-ubyte", data, |path| {
        let dir = path.parent().unwrap_or(path);
        for (name, bytes) in [
            ("t10k-images-idx3-ubyte", data),
            ("train-labels-idx1-ubyte", &labels),
            ("t10k-labels-idx1-ubyte", &labels),
        ] {
            fs::write(dir.join(name), bytes).expect("a file");
        }
        let _ = data::load("mnist", Some(dir));
    });
}

/// Reads a data set in the format of CIFAR-100.
pub fn cifar(data: &[u8]) {
    with_file("train.bin", data, |path| {
        let dir = path.parent().unwrap_or(path);
        fs::write(dir.join("test.bin"), data).expect("a file");
        let _ = data::load("cifar100", Some(dir));
    });
}

/// Writes a file into a folder of its own, which is removed afterwards.
fn with_file(name: &str, data: &[u8], use_file: impl Fn(&Path)) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(name);
    fs::write(&path, data).expect("a file");
    use_file(&path);
}
