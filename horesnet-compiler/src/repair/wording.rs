//! Which changes are likely, and how they read.

use super::{Change, Edit, Kind, Repair};
use crate::tableau::Tableau;

/// Most changes shown in an error.
const SHOWN: usize = 4;

/// Small for what looks like a slip of the pen; large for what only happens to be true.
pub(super) fn implausibility(change: &Change, before: &Tableau, after: &Tableau) -> usize {
    let slip = match change.kind {
        Kind::Sign | Kind::Swap | Kind::Exchange => 1,
        Kind::Value => change
            .edits
            .iter()
            .map(|edit| strsim::levenshtein(&edit.from, &edit.to) + edit.to.len() / 4)
            .sum(),
    };
    let nodes = if after.row_sums() == after.nodes {
        0
    } else {
        10
    };
    let implicit = if before.is_explicit() && !after.is_explicit() {
        20
    } else {
        0
    };
    slip + nodes + implicit
}

/// The lines of help for an error.
pub(crate) fn help(repair: &Repair) -> Vec<String> {
    let described: Vec<_> = repair.changes.iter().map(describe).collect();
    match described.as_slice() {
        [] => progress(repair).into_iter().collect(),
        [only] => vec![only.clone()],
        _ => {
            let mut lines = vec!["each of these changes makes every claim true:".to_owned()];
            lines.extend(described.iter().take(SHOWN).cloned());
            if described.len() > SHOWN {
                lines.push(format!(
                    "and {} more, which `horesnet repair` lists",
                    described.len() - SHOWN
                ));
            }
            vec![lines.join("\n")]
        }
    }
}

fn progress(repair: &Repair) -> Option<String> {
    let progress = repair.progress.as_ref()?;
    let change = describe(&progress.change);
    let none = if repair.complete {
        "no single change makes every claim true"
    } else {
        "no single change was found that makes every claim true"
    };
    Some(format!(
        "{none}; the conditions hold to order {} instead of {} with this one:\n{change}",
        progress.after, progress.before
    ))
}

/// One change in one line.
fn describe(change: &Change) -> String {
    match (change.kind, change.edits.as_slice()) {
        (Kind::Exchange, _) => "the two rows of weights should be exchanged".to_owned(),
        (Kind::Swap, [first, second]) => format!(
            "{} and {}: {} and {} should be exchanged",
            first.place,
            position(second),
            shortened(&first.from),
            shortened(&second.from)
        ),
        (_, edits) => edits
            .iter()
            .map(should_be)
            .collect::<Vec<_>>()
            .join(", and "),
    }
}

fn position(edit: &Edit) -> String {
    match edit.place {
        super::Place::Entry { entry, .. } | super::Place::Weight { entry, .. } => entry.to_string(),
        super::Place::Node { .. } => edit.place.to_string(),
    }
}

fn should_be(edit: &Edit) -> String {
    format!(
        "{}: {} should be {}",
        edit.place,
        shortened(&edit.from),
        shortened(&edit.to)
    )
}

/// Long numbers by their beginning.
fn shortened(number: &str) -> String {
    const LENGTH: usize = 80;
    if number.chars().count() <= LENGTH {
        return number.to_owned();
    }
    number
        .chars()
        .take(LENGTH)
        .chain(std::iter::once('…'))
        .collect()
}
