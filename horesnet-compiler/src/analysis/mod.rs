//! The figures of a tableau: stability, accuracy, structure and cost, one a file; exact where the tableau is exact.
//! They share a budget; a figure that would take too long is [`Unknown`].
//! Knows proofs and plans, but not repairs, generated code or how figures are shown.

mod algebraic;
mod assumptions;
mod conditions;
mod effective;
mod error;
mod figure;
pub mod implicit;
mod internal;
pub mod interval;
mod linear;
mod live_tensors;
mod low_storage;
pub mod monotonicity;
mod phase;
mod reducibility;
mod rounding;
pub mod sector;
mod size;
mod special;
mod stability;

pub use assumptions::Assumptions;
pub use conditions::{Condition, Conditions, Residual};
pub use error::PrincipalError;
use figure::part;
pub use figure::{Figure, Unknown};
pub use internal::InternalStability;
pub use linear::{Certainty, LinearStability};
pub use live_tensors::LiveTensors;
pub use low_storage::LowStorage;
pub use reducibility::unused_stages;
pub use size::Sizes;
pub use special::{SpecialValue, SpecialValues};
pub use stability::Stability;

use nalgebra::DVector;

use crate::language::tableau::Tableau;
use crate::number::budget::Budget;
use crate::proof::order::Verdict;
use crate::proof::support::reached;

/// Most rows of weights whose stability is analysed.
const ANALYSED: usize = 4;

/// All figures of a tableau, of its propagated weights unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Stages of the tableau.
    pub stages: usize,
    /// Stages that the propagated weights reach: what a step costs.
    pub effective_stages: usize,
    /// True if each stage uses earlier ones only.
    pub explicit: bool,
    /// The order proven; at least this if `order_is_bound`.
    pub order: usize,
    /// True if no condition failed up to the bound of the search.
    pub order_is_bound: bool,
    /// The orders of the other rows of weights.
    pub embedded_orders: Vec<usize>,
    /// True if the last row of the matrix is the weights: see [`Analysis::fsal`].
    pub stiffly_accurate: bool,
    /// `B`, `C` and `D`, and the stage order.
    pub assumptions: Figure<Assumptions>,
    /// The linear stability of the propagated weights.
    pub linear: LinearStability,
    /// That of each other row of weights.
    ///
    /// Of the first three, since pairs and triples are all that is published.
    pub embedded: Vec<LinearStability>,
    /// The schemes for which these figures hold.
    pub certainty: Certainty,
    /// The stability of the stages.
    pub internal: InternalStability,
    /// True if the scheme is algebraically stable (and hence B-stable); for implicit schemes.
    pub algebraically_stable: Figure<bool>,
    /// The effective order: that of the best conjugate scheme. It is decided up to five, and no less than the order.
    pub effective_order: Figure<usize>,
    /// The principal error of every row of weights.
    pub principal_errors: Vec<Figure<PrincipalError>>,
    /// The SSP coefficient.
    pub ssp_coefficient: Figure<f64>,
    /// The largest coefficients.
    pub sizes: Sizes,
    /// Most stage values held at once.
    pub live_tensors: Figure<LiveTensors>,
    /// Williamson's form in two registers, if there is one.
    pub low_storage: Figure<Option<LowStorage>>,
    /// Stages that no row of weights reaches: the scheme is DJ-reducible if there are any.
    pub unused_stages: Vec<usize>,
    /// Classes of equivalent stages: the scheme is HS-reducible if there are any.
    pub equivalent_stages: Figure<Vec<Vec<usize>>>,
    /// Groups of stages that share a node.
    pub confluent_nodes: Vec<Vec<usize>>,
}

impl Analysis {
    /// Analyses a tableau whose orders have been proven.
    ///
    /// In a `rounded` file the figures of stability are those of every scheme of the proven order within the rounding, or
    /// undecided.
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::analysis::Analysis;
    ///
    /// let text = horesnet_compiler::library::find("rk4").unwrap().text;
    /// let checked = horesnet_compiler::check(text, None).unwrap();
    /// let analysis = Analysis::of(&checked.tableau, &checked.verdict);
    /// assert_eq!(analysis.linear.real_interval, Ok(2.785_293_563_405_282));
    /// assert_eq!(analysis.linear.imaginary_interval, Ok(8_f64.sqrt()));
    /// ```
    #[must_use]
    pub fn of(tableau: &Tableau, verdict: &Verdict) -> Self {
        let explicit = tableau.is_explicit();
        let propagated = verdict.weights.first();
        let weights = tableau.weights.first().map(|row| &row.values);
        let order = propagated.map_or(0, |row| row.order);
        let zero = DVector::zeros(tableau.stages());
        let total = &mut Budget::new(figure::TOTAL);
        let mut linear = |row: usize| {
            let weights = tableau.weights.get(row).map_or(&zero, |row| &row.values);
            let order = verdict.weights.get(row).map_or(0, |row| row.order);
            LinearStability::of(tableau, weights, order, total)
        };
        let (first, rows) = (linear(0), tableau.weights.len().min(ANALYSED));
        let embedded: Vec<_> = (1..rows).map(linear).collect();
        Self {
            stages: tableau.stages(),
            effective_stages: reached(&tableau.matrix, weights).len(),
            explicit,
            order,
            order_is_bound: propagated
                .is_none_or(|row| row.first_failure.is_none() || row.undecided),
            embedded_orders: { verdict.weights.iter().skip(1) }
                .map(|row| row.order)
                .collect(),
            stiffly_accurate: tableau.is_stiffly_accurate(),
            assumptions: part(total, |budget| Assumptions::of(tableau, budget)),
            linear: first,
            embedded,
            certainty: match tableau.rounded {
                None => Certainty::Exact,
                Some(_) => Certainty::WithinRounding,
            },
            internal: part(total, |budget| InternalStability::of(tableau, budget)),
            algebraically_stable: part(total, |budget| {
                algebraic::is_algebraically_stable(tableau, budget)
            }),
            effective_order: part(total, |budget| {
                effective::effective_order(tableau, order, budget)
            }),
            principal_errors: error::principal(tableau, verdict),
            ssp_coefficient: weights.map_or(Ok(0.0), |weights| {
                part(total, |budget| {
                    monotonicity::ssp_within(&tableau.matrix, weights, budget)
                })
            }),
            sizes: Sizes::of(tableau),
            live_tensors: LiveTensors::of(tableau),
            low_storage: part(total, |budget| LowStorage::of(tableau, budget)),
            unused_stages: reducibility::unused_stages(tableau),
            equivalent_stages: part(total, |budget| {
                reducibility::equivalent_stages(tableau, budget)
            }),
            confluent_nodes: reducibility::confluent_nodes(tableau),
        }
    }

    /// Returns true if anything was proven about the order.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.order > 0 || !self.order_is_bound
    }

    /// Returns true if the last stage of a step is the first of the next (first same as last).
    #[must_use]
    pub fn fsal(&self) -> bool {
        self.explicit && self.stiffly_accurate && self.stages > 1
    }

    /// The principal error of the propagated weights.
    pub fn principal_error(&self) -> Figure<PrincipalError> {
        let first = self.principal_errors.first().copied();
        first.unwrap_or(Err(Unknown::Order))
    }
}
