//! Butcher's simplifying assumptions and the stage order (Hairer, Wanner 1996, §IV.5).
//!
//! `B(p)`: `Σ b_i c_i^(k−1) = 1/k`; `C(q)`: `Σ_j a_ij c_j^(k−1) = c_i^k/k`; `D(r)`:
//! `Σ_i b_i c_i^(k−1) a_ij = b_j(1 − c_j^k)/k`; each for all `k` up to its argument.

use nalgebra::DVector;
use num_traits::{One, Zero};

use super::figure::Figure;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, WORD, conversion, words};
use crate::number::fixed;
use crate::number::magnitude::Magnitude;
use crate::number::scaled::{BITS, Integers, Scaled};

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
    /// Tests the propagated weights and the nodes of the file; rounded coefficients hold within their errors.
    pub(super) fn of(tableau: &Tableau, budget: &mut Budget) -> Figure<Self> {
        let zero = DVector::zeros(tableau.stages());
        let weights = tableau.weights.first().map_or(&zero, |row| &row.values);
        let mut powers = Powers {
            n: Scaled::of(&tableau.matrix, budget)?,
            b: Integers::of(weights.iter(), BITS, budget)?,
            c: Integers::of(tableau.nodes.iter(), BITS, budget)?,
            power: vec![Number::one(); tableau.stages()],
            scale: Number::one(),
            eps: tableau.rounded.as_ref().map(Magnitude::of),
        };
        let mut fails = [None; 3];
        // Applied to the integral of Π(x − c_i)², of degree 2s + 1, each becomes trivial or false.
        let most = 2 * tableau.stages() + 1;
        for k in 1..=most {
            for (assumption, fails) in ['B', 'C', 'D'].into_iter().zip(&mut fails) {
                if fails.is_none() && !powers.hold(assumption, k, budget)? {
                    *fails = Some(k);
                }
            }
            if fails.iter().all(Option::is_some) {
                break;
            }
            powers.raise(budget)?;
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
    power: Vec<Number>,
    scale: Number,
    eps: Option<Magnitude>,
}

impl Powers {
    fn raise(&mut self, budget: &mut Budget) -> Figure<()> {
        let length = words(&self.power) * words(&self.c.values);
        budget.spend(WORD * self.power.len() as f64 * (20.0 + length))?;
        for (power, c) in self.power.iter_mut().zip(&self.c.values) {
            *power = &*power * c;
        }
        self.scale = &self.scale * &self.c.denominator;
        Ok(())
    }

    /// Tests the equations `k·Σ terms = right` of an assumption for one `k`.
    fn hold(&self, assumption: char, k: usize, budget: &mut Budget) -> Figure<bool> {
        let denominator = &self.c.denominator;
        let weighted = self.b.values.iter().zip(&self.power);
        let weighted: Vec<_> = weighted.map(|(b, c)| b * c).collect();
        if assumption == 'B' {
            // k·Σ β γ^(k−1) = L·K^(k−1)
            return self.vanishes(k, &weighted, &(&self.b.denominator * &self.scale), budget);
        }
        for i in 0..self.power.len() {
            let next = &self.power[i] * &self.c.values[i];
            let (terms, right) = if assumption == 'C' {
                // k·K·Σ N_ij γ_j^(k−1) = M·γ_i^k
                let row = self.n.matrix.row(i);
                let terms = row.iter().zip(&self.power);
                let terms = terms.map(|(n, c)| &(n * c) * denominator).collect();
                (terms, &next * &self.n.denominator)
            } else {
                // k·K·Σ β_j γ_j^(k−1) N_ji + M·β_i·γ_i^k = M·β_i·K^k
                let column = self.n.matrix.column(i);
                let terms = column.iter().zip(&weighted);
                let mut terms: Vec<_> = terms.map(|(n, w)| &(n * w) * denominator).collect();
                let weight = &self.b.values[i] * &self.n.denominator;
                let inverse_k = Number::ratio(1, k as i64).unwrap_or_else(Number::one);
                terms.push(&(&weight * &next) * &inverse_k);
                (terms, &weight * &(&self.scale * denominator))
            };
            if !self.vanishes(k, &terms, &right, budget)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tests `k·Σ terms = right`: exactly, or within what relative errors of the coefficients can do.
    fn vanishes(
        &self,
        k: usize,
        terms: &[Number],
        right: &Number,
        budget: &mut Budget,
    ) -> Figure<bool> {
        let length = words(terms) + words([right]);
        budget.spend(WORD * terms.len() as f64 * (40.0 + 4.0 * length))?;
        let k_terms = Number::from(k as i64);
        let total = terms.iter().fold(Number::zero(), |sum, term| &sum + term);
        let residual = &(&total * &k_terms) - right;
        let Some(eps) = self.eps.filter(|_| !residual.is_zero()) else {
            return Ok(residual.is_zero());
        };
        budget.spend(conversion(terms) + conversion([right, &residual]))?;
        let size = Magnitude::sum(terms.iter()) * Magnitude::from(k as f64) + Magnitude::of(right);
        Ok(fixed::within(Magnitude::of(&residual), k + 1, eps, size))
    }
}
