//! The wording of changes.

use std::fmt::{self, Write};

use super::{Change, Edit, Kind, Nearest, Place, Repair};
use crate::proof::claims::EXCHANGE;

/// The text of a search that would have taken too long.
const CUT_SHORT: &str = "the search for changes was cut short: the tableau is too large to try all";

/// Most changes shown in an error.
const SHOWN: usize = 3;
/// Most differences from a bundled scheme shown in an error.
const LISTED: usize = 5;

/// The lines of help for an error.
pub(crate) fn help(repair: &Repair) -> Vec<String> {
    let is_claim = |change: &&Change| change.kind == Kind::Claim;
    let (claims, others): (Vec<_>, Vec<_>) = repair.changes.iter().partition(is_claim);
    let brief = |change: &&Change| describe(change, true);
    let mut lines: Vec<_> = progress(repair).into_iter().collect();
    match others.as_slice() {
        [] => {}
        [only] => lines.push(brief(only)),
        all => {
            let opening = "each of these changes makes every claim true:";
            lines.push(listed(opening, all.iter().map(brief), SHOWN));
        }
    }
    let claim_is_likeliest = repair.changes.first().as_ref().is_some_and(is_claim);
    for claim in claims.iter().map(brief) {
        if claim_is_likeliest {
            lines.insert(0, claim);
        } else {
            lines.push(format!("or {claim}"));
        }
    }
    if !repair.complete {
        lines.push(CUT_SHORT.to_owned());
    }
    if others.is_empty() {
        lines.extend(repair.nearest.as_ref().map(nearest));
    }
    lines
}

/// The lines of help for a file with unknown entries.
pub(crate) fn filled(repair: &Repair) -> Vec<String> {
    let mut lines = Vec::new();
    let solutions = repair.changes.iter().map(|change| describe(change, true));
    match solutions.len() {
        0 if repair.complete => lines.push("no value makes the claims true".to_owned()),
        0 => {}
        1 => lines.extend(solutions.map(|solution| format!("the claims are true if {solution}"))),
        _ => lines.push(listed(
            "the claims are true if one of these is so:",
            solutions,
            SHOWN,
        )),
    }
    if !repair.complete {
        lines.push("there may be other solutions, which were not found".to_owned());
    }
    if !repair.changes.is_empty() {
        lines.push("`horesnet repair FILE -o NEW` writes the file".to_owned());
    }
    lines
}

/// Lines below an opening, at most so many.
fn listed(opening: &str, lines: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = lines.len().saturating_sub(most);
    let mut text = opening.to_owned();
    for line in lines.take(most) {
        let _ = write!(text, "\n{line}");
    }
    if more > 0 {
        let _ = write!(text, "\nand {more} more: `horesnet repair --all`");
    }
    text
}

fn nearest(nearest: &Nearest) -> String {
    let Nearest {
        name,
        differences,
        roundings,
    } = nearest;
    let numbers = |n: usize| match n {
        1 => "1 number".to_owned(),
        n => format!("{n} numbers"),
    };
    let mut text = match (differences.len(), roundings.len()) {
        (0, 0) => return format!("this is {name}"),
        (0, rounded) => return format!("this is {name} with {} rounded", numbers(rounded)),
        (n, _) => format!(
            "the nearest bundled scheme is {name}; this differs from it in {}",
            numbers(n)
        ),
    };
    if !roundings.is_empty() {
        let _ = write!(text, ", and rounds {}", roundings.len());
    }
    if (1..=LISTED).contains(&differences.len()) {
        text.push(':');
        for difference in differences {
            let (own, theirs) = (shortened(&difference.own), difference.theirs.brief());
            let _ = write!(text, "\n{}: {own}, there {theirs}", difference.place);
        }
    }
    text
}

fn progress(repair: &Repair) -> Option<String> {
    let progress = repair.progress.as_ref()?;
    let change = describe(&progress.change, true);
    let (before, after) = (progress.before, progress.after);
    let found = if repair.complete {
        ""
    } else {
        "was found that "
    };
    Some(format!(
        "no single change {found}makes every claim true; the conditions hold to order {after} instead of {before} \
         with this one:\n{change}"
    ))
}

/// Writes a change in a line, decimals in a line each.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(self, false))
    }
}

