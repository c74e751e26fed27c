//! `horesnet convert`: tableaux in other notations, and the formatter of tableau files.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::notation::{self, Notation, OUTPUTS, Output, PrintedNumber, PrintedTableau};

use crate::input::{self, Input, ReadOptions};
use crate::{CommandResult, output, report};

/// Convert tableaux between notations, write them for frameworks, and format tableau files
///
/// Reads tableau files (tab), JSON, LaTeX arrays, and the arrays of programs in Python, Julia, MATLAB, C, C++, Rust and
/// Fortran; it runs no code. A comment says which array was read as what. Numbers stay exact and decimals keep their digits.
/// Converting `tab` to `tab` formats the file: it aligns columns, and keeps comments and expressions. Claims are not checked.
///
/// Also writes a block for PyTorch, solvers for diffrax and torchdiffeq, a table for SUNDIALS, and
/// arrays in C, Fortran, MATLAB and Rust. Solvers and tables state the order, which is proven first.
///
/// Exits with 0 on success, 1 if --check finds an unformatted file, 2 if a file is not a tableau or cannot be read or
/// written.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet convert gill4 --to latex\n  horesnet convert mine.json -o mine.tab\n  horesnet convert dopri5 --to diffrax -o dopri5.py\n  horesnet convert dopri5 -o dopri5.f90\n  horesnet convert table.py --to tab --rounded 5e-16\n  cat mine.tab | horesnet convert - --to julia\n  horesnet convert schemes/*.tab --in-place\n  horesnet convert schemes/*.tab --check"
)]
pub(crate) struct Convert {
    /// A file, the name of a bundled scheme, or `-` for standard input; several with --in-place or --check
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<OsString>,
    /// Write this notation, or for this framework [default: from the extension of OUTPUT]
    #[arg(long, value_name = "NOTATION", value_parser = targets())]
    to: Option<String>,
    /// Read this notation [default: from the extension of the file, or from its text]
    #[arg(long, value_name = "NOTATION", value_parser = names())]
    from: Option<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "OUTPUT", conflicts_with_all = ["in_place", "check"])]
    output: Option<PathBuf>,
    /// Declare that every coefficient is correct to a relative error of EPS, as in printed decimals
    #[arg(long, value_name = "EPS", value_parser = rounding, conflicts_with_all = ["in_place", "check"])]
    rounded: Option<PrintedNumber>,
    /// Format tableau files in place
    #[arg(long, conflicts_with = "check")]
    in_place: bool,
    /// List unformatted tableau files without changing them
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    reading: ReadOptions,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(notation::ALL.iter().map(|notation| notation.name))
}

fn targets() -> PossibleValuesParser {
    let names = notation::ALL.iter().map(|notation| notation.name);
    PossibleValuesParser::new(names.chain(OUTPUTS.iter().map(|output| output.name)))
}

/// A notation or an output to write.
#[derive(Clone, Copy)]
enum Target {
    Notation(&'static Notation),
    Output(&'static Output),
}

impl Target {
    fn named(name: &str) -> Option<Self> {
        let notation = notation::find(name).map(Self::Notation);
        notation.or_else(|| Output::find(name).map(Self::Output))
    }

    fn by_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        let notation = notation::by_extension(extension).map(Self::Notation);
        notation.or_else(|| Output::by_extension(extension).map(Self::Output))
    }

    fn is_tab(self) -> bool {
        matches!(self, Self::Notation(notation) if notation.name == "tab")
    }
}

/// A relative error, with the limits that tableau files have for it.
fn rounding(eps: &str) -> Result<PrintedNumber, String> {
    let text = format!("rounded {eps}\n0 |\n---\n| 1\n");
    let tab = notation::find("tab").unwrap_or_else(|| notation::detect(""));
    match tab.read(&text) {
        Ok(printed) => printed
            .rounded()
            .cloned()
            .ok_or_else(|| "expected a number".to_owned()),
        Err(problems) => Err(problems.first().map_or("", Diagnostic::headline).to_owned()),
    }
}

impl Convert {
    pub(crate) fn run(&self) -> CommandResult {
        if !self.in_place && !self.check {
            let [source] = self.sources.as_slice() else {
                return Err(
                    "expected one file, found several\n  = help: --in-place and --check take several".into(),
                );
            };
            self.convert(source)?;
            return Ok(ExitCode::SUCCESS);
        }
        if [&self.from, &self.to]
            .iter()
            .any(|name| name.as_deref().is_some_and(|name| name != "tab"))
        {
            return Err(
                "--in-place and --check format tableau files only; expected the notation tab"
                    .into(),
            );
        }
        let mut code = 0;
        for argument in &self.sources {
            code = code.max(match self.format(argument) {
                Ok(formatted) => u8::from(self.check && !formatted),
                Err(error) => report::failure(&*error),
            });
        }
        Ok(ExitCode::from(code))
    }

