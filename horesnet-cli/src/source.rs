//! What a user names on the command line: a bundled scheme, a tableau file, or `-` for standard input.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use horesnet_compiler::{library, limits};

/// The text of a tableau and the name to report it under.
pub(crate) struct Source {
    pub(crate) name: String,
    /// The name without folder and ending.
    pub(crate) stem: String,
    pub(crate) text: String,
}

/// Reads what `argument` names.
pub(crate) fn read(argument: &str) -> Result<Source, Box<dyn Error>> {
    let path = Path::new(argument);
    let stem = path
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    if argument == "-" {
        return Ok(Source {
            name: "standard input".into(),
            stem: "block".into(),
            text: text(io::stdin(), "standard input")?,
        });
    }
    let is_path = argument.contains(['/', '\\', '.']) || path.exists();
    match library::find(argument) {
        Some(_) if path.is_file() => Err(format!(
            "`{argument}` is both a file and a bundled scheme\n  = help: write `./{argument}` for the file; for the bundled scheme run from another folder"
        )
        .into()),
        Some(scheme) => Ok(Source { name: scheme.name.to_owned(), stem, text: scheme.text.to_owned() }),
        None if is_path => {
            let file = File::open(path).map_err(|error| format!("{argument} cannot be read: {error}"))?;
            Ok(Source { name: argument.to_owned(), stem, text: text(file, argument)? })
        }
        None => {
            let near = library::nearest(argument).map(|near| format!("\n  = help: did you mean `{near}`?")).unwrap_or_default();
            Err(format!("there is no bundled scheme and no file `{argument}`{near}\n  = help: `horesnet list` shows the bundled schemes").into())
        }
    }
}

/// All of a tableau's text; a device or a huge file is not read to its end.
fn text(reader: impl Read, name: &str) -> Result<String, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let most = limits::TEXT as u64 + 1;
    reader
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{name} cannot be read: {error}"))?;
    if bytes.len() as u64 == most {
        return Err(format!(
            "{name} has more than {} bytes, the most that a tableau has",
            limits::TEXT
        )
        .into());
    }
    limits::text(bytes).map_err(|what| format!("{name} {what}").into())
}
