//! A crate in a folder of its own, built by cargo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) struct Project {
    folder: PathBuf,
}

/// One error of the compiler: where it points and what it says.
#[derive(Debug)]
pub(crate) struct CompileError {
    pub(crate) line: u64,
    pub(crate) message: String,
}

impl Project {
    /// A crate `name` that depends on `horesnet` under the name `dependency`.
    pub(crate) fn new(name: &str, dependency: &str, files: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("crates")
            .join(name);
        // Left over from an earlier run.
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let project = Self { folder };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             {dependency} = {{ package = \"horesnet\", path = '{}' }}\n\n[workspace]\n",
            root.display()
        );
        project.write("Cargo.toml", &manifest);
        // The versions that the workspace has fetched, so that no network is needed.
        fs::copy(root.join("Cargo.lock"), project.folder.join("Cargo.lock")).unwrap();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("target");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(arguments)
            .arg("--offline")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target);
        cargo.output().expect("cargo runs")
    }

    pub(crate) fn expect_success(&self, arguments: &[&str]) {
        let output = self.cargo(arguments);
        let text =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "cargo {arguments:?}\n{text}");
    }

    /// Returns true if cargo finds nothing to do for the crate itself.
    pub(crate) fn is_fresh(&self) -> bool {
        let messages = self.messages();
        let mut artifacts = messages
            .iter()
            .filter(|message| message["reason"] == "compiler-artifact");
        artifacts
            .next_back()
            .is_some_and(|last| last["fresh"] == true)
    }

    /// All errors of a build, in the order of their lines.
    pub(crate) fn errors(&self) -> Vec<CompileError> {
        let messages = self.messages();
        let errors = messages
            .iter()
            .map(|message| &message["message"])
            .filter(|message| message["level"] == "error");
        let errors = errors.filter_map(|message| {
            let mut span = message["spans"]
                .as_array()?
                .iter()
                .find(|span| span["is_primary"] == true)?;
            // Where the user wrote the macro, if the error lies within its expansion.
            while let Some(outer) = span.get("expansion").and_then(|outer| outer.get("span")) {
                span = outer;
            }
            Some(CompileError {
                line: span["line_start"].as_u64()?,
                message: message["message"].as_str()?.to_owned(),
            })
        });
        let mut errors: Vec<_> = errors.collect();
        errors.sort_by_key(|error| error.line);
        errors
    }

    fn messages(&self) -> Vec<Value> {
        let output = self.cargo(&["check", "--message-format=json"]);
        let lines = String::from_utf8(output.stdout).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}
