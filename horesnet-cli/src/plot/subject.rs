//! The tableaux to draw: their regions, those of their embedded weights, and their wiring.

use horesnet_compiler::analysis::Stability;
use horesnet_compiler::number::Number;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::tableau::Tableau;
use horesnet_train::drawing::Drawing;
use horesnet_train::drawing::lettering;

use super::rational::{Rational, Set};
use super::region::{NAME, Region};
use super::wiring;
use crate::input::Input;
use crate::report::{self, Refused, count};

/// A tableau to draw.
pub(super) struct Subject {
    pub(super) name: String,
    /// The argument that names it.
    pub(super) source: String,
    pub(super) tableau: Tableau,
    /// The order of each row of weights; empty without a proof.
    pub(super) orders: Vec<usize>,
}

impl Subject {
    /// The tableau, with false claims noted.
    pub(super) fn read(input: Input) -> Result<Self, Refused> {
        let (tableau, verdict, problems) = input
            .tableau()
            .map_err(|problems| input.refuse(&problems))?;
        if !problems.is_empty() {
            input.refuse(&problems);
            report::note("note: the picture shows the tableau as written\n");
        }
        Ok(Self {
            orders: verdict.map_or_else(Vec::new, |verdict| {
                verdict.weights.iter().map(|row| row.order).collect()
            }),
            name: tableau.name.clone().unwrap_or(input.stem),
            source: input.name,
            tableau,
        })
    }

    /// The set of the propagated weights.
    pub(super) fn region(&self, set: Set) -> Result<Region, String> {
        let tableau = &self.tableau;
        let weights = tableau.weights.first().ok_or("there are no weights")?;
        let stability = Stability::of(&tableau.matrix, &weights.values)
            .map_err(|why| format!("the stability function of {} is {why}", self.name))?;
        let floats = |numbers: &[Number]| -> Result<Vec<_>, String> {
            numbers.iter().map(|number| self.finite(number)).collect()
        };
        // Stages that the propagated weights do not reach do not matter for the region.
        let stages = Plan::new(tableau).map_or(tableau.stages(), |plan| plan.stages.len());
        Ok(Region {
            name: self.name.clone(),
            about: self.about(stages),
            stages,
            function: Rational::new(
                floats(&stability.numerator)?,
                floats(&stability.denominator)?,
            ),
            set,
        })
    }

    pub(super) fn wiring(&self, title: bool) -> Result<Drawing, String> {
        let name = &self.name;
        let plan = Plan::new(&self.tableau).map_err(|_| format!(
            "{name} is implicit, and only explicit schemes have a wiring\n  = help: drop --wiring to draw its stability region"
        ))?;
        plan.coefficients()
            .try_for_each(|number| self.finite(number).map(drop))?;
        let about = self.about(plan.stages.len());
        Ok(wiring::draw(name, &about, &plan, title))
    }

    /// The schemes that its embedded weights make of its stages.
    pub(super) fn embedded(&self) -> Vec<Self> {
        let rows = self.tableau.weights.iter().enumerate().skip(1);
        let count = self.tableau.weights.len().saturating_sub(1);
        let embedded = rows.map(|(at, row)| {
            let which = match count {
                1 => ", embedded".to_owned(),
                _ => format!(", embedded {at}"),
            };
            Self {
                name: lettering::shortened(&self.name, NAME - which.len()) + &which,
                source: self.source.clone(),
                tableau: Tableau {
                    weights: vec![row.clone()],
                    ..self.tableau.clone()
                },
                orders: self.orders.get(at).copied().into_iter().collect(),
            }
        });
        embedded.collect()
    }

    fn finite(&self, number: &Number) -> Result<f64, String> {
        match number.to_f64() {
            value if value.is_finite() => Ok(value),
            _ => Err(format!(
                "{} has coefficients beyond the range of floating-point numbers",
                self.name
            )),
        }
    }

    /// The line below the name.
    fn about(&self, stages: usize) -> String {
        let order = self.orders.first().map(|order| format!("order {order}, "));
        order.unwrap_or_default() + &count(stages, "stage")
    }
}
