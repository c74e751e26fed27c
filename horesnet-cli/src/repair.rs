//! `horesnet repair`: the fixes that make the claims of a tableau true, and the file with one of them applied.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::repair::{Change, Edit, Kind, Nearest, Repair as RepairResult};
use serde_json::{Value, json};

use crate::input::{self, Input, ReadOptions};
use crate::{CommandResult, output, report};

/// Find the one-change fixes that make the claims of a tableau true, the likeliest first
///
/// A fix changes one number, swaps two neighbours in a row, swaps the two rows of weights, sets wrong nodes to the sums of their
/// rows, states how far the numbers are rounded, or changes the claims. Replacing rounded decimals by the exact numbers counts as
/// one fix. New numbers are solutions of the order conditions, and every fix printed is proven.
///
/// Exits with 0 if there is nothing to repair or a fix exists, 1 if none was found, 2 if the file is not a tableau or
/// cannot be read.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet repair schemes/mine.tab\n  horesnet repair schemes/mine.tab -o fixed.tab\n  horesnet repair schemes/mine.tab --all\n  horesnet repair schemes/mine.tab --choose 2 -o fixed.tab\n  cat mine.tab | horesnet repair - --json"
)]
pub(crate) struct Repair {
    /// A tableau file, the name of a bundled scheme, or `-` for standard input
    #[arg(value_name = "FILE|NAME")]
    source: OsString,
    /// Write the fixed file, comments included; `-` writes it to standard output and the list to standard error
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// List every fix that was found, not only the three likeliest
    #[arg(long)]
    all: bool,
    /// Apply fix N of the list, if there are several
    #[arg(long, value_name = "N", requires = "output")]
    choose: Option<usize>,
    /// Print one JSON array, with an object per changed number; objects with the same `change` belong to one fix
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadOptions,
}

impl Repair {
    pub(crate) fn run(&self) -> CommandResult {
        let source = input::read_scheme(&self.source, &self.reading)?;
        // Unknown entries are solved for; without them there is a tableau to check.
        let (problems, found) = match source.fill() {
            Some(found) => (Vec::new(), found.map(Some)),
            None => match source.check(None) {
                Ok(checked) => (checked.problems, Ok(checked.repair)),
                Err(problems) => (Vec::new(), Err(problems)),
            },
        };
        let found = found.map_err(|problems| source.refuse(&problems))?;
        let found = found.as_ref();
        let changes = found.map_or(&[][..], |found| &found.changes);
        let mut out = self.listing();
        report::sent(if self.json {
            let objects = (1..)
                .zip(changes)
                .flat_map(|(number, change)| objects(number, change, &source.text));
            writeln!(out, "{:#}", objects.collect::<Value>())
        } else {
            write!(out, "{}", describe(&source, &problems, found, self.all))
        })?;
        if !changes.is_empty() {
            self.write(&source, changes)?;
        } else if let Some(path) = &self.output {
            let why = if found.is_none() && problems.is_empty() {
                "there is nothing to repair"
            } else {
                "no change was found that would do"
            };
            report::note(format_args!("{}: not written, {why}", path.display()));
        }
        let repaired = found.is_none() && problems.is_empty() || !changes.is_empty();
        Ok(ExitCode::from(u8::from(!repaired)))
    }

    /// The stream for the list of changes: stderr if the file goes to stdout.
    fn listing(&self) -> Box<dyn Write> {
        match &self.output {
            Some(path) if output::is_stdout(path) => Box::new(std::io::stderr()),
            _ => Box::new(std::io::stdout()),
        }
    }

    /// Writes the file with the chosen change, if an output is given.
    fn write(&self, source: &Input, changes: &[Change]) -> Result<(), Box<dyn std::error::Error>> {
        let Some(path) = &self.output else {
            return Ok(());
        };
        let count = changes.len();
        let change = match (self.choose, changes) {
            (Some(number), _) => changes.get(number.wrapping_sub(1)).ok_or(format!(
                "there is no change {number}; there are {count}, numbered from 1"
            ))?,
            (None, [only]) => only,
            // The claims are the other way to make them true.
            (None, [first, claim]) if claim.kind == Kind::Claim => first,
            (None, _) => {
                return Err(format!("{count} changes make every claim true\n  = help: say which to make: `--choose 1`").into());
            }
        };
        if source.scheme.is_some() {
            return Err(format!("{0} is no tableau file, and only those are written\n  = help: convert it first: `horesnet convert {0} --to tab`", source.name).into());
        }
        let text = change.apply(&source.text);
        let holds =
            horesnet_compiler::check(&text, None).is_ok_and(|checked| checked.problems.is_empty());
        if !holds {
            return Err(
                "the changed file does not hold what the change promises; nothing was written"
                    .into(),
            );
        }
        output::write(path, text.as_bytes())?;
        if !output::is_stdout(path) {
            report::note(format_args!(
                "{}: written, every claim is true",
                path.display()
            ));
        }
        Ok(())
    }
}

