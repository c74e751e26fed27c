//! Poles of a family inside the intervals of its parameters, which are refused.

use super::sign::{Zeros, inside, zeros};
use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::family::{Divisor, Family};
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::interval::{Bound, Interval};
use crate::number::isolation::RealRoot;

/// Steps to search one divisor for zeros.
const EFFORT: f64 = 1e8;

/// Refuses poles inside the intervals. Returns warnings about divisors whose zeros were not decided.
pub(crate) fn check(family: &Family, budget: &mut Budget) -> Result<Diagnostics, Diagnostics> {
    let intervals = intervals(family);
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for divisor in &family.divisors {
        let zeros = budget.attempt(EFFORT, |budget| {
            zeros(&divisor.polynomial, &intervals, budget)
        });
        match zeros {
            Ok(Zeros::None) => {}
            Ok(Zeros::At(point)) => problems.push(pole(family, divisor, &point)),
            Ok(Zeros::Unknown) | Err(TooLarge) => warnings.push(undecided(family, divisor)),
        }
    }
    if problems.is_empty() {
        Ok(warnings)
    } else {
        Err(problems)
    }
}

/// The intervals of the parameters.
pub(crate) fn intervals(family: &Family) -> Vec<Interval> {
    let parameters = family.parameters.iter();
    parameters
        .map(|parameter| parameter.interval.clone())
        .collect()
}

fn pole(family: &Family, divisor: &Divisor, point: &[RealRoot]) -> Diagnostic {
    let used = divisor.polynomial.variables();
    let pairs = family.parameters.iter().zip(point).enumerate();
    let pairs = pairs.filter(|(at, _)| used.contains(at));
    let pairs: Vec<_> = pairs
        .map(|(_, (parameter, value))| format!("{} = {value}", parameter.name))
        .collect();
    let headline = format!("{} makes {} infinite", pairs.join(", "), divisor.place);
    let names = family.names();
    let note = format!(
        "it divides by a multiple of {}",
        divisor.polynomial.written(&names)
    );
    let one = match (used.as_slice(), point) {
        ([at], point) => family.parameters.get(*at).zip(point.get(*at)),
        _ => None,
    };
    let help = one.map_or_else(
        || "choose intervals in which it has no zero".to_owned(),
        |(parameter, value)| {
            let parts = without(&parameter.interval, &parameter.default, value);
            parts.map_or_else(
                || "exclude the value from the interval".to_owned(),
                |part| format!("exclude the value: `in {part}` contains the default"),
            )
        },
    );
    Diagnostic::at(divisor.span, headline).note(note).help(help)
}

/// The part of an interval on the default's side of a value.
fn without(interval: &Interval, default: &Number, value: &RealRoot) -> Option<Interval> {
    let value = value.exact()?.clone();
    let sign = (default - &value).sign();
    let end = |value| {
        Some(Bound {
            value,
            closed: false,
        })
    };
    let mut part = interval.clone();
    match sign {
        std::cmp::Ordering::Greater => part.low = end(value),
        std::cmp::Ordering::Less => part.high = end(value),
        std::cmp::Ordering::Equal => return None,
    }
    Some(part)
}

fn undecided(family: &Family, divisor: &Divisor) -> Diagnostic {
    let shown = divisor.polynomial.written(&family.names());
    let headline = format!(
        "it is not decided if {} is infinite for some values",
        divisor.place
    );
    let note = format!(
        "it divides by a multiple of {shown}, whose sign on all the intervals would take too long to find"
    );
    let help = "members at which it is zero are refused; smaller intervals may decide it";
    Diagnostic::at(divisor.span, headline)
        .note(note)
        .help(help)
        .warning()
}

/// Points inside the intervals, as many as wanted, none with a special value by design.
pub(crate) fn samples(family: &Family) -> impl Iterator<Item = Vec<Number>> + '_ {
    (0_u32..64).map(|seed| {
        let parameters = family.parameters.iter().zip(1_u32..);
        let values = parameters.map(|(parameter, number)| {
            // A number between 0 and 1 with an unusual denominator.
            let numerator = (seed + 1) * (2 * number + 1) * 37 % 1009;
            let t = Number::ratio(numerator.max(1), 1009).unwrap_or_else(|| Number::from(0));
            let centre = inside(&parameter.interval);
            let part = match (&parameter.interval.low, &parameter.interval.high) {
                (Some(low), Some(high)) => [low.value.clone(), high.value.clone()],
                (Some(low), None) => [low.value.clone(), centre],
                (None, Some(high)) => [centre, high.value.clone()],
                (None, None) => [Number::from(-2), Number::from(3)],
            };
            let [low, high] = part;
            &low + &(&(&high - &low) * &t)
        });
        values.collect()
    })
}
