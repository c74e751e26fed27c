//! The likelihood of changes, and their wording.

use std::fmt::{self, Write};

use super::{Change, Edit, Kind, Nearest, Place, Repair};
use crate::language::tableau::Tableau;
use crate::proof::claims::EXCHANGE;
use crate::proof::order::Verdict;

/// The text of a search that would have taken too long.
const CUT_SHORT: &str = "the search for changes was cut short: the tableau is too large to try all";

/// Most changes shown in an error.
const SHOWN: usize = 4;
/// Most differences from a bundled scheme shown in an error.
const LISTED: usize = 5;

/// Small for what looks like a slip of the pen; large for what only happens to be true.
///
/// `consistent` tells which nodes were row sums before.
pub(super) fn implausibility(
    change: &Change,
    before: &Tableau,
    after: &Tableau,
    consistent: &[bool],
) -> usize {
    let slip = match change.kind {
        Kind::Value | Kind::Decimals => { change.edits.iter() }
            .map(|edit| strsim::levenshtein(&edit.from, &edit.to) + edit.to.len() / 4)
            .sum(),
        _ => 1,
    };
    let is_changed = |row: usize| {
        { change.edits.iter() }.any(|edit| match edit.place {
            Place::Entry { row: changed, .. } | Place::Node { row: changed } => changed == row + 1,
            Place::Weight { .. } | Place::Claim { .. } => false,
        })
    };
    let is_sum = |row: usize| after.row_sum(row) == after.nodes[row];
    let rows = consistent.iter().enumerate();
    let nodes = { rows }.all(|(row, &was)| if is_changed(row) { is_sum(row) } else { was });
    let implicit = before.is_explicit() && !after.is_explicit();
    slip + usize::from(!nodes) * 10 + usize::from(implicit) * 20
}

/// Says what to claim where a claim is too high, unless the weights do not even sum to one.
pub(super) fn claim(verdict: &Verdict) -> Option<String> {
    let mut claims = Vec::new();
    let rows = verdict.weights.iter().zip(1..);
    for (row, at) in rows.filter(|(row, _)| !row.holds()) {
        if row.order == 0 || row.first_failure.is_none() {
            return None;
        }
        let order = row.order;
        claims.push(match verdict.weights.len() {
            1 => format!("`order {order}`"),
            _ => format!("`order {order}` in weights row {at}"),
        });
    }
    Some(format!(
        "if the coefficients are as they should be, write {}",
        claims.join(", and ")
    ))
}

/// The lines of help for an error; `stated` tells if the file states an error of its numbers.
pub(crate) fn help(repair: &Repair, stated: bool) -> Vec<String> {
    let described = repair.changes.iter().map(|change| describe(change, true));
    let described: Vec<_> = described.collect();
    let mut lines: Vec<_> = match described.as_slice() {
        [] => progress(repair).into_iter().collect(),
        // The claim has a help of its own.
        [_] if repair.changes[0].kind == Kind::Claim => Vec::new(),
        [only] => vec![only.clone()],
        all => {
            let opening = "each of these changes makes every claim true:";
            vec![listed(opening, all.iter().cloned(), SHOWN)]
        }
    };
    // Two numbers that are both wrong, and agree, are less likely than a wrong claim if several such pairs would do.
    let doubtful = |change: &Change| change.kind == Kind::Value && change.edits.len() > 1;
    if repair.changes.len() > 1 && doubtful(&repair.changes[0]) {
        lines.splice(..0, repair.claim.clone());
    }
    if !repair.complete {
        lines.push(CUT_SHORT.to_owned());
    }
    if let Some(eps) = repair.rounded {
        lines.push(rounding(eps, stated, described.is_empty()));
    } else if described.is_empty() {
        lines.extend(repair.nearest.as_ref().map(nearest));
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
        let _ = write!(text, "\nand {more} more, which `horesnet repair` lists");
    }
    text
}

fn rounding(eps: f64, stated: bool, alone: bool) -> String {
    let advice = match (stated, alone) {
        (true, _) => "the stated error is too small: with",
        (_, true) => "say that the numbers are rounded: with the line",
        _ => "or say that the numbers are rounded: with the line",
    };
    format!("{advice} `rounded {eps:e}` every claim is true")
}

fn nearest(nearest: &Nearest) -> String {
    let Nearest {
        name,
        differences,
        roundings,
    } = nearest;
    let entries = match differences.len() {
        0 => "in no entry".to_owned(),
        1 => "in 1 entry".to_owned(),
        n => format!("in {n} entries"),
    };
    let mut text = format!("the nearest bundled scheme is {name}; this differs from it {entries}");
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
        format!("{}: {from} should be {to}", edit.place)
    });
    match (change.kind, edits) {
        (Kind::Exchange, _) => EXCHANGE.to_owned(),
        (Kind::Decimals, _) => {
            let most = if brief { 2 * SHOWN } else { edits.len() };
            let opening = "the decimals are near to other numbers, with which every claim is true:";
            listed(opening, should_be, most)
        }
        (Kind::Nodes | Kind::Shift, _) => {
            let rows = edits
                .iter()
                .map(|edit| edit.place.coordinates().0.to_string());
            let rows = rows.collect::<Vec<_>>().join(", ");
            let shifted = match change.kind {
                Kind::Shift => "the nodes are shifted by a row: ",
                _ => "",
            };
            format!("{shifted}nodes {rows} should be the sums of their rows, written `*`")
        }
        (Kind::Swap, [first, second]) if second.place.coordinates().1.is_none() => format!(
            "nodes {} and {}: {} and {} should be exchanged",
            first.place.coordinates().0,
            second.place.coordinates().0,
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
