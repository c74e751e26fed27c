//! What a tableau is worth: its stability, accuracy, structure and cost, exactly where the tableau is exact.
//!
//! Every figure is bounded in effort; one that would take too long is an [`Unknown`] and not a long wait.

pub mod assumptions;
pub(crate) mod effort;
pub mod error;
pub mod implicit;
pub mod interval;
pub mod memory;
pub mod monotonicity;
pub mod phase;
mod polynomial;
pub mod reducibility;
mod roots;
mod scaled;
pub mod size;
pub mod stability;

pub use assumptions::Assumptions;
pub use effort::{Figure, Unknown};
pub use error::PrincipalError;
pub use memory::{LiveTensors, LowStorage};
pub use size::Sizes;
pub use stability::Stability;

use crate::language::tableau::Tableau;
use crate::proof::order::{Leaves, RowVerdict, Verdict};

/// Everything there is to say about a tableau; of its propagated weights, unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Stages of the tableau.
    pub stages: usize,
    /// Stages that the propagated weights reach: what a step costs.
    pub effective_stages: usize,
    /// Whether each stage uses earlier ones only.
    pub explicit: bool,
    /// The order proven; at least this if `order_is_bound`.
    pub order: usize,
    /// Whether the order is the bound of the search, and no condition failed.
    pub order_is_bound: bool,
    /// The orders of the other rows of weights.
    pub embedded_orders: Vec<usize>,
    /// Whether the last row of the matrix is the weights: see [`Analysis::fsal`].
    pub stiffly_accurate: bool,
    /// `B`, `C` and `D`, and the stage order.
    pub assumptions: Figure<Assumptions>,
    /// The stability function.
    pub stability: Figure<Stability>,
    /// The largest `r` with `|R| ≤ 1` on `[−r, 0]`.
    pub real_interval: Figure<f64>,
    /// The largest `r` with `|R| ≤ 1` on `[0, ir]`.
    pub imaginary_interval: Figure<f64>,
    /// Whether `|R| ≤ 1` on the left half-plane; for implicit schemes.
    pub a_stable: Figure<bool>,
    /// Whether the scheme is A-stable with `R(∞) = 0`; for implicit schemes.
    pub l_stable: Figure<bool>,
    /// The order of the error in phase of `R(iy)`; `None` if there is no error.
    pub dispersion_order: Figure<Option<usize>>,
    /// The order of the error in modulus of `R(iy)`; `None` if there is no error.
    pub dissipation_order: Figure<Option<usize>>,
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
    /// In a `rounded` file coefficients of the stability function that the stated errors do not tell from `1/k!` are
    /// taken as that, all others as they are written.
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::analysis::Analysis;
    ///
    /// let text = horesnet_compiler::library::find("rk4").unwrap().text;
    /// let checked = horesnet_compiler::check(text, None).unwrap();
    /// let analysis = Analysis::of(&checked.tableau, &checked.verdict);
    /// assert_eq!(analysis.real_interval, Ok(2.785_293_563_405_282));
    /// assert_eq!(analysis.imaginary_interval, Ok(8_f64.sqrt()));
    /// ```
    #[must_use]
    pub fn of(tableau: &Tableau, verdict: &Verdict) -> Self {
        let explicit = tableau.is_explicit();
        let propagated = verdict.weights.first();
        let weights = tableau.weights.first().map(|row| &row.values);
        let stability = Stability::of_tableau(tableau);
        // Knife-edge questions about an implicit scheme have no answer from rounded coefficients.
        let settled = stability.clone().and_then(|stability| {
            if explicit || tableau.rounded.is_none() {
                Ok(stability)
            } else {
                Err(Unknown::Rounded)
            }
        });
        let implicit = |question: fn(&Stability) -> Figure<bool>| {
            if explicit {
                return Err(Unknown::Explicit);
            }
            question(settled.as_ref().map_err(|&why| why)?)
        };
        let last = tableau.stages().saturating_sub(1);
        let stiffly_accurate =
            weights.is_some_and(|weights| tableau.matrix.row(last).iter().eq(weights.iter()));
        Self {
            stages: tableau.stages(),
            effective_stages: reducibility::reached(&tableau.matrix, weights).len(),
            explicit,
            order: propagated.map_or(0, |row| row.order),
            order_is_bound: propagated.is_none_or(|row| row.first_failure.is_none()),
            embedded_orders: verdict
                .weights
                .iter()
                .skip(1)
                .map(|row| row.order)
                .collect(),
            stiffly_accurate,
            assumptions: Assumptions::of(tableau),
            real_interval: settled
                .as_ref()
                .map_err(|&why| why)
                .and_then(interval::real),
            imaginary_interval: settled
                .as_ref()
                .map_err(|&why| why)
                .and_then(interval::imaginary),
            a_stable: implicit(implicit::is_a_stable),
            l_stable: implicit(implicit::is_l_stable),
            dispersion_order: settled
                .as_ref()
                .map_err(|&why| why)
                .and_then(phase::dispersion_order),
            dissipation_order: settled
                .as_ref()
                .map_err(|&why| why)
                .and_then(phase::dissipation_order),
            principal_errors: principal_errors(tableau, verdict),
            ssp_coefficient: weights.map_or(Ok(0.0), |weights| {
                monotonicity::ssp_coefficient(&tableau.matrix, weights)
            }),
            sizes: Sizes::of(tableau),
            live_tensors: LiveTensors::of(tableau),
            low_storage: LowStorage::of(tableau),
            unused_stages: reducibility::unused_stages(tableau),
            equivalent_stages: reducibility::equivalent_stages(tableau),
            confluent_nodes: reducibility::confluent_nodes(tableau),
            stability,
        }
    }

    /// Whether anything was proven about the order: a search without a failure has at least order 1.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.order > 0 || !self.order_is_bound
    }

    /// Whether the last stage of a step is the first of the next.
    #[must_use]
    pub fn fsal(&self) -> bool {
        self.explicit && self.stiffly_accurate && self.stages > 1
    }

    /// The principal error of the propagated weights.
    pub fn principal_error(&self) -> Figure<PrincipalError> {
        self.principal_errors
            .first()
            .copied()
            .unwrap_or(Err(Unknown::Order))
    }
}

/// With the nodes at the leaves where it is they that end the order.
fn principal_errors(tableau: &Tableau, verdict: &Verdict) -> Vec<Figure<PrincipalError>> {
    let ends = |row: &RowVerdict, leaves| {
        let failure = row.first_failure.as_ref();
        failure.is_some_and(|failure| failure.leaves == leaves)
    };
    let by_nodes = |row: &RowVerdict| ends(row, Leaves::Nodes);
    let orders = |leaf: bool| -> Vec<_> {
        let known = |row: &RowVerdict| row.first_failure.is_some() && by_nodes(row) == leaf;
        let orders = verdict.weights.iter();
        orders.map(|row| known(row).then_some(row.order)).collect()
    };
    let mut figures = error::principal(tableau, false, &orders(false));
    if verdict.weights.iter().any(by_nodes) {
        let with_nodes = error::principal(tableau, true, &orders(true));
        for ((row, figure), found) in verdict.weights.iter().zip(&mut figures).zip(with_nodes) {
            if by_nodes(row) {
                *figure = found;
            }
        }
    }
    for (row, figure) in verdict.weights.iter().zip(&mut figures) {
        if ends(row, Leaves::Both) {
            *figure = Err(Unknown::Nodes);
        }
    }
    figures
}
