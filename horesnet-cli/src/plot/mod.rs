//! `horesnet plot`: pictures of stability regions, of order stars, and of the wiring of a block.
//! Regions are traced here; shapes, axes and SVG come from `horesnet_train::drawing`.
//! Knows nothing of training.

mod coefficient;
pub(crate) mod contour;
mod format;
mod frame;
mod pdf;
mod png;
mod rational;
mod region;
mod subject;
#[cfg(test)]
mod tests;
mod view;
mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_train::drawing::lettering::{self, Face};
use horesnet_train::drawing::{Drawing, GREY, Point, SUBTITLE, TITLE, Text};

use crate::input::{self, ReadOptions};
use crate::{CommandResult, output, report};
pub(crate) use format::Format;
use frame::Limits;
use rational::Set;
use region::Options;
use subject::Subject;

/// Draw the stability regions or order stars of schemes, or the wiring of a block
///
/// In the stability region |R(hλ)| ≤ 1, a step of size h does not enlarge the solution of x′ = λx. Implicit schemes have
/// regions too. Pictures use the propagated weights, the first row; --embedded adds the others.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet plot rk4 -o rk4.svg
  horesnet plot euler midpoint kutta3 rk4 -o regions.png
  horesnet plot dopri5 --embedded --no-title -o dopri5.pdf
  horesnet plot feagin10 --xlim -8 2 --ylim 0 8 -o detail.png
  horesnet plot rk4 --order-star -o star.svg
  horesnet plot rk4 --wiring -o rk4-block.svg
  horesnet plot schemes/mine.tab rk4 -o compare.png --width 1600")]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Plot {
    /// Tableau files, names of bundled schemes, or `-` for standard input
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<String>,
    /// Write the picture to this .svg, .png or .pdf file; `-` writes SVG to standard output
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Draw the wiring diagram of the block: stages, skip connections and their coefficients
    #[arg(long, conflicts_with_all = ["embedded", "order_star", "xlim", "ylim"])]
    wiring: bool,
    /// Draw the order star, where |R(z)·exp(−z)| > 1: a step grows faster than the exact solution
    #[arg(long)]
    order_star: bool,
    /// Draw the sets of the embedded weights too
    #[arg(long)]
    embedded: bool,
    /// Show real parts from MIN to MAX [default: those of the whole region]
    #[arg(long, num_args = 2, value_names = ["MIN", "MAX"], allow_negative_numbers = true)]
    xlim: Vec<f64>,
    /// Show imaginary parts from MIN to MAX [default: those of the whole region]
    #[arg(long, num_args = 2, value_names = ["MIN", "MAX"], allow_negative_numbers = true)]
    ylim: Vec<f64>,
    /// Leave out the title and the line below it, for pictures with a caption
    #[arg(long)]
    no_title: bool,
    /// Set the width of the picture, from 100 to 8000 [default: natural size in SVG and PDF, twice that in PNG]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=8000))]
    width: Option<u32>,
    #[command(flatten)]
    reading: ReadOptions,
}

impl Plot {
    pub(crate) fn run(&self) -> CommandResult {
        if self.wiring && self.sources.len() > 1 {
            return Err("--wiring draws one scheme, found several".into());
        }
        let format = Format::of(&self.output)?;
        let options = Options {
            title: !self.no_title,
            limits: Limits {
                x: frame::limits("--xlim", &self.xlim)?,
                y: frame::limits("--ylim", &self.ylim)?,
            },
        };
        let mut subjects = Vec::new();
        for argument in &self.sources {
            subjects.push(Subject::read(input::read_scheme(argument, &self.reading)?)?);
        }
        tell_apart(&mut subjects);
        let (drawing, notes) = match subjects.as_slice() {
            [subject] if self.wiring => (subject.wiring(options.title)?, Vec::new()),
            _ => self.regions(&subjects, options)?,
        };
        for note in notes {
            report::note(format_args!("note: {note}"));
        }
        output::write(&self.output, &format.draw(&drawing, self.width)?)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Draws the sets of the schemes and, if asked for, each followed by those of its embedded weights.
    fn regions(
        &self,
        subjects: &[Subject],
        options: Options,
    ) -> Result<(Drawing, Vec<String>), String> {
        let set = if self.order_star {
            Set::OrderStar
        } else {
            Set::Stability
        };
        let (mut regions, mut notes) = (Vec::new(), Vec::new());
        for subject in subjects {
            regions.push(subject.region(set)?);
            let embedded = if self.embedded {
                subject.embedded()
            } else {
                continue;
            };
            if embedded.is_empty() {
                notes.push(format!("{} has no embedded weights", subject.name));
            }
            for row in embedded {
                regions.push(row.region(set)?);
            }
        }
        let (drawing, outside) = region::draw(&regions, options);
        notes.extend(outside);
        Ok((drawing, notes))
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

/// Names a drawing by its title, which is written with a line below it if there is one; returns the width of the longer one.
fn heading(drawing: &mut Drawing, (x, y): Point, title: String, about: Option<String>) -> f64 {
    drawing.title.clone_from(&title);
    let Some(about) = about else {
        return 0.0;
    };
    let width = f64::max(
        lettering::width(&title, Face::Bold, TITLE),
        lettering::width(&about, Face::Regular, SUBTITLE),
    );
    drawing.text(Text::new((x, y), title, TITLE).face(Face::Bold));
    drawing.text(Text::new((x, y + 20.0), about, SUBTITLE).colour(GREY));
    width
}
