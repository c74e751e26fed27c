//! The sign of a polynomial in several variables on a box, decided exactly.
//!
//! With `s = (x − l)/(h − x)` for each variable, the box becomes the positive orthant. A polynomial whose coefficients
//! there have one sign has that sign inside the box; it has it on a face that belongs to the box if some term remains
//! there (the coefficients are those of Bernstein's form, Lane and Riesenfeld, BIT 21 (1981) 112–117). Otherwise the box
//! is divided.

use std::cmp::Ordering;
use std::collections::VecDeque;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::number::Number;
use crate::number::budget::{Budget, TooLarge, operation};
use crate::number::interval::{Bound, Interval};
use crate::number::isolation::{RealRoot, real_roots};
use crate::number::multivariate::{Exponents, Multivariate, VARIABLES};
use crate::number::polynomial::Polynomial;

/// Most boxes that are looked at.
const BOXES: usize = 4000;

/// What is known of the zeros of a polynomial on a box.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Zeros {
    /// There is none.
    None,
    /// There is one at this point.
    At(Vec<RealRoot>),
    /// The work allowed did not decide it.
    Unknown,
}

/// Searches a box for a zero of a polynomial that is not constant.
pub(crate) fn zeros(
    p: &Multivariate,
    intervals: &[Interval],
    budget: &mut Budget,
) -> Result<Zeros, TooLarge> {
    if let Some((variable, univariate)) = p.as_univariate() {
        let interval = intervals.get(variable).ok_or(TooLarge)?;
        let roots = real_roots(&univariate, interval, budget)?;
        let Some(root) = roots.into_iter().next() else {
            return Ok(Zeros::None);
        };
        let mut point: Vec<_> = intervals
            .iter()
            .map(|interval| RealRoot::Exact(inside(interval)))
            .collect();
        point[variable] = root;
        return Ok(Zeros::At(point));
    }
    let variables: Vec<_> = p.variables();
    let mut open = VecDeque::from([(intervals.to_vec(), 0)]);
    let (mut positive, mut negative): (Option<Vec<Number>>, Option<Vec<Number>>) = (None, None);
    let mut looked = 0;
    while let Some((part, depth)) = open.pop_front() {
        looked += 1;
        if looked > BOXES {
            return Ok(Zeros::Unknown);
        }
        let sample: Vec<_> = part.iter().map(inside).collect();
        budget.spend(
            p.terms()
                .map(|(_, c)| 10.0 * operation([c, &sample[variables[0]]]))
                .sum(),
        )?;
        match p.value(&sample).sign() {
            Ordering::Equal => {
                let point = sample.into_iter().map(RealRoot::Exact);
                return Ok(Zeros::At(point.collect()));
            }
            Ordering::Greater => positive = positive.or(Some(sample)),
            Ordering::Less => negative = negative.or(Some(sample)),
        }
        if let (Some(above), Some(below)) = (&positive, &negative) {
            return between(p, above, below, budget);
        }
        if has_one_sign(p, &part, &variables, budget)? {
            continue;
        }
        // Breadth first, so that a change of sign is found early.
        let variable = variables[depth % variables.len()];
        open.extend(halves(part, variable).map(|part| (part, depth + 1)));
    }
    Ok(Zeros::None)
}

/// Returns true if these polynomials surely have no common zero in a box.
pub(crate) fn have_no_common_zero(
    all: &[Multivariate],
    intervals: &[Interval],
    budget: &mut Budget,
) -> Result<bool, TooLarge> {
    let mut open = VecDeque::from([(intervals.to_vec(), 0)]);
    let mut looked = 0;
    'boxes: while let Some((part, depth)) = open.pop_front() {
        looked += 1;
        if looked > BOXES {
            return Ok(false);
        }
        for p in all {
            if has_one_sign(p, &part, &p.variables(), budget)? {
                continue 'boxes;
            }
        }
        open.extend(halves(part, depth % intervals.len()).map(|part| (part, depth + 1)));
    }
    Ok(true)
}

/// The two halves of a box in one variable.
fn halves(part: Vec<Interval>, variable: usize) -> [Vec<Interval>; 2] {
    let middle = inside(&part[variable]);
    let end = |closed| {
        let value = middle.clone();
        Some(Bound { value, closed })
    };
    let (mut lower, mut upper) = (part.clone(), part);
    lower[variable].high = end(true);
    upper[variable].low = end(false);
    [lower, upper]
}

/// A point inside an interval: its middle, or one away from its only end.
pub(crate) fn inside(interval: &Interval) -> Number {
    let one = Number::one();
    match (&interval.low, &interval.high) {
        (None, None) => Number::zero(),
        (Some(low), None) => {
            // Doubling reaches far ends of unbounded intervals.
            let size = low.value.clone().abs();
            &low.value + &(&size + &one)
        }
        (None, Some(high)) => {
            let size = high.value.clone().abs();
            &high.value - &(&size + &one)
        }
        (Some(low), Some(high)) => &(&low.value + &high.value) * &Number::dyadic(BigInt::one(), -1),
    }
}

