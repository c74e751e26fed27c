//! Files and folders whose names are not UTF-8.
// Other systems have no such names that a test could make portably; macOS refuses them.
#![cfg(target_os = "linux")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Options of a training that takes no time to speak of.
const TINY: &str = "--scheme euler --widths 2 --blocks 1 --epochs 1 --seed 5 --device cpu";

/// A name with a byte that is not UTF-8.
fn odd(name: &str) -> PathBuf {
    OsString::from_vec([name.as_bytes(), b"\xff"].concat()).into()
}

fn horesnet(directory: &Path, arguments: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_horesnet"))
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn train(directory: &Path, options: &[&OsStr]) -> Output {
    let tiny = ["train"].into_iter().chain(TINY.split(' ')).map(OsStr::new);
    let arguments: Vec<&OsStr> = tiny.chain(options.iter().copied()).collect();
    horesnet(directory, &arguments)
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn succeeded(output: &Output) {
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
}

/// The files of MNIST with so few images that training takes no time, all of one class.
fn mnist(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 28, 0, 0, 0, 28];
    images.extend((0..4 * 28 * 28).map(|at| (at * 37 % 251) as u8));
    for part in ["train", "t10k"] {
        let labels = [0, 0, 8, 1, 0, 0, 0, 4, 1, 1, 1, 1];
        fs::write(folder.join(format!("{part}-images-idx3-ubyte")), &images).unwrap();
        fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
}

#[test]
fn runs_configurations_and_pictures_are_written_and_read() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let (run, config) = (odd("run"), odd("mine.toml"));
    fs::write(directory.join(&config), "[training]\nema = 0.5\n").unwrap();
    let options = [
        "--run".as_ref(),
        run.as_os_str(),
        "--config".as_ref(),
        config.as_os_str(),
    ];
    let trained = train(directory, &[&options[..], &["--json".as_ref()]].concat());
    succeeded(&trained);
    let written = fs::read(directory.join(&run).join("config.json")).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(written["training"]["ema"], 0.5);
    let tested = horesnet(
        directory,
        &["eval".as_ref(), run.as_os_str(), "--json".as_ref()],
    );
    succeeded(&tested);
    assert_eq!(
        json(&tested)["test_accuracy"],
        json(&trained)["test_accuracy"]
    );
    succeeded(&horesnet(
        directory,
        &["train".as_ref(), "--resume".as_ref(), run.as_os_str()],
    ));

    // The weights of one run begin another, whose configuration names them.
    let weights = run.join("model.safetensors");
    let more = [
        "--weights".as_ref(),
        weights.as_os_str(),
        "--run".as_ref(),
        "next".as_ref(),
    ];
    succeeded(&train(directory, &more));
    succeeded(&horesnet(directory, &["eval".as_ref(), "next".as_ref()]));

    for ending in [".svg", ".png", ".pdf"] {
        let mut picture = odd("rk4").into_os_string();
        picture.push(ending);
        let arguments = [
            "plot".as_ref(),
            "rk4".as_ref(),
            "-o".as_ref(),
            picture.as_os_str(),
        ];
        succeeded(&horesnet(directory, &arguments));
        assert!(fs::metadata(directory.join(&picture)).unwrap().len() > 1000);
    }
}

#[test]
fn a_data_set_is_read_and_found_again() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let data = odd("data");
    mnist(&directory.join(&data));
    let options = [
        "--data",
        "mnist",
        "--batch-size",
        "2",
        "--run",
        "run",
        "--data-dir",
    ];
    let options: Vec<&OsStr> = options
        .map(OsStr::new)
        .into_iter()
        .chain([data.as_os_str()])
        .collect();
    succeeded(&train(directory, &options));
    let config = fs::read(directory.join("run/config.json")).unwrap();
    let config: Value = serde_json::from_slice(&config).unwrap();
    let bytes = directory.join(&data).into_os_string().into_vec();
    assert_eq!(config["data_dir"], Value::from(bytes));
    succeeded(&horesnet(directory, &["eval".as_ref(), "run".as_ref()]));
    succeeded(&horesnet(
        directory,
        &["train".as_ref(), "--resume".as_ref(), "run".as_ref()],
    ));

    // As settings, and back.
    let printed = train(
        directory,
        &[&options[..], &["--print-config".as_ref()]].concat(),
    );
    succeeded(&printed);
    fs::write(directory.join("mine.toml"), printed.stdout).unwrap();
    let again = ["train", "--config", "mine.toml", "--run", "again"].map(OsStr::new);
    succeeded(&horesnet(directory, &again));

    // Messages show such names as well as they can.
    fs::remove_dir_all(directory.join(&data)).unwrap();
    let failed = horesnet(directory, &["eval".as_ref(), "run".as_ref()]);
    let message = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(2), "{message}");
    assert!(message.contains("data\u{fffd}"), "{message}");
}
