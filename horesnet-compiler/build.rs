//! Embeds every file of `tableaux/`, `tableaux/families/` and `tableaux/implicit/`, so that adding a file adds a scheme.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=tableaux");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let code = [
        list("EXPLICIT", "", true)?,
        list("FAMILIES", "families/", true)?,
        list("IMPLICIT", "implicit/", false)?,
    ];
    fs::write(Path::new(&out).join("library.rs"), code.concat())
}

/// The constant with the schemes of a folder, sorted by name.
fn list(constant: &str, folder: &str, explicit: bool) -> io::Result<String> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(&manifest).join("tableaux").join(folder))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tab") {
            names.extend(
                path.file_stem()
                    .and_then(|stem| stem.to_str())
                    .map(str::to_owned),
            );
        }
    }
    names.sort_unstable();
    let mut code = format!("const {constant}: &[Bundled] = &[\n");
    for name in names {
        let text =
            fs::read_to_string(Path::new(&manifest).join(format!("tableaux/{folder}{name}.tab")))?;
        let title = strings(&text, "name ").concat();
        let aliases = strings(&text, "alias ");
        let path =
            format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/tableaux/{folder}{name}.tab\")");
        writeln!(
            code,
            "    Bundled {{ name: {name:?}, title: {title:?}, aliases: &{aliases:?}, \
             text: include_str!({path}), folder: {folder:?}, explicit: {explicit} }},"
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    Ok(code)
}

/// The strings of the header lines that begin with `word`. A test compares them with what the parser reads.
fn strings<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let headers = text.lines().filter_map(|line| line.strip_prefix(word));
    headers
        .flat_map(|header| header.split('"').skip(1).step_by(2))
        .collect()
}
