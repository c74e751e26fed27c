//! `horesnet train` stopped in every way there is, and `--resume`.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

/// A training of 40 short epochs with everything on that a step hands to the next.
const OPTIONS: [&str; 17] = [
    "--scheme",
    "euler",
    "--widths=2",
    "--blocks=1",
    "--epochs=40",
    "--batch-size=200",
    "--lr=0.02",
    "--ema=0.9",
    "--clip-norm=2",
    "--crop=1",
    "--drop-path=0.3",
    "--set",
    "network.stem_stride=4",
    "--checkpoint-every=2",
    "--seed",
    "7",
    "--device=cpu",
];

fn horesnet(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.current_dir(directory).arg("train").args(arguments);
    command
}

/// The first lines of metrics without their times, and the files of weights.
fn results(run: &Path) -> (Vec<String>, Vec<u8>, Vec<u8>) {
    let metrics = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let lines = metrics.lines();
    let metrics = lines.map(|line| line.split(",\"seconds\"").next().unwrap().to_owned());
    let read = |name: &str| fs::read(run.join(name)).unwrap();
    (
        metrics.collect(),
        read("model.safetensors"),
        read("checkpoint.safetensors"),
    )
}

/// A run nobody stopped.
fn uninterrupted(directory: &Path) -> (Vec<String>, Vec<u8>, Vec<u8>) {
    let output = horesnet(directory, &[&OPTIONS[..], &["--run", "whole"]].concat())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    results(&directory.join("whole"))
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The training that begins, or goes on, in the folder `run`.
fn started(directory: &Path) -> (Child, BufReader<ChildStderr>) {
    let arguments = if directory.join("run/config.json").exists() {
        vec!["--resume", "run"]
    } else {
        [&OPTIONS[..], &["--run", "run"]].concat()
    };
    let mut child = horesnet(directory, &arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    (child, stderr)
}

/// Waits until so many epochs have ended.
fn wait(stderr: &mut impl BufRead, epochs: usize) {
    let lines = stderr.lines().map(|line| line.unwrap());
    let ended = lines.filter(|line| line.starts_with("epoch"));
    assert_eq!(ended.take(epochs).count(), epochs);
}

/// Numbers from a seed (Marsaglia's xorshift, 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn a_training_killed_at_ten_moments_ends_as_if_it_had_not_been() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..10 {
        let (mut child, mut stderr) = started(directory);
        wait(&mut stderr, chance.below(4) as usize);
        // A moment somewhere in the next epoch, its test, or the writing of its files.
        for _ in 0..chance.below(3000) {
            let _ = fs::metadata(directory.join("run/checkpoint.safetensors.new"));
        }
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    }
    let (mut child, mut stderr) = started(directory);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
    assert!(results(&directory.join("run")) == uninterrupted(directory));
}

/// Presses Ctrl-C (`-INT`), or asks as the system does (`-TERM`).
fn interrupt(child: &Child, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn ctrl_c_ends_with_a_checkpoint_and_says_how_to_go_on() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let (mut child, mut stderr) = started(directory);
    wait(&mut stderr, 1);
    interrupt(&child, "-INT");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(
        rest.contains("stopping after this step; again to end at once\n"),
        "{rest}"
    );
    let last = rest.lines().last().unwrap();
    assert!(last.starts_with("training was stopped in epoch "), "{rest}");
    assert!(
        last.ends_with("; go on with: horesnet train --resume run"),
        "{rest}"
    );
    // The first checkpoint was due after the second epoch; this one is of the first and of what was done of the second.
    assert!(directory.join("run/checkpoint.safetensors").exists());

    let output = horesnet(directory, &["--resume", "run"]).output().unwrap();
    assert!(output.status.success());
    assert!(
        text(&output).starts_with("going on in epoch "),
        "{}",
        text(&output)
    );
    assert!(results(&directory.join("run")) == uninterrupted(directory));
}

#[test]
fn being_asked_twice_to_end_ends_at_once_and_harms_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let (mut child, mut stderr) = started(directory);
    wait(&mut stderr, 3);
    interrupt(&child, "-INT");
    let mut line = String::new();
    while !line.starts_with("stopping") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0);
    }
    interrupt(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        horesnet(directory, &["--resume", "run"])
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(results(&directory.join("run")) == uninterrupted(directory));
}

#[test]
fn a_full_disk_keeps_the_last_good_checkpoint() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let (mut child, mut stderr) = started(directory);
    wait(&mut stderr, 2);
    interrupt(&child, "-INT");
    child.wait().unwrap();
    let path = directory.join("run/checkpoint.safetensors");
    let checkpoint = fs::read(&path).unwrap();
    // No file can grow beyond the size of the checkpoint's smaller half: to the program, a disk that is full.
    let limited = Command::new("sh")
        .current_dir(directory)
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 4; exec \"$0\" train --resume run",
        ])
        .arg(env!("CARGO_BIN_EXE_horesnet"))
        .output()
        .unwrap();
    let message = text(&limited);
    assert_eq!(limited.status.code(), Some(2), "{message}");
    assert!(message.contains("error: cannot write `run/"), "{message}");
    assert!(
        message.contains("; the last good checkpoint is that "),
        "{message}"
    );
    assert!(
        message.contains("go on with: horesnet train --resume run"),
        "{message}"
    );
    assert_eq!(fs::read(&path).unwrap(), checkpoint);
    assert!(!directory.join("run/checkpoint.safetensors.new").exists());

    assert!(
        horesnet(directory, &["--resume", "run"])
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(results(&directory.join("run")) == uninterrupted(directory));
}

#[test]
fn a_run_is_resumed_with_the_settings_it_began_with() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    let tiny = [
        "--widths=2",
        "--blocks=1",
        "--scheme=euler",
        "--epochs=1",
        "--batch-size=500",
    ];
    let output = horesnet(directory, &[&tiny[..], &["--run", "run"]].concat()).output();
    assert!(output.unwrap().status.success());
    let resumed = |more: &[&str]| {
        let output = horesnet(directory, &[&["--resume", "run"], more].concat());
        let output = { output }.output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, message) = resumed(&["--epochs=1", "--widths=2"]);
    assert_eq!(code, Some(0));
    assert!(message.contains("the run has ended already"), "{message}");
    let (code, message) = resumed(&["--epochs=2"]);
    assert_eq!(code, Some(2));
    assert!(
        message.contains("training.epochs is 1 in this run, but 2 was requested"),
        "{message}"
    );
    assert!(
        message.contains("the learning rate of every step depends on the number of epochs"),
        "{message}"
    );
    let (_, message) = resumed(&["--scheme=rk4"]);
    assert!(
        message.contains("network.scheme is \"euler\" in this run, but \"rk4\" was requested"),
        "{message}"
    );
    let (code, message) = resumed(&["--run=other"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("cannot be used with"), "{message}");
    let output = horesnet(directory, &["--resume", "none"]).output().unwrap();
    assert!(
        text(&output).contains("`none` does not exist"),
        "{}",
        text(&output)
    );
}
