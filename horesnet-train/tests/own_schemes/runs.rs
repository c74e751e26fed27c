//! Runs with a scheme of one's own: they keep its tableau, and refuse another.

use std::fs;
use std::path::Path;

use horesnet_train::export::hub;
use horesnet_train::{
    Classifier, Describe, Error, ExperimentConfig, HoResNetConfig, Image, NetworkConfig, RunFolder,
    Tableaux, TrainingConfig, resume, run, score,
};

use super::{bundled, own};

fn experiment(scheme: &str, tableaux: Tableaux) -> ExperimentConfig {
    let network = HoResNetConfig {
        scheme: scheme.to_owned(),
        tableaux,
        widths: vec![2],
        blocks: vec![1],
        stem_stride: 4,
        ..HoResNetConfig::default()
    };
    let config = ExperimentConfig {
        network: network.into(),
        training: TrainingConfig {
            epochs: 1,
            batch_size: 300,
            seed: 3,
            ..TrainingConfig::default()
        },
        ..ExperimentConfig::default()
    };
    config.fitted().unwrap()
}

fn trained(path: &Path, config: &ExperimentConfig) -> RunFolder {
    let folder = RunFolder::create(path, config).unwrap();
    run(&folder, &mut ()).unwrap();
    folder
}

/// A file without its header, which has the tableau.
fn weights(folder: &RunFolder) -> Vec<u8> {
    let bytes = fs::read(folder.path().join("model.safetensors")).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[8 + header..].to_vec()
}

/// Replaces the tableau in `config.json`.
fn swap(folder: &RunFolder, tableaux: &Tableaux) {
    let path = folder.path().join("config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config["network"]["tableaux"] = serde_json::to_value(tableaux).unwrap();
    fs::write(path, config.to_string()).unwrap();
}

fn refused(folder: &RunFolder) -> String {
    let error = score(folder).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    error.to_string()
}

#[test]
fn a_copy_of_a_bundled_scheme_trains_the_same_weights() {
    let temporary = tempfile::tempdir().unwrap();
    let name = |name: &str| temporary.path().join(name);
    let known = trained(&name("rk4"), &experiment("rk4", Tableaux::default()));
    let copied = trained(&name("own"), &experiment("own", own(bundled("rk4"))));
    assert_eq!(weights(&known), weights(&copied));
    assert_eq!(score(&known).unwrap().score, score(&copied).unwrap().score);
    let other = trained(&name("38"), &experiment("own", own(bundled("rk4_38"))));
    assert_ne!(weights(&known), weights(&other));
    let image = Image::open(horesnet_picture(temporary.path())).unwrap();
    let [one, same] = [&known, &copied].map(|run| {
        let classifier = Classifier::load(run.path()).unwrap();
        classifier.predict(&image).unwrap()
    });
    assert_eq!(one, same);
}

/// A grey picture of 8×8 pixels.
fn horesnet_picture(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("grey.png");
    image::GrayImage::from_fn(8, 8, |x, y| image::Luma([(31 * x + 7 * y) as u8]))
        .save(&path)
        .unwrap();
    path
}

#[test]
fn runs_keep_the_tableau() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("run");
    let text = bundled("heun2");
    let config = experiment("own", own(text));
    assert_eq!(config.folder_name(), "own-digits-seed3");
    let folder = trained(&path, &config);
    assert_eq!(fs::read_to_string(path.join("own.tab")).unwrap(), text);
    assert_eq!(folder.config().unwrap().network.tableaux(), &own(text));
    let report = fs::read_to_string(path.join("report.html")).unwrap();
    assert!(
        report.contains("<th>network.tableaux.own</th><td><pre># Heun"),
        "{report}"
    );
    // What was trained can be written out again, with and without the copy.
    fs::remove_file(path.join("own.tab")).unwrap();
    let summary = resume(&folder, &mut ()).unwrap();
    assert_eq!(summary.scheme, "own");
    // A hub gets the tableau with the configuration.
    let files = hub(&folder, &folder.info().unwrap()).unwrap();
    let there = temporary.path().join("hub");
    fs::create_dir(&there).unwrap();
    for (name, bytes) in files {
        fs::write(there.join(name), bytes).unwrap();
    }
    let readme = fs::read_to_string(there.join("README.md")).unwrap();
    assert!(readme.contains(text), "{readme}");
    let downloaded = RunFolder::open(&there).unwrap();
    assert_eq!(
        score(&downloaded).unwrap().score,
        score(&folder).unwrap().score
    );
}

