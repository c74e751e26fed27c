//! Proves the order of a family for all values of its parameters: a condition, cleared of denominators, is a polynomial.
//! `bounds` has its degrees and height, `grid` evaluates it, `poles` and `special` find values, `explain` words failures.
//! Must not know repairs, files or how a verdict is shown.

pub(crate) mod bounds;
mod explain;
mod grid;
pub(crate) mod poles;
pub(crate) mod sign;

use crate::language::diagnostic::Diagnostic;
use crate::language::family::Family;
use crate::language::tableau::Tableau;
use crate::number::budget::{Budget, TooLarge};
use crate::number::rational_function::RationalFunction;
use crate::proof::nonautonomous;
use crate::proof::order::{RowVerdict, Verdict};
use crate::proof::search::{Failure, Leaves, earlier};
use crate::proof::tree::Forest;

pub(crate) use explain::{Known, symbolic_weight, values_of};
pub(crate) use grid::TooLong;

/// Highest order that is looked for beyond the claims.
const HIGHEST: usize = 12;

/// The orders that all members of a family have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FamilyVerdict {
    pub(crate) verdict: Verdict,
    /// For each row with a false claim, where the claim holds nevertheless.
    pub(crate) exceptions: Vec<Option<String>>,
}

/// Proves the order of every row of weights for all values of the parameters, up to one more than the claims.
///
/// A row has the order that all members have; single members may have a higher one.
pub(crate) fn verify(
    family: &Family,
    tableau: &Tableau,
    bound: usize,
    budget: &mut Budget,
) -> Result<FamilyVerdict, Diagnostic> {
    let large = |TooLarge| {
        let headline = "the functions of the parameters are too large for a proof of the order";
        Diagnostic::whole_file(headline)
            .help("write entries of lower degree, or fix a parameter with `let`")
    };
    let stages = family.nodes.len();
    let sums = (0..stages).map(|row| family.row_sum(row, budget));
    let sums: Vec<_> = sums.collect::<Result<_, _>>().map_err(large)?;
    let row_sums = sums == family.nodes;
    let mut forest = Forest::default();
    let mut search = |leaf: &[RationalFunction]| {
        let mut bound = bound;
        loop {
            let found = grid::search(family, tableau, leaf, bound, &mut forest, budget);
            let found = found.map_err(|why| too_long(family, &why))?;
            let is_open = found.iter().zip(&tableau.weights).any(|(failing, row)| {
                failing.is_none() && row.claim.is_some_and(|claim| claim < bound)
            });
            // A claim that is too low is answered with the order.
            if !is_open || bound >= HIGHEST {
                return Ok(found);
            }
            bound += 1;
        }
    };
    let with_sums = search(&sums)?;
    let with_nodes = if row_sums {
        vec![None; with_sums.len()]
    } else {
        search(&family.nodes)?
    };
    let order = |failing: Option<usize>, forest: &Forest| {
        failing.map_or(bound, |tree| forest.get(tree).order - 1)
    };
    let first: Vec<_> = with_sums
        .iter()
        .zip(&with_nodes)
        .map(|(a, b)| if earlier(*b, *a) { *b } else { *a })
        .collect();
    let most: Vec<_> = first
        .iter()
        .map(|failing| order(*failing, &forest))
        .collect();
    let mut mixed = vec![None; first.len()];
    if !row_sums {
        mixed = mixed_conditions(family, &most, budget).unwrap_or(mixed);
    }
    let mut weights = Vec::new();
    for (row, (claim, failing)) in tableau.weights.iter().zip(&first).enumerate() {
        let leaves = if earlier(with_nodes[row], with_sums[row]) {
            Leaves::Nodes
        } else {
            Leaves::Sums
        };
        let leaf = if leaves == Leaves::Nodes {
            &family.nodes
        } else {
            &sums
        };
        let failure =
            failing.map(|tree| explain::failure(family, &forest, tree, row, leaf, leaves, budget));
        let mut verdict = RowVerdict {
            claimed: claim.claim,
            order: most[row],
            first_failure: failure,
            undecided: false,
        };
        if let Some(failure) = mixed[row].take() {
            verdict.order = failure.order - 1;
            verdict.first_failure = Some(failure);
        } else if !row_sums && verdict.order > DECIDED {
            verdict.order = DECIDED;
            verdict.undecided = true;
        }
        weights.push(verdict);
    }
    let verdict = Verdict { row_sums, weights };
    let claims = tableau.weights.iter().filter_map(|row| row.claim);
    // Without all trees there are no exceptions to name.
    let _ = forest.grow_within(claims.max().unwrap_or(1), budget);
    let exceptions = explain::exceptions(family, &forest, &verdict, &sums, budget);
    Ok(FamilyVerdict {
        verdict,
        exceptions,
    })
}

/// Up to this order, no condition has both nodes and row sums at its leaves.
const DECIDED: usize = 2;

/// Conditions with nodes and row sums that fail for some member, and so not identically hold.
fn mixed_conditions(
    family: &Family,
    most: &[usize],
    budget: &mut Budget,
) -> Option<Vec<Option<Failure>>> {
    let member = poles::samples(family).find_map(|values| family.at(&values).ok())?;
    let sums = member.row_sums();
    Some(nonautonomous::search(&member, &sums, most, budget).0)
}

fn too_long(family: &Family, why: &TooLong) -> Diagnostic {
    let degrees = family.parameters.iter().zip(&why.degrees);
    let degrees: Vec<_> = degrees
        .map(|(parameter, degree)| format!("{degree} in {}", parameter.name))
        .collect();
    let headline = format!(
        "the proof for all values would take too long: the conditions of order {} have degrees up to {}",
        why.order,
        degrees.join(", ")
    );
    let note = format!(
        "a proof evaluates them at {:.0} values of the parameters, modulo {} primes",
        why.points, why.primes
    );
    Diagnostic::whole_file(headline)
        .note(note)
        .help("write entries of lower degree, or fix a parameter with `let`")
}
