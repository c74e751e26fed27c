//! Experiments put together from presets, files and single settings; and what is said of settings that are none.

use std::fs;
use std::path::PathBuf;

use horesnet_train::{
    Describe, ExperimentConfig, HoResNetConfig, NetworkConfig, Settings, VitConfig, presets,
};

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("mine.toml");
    fs::write(&path, text).unwrap();
    (temporary, path)
}

fn with_file(text: &str) -> horesnet_train::Result<ExperimentConfig> {
    let (_temporary, path) = written(text);
    let mut settings = Settings::default();
    settings.file(&path)?;
    settings.experiment()
}

fn refused(outcome: horesnet_train::Result<ExperimentConfig>) -> String {
    outcome.unwrap_err().to_string()
}

fn horesnet(config: &ExperimentConfig) -> &HoResNetConfig {
    match &config.network {
        NetworkConfig::HoResNet(network) => network,
        _ => panic!("another kind of network"),
    }
}

#[test]
fn no_settings_are_the_defaults() {
    let config = Settings::default().experiment().unwrap();
    assert_eq!(config, ExperimentConfig::default());
}

#[test]
fn later_layers_win_setting_by_setting() {
    let (_temporary, path) =
        written("[training]\nepochs = 5\nseed = 3\n[network]\nscheme = \"euler\"\n");
    let mut settings = Settings::default();
    settings.preset("cifar").unwrap();
    settings.file(&path).unwrap();
    settings.set("--epochs", "training.epochs", 7);
    settings.assign("training.epochs=9").unwrap();
    let config = settings.experiment().unwrap();
    let network = horesnet(&config);
    assert_eq!((config.training.epochs, config.training.seed), (9, 3));
    assert_eq!(network.scheme, "euler");
    // The preset's, which nothing changed, and the default's, which nothing named.
    assert_eq!(config.training.batch_size, 128);
    assert_eq!(network.stem_stride, HoResNetConfig::default().stem_stride);
}

#[test]
fn values_are_toml_and_words_need_no_quotes() {
    let mut settings = Settings::default();
    for assignment in [
        "network.widths=[4, 8]",
        "network.scheme=euler",
        "network.coefficients=decaying(0.9)",
        "training.learning_rate=1",
        "training.nesterov=false",
        "data=\"digits\"",
    ] {
        settings.assign(assignment).unwrap();
    }
    let config = settings.experiment().unwrap();
    let network = horesnet(&config);
    assert_eq!(
        (network.widths.as_slice(), network.scheme.as_str()),
        (&[4, 8][..], "euler")
    );
    assert_eq!(network.coefficients.to_string(), "decaying(0.9)");
    assert_eq!(config.training.learning_rate, 1.0);
    assert!(!config.training.nesterov);
}