#[test]
fn another_tableau_is_noticed() {
    let temporary = tempfile::tempdir().unwrap();
    let text = bundled("heun2");
    let folder = trained(&temporary.path().join("run"), &experiment("own", own(text)));
    let copy = folder.path().join("own.tab");

    // A changed copy.
    fs::write(&copy, bundled("ralston2")).unwrap();
    let message = refused(&folder);
    assert!(
        message.contains("own.tab` differs from the tableau in config.json"),
        "{message}"
    );
    assert!(message.contains("remove it"), "{message}");
    fs::remove_file(&copy).unwrap();
    score(&folder).unwrap();

    // A tableau of as many stages in place of the one that was trained with.
    swap(&folder, &own(bundled("ralston2")));
    let message = refused(&folder);
    assert!(
        message.contains("it was trained with another tableau of `own`"),
        "{message}"
    );
    assert!(
        message.contains("from the metadata of the weights"),
        "{message}"
    );
    let error = resume(&folder, &mut ()).unwrap_err().to_string();
    assert!(error.contains("`network.tableaux.own, line "), "{error}");

    // None, and one that is no tableau.
    swap(&folder, &Tableaux::default());
    let message = refused(&folder);
    assert!(message.contains("unknown scheme `own`"), "{message}");
    assert!(
        message.contains("restore the text of its tableau in config.json"),
        "{message}"
    );
    swap(&folder, &own("0 |\n1 | 1\n---\norder 2 | 1/2 1/3\n"));
    let message = refused(&folder);
    assert!(message.contains("`order 2` is false"), "{message}");
    swap(&folder, &own(text));
    score(&folder).unwrap();
}

/// Bundled schemes with a name that a tableau took: the weights tell the two apart.
#[test]
fn weights_of_a_bundled_scheme_do_not_pass_for_those_of_a_tableau() {
    let temporary = tempfile::tempdir().unwrap();
    let known = trained(
        &temporary.path().join("known"),
        &experiment("heun2", Tableaux::default()),
    );
    let copied = trained(
        &temporary.path().join("own"),
        &experiment("own", own(bundled("heun2"))),
    );
    let [from, to] = [&known, &copied].map(|run| run.path().join("model.safetensors"));
    fs::copy(&from, &to).unwrap();
    fs::copy(
        known.path().join("best.safetensors"),
        copied.path().join("best.safetensors"),
    )
    .ok();
    let message = refused(&copied);
    assert!(message.contains("another tableau of `own`"), "{message}");
}

/// Settings that a resumed run is asked for are compared line by line.
#[test]
fn a_request_for_another_tableau_names_the_line() {
    let run = experiment("own", own(bundled("heun2")));
    let asked = experiment(
        "own",
        own(&bundled("heun2").replace("order 1 | 1    0", "order 1 | 0    1")),
    );
    let error = run.expect(&asked).unwrap_err();
    let Error::Changed {
        setting,
        before,
        after,
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(setting, "network.tableaux.own, line 11,");
    assert_eq!(
        (before.as_str(), after.as_str()),
        ("`order 1 | 1    0`", "`order 1 | 0    1`")
    );
    run.expect(&run).unwrap();
    let NetworkConfig::HoResNet(network) = &run.network else {
        panic!()
    };
    assert_eq!(network.scheme, "own");
}
