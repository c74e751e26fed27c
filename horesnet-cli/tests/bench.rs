//! `horesnet bench` as a user runs it. No test looks at times.

mod tiny;

use std::path::Path;

use tiny::{horesnet, json, refused};

const TINY: [&str; 9] = [
    "bench",
    "--seconds",
    "1",
    "--widths",
    "2",
    "--blocks",
    "1",
    "--batch-size",
    "256",
];

#[test]
fn shares_sum_to_a_whole_step() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&TINY[..], &["--scheme", "rk4", "--json"]].concat();
    let output = horesnet(folder.path(), &arguments);
    assert!(output.status.success(), "{output:?}");
    let report = json(&output);
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    let machine = &report["machine"];
    assert!(machine["threads"].as_u64().unwrap() >= 1);
    assert!(
        ["portable", "AVX2", "AVX-512"].contains(&machine["instruction_set"].as_str().unwrap())
    );
    assert_eq!(report["network"]["scheme"], "rk4");
    assert_eq!(report["network"]["image"], serde_json::json!([1, 8, 8]));
    assert_eq!(report["training"]["batch_size"], 256);
    for speed in ["training", "evaluation"] {
        let [least, median, most] =
            ["min", "images_per_second", "max"].map(|field| report[speed][field].as_f64().unwrap());
        assert!(0.0 < least && least <= median && median <= most, "{report}");
    }
    let parts = report["step"]["parts"].as_array().unwrap();
    let names: Vec<_> = parts
        .iter()
        .map(|part| part["name"].as_str().unwrap())
        .collect();
    let expected = [
        "convolution",
        "normalisation",
        "combinations",
        "optimiser",
        "waiting for images",
        "other",
    ];
    assert_eq!(names, expected);
    let sum = |field: &str| {
        parts
            .iter()
            .map(|part| part[field].as_f64().unwrap())
            .sum::<f64>()
    };
    assert!((sum("share") - 1.0).abs() < 1e-9, "{report}");
    let step = report["step"]["seconds"].as_f64().unwrap();
    assert!((sum("seconds") - step).abs() < 1e-9 * step);
    for name in ["convolution", "normalisation", "combinations", "optimiser"] {
        let part = parts.iter().find(|part| part["name"] == name).unwrap();
        assert!(part["share"].as_f64().unwrap() > 0.0, "{name}: {report}");
    }
    for field in ["seconds", "ratio"] {
        assert!(report["floor"][field].as_f64().unwrap() > 0.0);
    }
    // Four stages and three combinations of an RK4 block at least, each of 256 images of 2×8×8 floats.
    let bytes = report["floor"]["combinations"]["work"].as_f64().unwrap();
    assert!(bytes > f64::from(3 * 2 * 256 * 2 * 64 * 4), "{report}");
    // It leaves no run behind.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_table_names_machine_network_and_parts() {
    let output = horesnet(
        Path::new("."),
        &[&TINY[..], &["--scheme", "euler"]].concat(),
    );
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "machine      ",
        "network      euler, depth ",
        "images/s (",
        "256 images a step",
        "convolution",
        "total",
        "100.0 %",
        " multiply-adds at ",
        "B at ",
        "A step takes ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(output.stderr.is_empty());
}

#[test]
fn a_transformer_has_no_convolution_to_compare() {
    let arguments = [
        "bench",
        "--seconds",
        "1",
        "--preset",
        "vit-digits",
        "--json",
    ];
    let output = horesnet(Path::new("."), &arguments);
    assert!(output.status.success(), "{output:?}");
    let report = json(&output);
    assert_eq!(report["step"]["parts"][0]["seconds"], 0.0, "{report}");
}

#[test]
fn options_that_cannot_be_measured_are_refused() {
    for (arguments, expected) in [
        (&["--seconds", "0"][..], "1..=3600"),
        (&["--scheme", "rk5"], "unknown scheme `rk5`"),
        (&["--batch-size", "1"], "batch_size"),
        (&["--device", "cpu"], "unexpected argument"),
        (&["--data", "nothing"], "nothing"),
    ] {
        let arguments = [&["bench"], arguments].concat();
        let message = refused(&horesnet(Path::new("."), &arguments), 2);
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
}