    fn convert(&self, argument: &OsStr) -> Result<(), Box<dyn Error>> {
        let source = input::read(argument)?;
        let given = self.from.as_deref().and_then(notation::find);
        let from = given.unwrap_or_else(|| input::notation_of(argument, &source.text));
        let to = { self.to.as_deref().and_then(Target::named) }
            .or_else(|| self.output.as_deref().and_then(Target::by_extension));
        let to = to.ok_or(
            "the notation to write is unknown\n  = help: add `--to tab`, `json`, `latex`, `julia` or `python`, or the name of a \
             framework: `horesnet convert --help` lists them",
        )?;
        // Comments and expressions exist in the text only.
        let is_tab = from.name == "tab" && self.rounded.is_none();
        let text = if is_tab && to.is_tab() {
            formatted(&source)?
        } else {
            let schemes = from.schemes(&source.text, &self.reading.choice());
            let schemes = schemes.map_err(|problems| source.refuse(&problems))?;
            let [scheme] = schemes.as_slice() else {
                return Err(source.refuse(&[notation::several(&schemes)]).into());
            };
            let printed = PrintedTableau::new(&scheme.document);
            let mut printed = printed.map_err(|problems| source.refuse(&problems))?;
            printed.remark(scheme.remarks());
            if let Some(eps) = &self.rounded {
                printed.set_rounded(eps.clone());
            }
            if let Some(eps) = printed.likely_rounding().filter(|_| from.name != "tab") {
                report::note(format_args!(
                    "note: the coefficients are decimals and are taken as exact\n  = help: if they are rounded, add `--rounded {eps}`"
                ));
            }
            let written = match to {
                Target::Notation(notation) => notation.write(&printed),
                Target::Output(output) => {
                    if output.states_orders {
                        prove(&mut printed, &source, is_tab)?;
                    }
                    output.write(&printed)
                }
            };
            written.map_err(|problem| lines(&problem))?
        };
        let output = self.output.as_deref().unwrap_or(Path::new("-"));
        output::write(output, text.as_bytes())
    }

    /// Formats a file, or lists it with --check; returns true if it was formatted already.
    fn format(&self, argument: &OsStr) -> Result<bool, Box<dyn Error>> {
        let source = input::read(argument)?;
        let text = formatted(&source)?;
        if text == source.text {
            return Ok(true);
        }
        if self.check {
            report::print(format_args!("{} is not formatted\n", source.name))?;
        } else if Path::new(argument).is_file() {
            output::replace(Path::new(argument), text.as_bytes())?;
        } else {
            return Err(format!(
                "{} is not a file: --in-place has nothing to write to",
                source.name
            )
            .into());
        }
        Ok(false)
    }
}

/// Replaces the claims by proven orders, or keeps them if the proof would take too long.
fn prove(printed: &mut PrintedTableau, source: &Input, is_tab: bool) -> Result<(), Box<dyn Error>> {
    let tab = notation::find("tab").unwrap_or_else(|| notation::detect(""));
    let text = if is_tab {
        source.text.clone()
    } else {
        tab.write(printed).map_err(|problem| lines(&problem))?
    };
    let read = Input {
        name: source.name.clone(),
        stem: source.stem.clone(),
        text,
        scheme: None,
    };
    let proven = horesnet_compiler::prove_claims(printed, &read.text);
    if !proven.map_err(|problems| read.refuse(&problems))? {
        report::note(
            "note: a proof of the order would take too long; the claims are taken for true",
        );
    }
    Ok(())
}

/// A problem that is not in a line of a file.
fn lines(problem: &Diagnostic) -> String {
    let lines = std::iter::once(problem.headline()).chain(problem.remarks());
    lines.collect::<Vec<_>>().join("\n  = note: ")
}

/// The formatted text of a tableau, compared with the original.
fn formatted(source: &Input) -> Result<String, Box<dyn Error>> {
    let before = input::tableau(&source.text).map_err(|problems| source.refuse(&problems))?;
    let text = notation::format(&source.text).map_err(|problem| source.refuse(&[problem]))?;
    if input::tableau(&text).is_ok_and(|after| after == before) {
        return Ok(text);
    }
    Err(format!(
        "formatting would change the meaning of {}: please report this bug",
        source.name
    )
    .into())
}
