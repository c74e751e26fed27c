//! A folder for model hubs is a run.

use std::fs;
use std::path::Path;

use horesnet_train::export::{Files, hub};
use horesnet_train::{
    Classifier, ExperimentConfig, Image, RunFolder, Settings, load_weights, run, score,
};

use crate::cases::{Case, HOSTILE};

/// A short training whose configuration names a path of this computer.
fn trained(folder: &Path) -> RunFolder {
    let mut settings = Settings::default();
    for assignment in [
        "network.scheme='euler'",
        "network.widths=[2]",
        "network.blocks=[1]",
        "training.epochs=1",
        "training.batch_size=512",
    ] {
        settings.assign(assignment).unwrap();
    }
    let config = settings.experiment().unwrap().fitted().unwrap();
    let run_folder = RunFolder::create(folder.join("run"), &config).unwrap();
    run(&run_folder, &mut ()).unwrap();
    run_folder
}

fn exported(run: &RunFolder, names: &[&str]) -> Files {
    let mut info = Case::new("rk4", crate::NONE).info;
    info.label_names = names.iter().map(|name| (*name).to_owned()).collect();
    hub(run, &info).unwrap()
}

#[test]
fn it_is_evaluated_and_trained_further() {
    let temporary = tempfile::tempdir().unwrap();
    let run = trained(temporary.path());
    let folder = temporary.path().join("hub");
    fs::create_dir(&folder).unwrap();
    for (name, bytes) in hub(&run, &run.info().unwrap()).unwrap() {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let opened = RunFolder::open(&folder).unwrap();
    let (there, here) = (score(&run).unwrap(), score(&opened).unwrap());
    assert_eq!((there.epoch, there.score), (here.epoch, here.score));
    let black = Image::from_rgb(8, 8, vec![0; 3 * 64]).unwrap();
    let [one, other] = [&run, &opened].map(|run| Classifier::of(run).unwrap());
    assert_eq!(one.predict(&black).unwrap(), other.predict(&black).unwrap());
    let config = opened.config().unwrap();
    load_weights(folder.join("model.safetensors"), &config.network).unwrap();
}

#[test]
fn its_configuration_has_no_paths_of_the_computer() {
    let temporary = tempfile::tempdir().unwrap();
    let run = trained(temporary.path());
    let weights = run.path().join("model.safetensors");
    let config = ExperimentConfig {
        weights: Some(weights.clone()),
        ..run.config().unwrap()
    };
    let further = RunFolder::create(temporary.path().join("further"), &config).unwrap();
    horesnet_train::run(&further, &mut ()).unwrap();
    let [(_, text), ..] = &exported(&further, &["0"])[..] else {
        panic!("no files");
    };
    let text = String::from_utf8(text.clone()).unwrap();
    assert!(text.contains("\"scheme\": \"euler\""), "{text}");
    assert!(!text.contains("model.safetensors"), "{text}");
}

#[test]
fn its_card_has_the_metadata_of_hubs_and_names_as_data() {
    let temporary = tempfile::tempdir().unwrap();
    let run = trained(temporary.path());
    let accuracy = run.test_result().unwrap().unwrap().accuracy;
    let files = exported(&run, &HOSTILE);
    assert_eq!(
        files.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["config.json", "model.safetensors", "README.md"]
    );
    let card = String::from_utf8(files[2].1.clone()).unwrap();
    let (head, body) = card
        .strip_prefix("---\n")
        .and_then(|card| card.split_once("\n---\n"))
        .unwrap();
    assert_eq!(
        head,
        format!(
            "# Add the license of these weights, such as `license: mit`.\n\
             library_name: horesnet\n\
             pipeline_tag: image-classification\n\
             tags:\n- horesnet\n- runge-kutta\n- \"euler\"\n\
             metrics:\n- accuracy\n\
             model-index:\n- name: \"euler-digits-seed0\"\n  results:\n  - task:\n      type: image-classification\n    \
             dataset:\n      name: \"digits\"\n      type: \"digits\"\n      split: test\n    metrics:\n    \
             - type: accuracy\n      value: {accuracy}"
        )
    );
    // Within the fence, no line begins with one.
    let (_, labels) = body.split_once("\n```json\n").unwrap();
    let (labels, rest) = labels.split_once("\n```\n").unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<String>>(labels).unwrap(),
        HOSTILE
    );
    assert_eq!(rest, "");
}
