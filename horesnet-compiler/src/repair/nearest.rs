//! The bundled scheme that a tableau is most like, and where the two differ.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::unknown::Place;
use crate::language::tableau::{Tableau, Weights};
use crate::library;
use crate::library::Bundled;
use crate::number::Number;

/// A bundled scheme that shares most of its numbers with a tableau.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// By which the scheme is called.
    pub name: &'static str,
    /// Where the two differ by more than the rounding of decimals, and what the scheme has there.
    ///
    /// A node that is the sum of its row is not mentioned beside the entries of the row.
    pub differences: Vec<Difference>,
    /// Decimals that are numbers of the scheme rounded.
    pub roundings: Vec<Difference>,
}

/// A place in which a tableau and a bundled scheme differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The place.
    pub place: Place,
    /// What the file has there.
    pub own: String,
    /// What the scheme has there.
    pub theirs: Number,
}

/// The bundled scheme with the fewest differences, if they are few.
pub(super) fn nearest(tableau: &Tableau) -> Option<Nearest> {
    let compared = library::all()
        .iter()
        .filter_map(|bundled| compare(tableau, bundled));
    let nearest =
        compared.min_by_key(|nearest| (nearest.differences.len(), nearest.roundings.len()))?;
    let stages = tableau.stages();
    let numbers = if tableau.is_explicit() {
        stages * (stages + 1) / 2
    } else {
        stages * (stages + 1)
    };
    (5 * nearest.differences.len() <= numbers + 5).then_some(nearest)
}

fn compare(tableau: &Tableau, bundled: &'static Bundled) -> Option<Nearest> {
    let stages = tableau.stages();
    // Read and evaluated only if it can be alike: rows of stages and of weights have a bar.
    let rows = bundled
        .text
        .lines()
        .filter(|line| line.contains('|'))
        .count();
    if rows <= stages || rows > stages + DEAD + ROWS {
        return None;
    }
    let document = crate::parse(bundled.text).ok()?;
    if document.stages.len() < stages || document.stages.len() > stages + DEAD {
        return None;
    }
    let scheme = Tableau::new(&document).ok()?;
    let mut nearest = Nearest {
        name: bundled.name,
        differences: Vec::new(),
        roundings: Vec::new(),
    };
    for row in 0..stages {
        let own = nearest.count();
        for column in 0..scheme.stages() {
            let theirs = &scheme.matrix[(row, column)];
            if column >= stages {
                if !theirs.is_zero() {
                    return None;
                }
                continue;
            }
            let place = Place::Entry {
                row: row + 1,
                entry: column + 1,
            };
            nearest.note(place, &tableau.matrix[(row, column)], theirs);
        }
        let sum = tableau.row_sum(row);
        if own == nearest.count() || sum != tableau.nodes[row] {
            nearest.note(
                Place::Node { row: row + 1 },
                &tableau.nodes[row],
                &scheme.nodes[row],
            );
        }
    }
    for (row, weights) in tableau.weights.iter().enumerate() {
        let compared = scheme
            .weights
            .iter()
            .filter_map(|theirs| nearest.with_weights(row, weights, theirs));
        nearest =
            compared.min_by_key(|nearest| (nearest.differences.len(), nearest.roundings.len()))?;
    }
    Some(nearest)
}

/// Most stages by which a scheme may be longer, if the weights compared do not need them.
const DEAD: usize = 2;

/// Most rows of weights of a bundled scheme, and of lines that have a bar without being rows.
const ROWS: usize = 6;

impl Nearest {
    fn count(&self) -> usize {
        self.differences.len() + self.roundings.len()
    }

    fn note(&mut self, place: Place, own: &Number, theirs: &Number) {
        if own == theirs {
            return;
        }
        let noted = if is_rounding(own, theirs) {
            &mut self.roundings
        } else {
            &mut self.differences
        };
        noted.push(Difference {
            place,
            own: own.brief(),
            theirs: theirs.clone(),
        });
    }

    /// The same with a row of weights compared, unless that uses more stages than there are.
    fn with_weights(&self, row: usize, own: &Weights, theirs: &Weights) -> Option<Self> {
        let mut compared = self.clone();
        for (column, weight) in theirs.values.iter().enumerate() {
            match own.values.get(column) {
                Some(own) => compared.note(
                    Place::Weight {
                        row: row + 1,
                        entry: column + 1,
                    },
                    own,
                    weight,
                ),
                None if weight.is_zero() => {}
                None => return None,
            }
        }
        Some(compared)
    }
}

/// Whether `decimal` is one, and as near to `number` as its last digit says.
pub(super) fn is_rounding(decimal: &Number, number: &Number) -> bool {
    tolerance(decimal).is_some_and(|tolerance| (decimal - number).to_f64().abs() <= tolerance)
}

/// As many digits after the point are those of a rounded number.
const MANY: usize = 6;

/// How far a decimal may be from what it rounds.
pub(super) fn tolerance(decimal: &Number) -> Option<f64> {
    let (digits, value) = (decimal_digits(decimal)?, decimal.to_f64().abs());
    // A digit may have been cut off, not rounded, and the last ones of a long decimal are those of an older
    // calculation; but `0.5` is not all numbers that round to it. Many digits are, however small the number.
    let unit = f64::powi(10.0, -(digits as i32));
    let most = if digits < MANY { 1e-3 * value } else { unit };
    Some(f64::max(1.01 * unit, 1e-8 * value).min(1.01 * f64::max(most, 1e-8 * value)))
}

/// How many digits after the point the number has, if it is a decimal.
pub(super) fn decimal_digits(number: &Number) -> Option<usize> {
    const MOST: usize = 400;
    if !number.is_rational() {
        return None;
    }
    // A power of ten is one of two and one of five.
    let twos = number.denominator().trailing_zeros().unwrap_or(0);
    let (mut rest, five) = (number.denominator() >> twos, BigInt::from(5));
    let mut digits = usize::try_from(twos).ok()?;
    let mut fives = 0;
    while !rest.is_one() {
        let (quotient, remainder) = rest.div_rem(&five);
        if !remainder.is_zero() || fives == MOST {
            return None;
        }
        (rest, fives) = (quotient, fives + 1);
    }
    digits = digits.max(fives);
    (digits <= MOST).then_some(digits)
}