/// Most fixes listed without `--all`.
const SHOWN: usize = 3;

fn describe(
    source: &Input,
    problems: &[Diagnostic],
    found: Option<&RepairResult>,
    all: bool,
) -> String {
    let name = &source.name;
    let Some(found) = found else {
        return match problems {
            [] => format!("{name}: nothing to repair, every claim is true\n"),
            problems => {
                let remarks = problems
                    .iter()
                    .map(|problem| format!("  {}\n", problem.help_lines().join("\n  ")));
                let remarks: String = remarks.collect();
                format!("{name}: the coefficients are better than the claims\n{remarks}")
            }
        };
    };
    let mut lines = vec![format!("{name}: {}", headline(found, problems.is_empty()))];
    let shown = if all { found.changes.len() } else { SHOWN };
    for (at, change) in found.changes.iter().enumerate().take(shown) {
        let place = change.edits.first().map_or_else(String::new, |edit| {
            let (line, column) = position(edit, &source.text);
            format!("line {line}, column {column}: ")
        });
        let change = change.to_string().replace('\n', "\n     ");
        lines.push(format!("  {}. {place}{change}", at + 1));
    }
    let more = found.changes.len().saturating_sub(shown);
    lines.extend((more > 0).then(|| format!("  and {more} more: `--all` lists them")));
    let barrier = found.barrier.iter();
    lines.extend(barrier.map(|barrier| format!("  {}", barrier.replace('\n', "\n  "))));
    if let Some(progress) = &found.progress {
        lines.push(format!("  {}", progress.change));
        lines.push(format!(
            "    takes the conditions to order {}, from {}",
            progress.after, progress.before
        ));
    }
    lines.extend(found.nearest.as_ref().map(nearest));
    lines.join("\n") + "\n"
}

/// Without problems, the changes are the solutions for unknown entries.
fn headline(found: &RepairResult, is_filled: bool) -> String {
    match (found.changes.len(), found.complete) {
        (0, true) if is_filled => "no value makes the claims true".to_owned(),
        (0, false) if is_filled => "no value was found that makes the claims true".to_owned(),
        (n, complete) if is_filled => {
            let others = if complete { "" } else { "; there may be others" };
            let solutions = report::count(n, "solution");
            format!("{solutions} for the unknown entries{others}")
        }
        (0, true) => "no single change makes every claim true".to_owned(),
        (0, false) => {
            "no single change was found that makes every claim true; the search was cut short, there are too many to try all"
                .to_owned()
        }
        (1, true) => "one change makes every claim true".to_owned(),
        (n, true) => format!("each of {n} changes makes every claim true"),
        (n, false) => format!(
            "each of {n} changes makes every claim true; there may be more, too many to try all"
        ),
    }
}

fn nearest(nearest: &Nearest) -> String {
    let name = &nearest.name;
    let first = match (nearest.differences.len(), nearest.roundings.len()) {
        (0, 0) => format!("this is {name}"),
        (0, _) => format!("this is {name}, rounded"),
        (1, _) => format!("the nearest bundled scheme is {name}, different in 1 number"),
        (n, _) => format!("the nearest bundled scheme is {name}, different in {n} numbers"),
    };
    let mut lines = vec![first];
    let listed = nearest.differences.iter();
    lines.extend(listed.map(|at| format!("  {}: {}, there {}", at.place, at.own, at.theirs)));
    match nearest.roundings.len() {
        0 => {}
        1 => lines.push("  1 decimal rounds a number of that scheme".to_owned()),
        n => lines.push(format!("  {n} decimals round numbers of that scheme")),
    }
    lines.join("\n")
}

/// Line and column of a number in the text, counted from 1.
fn position(edit: &Edit, text: &str) -> (usize, usize) {
    Diagnostic::at(edit.span, "").position(text)
}

fn objects(number: usize, change: &Change, text: &str) -> Vec<Value> {
    let objects = change.edits.iter().map(|edit| {
        let ((line, column), (row, entry)) = (position(edit, text), edit.place.coordinates());
        json!({"change": number, "kind": change.kind.name(), "place": edit.place.to_string(), "row": row, "entry": entry,
            "line": line, "column": column, "from": edit.from, "to": edit.to})
    });
    objects.collect()
}
