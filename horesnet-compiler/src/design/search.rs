//! The search: a grid, then golden sections between the neighbours of its best point.
//!
//! Two parameters are searched one inside the other, which follows the ridges that maxima of absolute values and stability
//! limits have; more are searched along directions that change.

use std::cmp::Ordering;

use num_traits::One;

use super::goal::{Goal, Score};
use crate::language::family::Family;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::interval::Interval;
use crate::number::isolation::simplest;

/// Points of a grid on each side, for one, two, three and four parameters.
const GRID: [usize; 4] = [128, 32, 12, 8];

/// Golden sections for one parameter, and for each of two.
const SECTIONS: [usize; 2] = [70, 52];

/// How near a search comes to an end that does not belong to the interval, and how far it goes to infinity.
const EDGE: f64 = 1e-6;

/// Steps of the search along directions, and its least length.
const MOVES: usize = 4000;
const SHORTEST: f64 = 1e-11;

/// Distance in which a simple number may be the optimum itself.
const SNAP: f64 = 1e-8;

/// Largest loss of the simple number that is offered.
const LOSS: f64 = 0.01;

/// The member of a family that is best, as far as the search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The values of the parameters, exactly.
    pub values: Vec<Number>,
    /// The member.
    pub member: Tableau,
    /// The figure, or the product of powers.
    pub value: f64,
    /// Simple values nearby.
    pub simple: Vec<Number>,
    /// The member with these.
    pub simple_member: Tableau,
    /// Its figure.
    pub simple_value: f64,
    /// By how much it is worse, relatively.
    pub loss: f64,
    /// Parameters that are at an end which does not belong to their interval: the figure improves towards it.
    pub at_open_end: Vec<usize>,
}

/// Searches a family of this proven order for the best member; `None` if no member has the figure.
#[must_use]
pub fn design(family: &Family, order: usize, goal: &Goal) -> Option<Design> {
    let search = Search {
        family,
        order,
        goal,
    };
    let count = family.parameters.len();
    let mut best = search.on_grid()?;
    match count {
        1 => search.along(&mut best),
        2 => search.nested(&mut best),
        _ => search.moving(&mut best),
    }
    let values = search.values(&best.place);
    let (values, score) = search.snapped(values, best.score)?;
    let (simple, simple_score) = search
        .simple(&values, &score)
        .unwrap_or_else(|| (values.clone(), score.clone()));
    let at_open_end = best
        .place
        .iter()
        .zip(&family.parameters)
        .enumerate()
        .filter(|(_, (t, parameter))| {
            let Interval { low, high } = &parameter.interval;
            let is_open = |bound: &Option<crate::number::Bound>| {
                bound.as_ref().is_none_or(|bound| !bound.closed)
            };
            **t <= 2.0 * EDGE && is_open(low) || **t >= 1.0 - 2.0 * EDGE && is_open(high)
        });
    Some(Design {
        member: family.at(&values).ok()?,
        value: score.value,
        simple_member: family.at(&simple).ok()?,
        simple_value: simple_score.value,
        loss: simple_score.loss(&score),
        at_open_end: at_open_end.map(|(at, _)| at).collect(),
        values,
        simple,
    })
}

/// The figure of a member; `None` if it has none.
#[must_use]
pub fn figure(family: &Family, order: usize, goal: &Goal, values: &[Number]) -> Option<f64> {
    let search = Search {
        family,
        order,
        goal,
    };
    Some(search.score(values)?.value)
}

/// A number of an interval by its place between 0 and 1; unbounded ends are at 0 and 1.
#[must_use]
pub fn placed(interval: &Interval, t: f64) -> Option<Number> {
    let t = Number::from_f64(t)?;
    let one = Number::one();
    let rest = &one - &t;
    match (&interval.low, &interval.high) {
        (Some(low), Some(high)) => Some(&low.value + &(&(&high.value - &low.value) * &t)),
        (Some(low), None) => Some(&low.value + &t.checked_div(&rest)?),
        (None, Some(high)) => Some(&high.value - &rest.checked_div(&t)?),
        (None, None) => {
            let twice = &(&t + &t) - &one;
            twice.checked_div(&(&t * &rest))
        }
    }
}

struct Search<'a> {
    family: &'a Family,
    order: usize,
    goal: &'a Goal,
}

/// A place in the unit cube and its score.
#[derive(Clone)]
struct Found {
    place: Vec<f64>,
    score: Score,
}

