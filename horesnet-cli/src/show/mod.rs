//! `horesnet show`: a tableau drawn, and what it is worth.

mod drawing;
mod figures;
mod formula;
mod json;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::analysis::Analysis;
use horesnet_compiler::diagnostic::{Diagnostic, Diagnostics};
use horesnet_compiler::order::{RowVerdict, Verdict};
use horesnet_compiler::tableau::Tableau;

use crate::source::Source;
use crate::{Outcome, report, source};

/// Draws tableaux and analyses them: accuracy, stability, structure, cost.
///
/// A tableau that claims a wrong order is shown all the same, with a note. Exits with 2 if a file is no tableau.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet show rk4\n  horesnet show verner8 schemes/mine.tab | less -S"
)]
pub(crate) struct Show {
    /// Tableau files, names of bundled schemes, or `-` for standard input.
    #[arg(required = true, value_name = "NAME|FILE")]
    sources: Vec<String>,
    /// Print one JSON object a scheme, each on a line.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(&self) -> Outcome {
        let mut out = std::io::stdout().lock();
        let width = out
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0));
        let mut code = 0;
        for (at, argument) in self.sources.iter().enumerate() {
            let subject = source::read(argument).map_err(|error| {
                report::error(&error);
                json::unread(argument, &error.to_string())
            });
            let subject = subject.and_then(|source| {
                Subject::new(&source).map_err(|problems| {
                    for problem in &problems {
                        report::note(problem.render(&source.name, &source.text) + "\n");
                    }
                    json::refused(&source, &problems)
                })
            });
            if subject.is_err() {
                code = 2;
            }
            report::sent(match (subject, self.json) {
                (Ok(subject), true) => writeln!(out, "{}", json::object(&subject)),
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

/// A tableau and all that is known about it.
struct Subject {
    file: String,
    tableau: Tableau,
    analysis: Analysis,
    /// What is wrong with its claims, or why nothing was proven, a line each.
    notes: Vec<String>,
    holds: bool,
}

impl Subject {
    /// A tableau whose claims are false, or beyond proof, is still a tableau.
    fn new(source: &Source) -> Result<Self, Diagnostics> {
        let (tableau, verdict, problems) = match horesnet_compiler::prove(&source.text) {
            Ok(checked) => (checked.tableau, checked.verdict, checked.problems),
            Err(problems) => {
                let document = horesnet_compiler::parse(&source.text);
                let tableau = document
                    .ok()
                    .and_then(|document| Tableau::new(&document).ok());
                match tableau {
                    Some(tableau) => (tableau.clone(), unproven(&tableau), problems),
                    None => return Err(problems),
                }
            }
        };
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
        text.push_str(&figures::table(&self.tableau, &self.analysis));
        text
    }
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
