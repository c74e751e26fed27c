//! A scheme in another notation, or for a framework.

use horesnet_compiler::notation::{self, Output};

use crate::source::{SchemeText, lines, rendered, tab};

/// The text, and notes on what it takes for true.
pub(super) fn convert(scheme: &SchemeText, to: &str) -> Result<(String, Vec<String>), String> {
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
