//! `horesnet show`: draws a tableau in text and lists the figures of its analysis, as tables or JSON.
//! The compiler computes the figures and lists them in both forms.
//! Knows no SVG: pictures are plot/.

mod conditions;
mod drawing;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::Unproven;
use horesnet_compiler::analysis::{Analysis, Conditions, SpecialValues};
use horesnet_compiler::diagnostic::Diagnostics;
use horesnet_compiler::family::Family;
use horesnet_compiler::order::Verdict;
use horesnet_compiler::report::{List, family, figures};
use horesnet_compiler::tableau::Tableau;
use serde_json::{Value, json};

use self::conditions::ConditionTable;
use crate::input::{self, Input, ReadOptions};
use crate::{CommandResult, report};

/// Draw tableaux and analyse their accuracy, stability, structure and cost
///
/// A tableau with a false claim is shown with a note. Exits with 2 if a file is not a tableau.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet show rk4\n  horesnet show verner8 schemes/mine.tab | less -S\n  horesnet show gauss3 --exact\n  horesnet show rk4 --conditions 5"
)]
pub(crate) struct Show {
    /// Tableau files, names of bundled schemes, or `-` for standard input
    #[arg(required = true, value_name = "FILE|NAME")]
    sources: Vec<OsString>,
    /// Show long numbers exactly, not to six digits
    #[arg(long)]
    exact: bool,
    /// List the order conditions up to order N instead, with residuals and error coefficients [default: one above the order]
    #[arg(long, value_name = "N", num_args = 0..=1, value_parser = clap::value_parser!(u8).range(1..=Conditions::MAX_ORDER as i64))]
    #[allow(
        clippy::option_option,
        reason = "an option whose value may be left out"
    )]
    conditions: Option<Option<u8>>,
    /// Print one line of JSON per scheme
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadOptions,
}

impl Show {
    pub(crate) fn run(&self) -> CommandResult {
        let terminal = io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size);
        let width = terminal.flatten().map(|(width, _)| usize::from(width.0));
        let mut code = 0;
        for (at, argument) in self.sources.iter().enumerate() {
            let subject = input::read_scheme(argument, &self.reading).map_err(|error| {
                report::error(&error);
                refused(
                    &argument.to_string_lossy(),
                    &input::unreadable(&error.to_string()),
                )
            });
            let subject = subject.and_then(|source| {
                Subject::new(&source).map_err(|problems| {
                    source.refuse(&problems);
                    refused(&source.name, &source.json(&problems))
                })
            });
            if subject.is_err() {
                code = 2;
            }
            let gap = if at == 0 { "" } else { "\n" };
            match (subject, self.json) {
                (Ok(subject), is_json) if self.conditions.is_some() => {
                    let bound = self.conditions.flatten().map(usize::from);
                    let bound = bound.unwrap_or(subject.analysis.order + 1);
                    let table = ConditionTable::new(&subject.tableau, bound, self.exact);
                    if is_json {
                        report::print(format_args!("{}\n", table.json(&subject.file)))
                    } else {
                        let title = subject.title();
                        report::print(format_args!("{gap}{title}\n\n{}", table.text()))
                    }
                }
                (Ok(subject), true) => report::print(format_args!("{}\n", subject.json())),
                (Ok(subject), false) => {
                    let text = subject.text(width, self.exact);
                    report::print(format_args!("{gap}{text}"))
                }
                (Err(object), true) => report::print(format_args!("{object}\n")),
                (Err(_), false) => Ok(()),
            }?;
        }
        Ok(ExitCode::from(code))
    }
}

/// A tableau and its analysis.
struct Subject {
    file: String,
    tableau: Tableau,
    analysis: Analysis,
    /// The family that the tableau is a member of, and its special values.
    family: Option<(Family, SpecialValues)>,
    /// Problems with its claims, or why nothing was proven, a line each.
    notes: Vec<String>,
    holds: bool,
}

impl Subject {
    /// A tableau whose claims are false, or beyond proof, is still a tableau.
    fn new(source: &Input) -> Result<Self, Diagnostics> {
        let (tableau, verdict, problems, family) = match source.prove() {
            Ok(checked) => (
                checked.tableau,
                checked.verdict,
                checked.problems,
                checked.family,
            ),
            Err(Unproven {
                problems,
                tableau: Some(tableau),
            }) => {
                let verdict = Verdict::unknown(&tableau);
                (*tableau, verdict, problems, None)
            }
            Err(Unproven { problems, .. }) => return Err(problems),
        };
        let family = family.map(|family| {
            let special = SpecialValues::of(&family, &tableau, &verdict);
            (family, special)
        });
        Ok(Self {
            file: source.name.clone(),
            analysis: Analysis::of(&tableau, &verdict),
            family,
            holds: problems.is_empty(),
            notes: problems
                .iter()
                .map(|problem| problem.headline().to_owned())
                .collect(),
            tableau,
        })
    }

    fn title(&self) -> &str {
        self.tableau.name.as_deref().unwrap_or(&self.file)
    }

    fn text(&self, width: Option<usize>, exact: bool) -> String {
        let mut lines = vec![self.title().to_owned()];
        let citations = self.tableau.citations.iter();
        lines.extend(citations.map(|citation| format!("  {citation}")));
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines.push(String::new());
        let drawing = drawing::draw(&self.tableau, width, exact);
        let figures = self.figures(exact).text();
        lines.push(drawing + &figures);
        let warning = self.analysis.sizes.warning();
        let warning = warning.map(|warning| format!("warning: {warning}\n"));
        lines.join("\n") + &warning.unwrap_or_default()
    }

    fn figures(&self, exact: bool) -> List {
        let mut list = figures(&self.tableau, &self.analysis, exact);
        if let Some((of, special)) = &self.family {
            family(&mut list, of, special);
        }
        list
    }

    fn json(&self) -> Value {
        let mut list = self.figures(true);
        list.put("file", &self.file);
        list.put("name", &self.tableau.name);
        list.put("holds", self.holds);
        list.put("notes", &self.notes);
        list.json()
    }
}

/// The object of a source that cannot be read or is not a tableau.
fn refused(file: &str, errors: &Value) -> Value {
    json!({"file": file, "name": null, "errors": errors})
}
