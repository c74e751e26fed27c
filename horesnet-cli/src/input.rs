//! Tableaux named on the command line: a bundled scheme, a file, or `-` for standard input.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::Args;
use horesnet_compiler::diagnostic::{Diagnostic, Diagnostics};
use horesnet_compiler::document::Expression;
use horesnet_compiler::notation::{self, Choice, Notation, PrintedTableau, Scheme};
use horesnet_compiler::order::Verdict;
use horesnet_compiler::repair::Repair;
use horesnet_compiler::report::{problem, problems as problems_of};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Checked, Unproven, library, limits};
use serde_json::Value;

use crate::report::{self, Refused};

/// The text of a tableau and the name to report it under.
#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) name: String,
    /// The name without folder and extension.
    pub(crate) stem: String,
    pub(crate) text: String,
    /// The scheme in a text of another notation than tableau files, or why there is none.
    pub(crate) scheme: Option<Result<Scheme, Diagnostics>>,
}

/// Options for texts in other notations that leave something open.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Other notations")]
pub(crate) struct ReadOptions {
    /// Take this reading, or this scheme, of a text that has several
    #[arg(long = "as", value_name = "N")]
    number: Option<usize>,
    /// Leave out this array, which is no part of the tableau; repeatable
    #[arg(long = "ignore", value_name = "NAME")]
    ignored: Vec<String>,
}

impl ReadOptions {
    pub(crate) fn choice(&self) -> Choice {
        Choice {
            number: self.number,
            ignored: self.ignored.clone(),
        }
    }
}

/// The problems of an argument that cannot be read, in JSON.
pub(crate) fn unreadable(error: &str) -> Value {
    Value::from(vec![problem(None, error, "")])
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
        problems_of(&self.text, problems)
    }

    /// States the relative error of every coefficient, in place of what the file states.
    pub(crate) fn round(&mut self, eps: Option<&Expression>) {
        let Some(eps) = eps else {
            return;
        };
        let parsed = || {
            let document = horesnet_compiler::parse(&self.text).map_err(|problem| vec![problem]);
            document.map(|document| Scheme {
                document,
                notes: Vec::new(),
            })
        };
        let mut scheme = self.scheme.take().unwrap_or_else(parsed);
        if let Ok(scheme) = &mut scheme {
            scheme.document.rounded = Some(eps.clone());
        }
        self.scheme = Some(scheme);
    }

    /// The tableau with its proof, and repairs of false claims.
    pub(crate) fn check(&self, bound: Option<usize>) -> Result<Checked, Diagnostics> {
        match &self.scheme {
            None => horesnet_compiler::check(&self.text, bound),
            Some(scheme) => {
                let document = scheme.clone()?.document;
                horesnet_compiler::check_document(&self.text, document, bound)
            }
        }
    }

    /// The solutions for the unknown entries, if there are any such entries.
    pub(crate) fn fill(&self) -> Option<Result<Repair, Diagnostics>> {
        let document = match &self.scheme {
            Some(scheme) => scheme.as_ref().ok()?.document.clone(),
            None => horesnet_compiler::parse(&self.text).ok()?,
        };
        horesnet_compiler::fill(&self.text, &document)
    }

    /// The text of a tableau file that holds the scheme.
    pub(crate) fn tab(&self) -> Result<String, Diagnostics> {
        let Some(scheme) = &self.scheme else {
            return Ok(self.text.clone());
        };
        let scheme = scheme.clone()?;
        let mut printed = PrintedTableau::new(&scheme.document)?;
        printed.remark(scheme.remarks());
        let tab = notation::find("tab").unwrap_or_else(|| notation::detect(""));
        tab.write(&printed).map_err(|problem| vec![problem])
    }

    /// The role of each array that was read, line by line.
    pub(crate) fn notes(&self) -> &[String] {
        match &self.scheme {
            Some(Ok(scheme)) => scheme.remarks(),
            _ => &[],
        }
    }

    /// The tableau, its verdict if there is a proof, and problems with its claims; the error is why it is no tableau.
    pub(crate) fn tableau(&self) -> Result<(Tableau, Option<Verdict>, Diagnostics), Diagnostics> {
        match self.prove() {
            Ok(checked) => Ok((checked.tableau, Some(checked.verdict), checked.problems)),
            Err(Unproven { problems, tableau }) => match tableau {
                Some(tableau) => Ok((*tableau, None, problems)),
                None => Err(problems),
            },
        }
    }

    /// The tableau with its proof, without repairs.
    pub(crate) fn prove(&self) -> Result<Checked, Unproven> {
        match &self.scheme {
            None => horesnet_compiler::prove(&self.text),
            Some(scheme) => {
                let scheme = scheme.clone().map_err(|problems| Unproven {
                    problems,
                    tableau: None,
                })?;
                let document = scheme.document;
                horesnet_compiler::prove_document(&self.text, document)
            }
        }
    }
}

/// The tableau of a text, unproven.
pub(crate) fn tableau(text: &str) -> Result<Tableau, Diagnostics> {
    let document = horesnet_compiler::parse(text).map_err(|problem| vec![problem])?;
    Tableau::new(&document)
}

/// The notation of a text, by its content; the language of tableau files where the name of the file says so.
pub(crate) fn notation_of(argument: &OsStr, text: &str) -> &'static Notation {
    let is_tab = Path::new(argument).extension() == Some(OsStr::new("tab"));
    let tab = notation::find("tab").filter(|_| is_tab || horesnet_compiler::parse(text).is_ok());
    tab.unwrap_or_else(|| notation::detect(text))
}

/// Reads the schemes in the text that `argument` names, in any notation: one, or the two of an additive pair.
pub(crate) fn read_schemes(
    argument: impl AsRef<OsStr>,
    options: &ReadOptions,
) -> Result<Vec<Input>, Box<dyn Error>> {
    let argument = argument.as_ref();
    let input = read(argument)?;
    let notation = notation_of(argument, &input.text);
    if notation.name == "tab" {
        return Ok(vec![input]);
    }
    Ok(match notation.schemes(&input.text, &options.choice()) {
        Ok(mut schemes) if schemes.len() == 1 => vec![Input {
            scheme: schemes.pop().map(Ok),
            ..input
        }],
        Ok(schemes) => {
            let named = schemes.into_iter().map(|scheme| {
                let part = scheme
                    .document
                    .name
                    .as_ref()
                    .map_or("", |name| name.value.as_str());
                Input {
                    name: format!("{}, {part}", input.name),
                    scheme: Some(Ok(scheme)),
                    ..input.clone()
                }
            });
            named.collect()
        }
        Err(problems) => vec![Input {
            scheme: Some(Err(problems)),
            ..input
        }],
    })
}

/// Reads the one scheme in the text that `argument` names, in any notation.
pub(crate) fn read_scheme(
    argument: impl AsRef<OsStr>,
    options: &ReadOptions,
) -> Result<Input, Box<dyn Error>> {
    let mut inputs = read_schemes(argument, options)?;
    match (inputs.pop(), inputs.is_empty()) {
        (Some(input), true) => Ok(input),
        (Some(last), false) => {
            inputs.push(last);
            let schemes: Vec<_> = inputs
                .iter()
                .filter_map(|input| input.scheme.clone()?.ok())
                .collect();
            let problem = notation::several(&schemes);
            let lines = std::iter::once(problem.headline()).chain(problem.remarks());
            Err(lines.collect::<Vec<_>>().join("\n  = ").into())
        }
        (None, _) => Err("expected a scheme, found none".into()),
    }
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
        scheme: None,
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
