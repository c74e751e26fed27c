//! `horesnet plot`: pictures of stability regions, and of a block's wiring.

mod axes;
mod contour;
mod drawing;
mod lettering;
mod output;
mod png;
mod region;
mod stability;
mod view;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::diagnostic::Diagnostics;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::tableau::Tableau;

use crate::source::{self, Source};
use crate::{Outcome, report};
use output::Output;
use region::Region;
use stability::Stability;

/// Draws the stability regions of schemes, or the wiring of a block.
///
/// The region is where |R(hλ)| ≤ 1: there one step of size h does not let a solution of x′ = λx grow. Implicit schemes
/// are drawn too. The weights are the propagated ones, the first row.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet plot rk4 -o rk4.svg
  horesnet plot euler midpoint kutta3 rk4 -o regions.png
  horesnet plot schemes/mine.tab rk4 -o compare.png --width 1600")]
pub(crate) struct Plot {
    /// Tableau files, names of bundled schemes, or `-` for standard input.
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<String>,
    /// The picture: a file that ends in .svg or .png, or `-` for SVG on standard output.
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Width of the picture in pixels.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=8000))]
    width: Option<u32>,
}

/// A tableau whose picture is drawn.
struct Subject {
    name: String,
    tableau: Tableau,
    /// The order of the propagated weights; `None` if no proof was to be had.
    order: Option<usize>,
}

impl Plot {
    pub(crate) fn run(&self) -> Outcome {
        let output = Output::new(&self.output)?;
        let mut subjects = Vec::new();
        for argument in &self.sources {
            match Subject::read(source::read(argument)?) {
                Some(subject) => subjects.push(subject),
                None => return Ok(ExitCode::from(2)),
            }
        }
        let regions: Result<Vec<_>, _> = subjects.iter().map(Subject::region).collect();
        let drawing = region::draw(&regions?);
        output.write(&drawing, self.width)?;
        Ok(ExitCode::SUCCESS)
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
        let verdict = match horesnet_compiler::check(&source.text, None) {
            Ok(checked) => {
                note(checked.problems);
                Some(checked.verdict)
            }
            Err(problems) => {
                note(problems);
                None
            }
        };
        Some(Self {
            order: verdict.and_then(|verdict| Some(verdict.weights.first()?.order)),
            name: tableau.name.clone().unwrap_or(source.stem),
            tableau,
        })
    }

    fn region(&self) -> Result<Region, String> {
        let tableau = &self.tableau;
        let stability = Stability::of(tableau)
            .ok_or_else(|| format!("{} has no stability function", self.name))?;
        // Stages that the propagated weights do not reach are no part of the region.
        let stages = Plan::new(tableau).map_or(tableau.stages(), |plan| plan.stages.len());
        let plural = if stages == 1 { "" } else { "s" };
        let order = self
            .order
            .map(|order| format!("order {order}, "))
            .unwrap_or_default();
        Ok(Region {
            name: self.name.clone(),
            about: format!("{order}{stages} stage{plural}"),
            stages,
            stability,
        })
    }
}
