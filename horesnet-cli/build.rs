//! Tells the program its commit: `HORESNET_VERSION` is `0.1.0 (abcdef123 2026-11-29)` in a checkout of the project,
//! `0.1.0 (abcdef123)` in a package, and `0.1.0` where neither is known.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Digits of a commit's name.
const DIGITS: usize = 9;

fn main() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed=build.rs");
    let commit = match fs::read_to_string(package.join(".cargo_vcs_info.json")) {
        Ok(info) => packaged(&info),
        Err(_) => checked_out(package),
    };
    let commit = commit.map(|commit| format!(" ({commit})"));
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!(
        "cargo::rustc-env=HORESNET_VERSION={version}{}",
        commit.unwrap_or_default()
    );
}

/// The commit that `cargo package` noted: `{"git": {"sha1": "…"}, …}`.
pub(crate) fn packaged(info: &str) -> Option<String> {
    let (_, rest) = info.split_once("\"sha1\"")?;
    let name = rest.split('"').nth(1)?.get(..DIGITS)?;
    name.bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| name.to_owned())
}

/// The commit of a checkout and its date; `None` without git, or if the package lies in another repository.
pub(crate) fn checked_out(package: &Path) -> Option<String> {
    let root = package.parent()?;
    if !root.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(arguments)
            .output();
        let text = String::from_utf8(output.ok().filter(|output| output.status.success())?.stdout);
        Some(text.ok()?.trim().to_owned())
    };
    // The log of HEAD grows whenever HEAD moves: by commits, checkouts, resets. In a linked worktree both lie elsewhere.
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file]).map(|path| root.join(path));
        // Cargo would build again and again for a file that does not exist.
        if let Some(path) = path.filter(|path| path.is_file()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let abbreviated = format!("--abbrev={DIGITS}");
    git(&["show", "--no-patch", &abbreviated, "--format=%h %cs"])
}
