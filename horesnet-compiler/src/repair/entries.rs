//! Writes solutions for unknown entries into a file, and finds the one entry of a family that is wrong identically: it is
//! made unknown, and the claims are solved for it.

use num_traits::Zero;

use super::change::{Change, Edit, Kind, TabFile};
use super::place::Place;
use super::unknown::{self, Solution};
use super::{Repair, slip};
use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{Document, Expression, Term};
use crate::language::family::Family;
use crate::language::limits;
use crate::language::syntax::{expression_in, parse};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::number::interval::{Bound, Interval};
use crate::number::isolation::{RealRoot, real_roots};
use crate::number::rational_function::RationalFunction;
use crate::proof::family::{self, poles};
use crate::proof::order;

/// Steps to solve the claims for one entry, and for all of a file.
const EFFORT: f64 = 1e8;
const ALL: f64 = 8e8;

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
        let change = written(text, document, &family, &places, solution, budget);
        complete &= change.is_some();
        changes.extend(change);
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

/// A solution as a change of the file, if it is proven: entries that stay free become parameters.
fn written(
    text: &str,
    document: &Document,
    family: &Family,
    places: &[(Place, Span)],
    solution: &Solution,
    budget: &mut Budget,
) -> Option<Change> {
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
    let start = document.stages.first()?.span.start;
    boxes.into_iter().find_map(|values| {
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
        holds(&change.apply(text), budget).then_some(change)
    })
}

fn compact(number: &Number) -> String {
    number.to_string().replace(' ', "")
}

fn edit(text: &str, place: Place, span: Span, to: String) -> Edit {
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

/// Returns true if all claims of a text are proven.
fn holds(text: &str, budget: &mut Budget) -> bool {
    let Ok(document) = parse(text) else {
        return false;
    };
    let Ok(tableau) = Tableau::new(&document) else {
        return false;
    };
    let claims = tableau.weights.iter().filter_map(|row| row.claim);
    let bound = claims.max().unwrap_or(0) + 1;
    let verdict = if document.parameters.is_empty() {
        order::verify_within(&tableau, bound, budget).ok()
    } else {
        let family = Family::new(&document, budget).ok();
        let family = family.filter(|family| poles::check(family, budget).is_ok());
        family.and_then(|family| {
            Some(
                family::verify(&family, &tableau, bound, budget)
                    .ok()?
                    .verdict,
            )
        })
    };
    verdict.is_some_and(|verdict| verdict.weights.iter().all(order::RowVerdict::holds))
}

/// Finds the changes of one expression of a family that make every claim true, the likeliest first.
///
/// Returns them, and true if every expression was tried.
pub(super) fn family_changes(file: &TabFile, budget: &mut Budget) -> (Vec<Change>, bool) {
    let claims: Vec<_> = file.tableau.weights.iter().map(|row| row.claim).collect();
    let mut found = Vec::new();
    let complete = budget.attempt(ALL, |budget| {
        for place in places(file.document) {
            let change = budget.attempt(EFFORT, |budget| changed(file, place, &claims, budget));
            found.extend(change);
            if budget.is_spent() {
                return false;
            }
        }
        true
    });
    found
        .sort_by_key(|(change, distance): &(Change, usize)| (change.kind != Kind::Sign, *distance));
    (
        found.into_iter().map(|(change, _)| change).collect(),
        complete,
    )
}

/// All expressions of a file.
fn places(document: &Document) -> Vec<Place> {
    let constants = (1..=document.bindings.len()).map(|number| Place::Constant { number });
    let rows = document.stages.iter().zip(1..).flat_map(|(stage, row)| {
        let node = stage.node.as_ref().map(|_| Place::Node { row });
        let entries = (1..=stage.entries.len()).map(move |entry| Place::Entry { row, entry });
        node.into_iter().chain(entries)
    });
    let weights = document.weights.iter().zip(1..).flat_map(|(weights, row)| {
        (1..=weights.entries.len()).map(move |entry| Place::Weight { row, entry })
    });
    constants.chain(rows).chain(weights).collect()
}

/// The change of one expression that makes every claim true, with the number of characters that it changes.
fn changed(
    file: &TabFile,
    place: Place,
    claims: &[Option<usize>],
    budget: &mut Budget,
) -> Option<(Change, usize)> {
    let written = place.written(file.document)?;
    let (span, from) = (written.span, file.text_at(place)?);
    let mut document = file.document.clone();
    place.written_mut(&mut document)?.value = Term::Unknown;
    let family = Family::new(&document, budget).ok()?;
    let solutions = unknown::solve(&family, claims, budget);
    let [solution] = solutions.all.as_slice() else {
        return None;
    };
    let (_, value) = solution.values.first()?;
    let value = value.written(&family.names()).replace(' ', "");
    let to = slip(file, place, &from, &value).unwrap_or(value);
    let distance = strsim::osa_distance(&from, &to);
    let is_sign = distance == 1 && from.replace('+', "-") == to.replace('+', "-");
    let kind = if is_sign { Kind::Sign } else { Kind::Value };
    let change = Change {
        kind,
        edits: vec![edit(file.text, place, span, to)],
    };
    holds(&change.apply(file.text), budget).then_some((change, distance))
}

/// The expression with one character changed that is a function with this text: what was meant, in the author's words.
fn slip(file: &TabFile, place: Place, from: &str, value: &str) -> Option<String> {
    let base = Family::new(file.document, &mut Budget::new(EFFORT)).ok()?;
    let samples: Vec<_> = poles::samples(&base).take(2).collect();
    let member = |text: &str, values: &[Number]| {
        let mut document = file.document.clone();
        let slot = place.written_mut(&mut document)?;
        *slot = Expression {
            span: slot.span,
            ..expression_in(text, Span::new(0, text.len())).ok()?
        };
        let member = Tableau::with_values(&document, Some(values)).ok()?;
        Some((member.nodes, member.matrix, member.weights))
    };
    let meant: Vec<_> = samples.iter().map(|values| member(value, values)).collect();
    let names = base.names();
    slip::variants(from, &names).into_iter().find(|text| {
        samples
            .iter()
            .zip(&meant)
            .all(|(values, meant)| meant.is_some() && member(text, values) == *meant)
    })
}
