//! The changes that make every claim of a scheme true, in JSON.

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::repair::{Change, Kind};
use serde_json::{Value, json};

use crate::source::{SchemeText, rendered};

/// The repaired tableau file and the changes; `null` if every claim is true. No change is an error.
pub(super) fn repair(scheme: &SchemeText) -> Result<Value, String> {
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
