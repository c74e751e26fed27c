//! Ranks changes: the likeliest slip of the pen first.

use num_traits::{One, Zero};

use super::change::{Change, Edit, Kind};
use super::place::Place;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::magnitude::Magnitude;
use crate::proof::order::is_row_sum;

/// Largest relative distance of a number that is near another.
const NEAR: f64 = 0.02;

/// Longest text of a simple number.
const SIMPLE: usize = 5;

/// Fewest digits by which a decimal is known to be meant, and most that its replacement may be longer.
const DIGITS: usize = 6;
const LONGER: usize = 3;

/// The slip that a change repairs, and how much of the text it changes.
type Rank = (Slip, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slip {
    /// All numbers are right, but for how they are to be read.
    Reading,
    Sign,
    Exchange,
    /// A digit is wrong, lost or doubled, or two are exchanged.
    Digit,
    Near,
    Simple,
    Other,
    /// The claim is wrong.
    Claim,
    /// A number and its node are both wrong, and agree.
    Two,
    /// A node is no longer the sum of its row.
    Node,
    /// A zero of the structure is filled.
    Filled,
}

/// Sorts changes that make every claim true, and adds the change of the claims. Changes that do not keep the form are dropped.
pub(super) fn ranked(
    before: &Tableau,
    changes: Vec<(Change, Tableau)>,
    claim: Option<Change>,
) -> Vec<Change> {
    let kept = changes.into_iter().filter(|(change, after)| {
        let is_silly = change.kind == Kind::Value && change.edits.iter().any(is_overlong);
        form(after) <= form(before) && !is_silly && !is_padded(change, before, after)
    });
    let mut ranked: Vec<(Rank, Change)> = kept
        .map(|(change, after)| (rank(&change, before, &after), change))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    if let Some(claim) = claim {
        // Where any of several numbers may be the wrong one, none of them is likely.
        let slips = ranked.iter().map(|((slip, _), _)| *slip);
        let is_ambiguous = slips.clone().next() > Some(Slip::Digit)
            && slips.filter(|slip| *slip < Slip::Claim).count() > 1;
        let likelier = |(slip, _): &Rank| !is_ambiguous && *slip < Slip::Claim;
        let at = ranked.partition_point(|(rank, _)| likelier(rank));
        ranked.insert(at, ((Slip::Claim, 0), claim));
    }
    ranked.into_iter().map(|(_, change)| change).collect()
}

/// Explicit, diagonally implicit, or full.
fn form(tableau: &Tableau) -> usize {
    let stages = tableau.stages();
    let is_lower =
        || (0..stages).all(|i| (i + 1..stages).all(|j| tableau.matrix[(i, j)].is_zero()));
    if tableau.is_explicit() {
        0
    } else if is_lower() {
        1
    } else {
        2
    }
}

/// Returns true if a decimal of many digits becomes a fraction of still more.
fn is_overlong(edit: &Edit) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    edit.from.contains('.')
        && !edit.to.contains('.')
        && digits(&edit.from) >= DIGITS
        && digits(&edit.to) > digits(&edit.from) + LONGER
}

/// Returns true if one of several numbers changes by no more than the stated error: the others are enough.
fn is_padded(change: &Change, before: &Tableau, after: &Tableau) -> bool {
    let Some(eps) = after
        .rounded
        .as_ref()
        .filter(|_| change.kind == Kind::Value)
    else {
        return false;
    };
    let is_same = |edit: &Edit| {
        let (was, is) = (edit.place.value(before)?, edit.place.value(after)?);
        let within = Magnitude::from(4.0) * Magnitude::of(eps) * Magnitude::of(was);
        Some(Magnitude::of(&(was - is)) <= within)
    };
    let same = change.edits.iter().filter_map(is_same);
    same.clone().count() > 1 && same.filter(|same| *same).count() > 0
}

fn rank(change: &Change, before: &Tableau, after: &Tableau) -> Rank {
    if matches!(
        change.kind,
        Kind::Decimals | Kind::Rounded | Kind::Difference
    ) {
        return (Slip::Reading, 0);
    }
    let edits = || {
        change
            .edits
            .iter()
            .filter(|edit| !matches!(edit.place, Place::Rounded | Place::Claim { .. }))
    };
    let distance = edits().map(|edit| strsim::osa_distance(&edit.from, &edit.to));
    let length = edits().map(|edit| edit.to.len() / 4);
    let distance: usize = distance.chain(length).sum();
    let slip = match change.kind {
        Kind::Sign | Kind::Value if keeps_nodes(change, after) => {
            let one = edits().next().filter(|_| edits().count() == 1);
            one.map_or(Slip::Two, |edit| slip(edit, change.kind, before, after))
        }
        Kind::Sign | Kind::Value => Slip::Node,
        _ => Slip::Exchange,
    };
    (slip, distance)
}

fn slip(edit: &Edit, kind: Kind, before: &Tableau, after: &Tableau) -> Slip {
    let (Some(was), Some(is)) = (edit.place.value(before), edit.place.value(after)) else {
        return Slip::Other;
    };
    let upside_down = || was * is == Number::one();
    let apart = || (was - is).to_f64().abs() / is.to_f64().abs();
    if kind == Kind::Sign {
        Slip::Sign
    } else if was.is_zero() {
        Slip::Filled
    } else if strsim::osa_distance(&edit.from, &edit.to) == 1 || upside_down() {
        Slip::Digit
    } else if apart() <= NEAR {
        Slip::Near
    } else if edit.to.len() <= SIMPLE {
        Slip::Simple
    } else {
        Slip::Other
    }
}

/// Returns true if the nodes of changed rows are the sums of their rows after the change.
fn keeps_nodes(change: &Change, after: &Tableau) -> bool {
    let rows = change.edits.iter().filter_map(|edit| match edit.place {
        Place::Entry { row, .. } | Place::Node { row } => Some(row - 1),
        Place::Weight { .. }
        | Place::Claim { .. }
        | Place::Rounded
        | Place::Constant { .. }
        | Place::Parameter => None,
    });
    { rows }.all(|row| is_row_sum(after, row, &after.row_sum(row)))
}
