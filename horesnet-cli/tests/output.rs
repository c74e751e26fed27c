//! What becomes of the file that `convert`, `repair` and `plot` write with `-o`: one meaning in all three.

mod folder;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use folder::names;

/// A tableau with one wrong number, which `repair` finds and `convert` and `plot` read.
const WRONG: &str = "0 |\n1/2 | 1/2\n---\norder 2 | 0 2\n";

fn horesnet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.current_dir(folder).args(arguments);
    command.output().unwrap()
}

/// The three, each writing to a file of this name, which it reads too where it can.
fn writing(to: &str) -> [Vec<&str>; 3] {
    [
        vec!["repair", "mine.tab", "-o", to],
        vec!["convert", "mine.tab", "--to", "tab", "-o", to],
        vec!["plot", "mine.tab", "-o", to],
    ]
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_dash_is_standard_output_and_nothing_else_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.tab"), WRONG).unwrap();
    for (arguments, expected) in writing("-").iter().zip([
        "0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n",
        "0       |\n1/2     | 1/2\n--------+-------\norder 2 | 0    2\n",
        "<svg ",
    ]) {
        let output = horesnet(folder.path(), arguments);
        let out = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert!(out.starts_with(expected), "{arguments:?}: {out}");
        assert!(out.len() == expected.len() || arguments[0] == "plot");
    }
    assert_eq!(names(folder.path()), ["mine.tab"]);
}

#[test]
fn a_file_is_mended_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.tab");
    fs::write(&path, WRONG).unwrap();
    let output = horesnet(folder.path(), &["repair", "mine.tab", "-o", "mine.tab"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        WRONG.replace("0 2", "0 1")
    );
    assert_eq!(names(folder.path()), ["mine.tab"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// Files that may not grow fail like a full disk.
    #[test]
    fn a_write_that_fails_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let before = ["mine.tab", "mine.svg"];
        for (arguments, to) in [
            (vec!["repair", "mine.tab", "-o", "mine.tab"], "mine.tab"),
            (
                vec!["convert", "mine.tab", "--to", "tab", "-o", "mine.tab"],
                "mine.tab",
            ),
            (vec!["convert", "mine.tab", "--in-place"], "mine.tab"),
            (vec!["plot", "mine.tab", "-o", "mine.svg"], "mine.svg"),
            (vec!["plot", "mine.tab", "-o", "new.svg"], "new.svg"),
        ] {
            for name in before {
                fs::write(folder.path().join(name), WRONG).unwrap();
            }
            let output = Command::new("sh")
                .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
                .arg(env!("CARGO_BIN_EXE_horesnet"))
                .args(&arguments)
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{}", said(&output));
            let message = format!("{to} cannot be written: ");
            assert!(said(&output).contains(&message), "{}", said(&output));
            assert_eq!(names(folder.path()), ["mine.svg", "mine.tab"]);
            for name in before {
                assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), WRONG);
            }
        }
    }

    #[test]
    fn links_stay_links_and_permissions_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for to in ["link.tab", "link.tab", "link.svg"].iter().zip(0..3) {
            fs::write(path.join("mine.tab"), WRONG).unwrap();
            fs::write(path.join("there"), "before").unwrap();
            fs::set_permissions(path.join("there"), fs::Permissions::from_mode(0o640)).unwrap();
            symlink("there", path.join(to.0)).unwrap();
            let output = horesnet(path, &writing(to.0)[to.1]);
            assert!(output.status.success(), "{}", said(&output));
            assert!(path.join(to.0).is_symlink());
            assert_ne!(fs::read(path.join("there")).unwrap(), b"before");
            let mode = fs::metadata(path.join("there"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o640);
            fs::remove_file(path.join(to.0)).unwrap();
        }
    }

    #[test]
    fn what_is_read_only_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("mine.tab"), WRONG).unwrap();
        for (to, at) in ["old.tab", "old.tab", "old.svg"].iter().zip(0..3) {
            let old = path.join(to);
            fs::write(&old, "before")
                .or_else(|_| fs::read(&old).map(drop))
                .unwrap();
            fs::set_permissions(&old, fs::Permissions::from_mode(0o444)).unwrap();
            let output = horesnet(path, &writing(to)[at]);
            assert_eq!(output.status.code(), Some(2));
            assert!(
                said(&output).contains("it is read-only"),
                "{}",
                said(&output)
            );
            assert_eq!(fs::read(&old).unwrap(), b"before");
        }
    }

    /// A reader waits at the other end while the pipe is written.
    #[test]
    fn pipes_are_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("mine.tab"), WRONG).unwrap();
        for (to, at) in ["pipe.tab", "pipe.tab", "pipe.svg"].iter().zip(0..3) {
            let pipe = path.join(to);
            if !pipe.exists() {
                let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
                assert!(made.success());
            }
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || fs::read(pipe).unwrap()
            });
            let output = horesnet(path, &writing(to)[at]);
            assert!(output.status.success(), "{}", said(&output));
            assert!(!reader.join().unwrap().is_empty());
            assert!(!fs::metadata(&pipe).unwrap().is_file());
        }
    }
}
