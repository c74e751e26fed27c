//! The figures of a scheme and its tableau, in JSON.

use horesnet_compiler::analysis::{Analysis, SpecialValues};
use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::number::Number;
use horesnet_compiler::order::Verdict;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Unproven, prove_document, report};
use serde_json::{Map, Value, json};

use crate::source::SchemeText;

/// The object of `horesnet show --json`, with the arrays of the tableau. False claims are notes.
pub(super) fn show(scheme: &SchemeText) -> Result<Value, String> {
    let (tableau, verdict, problems, family) =
        match prove_document(&scheme.text, scheme.scheme.document.clone()) {
            Ok(checked) => (
                checked.tableau,
                checked.verdict,
                checked.problems,
                checked.family,
            ),
            Err(Unproven {
                tableau: Some(tableau),
                problems,
            }) => {
                let verdict = Verdict::unknown(&tableau);
                (*tableau, verdict, problems, None)
            }
            Err(Unproven { problems, .. }) => return Err(scheme.refuse(&problems)),
        };
    let analysis = Analysis::of(&tableau, &verdict);
    let mut list = report::figures(&tableau, &analysis, true);
    if let Some(family) = family {
        let special = SpecialValues::of(&family, &tableau, &verdict);
        report::family(&mut list, &family, &special);
    }
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