/// Describes one change, in brief without the ends of long numbers and lists.
fn describe(change: &Change, brief: bool) -> String {
    let shown: fn(&str) -> String = if brief { shortened } else { str::to_owned };
    let edits = change.edits.as_slice();
    let should_be = edits.iter().map(|edit: &Edit| {
        let (from, to) = (shown(&edit.from), shown(&edit.to));
        match (edit.place, edit.to.strip_prefix("rounded ")) {
            (Place::Rounded, Some(eps)) => format!("with the line `rounded {}`", eps.trim_end()),
            _ => format!("{}: {from} should be {to}", edit.place),
        }
    });
    match (change.kind, edits) {
        (Kind::Exchange, _) => EXCHANGE.to_owned(),
        (Kind::Decimals, _) => {
            let most = if brief { 2 * SHOWN } else { edits.len() };
            let opening = "the decimals are near to other numbers, with which every claim is true:";
            listed(opening, should_be, most)
        }
        (Kind::Claim, _) => {
            let claims = edits.iter().map(|edit| match edits {
                [_] => format!("`{}`", edit.to),
                _ => format!("`{}` in {}", edit.to, edit.place),
            });
            let claims = claims.collect::<Vec<_>>().join(" and ");
            let order = |text: &str| text.strip_prefix("order ")?.parse::<usize>().ok();
            let is_raised = |edit: &Edit| order(&edit.from) < order(&edit.to);
            if edits.iter().all(is_raised) {
                format!("write {claims}")
            } else {
                format!("if the coefficients are right, write {claims}")
            }
        }
        (Kind::Unknown, _) => {
            let (lines, entries): (Vec<_>, Vec<_>) = edits
                .iter()
                .partition(|edit| edit.place == Place::Parameter);
            let entries = entries
                .iter()
                .map(|edit| format!("{} is {}", edit.place, shown(&edit.to)));
            let lines = lines.iter().map(|edit| format!("`{}`", edit.to.trim_end()));
            let (entries, lines) = (
                entries.collect::<Vec<_>>().join(", "),
                lines.collect::<Vec<_>>(),
            );
            match lines.as_slice() {
                [] => entries,
                lines => format!("{entries}, with {}", lines.join(" and ")),
            }
        }
        (Kind::Rounded, [edit]) if edit.from.is_empty() => format!(
            "the numbers are rounded: with the line `{}` every claim is true",
            edit.to.trim_end()
        ),
        (Kind::Rounded, [edit]) => format!(
            "the numbers have fewer digits than stated: with `rounded {}` every claim is true",
            edit.to
        ),
        (Kind::Difference, [edit, ..]) => format!(
            "{} is a row of differences; as embedded weights it is `{}`",
            Place::Claim {
                row: edit.place.coordinates().0.unwrap_or_default()
            },
            { edits.iter() }
                .map(|edit| edit.to.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        ),
        (Kind::Nodes | Kind::Shift, _) => {
            let rows = edits
                .iter()
                .filter_map(|edit| Some(edit.place.coordinates().0?.to_string()));
            let rows = rows.collect::<Vec<_>>().join(", ");
            let shifted = match change.kind {
                Kind::Shift => "the nodes are shifted by a row: ",
                _ => "",
            };
            format!("{shifted}nodes {rows} should be the sums of their rows, written `*`")
        }
        (Kind::Swap, [first, second]) if second.place.coordinates().1.is_none() => format!(
            "nodes {} and {}: {} and {} should be exchanged",
            first.place.coordinates().0.unwrap_or_default(),
            second.place.coordinates().0.unwrap_or_default(),
            shown(&first.from),
            shown(&second.from)
        ),
        (Kind::Swap, [first, second]) => format!(
            "{} and {}: {} and {} should be exchanged",
            first.place.to_string().replace("entry", "entries"),
            second.place.coordinates().1.unwrap_or_default(),
            shown(&first.from),
            shown(&second.from)
        ),
        _ => should_be.collect::<Vec<_>>().join(", and "),
    }
}

/// Shortens long numbers to their beginning.
fn shortened(number: &str) -> String {
    const LENGTH: usize = 80;
    match number.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &number[..end]),
        None => number.to_owned(),
    }
}
