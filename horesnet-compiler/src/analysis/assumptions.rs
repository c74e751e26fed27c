//! Butcher's simplifying assumptions and the stage order (Hairer, Wanner 1996, §IV.5).
//!
//! `B(p)`: `Σ b_i c_i^(k−1) = 1/k`; `C(q)`: `Σ_j a_ij c_j^(k−1) = c_i^k/k`; `D(r)`:
//! `Σ_i b_i c_i^(k−1) a_ij = b_j(1 − c_j^k)/k`; each for all `k` up to its argument.

use nalgebra::DVector;
use num_traits::{One, Zero};

use super::effort::{Effort, Figure, reduction, words};
use super::scaled::{Integers, Scaled};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// The largest arguments for which the assumptions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// The order of the quadrature that nodes and weights make.
    pub b: usize,
    /// The order of the quadratures inside all stages; `None` if they are exact, as where all nodes are zero.
    pub c: Option<usize>,
    /// The argument of `D`; `None` if it holds for all, as where no node but 1 has a weight.
    pub d: Option<usize>,
}

impl Assumptions {
    /// For the propagated weights and the nodes of the file; rounded coefficients hold within their errors.
    pub fn of(tableau: &Tableau) -> Figure<Self> {
        let effort = &mut Effort::new();
        let zero = DVector::zeros(tableau.stages());
        let weights = tableau.weights.first().map_or(&zero, |row| &row.values);
        let mut powers = Powers::new(tableau, weights, effort)?;
        let mut fails = [None; 3];
        // Applied to the integral of Π(x − c_i)², of degree 2s + 1, each becomes trivial or false.
        let most = 2 * tableau.stages() + 1;
        for k in 1..=most {
            for (at, holds) in [Powers::b, Powers::c, Powers::d].into_iter().enumerate() {
                if fails[at].is_none() && !holds(&powers, k, effort)? {
                    fails[at] = Some(k);
                }
            }
            if fails.iter().all(Option::is_some) {
                break;
            }
            powers.raise(effort)?;
        }
        let [b, c, d] = fails.map(|fails| fails.map(|k| k - 1));
        let b = b.unwrap_or(most);
        Ok(Self { b, c, d })
    }

    /// The largest `q` for which `B(q)` and `C(q)` hold.
    #[must_use]
    pub fn stage_order(&self) -> usize {
        self.c.map_or(self.b, |c| c.min(self.b))
    }
}

/// Everything over common denominators: `A = N/M`, `b = β/L`, `c = γ/K`, and the powers `γ^(k−1)` and `K^(k−1)`.
struct Powers {
    n: Scaled,
    b: Integers,
    c: Integers,
    power: DVector<Number>,
    scale: Number,
    eps: Option<f64>,
}

impl Powers {
    fn new(tableau: &Tableau, weights: &DVector<Number>, effort: &mut Effort) -> Figure<Self> {
        Ok(Self {
            n: Scaled::of(&tableau.matrix, effort)?,
            b: Integers::of(weights.iter(), effort)?,
            c: Integers::of(tableau.nodes.iter(), effort)?,
            power: DVector::from_element(tableau.stages(), Number::one()),
            scale: Number::one(),
            eps: tableau.rounded.as_ref().map(Number::to_f64),
        })
    }

    fn raise(&mut self, effort: &mut Effort) -> Figure<()> {
        let length = words(self.power.iter()) * words(&self.c.values);
        effort.spend(self.power.len() as f64 * (20.0 + length))?;
        for (power, c) in self.power.iter_mut().zip(&self.c.values) {
            *power = &*power * c;
        }
        self.scale = &self.scale * &self.c.denominator;
        Ok(())
    }

    /// `k·Σ β γ^(k−1) = L·K^(k−1)`.
    fn b(&self, k: usize, effort: &mut Effort) -> Figure<bool> {
        let terms: Vec<_> = self
            .b
            .values
            .iter()
            .zip(self.power.iter())
            .map(|(b, c)| b * c)
            .collect();
        self.vanishes(k, &terms, &(&self.b.denominator * &self.scale), effort)
    }

    /// `k·K·Σ N_ij γ_j^(k−1) = M·γ_i^k` for all stages.
    fn c(&self, k: usize, effort: &mut Effort) -> Figure<bool> {
        for (i, row) in self.n.matrix.row_iter().enumerate() {
            let terms = row.iter().zip(self.power.iter());
            let terms: Vec<_> = { terms }
                .map(|(n, c)| &(n * c) * &self.c.denominator)
                .collect();
            let right = &(&self.power[i] * &self.c.values[i]) * &self.n.denominator;
            if !self.vanishes(k, &terms, &right, effort)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `k·K·Σ β_i γ_i^(k−1) N_ij + M·β_j·γ_j^k = M·β_j·K^k` for all stages.
    fn d(&self, k: usize, effort: &mut Effort) -> Figure<bool> {
        let weighted: Vec<_> = self
            .b
            .values
            .iter()
            .zip(self.power.iter())
            .map(|(b, c)| b * c)
            .collect();
        for (j, column) in self.n.matrix.column_iter().enumerate() {
            let terms = weighted.iter().zip(column.iter());
            let mut terms: Vec<_> = { terms }
                .map(|(w, n)| &(w * n) * &self.c.denominator)
                .collect();
            let weight = &self.b.values[j] * &self.n.denominator;
            let inverse_k = Number::ratio(1, k as i64).unwrap_or_else(Number::one);
            terms.push(&(&(&weight * &self.power[j]) * &self.c.values[j]) * &inverse_k);
            let right = &weight * &(&self.scale * &self.c.denominator);
            if !self.vanishes(k, &terms, &right, effort)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether `k·Σ terms = right`: exactly, or within what relative errors of the coefficients can do.
    fn vanishes(
        &self,
        k: usize,
        terms: &[Number],
        right: &Number,
        effort: &mut Effort,
    ) -> Figure<bool> {
        let length = words(terms) + words([right]);
        effort.spend(terms.len() as f64 * (40.0 + 4.0 * length))?;
        let k_terms = Number::from(k as i64);
        let total = terms.iter().fold(Number::zero(), |sum, term| &sum + term);
        let residual = &(&total * &k_terms) - right;
        let Some(eps) = self.eps.filter(|_| !residual.is_zero()) else {
            return Ok(residual.is_zero());
        };
        // As a ratio: the integers themselves are beyond floating point.
        let sizes = terms.iter().map(|term| absolute(&(term * &k_terms)));
        let magnitude = sizes.fold(absolute(right), |sum, size| &sum + &size);
        effort.spend(reduction(length))?;
        let ratio = residual.checked_div(&magnitude);
        Ok(ratio.is_some_and(|ratio| ratio.to_f64().abs() <= (k + 1) as f64 * eps))
    }
}

fn absolute(number: &Number) -> Number {
    if number.sign().is_lt() {
        -number.clone()
    } else {
        number.clone()
    }
}
