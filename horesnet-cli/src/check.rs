//! `horesnet check`: the verdict on each tableau, and every problem with its source line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::diagnostic::{Diagnostic, Diagnostics};
use horesnet_compiler::document::Expression;
use horesnet_compiler::order::{RowVerdict, default_bound};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Checked, limits};
use serde_json::{Value, json};

use crate::CommandResult;
use crate::input::{self, Input, ReadOptions};
use crate::report::{self, count};

/// Prove the order of tableaux and refuse false claims
///
/// Exits with 0 if every claim is exactly true, 1 if one is false, 2 if a file is not a tableau or cannot be read.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet check rk4 verner8\n  horesnet check schemes/mine.tab --max-order 6\n  cat mine.tab | horesnet check - --json"
)]
pub(crate) struct Check {
    /// Tableau files, names of bundled schemes, or `-` for standard input
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<OsString>,
    /// Search up to order N, or one above the highest claim if that is more [default: 10 for rows without a claim, if
    /// that is fast]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=limits::ORDER as i64))]
    max_order: Option<u8>,
    /// Print one JSON array, with an object per file
    ///
    /// `row_sums` is true if every node is the sum of its row (in a `rounded` file, within the stated errors).
    #[arg(long)]
    json: bool,
    /// Take every coefficient as correct to a relative error of EPS, as in printed decimals
    #[arg(long, value_name = "EPS", value_parser = input::rounded)]
    rounded: Option<Expression>,
    #[command(flatten)]
    reading: ReadOptions,
}

/// An input and its verdict.
struct Report {
    input: Input,
    /// The order to search for, if given.
    bound: Option<usize>,
    result: Result<Checked, Diagnostics>,
}

impl Check {
    pub(crate) fn run(&self) -> CommandResult {
        let (mut code, mut objects) = (0, Vec::new());
        for argument in &self.sources {
            let inputs = match input::read_schemes(argument, &self.reading) {
                Ok(inputs) => inputs,
                Err(error) => {
                    code = 2;
                    let name = argument.to_string_lossy();
                    objects.push(refused(&name, &input::unreadable(&error.to_string())));
                    report::error(&error);
                    continue;
                }
            };
            let bound = self.max_order.map(usize::from);
            for mut input in inputs {
                input.round(self.rounded.as_ref());
                let result = input.check(bound);
                let report = Report {
                    input,
                    bound,
                    result,
                };
                code = code.max(report.code());
                if self.json {
                    objects.push(report.json());
                } else {
                    report::print(report.text())?;
                }
            }
        }
        if self.json {
            report::print(format_args!("{:#}\n", Value::from(objects)))?;
        }
        Ok(ExitCode::from(code))
    }
}

impl Report {
    fn problems(&self) -> &Diagnostics {
        match &self.result {
            Ok(checked) => &checked.problems,
            Err(problems) => problems,
        }
    }

    fn warnings(&self) -> &[Diagnostic] {
        self.result
            .as_ref()
            .map_or(&[], |checked| &checked.warnings)
    }

    fn code(&self) -> u8 {
        match &self.result {
            Ok(checked) if checked.problems.is_empty() => 0,
            Ok(_) => 1,
            Err(_) => 2,
        }
    }

    fn text(&self) -> String {
        let Input { name, text, .. } = &self.input;
        let mut shown = match &self.result {
            Ok(Checked {
                tableau,
                verdict,
                problems,
                ..
            }) => {
                let rows = verdict.weights.iter().enumerate();
                let rows = rows.map(|(i, row)| self.describe(i, row, tableau));
                let rows = rows.collect::<Vec<_>>().join(", ");
                let nodes = if verdict.row_sums {
                    ""
                } else {
                    "; the nodes are not the row sums"
                };
                let stages = stages(tableau);
                let verdict = if problems.is_empty() { "ok" } else { "REFUSED" };
                let kind = match &tableau.rounded {
                    None => format!("exact over {}", tableau.field_name()),
                    Some(eps) => format!("rounded to {}", eps.scientific()),
                };
                format!("{name}: {verdict}: {rows}; {stages}, {kind}{nodes}\n")
            }
            Err(_) => format!("{name}: REFUSED\n"),
        };
        for note in self.input.notes() {
            shown.push_str("  # ");
            shown.push_str(note);
            shown.push('\n');
        }
        for problem in self.problems() {
            shown.push_str(&problem.render(name, text));
            shown.push_str("\n\n");
        }
        for warning in self.warnings() {
            shown.push_str(&warning.render(name, text));
            shown.push_str("\n\n");
        }
        shown
    }

    /// Describes the order of a row of weights, and whether the search for more was truncated.
    fn describe(&self, row: usize, verdict: &RowVerdict, tableau: &Tableau) -> String {
        let which = if row == 0 { "" } else { "embedded " };
        let order = verdict.order;
        if verdict.undecided {
            format!(
                "{which}order at least {order} (nodes and row sums differ in too many conditions)"
            )
        } else if verdict.first_failure.is_some() {
            format!("{which}order {order}")
        } else if self.bound.is_none() && order < default_bound(tableau) {
            format!(
                "{which}order at least {order} (the search for higher ones would take too long)"
            )
        } else {
            format!("{which}order at least {order}")
        }
    }

    fn json(&self) -> Value {
        let errors = self.input.json(self.problems());
        let Ok(checked) = &self.result else {
            return refused(&self.input.name, &errors);
        };
        let tableau = &checked.tableau;
        json!({
            "file": self.input.name,
            "name": tableau.name,
            "stages": tableau.stages(),
            "explicit": tableau.is_explicit(),
            "field": tableau.field_name(),
            "rounded": tableau.rounded.as_ref().map(horesnet_compiler::number::Number::to_f64),
            "row_sums": checked.verdict.row_sums,
            "holds": checked.problems.is_empty(),
            "weights": checked.verdict.weights.iter().map(row_json).collect::<Vec<_>>(),
            "errors": errors,
            "warnings": self.input.json(self.warnings()),
        })
    }
}

/// The number of stages, and those that no weights use.
fn stages(tableau: &Tableau) -> String {
    let stages = count(tableau.stages(), "stage");
    match horesnet_compiler::analysis::unused_stages(tableau).as_slice() {
        [] => stages,
        [stage] => format!("{stages} (stage {stage} is not used)"),
        unused => {
            let unused: Vec<_> = unused.iter().map(usize::to_string).collect();
            format!("{stages} (stages {} are not used)", unused.join(", "))
        }
    }
}

/// The object of a file that is not a tableau.
fn refused(file: &str, errors: &Value) -> Value {
    json!({"file": file, "name": null, "stages": null, "explicit": null, "field": null, "rounded": null,
        "row_sums": null, "holds": false, "weights": [], "errors": errors, "warnings": []})
}

fn row_json(row: &RowVerdict) -> Value {
    let failure = row.first_failure.as_ref().map(|failure| {
        json!({"order": failure.order, "tree": failure.tree, "expected": failure.expected, "found": failure.found,
            "residual": failure.residual})
    });
    json!({"claimed": row.claimed, "order": row.order, "holds": row.holds(), "undecided": row.undecided,
        "first_failure": failure})
}
