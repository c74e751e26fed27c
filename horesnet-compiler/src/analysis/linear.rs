//! The linear stability of one row of weights: its stability function and what follows from it.

use std::fmt;

use nalgebra::DVector;

use super::figure::{Figure, Unknown, part};
use super::stability::Stability;
use super::{implicit, interval, phase, sector};
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::Budget;

/// The schemes for which the figures of stability hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The scheme, whose coefficients are exact.
    Exact,
    /// Every scheme of the proven order within the rounding of the file.
    WithinRounding,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::WithinRounding => "for every scheme within the rounding",
        })
    }
}

/// The linear stability of one row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearStability {
    /// The stability function.
    pub function: Figure<Stability>,
    /// The largest `r` with `|R| ≤ 1` on `[−r, 0]`.
    pub real_interval: Figure<f64>,
    /// The largest `r` with `|R| ≤ 1` on `[0, ir]`.
    pub imaginary_interval: Figure<f64>,
    /// True if `|R| ≤ 1` on the left half-plane; for implicit schemes.
    pub a_stable: Figure<bool>,
    /// True if the scheme is A-stable with `R(∞) = 0`; for implicit schemes.
    pub l_stable: Figure<bool>,
    /// The largest `α` in degrees for which the scheme is A(α)-stable: for implicit schemes.
    pub sector_angle: Figure<f64>,
    /// The order of the error in phase of `R(iy)`; `None` if there is no error.
    pub dispersion_order: Figure<Option<usize>>,
    /// The order of the error in modulus of `R(iy)`; `None` if there is no error.
    pub dissipation_order: Figure<Option<usize>>,
}

impl LinearStability {
    /// Analyses weights that have been proven to have that order.
    pub(super) fn of(
        tableau: &Tableau,
        weights: &DVector<Number>,
        order: usize,
        total: &mut Budget,
    ) -> Self {
        let function = part(total, |budget| {
            Stability::of_row(tableau, weights, order, budget)
        });
        let known = function.as_ref().map_err(|&why| why);
        let implicit = if tableau.is_explicit() {
            Err(Unknown::Explicit)
        } else {
            known
        };
        let real_interval = known.and_then(|r| part(total, |b| interval::real_within(r, b)));
        let a_stable = implicit.and_then(|r| part(total, |b| implicit::is_a_stable(r, b)));
        let l_stable = implicit.and_then(|r| {
            let is_l_stable = |b: &mut Budget| implicit::vanishes_at_infinity(r, b);
            Ok(a_stable? && part(total, is_l_stable)?)
        });
        let sector_angle = implicit.and_then(|r| {
            let (a_stable, real) = (a_stable?, real_interval?);
            part(total, |b| sector::angle(r, a_stable, real, b))
        });
        Self {
            real_interval,
            imaginary_interval: known
                .and_then(|r| part(total, |b| interval::imaginary_within(r, b))),
            a_stable,
            l_stable,
            sector_angle,
            dispersion_order: known.and_then(|r| part(total, |b| phase::dispersion_order(r, b))),
            dissipation_order: known.and_then(|r| part(total, |b| phase::dissipation_order(r, b))),
            function,
        }
    }
}
