//! `horesnet plot`: pictures of stability regions and of the wiring of a block.
//! Regions are traced here; shapes, axes and SVG come from `horesnet_train::drawing`.
//! Knows nothing of training.

mod coefficient;
mod contour;
mod output;
mod png;
mod region;
#[cfg(test)]
mod tests;
mod view;
mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::analysis::Stability;
use horesnet_compiler::number::Number;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::tableau::Tableau;
use horesnet_train::drawing::lettering::{self, Face};
use horesnet_train::drawing::{Drawing, GREY, Point, SUBTITLE, TITLE, Text};

use crate::input::{self, Input};
use crate::{CommandResult, report};
use output::Output;
use region::Region;

/// Draw the stability regions of schemes or the wiring of a block
///
/// In the region |R(hλ)| ≤ 1, a step of size h does not enlarge the solution of x′ = λx. Implicit schemes have regions
/// too. Pictures use the propagated weights, the first row.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet plot rk4 -o rk4.svg
  horesnet plot euler midpoint kutta3 rk4 -o regions.png
  horesnet plot rk4 --wiring -o rk4-block.svg
  horesnet plot schemes/mine.tab rk4 -o compare.png --width 1600")]
pub(crate) struct Plot {
    /// Tableau files, names of bundled schemes, or `-` for standard input
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<String>,
    /// Write the picture to this .svg or .png file; `-` writes SVG to standard output
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Draw the wiring diagram of the block: stages, skip connections and their coefficients
    #[arg(long)]
    wiring: bool,
    /// Set the width of the picture, from 100 to 8000 [default: natural size in SVG, twice that in PNG]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=8000))]
    width: Option<u32>,
}

/// A tableau to draw.
struct Subject {
    name: String,
    /// The argument that names it.
    source: String,
    tableau: Tableau,
    /// The order of the propagated weights; `None` without a proof.
    order: Option<usize>,
}

impl Plot {
    pub(crate) fn run(&self) -> CommandResult {
        if self.wiring && self.sources.len() > 1 {
            return Err("--wiring draws one scheme, found several".into());
        }
        let output = Output::new(&self.output)?;
        let mut subjects = Vec::new();
        for argument in &self.sources {
            match Subject::read(input::read(argument)?) {
                Some(subject) => subjects.push(subject),
                None => return Ok(ExitCode::from(2)),
            }
        }
        tell_apart(&mut subjects);
        let (drawing, notes) = match subjects.as_slice() {
            [subject] if self.wiring => (subject.wiring()?, Vec::new()),
            _ => {
                let regions: Result<Vec<_>, _> = subjects.iter().map(Subject::region).collect();
                region::draw(&regions?)
            }
        };
        for note in notes {
            report::note(format_args!("note: {note}"));
        }
        output.write(&drawing, self.width)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Schemes of the same name are called by their files.
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
    /// The tableau, with false claims noted; `None` if the text is not one, which is reported.
    fn read(input: Input) -> Option<Self> {
        let (tableau, verdict, problems) = match input.tableau() {
            Ok(known) => known,
            Err(problems) => {
                input.report(&problems);
                return None;
            }
        };
        if !problems.is_empty() {
            input.report(&problems);
            report::note("note: the picture shows the tableau as written\n");
        }
        Some(Self {
            order: verdict.and_then(|verdict| Some(verdict.weights.first()?.order)),
            name: tableau.name.clone().unwrap_or(input.stem),
            source: input.name,
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
        // Stages that the propagated weights do not reach do not matter for the region.
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
                "{} is implicit, and only explicit schemes have a wiring\n  = help: drop --wiring to draw its stability region",
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

    /// The line below the name.
    fn about(&self, stages: usize) -> String {
        let plural = if stages == 1 { "" } else { "s" };
        let order = self.order.map(|order| format!("order {order}, "));
        format!("{}{stages} stage{plural}", order.unwrap_or_default())
    }
}

/// Writes the title, which the drawing is called by, and a line below it; returns the width of the longer one.
fn heading(drawing: &mut Drawing, (x, y): Point, title: String, about: String) -> f64 {
    let width = f64::max(
        lettering::width(&title, Face::Bold, TITLE),
        lettering::width(&about, Face::Regular, SUBTITLE),
    );
    drawing.title.clone_from(&title);
    drawing.text(&Text::new((x, y), title, TITLE).face(Face::Bold));
    drawing.text(&Text::new((x, y + 20.0), about, SUBTITLE).colour(GREY));
    width
}
