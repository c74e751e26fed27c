//! Plans the steps of a block: [`Tableau`] to [`Plan`].
//!
//! Drops stages that do not reach the propagated weights, and terms whose coefficient is zero. Verner's 16 stages become
//! 14, and Dormand and Prince's 7 become 6.

use num_traits::Zero;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::support::reached;

/// The computation of a block, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The stages that the propagated weights reach.
    pub stages: Vec<Stage>,
    /// The propagated weights, over these stages.
    pub weights: Vec<Term>,
    /// The error estimate, if there is a second row of weights.
    pub estimate: Option<Estimate>,
    /// True if the last stage of a step is the first of the next: first same as last.
    pub fsal: bool,
}

/// One evaluation of the residual function, at `x + h·Σ a_ij k_j`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The stage's number in the tableau, from 1.
    pub number: usize,
    /// The node.
    pub node: Number,
    /// The stages it uses.
    pub terms: Vec<Term>,
    /// The stage after which this one's value is no longer needed; `None` if the weights use it.
    pub last_use: Option<usize>,
}

/// A non-zero coefficient and the stage it multiplies, as an index into the plan's stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The stage.
    pub stage: usize,
    /// The coefficient.
    pub coefficient: Number,
}

/// The difference of the propagated and the second row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Stages that only the second row needs, indexed after those of the plan.
    pub stages: Vec<Stage>,
    /// `b − b̂` over the plan's stages and these.
    pub weights: Vec<Term>,
}

/// The error for implicit schemes, which have no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Implicit;

impl Plan {
    /// The plan of an explicit tableau.
    ///
    /// # Errors
    /// [`Implicit`] if a stage uses itself or a later one.
    pub fn new(tableau: &Tableau) -> Result<Self, Implicit> {
        if !tableau.is_explicit() {
            return Err(Implicit);
        }
        let Some(propagated) = tableau.weights.first() else {
            return Err(Implicit);
        };
        let mut order = reached(&tableau.matrix, [&propagated.values]);
        let propagated = propagated.values.as_slice();
        let mut stages = steps(tableau, &order, 0);
        let weights = terms(propagated.iter(), &order);
        for (at, last_use) in last_uses(&stages, &weights).into_iter().enumerate() {
            stages[at].last_use = last_use;
        }
        let estimate = tableau.weights.get(1).map(|embedded| {
            let mut extra = reached(&tableau.matrix, [&embedded.values]);
            extra.retain(|stage| !order.contains(stage));
            let kept = order.len();
            order.extend(extra);
            let difference: Vec<_> = propagated
                .iter()
                .zip(&embedded.values)
                .map(|(b, e)| b - e)
                .collect();
            Estimate {
                stages: steps(tableau, &order, kept),
                weights: terms(difference.iter(), &order),
            }
        });
        Ok(Self {
            stages,
            weights,
            estimate,
            fsal: is_fsal(tableau, propagated),
        })
    }

    /// Iterates over all coefficients and nodes.
    pub fn coefficients(&self) -> impl Iterator<Item = &Number> {
        let estimate = self.estimate.iter().flat_map(|estimate| &estimate.weights);
        let terms = self
            .all_stages()
            .flat_map(|stage| &stage.terms)
            .chain(&self.weights)
            .chain(estimate);
        terms
            .map(|term| &term.coefficient)
            .chain(self.all_stages().map(|stage| &stage.node))
    }

    /// Iterates over all stages, including those of the estimate.
    pub fn all_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages
            .iter()
            .chain(self.estimate.iter().flat_map(|estimate| &estimate.stages))
    }
}

/// The stages of `order` from position `from` on.
fn steps(tableau: &Tableau, order: &[usize], from: usize) -> Vec<Stage> {
    let steps = order.iter().skip(from).map(|&i| Stage {
        number: i + 1,
        node: tableau.nodes[i].clone(),
        terms: terms(tableau.matrix.row(i).iter(), order),
        last_use: None,
    });
    steps.collect()
}

/// Non-zero coefficients of the tableau's stages as terms over the plan's, ascending.
fn terms<'a>(row: impl Iterator<Item = &'a Number>, order: &[usize]) -> Vec<Term> {
    let coefficients: Vec<_> = row.collect();
    let terms = order.iter().enumerate().filter_map(|(stage, &i)| {
        let coefficient = (*coefficients.get(i)?).clone();
        (!coefficient.is_zero()).then_some(Term { stage, coefficient })
    });
    terms.collect()
}

fn last_uses(stages: &[Stage], weights: &[Term]) -> Vec<Option<usize>> {
    let last = |at: usize| {
        if weights.iter().any(|term| term.stage == at) {
            return None;
        }
        stages
            .iter()
            .rposition(|stage| stage.terms.iter().any(|term| term.stage == at))
    };
    (0..stages.len()).map(last).collect()
}

/// First same as last: a stage at node 1 whose row is the weights (Hairer, Nørsett, Wanner 1993, §II.5).
fn is_fsal(tableau: &Tableau, propagated: &[Number]) -> bool {
    let last = tableau.stages() - 1;
    last > 0 && tableau.matrix.row(last).iter().eq(propagated.iter())
}
