//! `horesnet plot`: pictures of stability regions, and of a block's wiring.

mod axes;
mod coefficient;
mod contour;
mod drawing;
mod lettering;
mod output;
mod png;
mod region;
mod svg;
#[cfg(test)]
mod tests;
mod view;
mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::analysis::Stability;
use horesnet_compiler::diagnostic::Diagnostics;
use horesnet_compiler::number::Number;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::tableau::Tableau;

use crate::source::{self, Source};
use crate::{Outcome, report};
use drawing::Drawing;
use output::Output;
use region::Region;

/// Draws the stability regions of schemes, or the wiring of a block.
///
/// The region is where |R(hλ)| ≤ 1: there one step of size h does not let a solution of x′ = λx grow. Implicit schemes
/// are drawn too. The weights are the propagated ones, the first row.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet plot rk4 -o rk4.svg
  horesnet plot euler midpoint kutta3 rk4 -o regions.png
  horesnet plot rk4 --wiring -o rk4-block.svg
  horesnet plot schemes/mine.tab rk4 -o compare.png --width 1600")]
pub(crate) struct Plot {
    /// Tableau files, names of bundled schemes, or `-` for standard input.
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<String>,
    /// The picture: a file that ends in .svg or .png, or `-` for SVG on standard output.
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Draw the block as a circuit: stages, shortcuts and their coefficients.
    #[arg(long)]
    wiring: bool,
    /// Width of the picture in pixels.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=8000))]
    width: Option<u32>,
}

/// A tableau whose picture is drawn.
struct Subject {
    name: String,
    /// What the user called it.
    source: String,
    tableau: Tableau,
    /// The order of the propagated weights; `None` if no proof was to be had.
    order: Option<usize>,
}

impl Plot {
    pub(crate) fn run(&self) -> Outcome {
        if self.wiring && self.sources.len() > 1 {
            return Err("--wiring draws one scheme, and here are several".into());
        }
        let output = Output::new(&self.output)?;
        let mut subjects = Vec::new();
        for argument in &self.sources {
            match Subject::read(source::read(argument)?) {
                Some(subject) => subjects.push(subject),
                None => return Ok(ExitCode::from(2)),
            }
        }
        tell_apart(&mut subjects);
        let drawing = match subjects.as_slice() {
            [subject] if self.wiring => subject.wiring()?,
            _ => {
                let regions: Result<Vec<_>, _> = subjects.iter().map(Subject::region).collect();
                region::draw(&regions?)
            }
        };
        for note in &drawing.notes {
            report::note(format_args!("note: {note}"));
        }
        output.write(&drawing, self.width)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Files with the same name for their schemes are called by their own.
fn tell_apart(subjects: &mut [Subject]) {
    let names: Vec<_> = subjects
        .iter()
        .map(|subject| subject.name.clone())
        .collect();
    for subject in subjects {
        if names.iter().filter(|name| **name == subject.name).count() > 1 {
            subject.name.clone_from(&subject.source);
        }
    }
}

impl Subject {
    /// The tableau, false claims noted; `None` if the text is not one, which is reported.
    fn read(source: Source) -> Option<Self> {
        let note = |problems: Diagnostics| {
            for problem in problems {
                report::note(problem.render(&source.name, &source.text) + "\n");
            }
        };
        let document = horesnet_compiler::parse(&source.text).map_err(|problem| vec![problem]);
        let tableau = document
            .and_then(|document| Tableau::new(&document))
            .map_err(note)
            .ok()?;
        // What is claimed falsely, or cannot be proven, can still be drawn.
        let (verdict, problems) = match horesnet_compiler::prove(&source.text) {
            Ok(checked) => (Some(checked.verdict), checked.problems),
            Err(problems) => (None, problems),
        };
        if !problems.is_empty() {
            note(problems);
            report::note("note: it is drawn as it is written\n");
        }
        Some(Self {
            order: verdict.and_then(|verdict| Some(verdict.weights.first()?.order)),
            name: tableau.name.clone().unwrap_or(source.stem),
            source: source.name,
            tableau,
        })
    }

    fn region(&self) -> Result<Region, String> {
        let tableau = &self.tableau;
        let weights = tableau.weights.first().ok_or("there are no weights")?;
        let stability = Stability::of(&tableau.matrix, &weights.values)
            .map_err(|why| format!("the stability function of {} is {why}", self.name))?;
        let floats = |numbers: &[Number]| -> Result<Vec<_>, String> {
            numbers.iter().map(|number| self.finite(number)).collect()
        };
        // Stages that the propagated weights do not reach are no part of the region.
        let stages = Plan::new(tableau).map_or(tableau.stages(), |plan| plan.stages.len());
        Ok(Region {
            name: self.name.clone(),
            about: self.about(stages),
            stages,
            numerator: floats(&stability.numerator)?,
            denominator: floats(&stability.denominator)?,
        })
    }

    fn wiring(&self) -> Result<Drawing, String> {
        let plan = Plan::new(&self.tableau).map_err(|horesnet_compiler::plan::Implicit| {
            format!(
                "{} is implicit, and only the wiring of explicit schemes is drawn\n  = help: without --wiring its stability region is",
                self.name
            )
        })?;
        plan.coefficients()
            .try_for_each(|number| self.finite(number).map(drop))?;
        Ok(wiring::draw(&wiring::Block {
            name: &self.name,
            about: self.about(plan.stages.len()),
            plan: &plan,
        }))
    }

    fn finite(&self, number: &Number) -> Result<f64, String> {
        let value = number.to_f64();
        value.is_finite().then_some(value).ok_or_else(|| {
            format!(
                "{} has coefficients beyond the range of floating-point numbers",
                self.name
            )
        })
    }

    /// What is said below the name.
    fn about(&self, stages: usize) -> String {
        let plural = if stages == 1 { "" } else { "s" };
        let order = self.order.map(|order| format!("order {order}, "));
        format!("{}{stages} stage{plural}", order.unwrap_or_default())
    }
}
