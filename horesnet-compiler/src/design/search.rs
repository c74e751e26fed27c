//! The search: a grid, then golden sections between the neighbours of its best point.
//!
//! Two parameters are searched one inside the other, which follows the ridges that maxima of absolute values and stability
//! limits have; more are searched along directions that change.

use std::cmp::Ordering;

use super::errors::Errors;
use super::goal::{Figure, Goal};
use super::section::{clamped, golden, placed};
use crate::language::family::Family;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::double_double::DoubleDouble;
use crate::number::interval::{Bound, Interval};
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

/// Places that are shortened are multiples of its inverse.
const SHORT: f64 = (1_u64 << 40) as f64;

/// Distance in which a simple number may be the optimum itself.
const SNAP: f64 = 1e-9;

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

/// A family that is searched for the best member.
pub struct Search<'a> {
    family: &'a Family,
    order: usize,
    goal: &'a Goal,
    /// The error coefficients of all members, if the goal is made of them alone.
    errors: Option<Errors>,
}

/// How good a member is: the more the better.
#[derive(Clone, Copy)]
struct Score(DoubleDouble);

/// A place in the unit cube and its score.
#[derive(Clone)]
struct Found {
    place: Vec<f64>,
    score: Score,
}

impl<'a> Search<'a> {
    /// Prepares to search a family of this proven order.
    #[must_use]
    pub fn new(family: &'a Family, order: usize, goal: &'a Goal) -> Self {
        let figure = goal.figure();
        Self {
            errors: figure.and_then(|figure| Errors::of(family, order, figure)),
            family,
            order,
            goal,
        }
    }

    /// Searches for the best member; `None` if no member has the figure.
    #[must_use]
    pub fn best(&self) -> Option<Design> {
        let mut best = self.on_grid()?;
        match self.family.parameters.len() {
            1 => self.along(&mut best),
            2 => self.nested(&mut best),
            _ => self.moving(&mut best),
        }
        let values = self.snapped(self.values(&best.place), best.score);
        let member = self.family.at(&values).ok()?;
        let value = self.goal.value(&member, self.order)?;
        let loss = |other: f64| (other - value).abs() / value.abs().max(f64::MIN_POSITIVE);
        let (simple, simple_value) = self
            .simple(&values, loss)
            .unwrap_or_else(|| (values.clone(), value));
        Some(Design {
            simple_member: self.family.at(&simple).ok()?,
            loss: loss(simple_value),
            at_open_end: self.at_open_end(&best.place),
            values,
            member,
            value,
            simple,
            simple_value,
        })
    }

    /// Approximates the figure for these values of the parameters; `None` if there is none.
    #[must_use]
    pub fn figure(&self, values: &[Number]) -> Option<f64> {
        match &self.errors {
            Some(errors) if self.goal.figure() == Some(Figure::Error) => {
                Some(errors.at(values).to_f64().sqrt())
            }
            Some(errors) => Some(errors.at(values).to_f64()),
            None => self.goal.value(&self.family.at(values).ok()?, self.order),
        }
        .filter(|value| value.is_finite())
    }

    fn score(&self, values: &[Number]) -> Option<Score> {
        if let Some(errors) = &self.errors {
            let size = errors.at(values);
            return size
                .to_f64()
                .is_finite()
                .then(|| Score(DoubleDouble::default() - size));
        }
        let value = self.goal.value(&self.family.at(values).ok()?, self.order)?;
        let value = if self.goal.is_minimised() {
            -value
        } else {
            value
        };
        Some(Score(DoubleDouble::from(value)))
    }

    fn at_open_end(&self, place: &[f64]) -> Vec<usize> {
        let is_open = |bound: &Option<Bound>| bound.as_ref().is_none_or(|bound| !bound.closed);
        let parameters = self.family.parameters.iter().zip(place).enumerate();
        let open = parameters.filter(|(_, (parameter, t))| {
            let Interval { low, high } = &parameter.interval;
            **t <= 2.0 * EDGE && is_open(low) || **t >= 1.0 - 2.0 * EDGE && is_open(high)
        });
        open.map(|(at, _)| at).collect()
    }

    fn values(&self, place: &[f64]) -> Vec<Number> {
        let parameters = self.family.parameters.iter().zip(place);
        // Exact figures of short numbers are found faster.
        let shortened = |t: f64| {
            if self.errors.is_some() {
                t
            } else {
                (t * SHORT).round() / SHORT
            }
        };
        let values = parameters.map(|(parameter, t)| placed(&parameter.interval, shortened(*t)));
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
        let closed = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.closed);
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
            .max_by(Found::compare)
    }

    /// One parameter: golden sections between the neighbours of the best point.
    fn along(&self, best: &mut Found) {
        let step = 1.0 / GRID[0] as f64;
        let ends = self.ends(0);
        let range = clamped(best.place[0], step, ends);
        let found = golden(range, SECTIONS[0], |t| self.at(vec![t]), Found::compare);
        improve(best, found);
    }

    /// Two parameters: the best of the second for each value of the first.
    fn nested(&self, best: &mut Found) {
        let step = 1.0 / GRID[1] as f64;
        for _ in 0..4 {
            let (first, second) = (best.place[0], best.place[1]);
            let outer = clamped(first, step, self.ends(0));
            let inner = clamped(second, step, self.ends(1));
            let best_of = |a: f64| {
                let at = |b: f64| self.at(vec![a, b]);
                golden(inner, SECTIONS[1], at, Found::compare)
            };
            let found = golden(outer, SECTIONS[1], best_of, Found::compare);
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
                .max_by(Found::compare);
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

    /// The simple numbers next to the optimum, one parameter after the other, where they are no worse.
    fn snapped(&self, mut values: Vec<Number>, mut score: Score) -> Vec<Number> {
        for at in 0..values.len() {
            let mut near = values.clone();
            near[at] = self.rounded(&values, SNAP)[at].clone();
            if let Some(snapped) = self.score(&near)
                && snapped.compare(&score).is_ge()
            {
                (values, score) = (near, snapped);
            }
        }
        values
    }

    /// The simplest numbers around the optimum with a small loss, and their figure.
    fn simple(&self, values: &[Number], loss: impl Fn(f64) -> f64) -> Option<(Vec<Number>, f64)> {
        let widths = [0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3, 1e-4, 1e-5, 1e-6];
        widths.into_iter().find_map(|width| {
            let near = self.rounded(values, width);
            let value = self.goal.value(&self.family.at(&near).ok()?, self.order)?;
            (loss(value) <= LOSS).then_some((near, value))
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
            let clipped = |end: Number, bound: &Option<Bound>, is_low: bool| match bound {
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

impl Score {
    fn compare(&self, other: &Self) -> Ordering {
        self.0.compare(other.0)
    }
}

impl Found {
    fn compare(&self, other: &Self) -> Ordering {
        self.score.compare(&other.score)
    }
}

fn improve(best: &mut Found, found: Option<Found>) {
    if let Some(found) = found
        && found.score.compare(&best.score).is_gt()
    {
        *best = found;
    }
}
