//! Packaging: `horesnet completions`, `horesnet man` and `horesnet --version`.

mod folder;

#[allow(dead_code, reason = "its main function is cargo's")]
#[path = "../build.rs"]
mod build;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use folder::names;

fn horesnet(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.args(arguments).output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = horesnet(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that `horesnet --help` lists.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let mut names: Vec<_> = names
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .filter(|name| name != "help")
        .collect();
    names.sort();
    assert!(names.contains(&"completions".to_owned()), "{names:?}");
    names
}

#[test]
fn every_shell_completes_every_command_and_its_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        // An option of `repair`, and a value of `convert --to`.
        for word in ["choose", "latex"] {
            // PowerShell and elvish complete no values.
            if word == "choose" || !["powershell", "elvish"].contains(&shell) {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
    assert_eq!(horesnet(&["completions", "sh"]).status.code(), Some(2));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    printed(&["man", pages.to_str().unwrap()]);
    let expected = commands()
        .into_iter()
        .map(|command| format!("horesnet-{command}.1"));
    let mut expected: Vec<_> = expected.chain(["horesnet.1".to_owned()]).collect();
    expected.sort();
    assert_eq!(names(&pages), expected);
    let repair = fs::read_to_string(pages.join("horesnet-repair.1")).unwrap();
    let version = concat!("\"horesnet ", env!("CARGO_PKG_VERSION"));
    for part in [
        ".TH horesnet-repair 1",
        version,
        "\\-\\-choose",
        ".SH DESCRIPTION",
    ] {
        assert!(repair.contains(part), "{part}: {repair}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages");
    fs::write(&file, "a file").unwrap();
    let output = horesnet(&["man", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    let expected = format!("error: {} cannot be written: ", file.display());
    assert!(message.starts_with(&expected), "{message}");
}

/// The commit itself may have changed since the build: this looks at the form.
#[test]
fn the_version_names_the_commit_and_its_date() {
    let version = printed(&["--version"]);
    let number = concat!("horesnet ", env!("CARGO_PKG_VERSION"));
    let commit = version.strip_prefix(number).unwrap().trim_end();
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    if build::checked_out(package).is_none() {
        // A package names its commit, but not the date.
        assert!(!commit.contains('-'), "{version}");
        return;
    }
    let form: String = commit
        .chars()
        .map(|c| if c.is_ascii_hexdigit() { '0' } else { c })
        .collect();
    assert_eq!(form, " (000000000 0000-00-00)", "{version}");
}

#[test]
fn the_commit_of_a_package_is_what_cargo_noted() {
    let noted = r#"{
  "git": { "sha1": "4e1398b6a0d2c1f5e7a9b8c7d6e5f4a3b2c1d0e9", "dirty": true },
  "path_in_vcs": "horesnet-cli"
}"#;
    assert_eq!(build::packaged(noted).as_deref(), Some("4e1398b6a"));
    for other in [
        "",
        "{}",
        r#"{"git": {"sha1": "4e1"}}"#,
        r#"{"git": {"sha1": "no commit at all"}}"#,
    ] {
        assert_eq!(build::packaged(other), None, "{other}");
    }
}

#[test]
fn a_package_in_another_repository_does_not_name_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("vendor/horesnet-cli");
    fs::create_dir_all(&package).unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(build::checked_out(&package), None);
}
