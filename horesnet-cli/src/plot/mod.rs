//! `horesnet plot`: pictures of stability regions and of the wiring of a block.
//! Regions are traced here; shapes, axes and SVG come from `horesnet_train::drawing`.
//! Knows nothing of training.

mod coefficient;
mod contour;
mod png;
mod region;
#[cfg(test)]
mod tests;
mod view;
mod wiring;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::analysis::Stability;
use horesnet_compiler::number::Number;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::tableau::Tableau;
use horesnet_train::drawing::lettering::{self, Face};
use horesnet_train::drawing::{Drawing, GREY, Point, SUBTITLE, TITLE, Text};

use crate::input::{self, Input};
use crate::report::{self, Refused, count};
use crate::{CommandResult, output};
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
        let is_png = is_png(&self.output)?;
        let mut subjects = Vec::new();
        for argument in &self.sources {
            subjects.push(Subject::read(input::read(argument)?)?);
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
        let picture = if is_png {
            png::draw(&drawing, self.width)?
        } else {
            drawing.svg(self.width).into_bytes()
        };
        output::write(&self.output, &picture)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns true for a PNG file and false for SVG; checks the path before any work is done.
fn is_png(path: &Path) -> Result<bool, String> {
    let shown = path.display();
    if output::is_stdout(path) {
        return Ok(false);
    }
    if let Some(folder) = path.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        let folder = folder.display();
        return Err(format!(
            "{shown} cannot be written: there is no folder {folder}"
        ));
    }
    if path.is_dir() {
        return Err(format!("{shown} cannot be written: it is a folder"));
    }
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("svg") => Ok(false),
        Some("png") => Ok(true),
        _ => Err(format!(
            "{shown} ends in neither .svg nor .png\n  = help: the extension selects the format; `-o -` prints SVG"
        )),
    }
}

/// Schemes of the same name are called by their files.
fn tell_apart(subjects: &mut [Subject]) {
    let names: Vec<_> = subjects.iter().map(|of| of.name.clone()).collect();
    for subject in subjects {
        if names.iter().filter(|name| **name == subject.name).count() > 1 {
            subject.name.clone_from(&subject.source);
        }
    }
}

impl Subject {
    /// The tableau, with false claims noted.
    fn read(input: Input) -> Result<Self, Refused> {
        let (tableau, verdict, problems) = input
            .tableau()
            .map_err(|problems| input.refuse(&problems))?;
        if !problems.is_empty() {
            input.refuse(&problems);
            report::note("note: the picture shows the tableau as written\n");
        }
        Ok(Self {
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
        let name = &self.name;
        let plan = Plan::new(&self.tableau).map_err(|_| format!(
            "{name} is implicit, and only explicit schemes have a wiring\n  = help: drop --wiring to draw its stability region"
        ))?;
        plan.coefficients()
            .try_for_each(|number| self.finite(number).map(drop))?;
        let about = self.about(plan.stages.len());
        Ok(wiring::draw(name, &about, &plan))
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
        let order = self.order.map(|order| format!("order {order}, "));
        order.unwrap_or_default() + &count(stages, "stage")
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