/// A zero on the line between points of different signs.
fn between(
    p: &Multivariate,
    above: &[Number],
    below: &[Number],
    budget: &mut Budget,
) -> Result<Zeros, TooLarge> {
    let line = above.iter().zip(below).map(|(a, b)| vec![a.clone(), b - a]);
    let line: Vec<Polynomial> = line.collect();
    let mut along = Multivariate::default();
    for (exponents, c) in p.terms() {
        let mut term = Multivariate::constant(c.clone());
        for (x, power) in line.iter().zip(exponents) {
            let x = Multivariate::of_univariate(x, 0);
            term = term.times(&x.power((*power).into(), budget)?, budget)?;
        }
        along = along.plus(&term, budget)?;
    }
    let unit = Interval {
        low: Some(Bound {
            value: Number::zero(),
            closed: false,
        }),
        high: Some(Bound {
            value: Number::one(),
            closed: false,
        }),
    };
    let Some((_, univariate)) = along.as_univariate() else {
        return Err(TooLarge);
    };
    let roots = real_roots(&univariate, &unit, budget)?;
    let root = roots.first().ok_or(TooLarge)?;
    let place = |t: &Number, [a, b]: [&Number; 2]| &(a * &(&Number::one() - t)) + &(b * t);
    let pairs = above.iter().zip(below);
    let point = pairs.map(|(a, b)| match root {
        RealRoot::Exact(t) => RealRoot::Exact(place(t, [a, b])),
        RealRoot::Between(low, high) if a != b => {
            RealRoot::Between(place(low, [a, b]), place(high, [a, b]))
        }
        RealRoot::Between(..) => RealRoot::Exact(a.clone()),
    });
    Ok(Zeros::At(point.collect()))
}

/// Returns true if the polynomial surely has one sign on the box and no zero.
fn has_one_sign(
    p: &Multivariate,
    part: &[Interval],
    variables: &[usize],
    budget: &mut Budget,
) -> Result<bool, TooLarge> {
    let mut mapped = p.clone();
    let mut degrees = [0; VARIABLES];
    for &variable in variables {
        degrees[variable] = p.degree(variable) as u8;
        let degree = p.degree(variable);
        let next = orthant(&mapped, variable, degree, &part[variable], budget)?;
        let Some(next) = next else {
            return Ok(false);
        };
        mapped = next;
    }
    let mut signs = mapped.terms().map(|(_, c)| c.sign());
    let first = signs.next();
    if !signs.all(|sign| Some(sign) == first) {
        return Ok(false);
    }
    // The faces that belong to the box: the lower or the upper end of some variables.
    let mut faces = vec![Vec::new()];
    for &variable in variables {
        let closed = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.closed);
        let low = closed(&part[variable].low).then_some(0);
        let high = closed(&part[variable].high).then_some(degrees[variable]);
        let longer: Vec<Vec<(usize, u8)>> = { faces.iter() }
            .flat_map(|face: &Vec<(usize, u8)>| {
                let fixed = low.into_iter().chain(high);
                fixed.map(move |power| face.iter().copied().chain([(variable, power)]).collect())
            })
            .collect();
        faces.extend(longer);
    }
    let remains = |face: &Vec<(usize, u8)>| {
        let on = |exponents: &Exponents| {
            face.iter()
                .all(|(variable, power)| exponents[*variable] == *power)
        };
        mapped.terms().any(|(exponents, _)| on(exponents))
    };
    Ok(faces.iter().all(remains))
}

/// The polynomial in `s` with `x = (l + h·s)/(1 + s)`, times `(1 + s)^degree`; `x = l + s` if there is no upper end.
/// `None` of the whole line, which is no orthant and is divided first.
fn orthant(
    p: &Multivariate,
    variable: usize,
    degree: usize,
    interval: &Interval,
    budget: &mut Budget,
) -> Result<Option<Multivariate>, TooLarge> {
    let (one, zero) = (Number::one(), Number::zero());
    let (above, below) = match (&interval.low, &interval.high) {
        (Some(low), Some(high)) => ([low.value.clone(), high.value.clone()], [one.clone(), one]),
        (Some(low), None) => ([low.value.clone(), one.clone()], [one, zero]),
        (None, Some(high)) => ([-one.clone(), high.value.clone()], [zero, one]),
        (None, None) => return Ok(None),
    };
    let [above, below] = [above, below].map(|p| Multivariate::of_univariate(&p, variable));
    let mut sum = Multivariate::default();
    for (power, c) in p.coefficients(variable).iter().enumerate() {
        let product = above.power(power as u32, budget)?;
        let rest = below.power((degree - power) as u32, budget)?;
        sum = sum.plus(&c.times(&product.times(&rest, budget)?, budget)?, budget)?;
    }
    Ok(Some(sum))
}