impl Search<'_> {
    fn score(&self, values: &[Number]) -> Option<Score> {
        self.goal.score(&self.family.at(values).ok()?, self.order)
    }

    fn values(&self, place: &[f64]) -> Vec<Number> {
        let parameters = self.family.parameters.iter().zip(place);
        let values = parameters.map(|(parameter, t)| placed(&parameter.interval, *t));
        values
            .map(|value| value.unwrap_or_else(|| Number::from(0)))
            .collect()
    }

    fn at(&self, place: Vec<f64>) -> Option<Found> {
        let score = self.score(&self.values(&place))?;
        Some(Found { place, score })
    }

    /// The least and largest place of a parameter.
    fn ends(&self, parameter: usize) -> (f64, f64) {
        let interval = &self.family.parameters[parameter].interval;
        let closed =
            |bound: &Option<crate::number::Bound>| bound.as_ref().is_some_and(|bound| bound.closed);
        let low = if closed(&interval.low) { 0.0 } else { EDGE };
        let high = if closed(&interval.high) {
            1.0
        } else {
            1.0 - EDGE
        };
        (low, high)
    }

    fn on_grid(&self) -> Option<Found> {
        let count = self.family.parameters.len();
        let points = GRID[count - 1] + 1;
        let places = (0..points.pow(count as u32)).map(|mut number| {
            let place = (0..count).map(|parameter| {
                let (low, high) = self.ends(parameter);
                let t = (number % points) as f64 / (points - 1) as f64;
                number /= points;
                low + (high - low) * t
            });
            place.collect()
        });
        places
            .filter_map(|place| self.at(place))
            .max_by(|a, b| a.score.compare(&b.score))
    }

    /// One parameter: golden sections between the neighbours of the best point.
    fn along(&self, best: &mut Found) {
        let step = 1.0 / GRID[0] as f64;
        let ends = self.ends(0);
        let range = clamped(best.place[0], step, ends);
        let found = golden(range, SECTIONS[0], |t| self.at(vec![t]));
        improve(best, found);
    }

    /// Two parameters: the best of the second for each value of the first.
    fn nested(&self, best: &mut Found) {
        let step = 1.0 / GRID[1] as f64;
        for _ in 0..4 {
            let (first, second) = (best.place[0], best.place[1]);
            let outer = clamped(first, step, self.ends(0));
            let inner = clamped(second, step, self.ends(1));
            let found = golden(outer, SECTIONS[1], |a| {
                golden(inner, SECTIONS[1], |b| self.at(vec![a, b]))
            });
            improve(best, found);
            // An optimum at the edge of the part that was searched lies outside of it.
            let is_edge = |t: f64, (low, high): (f64, f64), (least, most): (f64, f64)| {
                let near = 1e-3 * step;
                t - low < near && low > least || high - t < near && high < most
            };
            if !is_edge(best.place[0], outer, self.ends(0))
                && !is_edge(best.place[1], inner, self.ends(1))
            {
                break;
            }
        }
    }

    /// Several parameters: steps along directions, of which the last successful ones are tried first.
    fn moving(&self, best: &mut Found) {
        let count = best.place.len();
        let mut length = 1.0 / GRID[count - 1] as f64;
        let mut directions: Vec<Vec<f64>> = (0..count)
            .map(|at| {
                (0..count)
                    .map(|other| f64::from(u8::from(at == other)))
                    .collect()
            })
            .collect();
        let mut seed = 1_u64;
        for _ in 0..MOVES {
            if length < SHORTEST {
                break;
            }
            let candidates = directions.iter().flat_map(|direction| {
                [1.0, -1.0].map(|sign| {
                    let place = best.place.iter().zip(direction).enumerate();
                    let place = place.map(|(at, (t, d))| {
                        let (low, high) = self.ends(at);
                        (t + sign * length * d).clamp(low, high)
                    });
                    place.collect::<Vec<_>>()
                })
            });
            let found = candidates
                .filter_map(|place| self.at(place))
                .max_by(|a, b| a.score.compare(&b.score));
            let before = best.clone();
            improve(best, found);
            if before.place == best.place {
                length /= 2.0;
                // Random directions find the way along a ridge (Xorshift, Marsaglia 2003).
                let random: Vec<f64> = (0..count)
                    .map(|_| {
                        seed ^= seed << 13;
                        seed ^= seed >> 7;
                        seed ^= seed << 17;
                        (seed >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
                    })
                    .collect();
                directions.truncate(3 * count);
                directions.insert(count, random);
            } else {
                let last = best
                    .place
                    .iter()
                    .zip(&before.place)
                    .map(|(a, b)| (a - b) / length);
                directions.truncate(3 * count);
                directions.insert(count, last.collect());
                length *= 1.5;
            }
        }
    }

    /// The simple numbers next to the optimum, if they are no worse.
    fn snapped(&self, values: Vec<Number>, score: Score) -> Option<(Vec<Number>, Score)> {
        let near = self.rounded(&values, SNAP);
        match self.score(&near) {
            Some(snapped) if snapped.compare(&score) != Ordering::Less => Some((near, snapped)),
            _ => Some((values, score)),
        }
    }

    /// The simplest numbers around the optimum with a small loss.
    fn simple(&self, values: &[Number], best: &Score) -> Option<(Vec<Number>, Score)> {
        let widths = [0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3, 1e-4, 1e-5, 1e-6];
        widths.into_iter().find_map(|width| {
            let near = self.rounded(values, width);
            let score = self.score(&near)?;
            (score.loss(best) <= LOSS).then_some((near, score))
        })
    }

    /// The simplest fractions within a distance, inside the intervals.
    fn rounded(&self, values: &[Number], within: f64) -> Vec<Number> {
        let parameters = self.family.parameters.iter().zip(values);
        let rounded = parameters.map(|(parameter, value)| {
            let size = value.to_f64().abs().max(1e-3);
            let Some(width) = Number::from_f64(within * size) else {
                return value.clone();
            };
            let Interval { low, high } = &parameter.interval;
            let clipped =
                |end: Number, bound: &Option<crate::number::Bound>, is_low: bool| match bound {
                    Some(bound) if is_low && (&bound.value - &end).sign().is_gt() => {
                        bound.value.clone()
                    }
                    Some(bound) if !is_low && (&end - &bound.value).sign().is_gt() => {
                        bound.value.clone()
                    }
                    _ => end,
                };
            let (a, b) = (
                clipped(value - &width, low, true),
                clipped(value + &width, high, false),
            );
            let near = simplest(&a, &b);
            if parameter.interval.contains(&near) {
                near
            } else {
                value.clone()
            }
        });
        rounded.collect()
    }
}

