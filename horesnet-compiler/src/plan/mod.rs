//! Plans the steps of a block: [`Tableau`] to [`Plan`].
//!
//! Drops stages that do not reach the propagated weights, and terms whose coefficient is zero. Verner's 16 stages become
//! 14, and Dormand and Prince's 7 become 6. `family` plans tableaux with parameters.

pub(crate) mod family;

use num_traits::Zero;

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::proof::support::reached;
pub use family::{Function, Functions};

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
    /// The coefficients that depend on parameters, of a family.
    pub functions: Option<Functions>,
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
        let explicit = tableau.weights.first().filter(|_| tableau.is_explicit());
        let propagated = explicit.ok_or(Implicit)?;
        let mut order = reached(&tableau.matrix, [&propagated.values]);
        let propagated = propagated.values.as_slice();
        let mut stages = steps(tableau, &order, 0);
        let weights = terms(propagated.iter(), &order);
        for at in 0..stages.len() {
            let uses = |terms: &[Term]| terms.iter().any(|term| term.stage == at);
            let last_use = stages.iter().rposition(|stage| uses(&stage.terms));
            stages[at].last_use = last_use.filter(|_| !uses(&weights));
        }
        let estimate = tableau.weights.get(1).map(|embedded| {
            let mut extra = reached(&tableau.matrix, [&embedded.values]);
            extra.retain(|stage| !order.contains(stage));
            let kept = order.len();
            order.extend(extra);
            let pairs = propagated.iter().zip(&embedded.values);
            let difference: Vec<_> = pairs.map(|(b, e)| b - e).collect();
            Estimate {
                stages: steps(tableau, &order, kept),
                weights: terms(difference.iter(), &order),
            }
        });
        Ok(Self {
            stages,
            weights,
            estimate,
            fsal: tableau.stages() > 1 && tableau.is_stiffly_accurate(),
            functions: None,
        })
    }

    /// Iterates over all coefficients and nodes.
    pub fn coefficients(&self) -> impl Iterator<Item = &Number> {
        let estimate = self.estimate.iter().flat_map(|estimate| &estimate.weights);
        let terms = self.all_stages().flat_map(|stage| &stage.terms);
        let terms = terms.chain(&self.weights).chain(estimate);
        let nodes = self.all_stages().map(|stage| &stage.node);
        terms.map(|term| &term.coefficient).chain(nodes)
    }

    /// Iterates over all stages, including those of the estimate.
    pub fn all_stages(&self) -> impl Iterator<Item = &Stage> {
        let estimate = self.estimate.iter().flat_map(|estimate| &estimate.stages);
        self.stages.iter().chain(estimate)
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
