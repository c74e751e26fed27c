//! Writes solutions for unknown entries into a file. Entries that stay free become parameters.

use num_traits::Zero;

use super::Repair;
use super::change::{Change, Edit, Kind};
use super::place::Place;
use super::unknown::{self, Solution};
use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{Document, Term};
use crate::language::family::Family;
use crate::language::limits;
use crate::language::syntax::parse;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::interval::{Bound, Interval};
use crate::number::isolation::{RealRoot, real_roots};
use crate::number::rational_function::RationalFunction;
use crate::proof::family::{self, poles};
use crate::proof::order;

/// Values that free entries are given, simple ones first.
const DEFAULTS: [(i64, i64); 12] = [
    (1, 2),
    (1, 3),
    (1, 4),
    (2, 3),
    (3, 4),
    (1, 6),
    (1, 5),
    (1, 1),
    (2, 5),
    (2, 1),
    (-1, 2),
    (-1, 1),
];

/// Solves the claims of a file for its unknown entries, which are written `?`.
pub(crate) fn fill(
    text: &str,
    document: &Document,
    budget: &mut Budget,
) -> Result<Repair, Diagnostics> {
    let places = unknown_places(document);
    let most = limits::UNKNOWNS;
    if let Some((_, span)) = places.get(most) {
        let headline = format!(
            "{} unknown entries; the claims are solved for at most {most}",
            places.len()
        );
        return Err(vec![Diagnostic::at(*span, headline)]);
    }
    let claims: Vec<_> = document
        .weights
        .iter()
        .map(|row| row.claim.as_ref().map(|claim| claim.value))
        .collect();
    if claims.iter().all(Option::is_none)
        && let Some((_, span)) = places.first()
    {
        let headline = "no row of weights claims an order, so nothing tells what this entry is";
        return Err(vec![Diagnostic::at(*span, headline).help(
            "write the order that the scheme should have: `order 3 | …`",
        )]);
    }
    // The rest of the file must be right; numbers stand for unknown entries meanwhile.
    Tableau::new(&known(document))?;
    let family = Family::new(document, budget)?;
    let solutions = unknown::solve(&family, &claims, budget);
    let mut complete = solutions.complete;
    let mut changes = Vec::new();
    for solution in &solutions.all {
        match written(text, document, &family, &places, solution, budget) {
            Ok(change) => changes.extend(change),
            Err(TooLarge) => complete = false,
        }
    }
    Ok(Repair {
        changes,
        complete,
        ..Repair::default()
    })
}

/// The entries that are unknown, with their places.
fn unknown_places(document: &Document) -> Vec<(Place, Span)> {
    let rows = document.stages.iter().zip(1..);
    let entries = rows.flat_map(|(row, at)| {
        let entries = row.entries.iter().zip(1..);
        entries.map(move |(found, entry)| (Place::Entry { row: at, entry }, found))
    });
    let weights = document.weights.iter().zip(1..).flat_map(|(row, at)| {
        let entries = row.entries.iter().zip(1..);
        entries.map(move |(found, entry)| (Place::Weight { row: at, entry }, found))
    });
    let all = entries.chain(weights);
    let unknown = all.filter(|(_, found)| found.value == Term::Unknown);
    unknown.map(|(place, found)| (place, found.span)).collect()
}

/// The document with zeros for unknown entries.
fn known(document: &Document) -> Document {
    let mut document = document.clone();
    let stages = document.stages.iter_mut().flat_map(|row| &mut row.entries);
    for entry in stages.chain(document.weights.iter_mut().flat_map(|row| &mut row.entries)) {
        if entry.value == Term::Unknown {
            entry.value = Term::Decimal {
                digits: "0".to_owned(),
                exponent: 0,
            };
        }
    }
    document
}

/// A solution as a change of the file, which is proven: entries that stay free become parameters. `None` if the claims are
/// false with it.
fn written(
    text: &str,
    document: &Document,
    family: &Family,
    places: &[(Place, Span)],
    solution: &Solution,
    budget: &mut Budget,
) -> Result<Option<Change>, TooLarge> {
    let names = names(document, family, places);
    let value = |at: usize| {
        solution
            .values
            .iter()
            .find(|(known, _)| *known == at)
            .map(|(_, value)| value)
    };
    let free: Vec<_> = (0..places.len())
        .filter(|at| value(*at).is_none())
        .collect();
    let entries = places.iter().enumerate().map(|(at, (place, span))| {
        let to = value(at).map_or_else(
            || names[limits::PARAMETERS + at].clone(),
            |value| value.written(&names),
        );
        edit(text, *place, *span, to.replace(' ', ""))
    });
    let entries: Vec<_> = entries.collect();
    let mut boxes = free_values(family, solution, &free, budget);
    boxes.truncate(8);
    if free.is_empty() {
        boxes.push(Vec::new());
    }
    let start = document.stages.first().map_or(0, |row| row.span.start);
    for values in boxes {
        let mut edits = entries.clone();
        let lines = values.iter().zip(&free).map(|((default, interval), at)| {
            format!(
                "param {} = {} in {interval}\n",
                names[limits::PARAMETERS + at],
                compact(default)
            )
        });
        edits.extend(lines.map(|line| edit(text, Place::Parameter, Span::new(start, start), line)));
        let change = Change {
            kind: Kind::Unknown,
            edits,
        };
        if holds(&change.apply(text), budget)? {
            return Ok(Some(change));
        }
    }
    // Of a free entry other values may do.
    if free.is_empty() {
        Ok(None)
    } else {
        Err(TooLarge)
    }
}

fn compact(number: &Number) -> String {
    number.to_string().replace(' ', "")
}

