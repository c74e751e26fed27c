//! The answer to `check`, as text and as JSON.

use serde_json::{Value, json};

use super::{count, problems};
use crate::analysis::unused_stages;
use crate::check::Checked;
use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::order::{RowVerdict, default_bound};

/// A text and its verdict.
#[derive(Clone, Copy, Debug)]
pub struct CheckReport<'a> {
    /// The name of the text.
    pub name: &'a str,
    /// The text that was read.
    pub text: &'a str,
    /// The role of each array, line by line.
    pub notes: &'a [String],
    /// The order up to which was searched, if given.
    pub bound: Option<usize>,
    /// The verdict, or why the text is no tableau.
    pub result: &'a Result<Checked, Diagnostics>,
}

impl CheckReport<'_> {
    fn problems(&self) -> &Diagnostics {
        match self.result {
            Ok(checked) => &checked.problems,
            Err(problems) => problems,
        }
    }

    fn warnings(&self) -> &[Diagnostic] {
        self.result
            .as_ref()
            .map_or(&[], |checked| &checked.warnings)
    }

    /// The verdict in a line, then what was read as what, the problems and the warnings.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { name, text, .. } = self;
        let mut shown = match self.result {
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
        for note in self.notes {
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

    /// The object of `horesnet check --json`.
    #[must_use]
    pub fn json(&self) -> Value {
        let errors = problems(self.text, self.problems());
        let Ok(checked) = self.result else {
            return refused(self.name, &errors);
        };
        let tableau = &checked.tableau;
        json!({
            "file": self.name,
            "name": tableau.name,
            "stages": tableau.stages(),
            "explicit": tableau.is_explicit(),
            "field": tableau.field_name(),
            "rounded": tableau.rounded.as_ref().map(Number::to_f64),
            "row_sums": checked.verdict.row_sums,
            "holds": checked.problems.is_empty(),
            "weights": checked.verdict.weights.iter().map(row_json).collect::<Vec<_>>(),
            "errors": errors,
            "warnings": problems(self.text, self.warnings()),
        })
    }
}

/// The number of stages, and those that no weights use.
fn stages(tableau: &Tableau) -> String {
    let stages = count(tableau.stages(), "stage");
    match unused_stages(tableau).as_slice() {
        [] => stages,
        [stage] => format!("{stages} (stage {stage} is not used)"),
        unused => {
            let unused: Vec<_> = unused.iter().map(usize::to_string).collect();
            format!("{stages} (stages {} are not used)", unused.join(", "))
        }
    }
}

/// The object of a file that is not a tableau.
#[must_use]
pub fn refused(file: &str, errors: &Value) -> Value {
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
