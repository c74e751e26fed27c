//! What Python asks of a scheme, each answered as the program `horesnet` does.

use std::path::PathBuf;
use std::sync::Arc;

use horesnet_compiler::analysis::Analysis;
use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::notation::{self, Output};
use horesnet_compiler::number::Number;
use horesnet_compiler::order::Verdict;
use horesnet_compiler::repair::{Change, Kind};
use horesnet_compiler::report::{self, CheckReport};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Unproven, check_document, prove_document};
use pyo3::prelude::*;
use serde_json::{Map, Value, json};

use crate::source::{SchemeText, lines, rendered, tab};
use crate::work;

/// A scheme that was read.
#[pyclass(frozen, module = "horesnet._horesnet")]
pub(crate) struct Source(Arc<SchemeText>);

#[pymethods]
impl Source {
    /// Reads the bundled scheme with this name, title or alias.
    #[staticmethod]
    #[pyo3(signature = (name, rounded=None))]
    fn bundled(py: Python<'_>, name: String, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::bundled(&name, rounded.as_deref()))
    }

    /// Reads a text in the notation that it resembles.
    #[staticmethod]
    #[pyo3(signature = (text, rounded=None))]
    fn text(py: Python<'_>, text: String, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::text(text, rounded.as_deref()))
    }

    /// Reads the tableau file that was written for arrays.
    #[staticmethod]
    #[pyo3(signature = (text, rounded=None))]
    fn arrays(py: Python<'_>, text: String, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::arrays(text, rounded.as_deref()))
    }

    /// Reads a file.
    #[staticmethod]
    #[pyo3(signature = (path, rounded=None))]
    fn file(py: Python<'_>, path: PathBuf, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::file(&path, rounded.as_deref()))
    }

    /// The object of `horesnet check --json`, with the text of the verdict.
    fn check(&self, py: Python<'_>) -> PyResult<String> {
        self.answer(py, check)
    }

    /// The object of `horesnet show --json`, with the tableau.
    fn show(&self, py: Python<'_>) -> PyResult<String> {
        self.answer(py, show)
    }

    /// The object of a repair, or `null` if every claim is true.
    fn repair(&self, py: Python<'_>) -> PyResult<String> {
        self.answer(py, repair)
    }

    /// The text in another notation or for a framework, and notes.
    fn convert(&self, py: Python<'_>, to: String) -> PyResult<(String, Vec<String>)> {
        let scheme = Arc::clone(&self.0);
        work::run(py, move || convert(&scheme, &to))
    }
}

impl Source {
    fn new(
        py: Python<'_>,
        read: impl FnOnce() -> Result<SchemeText, String> + Send + 'static,
    ) -> PyResult<Self> {
        Ok(Self(Arc::new(work::run(py, read)?)))
    }

    fn answer(
        &self,
        py: Python<'_>,
        answer: fn(&SchemeText) -> Result<Value, String>,
    ) -> PyResult<String> {
        let scheme = Arc::clone(&self.0);
        work::run(py, move || Ok(answer(&scheme)?.to_string()))
    }
}

fn check(scheme: &SchemeText) -> Result<Value, String> {
    let result = check_document(&scheme.text, scheme.scheme.document.clone(), None);
    let report = CheckReport {
        name: &scheme.name,
        text: &scheme.text,
        notes: scheme.scheme.remarks(),
        bound: None,
        result: &result,
    };
    if let Err(problems) = &result {
        return Err(scheme.refuse(problems));
    }
    let mut object = report.json();
    object["text"] = json!(report.text().trim_end());
    Ok(object)
}

fn show(scheme: &SchemeText) -> Result<Value, String> {
    let (tableau, verdict, problems) =
        match prove_document(&scheme.text, scheme.scheme.document.clone()) {
            Ok(checked) => (checked.tableau, checked.verdict, checked.problems),
            Err(Unproven {
                tableau: Some(tableau),
                problems,
            }) => {
                let verdict = Verdict::unknown(&tableau);
                (*tableau, verdict, problems)
            }
            Err(Unproven { problems, .. }) => return Err(scheme.refuse(&problems)),
        };
    let analysis = Analysis::of(&tableau, &verdict);
    let mut list = report::figures(&tableau, &analysis, true);
    list.put("file", &scheme.name);
    list.put("name", &tableau.name);
    list.put("holds", problems.is_empty());
    let notes = problems.iter().map(Diagnostic::headline);
    list.put("notes", notes.collect::<Vec<_>>());
    for (name, value) in numbers(&tableau, |number| json!(number.to_string())) {
        list.put(&name, value);
    }
    list.put("floats", numbers(&tableau, |number| json!(number.to_f64())));
    Ok(list.json())
}