pub(super) fn edit(text: &str, place: Place, span: Span, to: String) -> Edit {
    let from = text.get(span.range()).unwrap_or_default().to_owned();
    Edit {
        place,
        span,
        from,
        to,
    }
}

/// The names of the parameters, and of unknown entries by their places: `a32`, `b2`.
fn names(document: &Document, family: &Family, places: &[(Place, Span)]) -> Vec<String> {
    let mut names = family.names();
    names.resize(limits::PARAMETERS, String::new());
    let bound: Vec<_> = document
        .bindings
        .iter()
        .map(|(name, _)| name.value.clone())
        .collect();
    for (place, _) in places {
        let mut name = match place.coordinates() {
            (Some(row), Some(entry)) if matches!(place, Place::Entry { .. }) => {
                format!("a{row}{entry}")
            }
            (Some(1), Some(entry)) => format!("b{entry}"),
            (row, entry) => format!("b{}{}", row.unwrap_or_default(), entry.unwrap_or_default()),
        };
        while names.contains(&name) || bound.contains(&name) {
            name.push('_');
        }
        names.push(name);
    }
    names
}

/// Defaults and intervals for free entries, the widest first.
fn free_values(
    family: &Family,
    solution: &Solution,
    free: &[usize],
    budget: &mut Budget,
) -> Vec<Vec<(Number, Interval)>> {
    let functions: Vec<_> = {
        family
            .functions()
            .chain(solution.values.iter().map(|(_, value)| value))
    }
    .cloned()
    .collect();
    let mut functions = functions;
    for (unknown, value) in &solution.values {
        for function in &mut functions {
            match function.substituted(limits::PARAMETERS + unknown, value, budget) {
                Ok(Some(known)) => *function = known,
                _ => return Vec::new(),
            }
        }
    }
    let point = |candidate: usize| {
        let mut point = family.defaults();
        point.resize(limits::PARAMETERS, Number::zero());
        for at in 0..family.unknowns.len() {
            let order = free.iter().position(|free| *free == at);
            let (n, d) = DEFAULTS[(candidate + order.unwrap_or(0)) % DEFAULTS.len()];
            point.push(Number::ratio(n, d).unwrap_or_else(Number::zero));
        }
        point
    };
    let candidates = (0..DEFAULTS.len()).map(point);
    let is_plain = |point: &Vec<Number>| {
        functions.iter().all(|f| {
            f.value(point)
                .is_some_and(|value| f.is_zero() || !value.is_zero())
        })
    };
    let Some(point) = candidates.into_iter().find(is_plain) else {
        return Vec::new();
    };
    let default = |at: &usize| point[limits::PARAMETERS + at].clone();
    let mut boxes = Vec::new();
    let widest = free.iter().map(|at| {
        let variable = limits::PARAMETERS + at;
        let interval = around(&functions, variable, &default(at), budget)?;
        Some((default(at), interval))
    });
    boxes.extend(widest.collect::<Option<Vec<_>>>());
    for halvings in 2..9 {
        let around = free.iter().map(|at| {
            let width = Number::ratio(1, 1_i64 << halvings).unwrap_or_else(Number::zero);
            let end = |value| {
                Some(Bound {
                    value,
                    closed: true,
                })
            };
            let (low, high) = (end(&default(at) - &width), end(&default(at) + &width));
            (default(at), Interval { low, high })
        });
        boxes.push(around.collect());
    }
    boxes
}

/// The largest open interval around a value without poles that depend on this variable alone.
fn around(
    functions: &[RationalFunction],
    variable: usize,
    value: &Number,
    budget: &mut Budget,
) -> Option<Interval> {
    let mut interval = Interval::default();
    for (factor, _) in functions.iter().flat_map(|f| &f.factors) {
        let Some((of, p)) = factor.as_univariate() else {
            continue;
        };
        if of != variable {
            continue;
        }
        for root in real_roots(&p, &Interval::default(), budget).ok()? {
            let (low, high) = match &root {
                RealRoot::Exact(root) => (root, root),
                RealRoot::Between(low, high) => (low, high),
            };
            let end = |value: &Number| {
                Some(Bound {
                    value: value.clone(),
                    closed: false,
                })
            };
            if (value - high).sign().is_gt() {
                let is_nearer = interval
                    .low
                    .as_ref()
                    .is_none_or(|known| (high - &known.value).sign().is_gt());
                interval.low = if is_nearer { end(high) } else { interval.low };
            } else {
                let is_nearer = interval
                    .high
                    .as_ref()
                    .is_none_or(|known| (&known.value - low).sign().is_gt());
                interval.high = if is_nearer { end(low) } else { interval.high };
            }
        }
    }
    Some(interval)
}

/// Returns true if all claims of a text are proven, false if the text or a claim is wrong.
pub(super) fn holds(text: &str, budget: &mut Budget) -> Result<bool, TooLarge> {
    let Ok(document) = parse(text) else {
        return Ok(false);
    };
    let Ok(tableau) = Tableau::new(&document) else {
        return Ok(false);
    };
    let claims = tableau.weights.iter().filter_map(|row| row.claim);
    let bound = claims.max().unwrap_or(0) + 1;
    let verdict = if document.parameters.is_empty() {
        order::verify_within(&tableau, bound, budget)?
    } else {
        let Ok(family) = Family::new(&document, budget) else {
            return Err(TooLarge);
        };
        if poles::check(&family, budget).is_err() {
            return Ok(false);
        }
        let proven = family::verify(&family, &tableau, bound, budget);
        proven.map_err(|_| TooLarge)?.verdict
    };
    Ok(verdict.weights.iter().all(order::RowVerdict::holds))
}
