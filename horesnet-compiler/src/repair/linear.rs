//! Fixes that sums tell: of a row that does not sum to its node, or of weights that do not sum to 1.
//!
//! The sum gives the right value of each of its numbers, if that is the wrong one. This finds most mistakes at once, in schemes
//! that are too large to try every number in every condition.

use std::cmp::Ordering;

use num_traits::One;

use super::change::TabFile;
use super::place::{Place, Variable};
use super::search::{Fix, holds};
use super::slip;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge, conversion};
use crate::number::decimal::significant;
use crate::number::magnitude::Magnitude;
use crate::proof::order;

/// Most sums that are tried.
const SUMS: usize = 3;

/// Bits of a fraction that is meant as it is, also in a rounded file.
const SIMPLE: u64 = 40;

/// Changes of one number that make a wrong sum right, and every claim true.
pub(super) fn fixes(file: &TabFile, budget: &mut Budget) -> Vec<(Fix, Tableau)> {
    let tableau = file.tableau;
    let mut candidates = Vec::new();
    for (place, target) in targets(file, budget).unwrap_or_default() {
        let text = file.text_at(place).unwrap_or_default();
        let slip = slip::nearest(&text, &target, within(file, place), budget);
        let (is_slip, slip) = (slip.is_some(), slip.map(|(_, value)| value));
        candidates.push((!is_slip, place, values(file, &target, slip)));
    }
    // One wrong digit is the likeliest, and proofs of long schemes are few.
    candidates.sort_by_key(|(is_unlikely, ..)| *is_unlikely);
    let mut found = Vec::new();
    for (_, place, values) in candidates {
        let variable = Variable {
            place,
            node_follows: false,
        };
        let mut changed = values.into_iter().filter_map(|value| {
            let changed = variable.replaced(tableau, &value)?;
            holds(&changed, budget).then_some((Fix::Value(variable, value), changed))
        });
        found.extend(changed.next());
    }
    found
}

/// The numbers of the sums that are furthest off, and what each would have to be.
fn targets(file: &TabFile, budget: &mut Budget) -> Result<Vec<(Place, Number)>, TooLarge> {
    let tableau = file.tableau;
    let is_written = |place: &Place| place.written(file.document).is_some();
    let (eps, mut sums) = (tableau.rounded.as_ref(), Vec::new());
    for row in 1..=tableau.stages() {
        let (node, entries) = (&tableau.nodes[row - 1], tableau.matrix.row(row - 1));
        if is_written(&Place::Node { row }) {
            sums.extend(Sum::wrong(
                Place::Node { row },
                node,
                entries.iter(),
                eps,
                budget,
            )?);
        }
    }
    for (weights, row) in tableau.weights.iter().zip(1..) {
        if weights.claim.is_some() {
            let (place, one) = (Place::Claim { row }, Number::one());
            sums.extend(Sum::wrong(place, &one, weights.values.iter(), eps, budget)?);
        }
    }
    sums.sort_by(|a, b| b.excess.partial_cmp(&a.excess).unwrap_or(Ordering::Equal));
    sums.truncate(SUMS);
    let of_sum = |sum: Sum| {
        let places = (1..=tableau.stages()).map(move |entry| match sum.place {
            Place::Node { row } => Place::Entry { row, entry },
            place => Place::Weight {
                row: place.coordinates().0.unwrap_or_default(),
                entry,
            },
        });
        let places = places.filter(is_written);
        places.filter_map(move |place| Some((place, place.value(tableau)? + &sum.missing)))
    };
    Ok(sums.into_iter().flat_map(of_sum).collect())
}

/// A sum that is not what it should be.
struct Sum {
    place: Place,
    missing: Number,
    /// How far it is off, relative to its terms.
    excess: Magnitude,
}

impl Sum {
    /// `None` if the sum is right, within the errors of a rounded file.
    fn wrong<'a>(
        place: Place,
        target: &Number,
        terms: impl Iterator<Item = &'a Number> + Clone,
        eps: Option<&Number>,
        budget: &mut Budget,
    ) -> Result<Option<Self>, TooLarge> {
        let missing = target - &order::sum_within(terms.clone(), budget)?;
        budget.spend(conversion(terms.clone()) + conversion([target, &missing]))?;
        let size = Magnitude::of(target) + Magnitude::sum(terms);
        let off = Magnitude::of(&missing);
        let allowed = eps.map_or_else(Magnitude::default, Magnitude::of) * size;
        let bits = (size.log2() - off.log2()).min(1e6);
        Ok((off > allowed).then(|| Self {
            place,
            missing,
            excess: Magnitude::exp2(-bits as i64),
        }))
    }
}

/// The error that a sum leaves to each of its numbers.
fn within(file: &TabFile, place: Place) -> Magnitude {
    let Some(eps) = &file.tableau.rounded else {
        return Magnitude::default();
    };
    let row = match place {
        Place::Entry { row, .. } => Magnitude::sum(file.tableau.matrix.row(row - 1).iter()),
        _ => Magnitude::ONE,
    };
    Magnitude::from(4.0) * Magnitude::of(eps) * (row + Magnitude::ONE)
}

/// The target itself; in a rounded file, the slip that is nearest to it, and the target to the digits of the file.
fn values(file: &TabFile, target: &Number, slip: Option<Number>) -> Vec<Number> {
    let Some(eps) = &file.tableau.rounded else {
        return vec![target.clone()];
    };
    let digits = -Magnitude::of(eps).log2() / std::f64::consts::LOG2_10;
    let digits = digits.ceil().max(1.0) as usize;
    let simple = Some(target).filter(|target| target.bits() < SIMPLE);
    { slip.into_iter().chain(simple.cloned()) }
        .chain(significant(target, digits))
        .collect()
}