#[test]
fn every_preset_is_an_experiment_that_can_be_built() {
    for name in presets::names() {
        let mut settings = Settings::default();
        settings.preset(name).unwrap();
        let config = settings.experiment().unwrap();
        config
            .validate()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let mut settings = Settings::default();
    settings.preset("digits").unwrap();
    assert_eq!(settings.experiment().unwrap(), ExperimentConfig::default());
    for name in ["cifar", "fashion"] {
        let mut settings = Settings::default();
        settings.preset(name).unwrap();
        assert_eq!(
            settings.experiment().unwrap().network.depth().unwrap(),
            26,
            "{name}"
        );
    }
    let error = Settings::default().preset("cifa").unwrap_err().to_string();
    assert!(
        error.contains(
            "unknown preset `cifa`; known: cifar, digits, fashion, vit-digits; did you mean"
        ),
        "{error}"
    );
}

#[test]
fn what_is_printed_is_read_again() {
    let mut settings = Settings::default();
    settings.preset("cifar").unwrap();
    let config = settings.experiment().unwrap();
    let text = config.to_toml().unwrap();
    let again = with_file(&text).unwrap();
    assert_eq!(
        (&again.data, &again.training),
        (&config.data, &config.training)
    );
    let resolved = |network: &HoResNetConfig| network.resolved().unwrap();
    assert_eq!(resolved(horesnet(&again)), resolved(horesnet(&config)));
}

#[test]
fn an_unknown_setting_is_found_in_its_file_and_line() {
    let message = refused(with_file(
        "data = \"digits\"\n\n[training]\nepochs = 3\nepoch = 3\n",
    ));
    assert!(
        message
            .contains("mine.toml`, line 5: training.epoch: unknown field `epoch`, expected one of"),
        "{message}"
    );
    assert!(message.contains("`epochs`"), "{message}");
    let message = refused(with_file("\nnetwork.schemes = \"rk4\"\n"));
    assert!(
        message.contains("mine.toml`, line 2: network.schemes: unknown field"),
        "{message}"
    );
    let message = refused(with_file("trainings = 1\n"));
    assert!(
        message.contains("mine.toml`, line 1: trainings: unknown field"),
        "{message}"
    );
}

#[test]
fn a_value_of_the_wrong_type_is_found_too() {
    let message = refused(with_file("[training]\nepochs = 3\n\nseed = \"one\"\n"));
    assert!(
        message.contains("line 4: training.seed: invalid type: string \"one\""),
        "{message}"
    );
    let message = refused(with_file("[training]\nepochs = -1\n"));
    assert!(message.contains("line 2: training.epochs: "), "{message}");
    let message = refused(with_file("network = 3\n"));
    assert!(message.contains("line 1: network: "), "{message}");
    let mut settings = Settings::default();
    settings.assign("training.epochs=many").unwrap();
    let message = refused(settings.experiment());
    assert!(
        message.starts_with("--set training.epochs=many: training.epochs: invalid type"),
        "{message}"
    );
}

#[test]
fn an_unknown_kind_names_the_known() {
    let message = refused(with_file("[network]\nwidths = [1]\nkind = \"resnet\"\n"));
    assert!(
        message.contains("line 3: network.kind: unknown variant `resnet`, expected"),
        "{message}"
    );
    assert!(message.contains("`horesnet`"), "{message}");
}

#[test]
fn settings_of_another_kind_do_not_linger() {
    let mut settings = Settings::default();
    settings.preset("cifar").unwrap();
    settings.assign("network.kind=vit").unwrap();
    let config = settings.experiment().unwrap();
    assert_eq!(config.network, VitConfig::default().into());
    // The rest of the preset stays.
    assert_eq!(config.data, "cifar10");
    // What comes with the kind counts, in whatever order it is written.
    settings.set("--blocks", "network.blocks", 3);
    settings.set("--network", "network.kind", "vit");
    let NetworkConfig::Vit(network) = settings.experiment().unwrap().network else {
        panic!("another kind of network")
    };
    assert_eq!(network.blocks, 3);
    // The same kind again changes nothing.
    settings.preset("cifar").unwrap();
    settings.assign("network.kind=horesnet").unwrap();
    assert_eq!(
        horesnet(&settings.experiment().unwrap()).widths,
        [32, 64, 128]
    );
}

#[test]
fn of_two_ways_to_say_the_same_the_later_one_counts() {
    let mut settings = Settings::default();
    let (_dir, path) = written("[network]\ndepth = 26\nwidths = [8, 16, 32]\n");
    settings.file(&path).unwrap();
    assert_eq!(horesnet(&settings.experiment().unwrap()).depth, Some(26));
    settings.assign("network.blocks=[2,1,1]").unwrap();
    let config = settings.experiment().unwrap();
    let network = horesnet(&config);
    assert_eq!((network.depth, &network.blocks[..]), (None, &[2, 1, 1][..]));
    let (_dir, path) = written("[network]\nscheme = \"midpoint\"\nshape = \"resnet18\"\n");
    settings.file(&path).unwrap();
    let config = settings.experiment().unwrap();
    assert_eq!(
        horesnet(&config).resolved().unwrap().widths,
        [64, 128, 256, 512]
    );
}

#[test]
fn two_ways_to_say_the_same_in_one_file_are_refused() {
    let message = refused(with_file("[network]\ndepth = 26\nblocks = [1, 1]\n"));
    assert!(
        message.contains("line 2") && message.contains("line 3"),
        "{message}"
    );
    assert!(message.contains("leave out one of the two"), "{message}");
}

#[test]
fn there_can_be_only_so_many_settings() {
    let many: Vec<String> = (0..1001).map(|i| format!("k{i} = 1\n")).collect();
    let message = refused(with_file(&many.concat()));
    assert!(message.contains("more than 1000 settings"), "{message}");
}

#[test]
fn files_that_are_not_toml_are_refused_with_the_line() {
    let message = refused(with_file("data = \"digits\"\n[training\n"));
    assert!(message.contains("mine.toml`, line 2: "), "{message}");
    let message = refused(with_file("data = 1\ndata = 2\n"));
    assert!(message.contains("line 2: duplicate key"), "{message}");
    let (_temporary, path) = written("");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    let message = Settings::default().file(&path).unwrap_err().to_string();
    assert!(message.ends_with("is not text (UTF-8)"), "{message}");
    let nested = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let message = refused(with_file(&nested));
    assert!(message.contains("mine.toml`, line 1: "), "{message}");
    let message = refused(with_file(&format!("{}a = 1", "a.".repeat(50_000))));
    assert!(message.contains("line 1"), "{message:.200}");
}

#[test]
fn assignments_without_key_or_value_are_refused() {
    for (text, expected) in [
        ("training.epochs", "write KEY=VALUE"),
        ("=3", "`` is not the name of a setting"),
        ("training..epochs=3", "`training..epochs` is not the name"),
        ("training epochs=3", "`training epochs` is not the name"),
        ("network.widths=[1", "the value is not TOML"),
        ("data=\"digits", "the value is not TOML"),
    ] {
        let message = Settings::default().assign(text).unwrap_err().to_string();
        assert!(message.starts_with(&format!("--set {text}: ")), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}
