//! Tableaux of the user's own, trained and compared.

mod tiny;

use std::fs;
use std::path::Path;

use horesnet_compiler::library;
use tiny::{horesnet, json, refused};

/// Options of a training of `scheme` that takes no time to speak of.
fn train(directory: &Path, scheme: &str, more: &[&str]) -> std::process::Output {
    let options = "--widths 2 --blocks 1 --epochs 1 --batch-size 512 --seed 5 --device cpu";
    let options = options.split(' ').chain(["--scheme", scheme]);
    let options: Vec<_> = ["train"]
        .into_iter()
        .chain(options)
        .chain(more.iter().copied())
        .collect();
    horesnet(directory, &options)
}

fn succeeded(output: &std::process::Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn write(directory: &Path, name: &str, scheme: &str) {
    fs::write(directory.join(name), library::find(scheme).unwrap().text).unwrap();
}

#[test]
fn a_file_is_trained_as_the_bundled_scheme_and_no_longer_needed() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    write(directory, "mine.tab", "heun2");
    let mine = train(directory, "mine.tab", &["--json"]);
    succeeded(&mine);
    let (mine, heun) = (json(&mine), json(&train(directory, "Heun", &["--json"])));
    assert_eq!(
        (&mine["scheme"], &heun["scheme"]),
        (&"mine".into(), &"heun2".into())
    );
    assert_eq!(
        (&mine["run"], &heun["run"]),
        (
            &"runs/mine-digits-seed5".into(),
            &"runs/heun2-digits-seed5".into()
        )
    );
    for figure in ["train_loss", "val_accuracy", "test_accuracy", "parameters"] {
        assert_eq!(mine[figure], heun[figure], "{figure}");
    }

    fs::remove_file(directory.join("mine.tab")).unwrap();
    let run = "runs/mine-digits-seed5";
    let kept = fs::read_to_string(directory.join(run).join("mine.tab")).unwrap();
    assert_eq!(kept, library::find("heun2").unwrap().text);
    for arguments in [
        &["eval", run][..],
        &["train", "--resume", run],
        &["show", "runs/mine-digits-seed5/mine.tab"],
        &["export", run, "--to", "onnx", "-o", "mine.onnx"],
        &["export", run, "--to", "hub", "-o", "hub"],
        &[
            "eval",
            "hub",
            "--weights",
            "runs/heun2-digits-seed5/model.safetensors",
        ],
    ] {
        succeeded(&horesnet(directory, arguments));
    }
    let tested = json(&horesnet(directory, &["eval", "hub", "--json"]));
    assert_eq!(tested["test_accuracy"], mine["test_accuracy"]);

    // Asked for again, the tableau is that of the run or refused.
    write(directory, "mine.tab", "heun2");
    succeeded(&horesnet(
        directory,
        &["train", "--resume", run, "--scheme", "mine.tab"],
    ));
    write(directory, "mine.tab", "ralston2");
    let message = refused(
        &horesnet(
            directory,
            &["train", "--resume", run, "--scheme", "mine.tab"],
        ),
        2,
    );
    assert!(
        message.contains("network.tableaux.mine, line "),
        "{message}"
    );
}

#[test]
fn files_are_nested_and_printed_as_settings() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    write(directory, "mine.tab", "heun2");
    fs::create_dir(directory.join("other folder")).unwrap();
    write(directory, "other folder/a b.tab", "midpoint");
    let printed = train(
        directory,
        "RK4( mine.tab(other folder/a b.tab) )",
        &["--print-config"],
    );
    succeeded(&printed);
    let toml = String::from_utf8(printed.stdout).unwrap();
    assert!(toml.contains("scheme = \"rk4(mine(a_b))\""), "{toml}");
    fs::write(directory.join("mine.toml"), toml).unwrap();
    fs::remove_file(directory.join("mine.tab")).unwrap();
    let described = horesnet(directory, &["train", "--config", "mine.toml", "--describe"]);
    succeeded(&described);
    let text = String::from_utf8(described.stdout).unwrap();
    assert!(text.contains("network, rk4(mine(a_b))"), "{text}");
}

#[test]
fn files_that_have_no_block_are_refused_with_their_proof() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    fs::write(
        directory.join("false.tab"),
        "0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n",
    )
    .unwrap();
    write(directory, "implicit.tab", "gauss2");
    write(directory, "rk4.tab", "rk4_38");
    fs::create_dir(directory.join("other")).unwrap();
    for name in ["mine.tab", "other/mine.tab"] {
        write(directory, name, "heun2");
    }
    for (scheme, expected) in [
        ("false.tab", "false.tab:4:"),
        ("false.tab", "`order 3` is false"),
        ("rk4(false.tab)", "false.tab:4:"),
        ("implicit.tab", "the scheme is implicit"),
        ("missing.tab", "missing.tab cannot be read"),
        ("other", "unknown scheme `other`"),
        ("rk4.tab", "`rk4` is the name of a bundled scheme"),
        (
            "mine.tab(other/mine.tab)",
            "mine.tab and other/mine.tab would both be called `mine`",
        ),
    ] {
        let message = refused(&train(directory, scheme, &[]), 2);
        assert!(message.contains(expected), "{scheme}: {message}");
        assert!(!directory.join("runs").exists());
    }
    let compared = [
        "compare",
        "--schemes",
        "mine.tab,other/mine.tab",
        "--out",
        "c",
    ];
    let message = refused(&horesnet(directory, &compared), 2);
    assert!(message.contains("would both be called `mine`"), "{message}");
    let message = refused(
        &horesnet(directory, &["train", "--set", "network.scheme=mine.tab"]),
        2,
    );
    assert!(message.contains("network.tableaux.NAME"), "{message}");
}

#[test]
fn files_are_compared_with_bundled_schemes() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    write(directory, "mine.tab", "midpoint");
    let options = "compare --depth 6 --widths 2 --stem-stride 4 --epochs 1 --batch-size 512 --seeds 1 --attacked 20 --out c --device cpu --schemes";
    let options: Vec<_> = options
        .split(' ')
        .chain(["Midpoint,mine.tab", "--json"])
        .collect();
    let output = horesnet(directory, &options);
    succeeded(&output);
    let rows = json(&output);
    let names: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["midpoint", "mine"]);
    assert_eq!(rows[0]["tests"], rows[1]["tests"]);
    let csv = fs::read_to_string(directory.join("c/table.csv")).unwrap();
    assert!(csv.contains("\nmine,6,216,test_accuracy,"), "{csv}");
    assert!(directory.join("c/mine-seed0/mine.tab").is_file());
    succeeded(&horesnet(directory, &options));
}
