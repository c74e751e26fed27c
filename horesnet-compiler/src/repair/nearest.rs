//! The bundled scheme that a tableau is most like, and where the two differ.

use num_traits::Zero;

use super::place::Place;
use crate::language::tableau::{Tableau, Weights};
use crate::library::{self, Bundled};
use crate::number::Number;
use crate::number::decimal::is_rounding;
use crate::number::magnitude::Magnitude;

/// Most stages that a bundled scheme may have more, if the weights compared do not need them.
const DEAD: usize = 2;

/// Most rows of weights of a bundled scheme, and of lines that have a bar without being rows.
const ROWS: usize = 6;

/// A bundled scheme that shares most of its numbers with a tableau.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// The name of the scheme.
    pub name: &'static str,
    /// Where the two differ by more than the rounding of decimals.
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
    /// The number of the file.
    pub own: String,
    /// The number of the scheme.
    pub theirs: Number,
}

/// The bundled scheme with the fewest differences, if they are few.
pub(super) fn nearest(tableau: &Tableau) -> Option<Nearest> {
    let alike = |bundled: &&Bundled| bundled.explicit || !tableau.is_explicit();
    let compared = library::explicit_and_implicit().filter(alike);
    let compared = compared.filter_map(|bundled| compare(tableau, bundled));
    let nearest = compared.min_by_key(Nearest::distance)?;
    let square = tableau.stages() * (tableau.stages() + 1);
    let numbers = if tableau.is_explicit() {
        square / 2
    } else {
        square
    };
    (5 * nearest.differences.len() <= numbers + 5).then_some(nearest)
}

fn compare(tableau: &Tableau, bundled: &'static Bundled) -> Option<Nearest> {
    let stages = tableau.stages();
    // Read and evaluated only if it can be alike: rows of stages and of weights have a bar.
    let lines = bundled.text.lines();
    let rows = lines.filter(|line| line.contains('|')).count();
    if rows <= stages || rows > stages + DEAD + ROWS {
        return None;
    }
    let document = crate::parse(bundled.text).ok()?;
    if document.stages.len() < stages || document.stages.len() > stages + DEAD {
        return None;
    }
    let scheme = Tableau::new(&document).ok()?;
    let beyond = scheme.matrix.view_range(..stages, stages..);
    if !beyond.iter().all(Zero::is_zero) {
        return None;
    }
    let mut nearest = Nearest {
        name: bundled.name,
        differences: Vec::new(),
        roundings: Vec::new(),
    };
    for row in 1..=stages {
        let before = nearest.distance();
        let entries = (1..=stages).map(|entry| Place::Entry { row, entry });
        for place in entries.chain([Place::Node { row }]) {
            let (own, theirs) = (place.value(tableau)?, place.value(&scheme)?);
            let follows = matches!(place, Place::Node { .. })
                && before != nearest.distance()
                && tableau.row_sum(row - 1) == *own;
            if !follows {
                nearest.note(place, own, theirs, tableau.rounded.as_ref());
            }
        }
    }
    for (at, own) in tableau.weights.iter().enumerate() {
        let rows = scheme.weights.iter();
        let compared = rows.filter_map(|theirs| nearest.with_weights(at + 1, own, theirs, tableau));
        nearest = compared.min_by_key(Nearest::distance)?;
    }
    Some(nearest)
}

impl Nearest {
    fn distance(&self) -> (usize, usize) {
        (self.differences.len(), self.roundings.len())
    }

    /// Notes two numbers that differ; `eps` is the stated error of the file.
    fn note(&mut self, place: Place, own: &Number, theirs: &Number, eps: Option<&Number>) {
        if own == theirs {
            return;
        }
        let is_within = |eps: &Number| {
            let apart = Magnitude::of(&(own - theirs));
            apart <= Magnitude::of(eps) * Magnitude::of(theirs) * Magnitude::from(2.0)
        };
        let noted = if eps.map_or_else(|| is_rounding(own, theirs), is_within) {
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

    /// Also compares a row of weights, unless that uses more stages than there are.
    fn with_weights(
        &self,
        row: usize,
        own: &Weights,
        theirs: &Weights,
        tableau: &Tableau,
    ) -> Option<Self> {
        let mut beyond = theirs.values.iter().skip(own.values.len());
        if !beyond.all(Zero::is_zero) {
            return None;
        }
        let mut compared = self.clone();
        for (entry, (own, theirs)) in (1..).zip(own.values.iter().zip(&theirs.values)) {
            compared.note(
                Place::Weight { row, entry },
                own,
                theirs,
                tableau.rounded.as_ref(),
            );
        }
        Some(compared)
    }
}