/// The arrays of a tableau, under the names of the JSON notation.
fn numbers(tableau: &Tableau, value: impl Fn(&Number) -> Value) -> Map<String, Value> {
    let rows = tableau.matrix.row_iter();
    let matrix: Value = rows
        .map(|row| row.iter().map(&value).collect::<Value>())
        .collect();
    let nodes = tableau.nodes.iter().map(&value).collect();
    let mut arrays = Map::from_iter([("A".to_owned(), matrix), ("c".to_owned(), nodes)]);
    for (at, row) in tableau.weights.iter().enumerate() {
        let name = match at {
            0 => "b".to_owned(),
            1 => "bhat".to_owned(),
            _ => format!("bhat{at}"),
        };
        arrays.insert(name, row.values.iter().map(&value).collect());
    }
    arrays
}

fn repair(scheme: &SchemeText) -> Result<Value, String> {
    let text = scheme.tab()?;
    let refuse = |problems: &[Diagnostic]| rendered(&scheme.name, &text, problems);
    let checked = horesnet_compiler::check(&text, None).map_err(|problems| refuse(&problems))?;
    if checked.problems.is_empty() {
        return Ok(Value::Null);
    }
    let (changes, complete) = checked
        .repair
        .as_ref()
        .map_or((&[][..], true), |found| (&found.changes, found.complete));
    if changes.is_empty() {
        return Err(refuse(&checked.problems));
    }
    // As the program: of several changes, the user chooses one. The claims are the other way to make them true.
    let only = match changes {
        [only] => Some(only),
        [first, claim] if claim.kind == Kind::Claim => Some(first),
        _ => None,
    };
    let mended = only.map(|change| change.apply(&text));
    let holds = |text: &String| {
        horesnet_compiler::prove(text).is_ok_and(|checked| checked.problems.is_empty())
    };
    if mended.as_ref().is_some_and(|mended| !holds(mended)) {
        return Err("the changed tableau does not hold what the change promises".to_owned());
    }
    let changes: Vec<_> = changes.iter().map(|change| object(change, &text)).collect();
    Ok(json!({"text": mended, "original": text, "changes": changes, "complete": complete}))
}

fn object(change: &Change, text: &str) -> Value {
    let edits = change.edits.iter().map(|edit| {
        let (line, column) = Diagnostic::at(edit.span, "").position(text);
        let (row, entry) = edit.place.coordinates();
        json!({"place": edit.place.to_string(), "row": row, "entry": entry, "line": line, "column": column,
            "old": edit.from, "new": edit.to})
    });
    let edits: Vec<_> = edits.collect();
    json!({"kind": change.kind.name(), "description": change.to_string(), "edits": edits, "text": change.apply(text)})
}

fn convert(scheme: &SchemeText, to: &str) -> Result<(String, Vec<String>), String> {
    let mut notes = Vec::new();
    let printed = scheme.printed();
    let mut printed = printed.map_err(|problems| scheme.refuse(&problems))?;
    if scheme.is_tab && to == "tab" {
        // Comments and expressions exist in the text only.
        let formatted = notation::format(&scheme.text);
        let formatted = formatted.map_err(|problem| scheme.refuse(&[problem]))?;
        return Ok((formatted, notes));
    }
    if let Some(eps) = printed.likely_rounding().filter(|_| !scheme.is_tab) {
        notes.push(format!(
            "the coefficients are decimals and are taken as exact; if they are rounded, add `rounded={eps}`"
        ));
    }
    if let Some(notation) = notation::find(to) {
        let written = notation
            .write(&printed)
            .map_err(|problem| lines(&problem))?;
        return Ok((written, notes));
    }
    let output = Output::find(to).ok_or_else(|| unknown(to))?;
    if output.states_orders {
        let text = if scheme.is_tab {
            scheme.text.clone()
        } else {
            tab().write(&printed).map_err(|problem| lines(&problem))?
        };
        let proven = horesnet_compiler::prove_claims(&mut printed, &text);
        if !proven.map_err(|problems| rendered(&scheme.name, &text, &problems))? {
            let note = "a proof of the order would take too long; the claims are taken for true";
            notes.push(note.to_owned());
        }
    }
    let written = output.write(&printed).map_err(|problem| lines(&problem))?;
    Ok((written, notes))
}

fn unknown(to: &str) -> String {
    let names = crate::notations().join(", ");
    format!("there is no notation `{to}`; expected one of {names}")
}