/// The part of a range around a place.
fn clamped(t: f64, step: f64, (low, high): (f64, f64)) -> (f64, f64) {
    ((t - step).max(low), (t + step).min(high))
}

fn improve(best: &mut Found, found: Option<Found>) {
    if let Some(found) = found
        && found.score.compare(&best.score).is_gt()
    {
        *best = found;
    }
}

/// The best place of a range, with its ends, for a function with one maximum (Kiefer 1953).
fn golden(
    (low, high): (f64, f64),
    sections: usize,
    at: impl Fn(f64) -> Option<Found>,
) -> Option<Found> {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (low, high);
    let (mut x, mut y) = (b - ratio * (b - a), a + ratio * (b - a));
    let (mut left, mut right) = (at(x)?, at(y)?);
    let (first, last) = (at(low), at(high));
    for _ in 0..sections {
        if left.score.compare(&right.score).is_ge() {
            (b, y, right) = (y, x, left);
            x = b - ratio * (b - a);
            left = at(x)?;
        } else {
            (a, x, left) = (x, y, right);
            y = a + ratio * (b - a);
            right = at(y)?;
        }
    }
    let all = [Some(left), Some(right), first, last].into_iter().flatten();
    all.max_by(|a, b| a.score.compare(&b.score))
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;

    #[test]
    fn places_reach_over_bounded_and_unbounded_intervals() {
        let text = |interval: &Interval, t| placed(interval, t).unwrap().to_string();
        let half = Number::dyadic(BigInt::one(), -1);
        let bound = |value: Number| {
            Some(crate::number::Bound {
                value,
                closed: true,
            })
        };
        let interval = Interval {
            low: bound(half.clone()),
            high: bound(Number::from(2)),
        };
        assert_eq!(
            (text(&interval, 0.0), text(&interval, 1.0)),
            ("1/2".to_owned(), "2".to_owned())
        );
        let interval = Interval {
            low: bound(half),
            high: None,
        };
        assert_eq!(
            (text(&interval, 0.0), text(&interval, 0.5)),
            ("1/2".to_owned(), "3/2".to_owned())
        );
        assert_eq!(text(&Interval::default(), 0.5), "0");
    }
}
