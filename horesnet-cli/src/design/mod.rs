//! `horesnet design`: the member of a family with the best figure, as text, JSON, tableau file and picture.
//! The compiler searches; `picture` draws what it searched.

mod picture;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use horesnet_compiler::design::{Design as Found, Figure, Goal, Search, Term};
use horesnet_compiler::family::Family;
use horesnet_compiler::notation::{self, PrintedTableau};
use horesnet_compiler::number::Number;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{Unproven, order};
use serde_json::{Value, json};

use crate::input::{self, Input, ReadOptions};
use crate::plot::Format;
use crate::{CommandResult, output, report};

/// Search the parameters of a family for the best error, stability or SSP coefficient
///
/// Every member has the order that is proven for the family; the figure of the best is computed as `show` does. The search
/// looks at a grid of values and refines the best of them, so it may miss an optimum that is narrower than the grid.
/// Exits with 1 if the family's claims are false or no member has the figure, 2 if the file is not a family.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet design two_stage2 --minimise bound
  horesnet design kutta4 --minimise error --picture error.svg
  horesnet design three_stage3_ssp --maximise ssp -o best.tab
  horesnet design mine.tab --weights error=1,real=0.5 --simple -o mine-best.tab")]
pub(crate) struct Design {
    /// The file of a family, the name of a bundled one, or `-` for standard input
    #[arg(value_name = "FILE|NAME")]
    source: OsString,
    /// Make the 2-norm of the principal error least, or Ralston's bound of the error
    #[arg(long, value_name = "FIGURE", value_parser = figures(true), conflicts_with_all = ["maximise", "weights"], required_unless_present_any = ["maximise", "weights"])]
    minimise: Option<String>,
    /// Make the real or imaginary stability interval largest, or the SSP coefficient
    #[arg(long, value_name = "FIGURE", value_parser = figures(false), conflicts_with = "weights")]
    maximise: Option<String>,
    /// Make a product of powers of figures largest: those that are to be small count with their inverse
    #[arg(long, value_name = "FIGURE=WEIGHT,…", value_delimiter = ',', value_parser = weight)]
    weights: Vec<Term>,
    /// Write the best member to this tableau file; `-` writes to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the member with simple values of the parameters instead
    #[arg(long, requires = "output")]
    simple: bool,
    /// Draw the figure over one parameter, or its contours over two, to this .svg, .png or .pdf file
    #[arg(long, value_name = "PATH")]
    picture: Option<PathBuf>,
    /// Print an object of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadOptions,
}

fn figures(minimised: bool) -> PossibleValuesParser {
    let figures = Figure::ALL
        .iter()
        .filter(move |figure| figure.is_minimised() == minimised);
    PossibleValuesParser::new(figures.map(|figure| figure.name()))
}

/// Reads `FIGURE=WEIGHT`.
fn weight(text: &str) -> Result<Term, String> {
    let names = || Figure::ALL.map(Figure::name).join(", ");
    let (name, weight) = text
        .split_once('=')
        .ok_or("expected FIGURE=WEIGHT, such as error=1")?;
    let figure = Figure::ALL.into_iter().find(|figure| figure.name() == name);
    let figure = figure.ok_or_else(|| format!("expected one of {}, found `{name}`", names()))?;
    let weight: Option<f64> = weight.parse().ok();
    let weight = weight.filter(|weight| weight.is_finite() && *weight > 0.0 && *weight <= 1000.0);
    let weight = weight.ok_or("a weight is a number above 0, up to 1000")?;
    Ok(Term { figure, weight })
}

