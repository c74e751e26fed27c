//! A scheme ready for code generation: a tableau whose claims are true, with the plan of its block.

use num_traits::Zero;

use super::Checked;
use crate::language::coefficients::CoefficientSpec;
use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::family::{Family, Parameter};
use crate::language::tableau::Tableau;
use crate::number::budget::Budget;
use crate::plan::family::NoPlan;
use crate::plan::{self, Plan};
use crate::proof::order::Verdict;

/// Steps to plan a block of a family.
const PLANNING: f64 = 1e8;

/// A tableau whose claims are true, and its plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// The tableau.
    pub tableau: Tableau,
    /// The family that it is a member of, if its file has parameters.
    pub family: Option<Family>,
    /// The proof; of a family, for all its members.
    pub verdict: Verdict,
    /// The steps of its block.
    pub plan: Plan,
}

impl Checked {
    /// Plans the block of a tableau whose claims are true.
    ///
    /// # Errors
    /// False claims, order 0, implicit schemes, coefficients beyond `f64`.
    pub fn compile(self) -> Result<Scheme, Diagnostics> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut rows = self.document.weights.iter().zip(&self.verdict.weights);
        if let Some((row, _)) = rows.next().filter(|(_, found)| found.order == 0) {
            let headline = "the weights do not sum to 1: the scheme has no order";
            let help = "blocks are generated for schemes of order 1 and more";
            return Err(vec![Diagnostic::at(row.span, headline).help(help)]);
        }
        let mut plan = self.plan()?;
        // A row that does not even sum to 1 estimates nothing.
        let embedded = self.verdict.weights.get(1);
        plan.estimate = plan
            .estimate
            .filter(|_| embedded.is_some_and(|row| row.order > 0));
        if { plan.coefficients() }.any(|number| !number.to_f64().is_finite()) {
            let headline = "a coefficient is beyond the range of floating-point numbers";
            return Err(vec![Diagnostic::whole_file(headline)]);
        }
        Ok(Scheme {
            family: self.family,
            tableau: self.tableau,
            verdict: self.verdict,
            plan,
        })
    }

    fn plan(&self) -> Result<Plan, Diagnostics> {
        let Some(family) = &self.family else {
            return Plan::new(&self.tableau).map_err(|plan::Implicit| vec![self.implicit()]);
        };
        let plan = Plan::of_family(&self.tableau, family, &mut Budget::new(PLANNING));
        plan.map_err(|problem| match problem {
            NoPlan::Implicit => vec![self.implicit()],
            NoPlan::TooLarge => {
                let headline = "the weights of the error estimate have too many terms";
                vec![Diagnostic::whole_file(headline)]
            }
        })
    }

    fn implicit(&self) -> Diagnostic {
        let headline = "the scheme is implicit: a block would have to solve for its stages";
        let help =
            "blocks are generated for explicit schemes, where each stage uses earlier ones only";
        let rows = self.document.stages.iter().enumerate();
        let mut entries = rows.flat_map(|(i, row)| {
            let entries = row.entries.iter().enumerate().skip(i);
            entries.map(move |(j, entry)| (i, j, entry))
        });
        let place = entries.find(|(i, j, _)| !self.tableau.matrix[(*i, *j)].is_zero());
        let problem = place.map_or_else(
            || Diagnostic::whole_file(headline),
            |(.., entry)| Diagnostic::at(entry.span, headline),
        );
        problem.help(help)
    }
}

impl Scheme {
    /// Checks that blocks of this scheme can have these coefficients: adaptive ones need embedded weights.
    ///
    /// # Errors
    /// A message with what the scheme lacks and what to do.
    pub fn supports(&self, coefficients: &CoefficientSpec) -> Result<(), String> {
        if *coefficients == CoefficientSpec::LearnedParams {
            return self.supports_learning();
        }
        let is_adaptive = matches!(coefficients, CoefficientSpec::Adaptive { .. });
        if !is_adaptive || self.plan.estimate.is_some() {
            return Ok(());
        }
        let name = self.tableau.name.as_deref().unwrap_or("this scheme");
        let lack = match self.tableau.weights.get(1) {
            None => format!("{name} has none"),
            Some(_) => format!("those of {name} have order 0"),
        };
        Err(format!(
            "`{coefficients}` needs embedded weights, which estimate the error, and {lack}\n  \
             = help: add a second row of weights, or use a scheme that has one: `heun2`, `bogacki_shampine3`, \
             `dopri5` or `verner8`"
        ))
    }

    fn supports_learning(&self) -> Result<(), String> {
        let Some(functions) = &self.plan.functions else {
            return Err(
                "`learned(params)` needs a tableau with parameters, and this one has none\n  \
                 = help: a file has them by lines such as `param alpha = 2/3 in (0, 1]`; bundled families are `two_stage2` and \
                 `kutta4`"
                    .to_owned(),
            );
        };
        if functions.entries.is_empty() {
            return Err(
                "`learned(params)`: no coefficient of the block depends on a parameter".to_owned(),
            );
        }
        let at_an_end = { functions.parameters.iter() }.find(|parameter| {
            let ends = [&parameter.interval.low, &parameter.interval.high];
            let mut ends = ends.into_iter().flatten();
            ends.any(|end| end.value == parameter.default)
        });
        at_an_end.map_or(Ok(()), |parameter| {
            let Parameter { name, default, interval, .. } = parameter;
            Err(format!(
                "`learned(params)` starts at the default {name} = {default}, an end of the interval {interval}\n  \
                 = help: choose a default inside"
            ))
        })
    }
}
