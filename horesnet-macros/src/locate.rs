//! Locates the text of a tableau: a file of the user's crate, or a bundled scheme.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use horesnet_compiler::library::{self, Bundled};
use horesnet_compiler::limits;

use crate::args::Scheme;

/// The text of a tableau and its origin.
pub(crate) struct TableauSource {
    pub(crate) text: String,
    /// The path relative to the user's `Cargo.toml`, or `NAME (bundled)`.
    pub(crate) origin: String,
    /// The path of a file whose changes rebuild the crate.
    pub(crate) tracked: Option<String>,
}

/// An error in locating or reading a tableau.
pub(crate) struct LocateError {
    pub(crate) message: String,
    pub(crate) tracked: Option<String>,
}

impl LocateError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            tracked: None,
        }
    }
}

/// Locates and reads a tableau.
pub(crate) fn locate(scheme: &Scheme) -> Result<TableauSource, LocateError> {
    match scheme {
        Scheme::File(path) => read(&path.value()),
        Scheme::Bundled(_) => {
            let name = scheme.stem();
            let found = by_name(&name)?.map(bundled);
            found.ok_or_else(|| unknown(&name, None))
        }
        Scheme::Name(_) => {
            let name = scheme.stem();
            let own = format!("tableaux/{name}.tab");
            let exists = manifest_folder().is_ok_and(|folder| folder.join(&own).is_file());
            // Implicit schemes have no block, and other names of schemes define none, so a file with such a name is not ambiguous.
            let found =
                by_name(&name).or_else(|error| if exists { Ok(None) } else { Err(error) })?;
            let found = found.filter(|scheme| scheme.explicit || !exists);
            match (exists.then(|| read(&own)), found.map(bundled)) {
                (Some(file), None) => file,
                (None, Some(source)) => Ok(source),
                (None, None) => Err(unknown(&name, Some(&own))),
                // Neither is a copy of the bundled file, until it changes.
                (Some(Ok(file)), Some(source)) if file.text == source.text => Ok(TableauSource {
                    tracked: file.tracked,
                    ..source
                }),
                (Some(_), Some(_)) => Err(LocateError {
                    message: format!(
                        "`{name}` is both a file of this crate, {own}, and a bundled scheme\n  \
                         = help: write `ho_block!(\"{own}\")` for the file, or `ho_block!(bundled::{name})` for the bundled scheme"
                    ),
                    tracked: Some(own),
                }),
            }
        }
    }
}

/// Finds a bundled scheme. Its other names, such as `RK45`, are refused: code names the type after the scheme.
fn by_name(name: &str) -> Result<Option<&'static Bundled>, LocateError> {
    match library::find(name) {
        Some(scheme) if scheme.name != name => Err(LocateError::new(format!(
            "`{name}` is another name of the bundled scheme {0}\n  \
             = help: write `ho_block!({0})`, or `ho_block!(struct {name} = {0})` for a type of this name",
            scheme.name
        ))),
        found => Ok(found),
    }
}

fn bundled(scheme: &Bundled) -> TableauSource {
    TableauSource {
        text: scheme.text.to_owned(),
        origin: format!("{} (bundled)", scheme.name),
        tracked: None,
    }
}

fn unknown(name: &str, own: Option<&str>) -> LocateError {
    let meant = library::did_you_mean(name);
    let meant = meant.map_or_else(String::new, |near| format!("\n  = help: {near}"));
    let place = own.map(|own| format!(", and there is no file {own}"));
    let place = place.unwrap_or_default();
    LocateError::new(format!(
        "no bundled scheme is named `{name}`{place}{meant}\n  = help: `horesnet list` shows the {} bundled schemes",
        library::all().len()
    ))
}

fn read(path: &str) -> Result<TableauSource, LocateError> {
    if Path::new(path).is_absolute() {
        return Err(LocateError::new(format!(
            "{path} is an absolute path\n  = help: paths are relative to the crate's Cargo.toml"
        )));
    }
    let folder = manifest_folder()?;
    let full = folder.join(path);
    let problem = |message: String| LocateError {
        message,
        tracked: full.is_file().then(|| path.to_owned()),
    };
    let size = fs::metadata(&full).map_err(|error| {
        problem(match error.kind() {
            ErrorKind::NotFound => {
                format!("there is no file {path}\n  = help: the path is relative to the Cargo.toml of this crate")
            }
            _ => format!("{path} cannot be read: {error}"),
        })
    })?;
    if !size.is_file() {
        return Err(problem(format!("{path} is not a file")));
    }
    if size.len() > limits::TEXT as u64 {
        return Err(problem(format!("{path} {}", limits::too_long(size.len()))));
    }
    // System files, such as those of `/proc`, report length 0, and reading some of them never ends.
    let bytes = if size.len() == 0 {
        Vec::new()
    } else {
        fs::read(&full).map_err(|error| problem(format!("{path} cannot be read: {error}")))?
    };
    let text = limits::text(bytes).map_err(|what| problem(format!("{path} {what}")))?;
    Ok(TableauSource {
        text,
        origin: path.replace('\\', "/"),
        tracked: (size.len() > 0).then(|| path.to_owned()),
    })
}

fn manifest_folder() -> Result<PathBuf, LocateError> {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| LocateError::new("CARGO_MANIFEST_DIR is not set: build with cargo"))
}