impl Design {
    pub(crate) fn run(&self) -> CommandResult {
        let format = self.picture.as_deref().map(Format::of).transpose()?;
        let source = input::read_scheme(&self.source, &self.reading)?;
        let checked = source
            .prove()
            .map_err(|Unproven { problems, .. }| source.refuse(&problems))?;
        if !checked.problems.is_empty() {
            source.refuse(&checked.problems);
            return Ok(ExitCode::FAILURE);
        }
        let Some(family) = &checked.family else {
            let help = "give it one: `param alpha = 2/3 in (0, 1]`; `horesnet list --families` shows families";
            return Err(format!(
                "{} has no parameter to search\n  = help: {help}",
                source.name
            )
            .into());
        };
        let order = checked.verdict.weights.first().map_or(0, |row| row.order);
        let goal = self.goal();
        let search = Search::new(family, order, &goal);
        let Some(found) = search.best() else {
            report::note(format_args!(
                "{}: no member has a finite {goal} above 0",
                source.name
            ));
            return Ok(ExitCode::FAILURE);
        };
        let written = if self.simple {
            &found.simple_member
        } else {
            &found.member
        };
        let values = if self.simple {
            &found.simple
        } else {
            &found.values
        };
        let proven = proven(written, order)?;
        let answer = Answer {
            source: &source,
            family,
            goal: &goal,
            found: &found,
            order,
        };
        let to_stdout = self.output.as_deref().is_some_and(output::is_stdout);
        match (self.json, to_stdout) {
            (true, _) => report::print(format_args!("{:#}\n", answer.json()))?,
            (false, false) => report::print(answer.text())?,
            (false, true) => report::note(answer.text()),
        }
        if let Some(path) = &self.output {
            let text = tab(written, proven, &answer, values)?;
            output::write(path, text.as_bytes())?;
        }
        if let (Some(path), Some(format)) = (&self.picture, format) {
            let drawing = picture::draw(&search, family, &goal, &found)?;
            output::write(path, &format.draw(&drawing, None)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn goal(&self) -> Goal {
        let name = self.minimise.as_ref().or(self.maximise.as_ref());
        let figure =
            name.and_then(|name| Figure::ALL.into_iter().find(|figure| figure.name() == name));
        figure.map_or_else(
            || Goal {
                terms: self.weights.clone(),
            },
            Goal::of,
        )
    }
}

/// The order of a member, which may be higher than that of its family.
fn proven(member: &Tableau, order: usize) -> Result<usize, String> {
    let verdict = order::verify(member, order + 2);
    let found = verdict
        .ok()
        .and_then(|verdict| Some(verdict.weights.first()?.order));
    found.filter(|found| *found >= order).ok_or_else(|| {
        "the numbers of the best member are too long to prove its order once more".to_owned()
    })
}

/// The member as a tableau file.
fn tab(
    member: &Tableau,
    order: usize,
    answer: &Answer,
    values: &[Number],
) -> Result<String, String> {
    let name = member
        .name
        .clone()
        .unwrap_or_else(|| answer.source.stem.clone());
    let mut member = member.clone();
    if let Some(row) = member.weights.first_mut() {
        row.claim = Some(order);
    }
    let mut printed = PrintedTableau::from(member);
    let about = format!(
        "The member of {name} with {}: the best by the {}.",
        answer.family.written(values),
        answer.goal
    );
    let citations = printed.tableau().citations.clone();
    let title = format!("{name}, designed for the {}", answer.goal);
    printed.describe(Some(title), citations, &[about]);
    let tab = notation::find("tab").unwrap_or_else(|| notation::detect(""));
    tab.write(&printed)
        .map_err(|problem| problem.headline().to_owned())
}

/// What was found.
struct Answer<'a> {
    source: &'a Input,
    family: &'a Family,
    goal: &'a Goal,
    found: &'a Found,
    order: usize,
}

impl Answer<'_> {
    fn text(&self) -> String {
        let Self {
            found,
            goal,
            family,
            ..
        } = self;
        let best = if goal.is_minimised() {
            "least"
        } else {
            "largest"
        };
        let mut lines = vec![
            format!("{}: {best} {goal}", self.source.name),
            format!(
                "  best    {} for {}",
                short(found.value),
                values(family, &found.values)
            ),
            format!(
                "  simple  {} for {}, {} worse",
                short(found.simple_value),
                values(family, &found.simple),
                percent(found.loss)
            ),
            format!("  order   {}, proven for every member", self.order),
        ];
        for at in &found.at_open_end {
            if let Some(parameter) = family.parameters.get(*at) {
                let (name, interval) = (&parameter.name, &parameter.interval);
                lines.push(format!("  note    it gets better towards an end of {name} in {interval} that is no member"));
            }
        }
        lines.join("\n") + "\n"
    }

    fn json(&self) -> Value {
        let Self { found, family, .. } = self;
        let object = |values: &[Number]| {
            let pairs = family.parameters.iter().zip(values);
            let pairs = pairs.map(|(parameter, value)| {
                (
                    parameter.name.clone(),
                    json!({"exact": value.to_string(), "float": value.to_f64()}),
                )
            });
            Value::Object(pairs.collect())
        };
        let open = found
            .at_open_end
            .iter()
            .filter_map(|at| family.parameters.get(*at));
        json!({
            "file": self.source.name,
            "goal": self.goal.to_string(),
            "order": self.order,
            "value": found.value,
            "parameters": object(&found.values),
            "simple": {"value": found.simple_value, "loss": found.loss, "parameters": object(&found.simple)},
            "at_open_end": open.map(|parameter| &parameter.name).collect::<Vec<_>>(),
        })
    }
}

/// Values of the parameters: exactly if they are short, to twelve digits otherwise.
fn values(family: &Family, values: &[Number]) -> String {
    let pairs = family
        .parameters
        .iter()
        .zip(values)
        .map(|(parameter, value)| {
            let exact = value.to_string();
            let shown = if exact.len() <= 12 {
                exact
            } else {
                format!("{:.12}…", value.to_f64())
            };
            format!("{} = {shown}", parameter.name)
        });
    pairs.collect::<Vec<_>>().join(", ")
}

/// To eight significant digits.
fn short(value: f64) -> String {
    significant(value, 8)
}

fn significant(value: f64, digits: usize) -> String {
    let places = digits as i32 - 1 - value.abs().max(1e-300).log10().floor() as i32;
    if (0..=12).contains(&places) {
        format!("{value:.*}", places as usize)
    } else {
        format!("{value:.*e}", digits - 1)
    }
}

fn percent(loss: f64) -> String {
    format!("{:.2} %", 100.0 * loss)
}
