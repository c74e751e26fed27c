//! Tableaux in settings: what is taken, what is refused, and what is kept of them.

use horesnet_train::{
    CfResNetConfig, Describe, Error, HoResNetConfig, NetworkConfig, Settings, Tableaux, VitConfig,
    scheme_name,
};

use super::{bundled, own};

const MIDPOINT: &str = "0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n";

fn network(scheme: &str, text: &str) -> NetworkConfig {
    HoResNetConfig {
        scheme: scheme.to_owned(),
        tableaux: own(text),
        ..HoResNetConfig::default()
    }
    .into()
}

fn refused(text: &str) -> String {
    let error = network("own", text).validate().unwrap_err();
    assert!(
        matches!(&error, Error::Tableau { name, .. } if name == "own"),
        "{error}"
    );
    error.to_string()
}

#[test]
fn tableaux_are_refused_with_the_message_of_their_proof() {
    let message = refused("0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n");
    for part in [
        "the tableau of the scheme `own` is refused",
        "`order 3` is false",
        "own.tab:4:",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(refused(bundled("gauss2")).contains("the scheme is implicit"));
    assert!(refused("0 |\n1/2 | 1/2 x\n---\n| 0 1\n").contains("own.tab:2:"));
    assert!(refused("").contains("the file is empty"));
    let rows = (0..65).map(|i| format!("0 | {}\n", "0 ".repeat(i)));
    let rows = rows.collect::<Vec<_>>().concat();
    let stages = refused(&format!("{rows}---\norder 1 | 1{}\n", " 0".repeat(64)));
    assert!(stages.contains("64"), "{stages}");
    let refused = |network: NetworkConfig| network.validate().unwrap_err().to_string();
    let long = refused(network(
        "own",
        &format!("#{}\n{MIDPOINT}", "x".repeat(1 << 17)),
    ));
    assert!(
        long.contains("expected at most 131072 bytes of text"),
        "{long}"
    );
}

#[test]
fn names_are_told_apart_from_bundled_ones() {
    assert_eq!(scheme_name("my scheme (2)").unwrap(), "my_scheme__2_");
    assert_eq!(scheme_name("Schritt-ö").unwrap(), "Schritt-ö");
    // The name of another program for `heun2`, which is no name in settings.
    assert_eq!(scheme_name("heun").unwrap(), "heun");
    let refused = |name: &str| scheme_name(name).unwrap_err().to_string();
    assert!(refused("rk4").contains("`rk4` is the name of a bundled scheme"));
    assert!(refused("RK4").contains("`RK4` is the name of a bundled scheme"));
    assert!(refused("").contains("1 to 64 bytes"));
    assert!(refused(&"x".repeat(65)).contains("1 to 64 bytes"));
    for name in ["rk4", "a b", "a(b", "../a"] {
        let mut tableaux = Tableaux::default();
        tableaux.insert(name, MIDPOINT);
        let error = tableaux.find(name).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Setting {
                    setting: "tableaux",
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = network("own.tab", MIDPOINT)
        .validate()
        .unwrap_err()
        .to_string();
    assert!(error.contains("network.tableaux.NAME"), "{error}");
}

/// A network resolved for a data set has the names of schemes that its report shows, and the tableaux that it uses.
#[test]
fn networks_keep_the_tableaux_that_they_use() {
    let own = own(MIDPOINT);
    let configs = |scheme: &str| -> [NetworkConfig; 3] {
        let (scheme, tableaux) = (scheme.to_owned(), own.clone());
        [
            HoResNetConfig {
                scheme: scheme.clone(),
                tableaux: tableaux.clone(),
                ..Default::default()
            }
            .into(),
            CfResNetConfig {
                scheme: scheme.clone(),
                tableaux: tableaux.clone(),
                ..Default::default()
            }
            .into(),
            VitConfig {
                scheme: Some(scheme),
                tableaux,
                ..Default::default()
            }
            .into(),
        ]
    };
    for config in configs("RK44( own )") {
        let resolved = config.resolved().unwrap();
        resolved.validate().unwrap();
        assert_eq!(resolved.scheme(), "rk4(own)");
        assert_eq!(resolved.tableaux(), &own);
        assert!(resolved.euler().unwrap().unwrap().tableaux().is_empty());
        let json = serde_json::to_string(&resolved).unwrap();
        assert_eq!(
            serde_json::from_str::<NetworkConfig>(&json).unwrap(),
            resolved
        );
    }
    for config in configs("Tsit5()(midpoint)") {
        let resolved = config.resolved().unwrap();
        assert_eq!(resolved.scheme(), "tsitouras5(midpoint)");
        assert!(resolved.tableaux().is_empty());
    }
}

/// `--print-config` writes what `--config` reads, and names of tableaux mean nothing else.
#[test]
fn settings_have_tableaux_by_name() {
    let mut settings = Settings::default();
    for (name, text) in [
        ("kind", MIDPOINT),
        ("optimiser", bundled("heun2")),
        ("own", bundled("rk4")),
    ] {
        settings.set("--scheme", &format!("network.tableaux.{name}"), text);
    }
    settings.set("--scheme", "network.scheme", "own(optimiser(kind))");
    let config = settings.experiment().unwrap();
    assert_eq!(config.network.tableaux().iter().count(), 3);
    config.network.validate().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    std::fs::write(&file, config.to_toml().unwrap()).unwrap();
    let mut read = Settings::default();
    read.file(&file).unwrap();
    assert_eq!(read.experiment().unwrap(), config);
    let mut wrong = Settings::default();
    wrong.set("--set", "network.tableaux.own", 3);
    let problem = wrong.experiment().unwrap_err().to_string();
    assert!(problem.contains("network.tableaux.own"), "{problem}");
}
