//! `horesnet show`: draws a tableau in text and lists the figures of its analysis, as tables or JSON.
//! `figures` describes each figure once, for both forms of output; the compiler computes them.
//! Knows no SVG: pictures are plot/.

mod drawing;
mod figures;
mod formula;
mod list;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::analysis::Analysis;
use horesnet_compiler::diagnostic::{Diagnostic, Diagnostics};
use horesnet_compiler::order::{RowVerdict, Verdict};
use horesnet_compiler::tableau::Tableau;
use serde_json::{Value, json};

use crate::input::{self, Input};
use crate::{CommandResult, report};

/// Draw tableaux and analyse their accuracy, stability, structure and cost
///
/// A tableau with a false claim is shown with a note. Exits with 2 if a file is not a tableau.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet show rk4\n  horesnet show verner8 schemes/mine.tab | less -S"
)]
pub(crate) struct Show {
    /// Tableau files, names of bundled schemes, or `-` for standard input
    #[arg(required = true, value_name = "FILE|NAME")]
    sources: Vec<String>,
    /// Print one line of JSON per scheme
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(&self) -> CommandResult {
        let mut out = std::io::stdout().lock();
        let width = out
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0));
        let mut code = 0;
        for (at, argument) in self.sources.iter().enumerate() {
            let subject = input::read(argument).map_err(|error| {
                report::error(&error);
                refused(argument, &input::unreadable(&error.to_string()))
            });
            let subject = subject.and_then(|source| {
                Subject::new(&source).map_err(|problems| {
                    source.report(&problems);
                    refused(&source.name, &source.json(&problems))
                })
            });
            if subject.is_err() {
                code = 2;
            }
            report::sent(match (subject, self.json) {
                (Ok(subject), true) => writeln!(out, "{}", subject.json()),
                (Ok(subject), false) => {
                    let gap = if at == 0 { "" } else { "\n" };
                    write!(out, "{gap}{}", subject.text(width))
                }
                (Err(object), true) => writeln!(out, "{object}"),
                (Err(_), false) => Ok(()),
            })?;
        }
        Ok(ExitCode::from(code))
    }
}

/// A tableau and its analysis.
struct Subject {
    file: String,
    tableau: Tableau,
    analysis: Analysis,
    /// Problems with its claims, or why nothing was proven, a line each.
    notes: Vec<String>,
    holds: bool,
}

impl Subject {
    /// A tableau whose claims are false, or beyond proof, is still a tableau.
    fn new(source: &Input) -> Result<Self, Diagnostics> {
        let (tableau, verdict, problems) = source.tableau()?;
        let verdict = verdict.unwrap_or_else(|| unproven(&tableau));
        Ok(Self {
            file: source.name.clone(),
            analysis: Analysis::of(&tableau, &verdict),
            holds: problems.is_empty(),
            notes: problems
                .iter()
                .map(Diagnostic::headline)
                .map(str::to_owned)
                .collect(),
            tableau,
        })
    }

    fn text(&self, width: Option<usize>) -> String {
        let title = self.tableau.name.as_deref().unwrap_or(&self.file);
        let mut text = format!("{title}\n");
        for citation in &self.tableau.citations {
            text += &["  ", citation, "\n"].concat();
        }
        for note in &self.notes {
            text += &["note: ", note, "\n"].concat();
        }
        text.push('\n');
        text.push_str(&drawing::draw(&self.tableau, width));
        text.push_str(&figures::list(&self.tableau, &self.analysis).text());
        if let Some(warning) = self.analysis.sizes.warning() {
            text += &["warning: ", &warning, "\n"].concat();
        }
        text
    }

    fn json(&self) -> Value {
        let mut list = figures::list(&self.tableau, &self.analysis);
        list.put("file", json!(self.file));
        list.put("name", json!(self.tableau.name));
        list.put("holds", json!(self.holds));
        list.put("notes", json!(self.notes));
        list.json()
    }
}

/// The object of a source that cannot be read or is not a tableau.
fn refused(file: &str, errors: &Value) -> Value {
    json!({"file": file, "name": null, "errors": errors})
}

/// The verdict of a proof that was refused: nothing is known.
fn unproven(tableau: &Tableau) -> Verdict {
    let unknown = |row: &horesnet_compiler::tableau::Weights| RowVerdict {
        claimed: row.claim,
        order: 0,
        first_failure: None,
    };
    Verdict {
        row_sums: false,
        weights: tableau.weights.iter().map(unknown).collect(),
    }
}
