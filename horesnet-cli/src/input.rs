//! Tableaux named on the command line: a bundled scheme, a file, or `-` for standard input.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use horesnet_compiler::diagnostic::{Diagnostic, Diagnostics};
use horesnet_compiler::order::Verdict;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Unproven, library, limits, notation};
use serde_json::{Value, json};

use crate::report::{self, Refused};

/// The text of a tableau and the name to report it under.
pub(crate) struct Input {
    pub(crate) name: String,
    /// The name without folder and extension.
    pub(crate) stem: String,
    pub(crate) text: String,
}

/// The object of a problem in JSON.
fn problem(line: Option<usize>, column: Option<usize>, message: &str, help: &str) -> Value {
    let help = (!help.is_empty()).then_some(help);
    json!({"line": line, "column": column, "message": message, "help": help})
}

/// The problems of an argument that cannot be read, in JSON.
pub(crate) fn unreadable(error: &str) -> Value {
    json!([problem(None, None, error, "")])
}

impl Input {
    /// Prints problems on stderr.
    pub(crate) fn refuse(&self, problems: &[Diagnostic]) -> Refused {
        for problem in problems {
            report::note(problem.render(&self.name, &self.text) + "\n");
        }
        Refused
    }

    /// Problems in JSON: line, column, message and help of each.
    pub(crate) fn json(&self, problems: &[Diagnostic]) -> Value {
        let problems = problems.iter().map(|found| {
            let (line, column) = found.position(&self.text);
            let help = found.remarks().collect::<Vec<_>>().join("\n");
            problem(Some(line), Some(column), found.headline(), &help)
        });
        problems.collect()
    }

    /// The tableau, its verdict if there is a proof, and problems with its claims; the error is why it is no tableau.
    pub(crate) fn tableau(&self) -> Result<(Tableau, Option<Verdict>, Diagnostics), Diagnostics> {
        match horesnet_compiler::prove(&self.text) {
            Ok(checked) => Ok((checked.tableau, Some(checked.verdict), checked.problems)),
            Err(Unproven { problems, tableau }) => match tableau {
                Some(tableau) => Ok((*tableau, None, problems)),
                None => Err(problems),
            },
        }
    }
}

/// The tableau of a text, unproven.
pub(crate) fn tableau(text: &str) -> Result<Tableau, Diagnostics> {
    let document = horesnet_compiler::parse(text).map_err(|problem| vec![problem])?;
    Tableau::new(&document)
}

/// Reads the tableau that `argument` names; a text in another notation is refused with what to do.
pub(crate) fn read_tab(argument: impl AsRef<OsStr>) -> Result<Input, Box<dyn Error>> {
    let argument = argument.as_ref();
    let input = read(argument)?;
    let extension = Path::new(argument).extension().and_then(OsStr::to_str);
    let named = extension.and_then(notation::by_extension);
    let notation = named.unwrap_or_else(|| notation::detect(&input.text));
    let is_other = notation.name != "tab" && horesnet_compiler::parse(&input.text).is_err();
    // `convert` says why it cannot read a file of this extension.
    if is_other && (named.is_some() || notation.read(&input.text).is_ok()) {
        let Input { name, stem, .. } = &input;
        let source = if name == STANDARD_INPUT { "-" } else { name };
        return Err(format!(
            "{name} is {}, and this command reads `.tab` files\n  = help: convert it first: \
             `horesnet convert {source} --to tab -o {stem}.tab`",
            notation.name
        )
        .into());
    }
    Ok(input)
}

/// The name of standard input in messages.
const STANDARD_INPUT: &str = "standard input";

/// Reads the text that `argument` names, in any notation.
pub(crate) fn read(argument: impl AsRef<OsStr>) -> Result<Input, Box<dyn Error>> {
    let argument = argument.as_ref();
    let path = Path::new(argument);
    let input = |name: &str, stem: &str, text| Input {
        name: name.into(),
        stem: stem.into(),
        text,
    };
    if argument == "-" {
        let name = STANDARD_INPUT;
        return Ok(input(name, "block", text(io::stdin(), name)?));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let shown = &*argument.to_string_lossy();
    let is_path = shown.contains(['/', '\\', '.']) || path.exists();
    match library::find(shown) {
        Some(_) if path.is_file() => Err(format!(
            "`{shown}` is both a file and a bundled scheme\n  = help: write `./{shown}` for the file; for the bundled scheme run from another folder"
        )
        .into()),
        Some(scheme) => Ok(input(scheme.name, scheme.name, scheme.text.to_owned())),
        None if is_path => {
            let file = File::open(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
            Ok(input(shown, &stem, text(file, shown)?))
        }
        None => {
            let near = library::did_you_mean(shown);
            let near = near.map_or_else(String::new, |near| format!("\n  = help: {near}"));
            Err(format!("there is no bundled scheme and no file `{shown}`{near}\n  = help: `horesnet list` shows the bundled schemes").into())
        }
    }
}

/// Reads at most the size limit of a tableau, so that a device or a huge file does not fill the memory.
fn text(reader: impl Read, name: &str) -> Result<String, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let most = limits::TEXT as u64 + 1;
    let read = reader.take(most).read_to_end(&mut bytes);
    read.map_err(|error| format!("{name} cannot be read: {error}"))?;
    if bytes.len() as u64 == most {
        let most = limits::TEXT;
        return Err(format!("{name} has more than {most} bytes, the limit for tableaux").into());
    }
    limits::text(bytes).map_err(|what| format!("{name} {what}").into())
}
