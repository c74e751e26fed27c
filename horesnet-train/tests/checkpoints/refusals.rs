//! Checkpoints that are damaged or of another training, and settings that a run cannot go on with.

use std::collections::HashMap;
use std::fs;

use candle_core::{Device, Tensor};
use horesnet_train::{Error, RunFolder, resume};
use safetensors::SafeTensors;

use super::{CHECKPOINT, config, halfway};

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
    assert!(refused(&folder).ends_with("is not a checkpoint of a training"));
    write(&tensors, Some(&note.replacen('2', "1", 1)));
    assert!(
        refused(&folder).contains("was written in version 1 of the format; expected version 2")
    );
    write(&tensors, Some("2 00000000 {}"));
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
fn a_batch_of_more_images_than_there_are_is_refused() {
    let mut config = config();
    config.training.batch_size = 1443;
    let message = config.clone().fitted().unwrap_err().to_string();
    assert_eq!(
        message,
        "batch_size: expected at most the 1442 training images, found 1443"
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
        "training.epochs is 3 in this run, but 4 was requested; a run resumes with its own settings, because the learning \
         rate of every step depends on the number of epochs; start a new run for another"
    );
}
